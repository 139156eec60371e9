//! One signed, content-addressed record of a channel's log.
//!
//! The body is CBOR and is never encoded again: it is stored and passed on as the author's bytes, whose BLAKE3 hash is
//! the record's id. Records are ordered by (time, id).

use minicbor::{Decode, Encode};

use crate::{
    channel::ChannelId,
    identity::{Author, AuthorKey, Purpose},
    ids::byte_id,
    limits,
    profile::{Profile, is_avatar, is_name},
    resource::{Descriptor, DescriptorError},
    signed::{Envelope, from_cbor},
    time::Millis,
};

byte_id! {
    /// The BLAKE3 hash of a record's body.
    RecordId, 32
}

/// Where a record stands in its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(array)]
pub struct Position {
    /// When its author wrote it.
    #[n(0)]
    pub time: Millis,
    /// Its id, which decides between records of one millisecond.
    #[n(1)]
    pub id: RecordId,
}

/// What an author signs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Body {
    /// The channel it was written in.
    #[n(0)]
    pub channel: ChannelId,
    /// Who wrote it.
    #[n(1)]
    pub author: Author,
    /// When, by the author's clock, and later than all that the author had seen.
    #[n(2)]
    pub time: Millis,
    /// The author's name at that time.
    #[n(3)]
    pub name: String,
    /// What was said; may be nothing where there are files.
    #[n(4)]
    pub text: String,
    /// The files that were shared with it, at most [`limits::MAX_MESSAGE_FILES`].
    #[cbor(n(5), default, skip_if = "Vec::is_empty")]
    pub files: Vec<Descriptor>,
    /// The record of the same author and time that this one recalls; it says nothing else then.
    #[n(6)]
    pub recalls: Option<RecordId>,
    /// The newest record that its author had, so that others know when they lack one.
    #[n(7)]
    pub after: Option<Position>,
    /// It was said while burning was on: nobody is to store it.
    #[cbor(n(8), default, skip_if = "is_false")]
    pub burning: bool,
    /// The author's avatar at that time.
    #[n(9)]
    pub avatar: Option<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "minicbor gives a reference"
)]
fn is_false(burning: &bool) -> bool {
    !burning
}

/// A record whose signature was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The hash of its body.
    pub id: RecordId,
    /// What it says.
    pub body: Body,
    /// The bytes that travel and are stored.
    pub bytes: Vec<u8>,
}

/// Why bytes are not a record of this channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// More than [`limits::MAX_RECORD_BYTES`].
    #[error("a record has at most {} bytes; this one has {bytes}", limits::MAX_RECORD_BYTES, bytes = .0)]
    TooLong(usize),
    /// Not the CBOR of a record.
    #[error("not a record: {0}")]
    Malformed(String),
    /// Written in another channel.
    #[error("the record is of another channel")]
    ForeignChannel,
    /// The name is empty, too long, or has invisible characters.
    #[error("the author's name is empty, too long, or has invisible characters")]
    Name,
    /// The avatar is empty, too long, or has invisible characters.
    #[error("the author's avatar is empty, too long, or has invisible characters")]
    Avatar,
    /// A recall says something.
    #[error("a recall has a text or files")]
    Recall,
    /// It comes after a record that is not older.
    #[error("the record comes after one that is not older")]
    After,
    /// The text is empty or over [`limits::MAX_TEXT_BYTES`].
    #[error("the text is empty or has more than {} bytes", limits::MAX_TEXT_BYTES)]
    Text,
    /// More than [`limits::MAX_MESSAGE_FILES`].
    #[error("a message has at most {} files; this one has {files}", limits::MAX_MESSAGE_FILES, files = .0)]
    TooManyFiles(usize),
    /// One of its files cannot be.
    #[error("a file of the message cannot be: {0}")]
    File(#[from] DescriptorError),
    /// Not signed by the author it names.
    #[error("the signature does not match")]
    Signature,
}

impl Record {
    /// Writes and signs a message. The caller has checked name and text ([`is_name`], [`is_text`]).
    pub fn write(
        key: &AuthorKey,
        channel: ChannelId,
        time: Millis,
        name: &str,
        text: &str,
    ) -> Self {
        Self::sign(key, Body::new(key.author(), channel, time, name, text))
    }

    /// Recalls a record of the same author.
    pub fn recall(key: &AuthorKey, channel: ChannelId, recalled: Position, name: &str) -> Self {
        let body = Body {
            recalls: Some(recalled.id),
            ..Body::new(key.author(), channel, recalled.time, name, "")
        };
        Self::sign(key, body)
    }

