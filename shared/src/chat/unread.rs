//! Messages of others that the member has not seen yet, by their places. The store keeps the same.

use std::collections::BTreeSet;

use super::record::Position;
use crate::limits;

/// The places of one channel's unread messages.
#[derive(Debug, Default)]
pub struct Unread(BTreeSet<Position>);

impl Unread {
    /// What the store has.
    pub fn resume(positions: Vec<Position>) -> Self {
        Self(positions.into_iter().take(limits::MAX_UNREAD).collect())
    }

    /// Whether one more is counted.
    pub fn has_room(&self) -> bool {
        self.0.len() < limits::MAX_UNREAD
    }

    /// One has come; false if it is not counted.
    pub fn add(&mut self, position: Position) -> bool {
        self.has_room() && self.0.insert(position)
    }

    /// All up to this place were seen; false if there were none.
    pub fn see(&mut self, up_to: Position) -> bool {
        let before = self.0.len();
        let mut later = self.0.split_off(&up_to);
        later.remove(&up_to);
        self.0 = later;
        self.0.len() != before
    }

    /// One is not there any more; false if it was not unread.
    pub fn remove(&mut self, position: Position) -> bool {
        self.0.remove(&position)
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The oldest.
    pub fn first(&self) -> Option<Position> {
        self.0.first().copied()
    }
}
