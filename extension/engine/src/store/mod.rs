//! The store in IndexedDB: device, channels, records, resources and lists of music, as bytes under binary keys.
//!
//! | object store | key | value |
//! |---|---|---|
//! | `device` | 0 | CBOR of [`Device`] |
//! | `channels` | channel id | CBOR of the entry without its id |
//! | `records` | channel id, time (8 bytes, big-endian), record id | the signed record |
//! | `unsent` | the same, of records that nobody has acknowledged | nothing |
//! | `unread` | the same, of records that the member has not seen | nothing |
//! | `holders` | the same, of the member's own records that others have | the others' keys, 32 bytes each |
//! | `kept` | the same, of records that the member keeps | nothing |
//! | `recalls` | the same, of records that were recalled, and who recalled them | nothing |
//! | `tracks` | channel id; whose list: 0 for the device's own, or 1 and the author's key; resource id | what the list says of the track |
//! | `music` | the number of a [`MusicPart`] | its stored form |
//! | `resources` | resource id | CBOR of [`ResourceEntry`] |
//! | `have` | resource id | which pieces are there ([`Have::bits`](catnest::resource::Have::bits)) |
//! | `outlines` | resource id | the chaining values of its pieces, 32 bytes each |
//! | `runs` | resource id | which pieces are kept with the one before: a bit each, from the lowest of each byte |
//! | `pieces` | resource id, piece (4 bytes, big-endian), part (1 byte) | the part of the piece, or of the run that begins with it |
//!
//! Version 4 kept each piece under a key without a part; such rows are read like others.
//!
//! Binary keys sort by their bytes, so a channel's records lie together in the order of the log.

mod adding;
mod error;
mod migrations;
mod music;
pub(crate) mod persistence;
mod pieces;
mod records;
mod resources;
mod runs;
mod transaction;
mod types;

use std::cell::RefCell;

use catnest::{
    channel::ChannelId,
    chat::{record::Position, span::Span},
    identity::Author,
    resource::{Outline, ResourceId},
    store::bytes::{decode_channel, decode_device, encode_channel, encode_device},
    store::{
        ChannelEntry, Count, Device, MusicPart, NewRecord, ResourceEntry, Store, StoreError,
        StoredRecord, StoredResource, TrackRow,
    },
};
use indexed_db_futures::database::Database;

use self::{
    pieces::Run,
    transaction::{
        CHANNELS, DEVICE, HOLDERS, KEPT, Mode, RECALLS, RECORDS, TRACKS, Transaction, UNREAD,
        UNSENT,
    },
    types::{all_track_keys, channel_key, record_key, record_keys_end},
};

/// The name of the extension's database.
pub const DATABASE: &str = "catnest";

/// The key of the one device.
const THE_DEVICE: u8 = 0;

/// A store in the browser's IndexedDB.
#[derive(Debug)]
pub struct IndexedDbStore {
    database: Database,
    /// The pieces that were read last.
    last_run: RefCell<Option<Run>>,
}

impl IndexedDbStore {
    /// Opens a database, making it or bringing it up to date first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the browser gives no access, or the database is of a newer version.
    pub async fn open(name: &str) -> Result<Self, StoreError> {
        let database = migrations::open(name).await?;
        Ok(Self {
            database,
            last_run: RefCell::default(),
        })
    }

    fn begin(&self, stores: &[&str], mode: Mode) -> Result<Transaction<'_>, StoreError> {
        Transaction::begin(&self.database, stores, mode)
    }
}

impl Store for IndexedDbStore {
    async fn device(&self) -> Result<Option<Device>, StoreError> {
        let bytes = self
            .begin(&[DEVICE], Mode::Read)?
            .get(DEVICE, THE_DEVICE.into())
            .await?;
        bytes.map(|bytes| decode_device(&bytes)).transpose()
    }

    async fn save_device(&self, device: &Device) -> Result<(), StoreError> {
        let transaction = self.begin(&[DEVICE], Mode::Write)?;
        transaction
            .put(DEVICE, THE_DEVICE.into(), &encode_device(device))
            .await?;
        transaction.commit().await
    }

    async fn channels(&self) -> Result<Vec<ChannelEntry>, StoreError> {
        let rows = self.begin(&[CHANNELS], Mode::Read)?.all(CHANNELS).await?;
        let mut entries = rows
            .iter()
            .map(|(key, value)| decode_channel(key, value))
            .collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(|entry| (entry.joined, entry.id));
        Ok(entries)
    }

    async fn save_channel(&self, entry: &ChannelEntry) -> Result<(), StoreError> {
        let transaction = self.begin(&[CHANNELS], Mode::Write)?;
        transaction
            .put(CHANNELS, channel_key(entry.id), &encode_channel(entry))
            .await?;
        transaction.commit().await
    }

    async fn remove_channel(&self, id: ChannelId) -> Result<(), StoreError> {
        let of_records = [RECORDS, UNSENT, UNREAD, HOLDERS, KEPT, RECALLS];
        let stores = [&[CHANNELS, TRACKS][..], &of_records].concat();
        let transaction = self.begin(&stores, Mode::Write)?;
        transaction.delete(CHANNELS, channel_key(id)).await?;
        for store in of_records {
            transaction
                .delete_between(store, record_key(id, None), record_keys_end(id))
                .await?;
        }
        let (first, end) = all_track_keys(id);
        transaction.delete_between(TRACKS, first, end).await?;
        transaction.commit().await
    }

