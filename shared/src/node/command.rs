//! What views ask of a node, and what they hear from it.
//!
//! These types are the core's side of the extension's messages and of the host's command line. They serialise to JSON.

use serde::{Deserialize, Serialize};

use super::transfer::Transfer;
use crate::{
    address::{Address, AddressError},
    channel::ChannelId,
    chat::record::{Position, Record, RecordId},
    identity::Author,
    link::Path,
    preferences::Preferences,
    resource::{Descriptor, DescriptorError, ResourceId},
    store::StoreError,
    time::Millis,
};

/// Names a command until its reply; chosen by the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// What a view wants. Each command gets exactly one [`Event::Done`], [`Event::Page`],
/// [`Event::Transfers`] or [`Event::Refused`].
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
    /// Keep what the member chose for the device.
    SetPreferences {
        /// All of it.
        preferences: Preferences,
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
    /// Share files with a channel, and say something to it with them. The driver has put each into the store, whole
    /// ([`crate::store::ResourceEntry`] without channels).
    Share {
        /// Which.
        channel: ChannelId,
        /// What is said; may be nothing.
        text: String,
        /// The files, at most [`crate::limits::MAX_MESSAGE_FILES`].
        files: Vec<ResourceId>,
    },
    /// Get a file that somebody in a channel has, or go on getting it.
    Fetch {
        /// In which channel.
        channel: ChannelId,
        /// Which.
        file: ResourceId,
        /// What is said of it, if anything is known.
        descriptor: Option<Descriptor>,
    },
    /// Ask for no more of a file for now, or go on.
    Pause {
        /// Which.
        file: ResourceId,
        /// No more.
        paused: bool,
    },
    /// Read a file again that should be here whole: somebody found bytes of it missing or damaged. Those are fetched anew.
    Check {
        /// Which.
        file: ResourceId,
    },
    /// Forget a file, or stop getting it.
    Remove {
        /// Which.
        file: ResourceId,
    },
    /// Tell which files are here or on their way, with [`Event::Transfers`]; each change after that is an
    /// [`Event::Transfer`].
    Transfers,
    /// Keep what stands in the composer.
    Draft {
        /// Of which channel.
        channel: ChannelId,
        /// What.
        text: String,
    },
    /// Let a channel's new messages come without notification, or with.
    Mute {
        /// Which.
        channel: ChannelId,
        /// Without.
        muted: bool,
    },
    /// The member has seen what came, up to this place.
    Seen {
        /// In which channel.
        channel: ChannelId,
        /// The newest message that was on the screen.
        up_to: Place,
    },
    /// Find out how this device is connected to the members of a channel. [`Member::contact`] tells it soon after.
    Measure {
        /// Which.
        channel: ChannelId,
    },
    /// Take in records that were kept elsewhere. They are checked, count as seen, and are not offered to others.
    Import {
        /// For which channel.
        channel: ChannelId,
        /// The signed records, in base64 (RFC 4648 §4), at most [`crate::limits::MAX_PAGE`] of them.
        records: Vec<String>,
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
    /// More or fewer devices have a message of this member than before.
    Delivered {
        /// In which channel.
        channel: ChannelId,
        /// Which.
        message: RecordId,
        /// How far it came.
        delivery: Delivery,
    },
    /// Messages came, or were seen.
    Unread {
        /// In which channel.
        channel: ChannelId,
        /// What is unread now.
        unread: Unread,
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
    /// All files that are here or on their way, in the order they were added.
    Transfers {
        /// The command.
        #[serde(skip)]
        request: Option<RequestId>,
        /// The files.
        transfers: Vec<Transfer>,
    },
    /// A file came, moves, or is complete: replaces what was told of it before. While it moves, at most every
    /// [`crate::limits::TRANSFER_NEWS`].
    Transfer(Transfer),
    /// A file is not here any more, and not wanted.
    TransferGone {
        /// Which.
        file: ResourceId,
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
    /// A record to import is not one of this channel's, and which it is, counted from 0.
    Record {
        /// Its place in the command.
        index: usize,
    },
    /// A file is not in the store, or not whole.
    NoFile,
    /// A file could not be read, or is not what it was when the member chose it.
    FileChanged {
        /// Its name.
        name: String,
    },
    /// A message has too many files.
    TooManyFiles,
    /// What is said of a file cannot be.
    File(DescriptorError),
    /// As many files are on their way as can be.
    TooManyTransfers,
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
    /// What the member chose for the device.
    pub preferences: Preferences,
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
    /// Whether one of its servers is reached.
    pub server: ServerState,
    /// Each of its servers.
    pub servers: Vec<ServerView>,
    /// Who is online: this member first, then the others by name.
    pub members: Vec<Member>,
    /// What stands in the composer.
    pub draft: String,
    /// Its new messages come without notification.
    pub muted: bool,
    /// What the member has not seen yet.
    pub unread: Unread,
}

/// Messages of others that the member has not seen yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// How many; at most [`crate::limits::MAX_UNREAD`].
    pub count: usize,
    /// Where the oldest of them stands.
    pub first: Option<Place>,
}

/// One of a channel's servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerView {
    /// Its host and port.
    pub authority: String,
    /// Whether it is reached.
    pub state: ServerState,
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
    /// How this device reaches it.
    pub contact: Contact,
}

/// How a member is reached from this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Contact {
    /// It is this device.
    Here,
    /// By a link of its own.
    Link {
        /// The path that the link takes, once it was measured.
        path: Option<Path>,
    },
    /// Through other members.
    Members,
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
    /// What it says, as text: never markup. May be empty where there are files.
    pub text: String,
    /// The files that were shared with it.
    pub files: Vec<Descriptor>,
    /// How far it came, if it was written on this device.
    pub delivery: Option<Delivery>,
}

/// How far a message of this member came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Delivery {
    /// It is kept here, and waits for somebody to come.
    Queued,
    /// It is on its way.
    Sent,
    /// Other devices have stored it.
    Held {
        /// How many are known of; at most [`crate::limits::MAX_HOLDERS`].
        devices: usize,
    },
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
    pub fn of(record: &Record, me: Author, delivery: Option<Delivery>) -> Self {
        let body = &record.body;
        Self {
            id: record.id,
            time: body.time,
            author: body.author,
            name: body.name.clone(),
            mine: body.author == me,
            text: body.text.clone(),
            files: body.files.clone(),
            delivery,
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

impl From<Position> for Place {
    fn from(position: Position) -> Self {
        Place {
            time: position.time,
            id: position.id,
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
            | Event::Transfers { request, .. }
            | Event::Refused { request, .. } => *request,
            Event::Overview(_)
            | Event::Message { .. }
            | Event::Delivered { .. }
            | Event::Unread { .. }
            | Event::Transfer(_)
            | Event::TransferGone { .. }
            | Event::Trouble(_) => None,
        }
    }
}
