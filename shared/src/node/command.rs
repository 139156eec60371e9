//! What views ask of a node.
//!
//! These types are the core's side of the extension's messages and of the host's command line. They serialise to JSON.

use serde::{Deserialize, Serialize};

use super::{music::MusicCommand, view::Place};
use crate::{
    channel::ChannelId,
    chat::retention::Retention,
    house::{
        channel_file::{Entry, Part},
        identity_file::{Lock, LockKey},
    },
    identity::Author,
    preferences::Preferences,
    resource::{Descriptor, ResourceId},
    seeding::Seeds,
};

/// Names a command until its reply; chosen by the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// What a view wants. Each command gets exactly one [`Event::Done`](super::Event::Done), [`Event::Page`](super::Event::Page),
/// [`Event::Transfers`](super::Event::Transfers), [`Event::Outlook`](super::Event::Outlook),
/// [`Event::Found`](super::Event::Found), [`Event::Exported`](super::Event::Exported), [`Event::Imported`](super::Event::Imported),
/// [`Event::Identity`](super::Event::Identity) or [`Event::Refused`](super::Event::Refused).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Tell how things are, with an [`Event::Overview`](super::Event::Overview).
    Overview,
    /// Call this member so.
    SetName {
        /// The new name.
        name: String,
    },
    /// Appear so in one channel.
    SetProfile {
        /// Which.
        channel: ChannelId,
        /// The name there; none: that of the device.
        name: Option<String>,
        /// The avatar there: an emoji, or a character or two.
        avatar: Option<String>,
    },
    /// Block a member of a channel, or not any more: its messages are folded, its files not fetched, and its turns of the
    /// burn switch count for nothing.
    Block {
        /// In which channel.
        channel: ChannelId,
        /// Whom.
        author: Author,
        /// Block.
        blocked: bool,
    },
    /// Take the messages of a member again who sent too many at once, those that were held back too.
    LetThrough {
        /// In which channel.
        channel: ChannelId,
        /// Whose.
        author: Author,
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
        /// Which part of its log is to be kept; of a channel that this device is in, it stays what it is.
        #[serde(default)]
        retention: Retention,
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
    /// Have a file that was chosen be as any other: where all of one of its channels is seeded, it stays as what came by
    /// itself does, and otherwise it is forgotten.
    Unchoose {
        /// Which.
        file: ResourceId,
    },
    /// Tell which files are here or on their way, with [`Event::Transfers`](super::Event::Transfers); each change after that is an
    /// [`Event::Transfer`](super::Event::Transfer).
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
    /// Find out how this device is connected to the members of a channel. [`Member::contact`](super::Member::contact) tells it soon after.
    Measure {
        /// Which.
        channel: ChannelId,
    },
    /// Take in records that were kept elsewhere, and tell what became of them, with [`Event::Imported`](super::Event::Imported).
    /// They are checked, and count as seen.
    Import {
        /// For which channel.
        channel: ChannelId,
        /// What, at most [`crate::limits::MAX_PAGE`]: of those that are more, nothing is taken.
        records: Vec<Entry>,
    },
    /// Write a channel's log as a file ([`crate::house::channel_file`]), in parts: each is an
    /// [`Event::Exported`](super::Event::Exported) that says where the next one begins.
    Export {
        /// Of which channel.
        channel: ChannelId,
        /// Which messages.
        part: Part,
        /// Where to go on; without it, the file begins.
        from: Option<ExportCursor>,
    },
    /// Write who this member is, and in which channels, as a file ([`crate::house::identity_file`]), with
    /// [`Event::Identity`](super::Event::Identity).
    ExportIdentity {
        /// How the passphrase becomes the key.
        lock: Lock,
        /// The key. Whoever asks has derived it: that takes a second, in which a node could do nothing else.
        key: LockKey,
    },
    /// Become the member of an identity file: the channels of this device go on with other author keys, and those of the
    /// file are joined.
    ImportIdentity {
        /// The file.
        file: String,
        /// Its key.
        key: LockKey,
        /// Also if this device is another member's: without it, [`Problem::OtherIdentity`](super::Problem::OtherIdentity).
        replace: bool,
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
    /// Read the log forwards. If there may be newer messages than those of the page, it has one that stands after `from`.
    PageFrom {
        /// Of which channel.
        channel: ChannelId,
        /// Only what stands where this message does, or would, or after it.
        from: Place,
        /// At most so many messages beside that one.
        limit: usize,
    },
    /// Read what is marked to be kept, backwards.
    PageKept {
        /// Of which channel.
        channel: ChannelId,
        /// Only what stands before this message; without it, from the newest.
        before: Option<Place>,
        /// At most so many messages.
        limit: usize,
    },
    /// Get ready to find messages: the first search of a log takes longer otherwise.
    PrepareSearch {
        /// In which channel.
        channel: ChannelId,
    },
    /// Find messages that say something, the newest first, with [`Event::Found`](super::Event::Found).
    Search {
        /// In which channel.
        channel: ChannelId,
        /// What: words, or parts of them, all of which a message has.
        query: String,
        /// Only what stands before this message; without it, from the newest.
        before: Option<Place>,
        /// At most so many messages.
        limit: usize,
    },
    /// Mark a message to be kept whatever the channel's retention, or not any more.
    Keep {
        /// In which channel.
        channel: ChannelId,
        /// Which.
        message: Place,
        /// Keep it.
        kept: bool,
    },
    /// Turn a channel's burn switch: while it is on, nothing that is said is stored anywhere.
    Burn {
        /// Which.
        channel: ChannelId,
        /// On.
        on: bool,
    },
    /// Recall a message of this member.
    Recall {
        /// In which channel.
        channel: ChannelId,
        /// Which.
        message: Place,
    },
    /// Keep another part of a channel's log from now on, and discard the rest.
    SetRetention {
        /// Of which channel.
        channel: ChannelId,
        /// Which part.
        retention: Retention,
    },
    /// Get and give something else of a channel by itself from now on. What came so and is not wanted so any more, goes.
    Seed {
        /// Of which channel.
        channel: ChannelId,
        /// What.
        seeds: Seeds,
    },
    /// Keep resources of so many bytes at most ([`crate::seeding`]); without a number, as many as there is room for on the
    /// disk. It holds until the node ends; without this command, there is no limit.
    SetQuota {
        /// How many.
        bytes: Option<u64>,
    },
    /// Tell what a retention would discard, with [`Event::Outlook`](super::Event::Outlook).
    Outlook {
        /// Of which channel.
        channel: ChannelId,
        /// Which retention.
        retention: Retention,
    },
    /// Something about music.
    #[serde(rename = "music")]
    Music(MusicCommand),
}

/// Where the next part of a channel's file begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportCursor {
    /// What stands before this is still to be written.
    pub(super) before: Place,
    /// So many records are.
    pub(super) records: u64,
}
