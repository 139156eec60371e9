//! The store in SQLite and plain files.
//!
//! | in its folder | what it is |
//! |---|---|
//! | `lock` | locked while a store is open: there is one at a time |
//! | `catnest.db` | the database, with its log beside it |
//! | `files/ID` | the bytes of a resource that is complete |
//! | `files/ID.part` | those of one that is not: its pieces at their places, and nothing between them |
//!
//! | table | key | value |
//! |---|---|---|
//! | `device` | 0 | CBOR of [`Device`] |
//! | `channels` | channel id | CBOR of the entry without its id |
//! | `records` | channel id; time (8 bytes, big-endian) and record id | the signed record, what is special about it, whether the member keeps it, and the keys of the devices that have it, 32 bytes each |
//! | `recalls` | channel id; time and id of the record that is recalled; who recalls it | time and id of the recall |
//! | `resources` | resource id | CBOR of [`ResourceEntry`]; which pieces are in its file ([`Have::bits`](catnest::resource::Have::bits)) |
//! | `outlines` | resource id | the chaining values of its pieces, 32 bytes each |
//! | `tracks` | channel id; whose list, by the author's key, or nothing for the device's own; resource id | what the list says of the track |
//! | `music` | the number of a [`MusicPart`] | its stored form |
//! | `links` | resource id | where its bytes are, if the file is not the store's alone, and when that was last changed |
//!
//! A piece is there when its bit is: the bytes are on the disk before the bit is committed. Whatever else a crash
//! leaves in the files is nothing, and [`SqliteStore::open`] clears it away.

mod error;
mod export;
mod files;
mod links;
mod migrations;
mod music;
mod pieces;
mod proofs;
mod recent;
mod records;
mod recovery;
mod resources;
mod transaction;
mod types;
mod upkeep;

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    path::Path,
};

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
use rusqlite::Connection;

use self::{
    error::io_error,
    files::Files,
    recent::Recent,
    transaction::{Mode, Transaction},
};
pub use self::{
    export::ExportError,
    files::make_folder,
    links::Source,
    upkeep::{Verified, free, taken},
};

/// The name of the database in a store's folder.
pub const DATABASE: &str = "catnest.db";

/// The name of the file there that is locked while the store is open.
pub const LOCK: &str = "lock";

/// A store in a folder of this machine.
#[derive(Debug)]
pub struct SqliteStore {
    // In this order they are dropped: the lock goes last.
    connection: Connection,
    files: Files,
    /// The outlines of as many resources as are read at a time, or nearly.
    proofs: Recent<Outline, 8>,
    /// How many bytes of the disk pieces leave free.
    reserve: u64,
    /// How many pieces were not in their files when it was opened.
    lost: BTreeMap<ResourceId, usize>,
    _lock: File,
}

impl SqliteStore {
    /// Opens the store in a folder, making it or bringing it up to date first. What is made is for the user alone; a
    /// folder that is there already keeps its permissions.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the folder cannot be used, another process uses it, or the store in it is of a
    /// newer version.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        files::make_folder(folder).map_err(io_error(folder))?;
        let lock = lock(folder)?;
        let files_folder = folder.join("files");
        let files = Files::open(&files_folder).map_err(io_error(&files_folder))?;
        let mut store = Self {
            connection: migrations::open(&folder.join(DATABASE))?,
            files,
            proofs: Recent::default(),
            reserve: 0,
            lost: BTreeMap::new(),
            _lock: lock,
        };
        store.lost = store.recover()?;
        Ok(store)
    }

    /// Pieces leave so many bytes of the disk free: beyond that it is full for them, and for nothing else that is kept.
    #[must_use]
    pub fn leaving_free(mut self, bytes: u64) -> Self {
        self.reserve = bytes;
        self
    }

    fn begin(&self, mode: Mode) -> Result<Transaction<'_>, StoreError> {
        Transaction::begin(&self.connection, mode)
    }
}

/// Keeps every other store out of a folder, until the file is dropped.
fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join(LOCK);
    let file = files::open_private(&path).map_err(io_error(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Unavailable(format!(
            "another Catnest is using {}; stop it first, or give this one a directory of its own with --data DIRECTORY",
            folder.display()
        ))),
        Err(TryLockError::Error(error)) => Err(io_error(&path)(error)),
    }
}

impl Store for SqliteStore {
    async fn device(&self) -> Result<Option<Device>, StoreError> {
        let bytes: Option<Vec<u8>> =
            self.begin(Mode::Read)?
                .find("SELECT value FROM device", [], |row| row.get(0))?;
        bytes.map(|bytes| decode_device(&bytes)).transpose()
    }

    async fn save_device(&self, device: &Device) -> Result<(), StoreError> {
        let transaction = self.begin(Mode::Write)?;
        transaction.execute(
            "INSERT OR REPLACE INTO device (id, value) VALUES (0, ?1)",
            [encode_device(device)],
        )?;
        transaction.commit()
    }

