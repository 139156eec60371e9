//! The log of a channel in IndexedDB.

use std::collections::{BTreeMap, BTreeSet};

use catnest::{
    channel::ChannelId,
    chat::{
        record::{Position, Record},
        span::Span,
    },
    identity::Author,
    limits,
    store::bytes::{decode_holders, encode_holders},
    store::{Count, Mark, NewRecord, StoreError, StoredRecord},
};
use wasm_bindgen::JsValue;

use super::{
    IndexedDbStore,
    transaction::{HOLDERS, KEPT, Mode, RECALLS, RECORDS, Transaction, UNREAD, UNSENT},
    types::{
        after_record_key, read_record_key, recall_key, recall_keys, record_key, record_keys_end,
    },
};

/// What a record that is added touches.
const ADDING: [&str; 5] = [RECORDS, UNSENT, UNREAD, RECALLS, KEPT];

/// Adds a record; false if it was there, or was recalled.
async fn add(
    transaction: &Transaction<'_>,
    channel: ChannelId,
    record: &NewRecord,
) -> Result<bool, StoreError> {
    let position = record.position;
    let key = record_key(channel, Some(position));
    let recall = recall_key(channel, position, record.author);
    let [there, recalled] = transaction
        .get_each([(RECORDS, &key), (RECALLS, &recall)])
        .await?;
    if record.kept && (there.is_some() || recalled.is_none()) {
        transaction.put(KEPT, key.clone(), &[]).await?;
    }
    if there.is_some() || recalled.is_some() {
        return Ok(false);
    }
    transaction.put(RECORDS, key.clone(), &record.bytes).await?;
    match record.mark {
        Mark::None => {}
        Mark::Unsent => transaction.put(UNSENT, key, &[]).await?,
        Mark::Unread => transaction.put(UNREAD, key, &[]).await?,
    }
    // Whatever others recalled was not theirs.
    let (first, end) = recall_keys(channel, position);
    transaction.delete_between(RECALLS, first, end).await?;
    if let Some(recalled) = record.recalled() {
        let key = record_key(channel, Some(recalled));
        let there = transaction.get(RECORDS, key.clone()).await?;
        let theirs = there.and_then(|bytes| Record::from_store(bytes).ok());
        if theirs.is_none_or(|theirs| theirs.body.author == record.author) {
            let recall = recall_key(channel, recalled, record.author);
            transaction.put(RECALLS, recall, &[]).await?;
            for marks in [UNREAD, UNSENT] {
                transaction.delete(marks, key.clone()).await?;
            }
        }
    }
    Ok(true)
}

/// Whether a record, or what would stand there, was recalled.
async fn is_recalled(
    transaction: &Transaction<'_>,
    channel: ChannelId,
    position: Position,
) -> Result<bool, StoreError> {
    let (first, end) = recall_keys(channel, position);
    Ok(transaction.count(RECALLS, first, end).await? > 0)
}

/// Where those records of part of a log stand, or would, that were recalled.
async fn recalled_within(
    transaction: &Transaction<'_>,
    first: JsValue,
    end: JsValue,
) -> Result<BTreeSet<Position>, StoreError> {
    let recalls = transaction
        .forwards(RECALLS, first, end, usize::MAX)
        .await?;
    let positions = recalls.iter().map(|(key, _)| read_record_key(key));
    positions.collect()
}

/// The keys of those records of part of a log that are not discarded.
async fn staying(
    transaction: &Transaction<'_>,
    first: JsValue,
    end: JsValue,
) -> Result<BTreeSet<Vec<u8>>, StoreError> {
    let mut staying = BTreeSet::new();
    for store in [KEPT, UNSENT] {
        let rows = transaction
            .forwards(store, first.clone(), end.clone(), usize::MAX)
            .await?;
        staying.extend(rows.into_iter().map(|(key, _)| key));
    }
    Ok(staying)
}

/// The first key of part of a log, and what is after the last one.
fn keys_of(channel: ChannelId, span: Span) -> (JsValue, JsValue) {
    let end = span.before.map_or_else(
        || record_keys_end(channel),
        |before| record_key(channel, Some(before)),
    );
    (record_key(channel, span.from), end)
}

impl IndexedDbStore {
    pub(super) async fn add_record(
        &self,
        channel: ChannelId,
        record: &NewRecord,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin(&ADDING, Mode::Write)?;
        let added = add(&transaction, channel, record).await?;
        transaction.commit().await?;
        Ok(added)
    }

    pub(super) async fn add_records(
        &self,
        channel: ChannelId,
        records: &[NewRecord],
    ) -> Result<Vec<Position>, StoreError> {
        let transaction = self.begin(&ADDING, Mode::Write)?;
        let mut new = Vec::new();
        for record in records {
            if add(&transaction, channel, record).await? {
                new.push(record.position);
            }
        }
        transaction.commit().await?;
        Ok(new)
    }

