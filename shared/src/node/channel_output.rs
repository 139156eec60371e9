//! What a channel wants of its node.

use super::{
    event::Event,
    io::{ServerKey, ServerPlace},
    music::MusicMessage,
    pending::Pending,
};
use crate::{
    chat::record::{Position, Record},
    identity::Author,
    link::{ConnectionKey, ConnectionOutput},
    store::{Mark, Request},
    swarm,
};

/// What a channel wants of its node.
#[derive(Debug)]
pub(super) enum ChannelOutput {
    OpenServer {
        server: ServerKey,
        place: ServerPlace,
    },
    SendServer {
        server: ServerKey,
        text: String,
    },
    CloseServer {
        server: ServerKey,
    },
    Connection {
        connection: ConnectionKey,
        output: ConnectionOutput,
    },
    /// A record of another member that is new here, as far as memory reaches.
    Arrived(Arrival),
    /// One that is not kept here.
    Passing(Arrival),
    /// One that burns.
    Burning(Arrival),
    /// Another device has a record of our own.
    Acknowledged {
        position: Position,
        holder: Author,
    },
    /// The store is to do something.
    Store(Request, Box<Pending>),
    /// A neighbour said something about a resource.
    Resource {
        from: ConnectionKey,
        message: swarm::Message,
    },
    /// A neighbour said something about music.
    Music {
        from: ConnectionKey,
        said: MusicMessage,
    },
    /// A link is up, and can be asked for resources.
    Met(ConnectionKey),
    /// A link is gone.
    Parted(ConnectionKey),
    /// A link has room for packets again.
    Room(ConnectionKey),
    /// A link goes on over another connection: what was asked for over it, and what was on its way, may be lost.
    Rerouted(ConnectionKey),
    /// Something the views hear.
    Tell(Event),
    /// What the view shows has changed.
    Changed,
}

/// A record that came in.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) record: Record,
    /// The link it came by; none if it had to wait until it was due.
    pub(super) from: Option<ConnectionKey>,
    /// How the store is to keep it.
    pub(super) mark: Mark,
}
