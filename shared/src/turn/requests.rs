//! Requests of who has proved who it is: allocations, permissions and channels.

use std::net::SocketAddr;

use super::{
    Client, Time,
    allocation::{Allocation, AllocationId, BindError, Family, User},
    credential,
    peers::{PeerPolicy, Reach},
    refusal::{
        ALLOCATION_MISMATCH, BAD_REQUEST, FAMILY_MISMATCH, FAMILY_NOT_SUPPORTED, FORBIDDEN,
        NO_CAPACITY, QUOTA_REACHED, Refusal, TRANSPORT_NOT_SUPPORTED, WRONG_CREDENTIALS,
        unknown_answer, unknown_attributes,
    },
    server::{Nests, Step, TurnServer, canonical},
    stun::{self, Class, Message, Writer, attribute, method},
};
use crate::{limits, signal::guard::AddressKey, time::Millis};

impl TurnServer {
    /// A request of somebody who is known.
    pub(super) fn request<'a>(
        &mut self,
        time: Time,
        client: Client,
        message: &Message<'_>,
        user: User,
        nests: &dyn Nests,
    ) -> Step<'a> {
        let now = time.now;
        let key = user.key;
        let unknown = unknown_attributes(message);
        if !unknown.is_empty() {
            return Step::Reply(unknown_answer(message, &unknown).signed(&key).finish());
        }
        let id = self.clients.get(&client).copied();
        let other_user = id
            .and_then(|id| self.allocations.get(&id))
            .is_some_and(|allocation| allocation.user.username != user.username);
        let done = match (message.method(), id) {
            _ if other_user => Err(WRONG_CREDENTIALS),
            (method::ALLOCATE, id) => self.allocate(time, client, message, user, id, nests),
            (method::REFRESH, Some(id)) => self.refresh(now, id, message),
            (method::CREATE_PERMISSION, Some(id)) => self.permit(now, id, message, nests),
            (method::CHANNEL_BIND, Some(id)) => self.bind_channel(now, id, message, nests),
            _ => Err(ALLOCATION_MISMATCH),
        };
        done.unwrap_or_else(|Refusal(code, reason)| {
            let answer = Writer::answer(message, Class::Error).with_error(code, reason);
            Step::Reply(answer.signed(&key).finish())
        })
    }

    /// RFC 8656 §7.2.
    fn allocate<'a>(
        &mut self,
        Time { now, wall }: Time,
        client: Client,
        message: &Message<'_>,
        mut user: User,
        existing: Option<AllocationId>,
        nests: &dyn Nests,
    ) -> Result<Step<'a>, Refusal> {
        if let Some(allocation) = existing.and_then(|id| self.allocations.get(&id)) {
            // The same request again: its answer was lost, or is on its way.
            return match allocation.relayed {
                _ if allocation.transaction != message.transaction() => Err(ALLOCATION_MISMATCH),
                Some(relayed) => Ok(Step::Reply(allocated(
                    allocation,
                    relayed,
                    client.canonical(),
                ))),
                None => Ok(Step::Nothing),
            };
        }
        match message.attribute(attribute::REQUESTED_TRANSPORT) {
            // The protocol's number (RFC 8656 §18.7); 17 is UDP.
            Some([17, ..]) => {}
            Some([_, ..]) => return Err(TRANSPORT_NOT_SUPPORTED),
            _ => return Err(BAD_REQUEST),
        }
        let even = message.attribute(attribute::EVEN_PORT);
        let family = message.attribute(attribute::REQUESTED_ADDRESS_FAMILY);
        if message.attribute(attribute::RESERVATION_TOKEN).is_some() {
            // No port is ever reserved; see RFC 8656 §7.2, items 6 and 8.
            let is_odd = even.is_some() || family.is_some();
            return Err(if is_odd { BAD_REQUEST } else { NO_CAPACITY });
        }
        let even = match even {
            None => false,
            Some([flags, ..]) if flags & 0x80 == 0 => true,
            Some([_, ..]) => return Err(NO_CAPACITY),
            Some([]) => return Err(BAD_REQUEST),
        };
        let family = requested_family(family)?.unwrap_or(Family::V4);
        if !self.has_relays(family) {
            return Err(FAMILY_NOT_SUPPORTED);
        }
        let address = AddressKey::from(client.address.ip());
        let has_room = self.users.has_room(&user.username)
            && self.addresses.has_room(&address)
            && self.allocating.take(now, client.address.ip());
        if !has_room {
            return Err(QUOTA_REACHED);
        }
        if self.allocations.len() >= self.config.limits.allocations {
            return Err(NO_CAPACITY);
        }
        let secret = &self.config.secret;
        user.nest = credential::name(&user.username, wall).and_then(|name| {
            nests.find(&|channel| credential::is_of_channel(secret, name, channel))
        });
        let id = AllocationId(self.next);
        self.next += 1;
        self.users.add(user.username.clone());
        self.addresses.add(address);
        let bytes = self.config.limits.bytes_per_allocation;
        let account = self.address_bytes.of(client.address.ip());
        let transaction = message.transaction();
        let allocation = Allocation::new(now, client, user, family, transaction, bytes, account);
        self.deadlines.insert((allocation.until, id));
        self.clients.insert(client, id);
        self.allocations.insert(id, allocation);
        Ok(Step::Bind {
            allocation: id,
            family,
            even,
        })
    }

    fn has_relays(&self, family: Family) -> bool {
        let mut relays = self.config.peers.relays.iter();
        relays.any(|&relay| Family::of(relay) == family)
    }

    /// RFC 8656 §7.4.
    fn refresh<'a>(
        &mut self,
        now: Millis,
        id: AllocationId,
        message: &Message<'_>,
    ) -> Result<Step<'a>, Refusal> {
        let lifetime = match message.attribute(attribute::LIFETIME) {
            None => None,
            Some(value) => Some(value.try_into().map_err(|_| BAD_REQUEST)?),
        };
        let requested = requested_family(message.attribute(attribute::REQUESTED_ADDRESS_FAMILY))?;
        let allocation = self.allocations.get_mut(&id).ok_or(ALLOCATION_MISMATCH)?;
        if requested.is_some_and(|family| family != allocation.family) {
            return Err(FAMILY_MISMATCH);
        }
        let ends = lifetime.is_some_and(|seconds| u32::from_be_bytes(seconds) == 0);
        let granted = if ends {
            0
        } else {
            limits::ALLOCATION_LIFETIME.as_secs() as u32
        };
        let reply = Writer::answer(message, Class::Success)
            .with(attribute::LIFETIME, &granted.to_be_bytes())
            .signed(&allocation.user.key)
            .finish();
        if ends {
            self.remove(id);
            return Ok(Step::Close {
                allocation: id,
                reply,
            });
        }
        self.deadlines.remove(&(allocation.until, id));
        allocation.until = now + limits::ALLOCATION_LIFETIME;
        self.deadlines.insert((allocation.until, id));
        Ok(Step::Reply(reply))
    }

    /// RFC 8656 §10.2. Either all addresses are let in or none.
    fn permit<'a>(
        &mut self,
        now: Millis,
        id: AllocationId,
        message: &Message<'_>,
        nests: &dyn Nests,
    ) -> Result<Step<'a>, Refusal> {
        let allocation = self.allocations.get_mut(&id).ok_or(ALLOCATION_MISMATCH)?;
        let mut peers = Vec::new();
        for (kind, value) in message.attributes() {
            if kind == attribute::XOR_PEER_ADDRESS {
                let peer = canonical(message.address(value).ok_or(BAD_REQUEST)?);
                check(&self.config.peers, allocation, peer, false, nests)?;
                peers.push(peer.ip());
            }
        }
        if peers.is_empty() {
            return Err(BAD_REQUEST);
        }
        allocation.permit(now, peers).map_err(|_| NO_CAPACITY)?;
        let reply = Writer::answer(message, Class::Success);
        Ok(Step::Reply(reply.signed(&allocation.user.key).finish()))
    }

    /// RFC 8656 §12.2.
    fn bind_channel<'a>(
        &mut self,
        now: Millis,
        id: AllocationId,
        message: &Message<'_>,
        nests: &dyn Nests,
    ) -> Result<Step<'a>, Refusal> {
        let allocation = self.allocations.get_mut(&id).ok_or(ALLOCATION_MISMATCH)?;
        let number = match message.attribute(attribute::CHANNEL_NUMBER) {
            Some(&[a, b, ..]) => u16::from_be_bytes([a, b]),
            _ => return Err(BAD_REQUEST),
        };
        let peer = message
            .attribute(attribute::XOR_PEER_ADDRESS)
            .and_then(|value| message.address(value))
            .map(canonical)
            .ok_or(BAD_REQUEST)?;
        if !stun::CHANNELS.contains(&number) {
            return Err(BAD_REQUEST);
        }
        check(&self.config.peers, allocation, peer, true, nests)?;
        allocation
            .bind(now, number, peer)
            .map_err(|error| match error {
                BindError::Taken => BAD_REQUEST,
                BindError::TooMany => NO_CAPACITY,
            })?;
        let reply = Writer::answer(message, Class::Success);
        Ok(Step::Reply(reply.signed(&allocation.user.key).finish()))
    }
}