    pub(super) async fn add_holder(
        &self,
        channel: ChannelId,
        position: Position,
        holder: Author,
    ) -> Result<usize, StoreError> {
        let key = record_key(channel, Some(position));
        let transaction = self.begin(&[RECORDS, UNSENT, HOLDERS], Mode::Write)?;
        transaction.delete(UNSENT, key.clone()).await?;
        if !transaction.has(RECORDS, key.clone()).await? {
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

    pub(super) async fn clear_unread(
        &self,
        channel: ChannelId,
        up_to: Position,
    ) -> Result<(), StoreError> {
        let transaction = self.begin(&[UNREAD], Mode::Write)?;
        let (first, end) = (record_key(channel, None), after_record_key(channel, up_to));
        transaction.delete_between(UNREAD, first, end).await?;
        transaction.commit().await
    }

    pub(super) async fn find_unread(
        &self,
        channel: ChannelId,
    ) -> Result<Vec<Position>, StoreError> {
        let transaction = self.begin(&[UNREAD], Mode::Read)?;
        let (first, end) = keys_of(channel, Span::default());
        let rows = transaction.forwards(UNREAD, first, end, usize::MAX).await?;
        rows.iter().map(|(key, _)| read_record_key(key)).collect()
    }

    pub(super) async fn find_unsent(
        &self,
        channel: ChannelId,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let transaction = self.begin(&[RECORDS, UNSENT], Mode::Read)?;
        let (first, end) = keys_of(channel, Span::default());
        let rows = transaction.forwards(UNSENT, first, end, usize::MAX).await?;
        let mut records = Vec::new();
        for (key, _) in &rows {
            let position = read_record_key(key)?;
            let key = record_key(channel, Some(position));
            if let Some(bytes) = transaction.get(RECORDS, key).await? {
                records.push(StoredRecord::bare(position, bytes));
            }
        }
        Ok(records)
    }

    pub(super) async fn find_page(
        &self,
        channel: ChannelId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let (first, end) = keys_of(channel, Span { from: None, before });
        let transaction = self.begin(&[RECORDS, HOLDERS, KEPT, RECALLS], Mode::Read)?;
        let rows = transaction
            .backwards(RECORDS, first, end.clone(), limit)
            .await?;
        let Some((oldest, _)) = rows.last() else {
            return Ok(Vec::new());
        };
        let first = record_key(channel, Some(read_record_key(oldest)?));
        let held = transaction
            .forwards(HOLDERS, first.clone(), end.clone(), usize::MAX)
            .await?;
        let held: BTreeMap<Vec<u8>, Vec<u8>> = held.into_iter().collect();
        let kept = transaction
            .forwards(KEPT, first.clone(), end.clone(), usize::MAX)
            .await?;
        let kept: BTreeSet<Vec<u8>> = kept.into_iter().map(|(key, _)| key).collect();
        let recalled = recalled_within(&transaction, first, end).await?;
        rows.into_iter()
            .map(|(key, bytes)| {
                let holders = held.get(&key).map_or(Ok(0), |authors| {
                    decode_holders(authors).map(|holders| holders.len())
                })?;
                let position = read_record_key(&key)?;
                Ok(StoredRecord {
                    position,
                    bytes,
                    holders,
                    kept: kept.contains(&key),
                    recalled: recalled.contains(&position),
                })
            })
            .collect()
    }

    pub(super) async fn find_positions(
        &self,
        channel: ChannelId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Position>, StoreError> {
        let (first, end) = keys_of(channel, span);
        let transaction = self.begin(&[RECORDS, RECALLS], Mode::Read)?;
        let recalled = recalled_within(&transaction, first.clone(), end.clone()).await?;
        // So many that there are enough without those.
        let most = limit.saturating_add(recalled.len());
        let keys = transaction.last_keys(RECORDS, first, end, most).await?;
        let positions = keys.iter().rev().map(|key| read_record_key(key));
        let positions = positions.filter(|read| {
            let position = read.as_ref();
            position.map_or(true, |position| !recalled.contains(position))
        });
        positions.take(limit).collect()
    }

    pub(super) async fn find_records(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let transaction = self.begin(&[RECORDS, RECALLS], Mode::Read)?;
        let mut records = Vec::new();
        for &position in positions {
            let key = record_key(channel, Some(position));
            let Some(bytes) = transaction.get(RECORDS, key).await? else {
                continue;
            };
            if !is_recalled(&transaction, channel, position).await? {
                records.push(StoredRecord::bare(position, bytes));
            }
        }
        Ok(records)
    }

    pub(super) async fn find_recalled(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let transaction = self.begin(&[RECORDS, RECALLS], Mode::Read)?;
        let mut records = Vec::new();
        for &position in positions {
            let key = record_key(channel, Some(position));
            if is_recalled(&transaction, channel, position).await?
                && let Some(bytes) = transaction.get(RECORDS, key).await?
            {
                records.push(StoredRecord {
                    recalled: true,
                    ..StoredRecord::bare(position, bytes)
                });
            }
        }
        Ok(records)
    }

    pub(super) async fn find_missing(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<Position>, StoreError> {
        let transaction = self.begin(&[RECORDS, RECALLS], Mode::Read)?;
        let mut missing = Vec::new();
        for &position in positions {
            let key = record_key(channel, Some(position));
            let there = transaction.has(RECORDS, key).await?;
            if !there && !is_recalled(&transaction, channel, position).await? {
                missing.push(position);
            }
        }
        Ok(missing)
    }

    pub(super) async fn find_nth(
        &self,
        channel: ChannelId,
        newer: usize,
    ) -> Result<Option<Position>, StoreError> {
        let (first, end) = keys_of(channel, Span::default());
        let transaction = self.begin(&[RECORDS], Mode::Read)?;
        let key = transaction
            .nth_key_from_the_end(RECORDS, first, end, newer)
            .await?;
        key.map(|key| read_record_key(&key)).transpose()
    }

    pub(super) async fn count_records(
        &self,
        channel: ChannelId,
        span: Span,
    ) -> Result<Count, StoreError> {
        let (first, end) = keys_of(channel, span);
        let transaction = self.begin(&[RECORDS, UNSENT, KEPT], Mode::Read)?;
        let staying = staying(&transaction, first.clone(), end.clone()).await?;
        Ok(Count {
            records: transaction.count(RECORDS, first, end).await?,
            staying: staying.len(),
        })
    }

    pub(super) async fn discard_records(
        &self,
        channel: ChannelId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Position>, StoreError> {
        let (mut first, end) = keys_of(channel, span);
        let stores = [RECORDS, UNSENT, UNREAD, HOLDERS, KEPT, RECALLS];
        let transaction = self.begin(&stores, Mode::Write)?;
        let staying = staying(&transaction, first.clone(), end.clone()).await?;
        let mut discarded = Vec::new();
        while discarded.len() < limit {
            let rows = transaction
                .forwards(RECORDS, first, end.clone(), limit)
                .await?;
            let Some((last, _)) = rows.last() else {
                break;
            };
            first = after_record_key(channel, read_record_key(last)?);
            for (key, bytes) in rows {
                if discarded.len() >= limit {
                    break;
                }
                let position = read_record_key(&key)?;
                if staying.contains(&key)
                    || !discard(&transaction, channel, position, bytes).await?
                {
                    continue;
                }
                discarded.push(position);
            }
        }
        transaction.commit().await?;
        Ok(discarded)
    }

    pub(super) async fn set_kept(
        &self,
        channel: ChannelId,
        position: Position,
        kept: bool,
    ) -> Result<(), StoreError> {
        let key = record_key(channel, Some(position));
        let transaction = self.begin(&[RECORDS, KEPT], Mode::Write)?;
        if !kept {
            transaction.delete(KEPT, key).await?;
        } else if transaction.has(RECORDS, key.clone()).await? {
            transaction.put(KEPT, key, &[]).await?;
        }
        transaction.commit().await
    }

    pub(super) async fn find_kept(
        &self,
        channel: ChannelId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let (first, end) = keys_of(channel, Span { from: None, before });
        let transaction = self.begin(&[RECORDS, HOLDERS, KEPT, RECALLS], Mode::Read)?;
        let rows = transaction.backwards(KEPT, first, end, limit).await?;
        let mut records = Vec::new();
        for (key, _) in rows {
            let position = read_record_key(&key)?;
            let key = record_key(channel, Some(position));
            let [bytes, holders] = transaction
                .get_each([(RECORDS, &key), (HOLDERS, &key)])
                .await?;
            let Some(bytes) = bytes else { continue };
            records.push(StoredRecord {
                position,
                bytes,
                holders: decode_holders(&holders.unwrap_or_default())?.len(),
                kept: true,
                recalled: is_recalled(&transaction, channel, position).await?,
            });
        }
        Ok(records)
    }
}

/// Removes a record; false if it is a recall of one that is there.
async fn discard(
    transaction: &Transaction<'_>,
    channel: ChannelId,
    position: Position,
    bytes: Vec<u8>,
) -> Result<bool, StoreError> {
    let body = Record::from_store(bytes).ok().map(|record| record.body);
    if let Some((id, author)) = body.and_then(|body| Some((body.recalls?, body.author))) {
        let recalled = Position { id, ..position };
        let recall = recall_key(channel, recalled, author);
        if transaction.has(RECALLS, recall.clone()).await? {
            let key = record_key(channel, Some(recalled));
            if transaction.has(RECORDS, key).await? {
                return Ok(false);
            }
            transaction.delete(RECALLS, recall).await?;
        }
    }
    for store in [RECORDS, UNREAD, HOLDERS] {
        let key = record_key(channel, Some(position));
        transaction.delete(store, key).await?;
    }
    Ok(true)
}
