//! What one socket, one address and all together may ask of a signalling server.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use super::message::CloseCode;
use crate::{
    limits,
    rate::{Bucket, Rate},
    time::Millis,
};

/// What a signalling server allows, and what it promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HubLimits {
    /// Sockets in all; by default [`limits::SERVER_SOCKETS`].
    pub sockets: usize,
    /// Sockets from one address; by default [`limits::SERVER_ADDRESS_SOCKETS`].
    pub sockets_per_address: usize,
    /// Sockets in one channel; by default [`limits::MAX_CHANNEL_SOCKETS`].
    pub sockets_per_channel: usize,
    /// Messages from one socket; by default [`limits::SERVER_SOCKET_RATE`].
    pub socket_rate: Rate,
    /// Messages from one address, opening sockets included; by default [`limits::SERVER_ADDRESS_RATE`].
    pub address_rate: Rate,
    /// How often every device is promised a sign of life; by default [`limits::SERVER_PING`]. Giving it is the
    /// driver's task.
    pub ping: Duration,
    /// Whether members are given relays; by default not. Making the credentials is the driver's task.
    pub relays: bool,
}

impl Default for HubLimits {
    fn default() -> Self {
        Self {
            sockets: limits::SERVER_SOCKETS,
            sockets_per_address: limits::SERVER_ADDRESS_SOCKETS,
            sockets_per_channel: limits::MAX_CHANNEL_SOCKETS,
            socket_rate: limits::SERVER_SOCKET_RATE,
            address_rate: limits::SERVER_ADDRESS_RATE,
            ping: limits::SERVER_PING,
            relays: false,
        }
    }
}

impl HubLimits {
    /// Connections in all, whatever became of them.
    pub fn connections(&self) -> usize {
        self.sockets
            .saturating_add(limits::SERVER_SPARE_CONNECTIONS)
    }

    /// Connections from one address, whatever became of them.
    pub fn connections_per_address(&self) -> usize {
        self.sockets_per_address
            .saturating_add(limits::SERVER_ADDRESS_SPARE_CONNECTIONS)
    }

    /// What can be paid after a rest, and so the most that anything may cost.
    pub(super) fn affordable(&self) -> u32 {
        self.socket_rate.burst.min(self.address_rate.burst).max(1)
    }

    /// What a short message, or one newcomer, with so many receivers costs. How many there are is not the sender's to
    /// choose, so it can always be paid.
    pub(super) fn cost(&self, receivers: usize) -> u32 {
        self.price(receivers, limits::RECEIVERS_PER_MESSAGE)
    }

    /// What a message of so many bytes costs for each [`limits::RECEIVERS_PER_MESSAGE`] receivers.
    pub(super) fn cost_of_size(&self, bytes: usize) -> u32 {
        self.price(bytes, limits::BYTES_PER_MESSAGE)
    }

    fn price(&self, amount: usize, for_one: usize) -> u32 {
        let price = u32::try_from(amount.div_ceil(for_one)).unwrap_or(u32::MAX);
        price.clamp(1, self.affordable())
    }
}

/// Who counts as one: an IPv4 address, or the IPv6 network that one customer gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressKey(IpAddr);

impl AddressKey {
    /// The address itself, or the first of the network.
    #[cfg(feature = "turn")]
    pub(crate) fn network(self) -> IpAddr {
        self.0
    }
}

impl From<IpAddr> for AddressKey {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            // RFC 4291 §2.5.4: the last 64 bits are the host's to choose, as often as it likes.
            IpAddr::V6(address) => {
                let network = address.to_bits() & (u128::MAX << 64);
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
        })
    }
}

/// Counts connections from the moment that they come, when nothing is known of them but their address, until they end.
///
/// A socket is refused with a reason, which takes time and memory of its own; this bounds that, too, and whoever
/// connects and says nothing.
pub struct Connections {
    limits: HubLimits,
    all: usize,
    addresses: BTreeMap<AddressKey, usize>,
}

impl Connections {
    /// None so far.
    pub fn new(limits: HubLimits) -> Self {
        Self {
            limits,
            all: 0,
            addresses: BTreeMap::new(),
        }
    }

    /// Whether one more is let in. Those of a reverse proxy, who is not the client, count without an address.
    pub fn open(&mut self, address: Option<AddressKey>) -> bool {
        if self.all >= self.limits.connections() {
            return false;
        }
        if let Some(address) = address {
            let of_address = self.addresses.entry(address).or_default();
            if *of_address >= self.limits.connections_per_address() {
                return false;
            }
            *of_address += 1;
        }
        self.all += 1;
        true
    }