    /// Signs a body that names the key's author, and which the caller has checked.
    pub fn sign(key: &AuthorKey, body: Body) -> Self {
        let envelope = Envelope::seal(key, Purpose::Record, &body);
        Self {
            id: RecordId::of(&envelope),
            body,
            bytes: envelope.to_bytes(),
        }
    }

    /// Reads and checks a record that someone sent.
    ///
    /// # Errors
    /// When it is not what its author said in this channel.
    pub fn read(channel: ChannelId, bytes: &[u8]) -> Result<Self, RecordError> {
        Claim::read(channel, bytes)?.check()
    }

    /// Reads a record from our own store, where only checked records are.
    pub fn from_store(bytes: Vec<u8>) -> Result<Self, RecordError> {
        let envelope = Envelope::read(&bytes).map_err(RecordError::Malformed)?;
        Ok(Self {
            id: RecordId::of(&envelope),
            body: from_cbor(&envelope.body).map_err(RecordError::Malformed)?,
            bytes,
        })
    }

    /// Where it stands in the log.
    pub fn position(&self) -> Position {
        Position {
            time: self.body.time,
            id: self.id,
        }
    }

    /// Where the record stands that it recalls.
    pub fn recalled(&self) -> Option<Position> {
        Some(Position {
            time: self.body.time,
            id: self.body.recalls?,
        })
    }
}

/// What may be a record: its signature is still to be checked, which takes by far the longest.
#[derive(Clone, Debug)]
pub struct Claim {
    envelope: Envelope,
    body: Body,
    bytes: Vec<u8>,
}

impl Claim {
    /// Reads what someone sent.
    ///
    /// # Errors
    /// When nobody can have written it in this channel.
    pub fn read(channel: ChannelId, bytes: &[u8]) -> Result<Self, RecordError> {
        if bytes.len() > limits::MAX_RECORD_BYTES {
            return Err(RecordError::TooLong(bytes.len()));
        }
        let envelope = Envelope::read(bytes).map_err(RecordError::Malformed)?;
        let body: Body = from_cbor(&envelope.body).map_err(RecordError::Malformed)?;
        if body.channel != channel {
            return Err(RecordError::ForeignChannel);
        }
        if !is_name(&body.name) {
            return Err(RecordError::Name);
        }
        if body
            .avatar
            .as_ref()
            .is_some_and(|avatar| !is_avatar(avatar))
        {
            return Err(RecordError::Avatar);
        }
        if body.files.len() > limits::MAX_MESSAGE_FILES {
            return Err(RecordError::TooManyFiles(body.files.len()));
        }
        for file in &body.files {
            file.check()?;
        }
        if body.recalls.is_some() && !(body.text.is_empty() && body.files.is_empty()) {
            return Err(RecordError::Recall);
        }
        let only_files = body.text.is_empty() && !body.files.is_empty();
        if body.recalls.is_none() && !only_files && !is_text(&body.text) {
            return Err(RecordError::Text);
        }
        if body.after.is_some_and(|after| after.time >= body.time) {
            return Err(RecordError::After);
        }
        Ok(Self {
            envelope,
            body,
            bytes: bytes.to_vec(),
        })
    }

    /// What it says, if it is true.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// When it is not that of the author it names.
    pub fn check(self) -> Result<Record, RecordError> {
        let Self {
            envelope,
            body,
            bytes,
        } = self;
        if !envelope.is_signed_by(&body.author, Purpose::Record) {
            return Err(RecordError::Signature);
        }
        Ok(Record {
            id: RecordId::of(&envelope),
            body,
            bytes,
        })
    }
}

impl Body {
    /// A message without files.
    pub fn new(author: Author, channel: ChannelId, time: Millis, name: &str, text: &str) -> Self {
        Self {
            channel,
            author,
            time,
            name: name.to_owned(),
            text: text.to_owned(),
            files: Vec::new(),
            recalls: None,
            after: None,
            burning: false,
            avatar: None,
        }
    }

    /// How the author appeared at that time.
    pub fn profile(&self) -> Profile {
        Profile {
            name: self.name.clone(),
            avatar: self.avatar.clone(),
        }
    }
}

/// The id of a record that was not checked.
pub fn id_of(bytes: &[u8]) -> Result<RecordId, RecordError> {
    if bytes.len() > limits::MAX_RECORD_BYTES {
        return Err(RecordError::TooLong(bytes.len()));
    }
    let envelope = Envelope::read(bytes).map_err(RecordError::Malformed)?;
    Ok(RecordId::of(&envelope))
}

impl RecordId {
    pub(super) fn of(envelope: &Envelope) -> Self {
        Self(*blake3::hash(&envelope.body).as_bytes())
    }
}

/// Whether a text can be a message: something to read, and not too much of it.
pub fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= limits::MAX_TEXT_BYTES
}
