//! One allocation: a relay that belongs to one client, and the peers that the client lets in.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use super::{
    Client,
    quota::{self, AccountId},
};
use crate::{limits, rate::Bucket, time::Millis};

/// The driver's name for one relay socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AllocationId(pub u64);

/// The kind of address a relay has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// That of an address.
    pub fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }
}

/// Who asked for an allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    pub(super) username: Arc<str>,
    /// What its messages and the answers are signed with.
    pub(super) key: [u8; 16],
    /// The channel of the nest that its credentials were made in, if that is known here.
    pub(super) nest: Option<Arc<str>>,
}

struct Channel {
    peer: SocketAddr,
    until: Millis,
}

pub(super) struct Allocation {
    pub(super) client: Client,
    pub(super) user: User,
    pub(super) family: Family,
    /// The request that made it, which may come again.
    pub(super) transaction: [u8; 12],
    /// Where it is; none until the driver has bound it.
    pub(super) relayed: Option<SocketAddr>,
    pub(super) until: Millis,
    /// Bytes that may be relayed, both ways.
    pub(super) bytes: Bucket,
    /// Where those of all allocations of the client's address are counted.
    pub(super) account: AccountId,
    permissions: BTreeMap<IpAddr, Millis>,
    channels: BTreeMap<u16, Channel>,
    numbers: BTreeMap<SocketAddr, u16>,
}

/// The allocation has as many peers as it may.
pub(super) struct TooMany;

/// A channel cannot be bound so: its number or its peer is another's.
pub(super) enum BindError {
    Taken,
    TooMany,
}

impl Allocation {
    pub(super) fn new(
        now: Millis,
        client: Client,
        user: User,
        family: Family,
        transaction: [u8; 12],
        bytes_per_second: u32,
        account: AccountId,
    ) -> Self {
        Self {
            client,
            user,
            family,
            transaction,
            relayed: None,
            until: now + limits::ALLOCATION_LIFETIME,
            bytes: Bucket::new(now, quota::bytes_a_second(bytes_per_second)),
            account,
            permissions: BTreeMap::new(),
            channels: BTreeMap::new(),
            numbers: BTreeMap::new(),
        }
    }

    /// Lets peers at these addresses in: all of them, or none.
    pub(super) fn permit(
        &mut self,
        now: Millis,
        peers: impl IntoIterator<Item = IpAddr>,
    ) -> Result<(), TooMany> {
        let peers: BTreeSet<IpAddr> = peers.into_iter().collect();
        let new = |permissions: &BTreeMap<IpAddr, Millis>| {
            let is_new = |ip: &&IpAddr| !permissions.contains_key(*ip);
            peers.iter().filter(is_new).count()
        };
        if self.permissions.len() + new(&self.permissions) > limits::MAX_PERMISSIONS {
            self.permissions.retain(|_, until| *until > now);
            if self.permissions.len() + new(&self.permissions) > limits::MAX_PERMISSIONS {
                return Err(TooMany);
            }
        }
        let until = now + limits::PERMISSION_LIFETIME;
        self.permissions
            .extend(peers.into_iter().map(|ip| (ip, until)));
        Ok(())
    }

    /// Whether peers at an address are let in.
    pub(super) fn permits(&self, now: Millis, ip: IpAddr) -> bool {
        self.permissions.get(&ip).is_some_and(|until| *until > now)
    }

    /// Binds a channel, or keeps it bound, and lets the peer in (RFC 8656 §12).
    pub(super) fn bind(
        &mut self,
        now: Millis,
        number: u16,
        peer: SocketAddr,
    ) -> Result<(), BindError> {
        let others_number = self
            .channels
            .get(&number)
            .is_some_and(|channel| channel.peer != peer && channel.until > now);
        let other_number = self.number(now, peer).is_some_and(|other| other != number);
        if others_number || other_number {
            return Err(BindError::Taken);
        }
        if !self.channels.contains_key(&number) && self.channels.len() >= limits::MAX_TURN_CHANNELS
        {
            self.channels.retain(|_, channel| channel.until > now);
            let channels = &self.channels;
            self.numbers
                .retain(|_, number| channels.contains_key(number));
            if self.channels.len() >= limits::MAX_TURN_CHANNELS {
                return Err(BindError::TooMany);
            }
        }
        self.permit(now, [peer.ip()])
            .map_err(|TooMany| BindError::TooMany)?;
        let channel = Channel {
            peer,
            until: now + limits::CHANNEL_LIFETIME,
        };
        // A channel that had expired may have had another peer, which may have got another number since.
        if let Some(before) = self.channels.insert(number, channel)
            && before.peer != peer
            && self.numbers.get(&before.peer) == Some(&number)
        {
            self.numbers.remove(&before.peer);
        }
        self.numbers.insert(peer, number);
        Ok(())
    }

    /// The peer of a bound channel, if it is still let in.
    pub(super) fn peer(&self, now: Millis, number: u16) -> Option<SocketAddr> {
        let channel = self.channels.get(&number)?;
        (channel.until > now && self.permits(now, channel.peer.ip())).then_some(channel.peer)
    }

    /// The number of the channel that a peer is bound to.
    pub(super) fn number(&self, now: Millis, peer: SocketAddr) -> Option<u16> {
        let number = *self.numbers.get(&peer)?;
        let channel = self.channels.get(&number)?;
        (channel.until > now && channel.peer == peer).then_some(number)
    }
}
