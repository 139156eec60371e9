//! Gives members of channels what they reach our relays by.

use std::time::{SystemTime, UNIX_EPOCH};

use catnest::{
    entropy::Entropy,
    limits,
    signal::relay::Relay,
    time::Millis,
    turn::credential::{self, Secret},
};

/// Makes credentials.
pub(crate) struct Mint {
    secret: Secret,
    urls: Vec<String>,
    entropy: Entropy,
}

impl Mint {
    pub(super) fn new(secret: Secret, urls: Vec<String>, entropy: Entropy) -> Self {
        Self {
            secret,
            urls,
            entropy,
        }
    }

    /// A relay for a member of a channel.
    pub(crate) fn relay(&mut self, channel: &str) -> Relay {
        let name = credential::channel_tag(&self.secret, self.entropy.bytes(), channel);
        let lifetime = limits::RELAY_CREDENTIAL_LIFETIME;
        let minted = credential::mint(&self.secret, now(), lifetime, &name);
        Relay {
            urls: self.urls.clone(),
            username: minted.username,
            credential: minted.password,
            ttl: lifetime.as_secs(),
        }
    }
}

/// The machine's time; before 1970 it is 1970.
pub(super) fn now() -> Millis {
    let since_1970 = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    // Fits for 584 million years.
    Millis(since_1970.as_millis() as u64)
}
