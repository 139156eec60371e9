//! The server: what comes from clients and peers, and what the driver does then.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use super::{
    Client, Time,
    allocation::{Allocation, AllocationId, Family},
    credential::Secret,
    nonce::Nonces,
    peers::{PeerPolicy, Reach},
    quota::{self, Accounts, Counts, TurnLimits},
    refusal::{BAD_REQUEST, NO_CAPACITY, Refusal, unknown_attributes},
    requests::allocated,
    stun::{self, Class, Frame, Message, Writer, attribute, method},
};
use crate::{entropy::Entropy, limits, rate::Bucket, signal::guard::AddressKey, time::Millis};

/// How a server is set up.
#[derive(Clone, Debug)]
pub struct TurnConfig {
    /// What the server calls itself (RFC 8489 §9.2).
    pub realm: String,
    /// What credentials are checked by.
    pub secret: Secret,
    /// What relays may reach, and where they are.
    pub peers: PeerPolicy,
    /// How much everybody may have.
    pub limits: TurnLimits,
}

/// Who is in which channel of the nest, as the signalling server knows it.
pub trait Nests {
    /// The channel of which this is true.
    fn find(&self, is_it: &dyn Fn(&str) -> bool) -> Option<Arc<str>>;
    /// Whether a member of a channel is at an address: at this one, not just in its network.
    fn has_member(&self, channel: &str, address: IpAddr) -> bool;
}

/// What the driver does with what came from a client.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Nothing: it is garbage, or not allowed and nobody is to be told.
    Nothing,
    /// Answer the client.
    Reply(Vec<u8>),
    /// Send data from a relay to a peer.
    Relay {
        /// Whose relay.
        allocation: AllocationId,
        /// To whom.
        peer: SocketAddr,
        /// What.
        data: &'a [u8],
    },
    /// Bind a relay, and tell [`TurnServer::bound`] how that went.
    Bind {
        /// What the relay is called.
        allocation: AllocationId,
        /// The kind of address that it has to have.
        family: Family,
        /// Whether its port has to be even (RFC 8656 §18.6).
        even: bool,
    },
    /// Close a relay, and answer the client.
    Close {
        /// Whose relay.
        allocation: AllocationId,
        /// The answer.
        reply: Vec<u8>,
    },
}

/// How what came from a peer goes to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// As ChannelData with this number; see [`stun::channel_header`].
    Channel(u16),
    /// As a Data indication; see [`TurnServer::indication`].
    Indication,
}

/// No relay could be bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no relay could be bound")]
pub struct NoRelay;

/// The state of one server.
pub struct TurnServer {
    pub(super) config: TurnConfig,
    pub(super) entropy: Entropy,
    pub(super) nonces: Nonces,
    /// Answers to who proved nothing.
    pub(super) strangers: Accounts,
    /// Allocations that are begun.
    pub(super) allocating: Accounts,
    /// Bytes that may be relayed for the clients of one address.
    pub(super) address_bytes: Accounts,
    /// Bytes that may be relayed in all.
    pub(super) bytes: Bucket,
    pub(super) next: u64,
    pub(super) allocations: BTreeMap<AllocationId, Allocation>,
    pub(super) clients: BTreeMap<Client, AllocationId>,
    pub(super) users: Counts<Arc<str>>,
    pub(super) addresses: Counts<AddressKey>,
    pub(super) deadlines: BTreeSet<(Millis, AllocationId)>,
}

impl TurnServer {
    /// A server without clients.
    pub fn new(now: Millis, config: TurnConfig, mut entropy: Entropy) -> Self {
        let allowed = config.limits;
        Self {
            nonces: Nonces::new(entropy.bytes()),
            strangers: Accounts::new(now, allowed.stranger_rate, entropy.bytes()),
            allocating: Accounts::new(now, limits::TURN_ALLOCATING_RATE, entropy.bytes()),
            address_bytes: Accounts::new(
                now,
                quota::bytes_a_second(allowed.bytes_per_address),
                entropy.bytes(),
            ),
            bytes: Bucket::new(now, quota::bytes_a_second(allowed.bytes)),
            config,
            entropy,
            next: 0,
            allocations: BTreeMap::new(),
            clients: BTreeMap::new(),
            users: Counts::new(allowed.allocations_per_user),
            addresses: Counts::new(allowed.allocations_per_address),
            deadlines: BTreeSet::new(),
        }
    }

