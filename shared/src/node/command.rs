//! What views ask of a node, and what they hear from it.
//!
//! These types are the core's side of the extension's messages and of the host's command line. They serialise to JSON.

use serde::{Deserialize, Serialize};

use crate::{
    address::{Address, AddressError},
    channel::ChannelId,
    chat::record::{Position, Record, RecordId},
    identity::Author,
    store::StoreError,
    time::Millis,
};

/// Names a command until its reply; chosen by the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// What a view wants. Each command gets exactly one [`Event::Done`], [`Event::Page`] or [`Event::Refused`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Tell how things are, with an [`Event::Overview`].
    Overview,
    /// Call this member so.
    SetName {
        /// The new name.
        name: String,
    },
    /// Join the channel of an address.
    Join {
        /// As it was typed or pasted.
        address: String,
    },
    /// Leave a channel and forget its log.
    Leave {
        /// Which.
        channel: ChannelId,
    },
    /// Say something to a channel.
    Say {
        /// Which.
        channel: ChannelId,
        /// What.
        text: String,
    },
    /// Keep what stands in the composer.
    Draft {
        /// Of which channel.
        channel: ChannelId,
        /// What.
        text: String,
    },
    /// Read the log backwards.
    Page {
        /// Of which channel.
        channel: ChannelId,
        /// Only what stands before this message; without it, from the newest.
        before: Option<Place>,
        /// At most so many messages.
        limit: usize,
    },
}

/// What a view hears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// How things are: after a command asked for it, and after every change.
    Overview(Overview),
    /// A new message.
    Message {
        /// In which channel.
        channel: ChannelId,
        /// What.
        message: Message,
    },
    /// The command was carried out, and what it changed is kept.
    Done {
        /// Which.
        #[serde(skip)]
        request: Option<RequestId>,
        /// The channel it was about.
        channel: Option<ChannelId>,
    },
    /// A page of the log, oldest message first.
    Page {
        /// The command.
        #[serde(skip)]
        request: Option<RequestId>,
        /// Of which channel.
        channel: ChannelId,
        /// The messages.
        messages: Vec<Message>,
        /// There may be older ones.
        more: bool,
    },
    /// The command was not carried out.
    Refused {
        /// Which.
        #[serde(skip)]
        request: Option<RequestId>,
        /// Why.
        problem: Problem,
    },
    /// Something is wrong that no command caused.
    Trouble(Problem),
}

/// What can be wrong, for a view to put into a person's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// A text is not an address.
    Address(AddressError),
    /// A name is empty, too long, or has control characters.
    Name,
    /// A message is empty or too long.
    Text,
    /// Too much waits already that nobody has received.
    OutboxFull,
    /// This device is not in that channel.
    NotJoined,
    /// This device is in as many channels as it can be.
    TooManyChannels,
    /// The node is still starting, and too much waits already.
    Busy,
    /// No room left on the disk or within the quota.
    StoreFull,
    /// The store cannot be used.
    StoreUnavailable {
        /// What the store said.
        detail: String,
    },
}

/// How things are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// The member's name; empty until chosen.
    pub name: String,
    /// The channels in the order they were joined.
    pub channels: Vec<ChannelView>,
}

/// One channel of this device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelView {
    /// Its id.
    pub id: ChannelId,
    /// Its address.
    pub address: Address,
    /// Its name.
    pub name: String,
    /// Whether its server is reached.
    pub server: ServerState,
    /// Who is online: this member first, then the others by name.
    pub members: Vec<Member>,
    /// What stands in the composer.
    pub draft: String,
}

/// Whether a channel's server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerState {
    /// For the first time, or again.
    Connecting,
    /// Yes.
    Online,
    /// No; it is tried again later.
    Offline,
}

/// Somebody who is online.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Member {
    /// Their name.
    pub name: String,
    /// Their key in this channel.
    pub author: Author,
    /// It is this device.
    pub me: bool,
}

/// One message of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its record's id.
    pub id: RecordId,
    /// When it was written.
    pub time: Millis,
    /// Who wrote it.
    pub author: Author,
    /// The author's name at that time.
    pub name: String,
    /// It was written on this device.
    pub mine: bool,
    /// What it says, as text: never markup.
    pub text: String,
}

/// Where a message stands, for asking what is older.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Its time.
    pub time: Millis,
    /// Its id.
    pub id: RecordId,
}

impl Message {
    /// A record as the device `me` sees it.
    pub fn of(record: &Record, me: Author) -> Self {
        let body = &record.body;
        Self {
            id: record.id,
            time: body.time,
            author: body.author,
            name: body.name.clone(),
            mine: body.author == me,
            text: body.text.clone(),
        }
    }

    /// Where it stands in its log.
    pub fn place(&self) -> Place {
        Place {
            time: self.time,
            id: self.id,
        }
    }
}

impl From<Place> for Position {
    fn from(place: Place) -> Self {
        Position {
            time: place.time,
            id: place.id,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Problem::StoreFull,
            StoreError::Unavailable(detail) | StoreError::Damaged(detail) => {
                Problem::StoreUnavailable { detail }
            }
        }
    }
}

impl Event {
    /// The command that this event replies to.
    pub fn request(&self) -> Option<RequestId> {
        match self {
            Event::Done { request, .. }
            | Event::Page { request, .. }
            | Event::Refused { request, .. } => *request,
            Event::Overview(_) | Event::Message { .. } | Event::Trouble(_) => None,
        }
    }
}
