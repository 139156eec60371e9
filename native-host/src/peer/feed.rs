//! How what an engine drives tells it what happened.

use catnest::{
    link::{ConnectionInput, ConnectionKey},
    node::{Input, ServerInput, ServerKey},
};
use tokio::sync::mpsc;

/// What may wait for the engine: 4 MiB when all of it is frames. Whoever finds it full waits, and reads nothing from
/// its socket meanwhile.
const QUEUE: usize = 64;

/// A way to the engine that does not keep it alive.
#[derive(Clone)]
pub(super) struct Feed(mpsc::Sender<Input>);

/// The engine has ended, and whoever finds out may end, too.
#[derive(Debug)]
pub(super) struct Gone;

impl Feed {
    /// A way, and its end.
    pub(super) fn new() -> (Self, mpsc::Receiver<Input>) {
        let (feed, inputs) = mpsc::channel(QUEUE);
        (Self(feed), inputs)
    }

    async fn feed(&self, input: Input) -> Result<(), Gone> {
        self.0.send(input).await.map_err(|_| Gone)
    }

    pub(super) async fn server(&self, server: ServerKey, input: ServerInput) -> Result<(), Gone> {
        self.feed(Input::Server { server, input }).await
    }

    /// The way for one connection.
    pub(super) fn of(&self, key: ConnectionKey) -> ConnectionFeed {
        ConnectionFeed {
            feed: self.clone(),
            key,
        }
    }
}

/// The same for what drives one connection.
#[derive(Clone)]
pub(super) struct ConnectionFeed {
    feed: Feed,
    key: ConnectionKey,
}

impl ConnectionFeed {
    pub(super) async fn tell(&self, input: ConnectionInput) -> Result<(), Gone> {
        let connection = self.key;
        self.feed
            .feed(Input::Connection { connection, input })
            .await
    }
}