    async fn channels(&self) -> Result<Vec<ChannelEntry>, StoreError> {
        let rows: Vec<(Vec<u8>, Vec<u8>)> =
            self.begin(Mode::Read)?
                .all("SELECT id, value FROM channels", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
        let mut entries = rows
            .iter()
            .map(|(key, value)| decode_channel(key, value))
            .collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(|entry| (entry.joined, entry.id));
        Ok(entries)
    }

    async fn save_channel(&self, entry: &ChannelEntry) -> Result<(), StoreError> {
        let transaction = self.begin(Mode::Write)?;
        transaction.execute(
            "INSERT OR REPLACE INTO channels (id, value) VALUES (?1, ?2)",
            (entry.id.0, encode_channel(entry)),
        )?;
        transaction.commit()
    }

    async fn remove_channel(&self, id: ChannelId) -> Result<(), StoreError> {
        let transaction = self.begin(Mode::Write)?;
        transaction.execute("DELETE FROM channels WHERE id = ?1", [id.0])?;
        transaction.execute("DELETE FROM records WHERE channel = ?1", [id.0])?;
        transaction.execute("DELETE FROM recalls WHERE channel = ?1", [id.0])?;
        transaction.execute("DELETE FROM tracks WHERE channel = ?1", [id.0])?;
        transaction.commit()
    }

    async fn append(&self, channel: ChannelId, record: &NewRecord) -> Result<bool, StoreError> {
        self.add_record(channel, record)
    }

    async fn import(
        &self,
        channel: ChannelId,
        records: &[NewRecord],
    ) -> Result<Vec<Position>, StoreError> {
        self.add_records(channel, records)
    }

    async fn acknowledge(
        &self,
        channel: ChannelId,
        position: Position,
        holder: Author,
    ) -> Result<usize, StoreError> {
        self.add_holder(channel, position, holder)
    }

    async fn see(&self, channel: ChannelId, up_to: Position) -> Result<(), StoreError> {
        self.clear_unread(channel, up_to)
    }

    async fn unread(&self, channel: ChannelId) -> Result<Vec<Position>, StoreError> {
        self.find_unread(channel)
    }

    async fn unsent(&self, channel: ChannelId) -> Result<Vec<StoredRecord>, StoreError> {
        self.find_unsent(channel)
    }

    async fn page(
        &self,
        channel: ChannelId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        self.find_page(channel, before, limit)
    }

    async fn page_from(
        &self,
        channel: ChannelId,
        from: Position,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        self.find_page_from(channel, from, limit)
    }

    async fn positions(
        &self,
        channel: ChannelId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Position>, StoreError> {
        self.find_positions(channel, span, limit)
    }

    async fn records(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        self.find_records(channel, positions)
    }

    async fn recalled(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        self.find_recalled(channel, positions)
    }

    async fn missing(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<Position>, StoreError> {
        self.find_missing(channel, positions)
    }

    async fn nth(&self, channel: ChannelId, newer: usize) -> Result<Option<Position>, StoreError> {
        self.find_nth(channel, newer)
    }

    async fn count(&self, channel: ChannelId, span: Span) -> Result<Count, StoreError> {
        self.count_records(channel, span)
    }

    async fn discard(
        &self,
        channel: ChannelId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Position>, StoreError> {
        self.discard_records(channel, span, limit)
    }

    async fn keep(
        &self,
        channel: ChannelId,
        position: Position,
        kept: bool,
    ) -> Result<(), StoreError> {
        self.set_kept(channel, position, kept)
    }

    async fn kept(
        &self,
        channel: ChannelId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        self.find_kept(channel, before, limit)
    }

    async fn resources(&self) -> Result<Vec<StoredResource>, StoreError> {
        self.all_resources()
    }

    async fn resource(&self, id: ResourceId) -> Result<Option<StoredResource>, StoreError> {
        self.find_resource(id)
    }

    async fn save_resource(&self, entry: &ResourceEntry) -> Result<(), StoreError> {
        self.put_resource(entry)
    }

    async fn remove_resource(&self, id: ResourceId) -> Result<(), StoreError> {
        self.delete_resource(id)
    }

    async fn save_outline(&self, id: ResourceId, outline: &Outline) -> Result<(), StoreError> {
        self.put_outline(id, outline)
    }

    async fn outline(&self, id: ResourceId) -> Result<Option<Outline>, StoreError> {
        self.find_outline(id)
    }

    async fn put_pieces(
        &self,
        id: ResourceId,
        pieces: &[(u32, Vec<u8>)],
    ) -> Result<(), StoreError> {
        self.add_pieces(id, pieces)
    }

    async fn drop_pieces(&self, id: ResourceId, pieces: &[u32]) -> Result<(), StoreError> {
        self.forget_pieces(id, pieces)
    }

    async fn pieces(
        &self,
        id: ResourceId,
        pieces: &[u32],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.proven_pieces(id, pieces)
    }

    async fn save_tracks(
        &self,
        channel: ChannelId,
        of: Option<Author>,
        put: &[TrackRow],
        gone: &[ResourceId],
    ) -> Result<(), StoreError> {
        self.change_list(channel, of, put, gone)
    }

    async fn tracks(
        &self,
        channel: ChannelId,
        of: Option<Author>,
        after: Option<ResourceId>,
        limit: usize,
    ) -> Result<Vec<TrackRow>, StoreError> {
        self.find_tracks(channel, of, after, limit)
    }

    async fn shelves(&self, channel: ChannelId) -> Result<Vec<Author>, StoreError> {
        self.find_shelves(channel)
    }

    async fn remove_shelf(&self, channel: ChannelId, of: Author) -> Result<(), StoreError> {
        self.delete_shelf(channel, of)
    }

    async fn save_music(&self, what: MusicPart, bytes: &[u8]) -> Result<(), StoreError> {
        self.put_music(what, bytes)
    }

    async fn music(&self, what: MusicPart) -> Result<Option<Vec<u8>>, StoreError> {
        self.find_music(what)
    }
}
