//! The log of a channel in SQLite.

use catnest::{
    channel::ChannelId,
    chat::record::Position,
    identity::Author,
    limits,
    store::bytes::{POSITIONS_END, decode_holders, encode_holders, position_key, read_position},
    store::{Mark, StoreError, StoredRecord},
};

use super::{
    SqliteStore,
    transaction::{Mode, Transaction},
    types::mark_number,
};

/// Adds a record; false when it was there.
fn add(
    transaction: &Transaction<'_>,
    channel: ChannelId,
    record: &StoredRecord,
    mark: Mark,
) -> Result<bool, StoreError> {
    let added = transaction.execute(
        "INSERT INTO records (channel, position, mark, holders, bytes) VALUES (?1, ?2, ?3, x'', ?4)
         ON CONFLICT DO NOTHING",
        (
            channel.0,
            position_key(record.position),
            mark_number(mark),
            &record.bytes,
        ),
    )?;
    Ok(added > 0)
}

impl SqliteStore {
    pub(super) fn add_record(
        &self,
        channel: ChannelId,
        record: &StoredRecord,
        mark: Mark,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin(Mode::Write)?;
        let added = add(&transaction, channel, record, mark)?;
        transaction.commit()?;
        Ok(added)
    }

    pub(super) fn add_records(
        &self,
        channel: ChannelId,
        records: &[StoredRecord],
    ) -> Result<(), StoreError> {
        let transaction = self.begin(Mode::Write)?;
        for record in records {
            add(&transaction, channel, record, Mark::None)?;
        }
        transaction.commit()
    }

    pub(super) fn add_holder(
        &self,
        channel: ChannelId,
        position: Position,
        holder: Author,
    ) -> Result<usize, StoreError> {
        let key = position_key(position);
        let transaction = self.begin(Mode::Write)?;
        let stored: Option<Vec<u8>> = transaction.find(
            "SELECT holders FROM records WHERE channel = ?1 AND position = ?2",
            (channel.0, &key),
            |row| row.get(0),
        )?;
        let Some(stored) = stored else {
            return Ok(0);
        };
        let mut holders = decode_holders(&stored)?;
        if holders.len() < limits::MAX_HOLDERS {
            holders.insert(holder);
        }
        transaction.execute(
            "UPDATE records SET holders = ?3, mark = nullif(mark, ?4) WHERE channel = ?1 AND position = ?2",
            (
                channel.0,
                &key,
                encode_holders(&holders),
                mark_number(Mark::Unsent),
            ),
        )?;
        transaction.commit()?;
        Ok(holders.len())
    }

    pub(super) fn clear_unread(
        &self,
        channel: ChannelId,
        up_to: Position,
    ) -> Result<(), StoreError> {
        let transaction = self.begin(Mode::Write)?;
        transaction.execute(
            "UPDATE records SET mark = NULL WHERE channel = ?1 AND mark = ?2 AND position <= ?3",
            (channel.0, mark_number(Mark::Unread), position_key(up_to)),
        )?;
        transaction.commit()
    }

    pub(super) fn find_unread(&self, channel: ChannelId) -> Result<Vec<Position>, StoreError> {
        let keys: Vec<Vec<u8>> = self.begin(Mode::Read)?.all(
            "SELECT position FROM records WHERE channel = ?1 AND mark = ?2 ORDER BY position",
            (channel.0, mark_number(Mark::Unread)),
            |row| row.get(0),
        )?;
        keys.iter().map(|key| read_position(key)).collect()
    }

    pub(super) fn find_unsent(&self, channel: ChannelId) -> Result<Vec<StoredRecord>, StoreError> {
        let rows = self.begin(Mode::Read)?.all(
            "SELECT position, holders, bytes FROM records WHERE channel = ?1 AND mark = ?2
             ORDER BY position",
            (channel.0, mark_number(Mark::Unsent)),
            read,
        )?;
        rows.into_iter().map(decode).collect()
    }

    pub(super) fn find_page(
        &self,
        channel: ChannelId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let end = before.map_or_else(|| POSITIONS_END.to_vec(), position_key);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.begin(Mode::Read)?.all(
            "SELECT position, holders, bytes FROM records WHERE channel = ?1 AND position < ?2
             ORDER BY position DESC LIMIT ?3",
            (channel.0, end, limit),
            read,
        )?;
        rows.into_iter().map(decode).collect()
    }
}

/// Position, holders, bytes.
type Columns = (Vec<u8>, Vec<u8>, Vec<u8>);

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn decode((position, holders, bytes): Columns) -> Result<StoredRecord, StoreError> {
    Ok(StoredRecord {
        position: read_position(&position)?,
        bytes,
        holders: decode_holders(&holders)?.len(),
    })
}
