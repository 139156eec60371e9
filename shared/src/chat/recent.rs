//! The records that a channel has lately seen, to be offered to new neighbours.
//!
//! A flood passes once. Who was between two links just then, or whose link was full, gets what it missed from here.

use std::collections::{BTreeMap, VecDeque};

use super::record::{Record, RecordId};
use crate::{limits, time::Millis};

/// Bounded in time, number and bytes.
#[derive(Debug, Default)]
pub struct Recent {
    order: VecDeque<(Millis, RecordId)>,
    records: BTreeMap<RecordId, Vec<u8>>,
    bytes: usize,
}

impl Recent {
    /// Keeps a record that is stored.
    pub fn keep(&mut self, now: Millis, record: &Record) {
        if self.records.contains_key(&record.id) {
            return;
        }
        self.bytes += record.bytes.len();
        self.records.insert(record.id, record.bytes.clone());
        self.order.push_back((now, record.id));
        self.forget_old(now);
    }

    /// Those to offer now, oldest first.
    pub fn ids(&mut self, now: Millis) -> Vec<RecordId> {
        self.forget_old(now);
        self.order.iter().map(|&(_, id)| id).collect()
    }

    /// A record's bytes.
    pub fn get(&self, id: RecordId) -> Option<&[u8]> {
        self.records.get(&id).map(Vec::as_slice)
    }

    /// Does not offer a record any more.
    pub fn forget(&mut self, id: RecordId) {
        if let Some(bytes) = self.records.remove(&id) {
            self.bytes -= bytes.len();
            self.order.retain(|(_, of)| *of != id);
        }
    }

    fn forget_old(&mut self, now: Millis) {
        while let Some(&(kept, id)) = self.order.front()
            && (now.since(kept) > limits::RECENT
                || self.order.len() > limits::MAX_RECENT_RECORDS
                || self.bytes > limits::MAX_RECENT_BYTES)
        {
            self.order.pop_front();
            self.bytes -= self.records.remove(&id).map_or(0, |bytes| bytes.len());
        }
    }
}
