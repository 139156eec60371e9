//! What the element reports.

use super::{LoadKey, PauseReason, Player, Stage, Wanted, state::Failure};
use crate::{
    limits,
    music::{
        TrackTime,
        queue::{Playable, Step},
    },
    time::Millis,
};

/// One event of the element, with what its `currentTime` was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The load that the event belongs to.
    pub load: LoadKey,
    /// Where the track was.
    pub position: TrackTime,
    /// What happened.
    pub fact: Fact,
}

/// What an element reports, after the events of the HTML standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// `loadedmetadata`, `durationchange`: the track is known, and how long it is, if that is a number.
    Loaded {
        /// How long it is.
        duration: Option<TrackTime>,
    },
    /// `playing`: there is sound from now on.
    Playing,
    /// `waiting`: bytes are missing.
    Waiting,
    /// `pause`.
    Paused,
    /// `seeking`.
    Seeking,
    /// `seeked`.
    Seeked,
    /// `timeupdate`.
    Time,
    /// `ended`.
    Ended,
    /// `error`.
    Error(Failure),
    /// `play()` was rejected with `NotAllowedError`: nobody clicked in the page yet.
    Refused,
    /// `play()` was rejected with `AbortError`: a load or a pause came in between.
    Aborted,
}

impl Player {
    /// The element reports something. What belongs to an earlier load is left out (M13).
    pub fn report(&mut self, now: Millis, report: Report, playable: Playable) {
        let Report {
            load,
            position,
            fact,
        } = report;
        let Some(element) = self.element.as_mut().filter(|e| e.key == load) else {
            return;
        };
        if let Stage::Failed(_) = element.stage {
            return;
        }
        match fact {
            Fact::Loaded { duration } => self.loaded(now, duration),
            Fact::Playing => {
                element.flowing = true;
                element.seeking = false;
                element.pauses = 0;
                if self.wanted == Wanted::Pause(PauseReason::System) {
                    // Who paused it lets it go on.
                    self.wanted = Wanted::Play;
                }
                self.moved_to(now, position);
            }
            Fact::Waiting => {
                element.flowing = false;
                if !element.seeking && element.pending.is_none() {
                    self.moved_to(now, position);
                }
            }
            Fact::Paused => self.paused(now, position),
            Fact::Seeking => {
                element.seeking = true;
                self.moved_to(now, position);
            }
            Fact::Seeked => {
                element.seeking = false;
                self.moved_to(now, position);
            }
            Fact::Time => {
                // In between it may be where it was, or where it goes to.
                if !element.seeking && element.stage == Stage::Ready && element.flowing {
                    if position >= TrackTime(limits::SHORTEST_TRACK.as_millis() as u64) {
                        self.failed.clear();
                    }
                    self.moved_to(now, position);
                }
            }
            Fact::Ended => self.ended(now, position, playable),
            Fact::Error(failure) => self.fails(now, failure, playable),
            Fact::Refused => {
                if self.wanted == Wanted::Play {
                    self.hold_position(now);
                    self.wanted = Wanted::Pause(PauseReason::Refused);
                }
            }
            Fact::Aborted => {}
        }
        self.settle(now, playable);
    }

    fn moved_to(&mut self, now: Millis, position: TrackTime) {
        let end = self.duration.unwrap_or(TrackTime(u64::MAX));
        self.anchor = (position.min(end), now);
    }

    fn loaded(&mut self, now: Millis, duration: Option<TrackTime>) {
        self.duration = duration;
        let Some(element) = &mut self.element else {
            return;
        };
        if element.stage == Stage::Loading {
            element.stage = Stage::Ready;
            if let Some(place) = element.pending.take() {
                self.seek(now, place);
            }
        }
        let (position, at) = self.anchor;
        self.moved_to(at, position);
    }

    /// The element is quiet. If nobody asked for that, it has come to the end, or the platform wants it so.
    fn paused(&mut self, now: Millis, position: TrackTime) {
        let Some(element) = &mut self.element else {
            return;
        };
        let seeking = element.seeking;
        let asked_for = element.pauses > 0;
        element.pauses = element.pauses.saturating_sub(1);
        element.flowing = false;
        if asked_for || self.wanted != Wanted::Play {
            return;
        }
        if !seeking {
            self.moved_to(now, position);
        }
        let slack = limits::END_SLACK.as_millis() as i64;
        let near_end = |end: TrackTime| end.ahead_of(position) <= slack;
        // Otherwise `ended` comes next.
        if !self.duration.is_some_and(near_end) {
            self.wanted = Wanted::Pause(PauseReason::System);
        }
    }

    fn ended(&mut self, now: Millis, position: TrackTime, playable: Playable) {
        let Some(element) = &mut self.element else {
            return;
        };
        if element.stage == Stage::Ended {
            return;
        }
        element.stage = Stage::Ended;
        element.flowing = false;
        element.seeking = false;
        self.anchor = (self.duration.unwrap_or(position), now);
        if self.guest.is_some() {
            // The leader says what comes next.
            self.wanted = Wanted::Pause(PauseReason::Leader);
            return;
        }
        // A pause by the platform may have been the one before the end, in a track whose length nobody knows.
        let system = Wanted::Pause(PauseReason::System);
        if self.wanted != Wanted::Play && self.wanted != system {
            return;
        }
        if position.max(self.anchor.0) < TrackTime(limits::SHORTEST_TRACK.as_millis() as u64) {
            self.fails(now, Failure::Empty, playable);
            return;
        }
        self.failed.clear();
        self.step(now, Step::Ended, playable);
    }

    /// Nothing comes of the current track: what follows is played, if it was to be played at all. Of what failed since
    /// something sounded nothing is tried again.
    fn fails(&mut self, now: Millis, failure: Failure, playable: Playable) {
        self.hold_position(now);
        let Some(element) = &mut self.element else {
            return;
        };
        element.stage = Stage::Failed(failure);
        element.flowing = false;
        element.seeking = false;
        self.failed.insert(element.resource);
        if self.guest.is_none() && self.wanted == Wanted::Play {
            self.step(now, Step::Failed, playable);
        }
    }
}
