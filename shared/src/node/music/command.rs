//! What views ask of a node's music.

use serde::{Deserialize, Serialize};

use crate::{
    channel::ChannelId,
    music::{
        ban,
        player::Intent,
        track::{Cover, Track},
    },
    resource::ResourceId,
    wire::Run,
};

/// What a view wants of the music. Each gets exactly one [`Event::Done`](crate::node::Event::Done),
/// [`MusicEvent::Library`](super::MusicEvent::Library) or [`Event::Refused`](crate::node::Event::Refused).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "music", rename_all = "snake_case")]
pub enum MusicCommand {
    /// Tell how the player, the queue, the ban table and listening together are: each by its event.
    Tell,
    /// Read a channel's merged list, in the order of ids. What changes after that, comes by
    /// [`MusicEvent::Rows`](super::MusicEvent::Rows).
    Library {
        /// Of which channel.
        channel: ChannelId,
        /// Only what comes after this one.
        after: Option<ResourceId>,
        /// At most so many rows; more than [`crate::limits::MAX_MUSIC_PAGE`] are never given at once.
        limit: usize,
    },
    /// Put tracks on this device's list of a channel, or words for those that are on it. Their bytes, covers and lyrics are
    /// in the store, whole.
    Add {
        /// Which channel.
        channel: ChannelId,
        /// At most [`crate::limits::MAX_MUSIC_ADD`].
        tracks: Vec<Track>,
    },
    /// Give a track of this device's list another cover, or none.
    SetCover {
        /// In which channel.
        channel: ChannelId,
        /// Which track.
        track: ResourceId,
        /// A picture in the store, whole.
        cover: Option<Cover>,
    },
    /// Give a track of this device's list other lyrics, or none.
    SetLyrics {
        /// In which channel.
        channel: ChannelId,
        /// Which track.
        track: ResourceId,
        /// A text in the store, whole.
        lyrics: Option<ResourceId>,
    },
    /// Have all of a track here, and on this device's list of the channel.
    Keep {
        /// In which channel.
        channel: ChannelId,
        /// Which track.
        track: ResourceId,
    },
    /// Forget a track's bytes: it leaves this device's lists. Its row stays while others have it (M15).
    Drop {
        /// Which track.
        track: ResourceId,
    },
    /// This is the ban table now.
    SetBans {
        /// All of it.
        entries: Vec<ban::Entry>,
    },
    /// A person does something with the player.
    Play {
        /// What.
        intent: Intent,
    },
    /// Let others of a channel listen to what this device plays.
    Lead {
        /// Which channel.
        channel: ChannelId,
    },
    /// Play what a device plays that leads.
    Follow {
        /// In which channel.
        channel: ChannelId,
        /// Which device.
        leader: Run,
    },
    /// Neither lead nor follow.
    ListenAlone,
}
