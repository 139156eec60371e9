//! One emulated device: a node, its store, and the ends of its sockets and connections.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use super::DeviceId;
use crate::{
    entropy::Entropy,
    link::ConnectionKey,
    node::{Event, Node, ServerKey},
    signal::hub::Socket,
    store::{Reply, Request, Store, StoreError, memory::MemoryStore},
    time::Millis,
};

pub(super) struct Device {
    pub(super) node: Node,
    /// Counts restarts: what was on its way to an earlier run is lost.
    pub(super) run: u32,
    pub(super) wake_at: Option<Millis>,
    pub(super) events: Vec<Event>,
    pub(super) servers: BTreeMap<ServerKey, Socket>,
    pub(super) connections: BTreeMap<ConnectionKey, Connection>,
    store: MemoryStore,
}

/// One end of a peer connection.
pub(super) struct Connection {
    /// Random, as a DTLS certificate's is.
    pub(super) fingerprint: [u8; 32],
    /// The other end, once its description is known.
    pub(super) remote: Option<(DeviceId, ConnectionKey)>,
    pub(super) open: bool,
}

impl Device {
    pub(super) fn new(entropy: Entropy) -> Self {
        Self {
            node: Node::new(entropy),
            run: 0,
            wake_at: None,
            events: Vec::new(),
            servers: BTreeMap::new(),
            connections: BTreeMap::new(),
            store: MemoryStore::default(),
        }
    }

    /// All but the store and what the views have seen is gone.
    pub(super) fn crash(&mut self, entropy: Entropy) {
        self.node = Node::new(entropy);
        self.run += 1;
        self.wake_at = None;
        self.servers.clear();
        self.connections.clear();
    }

    pub(super) fn ask_store(&self, request: Request) -> Result<Reply, StoreError> {
        match pin!(self.store.execute(request)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(StoreError::Unavailable("memory never waits".into())),
        }
    }
}
