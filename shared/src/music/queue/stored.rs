//! A queue as a device stores it.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};

use super::{Entry, EntryId, Queue, Repeat, Slot};
use crate::{
    limits,
    signed::{from_cbor, to_cbor},
};

/// Why bytes are not a queue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// More than [`limits::MAX_QUEUE_BYTES`].
    #[error("a queue has at most {} bytes; this one has {bytes}", limits::MAX_QUEUE_BYTES, bytes = .0)]
    TooLong(usize),
    /// Not the CBOR of one.
    #[error("not a queue: {0}")]
    Malformed(String),
    /// More than [`limits::MAX_QUEUE`].
    #[error("a queue has at most {} entries; this one has {entries}", limits::MAX_QUEUE, entries = .0)]
    TooMany(usize),
    /// Two entries have one id, or one that was not given yet.
    #[error("the ids of a queue's entries are not what they should be")]
    Ids,
}

/// No queue comes to give so many ids, and views read them as floating-point numbers, which are exact up to there.
const IDS_END: u64 = 1 << 53;

#[derive(Encode, Decode)]
#[cbor(map)]
struct Stored {
    #[n(0)]
    slots: Vec<StoredSlot>,
    #[n(1)]
    current: Option<EntryId>,
    #[n(2)]
    history: Vec<Entry>,
    #[n(3)]
    shuffle: bool,
    #[n(4)]
    repeat: Repeat,
    /// The next entry's id: those that are gone do not come again.
    #[n(5)]
    next: u64,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct StoredSlot {
    #[n(0)]
    entry: Entry,
    #[n(1)]
    place: u64,
    #[n(2)]
    played: bool,
}

impl Queue {
    /// Its stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let slots = self.slots.iter().map(|slot| StoredSlot {
            entry: slot.entry,
            place: slot.place as u64,
            played: slot.played,
        });
        to_cbor(&Stored {
            slots: slots.collect(),
            current: self.current().map(|entry| entry.id),
            history: self.history.iter().copied().collect(),
            shuffle: self.shuffle,
            repeat: self.repeat,
            next: self.next_id,
        })
    }

    /// Reads a stored form.
    ///
    /// # Errors
    /// When no queue has it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, QueueError> {
        if bytes.len() > limits::MAX_QUEUE_BYTES {
            return Err(QueueError::TooLong(bytes.len()));
        }
        let stored: Stored = from_cbor(bytes).map_err(QueueError::Malformed)?;
        let many = stored.slots.len();
        if many > limits::MAX_QUEUE {
            return Err(QueueError::TooMany(many));
        }
        let ids: BTreeSet<EntryId> = stored.slots.iter().map(|slot| slot.entry.id).collect();
        let all = ids.iter().copied();
        let last = all.chain(stored.history.iter().map(|e| e.id)).max();
        if ids.len() < many || last.is_some_and(|id| id.0 >= stored.next) || stored.next >= IDS_END
        {
            return Err(QueueError::Ids);
        }
        let slots = stored.slots.into_iter().map(|slot| Slot {
            entry: slot.entry,
            place: usize::try_from(slot.place).unwrap_or(usize::MAX),
            played: slot.played,
        });
        let surplus = stored.history.len().saturating_sub(limits::MAX_PLAYED);
        let mut queue = Self {
            slots: slots.collect(),
            at: None,
            history: stored.history.into_iter().skip(surplus).collect(),
            shuffle: stored.shuffle,
            repeat: stored.repeat,
            next_id: stored.next,
        };
        queue.number_places();
        if !queue.shuffle {
            queue.slots.sort_by_key(|slot| slot.place);
        }
        queue.at = stored.current.and_then(|id| queue.index_of(id));
        Ok(queue)
    }
}
