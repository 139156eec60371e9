//! Following: being where the leader is.
//!
//! The leader's beats say where it was at a time of its clock, and the pings what that clock shows now; so a follower knows
//! where to be. A little off is made good by playing up to 3 % faster or slower, more by a seek. An element takes a while
//! from a seek to sound, each its own: it is measured, and what is sought is ahead by as much. After corrections that were
//! in vain a follower looks less often, so that a device which cannot keep up does not stutter.

use std::{collections::VecDeque, time::Duration};

use super::{
    clock::OtherClock,
    message::{Beat, LedTrack, Ping, Pong},
};
use crate::{
    limits,
    music::{
        Speed, TrackTime,
        player::{Activity, GuestCommand, PauseReason, State},
    },
    time::Millis,
    wire::Run,
};

/// The follower's side.
#[derive(Clone, Debug)]
pub(super) struct Follower {
    /// Who leads.
    pub(super) leader: Run,
    /// The lead's number.
    pub(super) number: u64,
    /// When the leader was heard last.
    pub(super) heard: Millis,
    beat: Option<Beat>,
    clock: OtherClock,
    pings: VecDeque<(u32, Millis)>,
    next_ping: Millis,
    pinged: u32,
    /// Since when the element plays without a break.
    flowing: Option<Millis>,
    next_look: Millis,
    /// Milliseconds from a seek to sound.
    ahead: i64,
    /// The element was sent somewhere, and it is still to be seen how well that went.
    unproven: bool,
    /// Seeks in a row that did not help.
    in_vain: u32,
    /// The speed that the element was given.
    speed: Option<Speed>,
    /// For which beat it was set to play last, and when.
    set_out: Option<(u64, Millis)>,
}

/// Sounds start this late on an ordinary device.
const USUAL_AHEAD_MS: i64 = 60;

impl Follower {
    pub(super) fn new(now: Millis, leader: Run, number: u64) -> Self {
        Self {
            leader,
            number,
            heard: now,
            beat: None,
            clock: OtherClock::default(),
            pings: VecDeque::new(),
            next_ping: now,
            pinged: 0,
            flowing: None,
            next_look: now,
            ahead: USUAL_AHEAD_MS,
            unproven: false,
            in_vain: 0,
            speed: None,
            set_out: None,
        }
    }

    pub(super) fn deadline(&self) -> Millis {
        let looks = self.flowing.map(|_| self.next_look);
        let gone = self.heard + limits::LEAD_PATIENCE;
        let soonest = self.next_ping.min(gone);
        looks.map_or(soonest, |look| look.min(soonest))
    }

    /// The next ping, if it is time for one.
    pub(super) fn ping(&mut self, now: Millis) -> Option<Ping> {
        if now < self.next_ping {
            return None;
        }
        self.pinged = self.pinged.wrapping_add(1);
        let first = self.pinged <= limits::FIRST_PINGS;
        let gap = match first {
            true => limits::FIRST_PINGS_GAP,
            false => limits::PING_GAP,
        };
        self.next_ping = now + gap;
        if self.pings.len() == limits::CLOCK_SAMPLES {
            self.pings.pop_front();
        }
        self.pings.push_back((self.pinged, now));
        Some(Ping {
            lead: self.number,
            number: self.pinged,
        })
    }

    pub(super) fn pong(&mut self, now: Millis, pong: &Pong) {
        let asked = self.pings.iter().position(|(n, _)| *n == pong.number);
        if let Some((_, sent)) = asked.and_then(|index| self.pings.remove(index)) {
            self.clock.answered(sent, now, pong.clock);
        }
    }

    /// Takes in a beat, unless a later one was there before it.
    pub(super) fn heard(&mut self, now: Millis, beat: &Beat) {
        self.heard = now;
        let last = self.beat.as_ref().map(|beat| beat.sequence);
        if last.is_some_and(|last| last >= beat.sequence) {
            return;
        }
        if let Some(track) = &beat.track
            && !self.clock.is_known()
        {
            self.clock.guess(now, track.at);
        }
        self.beat = Some(*beat);
        self.next_look = now;
    }

    /// What the element has to do to be where the leader is.
    pub(super) fn steer(&mut self, now: Millis, state: &State) -> Vec<GuestCommand> {
        let mut commands = Vec::new();
        self.watch(now, state);
        let due = now >= self.next_look;
        if due {
            self.next_look = now + limits::SYNC_LOOK;
        }
        let Some(beat) = self.beat else {
            return commands;
        };
        let quiet = !matches!(state.activity, Activity::Playing | Activity::Waiting);
        let here = state.track.filter(|track| track.entry.is_none());
        let Some(led) = beat.track else {
            if here.is_some() && !quiet {
                commands.push(GuestCommand::Pause);
            }
            return commands;
        };
        let end = here.and(state.duration).unwrap_or(TrackTime(u64::MAX));
        let target = self.target(now, &led).min(end);
        if here.is_none_or(|track| track.resource != led.resource) {
            self.moves(now);
            // How long a load takes says nothing about a seek.
            self.unproven = false;
            self.speed = None;
            let position = if led.playing {
                target.moved(self.ahead)
            } else {
                target
            };
            commands.push(GuestCommand::Load {
                resource: led.resource,
                position,
            });
            self.set_speed(led.speed, &mut commands);
            if led.playing {
                commands.push(GuestCommand::Play);
            }
            return commands;
        }
        match state.activity {
            // The leader's next track may be a better one; this one cannot be had here.
            Activity::Failed(_) | Activity::Stopped => {}
            // Somebody has to press play here first.
            Activity::Paused(PauseReason::Refused) => {}
            _ if !led.playing => {
                self.set_speed(led.speed, &mut commands);
                if !quiet {
                    commands.push(GuestCommand::Pause);
                }
                if !is_about(state.position_at(now), target) {
                    commands.push(GuestCommand::Seek(target));
                }
            }
            // The leader is about to say what comes next.
            _ if target >= end => {}
            Activity::Paused(_) => {
                let start = target.moved(self.ahead).min(end);
                self.set_out(now, state, start, &beat, &mut commands);
                self.set_speed(led.speed, &mut commands);
            }
            // It is not there yet, or on its way. Where it is will be seen when it plays.
            Activity::Waiting => {}
            Activity::Playing if due => self.look(now, state, target, &led, &mut commands),
            Activity::Playing => {}
        }
        commands
    }

