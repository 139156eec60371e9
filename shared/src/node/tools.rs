//! What the parts of a node are lent to act with.

use crate::{entropy::Entropy, limits, time::Millis};

/// Names for servers and connections, never used twice by one node.
#[derive(Debug, Default)]
pub(super) struct Keys {
    last: u64,
    /// Second connections of links that are open.
    seconds: usize,
}

impl Keys {
    pub(super) fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// A name for a link's second connection, if there may be one more.
    pub(super) fn second(&mut self) -> Option<u64> {
        if self.seconds >= limits::MAX_SECOND_CONNECTIONS {
            return None;
        }
        self.seconds += 1;
        Some(self.next())
    }

    /// A second connection is closed.
    pub(super) fn second_is_gone(&mut self) {
        self.seconds = self.seconds.saturating_sub(1);
    }
}

/// What a channel needs of its node to act.
pub(super) struct Tools<'a> {
    pub(super) now: Millis,
    pub(super) entropy: &'a mut Entropy,
    pub(super) keys: &'a mut Keys,
}
