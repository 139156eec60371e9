//! What a driver and a link say to each other about one connection.

use serde::{Deserialize, Serialize};

use crate::signal::message::{Candidate, Sdp};

/// The driver's name for one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionKey(pub u64);

/// Whether a description proposes or replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DescriptionKind {
    /// It proposes.
    Offer,
    /// It replies.
    Answer,
}

/// The state of a connection's ICE and DTLS transports (`RTCPeerConnectionState`), as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// There is a path.
    Connected,
    /// The path has fallen silent.
    Disconnected,
    /// All paths were tried.
    Failed,
}

/// The path that a link takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Path {
    /// A TURN server is between the two ends.
    pub relayed: bool,
    /// How long a question and its answer took together, in milliseconds.
    pub round_trip_ms: Option<u32>,
}

/// What the driver tells about a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionInput {
    /// A description was made and set as the local one.
    LocalDescription {
        /// Which.
        kind: DescriptionKind,
        /// Its text.
        sdp: Sdp,
    },
    /// A way to reach us was found.
    LocalCandidate(Candidate),
    /// A description could not be made or set.
    NegotiationFailed(String),
    /// The transport's state changed.
    Transport(Transport),
    /// The data channel is open.
    Opened,
    /// A frame came.
    Frame(Vec<u8>),
    /// So many bytes wait in the connection: after every send, and when they fell to [`crate::limits::SEND_LOW_WATER`].
    Buffered(usize),
    /// The path was measured.
    Measured(Path),
    /// The data channel or the connection was closed.
    Closed,
}

/// What the driver has to do with a connection, one step after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionOutput {
    /// Make it, with its data channel.
    Open,
    /// Make an offer and set it.
    Offer {
        /// With new ICE credentials.
        restart: bool,
    },
    /// Set their offer, rolling back our own if there is one; make an answer and set it.
    AcceptOffer(Sdp),
    /// Set their answer.
    AcceptAnswer(Sdp),
    /// Add their candidate. One that does not fit is no error.
    AddCandidate(Candidate),
    /// Send a frame.
    Send(Vec<u8>),
    /// Measure its path, and tell with [`ConnectionInput::Measured`], if there is one.
    Measure,
    /// Close it and forget it.
    Close,
}