    /// One that was let in has ended.
    pub fn closed(&mut self, address: Option<AddressKey>) {
        self.all = self.all.saturating_sub(1);
        if let Some(address) = address
            && let Entry::Occupied(mut of_address) = self.addresses.entry(address)
        {
            *of_address.get_mut() -= 1;
            if *of_address.get() == 0 {
                of_address.remove();
            }
        }
    }

    /// How many there are, from how many addresses.
    pub fn load(&self) -> (usize, usize) {
        (self.all, self.addresses.len())
    }
}

/// Why a socket is not let in; each is worth trying again later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Server,
    Address,
    Channel,
    AddressRate,
}

impl Refusal {
    pub(super) const CODE: CloseCode = CloseCode::TryAgainLater;

    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Server => "this server is full",
            Self::Address => "too many sockets from your address",
            Self::Channel => "this channel is full here",
            Self::AddressRate => "too many messages from your address",
        }
    }
}

/// One socket's account.
pub(super) struct SocketAccount {
    address: AddressKey,
    /// Where it came from, of those that count as one.
    ip: IpAddr,
    bucket: Bucket,
    /// Messages not passed on since the account was last full.
    refused: u32,
    /// Relays that it may ask for.
    relays: Bucket,
}

impl SocketAccount {
    /// Where the socket came from; an IPv4 address is never one of IPv6.
    pub(super) fn ip(&self) -> IpAddr {
        self.ip
    }

    /// Whether it may ask for one more relay.
    pub(super) fn asks_for_relay(&mut self, now: Millis) -> bool {
        self.relays.take(now, 1)
    }
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is paid for.
    Pass,
    /// It is dropped, and its sender is told whose rate it is over.
    Warn(&'static str, Rate),
    /// It is dropped.
    Drop,
    /// Its sender was told, and did not listen.
    Close,
}

struct Address {
    sockets: usize,
    bucket: Bucket,
}

/// The accounts of all addresses that have a socket or had one lately.
pub(super) struct Addresses {
    limits: HubLimits,
    accounts: BTreeMap<AddressKey, Address>,
    /// At so many accounts those that can be forgotten are looked for. Twice of what was left the last time, so that
    /// looking costs each newcomer next to nothing.
    sweep_at: usize,
}

impl Addresses {
    pub(super) fn new(limits: HubLimits) -> Self {
        Self {
            limits,
            accounts: BTreeMap::new(),
            sweep_at: limits::MIN_FORGETTABLE_ADDRESSES,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Lets a newcomer in, unless there are too many from its address already. Its `cost` is that of being announced.
    pub(super) fn open(
        &mut self,
        now: Millis,
        ip: IpAddr,
        cost: u32,
    ) -> Result<SocketAccount, Refusal> {
        if self.accounts.len() >= self.sweep_at {
            self.accounts
                .retain(|_, address| address.sockets > 0 || !address.bucket.is_full(now));
            self.sweep_at = (2 * self.accounts.len()).max(limits::MIN_FORGETTABLE_ADDRESSES);
        }
        let (key, rate) = (AddressKey::from(ip), self.limits.address_rate);
        let address = self.accounts.entry(key).or_insert_with(|| Address {
            sockets: 0,
            bucket: Bucket::new(now, rate),
        });
        if address.sockets >= self.limits.sockets_per_address {
            return Err(Refusal::Address);
        }
        if !address.bucket.take(now, cost) {
            return Err(Refusal::AddressRate);
        }
        address.sockets += 1;
        Ok(SocketAccount {
            address: key,
            ip: ip.to_canonical(),
            bucket: Bucket::new(now, self.limits.socket_rate),
            refused: 0,
            relays: Bucket::new(now, limits::RELAY_ASKS),
        })
    }

    pub(super) fn closed(&mut self, socket: &SocketAccount) {
        if let Some(address) = self.accounts.get_mut(&socket.address) {
            address.sockets = address.sockets.saturating_sub(1);
        }
    }

    /// Charges a socket and its address.
    pub(super) fn charge(&mut self, now: Millis, socket: &mut SocketAccount, cost: u32) -> Verdict {
        if socket.refused > 0 && socket.bucket.is_full(now) {
            socket.refused = 0;
        }
        let address = self.accounts.get_mut(&socket.address);
        // Its own fault is not its neighbours': they pay for what was passed on only.
        let (whose, rate) = if !socket.bucket.take(now, cost) {
            ("one socket", self.limits.socket_rate)
        } else if address.is_some_and(|address| !address.bucket.take(now, cost)) {
            ("your address", self.limits.address_rate)
        } else {
            return Verdict::Pass;
        };
        socket.refused = socket.refused.saturating_add(1);
        match socket.refused {
            1 => Verdict::Warn(whose, rate),
            // As much again as was allowed at once: whoever wrote it all before it could hear us is not closed for it.
            refused if refused > self.limits.socket_rate.burst => Verdict::Close,
            _ => Verdict::Drop,
        }
    }
}
