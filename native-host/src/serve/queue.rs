//! What waits to be sent to one socket: bounded in bytes, texts in order, then perhaps a close.

use std::sync::Arc;

use catnest::{limits, signal::message::CloseCode};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};

/// What one socket may have waiting, by default. A newcomer to a full channel is told of everyone there at once, and sixteen of the
/// largest messages fit; a socket that is behind by more does not read, and is closed.
pub(crate) const QUEUE_BYTES: usize = 1024 * 1024;
/// What a waiting text costs beyond its own bytes, so that many small ones are bounded too.
const TEXT_OVERHEAD: usize = 64;
/// A push at its longest: a channel name of quotation marks, each escaped, and 150 bytes around it.
pub(super) const LONGEST_PUSH: usize = 2 * limits::MAX_CHANNEL_NAME_BYTES + 150;

const _: () = assert!(
    needed(limits::MAX_CHANNEL_SOCKETS) <= QUEUE_BYTES,
    "who joins a full channel would be closed for it"
);
/// What a newcomer to a channel of so many sockets hears at once.
pub(super) const fn needed(sockets: usize) -> usize {
    sockets * (LONGEST_PUSH + TEXT_OVERHEAD)
}

const _: () = assert!(16 * limits::MAX_SIGNAL_BYTES <= QUEUE_BYTES);

/// How a WebSocket is closed (RFC 6455 §7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub(super) code: u16,
    pub(super) reason: &'static str,
}

/// The socket's peer does not read what it is sent. Its code is that of an overload: it may come back.
pub(super) const TOO_SLOW: Close = Close {
    code: CloseCode::TryAgainLater as u16,
    reason: "too slow: messages were not read in time",
};

/// What the socket is to do next.
pub(super) enum Item {
    /// Send a text; its room in the queue is free once this is dropped.
    Text(Arc<str>, OwnedSemaphorePermit),
    /// Close, after all that came before.
    Close(Close),
}

/// The queue has no room.
#[derive(Debug)]
pub(super) struct Full;

/// The end that the hub holds.
pub(super) struct Sender {
    /// Unbounded in itself; `room` is its bound.
    items: mpsc::UnboundedSender<Item>,
    room: Arc<Semaphore>,
    cut: Arc<Notify>,
}

/// The end that the socket holds.
pub(super) struct Receiver {
    items: mpsc::UnboundedReceiver<Item>,
    cut: Arc<Notify>,
}

/// An empty queue with room for so many bytes.
pub(super) fn new(bytes: usize) -> (Sender, Receiver) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let cut = Arc::new(Notify::new());
    let room = Arc::new(Semaphore::new(bytes));
    (
        Sender {
            items: sender,
            room,
            cut: cut.clone(),
        },
        Receiver {
            items: receiver,
            cut,
        },
    )
}

impl Sender {
    /// Queues a text.
    pub(super) fn text(&self, text: Arc<str>) -> Result<(), Full> {
        let cost = u32::try_from(text.len() + TEXT_OVERHEAD).map_err(|_| Full)?;
        let permit = self
            .room
            .clone()
            .try_acquire_many_owned(cost)
            .map_err(|_| Full)?;
        // A receiver that is gone has a socket that is about to leave.
        let _ = self.items.send(Item::Text(text, permit));
        Ok(())
    }

    /// The last thing the socket does, once all that was queued is sent.
    pub(super) fn close(self, close: Close) {
        let _ = self.items.send(Item::Close(close));
    }

    /// Makes the socket close as [`TOO_SLOW`] at once, whatever is queued.
    pub(super) fn cut(self) {
        self.cut.notify_one();
    }
}

impl Receiver {
    /// What is to be done next; nothing more once the hub has dropped its end.
    pub(super) async fn next(&mut self) -> Option<Item> {
        self.items.recv().await
    }

    /// Waits until the hub gives the socket up.
    pub(super) async fn cut(&self) -> Close {
        self.cut.notified().await;
        TOO_SLOW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn room_is_bounded_and_comes_back() {
        let (sender, mut receiver) = new(QUEUE_BYTES);
        let text: Arc<str> = "x".repeat(limits::MAX_SIGNAL_BYTES).into();
        let mut fitting = 0;
        while sender.text(text.clone()).is_ok() {
            fitting += 1;
        }
        assert_eq!(fitting, QUEUE_BYTES / (text.len() + TEXT_OVERHEAD));
        assert!(matches!(receiver.next().await, Some(Item::Text(..))));
        sender.text(text).unwrap();
    }

    #[tokio::test]
    async fn a_close_comes_after_what_was_queued() {
        let (sender, mut receiver) = new(QUEUE_BYTES);
        sender.text("last words".into()).unwrap();
        sender.close(TOO_SLOW);
        assert!(
            matches!(receiver.next().await, Some(Item::Text(text, _)) if &*text == "last words")
        );
        assert!(matches!(receiver.next().await, Some(Item::Close(TOO_SLOW))));
        assert!(receiver.next().await.is_none());
    }

    #[tokio::test]
    async fn a_cut_is_remembered_until_somebody_waits_for_it() {
        let (sender, receiver) = new(QUEUE_BYTES);
        sender.cut();
        assert_eq!(receiver.cut().await, TOO_SLOW);
    }
}
