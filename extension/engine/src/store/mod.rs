//! The store in IndexedDB: device, channels and records, as bytes under binary keys.
//!
//! | object store | key | value |
//! |---|---|---|
//! | `device` | 0 | CBOR of [`Device`] |
//! | `channels` | channel id | CBOR of [`types::ChannelValue`] |
//! | `records` | channel id, time (8 bytes, big-endian), record id | the signed record |
//! | `unsent` | the same, of records that nobody has acknowledged | nothing |
//!
//! Binary keys sort by their bytes, so a channel's records lie together in the order of the log.

mod error;
mod migrations;
mod transaction;
mod types;

use catnest::{
    channel::ChannelId,
    chat::record::Position,
    store::{ChannelEntry, Device, Store, StoreError, StoredRecord},
};
use indexed_db_futures::database::Database;

use self::{
    transaction::{CHANNELS, DEVICE, Mode, RECORDS, Transaction, UNSENT},
    types::{
        channel_key, decode_channel, decode_device, encode_channel, encode_device, read_record_key,
        record_key,
    },
};

/// The name of the extension's database.
pub const DATABASE: &str = "catnest";

/// The key of the one device.
const THE_DEVICE: u8 = 0;

/// A store in the browser's IndexedDB.
#[derive(Debug)]
pub struct IndexedDbStore(Database);

impl IndexedDbStore {
    /// Opens a database, making it or bringing it up to date first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the browser gives no access, or the database is of a newer version.
    pub async fn open(name: &str) -> Result<Self, StoreError> {
        migrations::open(name).await.map(Self)
    }

    fn begin(&self, stores: &[&str], mode: Mode) -> Result<Transaction<'_>, StoreError> {
        Transaction::begin(&self.0, stores, mode)
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
        let transaction = self.begin(&[CHANNELS, RECORDS, UNSENT], Mode::Write)?;
        transaction.delete(CHANNELS, channel_key(id)).await?;
        for store in [RECORDS, UNSENT] {
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
        unsent: bool,
    ) -> Result<bool, StoreError> {
        let key = record_key(channel, Some(record.position));
        let transaction = self.begin(&[RECORDS, UNSENT], Mode::Write)?;
        if transaction.get(RECORDS, key.clone()).await?.is_some() {
            return Ok(false);
        }
        transaction.put(RECORDS, key.clone(), &record.bytes).await?;
        if unsent {
            transaction.put(UNSENT, key, &[]).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    async fn acknowledge(&self, channel: ChannelId, position: Position) -> Result<(), StoreError> {
        let transaction = self.begin(&[UNSENT], Mode::Write)?;
        transaction
            .delete(UNSENT, record_key(channel, Some(position)))
            .await?;
        transaction.commit().await
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
                records.push(StoredRecord { position, bytes });
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
        let transaction = self.begin(&[RECORDS], Mode::Read)?;
        let rows = transaction.backwards(RECORDS, first, end, limit).await?;
        rows.into_iter()
            .map(|(key, bytes)| {
                Ok(StoredRecord {
                    position: read_record_key(&key)?,
                    bytes,
                })
            })
            .collect()
    }
}
