//! How much of a TURN server one user, one address and all together may have.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    net::IpAddr,
};

use crate::{
    limits,
    rate::{Bucket, Rate},
    signal::guard::AddressKey,
    time::Millis,
};

/// What a TURN server allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnLimits {
    /// Allocations in all; by default [`limits::TURN_ALLOCATIONS`].
    pub allocations: usize,
    /// Allocations with the same credentials; by default [`limits::TURN_USER_ALLOCATIONS`].
    pub allocations_per_user: usize,
    /// Allocations from one address; by default [`limits::TURN_ADDRESS_ALLOCATIONS`].
    pub allocations_per_address: usize,
    /// Bytes a second of one allocation, both ways together; by default [`limits::TURN_ALLOCATION_BYTES`].
    pub bytes_per_allocation: u32,
    /// Bytes a second of all allocations of one address, both ways together; by default [`limits::TURN_ADDRESS_BYTES`].
    pub bytes_per_address: u32,
    /// Bytes a second of all allocations; by default [`limits::TURN_ALL_BYTES`].
    pub bytes: u32,
    /// Answers to one address that proved nothing; by default [`limits::TURN_STRANGER_RATE`].
    pub stranger_rate: Rate,
}

impl Default for TurnLimits {
    fn default() -> Self {
        Self {
            allocations: limits::TURN_ALLOCATIONS,
            allocations_per_user: limits::TURN_USER_ALLOCATIONS,
            allocations_per_address: limits::TURN_ADDRESS_ALLOCATIONS,
            bytes_per_allocation: limits::TURN_ALLOCATION_BYTES,
            bytes_per_address: limits::TURN_ADDRESS_BYTES,
            bytes: limits::TURN_ALL_BYTES,
            stranger_rate: limits::TURN_STRANGER_RATE,
        }
    }
}

/// So many bytes a second. After a rest, those of one second may come at once.
pub(super) fn bytes_a_second(bytes: u32) -> Rate {
    Rate {
        per_second: bytes,
        burst: bytes,
    }
}

/// How many of something each has, none more than it may.
pub(super) struct Counts<K> {
    each: usize,
    counts: BTreeMap<K, usize>,
}

impl<K: Ord> Counts<K> {
    pub(super) fn new(each: usize) -> Self {
        Self {
            each,
            counts: BTreeMap::new(),
        }
    }

    /// Whether one more is allowed.
    pub(super) fn has_room(&self, key: &K) -> bool {
        self.counts.get(key).copied().unwrap_or_default() < self.each
    }

    pub(super) fn add(&mut self, key: K) {
        *self.counts.entry(key).or_default() += 1;
    }

    pub(super) fn remove(&mut self, key: K) {
        if let Entry::Occupied(mut count) = self.counts.entry(key) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// One of [`Accounts`].
#[derive(Clone, Copy, Debug)]
pub(super) struct AccountId(usize);

/// Accounts of addresses: always the same number, which addresses share by chance. Who forges addresses can neither fill
/// memory nor choose whom it shares an account with.
pub(super) struct Accounts {
    key: [u8; 32],
    accounts: Vec<Bucket>,
}

impl Accounts {
    pub(super) fn new(now: Millis, rate: Rate, key: [u8; 32]) -> Self {
        Self {
            key,
            accounts: vec![Bucket::new(now, rate); limits::TURN_ACCOUNTS],
        }
    }

    /// Whether the address gets one more of what it is about.
    pub(super) fn take(&mut self, now: Millis, address: IpAddr) -> bool {
        let account = self.of(address);
        self.get_mut(account)
            .is_some_and(|account| account.take(now, 1))
    }

    /// Which account is an address's. Looking it up takes longer than using it.
    pub(super) fn of(&self, address: IpAddr) -> AccountId {
        let bytes = match AddressKey::from(address).network() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
            IpAddr::V6(ip) => ip.octets(),
        };
        let hash = blake3::keyed_hash(&self.key, &bytes);
        let [a, b, c, d, ..] = *hash.as_bytes();
        AccountId(u32::from_le_bytes([a, b, c, d]) as usize % limits::TURN_ACCOUNTS)
    }

    /// An account; there is one for each address.
    pub(super) fn get_mut(&mut self, account: AccountId) -> Option<&mut Bucket> {
        self.accounts.get_mut(account.0)
    }
}
