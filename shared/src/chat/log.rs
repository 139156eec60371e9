//! Which records a device takes into its log, and when.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use super::{
    record::{Position, Record, RecordId},
    retention::since,
    span::Span,
};
use crate::{limits, time::Millis};

/// The gate of one channel's log. The records themselves are in the store.
#[derive(Debug, Default)]
pub struct Log {
    /// The newest time taken: what is written here comes after it.
    newest: Millis,
    /// Where the newest record stands that is stored.
    newest_stored: Option<Position>,
    /// Ids seen lately, oldest first in the queue.
    seen: BTreeMap<RecordId, Seen>,
    seen_order: VecDeque<RecordId>,
    /// Records whose time is further ahead than we tolerate, by position.
    early: BTreeMap<Position, Record>,
    /// Records that were early and do not wait here.
    missing: Option<Missing>,
}

/// Early records that others are to be asked for once they are due.
#[derive(Clone, Copy, Debug)]
struct Missing {
    /// When the first of them is due.
    at: Millis,
    /// What it is dated.
    from: Millis,
}

/// What is known of a record that passed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Passed,
    Stored,
    /// It burned, and is never taken again.
    Burnt,
}

/// What becomes of a record that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// New: store it, show it, pass it on.
    Take,
    /// Seen before.
    Duplicate,
    /// Its time is not yet; it waits here.
    Early,
    /// Its time is not yet, and too many wait already that are due before it: [`Log::asks_again`] tells when it is due.
    NoRoom,
}

impl Log {
    /// A record that the store already holds.
    pub fn resume(&mut self, position: Position) {
        self.remember(position.id);
        self.stored(position);
        self.newest = self.newest.max(position.time);
    }

    /// A record is stored now.
    pub fn stored(&mut self, position: Position) {
        if let Some(stored) = self.seen.get_mut(&position.id) {
            *stored = Seen::Stored;
        }
        self.newest_stored = self.newest_stored.max(Some(position));
    }

    /// A record is stored no more. It is not taken again, unless [`Log::want_again`].
    pub fn discarded(&mut self, id: RecordId) {
        if let Some(stored) = self.seen.get_mut(&id) {
            *stored = Seen::Passed;
        }
    }

    /// A record burned.
    pub fn burnt(&mut self, id: RecordId) {
        if let Some(seen) = self.seen.get_mut(&id) {
            *seen = Seen::Burnt;
        }
    }

    /// What passed here and is not stored may be taken when it comes again.
    pub fn want_again(&mut self) {
        self.seen.retain(|_, seen| *seen != Seen::Passed);
        self.seen_order.retain(|id| self.seen.contains_key(id));
    }

    /// Where the newest record stands that is stored.
    pub fn newest(&self) -> Option<Position> {
        self.newest_stored
    }

    /// Whether a record that passed here lately is stored.
    pub fn holds(&self, id: RecordId) -> bool {
        self.seen.get(&id) == Some(&Seen::Stored)
    }

    /// The time for a record that is written now: our clock, but after everything taken so far.
    pub fn next_time(&self, now: Millis) -> Millis {
        now.max(self.newest + Duration::from_millis(1))
    }

    /// Whether a record with this id passed here lately.
    pub fn knows(&self, id: RecordId) -> bool {
        self.seen.contains_key(&id)
    }

    /// Whether a record of this time could be taken, or wait here, if need be instead of one that is due later.
    pub fn has_room(&self, now: Millis, time: Millis) -> bool {
        let last = self.early.last_key_value();
        !is_early(now, time)
            || self.early.len() < limits::MAX_EARLY_RECORDS
            || last.is_some_and(|(last, _)| time < last.time)
    }

    /// Decides about a checked record.
    pub fn offer(&mut self, now: Millis, record: &Record) -> Verdict {
        if self.knows(record.id) {
            return Verdict::Duplicate;
        }
        if !self.has_room(now, record.body.time) {
            self.miss(now, record.body.time);
            return Verdict::NoRoom;
        }
        if is_early(now, record.body.time) {
            self.remember(record.id);
            self.early.insert(record.position(), record.clone());
            if self.early.len() > limits::MAX_EARLY_RECORDS
                && let Some((last, _)) = self.early.pop_last()
            {
                self.forget(last.id);
                self.miss(now, last.time);
            }
            return Verdict::Early;
        }
        self.remember(record.id);
        self.newest = self.newest.max(record.body.time);
        Verdict::Take
    }

    /// A record of this time is early, and does not wait here.
    pub fn miss(&mut self, now: Millis, time: Millis) {
        let at = due(time).max(now + limits::EARLY_AGAIN);
        let before = self.missing.unwrap_or(Missing { at, from: time });
        self.missing = Some(Missing {
            at: before.at.min(at),
            from: before.from.min(time),
        });
    }

    /// Where those stand that were early, did not wait here, and may be due by now: others have them. They are told once.
    pub fn asks_again(&mut self, now: Millis) -> Option<Span> {
        let missing = self.missing.take_if(|missing| missing.at <= now)?;
        Some(since(missing.from))
    }

    /// When the first record is due, waiting or not.
    pub fn next_due(&self) -> Option<Millis> {
        let waiting = self.early.first_key_value();
        let waiting = waiting.map(|(position, _)| due(position.time));
        let missing = self.missing.map(|missing| missing.at);
        waiting.into_iter().chain(missing).min()
    }

    /// A waiting record that is due by now.
    pub fn pop_due(&mut self, now: Millis) -> Option<Record> {
        let first = self.early.first_entry()?;
        if due(first.key().time) > now {
            return None;
        }
        let (position, record) = first.remove_entry();
        self.newest = self.newest.max(position.time);
        Some(record)
    }

    /// Takes a record that was just written here.
    pub fn take_own(&mut self, record: &Record) {
        self.remember(record.id);
        self.newest = self.newest.max(record.body.time);
    }

    fn forget(&mut self, id: RecordId) {
        self.seen.remove(&id);
        self.seen_order.retain(|seen| *seen != id);
    }

    fn remember(&mut self, id: RecordId) {
        if self.seen.contains_key(&id) {
            return;
        }
        self.seen.insert(id, Seen::Passed);
        self.seen_order.push_back(id);
        if self.seen_order.len() > limits::MAX_SEEN_RECORDS
            && let Some(oldest) = self.seen_order.pop_front()
        {
            self.seen.remove(&oldest);
        }
    }
}

/// Whether what was written at this time is further ahead of our clock than clocks may differ.
pub fn is_early(now: Millis, time: Millis) -> bool {
    time > now + limits::EARLY_TOLERANCE
}

/// When a record of this time is early no more.
fn due(time: Millis) -> Millis {
    // Ten minutes fit into 64 bits of milliseconds.
    Millis(
        time.0
            .saturating_sub(limits::EARLY_TOLERANCE.as_millis() as u64),
    )
}
