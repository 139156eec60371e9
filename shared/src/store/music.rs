//! What is kept of music: the list of each member, and what a device has one of.

use crate::resource::ResourceId;

/// A track in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackRow {
    /// The resource that it is: the row's key within its list.
    pub id: ResourceId,
    /// What the list says of it ([`crate::music::track::Track::to_bytes`]). A store looks at none of it.
    pub bytes: Vec<u8>,
}

/// What a device has one of for its music. Stores keep it under its number, which stays what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MusicPart {
    /// What is played next ([`crate::music::queue`]).
    Queue = 1,
    /// What the player was at ([`crate::music::player`]).
    Player = 2,
    /// What is neither played nor shown ([`crate::music::ban`]).
    Bans = 3,
}
