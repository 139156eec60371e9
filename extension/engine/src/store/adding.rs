//! Records that are added to a log in IndexedDB.

use std::collections::BTreeSet;

use catnest::{
    channel::ChannelId,
    chat::record::{Position, Record},
    store::{Mark, NewRecord, StoreError},
};
use wasm_bindgen::JsValue;

use super::{
    IndexedDbStore,
    transaction::{KEPT, Mode, RECALLS, RECORDS, Transaction, UNREAD, UNSENT},
    types::{recall_key, recall_keys, record_key},
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

/// Adds records of which none recalls anything, and gives where the new ones stand: what is done for all of them takes a few
/// round trips to the browser's process, not some for each.
async fn add_together(
    transaction: &Transaction<'_>,
    channel: ChannelId,
    records: &[NewRecord],
) -> Result<Vec<Position>, StoreError> {
    let keys = records.iter().map(|record| {
        let key = record_key(channel, Some(record.position));
        (key, recall_key(channel, record.position, record.author))
    });
    let keys: Vec<(JsValue, JsValue)> = keys.collect();
    let there = transaction.get_all(keys.iter().map(|(key, _)| (RECORDS, key)));
    let there = there.await?;
    let recalled = transaction.get_all(keys.iter().map(|(_, recall)| (RECALLS, recall)));
    let recalled = recalled.await?;
    let known = there.iter().zip(&recalled);
    let kept = records.iter().zip(&keys).zip(known);
    let kept = kept.filter(|((record, _), (there, recalled))| {
        record.kept && (there.is_some() || recalled.is_none())
    });
    let rows = kept.map(|((_, (key, _)), _)| (KEPT, key.clone(), &[][..]));
    transaction.put_each(rows).await?;
    let mut positions = BTreeSet::new();
    let known = there.into_iter().zip(recalled);
    let new = records.iter().zip(&keys).zip(known);
    let new = new.filter(|((record, _), (there, recalled))| {
        there.is_none() && recalled.is_none() && positions.insert(record.position)
    });
    let new: Vec<(&NewRecord, &JsValue)> =
        new.map(|((record, (key, _)), _)| (record, key)).collect();
    let rows = new
        .iter()
        .map(|(record, key)| (RECORDS, (*key).clone(), &record.bytes[..]));
    transaction.put_each(rows).await?;
    for (store, mark) in [(UNSENT, Mark::Unsent), (UNREAD, Mark::Unread)] {
        let marked = new.iter().filter(|(record, _)| record.mark == mark);
        let rows = marked.map(|(_, key)| (store, (*key).clone(), &[][..]));
        transaction.put_each(rows).await?;
    }
    // Whatever others recalled was not theirs.
    let others = new
        .iter()
        .map(|(record, _)| recall_keys(channel, record.position));
    transaction.delete_each(RECALLS, others).await?;
    Ok(new.into_iter().map(|(record, _)| record.position).collect())
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
        let new = if records.iter().all(|record| record.recalls.is_none()) {
            add_together(&transaction, channel, records).await?
        } else {
            // What one recalls may be another of them.
            let mut new = Vec::new();
            for record in records {
                if add(&transaction, channel, record).await? {
                    new.push(record.position);
                }
            }
            new
        };
        transaction.commit().await?;
        Ok(new)
    }
}
