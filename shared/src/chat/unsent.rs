//! A member's own records that no other device has acknowledged yet.
//!
//! They are kept by the store as well, so that they go out after a restart.

use std::collections::BTreeMap;

use super::record::{Position, Record, RecordId};
use crate::limits;

/// Bounded in bytes: beyond that a member has to wait with writing more.
#[derive(Debug, Default)]
pub struct Unsent {
    records: BTreeMap<Position, Vec<u8>>,
    positions: BTreeMap<RecordId, Position>,
    bytes: usize,
    /// Bytes of records that are being stored.
    reserved: usize,
}

impl Unsent {
    /// Whether there is room for one more record.
    pub fn has_room(&self) -> bool {
        self.bytes + self.reserved + limits::MAX_RECORD_BYTES <= limits::MAX_UNSENT_BYTES
    }

    /// Holds room for a record that is being stored, until [`Unsent::release`].
    pub fn reserve(&mut self, record: &Record) {
        self.reserved += record.bytes.len();
    }

    /// A record is stored, or cannot be.
    pub fn release(&mut self, record: &Record) {
        self.reserved = self.reserved.saturating_sub(record.bytes.len());
    }

    /// Keeps a stored record until it is acknowledged.
    pub fn keep(&mut self, record: &Record) {
        let position = record.position();
        if self.positions.insert(record.id, position).is_none() {
            self.bytes += record.bytes.len();
            self.records.insert(position, record.bytes.clone());
        }
    }

    /// Another device has it: its position, if that is news.
    pub fn acknowledge(&mut self, id: RecordId) -> Option<Position> {
        let position = self.positions.remove(&id)?;
        self.bytes -= self.records.remove(&position)?.len();
        Some(position)
    }

    /// Those to offer, in the order they were written.
    pub fn ids(&self) -> impl Iterator<Item = RecordId> {
        self.records.keys().map(|position| position.id)
    }

    /// Whether a record waits here.
    pub fn holds(&self, id: RecordId) -> bool {
        self.positions.contains_key(&id)
    }

    /// A record's bytes.
    pub fn get(&self, id: RecordId) -> Option<&[u8]> {
        Some(self.records.get(self.positions.get(&id)?)?.as_slice())
    }
}
