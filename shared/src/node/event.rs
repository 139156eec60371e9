//! What views hear from a node. It serialises to JSON.

use serde::{Deserialize, Serialize};

use super::{
    command::{ExportCursor, RequestId},
    music::MusicEvent,
    transfer::Transfer,
    view::{Delivery, Message, Overview, Unread},
};
use crate::{
    address::AddressError,
    channel::ChannelId,
    chat::record::RecordId,
    house::{channel_file::Taken, identity_file::IdentityFileError},
    music::{ban::BanError, track::TrackError},
    resource::{DescriptorError, ResourceId},
    store::StoreError,
};

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
    /// Messages of the past that were missing here.
    Messages {
        /// In which channel.
        channel: ChannelId,
        /// What, in no order.
        messages: Vec<Message>,
    },
    /// Messages were discarded.
    Discarded {
        /// In which channel.
        channel: ChannelId,
        /// Which.
        messages: Vec<RecordId>,
    },
    /// The author of a message has recalled it.
    Recalled {
        /// In which channel.
        channel: ChannelId,
        /// Which.
        message: RecordId,
    },
    /// A message is to be kept whatever the channel's retention, or not any more.
    Kept {
        /// In which channel.
        channel: ChannelId,
        /// Which.
        message: RecordId,
        /// It is.
        kept: bool,
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
    /// Messages that say what was looked for, newest first.
    Found {
        /// The command.
        #[serde(skip)]
        request: Option<RequestId>,
        /// In which channel.
        channel: ChannelId,
        /// The messages.
        messages: Vec<Message>,
        /// There are older ones.
        more: bool,
    },
    /// What a retention would discard.
    Outlook {
        /// The command.
        #[serde(skip)]
        request: Option<RequestId>,
        /// Of which channel.
        channel: ChannelId,
        /// How much is in the log, what is marked to be kept included.
        messages: usize,
        /// How much of it would be discarded.
        discards: usize,
    },
    /// What became of records that were kept elsewhere; what was taken in is kept.
    Imported {
        /// The command.
        #[serde(skip)]
        request: Option<RequestId>,
        /// For which channel.
        channel: ChannelId,
        /// What became of them.
        taken: Taken,
    },
    /// Part of a channel's file.
    Exported {
        /// The command.
        #[serde(skip)]
        request: Option<RequestId>,
        /// Of which channel.
        channel: ChannelId,
        /// Whole lines.
        text: String,
        /// How many records it has by now, those of earlier parts included.
        records: u64,
        /// Where the next part begins; none after the last one.
        next: Option<ExportCursor>,
    },
    /// An identity file.
    Identity {
        /// The command.
        #[serde(skip)]
        request: Option<RequestId>,
        /// All of it.
        file: String,
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
    /// Something about music.
    Music(MusicEvent),
    /// Something is wrong that no command caused.
    Trouble(Problem),
}

/// What can be wrong, for a view to put into a person's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// A text is not an address.
    Address(AddressError),
    /// A name is empty, too long, or has invisible characters.
    Name,
    /// An avatar is empty, too long, or has invisible characters.
    Avatar,
    /// A member blocks itself.
    Myself,
    /// As many members are blocked as can be.
    TooManyBlocked,
    /// A message is empty or too long.
    Text,
    /// A file does not give an identity.
    IdentityFile(IdentityFileError),
    /// An identity file is another member's than this device, and who that is.
    OtherIdentity {
        /// The name in the file; may be empty.
        name: String,
    },
    /// While burning is on, nothing can be shared or taken in that has to be stored.
    Burning,
    /// There is nothing to look for, or too much.
    Query,
    /// A message is not here, or not this member's.
    NoMessage,
    /// A retention has no end, or ends before it begins.
    Retention,
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
    /// An entry of a ban table is none.
    Ban {
        /// Which, and why.
        error: BanError,
    },
    /// More tracks than can be added at once, or than a list has room for.
    TooManyTracks,
    /// A track is not on the list.
    NoTrack,
    /// What is said of a track cannot be.
    Track {
        /// Why.
        error: TrackError,
    },
    /// That device does not lead.
    NoLead,
    /// This device is not in that channel.
    NotJoined,
    /// This device is in as many channels as it can be.
    TooManyChannels,
    /// The node is still starting, and too much waits already.
    Busy,
    /// No room left on the disk, or for what the browser lets us keep.
    StoreFull,
    /// What is chosen would be more than the device's quota, and nothing more can leave for it.
    Quota {
        /// How many bytes it has.
        bytes: u64,
        /// For how many there is room.
        room: u64,
    },
    /// The store cannot be used.
    StoreUnavailable {
        /// What the store said.
        detail: String,
    },
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

impl From<IdentityFileError> for Problem {
    fn from(error: IdentityFileError) -> Self {
        Problem::IdentityFile(error)
    }
}

impl Event {
    /// The command that this event replies to.
    pub fn request(&self) -> Option<RequestId> {
        match self {
            Event::Done { request, .. }
            | Event::Page { request, .. }
            | Event::Found { request, .. }
            | Event::Outlook { request, .. }
            | Event::Imported { request, .. }
            | Event::Exported { request, .. }
            | Event::Identity { request, .. }
            | Event::Transfers { request, .. }
            | Event::Music(MusicEvent::Library { request, .. })
            | Event::Refused { request, .. } => *request,
            Event::Overview(_)
            | Event::Message { .. }
            | Event::Delivered { .. }
            | Event::Unread { .. }
            | Event::Transfer(_)
            | Event::TransferGone { .. }
            | Event::Messages { .. }
            | Event::Discarded { .. }
            | Event::Recalled { .. }
            | Event::Kept { .. }
            | Event::Music(_)
            | Event::Trouble(_) => None,
        }
    }
}
