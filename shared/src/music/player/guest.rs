//! Playing what a leader plays, beside the own queue.
//!
//! The own track is parked where it was, and comes back quiet. Volume and speed are the device's own: a leader's speed goes
//! when it goes.

use super::{Guest, PauseReason, Player, PlayerOutput, Wanted};
use crate::{
    music::{Speed, TrackTime, queue::Playable},
    resource::ResourceId,
    time::Millis,
};

/// What [`crate::music::together::Together`] has a player do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestCommand {
    /// Have this track ready, quiet, at a place.
    Load {
        /// What.
        resource: ResourceId,
        /// Where.
        position: TrackTime,
    },
    /// Play.
    Play,
    /// Be quiet.
    Pause,
    /// Go to a place.
    Seek(TrackTime),
    /// Play so fast.
    Speed(Speed),
    /// The track becomes the current entry of the own queue, and sounds on: this device leads now.
    Adopt,
    /// Be quiet, and have the own track again where it was.
    Leave,
}

impl Player {
    /// Does what the leader's lead asks for. All but [`GuestCommand::Load`] are left out when there is no guest.
    pub fn guest(&mut self, now: Millis, command: GuestCommand, playable: Playable) {
        if let GuestCommand::Load { resource, position } = command {
            self.invite(now, resource, position);
        } else if self.guest.is_some() {
            match command {
                GuestCommand::Load { .. } => {}
                GuestCommand::Play => self.resume(now),
                GuestCommand::Pause => self.pause(now, PauseReason::Leader),
                GuestCommand::Seek(place) => self.seek(now, place),
                GuestCommand::Speed(speed) => self.guest_speed(now, speed),
                GuestCommand::Adopt => self.adopt(now),
                GuestCommand::Leave => self.bid_farewell(now),
            }
        }
        self.settle(now, playable);
    }

    fn invite(&mut self, now: Millis, resource: ResourceId, position: TrackTime) {
        self.pause(now, PauseReason::Leader);
        self.wanted = Wanted::Pause(PauseReason::Leader);
        let (parked, parked_duration) = match self.guest {
            Some(guest) => (guest.parked, guest.parked_duration),
            None => {
                self.settings_changed = true;
                (self.anchor.0, self.duration)
            }
        };
        let speed = self.effective_speed();
        self.guest = Some(Guest {
            resource,
            speed,
            parked,
            parked_duration,
        });
        if self.has(resource) {
            self.seek(now, position);
        } else {
            self.duration = None;
            self.load(now, resource, position);
        }
    }

    fn guest_speed(&mut self, now: Millis, speed: Speed) {
        self.hold_position(now);
        if let Some(guest) = &mut self.guest {
            guest.speed = speed;
            self.outputs.push_back(PlayerOutput::Speed(speed));
        }
    }

    fn adopt(&mut self, now: Millis) {
        self.hold_position(now);
        let Some(guest) = self.guest.take() else {
            return;
        };
        let before = self.queue.current();
        if self.queue.play_next(&[guest.resource]) > 0 {
            let index = self.queue.position().map_or(0, |at| at + 1);
            let entry = self.queue.entries().nth(index);
            entry.and_then(|entry| self.queue.jump(entry.id));
        }
        if self.queue.current() == before {
            // The queue is full: the own track it is.
            self.return_to(now, guest);
        } else {
            self.outputs.push_back(PlayerOutput::Speed(self.speed));
        }
        self.queue_changed = true;
    }

    fn bid_farewell(&mut self, now: Millis) {
        if let Some(guest) = self.guest.take() {
            self.return_to(now, guest);
        }
    }

    fn return_to(&mut self, now: Millis, guest: Guest) {
        self.pause(now, PauseReason::Person);
        self.wanted = Wanted::Pause(PauseReason::Person);
        let own = self.queue.current().map(|entry| entry.resource);
        if own == Some(guest.resource) && self.has(guest.resource) {
            self.outputs.push_back(PlayerOutput::Speed(self.speed));
            self.seek(now, guest.parked);
            return;
        }
        self.unload(now);
        // It is loaded again when somebody presses play.
        self.anchor = (guest.parked, now);
        self.duration = guest.parked_duration;
    }
}
