//! One emulated device: a node, its store, and the ends of its sockets and connections.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use super::{DeviceId, MachineId, liar::Liar};
use crate::{
    channel::ChannelId,
    entropy::Entropy,
    host::{Pairing, ProgramId},
    identity::DeviceSeed,
    link::{ConnectionInput, ConnectionKey, Stream},
    music::{player::PlayerOutput, track::Track},
    node::{Event, Input, Node, Notice, ReadKey, ReadPart, ServerKey},
    signal::hub::Socket,
    store::{Reply, Request, Store, StoreError, memory::MemoryStore},
    time::Millis,
};

pub(super) struct Device {
    pub(super) node: Node,
    /// Counts restarts: what was on its way to an earlier run is lost.
    pub(super) run: u32,
    /// When its node is to be woken.
    pub(super) wake_at: Option<Millis>,
    /// Nothing happens in it before this.
    pub(super) asleep_until: Millis,
    /// By how many milliseconds its clock is fast, or slow if this is negative.
    pub(super) fast_by: i64,
    /// Where it is: nothing gets from one island to another.
    pub(super) island: usize,
    /// What it does with what it is to send, if it is a liar.
    pub(super) liar: Option<Liar>,
    pub(super) events: Vec<Event>,
    /// What readers of its files got.
    pub(super) parts: Vec<(ReadKey, ReadPart)>,
    /// What its media element had to do in this run, and where loads are got.
    pub(super) played: Vec<(PlayerOutput, Option<ChannelId>)>,
    /// What its Media Session shows.
    pub(super) now_playing: Option<Track>,
    pub(super) badge: usize,
    pub(super) notices: Vec<Notice>,
    pub(super) servers: BTreeMap<ServerKey, Socket>,
    pub(super) connections: BTreeMap<ConnectionKey, Connection>,
    /// The machine that it shares with others.
    pub(super) machine: Option<MachineId>,
    /// What it is to the daemon there.
    pub(super) program: Option<ProgramId>,
    pub(super) pairing: Pairing,
    /// It takes nothing off its connections.
    pub(super) deaf: bool,
    pub(super) connections_made: usize,
    pub(super) frames_heard: Vec<Vec<u8>>,
    store: MemoryStore,
    /// What its disk does not do for its node.
    pub(super) fault: Option<Fault>,
    /// What its disk takes longer for.
    pub(super) slow: Option<Slow>,
}

/// How much longer requests take.
pub(super) type Slow = Box<dyn Fn(&Request) -> Duration>;

/// Which requests fail, and how.
pub(super) type Fault = Box<dyn FnMut(&Request) -> Option<StoreError>>;

/// One end of a peer connection.
pub(super) struct Connection {
    /// Random, as a DTLS certificate's is.
    pub(super) fingerprint: [u8; 32],
    /// The other end, once its description is known.
    pub(super) remote: Option<(DeviceId, ConnectionKey)>,
    pub(super) open: bool,
    /// Whether anything gets through.
    pub(super) path: bool,
    /// Until when the relay that it was given can be used.
    pub(super) relay: Option<Millis>,
    /// The same of the relay that its last description names.
    pub(super) described_relay: Option<Millis>,
    /// Its path goes through a relay until then.
    pub(super) relayed: Option<Millis>,
    /// How often the path was lost.
    pub(super) silences: u32,
    /// How many frames it was given.
    pub(super) frames: usize,
    /// Frames that wait for a path.
    pub(super) held: Vec<(Stream, Vec<u8>)>,
}

impl Device {
    pub(super) fn new(entropy: Entropy) -> Self {
        Self {
            node: Node::new(entropy),
            run: 0,
            wake_at: None,
            asleep_until: Millis::default(),
            fast_by: 0,
            island: 0,
            liar: None,
            events: Vec::new(),
            parts: Vec::new(),
            played: Vec::new(),
            now_playing: None,
            badge: 0,
            notices: Vec::new(),
            servers: BTreeMap::new(),
            connections: BTreeMap::new(),
            machine: None,
            program: None,
            pairing: Pairing::default(),
            deaf: false,
            connections_made: 0,
            frames_heard: Vec::new(),
            store: MemoryStore::default(),
            fault: None,
            slow: None,
        }
    }

    /// All but the store and what the views have seen is gone.
    pub(super) fn crash(&mut self, entropy: Entropy) {
        self.node = Node::new(entropy);
        self.run += 1;
        self.played.clear();
        self.now_playing = None;
        self.badge = 0;
        self.wake_at = None;
        self.servers.clear();
        self.connections.clear();
        self.pairing = Pairing::default();
        self.connections_made = 0;
    }

    /// Whether an input is of a connection that it has closed, from which it hears nothing more.
    pub(super) fn has_closed(&self, input: &Input) -> bool {
        match input {
            Input::Connection {
                connection,
                input: ConnectionInput::Frame(_) | ConnectionInput::Buffered { .. },
            } => !self.connections.contains_key(connection) && !self.pairing.has(*connection),
            _ => false,
        }
    }

    /// What its clock shows at a moment.
    pub(super) fn clock(&self, now: Millis) -> Millis {
        Millis(now.0.saturating_add_signed(self.fast_by))
    }

    /// When its clock will show a time.
    pub(super) fn when(&self, shown: Millis) -> Millis {
        Millis(shown.0.saturating_add_signed(-self.fast_by))
    }

    /// When it is due to be woken.
    pub(super) fn alarm(&self) -> Option<Millis> {
        self.wake_at.map(|at| at.max(self.asleep_until))
    }

    pub(super) fn ask_store(&self, request: Request) -> Result<Reply, StoreError> {
        match pin!(self.store.execute(request)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(StoreError::Unavailable("memory never waits".into())),
        }
    }

    /// The seed of the device's keys, if its store has one.
    pub(super) fn seed(&self) -> Option<DeviceSeed> {
        match self.ask_store(Request::LoadDevice) {
            Ok(Reply::Device(Some(device))) => Some(device.seed),
            _ => None,
        }
    }
}
