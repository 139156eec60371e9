//! What devices say to each other while they listen together, as CBOR of at most [`limits::MAX_TOGETHER_BYTES`].
//!
//! A beat says everything that is so: one that is lost is made good by the next, and there is no state to fall behind.

use minicbor::{Decode, Encode};

use crate::{
    limits,
    music::{Speed, TrackTime},
    resource::ResourceId,
    signed::{from_cbor, to_cbor},
    time::Millis,
};

/// One message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Message {
    /// The sender leads, and this is what it plays.
    #[n(0)]
    Beat(#[n(0)] Beat),
    /// The sender does not lead any more.
    #[n(1)]
    Over(#[n(0)] Over),
    /// What is your clock?
    #[n(2)]
    Ping(#[n(0)] Ping),
    /// It is this.
    #[n(3)]
    Pong(#[n(0)] Pong),
}

/// What a leader plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Beat {
    /// The lead's number: of two leads the one with the larger number counts.
    #[n(0)]
    pub lead: u64,
    /// Larger than that of every earlier beat of this lead.
    #[n(1)]
    pub sequence: u64,
    /// What is played; none: nothing.
    #[n(2)]
    pub track: Option<LedTrack>,
}

/// A track where the leader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LedTrack {
    /// Which resource.
    #[n(0)]
    pub resource: ResourceId,
    /// It sounds; otherwise the leader is quiet, or waits.
    #[n(1)]
    pub playing: bool,
    /// Where the track was…
    #[n(2)]
    pub position: TrackTime,
    /// …at this time of the leader's clock.
    #[n(3)]
    pub at: Millis,
    /// How fast it is played.
    #[n(4)]
    pub speed: Speed,
}

/// The end of a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Over {
    /// Which lead.
    #[n(0)]
    pub lead: u64,
    /// Another one takes its place, whose beats are about to come.
    #[n(1)]
    pub replaced: bool,
}

/// A question for the leader's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Ping {
    /// Which lead it is about.
    #[n(0)]
    pub lead: u64,
    /// Tells the asker's pings apart.
    #[n(1)]
    pub number: u32,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Pong {
    /// Which lead it is about.
    #[n(0)]
    pub lead: u64,
    /// Which ping it answers.
    #[n(1)]
    pub number: u32,
    /// The leader's clock.
    #[n(2)]
    pub clock: Millis,
}

/// Why bytes are not a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// More than [`limits::MAX_TOGETHER_BYTES`].
    #[error(
        "a message about listening together has at most {} bytes; this one has {bytes}",
        limits::MAX_TOGETHER_BYTES, bytes = .0
    )]
    TooLong(usize),
    /// Not the CBOR of one. It may be one of a newer version, and is left out.
    #[error("not a message about listening together: {0}")]
    Malformed(String),
}

impl Message {
    /// The bytes that travel.
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }

    /// Reads what a neighbour sent.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MessageError> {
        if bytes.len() > limits::MAX_TOGETHER_BYTES {
            return Err(MessageError::TooLong(bytes.len()));
        }
        from_cbor(bytes).map_err(MessageError::Malformed)
    }
}
