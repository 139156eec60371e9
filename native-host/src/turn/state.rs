//! The rules behind their lock, and which sockets belong to what they name.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use catnest::{
    entropy::Entropy,
    time::Millis,
    turn::{
        Client, Time, Transport,
        allocation::{AllocationId, Family},
        server::{Framing, Nests, NoRelay, Step, TurnConfig, TurnServer},
        stun,
    },
};
use catnest_host::wall;
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

use super::{
    datagrams::{Datagram, Datagrams},
    outbox::Outbox,
    outgoing::{Outgoing, Way},
    ports::Ports,
    relay::{self, Relay},
};

/// One TURN server.
pub(super) struct Turn {
    state: Mutex<State>,
    nests: Arc<dyn Nests + Send + Sync>,
    /// Where clients reach it by UDP.
    pub(super) udp: Arc<Datagrams>,
    /// There is a new allocation, which may be the first to expire.
    deadlines: Notify,
}

struct State {
    server: TurnServer,
    /// When the rules' time began: a clock that never runs backwards.
    started: Instant,
    relays: HashMap<AllocationId, Relay>,
    streams: HashMap<Client, Arc<Outbox>>,
    ports: Ports,
    entropy: Entropy,
}

impl Turn {
    pub(super) fn new(
        config: TurnConfig,
        mut entropy: Entropy,
        udp: Arc<Datagrams>,
        ports: Ports,
        nests: Arc<dyn Nests + Send + Sync>,
    ) -> Arc<Self> {
        let server = TurnServer::new(Millis(0), config, Entropy::from_seed(entropy.bytes()));
        Arc::new(Self {
            state: Mutex::new(State {
                server,
                started: Instant::now(),
                relays: HashMap::new(),
                streams: HashMap::new(),
                ports,
                entropy,
            }),
            nests,
            udp,
            deadlines: Notify::new(),
        })
    }

    /// What came from clients, each with its bytes.
    pub(super) fn hear_clients<'a>(
        self: &Arc<Self>,
        came: impl Iterator<Item = (Client, &'a [u8])>,
        outgoing: &mut Outgoing,
    ) {
        let mut state = self.state();
        let time = Time {
            now: state.now(),
            wall: wall::now(),
        };
        for (client, bytes) in came {
            match state.server.from_client(time, client, bytes, &*self.nests) {
                Step::Nothing => {}
                Step::Reply(reply) => self.answer(&state, client, &reply, outgoing),
                Step::Relay {
                    allocation,
                    peer,
                    data,
                } => {
                    if let Some(relay) = state.relays.get(&allocation) {
                        outgoing.push(relay.way(peer), [data, &[], &[]]);
                    }
                }
                Step::Bind {
                    allocation,
                    family,
                    even,
                } => {
                    let relayed = self.bind(&mut state, allocation, family, even);
                    if relayed.is_ok()
                        && let Some(outbox) = state.streams.get(&client)
                    {
                        outbox.prove();
                    }
                    if let Some((client, reply)) = state.server.bound(allocation, relayed) {
                        self.answer(&state, client, &reply, outgoing);
                    }
                    self.deadlines.notify_one();
                }
                Step::Close { allocation, reply } => {
                    state.relays.remove(&allocation);
                    self.answer(&state, client, &reply, outgoing);
                }
            }
        }
    }

    /// What came from peers to a relay.
    pub(super) fn hear_peers<'a>(
        &self,
        allocation: AllocationId,
        came: impl Iterator<Item = Datagram<'a>>,
        outgoing: &mut Outgoing,
    ) {
        let mut state = self.state();
        let now = state.now();
        for Datagram { from, bytes, .. } in came {
            let Ok(length) = u16::try_from(bytes.len()) else {
                continue;
            };
            let passed = state.server.from_peer(now, allocation, from, bytes.len());
            let Some((client, framing)) = passed else {
                continue;
            };
            match framing {
                Framing::Channel(number) => {
                    let header = stun::channel_header(number, length);
                    // RFC 8656 §12.5: only in streams.
                    let padding: &[u8] = match client.transport {
                        Transport::Tcp => &[0; 3][..usize::from(length.wrapping_neg() % 4)],
                        Transport::Udp => &[],
                    };
                    if let Some(way) = self.way(&state, client) {
                        outgoing.push(way, [&header, bytes, padding]);
                    }
                }
                Framing::Indication => {
                    let indication = state.server.indication(from, bytes);
                    self.answer(&state, client, &indication, outgoing);
                }
            }
        }
    }

    /// A client's connection is there.
    pub(super) fn opened(&self, client: Client, outbox: Arc<Outbox>) {
        self.state().streams.insert(client, outbox);
    }

    /// It is gone.
    pub(super) fn gone(&self, client: &Client) {
        let mut state = self.state();
        state.streams.remove(client);
        if let Some(allocation) = state.server.client_gone(client) {
            state.relays.remove(&allocation);
        }
    }

    /// Whether a client has an allocation.
    pub(super) fn serves(&self, client: &Client) -> bool {
        self.state().server.serves(client)
    }

    /// The machine has other addresses.
    pub(super) fn set_own(&self, own: Vec<IpAddr>) {
        self.state().server.set_own(own);
    }

    fn bind(
        self: &Arc<Self>,
        state: &mut State,
        allocation: AllocationId,
        family: Family,
        even: bool,
    ) -> Result<SocketAddr, NoRelay> {
        let (socket, address) = state.ports.bind(family, even, &mut state.entropy)?;
        let relay = relay::start(self.clone(), allocation, socket).map_err(|error| {
            tracing::warn!(%error, "no socket for a relay");
            NoRelay
        })?;
        state.relays.insert(allocation, relay);
        Ok(address)
    }

    fn answer(&self, state: &State, client: Client, bytes: &[u8], outgoing: &mut Outgoing) {
        if let Some(way) = self.way(state, client) {
            outgoing.push(way, [bytes, &[], &[]]);
        }
    }

    fn way(&self, state: &State, client: Client) -> Option<Way> {
        Some(match client.transport {
            Transport::Udp => Way::Datagram {
                socket: self.udp.clone(),
                to: client.address,
                from: client.local.map(|local| local.ip()),
            },
            Transport::Tcp => Way::Stream(state.streams.get(&client)?.clone()),
        })
    }

    /// The state is whole even if a thread panicked with it in hand: every change to it is one call.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn now(&self) -> Millis {
        Millis(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// Ends allocations that are not refreshed in time.
pub(super) fn start_expiring(turn: Arc<Turn>) {
    tokio::spawn(async move {
        loop {
            let wait = {
                let mut state = turn.state();
                let now = state.now();
                while let Some((allocation, client)) = state.server.expired(now) {
                    state.relays.remove(&allocation);
                    if let Some(outbox) = state.streams.remove(&client) {
                        outbox.close();
                    }
                }
                state.server.next_deadline().map(|at| at.since(now))
            };
            match wait {
                // An allocation lasts ten minutes, so that this is seldom, and an earlier one than the first never comes.
                Some(wait) => sleep(wait).await,
                None => turn.deadlines.notified().await,
            }
        }
    });
}
