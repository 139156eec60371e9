//! Nonces without memory: each says when it was given and proves that it was given to this client, so that nothing is kept
//! of who never comes back.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::{Client, Transport};
use crate::{ids, limits, time::Millis};

/// Seconds of the server's own clock as they stand in a nonce, and the proof.
const TIME: usize = 8;
const PROOF: usize = 16;

/// Gives nonces, and knows its own again.
pub struct Nonces {
    key: [u8; 32],
}

impl Nonces {
    /// With a key that nobody else has.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// One for a client.
    pub fn give(&self, now: Millis, client: &Client) -> String {
        let seconds = (now.0 / 1000).to_be_bytes();
        ids::to_hex(&seconds) + &ids::to_hex(&self.proof(seconds, client)[..PROOF])
    }

    /// Whether it was given to this client, and lately.
    pub fn is_fresh(&self, now: Millis, client: &Client, nonce: &str) -> bool {
        let Some(bytes) = ids::from_hex::<{ TIME + PROOF }>(nonce) else {
            return false;
        };
        let mut seconds = [0; TIME];
        seconds.copy_from_slice(&bytes[..TIME]);
        let given = Millis(u64::from_be_bytes(seconds).saturating_mul(1000));
        self.mac(seconds, client)
            .is_some_and(|mac| mac.verify_truncated_left(&bytes[TIME..]).is_ok())
            && now.since(given) < limits::NONCE_LIFETIME
    }

    fn proof(&self, seconds: [u8; TIME], client: &Client) -> [u8; 20] {
        match self.mac(seconds, client) {
            Some(mac) => mac.finalize().into_bytes().into(),
            None => [0; 20],
        }
    }

    /// HMAC takes a key of any length, so there is one.
    fn mac(&self, seconds: [u8; TIME], client: &Client) -> Option<Hmac<Sha1>> {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.key).ok()?;
        mac.update(&seconds);
        mac.update(&[matches!(client.transport, Transport::Tcp).into()]);
        mac.update(client.address.to_string().as_bytes());
        Some(mac)
    }
}
