//! The frames that travel on a data channel: one byte of version, one byte of kind, the payload.
//!
//! | kind | frame | payload |
//! |---|---|---|
//! | 1 | [`Hello`] | CBOR |
//! | 2 | a chat record | the signed record's bytes ([`crate::chat::record`]) |
//!
//! A frame has at most [`limits::MAX_FRAME_BYTES`]. Kinds that a receiver does not know are left out, so that newer
//! nodes can say more; fields that it does not know are skipped by CBOR's own rules.

use minicbor::{Decode, Encode};

use crate::{
    channel::ChannelId,
    identity::{Author, AuthorKey, Purpose, Signature},
    ids::byte_id,
    limits,
};

/// The version of frames that this crate speaks.
pub const VERSION: u8 = 1;

const HELLO: u8 = 1;
const RECORD: u8 = 2;

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Who is at this end of the link; the first frame in either direction.
    Hello(Hello),
    /// A signed chat record, still to be checked.
    Record(Vec<u8>),
    /// A kind of a newer version.
    Unknown(u8),
}

byte_id! {
    /// One run of a node in one channel. Two links whose hellos carry the same session lead to the same device.
    Session, 16
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
    /// This run of the device.
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

/// Whether a text can be a member's name: something to read, and not too much of it.
pub fn is_name(name: &str) -> bool {
    !name.trim().is_empty()
        && name.len() <= limits::MAX_NAME_BYTES
        && !name.chars().any(char::is_control)
}

/// Why a hello is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HelloError {
    /// The other end is in another channel.
    #[error("the hello is for another channel")]
    ForeignChannel,
    /// The name is empty, too long, or has control characters.
    #[error("the name is empty, too long, or has control characters")]
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
        match self {
            Frame::Hello(hello) => {
                let mut bytes = vec![VERSION, HELLO];
                #[expect(clippy::unwrap_used, reason = "writing to a Vec cannot fail")]
                minicbor::encode(hello, &mut bytes).unwrap();
                bytes
            }
            Frame::Record(record) => [&[VERSION, RECORD], &record[..]].concat(),
            Frame::Unknown(kind) => vec![VERSION, *kind],
        }
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
        match *kind {
            HELLO => {
                let mut decoder = minicbor::Decoder::new(payload);
                let problem = match decoder.decode() {
                    Ok(hello) if decoder.position() == payload.len() => {
                        return Ok(Frame::Hello(hello));
                    }
                    Ok(_) => "bytes after the end".to_owned(),
                    Err(error) => error.to_string(),
                };
                Err(WireError::Payload {
                    kind: HELLO,
                    problem,
                })
            }
            RECORD => Ok(Frame::Record(payload.to_vec())),
            kind => Ok(Frame::Unknown(kind)),
        }
    }
}
