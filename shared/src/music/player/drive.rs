//! What the element is told, and what everybody else is.

use super::{
    Element, LoadKey, PauseReason, Place, Player, PlayerOutput, SessionState, Stage, Wanted,
};
use crate::{
    limits,
    music::{
        TrackTime,
        queue::{Playable, Step},
    },
    resource::ResourceId,
    time::Millis,
};

impl Player {
    /// Plays the queue's current entry from a place on.
    pub(super) fn start(&mut self, now: Millis, from: TrackTime) {
        let Some(entry) = self.queue.current() else {
            return;
        };
        self.wanted = Wanted::Play;
        if self.has(entry.resource) {
            self.seek(now, from);
            self.outputs.push_back(PlayerOutput::Play);
        } else {
            self.duration = None;
            self.load(now, entry.resource, from);
        }
    }

    /// Plays on from where it is.
    pub(super) fn resume(&mut self, now: Millis) {
        let Some(track) = self.state().track else {
            return;
        };
        self.hold_position(now);
        let (position, _) = self.anchor;
        if !self.has(track.resource) {
            self.wanted = Wanted::Play;
            self.load(now, track.resource, position);
            return;
        }
        if self.stage() == Some(Stage::Ended) {
            let at_end = self.duration.is_none_or(|end| position >= end);
            self.seek(now, if at_end { TrackTime::START } else { position });
        }
        if self.wanted != Wanted::Play {
            self.wanted = Wanted::Play;
            self.outputs.push_back(PlayerOutput::Play);
        }
    }

    pub(super) fn pause(&mut self, now: Millis, reason: PauseReason) {
        self.hold_position(now);
        let plays = self.wanted == Wanted::Play;
        // What is quiet already keeps its reason.
        if plays {
            self.wanted = Wanted::Pause(reason);
            if let Some(element) = &mut self.element {
                element.pauses = element.pauses.saturating_add(1);
                self.outputs.push_back(PlayerOutput::Pause);
            }
        }
    }

    /// Goes to a place of the current track.
    pub(super) fn seek(&mut self, now: Millis, place: TrackTime) {
        let place = place.min(self.duration.unwrap_or(TrackTime(u64::MAX)));
        self.anchor = (place, now);
        let Some(element) = &mut self.element else {
            return;
        };
        match element.stage {
            Stage::Loading => element.pending = Some(place),
            Stage::Ready | Stage::Ended => {
                element.stage = Stage::Ready;
                element.seeking = true;
                self.outputs.push_back(PlayerOutput::Seek(place));
            }
            Stage::Failed(_) => {}
        }
    }

    pub(super) fn load(&mut self, now: Millis, resource: ResourceId, start: TrackTime) {
        self.loads += 1;
        let key = LoadKey(self.loads);
        self.anchor = (start, now);
        self.element = Some(Element {
            key,
            resource,
            stage: Stage::Loading,
            flowing: false,
            seeking: false,
            pending: Some(start).filter(|start| *start > TrackTime::START),
            pauses: 0,
            prefetched: None,
        });
        self.outputs.push_back(PlayerOutput::Load {
            key,
            resource,
            start,
        });
        let speed = self.effective_speed();
        self.outputs.push_back(PlayerOutput::Speed(speed));
        if self.wanted == Wanted::Play {
            self.outputs.push_back(PlayerOutput::Play);
        }
    }

    /// The element has nothing any more, and the track is at its beginning.
    pub(super) fn unload(&mut self, now: Millis) {
        if self.element.take().is_some() {
            self.outputs.push_back(PlayerOutput::Unload);
        }
        self.anchor = (TrackTime::START, now);
        self.duration = None;
    }

    /// Goes on in the queue. If nothing comes next, the current entry is ready to be played again.
    pub(super) fn step(&mut self, now: Millis, step: Step, playable: Playable) {
        let failed = &self.failed;
        let can = |id: ResourceId| playable(id) && !failed.contains(&id);
        let next = self.queue.advance(step, &can, &mut self.entropy);
        self.queue_changed = true;
        if next.is_some() {
            self.start(now, TrackTime::START);
            return;
        }
        // An element that has ended is quiet already.
        let ended = self.stage() == Some(Stage::Ended);
        if ended {
            self.anchor = (TrackTime::START, now);
        } else {
            self.pause(now, PauseReason::QueueEnd);
            self.seek(now, TrackTime::START);
        }
        self.wanted = Wanted::Pause(PauseReason::QueueEnd);
    }

    pub(super) fn stage(&self) -> Option<Stage> {
        self.element.as_ref().map(|element| element.stage)
    }

    /// Tells whoever has to know what is different now.
    pub(super) fn settle(&mut self, now: Millis, playable: Playable) {
        self.prefetch(now, playable);
        self.tell(now);
    }

    pub(super) fn tell(&mut self, now: Millis) {
        let state = self.state();
        let resource = state.track.map(|track| track.resource);
        if self.told.metadata != resource {
            self.told.metadata = resource;
            self.outputs.push_back(PlayerOutput::Metadata(resource));
        }
        let session = state.session();
        if self.told.session != session {
            self.told.session = session;
            self.outputs.push_back(PlayerOutput::Session(session));
        }
        let before = self.told.state;
        let news = before.is_none_or(|told| state.differs_from(&told));
        if news {
            let duration = state.duration.filter(|_| session != SessionState::None);
            let place = duration.map(|duration| Place {
                duration,
                position: state.position.min(duration),
                speed: state.speed,
            });
            let before = std::mem::replace(&mut self.told.place, place.is_some());
            if before || place.is_some() {
                self.outputs.push_back(PlayerOutput::Position(place));
            }
            self.told.state = Some(state);
            self.outputs.push_back(PlayerOutput::State(state));
        }
        self.keep(now, news);
    }

    /// Says what is to be stored: the queue when it is another one, the player at once when something happened, and now
    /// and then while it plays.
    fn keep(&mut self, now: Millis, news: bool) {
        if std::mem::take(&mut self.queue_changed) {
            self.outputs.push_back(PlayerOutput::KeepQueue);
        }
        let flows = self.element.as_ref().is_some_and(|element| element.flowing);
        let moved = flows && now.since(self.told.kept) >= limits::KEEP_POSITION;
        // What a leader does changes nothing of one's own.
        let own = self.guest.is_none() && (news || moved);
        if std::mem::take(&mut self.settings_changed) || own {
            self.told.kept = now;
            self.outputs.push_back(PlayerOutput::KeepPlayer);
        }
    }

    /// Near the end, what comes next is asked for; again if it is another one by then.
    fn prefetch(&mut self, now: Millis, playable: Playable) {
        let (Wanted::Play, None, Some(duration)) = (self.wanted, self.guest, self.duration) else {
            return;
        };
        let left = duration.ahead_of(self.position(now));
        if left > limits::PREFETCH_AHEAD.as_millis() as i64 {
            return;
        }
        let failed = &self.failed;
        let can = |id: ResourceId| playable(id) && !failed.contains(&id);
        let next = self.queue.upcoming(&can).map(|entry| entry.resource);
        let Some(element) = &mut self.element else {
            return;
        };
        if let Some(next) = next
            && element.prefetched != Some(next)
            && element.resource != next
        {
            element.prefetched = Some(next);
            self.outputs.push_back(PlayerOutput::Prefetch(next));
        }
    }
}