    async fn append(&self, channel: ChannelId, record: &NewRecord) -> Result<bool, StoreError> {
        self.add_record(channel, record).await
    }

    async fn import(
        &self,
        channel: ChannelId,
        records: &[NewRecord],
    ) -> Result<Vec<Position>, StoreError> {
        self.add_records(channel, records).await
    }

    async fn acknowledge(
        &self,
        channel: ChannelId,
        position: Position,
        holder: Author,
    ) -> Result<usize, StoreError> {
        self.add_holder(channel, position, holder).await
    }

    async fn see(&self, channel: ChannelId, up_to: Position) -> Result<(), StoreError> {
        self.clear_unread(channel, up_to).await
    }

    async fn unread(&self, channel: ChannelId) -> Result<Vec<Position>, StoreError> {
        self.find_unread(channel).await
    }

    async fn unsent(&self, channel: ChannelId) -> Result<Vec<StoredRecord>, StoreError> {
        self.find_unsent(channel).await
    }

    async fn page(
        &self,
        channel: ChannelId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        self.find_page(channel, before, limit).await
    }

    async fn page_from(
        &self,
        channel: ChannelId,
        from: Position,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        self.find_page_from(channel, from, limit).await
    }

    async fn positions(
        &self,
        channel: ChannelId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Position>, StoreError> {
        self.find_positions(channel, span, limit).await
    }

    async fn records(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        self.find_records(channel, positions).await
    }

    async fn recalled(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        self.find_recalled(channel, positions).await
    }

    async fn missing(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<Position>, StoreError> {
        self.find_missing(channel, positions).await
    }

    async fn nth(&self, channel: ChannelId, newer: usize) -> Result<Option<Position>, StoreError> {
        self.find_nth(channel, newer).await
    }

    async fn count(&self, channel: ChannelId, span: Span) -> Result<Count, StoreError> {
        self.count_records(channel, span).await
    }

    async fn discard(
        &self,
        channel: ChannelId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Position>, StoreError> {
        self.discard_records(channel, span, limit).await
    }

    async fn keep(
        &self,
        channel: ChannelId,
        position: Position,
        kept: bool,
    ) -> Result<(), StoreError> {
        self.set_kept(channel, position, kept).await
    }

    async fn kept(
        &self,
        channel: ChannelId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        self.find_kept(channel, before, limit).await
    }

    async fn resources(&self) -> Result<Vec<StoredResource>, StoreError> {
        self.all_resources().await
    }

    async fn resource(&self, id: ResourceId) -> Result<Option<StoredResource>, StoreError> {
        self.find_resource(id).await
    }

    async fn save_resource(&self, entry: &ResourceEntry) -> Result<(), StoreError> {
        self.put_resource(entry).await
    }

    async fn remove_resource(&self, id: ResourceId) -> Result<(), StoreError> {
        self.delete_resource(id).await
    }

    async fn save_outline(&self, id: ResourceId, outline: &Outline) -> Result<(), StoreError> {
        self.put_outline(id, outline).await
    }

    async fn outline(&self, id: ResourceId) -> Result<Option<Outline>, StoreError> {
        self.find_outline(id).await
    }

    async fn put_pieces(
        &self,
        id: ResourceId,
        pieces: &[(u32, Vec<u8>)],
    ) -> Result<(), StoreError> {
        // A piece that is lost with the machine's power is fetched again.
        self.add_pieces(id, pieces, Mode::WriteRelaxed).await
    }

    async fn drop_pieces(&self, id: ResourceId, pieces: &[u32]) -> Result<(), StoreError> {
        self.delete_pieces(id, pieces).await
    }

    async fn pieces(
        &self,
        id: ResourceId,
        pieces: &[u32],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.find_pieces(id, pieces).await
    }

    async fn save_tracks(
        &self,
        channel: ChannelId,
        of: Option<Author>,
        put: &[TrackRow],
        gone: &[ResourceId],
    ) -> Result<(), StoreError> {
        self.change_list(channel, of, put, gone).await
    }

    async fn tracks(
        &self,
        channel: ChannelId,
        of: Option<Author>,
        after: Option<ResourceId>,
        limit: usize,
    ) -> Result<Vec<TrackRow>, StoreError> {
        self.find_tracks(channel, of, after, limit).await
    }

    async fn shelves(&self, channel: ChannelId) -> Result<Vec<Author>, StoreError> {
        self.find_shelves(channel).await
    }

    async fn remove_shelf(&self, channel: ChannelId, of: Author) -> Result<(), StoreError> {
        self.delete_shelf(channel, of).await
    }

    async fn save_music(&self, what: MusicPart, bytes: &[u8]) -> Result<(), StoreError> {
        self.put_music(what, bytes).await
    }

    async fn music(&self, what: MusicPart) -> Result<Option<Vec<u8>>, StoreError> {
        self.find_music(what).await
    }
}
