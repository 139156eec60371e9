//! What the parts of a node are lent to act with.

use crate::{entropy::Entropy, time::Millis};

/// Names for servers and connections, never used twice by one node.
#[derive(Debug, Default)]
pub(super) struct Keys(u64);

impl Keys {
    pub(super) fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

/// What a channel needs of its node to act.
pub(super) struct Tools<'a> {
    pub(super) now: Millis,
    pub(super) entropy: &'a mut Entropy,
    pub(super) keys: &'a mut Keys,
}
