//! What the daemon answers.
//!
//! Lists have at most [`MAX_PAGE`](crate::limits::MAX_PAGE) entries: with everything in them as long as it can be, they
//! fit into a frame.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    channel::ChannelId,
    chat::retention::Retention,
    identity::Author,
    invitation,
    node::{ChannelView, Contact, Member, Overview, ServerState, Transfer, TransferState},
    resource::ResourceId,
    seeding::Seeds,
    time::Millis,
};

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Answer {
    /// It was carried out, and what it changed is kept.
    Done {
        /// The channel it was about.
        channel: Option<ChannelId>,
    },
    /// How the daemon is.
    Status(Status),
    /// The channels it is in, in the order they were joined.
    Channels {
        /// All of them.
        channels: Vec<ChannelStatus>,
    },
    /// Who is online in a channel, in the order of their keys.
    Peers {
        /// Who.
        peers: Vec<Peer>,
        /// There are more.
        more: bool,
    },
    /// Resources, in the order of their ids.
    Resources {
        /// Which.
        resources: Vec<Transfer>,
        /// There are more.
        more: bool,
    },
}

/// How the daemon is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Its version.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// When it started.
    pub since: Millis,
    /// Where it keeps what it keeps.
    pub data: String,
    /// What others see it called.
    pub name: String,
    /// The channels it is in.
    pub channels: usize,
    /// Links to other devices, in all channels together.
    pub links: Links,
    /// The room that there is for resources.
    pub disk: Disk,
    /// Resources that are here whole.
    pub whole: usize,
    /// Others, of which some part is here or wanted.
    pub partial: usize,
    /// Those that nobody has given yet, and of which nothing but their ids is known.
    #[serde(default)]
    pub sought: usize,
    /// Bytes of resources that are here.
    pub bytes: u64,
    /// Bytes a second that come now.
    pub receiving: u64,
    /// Bytes a second that go out now.
    pub sending: u64,
    /// Bytes that went out since the start.
    pub sent: u64,
}

/// How many links there are, by the way that they take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// From device to device, as far as is known.
    pub direct: usize,
    /// Through a TURN server.
    pub relayed: usize,
}

/// The room that a daemon has for resources, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// What counts against the quota: what is here of resources.
    pub used: u64,
    /// How much that may be; none: as much as there is.
    pub quota: Option<u64>,
    /// What is free on the disk; none if the system does not tell.
    pub free: Option<u64>,
}

impl Status {
    /// Adds up what is known of channels and resources.
    pub fn count(mut self, overview: &Overview, transfers: &[Transfer]) -> Self {
        let members = overview.channels.iter().flat_map(|view| &view.members);
        self.name.clone_from(&overview.name);
        self.channels = overview.channels.len();
        self.links = Links::default();
        for member in members {
            match member.contact {
                Contact::Link { path: Some(path) } if path.relayed => self.links.relayed += 1,
                Contact::Link { .. } => self.links.direct += 1,
                _ => {}
            }
        }
        let sought = overview.channels.iter().flat_map(|view| &view.sought);
        let mut sought: BTreeSet<ResourceId> = sought.copied().collect();
        for transfer in transfers {
            sought.remove(&transfer.file.id);
        }
        self.sought = sought.len();
        for transfer in transfers {
            if transfer.state == TransferState::Complete {
                self.whole += 1;
            } else {
                self.partial += 1;
            }
            self.bytes += transfer.have_bytes;
            self.disk.used += transfer.have_bytes;
            self.receiving += transfer.receiving;
            self.sending += transfer.sending;
            self.sent += transfer.sent;
        }
        self
    }
}

/// One of the daemon's channels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelStatus {
    /// Its id.
    pub id: ChannelId,
    /// Its name.
    pub name: String,
    /// Its address, without the secret.
    pub address: String,
    /// It has a secret.
    pub private: bool,
    /// Whether one of its servers is reached.
    pub server: ServerState,
    /// How many are online, the daemon among them.
    pub members: usize,
    /// To how many the daemon is linked.
    pub links: usize,
    /// Which part of its log is kept.
    pub retention: Retention,
    /// Burning is on: nothing that is said is kept.
    pub burning: bool,
    /// What of it the daemon gets and gives by itself.
    pub seeds: Seeds,
    /// Resources that it was told to get there and that nobody has given yet: their ids are all that is known.
    #[serde(default)]
    pub sought: BTreeSet<ResourceId>,
}

impl From<&ChannelView> for ChannelStatus {
    fn from(view: &ChannelView) -> Self {
        Self {
            id: view.id,
            name: view.name.clone(),
            address: invitation::without_secret(&view.address),
            private: view.address.secret.is_some(),
            server: view.server,
            members: view.members.len(),
            links: view.members.iter().filter(|m| is_linked(m)).count(),
            retention: view.retention,
            burning: view.burn.as_ref().is_some_and(|burn| burn.on),
            seeds: view.seeds,
            sought: view.sought.clone(),
        }
    }
}

/// Somebody who is online in a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// Their key in this channel.
    pub author: Author,
    /// Their name.
    pub name: String,
    /// It is the daemon.
    pub me: bool,
    /// How the daemon reaches them.
    pub contact: Contact,
}

impl From<&Member> for Peer {
    fn from(member: &Member) -> Self {
        Self {
            author: member.author,
            name: member.name.clone(),
            me: member.me,
            contact: member.contact,
        }
    }
}

fn is_linked(member: &Member) -> bool {
    matches!(member.contact, Contact::Link { .. })
}
