//! What views hear of a node's music.

use serde::{Deserialize, Serialize};

use crate::{
    channel::ChannelId,
    identity::Author,
    music::{
        ban,
        player::State,
        queue::Entry,
        together::{Leaving, Part},
        track::Track,
    },
    node::RequestId,
    resource::ResourceId,
    wire::Run,
};

/// What a view hears of the music.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "music", rename_all = "snake_case")]
pub enum MusicEvent {
    /// Part of a channel's merged list, in the order of ids.
    Library {
        /// The command.
        #[serde(skip)]
        request: Option<RequestId>,
        /// Of which channel.
        channel: ChannelId,
        /// The rows.
        rows: Vec<Row>,
        /// There are others after them.
        more: bool,
    },
    /// Rows of a channel's merged list are new, or others than before, or gone.
    Rows {
        /// Of which channel.
        channel: ChannelId,
        /// As they are now.
        rows: Vec<Row>,
        /// What is not in the list any more.
        gone: Vec<ResourceId>,
    },
    /// The player is so now. While it plays, views extrapolate.
    Player {
        /// How it is.
        state: State,
        /// Where what it plays is got from, if it is not here.
        channel: Option<ChannelId>,
    },
    /// The queue is another one.
    Queue {
        /// All entries in the order in which they are played.
        entries: Vec<Entry>,
        /// What was played, the latest first.
        history: Vec<Entry>,
    },
    /// What is here of the track that is played.
    Pieces {
        /// Which track.
        track: ResourceId,
        /// Runs of pieces that are here: from which one, and before which one.
        here: Vec<(u32, u32)>,
        /// How many pieces it has; none, if nothing of it is here or on its way.
        pieces: u32,
    },
    /// The ban table is this one.
    Bans {
        /// All of it.
        entries: Vec<ban::Entry>,
    },
    /// Listening together is so now.
    Together {
        /// What this device does, and in which channel.
        part: Part,
        /// In which channel; none: it listens alone.
        channel: Option<ChannelId>,
        /// Who leads, in all channels, the lead that counts first in each.
        leads: Vec<LeadView>,
    },
    /// This device does not follow anybody any more.
    LeftTogether {
        /// Why.
        why: Leaving,
    },
}

/// A track in a channel's merged list: one row however many devices have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What is said of it.
    pub track: Track,
    /// It is on this device's list, and whole here (M14).
    pub mine: bool,
    /// On whose lists it is besides, each once.
    pub holders: Vec<HolderView>,
    /// It is banned: neither played nor shown, but folded away.
    pub banned: bool,
}

/// Whose list a track is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderView {
    /// The member.
    pub author: Author,
    /// The name that it has, or had.
    pub name: String,
    /// It is not there: what is known of its list was kept.
    pub cached: bool,
}

/// A device that leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadView {
    /// In which channel.
    pub channel: ChannelId,
    /// Which device.
    pub leader: Run,
    /// The member's name.
    pub name: String,
    /// What it plays, if anything.
    pub resource: Option<ResourceId>,
}
