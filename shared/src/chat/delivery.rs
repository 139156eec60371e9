//! How far the member's own messages came: who is known to have stored them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::record::{Position, Record, RecordId};
use crate::{identity::Author, limits};

/// The newest of the member's own records. What older ones reached is in the store.
#[derive(Debug, Default)]
pub struct Deliveries {
    own: BTreeMap<RecordId, Own>,
    order: VecDeque<RecordId>,
}

#[derive(Debug)]
struct Own {
    position: Position,
    sent: bool,
    holders: BTreeSet<Author>,
}

impl Deliveries {
    /// Follows a record from now on, in place of the oldest if there are too many.
    pub fn follow(&mut self, record: &Record) {
        if self.own.contains_key(&record.id) {
            return;
        }
        self.own.insert(
            record.id,
            Own {
                position: record.position(),
                sent: false,
                holders: BTreeSet::new(),
            },
        );
        self.order.push_back(record.id);
        if self.order.len() > limits::MAX_RECENT_RECORDS
            && let Some(oldest) = self.order.pop_front()
        {
            self.own.remove(&oldest);
        }
    }

    /// It went out over a link; false if one had before.
    pub fn sent(&mut self, id: RecordId) -> bool {
        self.own
            .get_mut(&id)
            .is_some_and(|own| !std::mem::replace(&mut own.sent, true))
    }

    /// Whether it went out over a link.
    pub fn is_sent(&self, id: RecordId) -> bool {
        self.own.get(&id).is_some_and(|own| own.sent)
    }

    /// A device says that it has stored it: its place, if that is news.
    pub fn held(&mut self, id: RecordId, by: Author) -> Option<Position> {
        let own = self.own.get_mut(&id)?;
        let room = own.holders.len() < limits::MAX_HOLDERS;
        (room && own.holders.insert(by)).then_some(own.position)
    }
}
