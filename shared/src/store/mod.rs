//! The storage port: what a node needs kept, and what every store must guarantee.
//!
//! A reply means that the change survives the process being killed, and the machine's losing its power as far as the
//! browser and the disk keep their word. The pieces that [`Store::put_pieces`] keeps need only the first: others have
//! them, and who finds one damaged or missing fetches it again.
//!
//! Stores are siblings with the same file names: [`memory`] here, IndexedDB in the extension's engine, SQLite in the
//! host. Each passes the suite in `conformance.rs`.

pub mod bytes;
#[cfg(feature = "conformance")]
pub mod conformance;
mod entries;
mod execute;
pub mod memory;
mod music;
mod request;

use std::future::Future;

pub use self::{
    entries::{ChannelEntry, Device, PeopleChoices, ResourceEntry, StoredResource},
    music::{MusicPart, TrackRow},
    request::{Reply, Request},
};
use crate::{
    channel::ChannelId,
    chat::{
        record::{Position, RecordId},
        span::Span,
    },
    identity::Author,
    resource::{Outline, ResourceId},
};

/// A record at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// Where it stands: the record's key within its channel.
    pub position: Position,
    /// The signed bytes.
    pub bytes: Vec<u8>,
    /// How many devices have acknowledged it.
    pub holders: usize,
    /// The member keeps it, whatever the channel's retention.
    pub kept: bool,
    /// Its author has recalled it.
    pub recalled: bool,
}

/// A record that is added to a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecord {
    /// Where it stands.
    pub position: Position,
    /// The signed bytes.
    pub bytes: Vec<u8>,
    /// Who wrote it.
    pub author: Author,
    /// The record that it recalls, which stands at the same time.
    pub recalls: Option<RecordId>,
    /// What is special about it.
    pub mark: Mark,
    /// The member keeps it, whatever the channel's retention: from now on also if it is there already.
    pub kept: bool,
}

/// How many records part of a log has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// All of them.
    pub records: usize,
    /// Those that stay when the part is discarded: the member keeps them, or nobody has acknowledged them.
    pub staying: usize,
}

/// What is special about a record that is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing.
    None,
    /// It is our own, and still to be acknowledged by another device.
    Unsent,
    /// It is another member's, and still to be seen.
    Unread,
}

/// Why the store did not do it. Nothing of the request has happened then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No room on the disk, or the browser's quota is used up.
    #[error("no room left to store")]
    Full,
    /// The store cannot be opened or used.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// What is stored is not what was written.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
}

/// What a store can do. All methods are atomic and durable when they return: against the death of the process always,
/// against loss of power all but [`Store::put_pieces`] and [`Store::drop_pieces`].
#[expect(
    async_fn_in_trait,
    reason = "a driver calls its own store on its own thread: no Send bound is wanted"
)]
pub trait Store {
    /// The device, if there is one.
    async fn device(&self) -> Result<Option<Device>, StoreError>;

    /// Makes this the device.
    async fn save_device(&self, device: &Device) -> Result<(), StoreError>;

    /// All channels in the order they were joined.
    async fn channels(&self) -> Result<Vec<ChannelEntry>, StoreError>;

    /// Adds a channel or replaces its entry.
    async fn save_channel(&self, entry: &ChannelEntry) -> Result<(), StoreError>;

    /// Forgets a channel, its records and its lists of tracks.
    async fn remove_channel(&self, id: ChannelId) -> Result<(), StoreError>;

    /// Adds a record; false when it was there already. One that is marked is found by [`Store::unsent`] until it is
    /// acknowledged, or by [`Store::unread`] until it is seen.
    ///
    /// What a recall names is recalled from then on, if it has the same author: a record that is there stays and is
    /// marked so, and one that comes later is not added.
    async fn append(&self, channel: ChannelId, record: &NewRecord) -> Result<bool, StoreError>;

    /// Adds records that are not there yet, as [`Store::append`] does. Gives where the new ones stand.
    async fn import(
        &self,
        channel: ChannelId,
        records: &[NewRecord],
    ) -> Result<Vec<Position>, StoreError>;

    /// Another device has a record: it is unsent no more. The record itself stays. Gives how many devices have it, of
    /// which at most [`crate::limits::MAX_HOLDERS`] are remembered; of a record that is not there, nobody is.
    async fn acknowledge(
        &self,
        channel: ChannelId,
        position: Position,
        holder: Author,
    ) -> Result<usize, StoreError>;

    /// All unread records up to a place, it included, were seen.
    async fn see(&self, channel: ChannelId, up_to: Position) -> Result<(), StoreError>;

    /// Where the unread records stand, in their order.
    async fn unread(&self, channel: ChannelId) -> Result<Vec<Position>, StoreError>;

    /// The records that nobody has acknowledged, in their order.
    async fn unsent(&self, channel: ChannelId) -> Result<Vec<StoredRecord>, StoreError>;

