//! The frames that travel on a data channel: one byte of version, one byte of kind, the payload.
//!
//! | kind | frame | payload |
//! |---|---|---|
//! | 1 | [`Hello`] | CBOR |
//! | 2 | a chat record | the signed record's bytes ([`crate::chat::record`]) |
//! | 3 | [`Sighting`]: a member is online | CBOR |
//! | 4 | have: records that the sender could send | CBOR: their ids, at most [`limits::MAX_IDS`] |
//! | 5 | want: records that the sender asks for | CBOR: their ids |
//! | 6 | stored: records of the receiver that the sender has stored | CBOR: their ids |
//! | 7 | [`Signal`]: about another connection of the same link | CBOR |
//! | 8–14 | about logs | [`crate::sync::Message`] |
//! | 15 | a turn of the burn switch | the signed turn's bytes ([`crate::chat::burn`]) |
//! | 16–24 | about resources | [`crate::swarm::Message`] |
//!
//! A frame has at most [`limits::MAX_FRAME_BYTES`]. Kinds that a receiver does not know are left out, so that newer
//! nodes can say more; fields that it does not know are skipped by CBOR's own rules.

use std::borrow::Cow;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::{
    channel::ChannelId,
    chat::record::RecordId,
    identity::{Author, AuthorKey, Purpose, Signature},
    ids::byte_id,
    limits,
    link::Signal,
    music::{shelf, together},
    profile::is_name,
    signed::{from_cbor, to_cbor},
    swarm, sync,
};

/// The version of frames that this crate speaks.
pub const VERSION: u8 = 1;

const HELLO: u8 = 1;
const RECORD: u8 = 2;
const SIGHTING: u8 = 3;
const HAVE: u8 = 4;
const WANT: u8 = 5;
const STORED: u8 = 6;
const SIGNAL: u8 = 7;
const SWITCH: u8 = 15;
const SHELF: u8 = 32;
const TOGETHER: u8 = 33;

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Who is at this end of the link; the first frame in either direction.
    Hello(Hello),
    /// A signed chat record, still to be checked.
    Record(Vec<u8>),
    /// A member is online.
    Sighting(Sighting),
    /// Records that the sender could send.
    Have(Vec<RecordId>),
    /// Records that the sender asks for.
    Want(Vec<RecordId>),
    /// Records of the receiver that the sender has stored.
    Stored(Vec<RecordId>),
    /// About one of the link's connections.
    Signal(Signal),
    /// A turn of the burn switch, still to be checked.
    Switch(Vec<u8>),
    /// About the logs of both ends.
    History(sync::Message),
    /// About a resource.
    Resource(swarm::Message),
    /// About lists of music.
    Shelf(shelf::message::Message),
    /// About listening together.
    Together(together::message::Message),
    /// A kind of a newer version.
    Unknown(u8),
}

/// An announcement on its way.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Sighting {
    /// How long ago it was made, in milliseconds, as far as those know who passed it on.
    #[n(0)]
    pub age: u32,
    /// The signed announcement ([`crate::presence`]), still to be checked.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub announcement: Vec<u8>,
}

byte_id! {
    /// Tells the runs of one author apart.
    Session, 16
}

/// One run of a member's device in one channel: what two links that lead to the same place have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Run {
    /// The device's author key in the channel.
    pub author: Author,
    /// Its session.
    pub session: Session,
}

/// Who is at one end of a link, bound to that link.
///
/// The signature covers the fingerprints of both DTLS certificates, so that nobody can pass on a hello that was made
/// for another connection.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Hello {
    /// The channel the link belongs to.
    #[n(0)]
    pub channel: ChannelId,
    /// The device's author key in this channel.
    #[n(1)]
    pub author: Author,
    /// Its session.
    #[n(2)]
    pub session: Session,
    /// The member's name.
    #[n(3)]
    pub name: String,
    /// The author's signature over all of it and both fingerprints.
    #[n(4)]
    pub signature: Signature,
}

/// The two ends of a DTLS connection, by the SHA-256 fingerprints of their certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// Of who says hello.
    pub speaker: [u8; 32],
    /// Of who hears it.
    pub listener: [u8; 32],
}

impl Hello {
    /// A hello for one connection.
    pub fn new(
        key: &AuthorKey,
        channel: ChannelId,
        session: Session,
        name: &str,
        ends: &Ends,
    ) -> Self {
        let mut hello = Self {
            channel,
            author: key.author(),
            session,
            name: name.to_owned(),
            signature: Signature([0; 64]),
        };
        hello.signature = key.sign(Purpose::Hello, &hello.transcript(ends));
        hello
    }

    /// Checks what the other end says of itself.
    pub fn verify(&self, channel: ChannelId, ends: &Ends) -> Result<(), HelloError> {
        if self.channel != channel {
            return Err(HelloError::ForeignChannel);
        }
        if !is_name(&self.name) {
            return Err(HelloError::Name);
        }
        if !self
            .author
            .signed(Purpose::Hello, &self.transcript(ends), &self.signature)
        {
            return Err(HelloError::Signature);
        }
        Ok(())
    }

