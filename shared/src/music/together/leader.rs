//! Leading: saying what is played, at once when it changes and now and then when it does not.

use super::message::{Beat, LedTrack};
use crate::{
    limits,
    music::{
        TrackTime,
        player::{Activity, State},
    },
    time::Millis,
};

/// A position that is off by less than this is the same one, told anew: what an element reports jitters.
const SAME_MS: u64 = 25;

/// The leader's side.
#[derive(Clone, Debug)]
pub(super) struct Leader {
    /// The lead's number.
    pub(super) number: u64,
    sequence: u64,
    said: Option<(Option<LedTrack>, Millis)>,
    /// How often the last change is still to be repeated soon.
    echoes: u32,
    /// A change that waits because the last beat was only just before it.
    changed: bool,
}

impl Leader {
    pub(super) fn new(number: u64) -> Self {
        Self {
            number,
            sequence: 0,
            said: None,
            echoes: 0,
            changed: true,
        }
    }

    /// When something is to be said.
    pub(super) fn deadline(&self) -> Millis {
        let Some((_, at)) = self.said else {
            return Millis(0);
        };
        let pause = match (self.changed, self.echoes) {
            (true, _) => limits::LEAD_GAP,
            (false, 0) => limits::LEAD_BEAT,
            (false, _) => limits::LEAD_ECHO,
        };
        at + pause
    }

    /// A beat, if it is time for one.
    pub(super) fn beat(&mut self, now: Millis, state: &State) -> Option<Beat> {
        let track = led(now, state);
        let is_news = match &self.said {
            Some((said, _)) => differs(said, &track),
            None => true,
        };
        if is_news && !self.changed {
            self.changed = true;
        }
        if self.deadline() > now {
            return None;
        }
        self.echoes = match std::mem::take(&mut self.changed) {
            true => limits::LEAD_ECHOES,
            false => self.echoes.saturating_sub(1),
        };
        self.said = Some((track, now));
        self.sequence += 1;
        Some(Beat {
            lead: self.number,
            sequence: self.sequence,
            track,
        })
    }
}

fn led(now: Millis, state: &State) -> Option<LedTrack> {
    let track = state.track?;
    Some(LedTrack {
        resource: track.resource,
        playing: state.activity == Activity::Playing,
        position: state.position_at(now),
        at: now,
        speed: state.speed,
    })
}

/// Whether who knows the one expects something else than the other.
fn differs(said: &Option<LedTrack>, track: &Option<LedTrack>) -> bool {
    let (Some(said), Some(track)) = (said, track) else {
        return said.is_some() != track.is_some();
    };
    let expected: TrackTime = match said.playing {
        true => said.position.after(track.at.since(said.at), said.speed),
        false => said.position,
    };
    let off = track.position.ahead_of(expected).unsigned_abs();
    let other = said.resource != track.resource || said.playing != track.playing;
    other || said.speed != track.speed || off > SAME_MS
}
