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
    store::{Count, StoreError, StoredRecord},
};
use wasm_bindgen::JsValue;

use super::{
    IndexedDbStore,
    transaction::{HOLDERS, KEPT, Mode, RECALLS, RECORDS, Transaction, UNREAD, UNSENT},
    types::{
        after_record_key, read_record_key, recall_key, recall_keys, record_key, record_keys_end,
    },
};

/// What a page is read from.
const PAGE: [&str; 4] = [RECORDS, HOLDERS, KEPT, RECALLS];

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

/// Tells all that is known of the records of a page, which stand one after the other.
async fn tell(
    transaction: &Transaction<'_>,
    channel: ChannelId,
    rows: Vec<(Vec<u8>, Vec<u8>)>,
) -> Result<Vec<StoredRecord>, StoreError> {
    let positions = rows.iter().map(|(key, _)| read_record_key(key));
    let positions: Vec<Position> = positions.collect::<Result<_, _>>()?;
    let Some(span) = Span::around(&positions) else {
        return Ok(Vec::new());
    };
    let (first, end) = keys_of(channel, span);
    let held = transaction
        .forwards(HOLDERS, first.clone(), end.clone(), usize::MAX)
        .await?;
    let held: BTreeMap<Vec<u8>, Vec<u8>> = held.into_iter().collect();
    let kept = transaction
        .forwards(KEPT, first.clone(), end.clone(), usize::MAX)
        .await?;
    let kept: BTreeSet<Vec<u8>> = kept.into_iter().map(|(key, _)| key).collect();
    let recalled = recalled_within(transaction, first, end).await?;
    let rows = positions.into_iter().zip(rows);
    rows.map(|(position, (key, bytes))| {
        let holders = held.get(&key).map_or(Ok(0), |authors| {
            decode_holders(authors).map(|holders| holders.len())
        })?;
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

impl IndexedDbStore {
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
        let transaction = self.begin(&PAGE, Mode::Read)?;
        let rows = transaction.backwards(RECORDS, first, end, limit).await?;
        tell(&transaction, channel, rows).await
    }

    pub(super) async fn find_page_from(
        &self,
        channel: ChannelId,
        from: Position,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let from = Some(from);
        let (first, end) = keys_of(channel, Span { from, before: None });
        let transaction = self.begin(&PAGE, Mode::Read)?;
        let rows = transaction.forwards(RECORDS, first, end, limit).await?;
        tell(&transaction, channel, rows).await
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
        let known = self.look_up(channel, positions).await?;
        let records = known.into_iter().filter_map(|(position, bytes, recalled)| {
            let bytes = bytes.filter(|_| !recalled)?;
            Some(StoredRecord::bare(position, bytes))
        });
        Ok(records.collect())
    }

    pub(super) async fn find_recalled(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let known = self.look_up(channel, positions).await?;
        let records = known.into_iter().filter_map(|(position, bytes, recalled)| {
            let bytes = bytes.filter(|_| recalled)?;
            Some(StoredRecord {
                recalled,
                ..StoredRecord::bare(position, bytes)
            })
        });
        Ok(records.collect())
    }

    pub(super) async fn find_missing(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<Position>, StoreError> {
        let known = self.look_up(channel, positions).await?;
        let missing = known.into_iter().filter_map(|(position, bytes, recalled)| {
            let unknown = bytes.is_none() && !recalled;
            unknown.then_some(position)
        });
        Ok(missing.collect())
    }

    /// What stands at each of these places, and whether it was recalled, or would be.
    async fn look_up(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<(Position, Option<Vec<u8>>, bool)>, StoreError> {
        let transaction = self.begin(&[RECORDS, RECALLS], Mode::Read)?;
        let keys = positions.iter().map(|at| record_key(channel, Some(*at)));
        let keys: Vec<JsValue> = keys.collect();
        let records = transaction.get_all(keys.iter().map(|key| (RECORDS, key)));
        let records = records.await?;
        let recalls = positions.iter().map(|at| recall_keys(channel, *at));
        let recalls = transaction.count_each(RECALLS, recalls).await?;
        let known = positions.iter().zip(records).zip(recalls);
        Ok(known
            .map(|((position, bytes), recalls)| (*position, bytes, recalls > 0))
            .collect())
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
        let transaction = self.begin(&PAGE, Mode::Read)?;
        let rows = transaction.backwards(KEPT, first, end, limit).await?;
        let positions = rows.iter().map(|(key, _)| read_record_key(key));
        let positions = positions.collect::<Result<Vec<_>, _>>()?;
        let keys = positions.iter().map(|at| record_key(channel, Some(*at)));
        let keys: Vec<JsValue> = keys.collect();
        let both = |store| transaction.get_all(keys.iter().map(move |key| (store, key)));
        let (bytes, holders) = (both(RECORDS).await?, both(HOLDERS).await?);
        let recalls = positions.iter().map(|at| recall_keys(channel, *at));
        let recalls = transaction.count_each(RECALLS, recalls).await?;
        let rows = positions.into_iter().zip(bytes).zip(holders).zip(recalls);
        rows.filter_map(|(((position, bytes), holders), recalls)| {
            let bytes = bytes?;
            let holders = decode_holders(&holders.unwrap_or_default());
            Some(holders.map(|holders| StoredRecord {
                position,
                bytes,
                holders: holders.len(),
                kept: true,
                recalled: recalls > 0,
            }))
        })
        .collect()
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
