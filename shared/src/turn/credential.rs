//! Credentials that expire, by `draft-uberti-behave-turn-rest-00`: a user's name says until when it may be used, and its
//! password follows from the name and a secret. Nobody keeps a list of users, and another server with the same secret
//! takes them too (coturn: `use-auth-secret`, `static-auth-secret`).

use std::{fmt, time::Duration};

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::{ids, time::Millis};

/// What credentials are made with and checked by.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Anything; below 16 bytes it can be guessed.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 20] {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&self.0) else {
            return [0; 20];
        };
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// What a client says it is, and proves it with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// `expiry:name`, the first in seconds since 1970.
    pub username: String,
    /// The HMAC-SHA1 of that under the secret, in base64.
    pub password: String,
}

/// Makes credentials that can be used for so long from `now` on.
pub fn mint(secret: &Secret, now: Millis, lifetime: Duration, name: &str) -> Credential {
    let expiry = (now + lifetime).0 / 1000;
    let username = format!("{expiry}:{name}");
    Credential {
        password: password(secret, &username),
        username,
    }
}

/// The password that belongs to a name.
pub fn password(secret: &Secret, username: &str) -> String {
    Base64::encode_string(&secret.mac(&[username.as_bytes()]))
}

/// The part of a name that says whose it is, unless it has expired or has no such form.
pub fn name(username: &str, now: Millis) -> Option<&str> {
    let (expiry, name) = username.split_once(':')?;
    // Digits only: `parse` would take a sign, too.
    let digits = !expiry.is_empty() && expiry.bytes().all(|byte| byte.is_ascii_digit());
    let expiry: u64 = digits.then(|| expiry.parse().ok())??;
    (now.0 / 1000 < expiry).then_some(name)
}

/// What messages are signed with (RFC 8489 §9.2.2).
pub fn key(username: &str, realm: &str, password: &str) -> [u8; 16] {
    md5::compute(format!("{username}:{realm}:{password}")).0
}

/// The bytes of a tag's salt, and of the tag.
const TAG: usize = 8;

/// A name that leads to a channel for who has the secret and asks for that channel, and says nothing to others: each
/// has another salt, so that nobody sees who asks for relays in the same channel.
pub fn channel_tag(secret: &Secret, salt: [u8; TAG], channel: &str) -> String {
    ids::to_hex(&salt) + &ids::to_hex(&tag(secret, salt, channel))
}

/// Whether a name was made for a channel.
pub fn is_of_channel(secret: &Secret, name: &str, channel: &str) -> bool {
    let Some(bytes) = ids::from_hex::<{ 2 * TAG }>(name) else {
        return false;
    };
    let mut salt = [0; TAG];
    salt.copy_from_slice(&bytes[..TAG]);
    // In any time: the name itself is proved by its password.
    tag(secret, salt, channel) == bytes[TAG..]
}

fn tag(secret: &Secret, salt: [u8; TAG], channel: &str) -> [u8; TAG] {
    // The prefix keeps it apart from passwords: no user's name begins so.
    let mac = secret.mac(&[b"catnest channel ", &salt, channel.as_bytes()]);
    let mut tag = [0; TAG];
    tag.copy_from_slice(&mac[..TAG]);
    tag
}