    /// A person pressed play on a device whose browser had refused to.
    pub(super) fn allowed(&mut self, now: Millis) -> GuestCommand {
        self.moves(now);
        // It does not even try to begin where the leader is.
        self.unproven = false;
        GuestCommand::Play
    }

    /// Where the leader is now.
    fn target(&self, now: Millis, led: &LedTrack) -> TrackTime {
        let since = self.clock.since(now, led.at).unwrap_or_default();
        if !led.playing {
            return led.position;
        }
        // Before it said so it was elsewhere; clocks are known to some milliseconds only.
        let since = Duration::from_millis(u64::try_from(since).unwrap_or_default());
        led.position.after(since, led.speed)
    }

    /// Since when the element plays.
    fn watch(&mut self, now: Millis, state: &State) {
        let flows = state.activity == Activity::Playing;
        if flows && self.flowing.is_none() {
            self.flowing = Some(now);
            self.next_look = now + self.patience();
        } else if !flows {
            self.flowing = None;
        }
    }

    /// The element is sent somewhere.
    fn moves(&mut self, now: Millis) {
        self.flowing = None;
        self.unproven = true;
        self.next_look = now;
    }

    fn patience(&self) -> Duration {
        let doubled = limits::SYNC_SETTLE * 2_u32.saturating_pow(self.in_vain.min(8));
        doubled.min(limits::SYNC_SETTLE_MAX)
    }

    /// From quiet to where the leader plays. An element that comes to rest again is not set out at once for the same beat:
    /// it may have ended, in a track whose length nobody knows.
    fn set_out(
        &mut self,
        now: Millis,
        state: &State,
        start: TrackTime,
        beat: &Beat,
        commands: &mut Vec<GuestCommand>,
    ) {
        let again = self
            .set_out
            .filter(|(sequence, _)| *sequence == beat.sequence);
        if again.is_some_and(|(_, at)| now.since(at) < limits::SYNC_SETTLE_MAX) {
            return;
        }
        self.set_out = Some((beat.sequence, now));
        if !is_about(state.position_at(now), start) {
            commands.push(GuestCommand::Seek(start));
        }
        commands.push(GuestCommand::Play);
        self.moves(now);
    }

    /// Compares where the element is with where it should be.
    fn look(
        &mut self,
        now: Millis,
        state: &State,
        target: TrackTime,
        led: &LedTrack,
        commands: &mut Vec<GuestCommand>,
    ) {
        let settled = self
            .flowing
            .is_some_and(|since| now.since(since) >= self.patience());
        if !settled {
            return;
        }
        let behind = target.ahead_of(state.position_at(now));
        let far = behind.saturating_abs() > limits::SYNC_SEEK_MS;
        if std::mem::take(&mut self.unproven) {
            // Half of it may be chance; and what is later than any element is waited for bytes.
            if behind.saturating_abs() <= limits::SYNC_AHEAD_MAX_MS {
                self.ahead = (self.ahead + behind / 2).clamp(0, limits::SYNC_AHEAD_MAX_MS);
            }
            self.in_vain = if far { self.in_vain + 1 } else { 0 };
        }
        if far {
            self.set_speed(led.speed, commands);
            commands.push(GuestCommand::Seek(target.moved(self.ahead)));
            self.moves(now);
            return;
        }
        let nudge = match behind.abs() {
            off if off < limits::SYNC_EXACT_MS => 0,
            // 60 ms are made good in about three seconds.
            _ => (behind / 2).clamp(-limits::SYNC_NUDGE, limits::SYNC_NUDGE),
        };
        self.set_speed(led.speed.nudged(nudge as i16), commands);
    }

    fn set_speed(&mut self, speed: Speed, commands: &mut Vec<GuestCommand>) {
        // Setting it costs some elements a click, so not for every thousandth.
        let known = self.speed.map(|speed| i32::from(speed.thousandths()));
        let near = known.is_some_and(|known| (known - i32::from(speed.thousandths())).abs() < 4);
        if self.speed != Some(speed) && !(near && speed != Speed::NORMAL) {
            self.speed = Some(speed);
            commands.push(GuestCommand::Speed(speed));
        }
    }
}

/// Whether nobody hears the difference.
fn is_about(one: TrackTime, other: TrackTime) -> bool {
    one.ahead_of(other).unsigned_abs() <= 20
}
