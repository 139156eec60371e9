//! What views see of a node. It serialises to JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    address::Address,
    channel::ChannelId,
    chat::{
        record::{Position, Record, RecordId},
        retention::Retention,
    },
    identity::Author,
    link::Path,
    preferences::Preferences,
    resource::{Descriptor, ResourceId},
    seeding::Seeds,
    time::Millis,
};

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
    /// Who is there and cannot be reached, if anybody is.
    pub unreached: Option<Unreached>,
    /// What stands in the composer.
    pub draft: String,
    /// Its new messages come without notification.
    pub muted: bool,
    /// What the member has not seen yet.
    pub unread: Unread,
    /// Which part of its log is kept.
    pub retention: Retention,
    /// What of it this device gets and gives by itself.
    pub seeds: Seeds,
    /// Files that the member asked for there, and of which only the ids are known until somebody has them.
    pub sought: BTreeSet<ResourceId>,
    /// The last turn of its burn switch, if it was ever turned.
    pub burn: Option<BurnView>,
    /// How the member appears there, and what is known of others.
    pub people: PeopleView,
}

/// People of a channel, online or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleView {
    /// This member's name there, if not that of the device.
    pub name: Option<String>,
    /// This member's avatar there.
    pub avatar: Option<String>,
    /// The beginning of the key of those whose names look like another's, to tell them apart.
    pub marks: BTreeMap<Author, String>,
    /// Who is blocked, and a name of theirs.
    pub blocked: BTreeMap<Author, String>,
    /// Who sent so much that nothing of theirs is taken any more, and a name of theirs.
    pub held_back: BTreeMap<Author, String>,
}

/// A turn of a channel's burn switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BurnView {
    /// Nothing that is said is stored.
    pub on: bool,
    /// The name of who turned it.
    pub by: String,
    /// Their key.
    pub author: Author,
    /// It was this member.
    pub mine: bool,
    /// When.
    pub since: Millis,
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
    /// It gives relays to who finds no direct path.
    #[serde(default)]
    pub relay: bool,
}

/// Devices that are on a server and cannot be reached from here: there is no path to them, and no member that is linked
/// knows them either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreached {
    /// How many they are.
    pub devices: usize,
    /// One of the servers gives relays, which did not help.
    pub relay: bool,
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
    /// Their avatar, if they chose one.
    pub avatar: Option<String>,
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
    /// The author's avatar at that time.
    pub avatar: Option<String>,
    /// This member wrote it, on whichever device.
    pub mine: bool,
    /// What it says, as text: never markup. May be empty where there are files.
    pub text: String,
    /// The files that were shared with it.
    pub files: Vec<Descriptor>,
    /// How far it came, if it was written on this device.
    pub delivery: Option<Delivery>,
    /// It is marked to be kept.
    pub kept: bool,
    /// Its author has recalled it.
    pub recalled: bool,
    /// The newest message that its author had.
    pub after: Option<Place>,
    /// That one should be here and is not.
    pub gap: bool,
    /// It is not stored, and goes soon after it was seen.
    pub burning: bool,
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
            avatar: body.avatar.clone(),
            mine: body.author == me,
            text: body.text.clone(),
            files: body.files.clone(),
            delivery,
            kept: false,
            recalled: false,
            after: body.after.map(Into::into),
            gap: false,
            burning: false,
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
