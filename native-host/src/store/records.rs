//! The log of a channel in SQLite.

use catnest::{
    channel::ChannelId,
    chat::{
        record::{Position, Record},
        span::Span,
    },
    identity::Author,
    limits,
    store::bytes::{POSITIONS_END, decode_holders, encode_holders, position_key, read_position},
    store::{Count, Mark, NewRecord, StoreError, StoredRecord},
};

use super::{
    SqliteStore,
    transaction::{Mode, Transaction},
    types::{limit_number, mark_number},
};

/// Adds a record; false when it was there, or was recalled.
fn add(
    transaction: &Transaction<'_>,
    channel: ChannelId,
    record: &NewRecord,
) -> Result<bool, StoreError> {
    let position = position_key(record.position);
    if record.kept {
        // If it is there already.
        transaction.execute(
            "UPDATE records SET kept = 1 WHERE channel = ?1 AND position = ?2",
            (channel.0, &position),
        )?;
    }
    let recalled: Option<i64> = transaction.find(
        "SELECT 1 FROM recalls WHERE channel = ?1 AND position = ?2 AND author = ?3",
        (channel.0, &position, record.author.0),
        |row| row.get(0),
    )?;
    if recalled.is_some() {
        return Ok(false);
    }
    let added = transaction.execute(
        "INSERT INTO records (channel, position, mark, holders, bytes, kept)
         VALUES (?1, ?2, ?3, x'', ?4, ?5) ON CONFLICT DO NOTHING",
        (
            channel.0,
            &position,
            mark_number(record.mark),
            &record.bytes,
            record.kept,
        ),
    )?;
    if added == 0 {
        return Ok(false);
    }
    // Whatever others recalled was not theirs.
    transaction.execute(
        "DELETE FROM recalls WHERE channel = ?1 AND position = ?2",
        (channel.0, &position),
    )?;
    if let Some(recalled) = record.recalled() {
        recall(transaction, channel, record, recalled)?;
    }
    Ok(true)
}

/// Notes what a record recalls, unless that is there and somebody else's.
fn recall(
    transaction: &Transaction<'_>,
    channel: ChannelId,
    by: &NewRecord,
    recalled: Position,
) -> Result<(), StoreError> {
    let position = position_key(recalled);
    let there: Option<Vec<u8>> = transaction.find(
        "SELECT bytes FROM records WHERE channel = ?1 AND position = ?2",
        (channel.0, &position),
        |row| row.get(0),
    )?;
    if let Some(bytes) = there
        && Record::from_store(bytes).is_ok_and(|record| record.body.author != by.author)
    {
        return Ok(());
    }
    transaction.execute(
        "INSERT OR REPLACE INTO recalls (channel, position, author, by) VALUES (?1, ?2, ?3, ?4)",
        (channel.0, &position, by.author.0, position_key(by.position)),
    )?;
    transaction.execute(
        "UPDATE records SET mark = NULL WHERE channel = ?1 AND position = ?2",
        (channel.0, &position),
    )?;
    Ok(())
}

/// The first key of part of a log, and what is after the last one.
fn keys_of(span: Span) -> (Vec<u8>, Vec<u8>) {
    let from = span.from.map(position_key).unwrap_or_default();
    (from, end_of(span.before))
}

/// What is after the last key before a place.
fn end_of(before: Option<Position>) -> Vec<u8> {
    before.map_or_else(|| POSITIONS_END.to_vec(), position_key)
}

impl SqliteStore {
    pub(super) fn add_record(
        &self,
        channel: ChannelId,
        record: &NewRecord,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin(Mode::Write)?;
        let added = add(&transaction, channel, record)?;
        transaction.commit()?;
        Ok(added)
    }

    pub(super) fn add_records(
        &self,
        channel: ChannelId,
        records: &[NewRecord],
    ) -> Result<Vec<Position>, StoreError> {
        let transaction = self.begin(Mode::Write)?;
        let mut new = Vec::new();
        for record in records {
            if add(&transaction, channel, record)? {
                new.push(record.position);
            }
        }
        transaction.commit()?;
        Ok(new)
    }