    /// What is signed. All parts but the last have a fixed length, so that no two hellos have the same transcript.
    fn transcript(&self, ends: &Ends) -> Vec<u8> {
        [
            &self.channel.0[..],
            &self.author.0,
            &self.session.0,
            &ends.speaker,
            &ends.listener,
            self.name.as_bytes(),
        ]
        .concat()
    }
}

/// Why a hello is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HelloError {
    /// The other end is in another channel.
    #[error("the hello is for another channel")]
    ForeignChannel,
    /// The name is empty, too long, or has invisible characters.
    #[error("the name is empty, too long, or has invisible characters")]
    Name,
    /// The signature does not match the author, the text or this connection.
    #[error("the signature does not match")]
    Signature,
}

/// Why bytes are not a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Fewer than two bytes.
    #[error("a frame has at least two bytes")]
    TooShort,
    /// More than [`limits::MAX_FRAME_BYTES`].
    #[error("a frame has at most {} bytes; this one has {bytes}", limits::MAX_FRAME_BYTES, bytes = .0)]
    TooLong(usize),
    /// A version this crate does not speak.
    #[error("version {0} is not spoken here")]
    Version(u8),
    /// The payload is not what its kind says.
    #[error("the payload of kind {kind} is malformed: {problem}")]
    Payload {
        /// The kind byte.
        kind: u8,
        /// What the decoder saw.
        problem: String,
    },
}

impl Frame {
    /// The frame's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let (kind, payload) = match self {
            Frame::Hello(hello) => (HELLO, Cow::Owned(to_cbor(hello))),
            Frame::Record(record) => (RECORD, Cow::Borrowed(&record[..])),
            Frame::Sighting(sighting) => (SIGHTING, Cow::Owned(to_cbor(sighting))),
            Frame::Have(ids) => (HAVE, Cow::Owned(to_cbor(ids))),
            Frame::Want(ids) => (WANT, Cow::Owned(to_cbor(ids))),
            Frame::Stored(ids) => (STORED, Cow::Owned(to_cbor(ids))),
            Frame::Signal(signal) => (SIGNAL, Cow::Owned(to_cbor(signal))),
            Frame::Switch(switch) => (SWITCH, Cow::Borrowed(&switch[..])),
            Frame::History(message) => {
                let (kind, payload) = message.encode();
                (kind, Cow::Owned(payload))
            }
            Frame::Resource(message) => {
                let (kind, payload) = message.encode();
                (kind, Cow::Owned(payload))
            }
            Frame::Shelf(message) => (SHELF, Cow::Owned(message.to_bytes())),
            Frame::Together(message) => (TOGETHER, Cow::Owned(message.to_bytes())),
            Frame::Unknown(kind) => (*kind, Cow::default()),
        };
        [&[VERSION, kind], &payload[..]].concat()
    }

    /// Reads one frame; all bytes belong to it.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > limits::MAX_FRAME_BYTES {
            return Err(WireError::TooLong(bytes.len()));
        }
        let [version, kind, payload @ ..] = bytes else {
            return Err(WireError::TooShort);
        };
        if *version != VERSION {
            return Err(WireError::Version(*version));
        }
        let frame = match *kind {
            HELLO => from_cbor(payload).map(Frame::Hello),
            RECORD => Ok(Frame::Record(payload.to_vec())),
            SIGHTING => from_cbor(payload).map(Frame::Sighting),
            HAVE => ids(payload).map(Frame::Have),
            WANT => ids(payload).map(Frame::Want),
            STORED => ids(payload).map(Frame::Stored),
            SIGNAL => signal(payload).map(Frame::Signal),
            SWITCH => Ok(Frame::Switch(payload.to_vec())),
            kind @ sync::FIRST_KIND..=sync::LAST_KIND => {
                sync::Message::decode(kind, payload).map(Frame::History)
            }
            kind @ swarm::FIRST_KIND..=swarm::LAST_KIND => {
                swarm::Message::decode(kind, payload).map(Frame::Resource)
            }
            SHELF => shelf::message::Message::from_bytes(payload)
                .map(Frame::Shelf)
                .map_err(|error| error.to_string()),
            TOGETHER => together::message::Message::from_bytes(payload)
                .map(Frame::Together)
                .map_err(|error| error.to_string()),
            kind => Ok(Frame::Unknown(kind)),
        };
        frame.map_err(|problem| WireError::Payload {
            kind: *kind,
            problem,
        })
    }
}

/// Whether a frame is a hello. It holds for one connection only, whatever becomes of the others.
pub(crate) fn is_hello(frame: &[u8]) -> bool {
    frame.get(1) == Some(&HELLO)
}

fn signal(payload: &[u8]) -> Result<Signal, String> {
    let signal: Signal = from_cbor(payload)?;
    signal
        .too_long()
        .map_or(Ok(signal), |problem| Err(problem.to_owned()))
}

fn ids(payload: &[u8]) -> Result<Vec<RecordId>, String> {
    let ids: Vec<RecordId> = from_cbor(payload)?;
    if ids.len() > limits::MAX_IDS {
        return Err(format!("more than {} ids", limits::MAX_IDS));
    }
    Ok(ids)
}
