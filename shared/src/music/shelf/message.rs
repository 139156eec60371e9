//! What devices say to each other about their lists, as CBOR of at most [`limits::MAX_SHELF_PART_BYTES`].

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};

use crate::{
    limits,
    music::track::Track,
    resource::ResourceId,
    signed::{from_cbor, to_cbor},
};

/// How often a list has changed, within one session of its owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Version(#[n(0)] pub u64);

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Message {
    /// Tell me more of your list.
    #[n(0)]
    Ask(#[n(0)] Ask),
    /// This is more of it.
    #[n(1)]
    Part(#[n(0)] Part),
    /// My list has changed since you asked.
    #[n(2)]
    News(#[n(0)] News),
}

/// How far somebody knows a list.
///
/// The two numbers are the same once all of it is known. While a list is told from its beginning, what went before that was
/// never told, and does not need to be told as gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Known {
    /// What came or changed until this version is known.
    #[n(0)]
    pub tracks: Version,
    /// That what went until this version is gone is known: no less than the other.
    #[n(1)]
    pub gone: Version,
}

/// A question for the next part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Ask {
    /// Tells the asker's questions apart.
    #[n(0)]
    pub number: u32,
    /// How far the asker knows the list, as the last part said; none: not at all.
    #[n(1)]
    pub since: Option<Known>,
}

/// Part of a list, in the order in which it changed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Part {
    /// Which question it answers.
    #[n(0)]
    pub number: u32,
    /// How far the asker knows the list with it.
    #[n(1)]
    pub known: Known,
    /// The list is told from its beginning: whatever the asker knew of it and is not told again is gone.
    #[n(2)]
    pub fresh: bool,
    /// What has changed, each track at most once.
    #[n(3)]
    pub changes: Vec<Change>,
    /// There is more to ask for now.
    #[n(4)]
    pub more: bool,
}

/// One change of a list.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are tracks, and a part has a hundred of them"
)]
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Change {
    /// This track is in the list, in these words.
    #[n(0)]
    Put(#[n(0)] Track),
    /// This one is not any more.
    #[n(1)]
    Gone(#[n(0)] ResourceId),
}

/// A list has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct News {
    /// So often.
    #[n(0)]
    pub version: Version,
}

/// Why bytes are not a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// More than [`limits::MAX_SHELF_PART_BYTES`].
    #[error(
        "a message about a list has at most {} bytes; this one has {bytes}",
        limits::MAX_SHELF_PART_BYTES, bytes = .0
    )]
    TooLong(usize),
    /// Not the CBOR of one. It may be one of a newer version.
    #[error("not a message about a list: {0}")]
    Malformed(String),
    /// What is known is out of order: tracks beyond what went.
    #[error(
        "a list known up to {} cannot have what is gone known up to {} only",
        .0.tracks.0, .0.gone.0
    )]
    Known(Known),
    /// One part has a track twice.
    #[error("the part tells of {0} twice")]
    Twice(ResourceId),
    /// A list that is told from its beginning says that something is gone.
    #[error("the part begins the list anew, and yet says that {0} is gone")]
    GoneAtFirst(ResourceId),
    /// A part has nothing in it, and yet is not the last one.
    #[error("the part tells nothing, and yet says that there is more")]
    Nothing,
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
        if bytes.len() > limits::MAX_SHELF_PART_BYTES {
            return Err(MessageError::TooLong(bytes.len()));
        }
        let message: Self = from_cbor(bytes).map_err(MessageError::Malformed)?;
        match &message {
            Self::Ask(ask) => ask.since.map_or(Ok(()), Known::check)?,
            Self::Part(part) => part.check()?,
            Self::News(_) => {}
        }
        Ok(message)
    }
}

impl Known {
    fn check(self) -> Result<(), MessageError> {
        let in_order = self.tracks <= self.gone;
        in_order.then_some(()).ok_or(MessageError::Known(self))
    }
}

impl Part {
    fn check(&self) -> Result<(), MessageError> {
        self.known.check()?;
        if self.more && self.changes.is_empty() {
            return Err(MessageError::Nothing);
        }
        let mut told = BTreeSet::new();
        for change in &self.changes {
            let id = change.id();
            if !told.insert(id) {
                return Err(MessageError::Twice(id));
            }
            if self.fresh && matches!(change, Change::Gone(_)) {
                return Err(MessageError::GoneAtFirst(id));
            }
        }
        Ok(())
    }
}

impl Change {
    /// Which track it is about.
    pub fn id(&self) -> ResourceId {
        match self {
            Self::Put(track) => track.id,
            Self::Gone(id) => *id,
        }
    }
}
