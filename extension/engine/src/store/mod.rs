//! The store in IndexedDB: device, channels and records, as bytes under binary keys.
//!
//! | object store | key | value |
//! |---|---|---|
//! | `device` | 0 | CBOR of [`Device`] |
//! | `channels` | channel id | CBOR of the entry without its id |
//! | `records` | channel id, time (8 bytes, big-endian), record id | the signed record |
//! | `unsent` | the same, of records that nobody has acknowledged | nothing |
//! | `unread` | the same, of records that the member has not seen | nothing |
//! | `holders` | the same, of the member's own records that others have | the others' keys, 32 bytes each |
//! | `resources` | resource id | CBOR of [`ResourceEntry`] |
//! | `have` | resource id | which pieces are there ([`Have::bits`](catnest::resource::Have::bits)) |
//! | `outlines` | resource id | the chaining values of its pieces, 32 bytes each |
//! | `runs` | resource id | which pieces are kept with the one before: a bit each, from the lowest of each byte |
//! | `pieces` | resource id, piece (4 bytes, big-endian), part (1 byte) | the part of the piece, or of the run that begins with it |
//!
//! Version 4 kept each piece under a key without a part; such rows are read like others.
//!
//! Binary keys sort by their bytes, so a channel's records lie together in the order of the log.

mod error;
mod migrations;
pub(crate) mod persistence;
mod pieces;
mod resources;
mod runs;
mod transaction;
mod types;

use std::{cell::RefCell, collections::BTreeMap};

use catnest::{
    channel::ChannelId,
    chat::record::Position,
    identity::Author,
    limits,
    resource::{Outline, ResourceId},
    store::bytes::{
        decode_channel, decode_device, decode_holders, encode_channel, encode_device,
        encode_holders,
    },
    store::{
        ChannelEntry, Device, Mark, ResourceEntry, Store, StoreError, StoredRecord, StoredResource,
    },
};
use indexed_db_futures::database::Database;

use self::{
    pieces::Run,
    transaction::{CHANNELS, DEVICE, HOLDERS, Mode, RECORDS, Transaction, UNREAD, UNSENT},
    types::{after_record_key, channel_key, read_record_key, record_key},
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
        let transaction = self.begin(&[CHANNELS, RECORDS, UNSENT, UNREAD, HOLDERS], Mode::Write)?;
        transaction.delete(CHANNELS, channel_key(id)).await?;
        for store in [RECORDS, UNSENT, UNREAD, HOLDERS] {
            transaction
                .delete_between(store, record_key(id, None), types::record_keys_end(id))
                .await?;
        }
        transaction.commit().await
    }

    async fn append(
        &self,
        channel: ChannelId,
        record: &StoredRecord,
        mark: Mark,
    ) -> Result<bool, StoreError> {
        let key = record_key(channel, Some(record.position));
        let transaction = self.begin(&[RECORDS, UNSENT, UNREAD], Mode::Write)?;
        if transaction.get(RECORDS, key.clone()).await?.is_some() {
            return Ok(false);
        }
        transaction.put(RECORDS, key.clone(), &record.bytes).await?;
        match mark {
            Mark::None => {}
            Mark::Unsent => transaction.put(UNSENT, key, &[]).await?,
            Mark::Unread => transaction.put(UNREAD, key, &[]).await?,
        }
        transaction.commit().await?;
        Ok(true)
    }

    async fn import(&self, channel: ChannelId, records: &[StoredRecord]) -> Result<(), StoreError> {
        let transaction = self.begin(&[RECORDS], Mode::Write)?;
        for record in records {
            let key = record_key(channel, Some(record.position));
            // The same key has the same bytes: the id is their hash.
            transaction.put(RECORDS, key, &record.bytes).await?;
        }
        transaction.commit().await
    }

    async fn acknowledge(
        &self,
        channel: ChannelId,
        position: Position,
        holder: Author,
    ) -> Result<usize, StoreError> {
        let key = record_key(channel, Some(position));
        let transaction = self.begin(&[RECORDS, UNSENT, HOLDERS], Mode::Write)?;
        transaction.delete(UNSENT, key.clone()).await?;
        if transaction.get(RECORDS, key.clone()).await?.is_none() {
            transaction.commit().await?;
            return Ok(0);
        }
        let stored = transaction.get(HOLDERS, key.clone()).await?;
        let mut holders = decode_holders(&stored.unwrap_or_default())?;
        if holders.len() < limits::MAX_HOLDERS && holders.insert(holder) {
            transaction
                .put(HOLDERS, key, &encode_holders(&holders))
                .await?;
        }
        transaction.commit().await?;
        Ok(holders.len())
    }

    async fn see(&self, channel: ChannelId, up_to: Position) -> Result<(), StoreError> {
        let transaction = self.begin(&[UNREAD], Mode::Write)?;
        let (first, end) = (record_key(channel, None), after_record_key(channel, up_to));
        transaction.delete_between(UNREAD, first, end).await?;
        transaction.commit().await
    }

    async fn unread(&self, channel: ChannelId) -> Result<Vec<Position>, StoreError> {
        let transaction = self.begin(&[UNREAD], Mode::Read)?;
        let (first, end) = (record_key(channel, None), types::record_keys_end(channel));
        let newest_first = transaction
            .backwards(UNREAD, first, end, usize::MAX)
            .await?;
        let keys = newest_first.iter().rev();
        keys.map(|(key, _)| read_record_key(key)).collect()
    }

    async fn unsent(&self, channel: ChannelId) -> Result<Vec<StoredRecord>, StoreError> {
        let transaction = self.begin(&[RECORDS, UNSENT], Mode::Read)?;
        let (first, end) = (record_key(channel, None), types::record_keys_end(channel));
        let newest_first = transaction
            .backwards(UNSENT, first, end, usize::MAX)
            .await?;
        let mut records = Vec::new();
        for (key, _) in newest_first.iter().rev() {
            let position = read_record_key(key)?;
            let key = record_key(channel, Some(position));
            if let Some(bytes) = transaction.get(RECORDS, key).await? {
                records.push(StoredRecord {
                    position,
                    bytes,
                    holders: 0,
                });
            }
        }
        Ok(records)
    }

    async fn page(
        &self,
        channel: ChannelId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let first = record_key(channel, None);
        let end = before.map_or_else(
            || types::record_keys_end(channel),
            |p| record_key(channel, Some(p)),
        );
        let transaction = self.begin(&[RECORDS, HOLDERS], Mode::Read)?;
        // The newest of those that others have: all that are on this page are among them.
        let held = transaction
            .backwards(HOLDERS, first.clone(), end.clone(), limit)
            .await?;
        let held: BTreeMap<Vec<u8>, Vec<u8>> = held.into_iter().collect();
        let rows = transaction.backwards(RECORDS, first, end, limit).await?;
        rows.into_iter()
            .map(|(key, bytes)| {
                let holders = held.get(&key).map_or(Ok(0), |authors| {
                    decode_holders(authors).map(|holders| holders.len())
                })?;
                Ok(StoredRecord {
                    position: read_record_key(&key)?,
                    bytes,
                    holders,
                })
            })
            .collect()
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
}