    pub(super) fn find_positions(
        &self,
        channel: ChannelId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Position>, StoreError> {
        let (from, end) = keys_of(span);
        let keys: Vec<Vec<u8>> = self.begin(Mode::Read)?.all(
            "SELECT position FROM records WHERE channel = ?1 AND position >= ?2 AND position < ?3
             AND NOT EXISTS (
                 SELECT 1 FROM recalls WHERE channel = ?1 AND position = records.position
             )
             ORDER BY position DESC LIMIT ?4",
            (channel.0, from, end, limit_number(limit)),
            |row| row.get(0),
        )?;
        keys.iter().map(|key| read_position(key)).collect()
    }

    pub(super) fn find_records(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let transaction = self.begin(Mode::Read)?;
        let mut records = Vec::new();
        for &position in positions {
            let bytes = transaction.find(
                "SELECT bytes FROM records WHERE channel = ?1 AND position = ?2
                 AND NOT EXISTS (SELECT 1 FROM recalls WHERE channel = ?1 AND position = ?2)",
                (channel.0, position_key(position)),
                |row| row.get(0),
            )?;
            records.extend(bytes.map(|bytes| StoredRecord::bare(position, bytes)));
        }
        Ok(records)
    }

    pub(super) fn find_recalled(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let transaction = self.begin(Mode::Read)?;
        let mut records = Vec::new();
        for &position in positions {
            let key = position_key(position);
            let row = transaction.find(&select("position = ?2"), (channel.0, key), read)?;
            records.extend(row.map(decode).transpose()?);
        }
        records.retain(|record| record.recalled);
        Ok(records)
    }

    pub(super) fn find_missing(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<Position>, StoreError> {
        let transaction = self.begin(Mode::Read)?;
        let mut missing = Vec::new();
        for &position in positions {
            let known: Option<i64> = transaction.find(
                "SELECT 1 FROM records WHERE channel = ?1 AND position = ?2
                 UNION ALL SELECT 1 FROM recalls WHERE channel = ?1 AND position = ?2",
                (channel.0, position_key(position)),
                |row| row.get(0),
            )?;
            if known.is_none() {
                missing.push(position);
            }
        }
        Ok(missing)
    }

    pub(super) fn find_nth(
        &self,
        channel: ChannelId,
        newer: usize,
    ) -> Result<Option<Position>, StoreError> {
        let key: Option<Vec<u8>> = self.begin(Mode::Read)?.find(
            "SELECT position FROM records WHERE channel = ?1 ORDER BY position DESC LIMIT 1 OFFSET ?2",
            (channel.0, limit_number(newer)),
            |row| row.get(0),
        )?;
        key.map(|key| read_position(&key)).transpose()
    }

    pub(super) fn count_records(
        &self,
        channel: ChannelId,
        span: Span,
    ) -> Result<Count, StoreError> {
        let (from, end) = keys_of(span);
        let count: Option<(i64, i64)> = self.begin(Mode::Read)?.find(
            "SELECT count(*), count(*) FILTER (WHERE kept = 1 OR mark IS ?4)
             FROM records WHERE channel = ?1 AND position >= ?2 AND position < ?3",
            (channel.0, from, end, mark_number(Mark::Unsent)),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let (records, staying) = count.unwrap_or_default();
        let size = |count| usize::try_from(count).unwrap_or_default();
        Ok(Count {
            records: size(records),
            staying: size(staying),
        })
    }

    pub(super) fn discard_records(
        &self,
        channel: ChannelId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Position>, StoreError> {
        let (from, end) = keys_of(span);
        let transaction = self.begin(Mode::Write)?;
        let keys: Vec<Vec<u8>> = transaction.all(
            "SELECT position FROM records WHERE channel = ?1 AND position >= ?2 AND position < ?3
             AND kept = 0 AND mark IS NOT ?5
             AND NOT EXISTS (
                 SELECT 1 FROM recalls JOIN records AS recalled USING (channel, position)
                 WHERE recalls.channel = ?1 AND recalls.by = records.position
             )
             ORDER BY position LIMIT ?4",
            (
                channel.0,
                from,
                end,
                limit_number(limit),
                mark_number(Mark::Unsent),
            ),
            |row| row.get(0),
        )?;
        for key in &keys {
            transaction.execute(
                "DELETE FROM records WHERE channel = ?1 AND position = ?2",
                (channel.0, key),
            )?;
            transaction.execute(
                "DELETE FROM recalls WHERE channel = ?1 AND by = ?2",
                (channel.0, key),
            )?;
        }
        transaction.commit()?;
        keys.iter().map(|key| read_position(key)).collect()
    }

    pub(super) fn set_kept(
        &self,
        channel: ChannelId,
        position: Position,
        kept: bool,
    ) -> Result<(), StoreError> {
        let transaction = self.begin(Mode::Write)?;
        transaction.execute(
            "UPDATE records SET kept = ?3 WHERE channel = ?1 AND position = ?2",
            (channel.0, position_key(position), kept),
        )?;
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
            &select("mark = ?2 ORDER BY position"),
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
        self.read(
            "position < ?2 ORDER BY position DESC LIMIT ?3",
            channel,
            end_of(before),
            limit,
        )
    }

    pub(super) fn find_page_from(
        &self,
        channel: ChannelId,
        from: Position,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        self.read(
            "position >= ?2 ORDER BY position LIMIT ?3",
            channel,
            position_key(from),
            limit,
        )
    }

    pub(super) fn find_kept(
        &self,
        channel: ChannelId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        self.read(
            "kept = 1 AND position < ?2 ORDER BY position DESC LIMIT ?3",
            channel,
            end_of(before),
            limit,
        )
    }

    fn read(
        &self,
        which: &str,
        channel: ChannelId,
        place: Vec<u8>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let values = (channel.0, place, limit_number(limit));
        let rows = self.begin(Mode::Read)?.all(&select(which), values, read)?;
        rows.into_iter().map(decode).collect()
    }
}

/// Records of channel `?1`.
fn select(which: &str) -> String {
    format!(
        "SELECT position, holders, bytes, kept, EXISTS (
             SELECT 1 FROM recalls
             WHERE recalls.channel = records.channel AND recalls.position = records.position
         ) FROM records WHERE channel = ?1 AND {which}"
    )
}

/// Position, holders, bytes, kept, recalled.
type Columns = (Vec<u8>, Vec<u8>, Vec<u8>, bool, bool);

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Columns> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
    ))
}

fn decode((position, holders, bytes, kept, recalled): Columns) -> Result<StoredRecord, StoreError> {
    Ok(StoredRecord {
        position: read_position(&position)?,
        bytes,
        holders: decode_holders(&holders)?.len(),
        kept,
        recalled,
    })
}
