//! A player as a device stores it: after a restart it is where it was, and quiet.

use minicbor::{Decode, Encode};

use super::{Player, PlayerOutput};
use crate::{
    limits,
    music::{
        Speed, TrackTime,
        queue::{EntryId, Queue},
    },
    signed::{from_cbor, to_cbor},
    time::Millis,
};

/// Why bytes are not a player.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlayerError {
    /// More than [`limits::MAX_PLAYER_BYTES`].
    #[error("a player has at most {} bytes; this one has {bytes}", limits::MAX_PLAYER_BYTES, bytes = .0)]
    TooLong(usize),
    /// Not the CBOR of one.
    #[error("not a player: {0}")]
    Malformed(String),
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Stored {
    /// The current entry: of another one the position would be wrong.
    #[n(0)]
    entry: Option<EntryId>,
    #[n(1)]
    position: TrackTime,
    #[n(2)]
    duration: Option<TrackTime>,
    #[n(3)]
    speed: Speed,
    #[n(4)]
    volume: u8,
    #[n(5)]
    muted: bool,
}

impl Player {
    /// Its stored form, without the queue, which is large and changes rarely. While this device listens with another one,
    /// that is left out: what is stored is the own track.
    pub fn to_bytes(&self, now: Millis) -> Vec<u8> {
        let (position, duration) = match self.guest {
            Some(guest) => (guest.parked, guest.parked_duration),
            None => (self.position(now), self.duration),
        };
        to_cbor(&Stored {
            entry: self.queue.current().map(|entry| entry.id),
            position,
            duration,
            speed: self.speed,
            volume: self.volume,
            muted: self.muted,
        })
    }

    /// Takes up what was stored, before anything else happens: quiet, at the same place. Nothing is loaded before somebody
    /// presses play, so that a start of the browser fetches nothing.
    ///
    /// # Errors
    /// When no player has this form; the queue is taken up all the same.
    pub fn restore(
        &mut self,
        now: Millis,
        queue: Queue,
        player: Option<&[u8]>,
    ) -> Result<(), PlayerError> {
        self.queue = queue;
        let read = player.map(read).transpose();
        if let Ok(Some(stored)) = &read {
            self.speed = Speed::new(stored.speed.thousandths());
            self.volume = stored.volume.min(100);
            self.muted = stored.muted;
            if stored.entry == self.queue.current().map(|entry| entry.id) {
                let end = stored.duration.unwrap_or(TrackTime(u64::MAX));
                self.anchor = (stored.position.min(end), now);
                self.duration = stored.duration;
            }
        }
        self.outputs.push_back(PlayerOutput::Volume {
            percent: self.volume,
            muted: self.muted,
        });
        self.tell(now);
        read.map(drop)
    }
}

fn read(bytes: &[u8]) -> Result<Stored, PlayerError> {
    if bytes.len() > limits::MAX_PLAYER_BYTES {
        return Err(PlayerError::TooLong(bytes.len()));
    }
    from_cbor(bytes).map_err(PlayerError::Malformed)
}
