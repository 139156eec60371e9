//! What views show of the player.

use serde::{Deserialize, Serialize};

use crate::{
    limits,
    music::{
        Speed, TrackTime,
        queue::{EntryId, Repeat},
    },
    resource::ResourceId,
    time::Millis,
};

/// What is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// Which resource.
    pub resource: ResourceId,
    /// Which entry of the queue; none: it is another device's, with which this one listens.
    pub entry: Option<EntryId>,
}

/// What the player does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// It has nothing to play.
    Stopped,
    /// It plays; there is sound.
    Playing,
    /// It would play, and waits: for the track, for bytes, or to get where it was sent.
    Waiting,
    /// It is quiet.
    Paused(PauseReason),
    /// The current track cannot be played, and nothing else was.
    Failed(Failure),
}

/// Why it is quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// A person wants it so, or has not wanted anything yet.
    Person,
    /// The platform does: headphones were pulled out, or another application plays.
    System,
    /// The browser plays nothing before somebody has clicked in the page.
    Refused,
    /// Everything was played.
    QueueEnd,
    /// The leader is quiet, or waits.
    Leader,
}

/// Why a track cannot be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Its bytes could not be had.
    Source,
    /// They are not what the element can decode.
    Decode,
    /// It has no length.
    Empty,
}

/// `playbackState` of Media Session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// There is nothing to control.
    #[default]
    None,
    /// Quiet.
    Paused,
    /// Plays, or would.
    Playing,
}

/// How the player is. While it plays, views extrapolate: [`State::position_at`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// What is played, or would be.
    pub track: Option<Track>,
    /// What the player does.
    pub activity: Activity,
    /// Where the track was…
    pub position: TrackTime,
    /// …at this time.
    pub at: Millis,
    /// How long it is, as far as known.
    pub duration: Option<TrackTime>,
    /// How fast it plays.
    pub speed: Speed,
    /// In percent.
    pub volume: u8,
    /// Silent, whatever the volume.
    pub muted: bool,
    /// In random order.
    pub shuffle: bool,
    /// What happens at the end.
    pub repeat: Repeat,
}

impl State {
    /// Where the track is.
    pub fn position_at(&self, now: Millis) -> TrackTime {
        let position = match self.activity {
            Activity::Playing => self.position.after(now.since(self.at), self.speed),
            _ => self.position,
        };
        position.min(self.duration.unwrap_or(TrackTime(u64::MAX)))
    }

    /// Whether whoever knows the one would show something else than this one says.
    pub(super) fn differs_from(&self, told: &Self) -> bool {
        let expected = told.position_at(self.at);
        let off = self.position.ahead_of(expected).unsigned_abs();
        let same = Self {
            position: told.position,
            at: told.at,
            ..*self
        };
        same != *told || off > limits::POSITION_NEWS_MS
    }

    pub(super) fn session(&self) -> SessionState {
        match self.activity {
            Activity::Stopped => SessionState::None,
            Activity::Playing | Activity::Waiting => SessionState::Playing,
            Activity::Paused(_) | Activity::Failed(_) => SessionState::Paused,
        }
    }
}