    /// At most `limit` records that stand before `before`, newest first.
    async fn page(
        &self,
        channel: ChannelId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError>;

    /// At most `limit` records that stand at `from` or after it, oldest first.
    async fn page_from(
        &self,
        channel: ChannelId,
        from: Position,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError>;

    /// Where the newest records of part of a log stand, newest first, at most `limit`, without those that were recalled.
    async fn positions(
        &self,
        channel: ChannelId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Position>, StoreError>;

    /// The records at these places, in their order, without those that are not there or were recalled. How many devices
    /// have them, and whether the member keeps them, is not looked up.
    async fn records(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<StoredRecord>, StoreError>;

    /// Those of the records at these places that were recalled.
    async fn recalled(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<StoredRecord>, StoreError>;

    /// Those of these places where nothing stands, and no recall is known of what would.
    async fn missing(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<Position>, StoreError>;

    /// Where the record stands that has so many newer ones after it.
    async fn nth(&self, channel: ChannelId, newer: usize) -> Result<Option<Position>, StoreError>;

    /// How many records part of a log has.
    async fn count(&self, channel: ChannelId, span: Span) -> Result<Count, StoreError>;

    /// Removes the oldest records of part of a log, at most `limit`, and gives where they stood. What the member keeps
    /// stays, what nobody has acknowledged, and a recall while the record is there that it recalls.
    async fn discard(
        &self,
        channel: ChannelId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Position>, StoreError>;

    /// Keeps a record whatever the channel's retention, or not any more. Of one that is not there, nothing is kept.
    async fn keep(
        &self,
        channel: ChannelId,
        position: Position,
        kept: bool,
    ) -> Result<(), StoreError>;

    /// At most `limit` of the records before `before` that the member keeps, newest first.
    async fn kept(
        &self,
        channel: ChannelId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError>;

    /// All resources in the order they were added.
    async fn resources(&self) -> Result<Vec<StoredResource>, StoreError>;

    /// One resource.
    async fn resource(&self, id: ResourceId) -> Result<Option<StoredResource>, StoreError>;

    /// Adds a resource or replaces its entry. Its pieces stay, unless it has another length than before.
    async fn save_resource(&self, entry: &ResourceEntry) -> Result<(), StoreError>;

    /// Forgets a resource, its outline and its pieces.
    async fn remove_resource(&self, id: ResourceId) -> Result<(), StoreError>;

    /// Keeps the outline of a resource; of one that is not there, nothing.
    async fn save_outline(&self, id: ResourceId, outline: &Outline) -> Result<(), StoreError>;

    /// The outline of a resource.
    async fn outline(&self, id: ResourceId) -> Result<Option<Outline>, StoreError>;

    /// Keeps pieces, which were checked: they and that they are there become durable together, against the death of the
    /// process. After a loss of power one that was kept may be missing, or damaged, and is then fetched again; a driver
    /// that takes in a file which nobody else has uses what its store has for that. Of a resource that is not there,
    /// nothing is kept.
    async fn put_pieces(&self, id: ResourceId, pieces: &[(u32, Vec<u8>)])
    -> Result<(), StoreError>;

    /// Forgets pieces. After a loss of power they may be there again, as damaged as they were.
    async fn drop_pieces(&self, id: ResourceId, pieces: &[u32]) -> Result<(), StoreError>;

    /// The bytes of pieces, in the order of the numbers; those that are not there have none. Who needs to be sure of them
    /// checks them: a disk may have lost what was durable.
    async fn pieces(
        &self,
        id: ResourceId,
        pieces: &[u32],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError>;

    /// Puts tracks into a list, in place of those with the same ids, after it has removed others from it, of which some may
    /// not be there. Without an author, the list is the device's own.
    async fn save_tracks(
        &self,
        channel: ChannelId,
        of: Option<Author>,
        put: &[TrackRow],
        gone: &[ResourceId],
    ) -> Result<(), StoreError>;

    /// At most `limit` tracks of a list, those with the lowest ids after `after`, in the order of their ids.
    async fn tracks(
        &self,
        channel: ChannelId,
        of: Option<Author>,
        after: Option<ResourceId>,
        limit: usize,
    ) -> Result<Vec<TrackRow>, StoreError>;

    /// Whose lists are kept, in the order of their keys: the device's own is not among them, nor is one without tracks.
    async fn shelves(&self, channel: ChannelId) -> Result<Vec<Author>, StoreError>;

    /// Forgets somebody's list.
    async fn remove_shelf(&self, channel: ChannelId, of: Author) -> Result<(), StoreError>;

    /// Keeps one of the things that a device has one of for its music, in place of what it was.
    async fn save_music(&self, what: MusicPart, bytes: &[u8]) -> Result<(), StoreError>;

    /// What [`Store::save_music`] kept last.
    async fn music(&self, what: MusicPart) -> Result<Option<Vec<u8>>, StoreError>;

    /// Carries out one request.
    fn execute(&self, request: Request) -> impl Future<Output = Result<Reply, StoreError>> {
        execute::execute(self, request)
    }
}

impl NewRecord {
    /// A record to be added.
    pub fn of(record: &crate::chat::record::Record, mark: Mark) -> Self {
        Self {
            position: record.position(),
            bytes: record.bytes.clone(),
            author: record.body.author,
            recalls: record.body.recalls,
            mark,
            kept: false,
        }
    }

    /// Where the record stands that it recalls.
    pub fn recalled(&self) -> Option<Position> {
        Some(Position {
            id: self.recalls?,
            ..self.position
        })
    }
}

impl StoredRecord {
    /// With nothing told but what was written.
    pub fn bare(position: Position, bytes: Vec<u8>) -> Self {
        Self {
            position,
            bytes,
            holders: 0,
            kept: false,
            recalled: false,
        }
    }

    /// The record's id.
    pub fn id(&self) -> RecordId {
        self.position.id
    }
}
