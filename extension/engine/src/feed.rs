//! How what an engine drives tells it what happened.

use std::rc::{Rc, Weak};

use catnest::{
    host::FromHost,
    link::{ConnectionInput, ConnectionKey},
    node::{Input, ServerInput, ServerKey},
};

/// Who is told: the engine.
pub(crate) trait Hears {
    fn hear(self: Rc<Self>, input: Input);

    /// The browser closed a WebSocket: the node hears it, and the engine lets go of it.
    fn server_closed(self: Rc<Self>, server: ServerKey);

    /// The native host can be spoken to, or cannot any more.
    fn host_present(self: Rc<Self>, present: bool);

    /// The native host said something about sockets or pipes.
    fn host_said(self: Rc<Self>, message: FromHost);
}

/// A way to the engine that does not keep it alive.
#[derive(Clone)]
pub(crate) struct Feed(Weak<dyn Hears>);

impl Feed {
    pub(crate) fn new(engine: Weak<dyn Hears>) -> Self {
        Self(engine)
    }

    pub(crate) fn feed(&self, input: Input) {
        if let Some(engine) = self.0.upgrade() {
            engine.hear(input);
        }
    }

    pub(crate) fn server(&self, server: ServerKey, input: ServerInput) {
        self.feed(Input::Server { server, input });
    }

    pub(crate) fn server_closed(&self, server: ServerKey) {
        if let Some(engine) = self.0.upgrade() {
            engine.server_closed(server);
        }
    }

    pub(crate) fn host_present(&self, present: bool) {
        if let Some(engine) = self.0.upgrade() {
            engine.host_present(present);
        }
    }

    pub(crate) fn host_said(&self, message: FromHost) {
        if let Some(engine) = self.0.upgrade() {
            engine.host_said(message);
        }
    }

    pub(crate) fn connection(&self, connection: ConnectionKey, input: ConnectionInput) {
        self.feed(Input::Connection { connection, input });
    }
}
