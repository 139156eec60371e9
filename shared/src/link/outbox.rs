//! Frames that wait for room in a connection's own send buffer.

use std::collections::VecDeque;

use crate::{limits, time::Millis};

/// A bounded queue in front of a connection.
///
/// The driver reports how much is waiting in the connection after every send, and again when it has drained to
/// [`limits::SEND_LOW_WATER`]. Sends stop at [`limits::SEND_HIGH_WATER`], so that the second report always comes.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    queue: VecDeque<Vec<u8>>,
    queued_bytes: usize,
    /// What waits in the connection, as far as we know.
    buffered: usize,
    /// Since when nothing has drained although frames wait.
    stuck_since: Option<Millis>,
}

/// The link cannot take the frame now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the link has no room for more")]
pub struct LinkFull;

impl Outbox {
    pub(super) fn push(&mut self, frame: Vec<u8>) -> Result<(), LinkFull> {
        if self.queued_bytes + frame.len() > limits::MAX_LINK_QUEUE_BYTES {
            return Err(LinkFull);
        }
        self.queued_bytes += frame.len();
        self.queue.push_back(frame);
        Ok(())
    }

    /// All that waits: it goes another way.
    pub(super) fn take(&mut self) -> Vec<Vec<u8>> {
        self.queued_bytes = 0;
        self.stuck_since = None;
        self.queue.drain(..).collect()
    }

    /// The driver's report.
    pub(super) fn buffered(&mut self, bytes: usize) {
        if bytes < self.buffered {
            self.stuck_since = None;
        }
        self.buffered = bytes;
    }

    /// When the other end is to be taken for one that does not read.
    pub(super) fn deadline(&self) -> Option<Millis> {
        Some(self.stuck_since? + limits::STALLED)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// The next frame that the connection has room for.
    pub(super) fn pop(&mut self, now: Millis) -> Option<Vec<u8>> {
        if self.queue.is_empty() {
            self.stuck_since = None;
        }
        if self.buffered >= limits::SEND_HIGH_WATER {
            self.stuck_since.get_or_insert(now);
            return None;
        }
        let frame = self.queue.pop_front()?;
        self.queued_bytes -= frame.len();
        self.buffered += frame.len();
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_at_high_water_and_goes_on_when_drained() {
        let mut outbox = Outbox::default();
        let frame = vec![0; 60_000];
        for _ in 0..10 {
            outbox.push(frame.clone()).unwrap();
        }
        let sent = std::iter::from_fn(|| outbox.pop(Millis(0))).count();
        assert_eq!(sent, 5, "262,144 bytes are reached with the fifth frame");
        outbox.buffered(limits::SEND_LOW_WATER);
        assert_eq!(std::iter::from_fn(|| outbox.pop(Millis(0))).count(), 3);
    }

    #[test]
    fn a_full_queue_refuses_and_loses_nothing() {
        let mut outbox = Outbox::default();
        outbox.buffered(limits::SEND_HIGH_WATER);
        let accepted = (0..)
            .take_while(|_| outbox.push(vec![0; 60_000]).is_ok())
            .count();
        assert_eq!(accepted, limits::MAX_LINK_QUEUE_BYTES / 60_000);
        let mut drained = 0;
        while drained < accepted {
            outbox.buffered(0);
            drained += std::iter::from_fn(|| outbox.pop(Millis(0))).count();
        }
        assert_eq!(drained, accepted);
    }
}
