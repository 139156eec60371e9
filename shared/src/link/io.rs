//! What a driver and a link say to each other about one connection.

use serde::{Deserialize, Serialize};

use crate::{
    limits,
    signal::{
        message::{Candidate, Sdp},
        relay::Relay,
    },
};

/// The driver's name for one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionKey(pub u64);

/// One of a connection's data channels. Each keeps its own order, so that none waits for a lost packet of another; all
/// are there from the start, negotiated beforehand under these numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Stream(u8);

/// No connection has so many data channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a connection has no data channel {0}")]
pub struct NoStream(pub u8);

impl TryFrom<u8> for Stream {
    type Error = NoStream;

    fn try_from(number: u8) -> Result<Self, NoStream> {
        if number > limits::BULK_STREAMS {
            return Err(NoStream(number));
        }
        Ok(Self(number))
    }
}

impl From<Stream> for u8 {
    fn from(stream: Stream) -> Self {
        stream.0
    }
}

impl Stream {
    /// Carries control and chat.
    pub const CONTROL: Self = Self(0);

    /// All streams of a connection.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=limits::BULK_STREAMS).map(Self)
    }

    /// One of those that carry pieces: which does not matter, as long as all have their share.
    pub fn bulk(number: u32) -> Self {
        // Below BULK_STREAMS, and so within a byte.
        Self(1 + (number % u32::from(limits::BULK_STREAMS)) as u8)
    }

    /// The number of the data channel (its stream identifier, RFC 8832 §6).
    pub fn number(self) -> u16 {
        self.0.into()
    }
}

/// What a connection goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// WebRTC.
    WebRtc,
    /// A pipe through the daemon of the machine ([`crate::host`]). Of this end it has these random bytes, in place of a
    /// certificate's fingerprint.
    Host([u8; 32]),
}

impl Over {
    /// Whether it is a pipe.
    pub fn is_host(self) -> bool {
        matches!(self, Self::Host(_))
    }
}

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
    /// All data channels are open.
    Opened,
    /// A frame came.
    Frame(Vec<u8>),
    /// So much waits in a data channel: after every send, and when it fell to [`limits::SEND_LOW_WATER`].
    Buffered {
        /// Which.
        stream: Stream,
        /// How many bytes.
        bytes: usize,
    },
    /// The path was measured.
    Measured(Path),
    /// One of the data channels or the connection was closed.
    Closed,
}

/// What the driver has to do with a connection, one step after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionOutput {
    /// Make it, with its data channels ([`Stream::all`]).
    Open {
        /// Of which kind.
        over: Over,
    },
    /// Look for paths through this relay, too, from the next offer or answer on. One that is of no use is no error.
    UseRelay(Relay),
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
    Send {
        /// On which data channel.
        stream: Stream,
        /// What.
        frame: Vec<u8>,
    },
    /// Measure its path, and tell with [`ConnectionInput::Measured`], if there is one.
    Measure,
    /// Close it and forget it.
    Close,
}
