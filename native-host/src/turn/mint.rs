//! Gives members of channels what they reach our relays by.

use std::collections::HashMap;

use catnest::{
    entropy::Entropy,
    limits,
    signal::{hub::Socket, relay::Relay},
    time::Millis,
    turn::credential::{self, Secret},
};
use catnest_host::wall;

/// Makes credentials.
pub(crate) struct Mint {
    secret: Secret,
    urls: Vec<String>,
    entropy: Entropy,
    /// What each socket was given last.
    given: HashMap<Socket, Given>,
}

/// A member's credentials, and until when they hold.
struct Given {
    relay: Relay,
    until: Millis,
}

impl Mint {
    pub(super) fn new(secret: Secret, urls: Vec<String>, entropy: Entropy) -> Self {
        Self {
            secret,
            urls,
            entropy,
            given: HashMap::new(),
        }
    }

    /// A relay for a member of a channel, who is there by a socket: the same credentials as before, while they hold for
    /// half of their time at least. Whoever asks on and on is one user all the same, and has one user's quota.
    pub(crate) fn relay(&mut self, socket: Socket, channel: &str) -> Relay {
        let now = wall::now();
        if let Some(Given { relay, until }) = self.given.get(&socket) {
            let left = until.since(now);
            let lifetime = limits::RELAY_CREDENTIAL_LIFETIME;
            // More is left only where the clock was put back.
            if (lifetime / 2..=lifetime).contains(&left) {
                let ttl = left.as_secs();
                return Relay {
                    ttl,
                    ..relay.clone()
                };
            }
        }
        let relay = self.mint(now, channel);
        let until = now + limits::RELAY_CREDENTIAL_LIFETIME;
        let given = Given {
            relay: relay.clone(),
            until,
        };
        self.given.insert(socket, given);
        relay
    }

    /// A socket is gone; it never asks again.
    pub(crate) fn forget(&mut self, socket: Socket) {
        self.given.remove(&socket);
    }

    fn mint(&mut self, now: Millis, channel: &str) -> Relay {
        let name = credential::channel_tag(&self.secret, self.entropy.bytes(), channel);
        let lifetime = limits::RELAY_CREDENTIAL_LIFETIME;
        let minted = credential::mint(&self.secret, now, lifetime, &name);
        Relay {
            urls: self.urls.clone(),
            username: minted.username,
            credential: minted.password,
            ttl: lifetime.as_secs(),
        }
    }
}
