//! The way between an engine and the daemon of this machine's native host: what the engine says, and what waits for it.

use std::sync::Arc;

use catnest::host::{FromHost, ToHost, cost};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// An engine's way to the daemon. Where its letters end, so does the way, and all that went by it.
pub struct Host {
    /// Says something to the daemon, without waiting.
    pub say: Box<dyn Fn(ToHost) + Send>,
    /// What the daemon says.
    pub letters: Letters,
    /// How to come anew once the letters have ended; without it, that is the end.
    pub again: Option<Box<dyn Fn() -> Self + Send>>,
}

/// Where messages for one program wait, bounded in bytes.
#[derive(Debug)]
pub struct Mailbox {
    /// Unbounded in itself; `room` is its bound.
    letters: mpsc::UnboundedSender<Letter>,
    room: Arc<Semaphore>,
}

/// What waits in a mailbox, in order.
#[derive(Debug)]
pub struct Letters(mpsc::UnboundedReceiver<Letter>);

#[derive(Debug)]
struct Letter {
    message: FromHost,
    /// Its room is free once it is taken out.
    _room: OwnedSemaphorePermit,
}

impl Mailbox {
    /// An empty mailbox with room for so many bytes, and the way to empty it.
    pub fn new(bytes: usize) -> (Self, Letters) {
        let (letters, taken) = mpsc::unbounded_channel();
        let room = Arc::new(Semaphore::new(bytes));
        (Self { letters, room }, Letters(taken))
    }

    /// Puts a message in, or gives it back if there is no room.
    #[must_use]
    pub fn put(&self, message: FromHost) -> Option<FromHost> {
        let room = u32::try_from(cost(&message)).ok();
        let room = room.and_then(|bytes| self.room.clone().try_acquire_many_owned(bytes).ok());
        let Some(room) = room else {
            return Some(message);
        };
        // Whoever empties it is about to be gone, if it is not there any more.
        let _gone = self.letters.send(Letter {
            message,
            _room: room,
        });
        None
    }
}

impl Letters {
    /// The next message; none once the mailbox is gone.
    pub async fn next(&mut self) -> Option<FromHost> {
        Some(self.0.recv().await?.message)
    }
}

impl Host {
    /// What the daemon says next; without a host, nothing ever.
    pub(super) async fn hears(host: &mut Option<Self>) -> Option<FromHost> {
        match host {
            Some(host) => host.letters.next().await,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use catnest::host::SocketNews;

    use super::*;

    #[tokio::test]
    async fn room_is_bounded_and_comes_back() {
        let text = FromHost::Signal {
            socket: 1,
            what: SocketNews::Text {
                text: "x".repeat(1000),
            },
        };
        let (mailbox, mut letters) = Mailbox::new(2 * cost(&text));
        assert_eq!(mailbox.put(text.clone()), None);
        assert_eq!(mailbox.put(text.clone()), None);
        assert_eq!(mailbox.put(text.clone()), Some(text.clone()));
        assert_eq!(letters.next().await.as_ref(), Some(&text));
        assert_eq!(mailbox.put(text), None);
        drop(mailbox);
        assert!(letters.next().await.is_some() && letters.next().await.is_some());
        assert_eq!(letters.next().await, None);
    }
}
