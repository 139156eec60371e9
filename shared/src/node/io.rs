//! Everything that can happen to a node, and everything it can want: one closed enum each way.

use std::collections::BTreeSet;

use super::{
    command::{Command, RequestId},
    event::Event,
    read::{ReadKey, ReadPart},
};
use crate::{
    channel::ChannelId,
    link::{ConnectionInput, ConnectionKey, ConnectionOutput},
    music::{
        player::{Intent, PlayerOutput, Report},
        track::Track,
    },
    preferences::Language,
    resource::ResourceId,
    store::{Reply, Request, StoreError},
    time::Millis,
};

/// The driver's name for one WebSocket to a signalling server. Every attempt has a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerKey(pub u64);

/// Where a signalling server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerPlace {
    /// At this URL; a WebSocket with the subprotocol [`crate::signal::SUBPROTOCOL`] leads there.
    Web(String),
    /// In the daemon of this machine's native host, where the channel is called so. It is spoken to as
    /// [`crate::host::Pairing`] says.
    Host(String),
}

/// Names a request to the store until its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What happened to a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerInput {
    /// It is open.
    Opened,
    /// A text came.
    Text(String),
    /// It is closed, or could not be opened.
    Closed,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The driver is ready.
    Start,
    /// A view, or a terminal, wants something.
    Command {
        /// Comes back with the reply.
        request: RequestId,
        /// What.
        command: Command,
    },
    /// A store request is done, or not.
    Stored {
        /// Which.
        ticket: Ticket,
        /// With what result.
        result: Result<Reply, StoreError>,
    },
    /// Something happened to a WebSocket.
    Server {
        /// Which.
        server: ServerKey,
        /// What.
        input: ServerInput,
    },
    /// Something happened to a connection.
    Connection {
        /// Which.
        connection: ConnectionKey,
        /// What.
        input: ConnectionInput,
    },
    /// The time asked for with [`Output::WakeAt`] has come.
    Wake,
    /// These channels are on a screen now, and no others.
    LookedAt(BTreeSet<ChannelId>),
    /// The device has another network than before, or a network again.
    NetworkChanged,
    /// The daemon of this machine's native host can be spoken to, or cannot any more. It cannot at the start.
    HostPresent(bool),
    /// Somebody reads a file, which need not be here yet: see [`crate::node::ReadPart`].
    Read {
        /// Its name from now on.
        read: ReadKey,
        /// Which file.
        resource: ResourceId,
        /// Where it is got if it is not here and not on its way.
        channel: Option<ChannelId>,
        /// The first byte.
        offset: u64,
        /// How many bytes at most: with none, only what the file is; `u64::MAX` is all that follows.
        length: u64,
    },
    /// A reader wants the next part.
    ReadMore(ReadKey),
    /// A reader wants no more. If anything is fetched, that goes on.
    StopReading(ReadKey),
    /// The media element reports something.
    PlayerReport(Report),
    /// A person does something with the player, by Media Session.
    Intent(Intent),
}

/// What the driver has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Ask the store. Requests are carried out in order.
    Store {
        /// Comes back with the reply.
        ticket: Ticket,
        /// What.
        request: Request,
    },
    /// Open a way to a signalling server.
    OpenServer {
        /// Its name from now on.
        server: ServerKey,
        /// Where.
        place: ServerPlace,
    },
    /// Send a text.
    SendServer {
        /// On which WebSocket.
        server: ServerKey,
        /// What.
        text: String,
    },
    /// Close a WebSocket and forget it.
    CloseServer {
        /// Which.
        server: ServerKey,
    },
    /// Do something with a connection.
    Connection {
        /// Which.
        connection: ConnectionKey,
        /// What.
        output: ConnectionOutput,
    },
    /// Give [`Input::Wake`] at this time; replaces the time asked for before. `None`: not at all.
    WakeAt(Option<Millis>),
    /// Tell the views.
    Event(Event),
    /// Give a reader what it waits for.
    Read {
        /// Which.
        read: ReadKey,
        /// What.
        part: ReadPart,
    },
    /// Have the media element do something.
    Player {
        /// What.
        output: PlayerOutput,
        /// If it is a load: where it is got if it is not here.
        channel: Option<ChannelId>,
    },
    /// Tell Media Session what is played.
    NowPlaying {
        /// What is said of it; none: nothing is played, or nothing is known.
        track: Option<Box<Track>>,
        /// Where its cover is got if it is not here.
        channel: Option<ChannelId>,
    },
    /// Show so many unread messages where the member sees it without opening a view. It starts with none.
    Badge(usize),
    /// Show a notification, in place of an earlier one of the same channel.
    Notify(Notice),
    /// Take a channel's notification away, if it is still there.
    WithdrawNotice(ChannelId),
}

/// A notification of a new message: only what the member wants to be seen on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Where it came.
    pub channel: ChannelId,
    /// How many messages are unread there.
    pub unread: usize,
    /// The language that the member chose.
    pub language: Option<Language>,
    /// Who wrote it.
    pub sender: Option<String>,
    /// The channel's name.
    pub nest: Option<String>,
    /// What it says, or the beginning of it.
    pub text: Option<String>,
}