/// Whether a client's relay may reach a peer. With `exactly` it is about the peer's port, too.
fn check(
    peers: &PeerPolicy,
    allocation: &Allocation,
    peer: SocketAddr,
    exactly: bool,
    nests: &dyn Nests,
) -> Result<(), Refusal> {
    let reach = peers.reach(peer.ip(), exactly.then_some(peer.port()));
    let is_member = || {
        let nest = allocation.user.nest.as_deref();
        nest.is_some_and(|nest| nests.has_member(nest, peer.ip()))
    };
    if reach == Reach::Denied || reach == Reach::Members && !is_member() {
        return Err(FORBIDDEN);
    }
    if Family::of(peer.ip()) != allocation.family {
        return Err(FAMILY_MISMATCH);
    }
    Ok(())
}

/// The answer to an Allocate request (RFC 8656 §7.3).
pub(super) fn allocated(
    allocation: &Allocation,
    relayed: SocketAddr,
    mapped: SocketAddr,
) -> Vec<u8> {
    let lifetime = limits::ALLOCATION_LIFETIME.as_secs() as u32;
    Writer::new(Class::Success, method::ALLOCATE, allocation.transaction)
        .with_address(attribute::XOR_RELAYED_ADDRESS, relayed)
        .with(attribute::LIFETIME, &lifetime.to_be_bytes())
        .with_address(attribute::XOR_MAPPED_ADDRESS, mapped)
        .signed(&allocation.user.key)
        .finish()
}

/// REQUESTED-ADDRESS-FAMILY (RFC 8656 §18.8).
fn requested_family(value: Option<&[u8]>) -> Result<Option<Family>, Refusal> {
    match value {
        None => Ok(None),
        Some([1, ..]) => Ok(Some(Family::V4)),
        Some([2, ..]) => Ok(Some(Family::V6)),
        Some(_) => Err(FAMILY_NOT_SUPPORTED),
    }
}