    /// The machine has other addresses of its own now.
    pub fn set_own(&mut self, own: Vec<IpAddr>) {
        self.config.peers.own = own;
    }

    /// How many allocations there are.
    pub fn allocations(&self) -> usize {
        self.allocations.len()
    }

    /// Whether a client has an allocation.
    pub fn serves(&self, client: &Client) -> bool {
        self.clients.contains_key(client)
    }

    /// A datagram, or a frame of a connection, came from a client.
    pub fn from_client<'a>(
        &mut self,
        time: Time,
        client: Client,
        bytes: &'a [u8],
        nests: &dyn Nests,
    ) -> Step<'a> {
        let Some(&header) = bytes.first_chunk() else {
            return Step::Nothing;
        };
        match stun::frame(header) {
            Frame::Channel(number, length) => {
                let data = bytes.get(stun::CHANNEL_HEADER..stun::CHANNEL_HEADER + length);
                data.and_then(|data| self.channel_data(time.now, &client, number, data))
                    .unwrap_or(Step::Nothing)
            }
            Frame::Stun => match Message::parse(bytes) {
                Ok(message) => self.message(time, client, &message, nests),
                Err(_) => Step::Nothing,
            },
            Frame::Garbage => Step::Nothing,
        }
    }

    /// Data came from a peer to a relay: to whom it goes and how, if the client lets the peer in.
    pub fn from_peer(
        &mut self,
        now: Millis,
        id: AllocationId,
        peer: SocketAddr,
        length: usize,
    ) -> Option<(Client, Framing)> {
        let allocation = self.allocations.get_mut(&id)?;
        let peer = canonical(peer);
        if !allocation.permits(now, peer.ip()) {
            return None;
        }
        let framing = match allocation.number(now, peer) {
            Some(number) => Framing::Channel(number),
            // A channel's peer was looked at when it was bound; of this one only the address was.
            None if self.config.peers.reach_socket(peer) == Reach::Denied => return None,
            None => Framing::Indication,
        };
        let others = (&mut self.address_bytes, &mut self.bytes);
        affordable(allocation, others, now, length).then_some((allocation.client, framing))
    }

    /// The Data indication (RFC 8656 §11.6) that carries what came from a peer.
    pub fn indication(&mut self, peer: SocketAddr, data: &[u8]) -> Vec<u8> {
        Writer::new(Class::Indication, method::DATA, self.entropy.bytes())
            .with_address(attribute::XOR_PEER_ADDRESS, canonical(peer))
            .with(attribute::DATA, data)
            .finish()
    }

    /// How binding a relay went: the answer to the client. Without an answer the allocation is gone, and with it the
    /// relay's use.
    pub fn bound(
        &mut self,
        id: AllocationId,
        relayed: Result<SocketAddr, NoRelay>,
    ) -> Option<(Client, Vec<u8>)> {
        let allocation = self.allocations.get_mut(&id)?;
        let client = allocation.client;
        match relayed {
            Ok(relayed) => {
                allocation.relayed = Some(relayed);
                let reply = allocated(allocation, relayed, client.canonical());
                Some((client, reply))
            }
            Err(NoRelay) => {
                let Refusal(code, reason) = NO_CAPACITY;
                let reply = Writer::new(Class::Error, method::ALLOCATE, allocation.transaction)
                    .with_error(code, reason)
                    .signed(&allocation.user.key)
                    .finish();
                self.remove(id);
                Some((client, reply))
            }
        }
    }

    /// A client's connection has ended, and its allocation with it: the relay to be closed (RFC 8656 §7.1).
    pub fn client_gone(&mut self, client: &Client) -> Option<AllocationId> {
        let id = *self.clients.get(client)?;
        self.remove(id);
        Some(id)
    }

    /// When [`Self::expired`] has something to tell.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// An allocation that nobody has refreshed in time: its relay is to be closed.
    pub fn expired(&mut self, now: Millis) -> Option<(AllocationId, Client)> {
        let &(at, id) = self.deadlines.first()?;
        if at > now {
            return None;
        }
        let client = self.allocations.get(&id)?.client;
        self.remove(id);
        Some((id, client))
    }

    pub(super) fn remove(&mut self, id: AllocationId) {
        let Some(allocation) = self.allocations.remove(&id) else {
            return;
        };
        self.clients.remove(&allocation.client);
        self.deadlines.remove(&(allocation.until, id));
        self.users.remove(allocation.user.username);
        self.addresses.remove(allocation.client.address.ip().into());
    }

    fn channel_data<'a>(
        &mut self,
        now: Millis,
        client: &Client,
        number: u16,
        data: &'a [u8],
    ) -> Option<Step<'a>> {
        let id = *self.clients.get(client)?;
        let allocation = self.allocations.get_mut(&id)?;
        let peer = allocation.peer(now, number)?;
        let others = (&mut self.address_bytes, &mut self.bytes);
        affordable(allocation, others, now, data.len()).then_some(Step::Relay {
            allocation: id,
            peer,
            data,
        })
    }

    fn message<'a>(
        &mut self,
        time: Time,
        client: Client,
        message: &Message<'a>,
        nests: &dyn Nests,
    ) -> Step<'a> {
        let now = time.now;
        match (message.class(), message.method()) {
            (Class::Request, method::BINDING) => self.binding(now, &client, message),
            (
                Class::Request,
                method::ALLOCATE
                | method::REFRESH
                | method::CREATE_PERMISSION
                | method::CHANNEL_BIND,
            ) => match self.authenticate(time, &client, message) {
                Ok(user) => self.request(time, client, message, user, nests),
                Err(step) => step,
            },
            (Class::Request, _) => self.refuse_stranger(now, &client, message, BAD_REQUEST),
            (Class::Indication, method::SEND) => {
                self.send(now, &client, message).unwrap_or(Step::Nothing)
            }
            _ => Step::Nothing,
        }
    }

    /// RFC 8656 §11.2: what is wrong with it nobody is told.
    fn send<'a>(
        &mut self,
        now: Millis,
        client: &Client,
        message: &Message<'a>,
    ) -> Option<Step<'a>> {
        if !unknown_attributes(message).is_empty() {
            return None;
        }
        let id = *self.clients.get(client)?;
        let allocation = self.allocations.get_mut(&id)?;
        let peer = canonical(message.address(message.attribute(attribute::XOR_PEER_ADDRESS)?)?);
        let data = message.attribute(attribute::DATA)?;
        if !allocation.permits(now, peer.ip())
            || self.config.peers.reach_socket(peer) == Reach::Denied
        {
            return None;
        }
        let others = (&mut self.address_bytes, &mut self.bytes);
        affordable(allocation, others, now, data.len()).then_some(Step::Relay {
            allocation: id,
            peer,
            data,
        })
    }
}

/// Whether so many bytes may be relayed; if so, they are paid for out of each account, that of the fewest first: the
/// allocation's, its address's, and that of all.
fn affordable(
    allocation: &mut Allocation,
    (addresses, all): (&mut Accounts, &mut Bucket),
    now: Millis,
    bytes: usize,
) -> bool {
    let Some(address) = addresses.get_mut(allocation.account) else {
        return false;
    };
    let amount = u32::try_from(bytes).unwrap_or(u32::MAX);
    [&mut allocation.bytes, address, all]
        .into_iter()
        .all(|account| account.take(now, amount))
}

pub(super) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
