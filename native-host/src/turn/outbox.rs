//! What waits to be written into one connection: bounded, and written in as large pieces as have come together.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::Notify,
};

/// What may wait. As much as a socket's buffer has; a client that is behind by more loses datagrams, as on a slow line.
const MOST_BYTES: usize = 256 * 1024;
/// What may wait for a client that has no allocation: the answers that lead to one, a few hundred bytes each. Whoever does
/// not read them costs no more than that.
const STRANGERS_BYTES: usize = 4 * 1024;

#[derive(Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    changed: Notify,
    closing: Notify,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// The client has an allocation.
    proven: bool,
    closed: bool,
}

impl Outbox {
    /// Queues whole frames, or none of them.
    pub(super) fn push(&self, frames: &[u8]) {
        let mut waiting = self.waiting();
        let most = if waiting.proven {
            MOST_BYTES
        } else {
            STRANGERS_BYTES
        };
        if waiting.closed || waiting.bytes.len() + frames.len() > most {
            return;
        }
        waiting.bytes.extend_from_slice(frames);
        drop(waiting);
        self.changed.notify_one();
    }

    /// The client has an allocation: much may wait for it.
    pub(super) fn prove(&self) {
        self.waiting().proven = true;
    }

    /// Ends the connection, once what waits is written.
    pub(super) fn close(&self) {
        self.waiting().closed = true;
        self.changed.notify_one();
        self.closing.notify_one();
    }

    /// Waits until the connection is to end, for one who asks. Whoever does not read holds up what waits for ever.
    pub(super) async fn closing(&self) {
        self.closing.notified().await;
    }

    /// Writes all that comes, until the connection ends.
    pub(super) async fn write_into(&self, mut stream: impl AsyncWrite + Unpin) {
        let mut bytes = Vec::new();
        loop {
            let closed = {
                let mut waiting = self.waiting();
                std::mem::swap(&mut waiting.bytes, &mut bytes);
                waiting.closed
            };
            if !bytes.is_empty() {
                if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
                bytes.clear();
            } else if closed {
                // The other end is told; whether it hears it is its affair.
                let _ = stream.shutdown().await;
                return;
            } else {
                self.changed.notified().await;
            }
        }
    }

    /// Whole even if a thread panicked with it in hand: every change to it is one step.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_fits_is_written_in_order_and_the_rest_dropped_whole() {
        let outbox = Outbox::default();
        outbox.push(&[0; STRANGERS_BYTES + 1]);
        outbox.prove();
        outbox.push(&[1; 100]);
        outbox.push(&[2; MOST_BYTES]);
        outbox.push(&[3; MOST_BYTES - 100]);
        outbox.push(&[4]);
        outbox.close();
        outbox.push(&[5]);
        let mut written = Vec::new();
        outbox.write_into(&mut written).await;
        let mut expected = vec![1; 100];
        expected.resize(MOST_BYTES, 3);
        assert_eq!(written, expected);
    }

    #[tokio::test]
    async fn little_waits_for_who_proved_nothing() {
        let outbox = Outbox::default();
        for _ in 0..MOST_BYTES {
            outbox.push(&[1; 100]);
        }
        outbox.close();
        let mut written = Vec::new();
        outbox.write_into(&mut written).await;
        assert_eq!(written.len(), STRANGERS_BYTES / 100 * 100);
    }
}
