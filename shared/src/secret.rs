//! What makes a channel private: a secret that its members share, generated or derived from a passphrase.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use base64ct::{Base64UrlUnpadded, Encoding};

use crate::{entropy::Entropy, limits};

/// The secret of a private channel, at least 128 bits as base64url (RFC 4648 §5, without padding).
///
/// Where it was typed as a passphrase, it has what entropy the passphrase has.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why a text is not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Fewer than 128 bits, or more than 512.
    #[error("a secret has 22 to 86 characters")]
    Length,
    /// Not base64url.
    #[error("a secret has only letters, digits, - and _")]
    Character,
}

/// Why a text cannot be a passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Fewer characters than that.
    #[error("a passphrase has at least {0} characters here")]
    TooShort(usize),
    /// More than [`limits::MAX_PASSPHRASE_BYTES`].
    #[error("a passphrase has at most {} bytes", limits::MAX_PASSPHRASE_BYTES)]
    TooLong,
}

impl Secret {
    /// Checks a secret: 22 to 86 characters of base64url, which is 128 to 512 bits.
    ///
    /// # Errors
    /// For any other text.
    pub fn new(text: &str) -> Result<Self, SecretError> {
        if !(22..=86).contains(&text.len()) {
            return Err(SecretError::Length);
        }
        if !text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        {
            return Err(SecretError::Character);
        }
        Ok(Self(text.to_owned()))
    }

    /// A new one of 128 bits.
    pub fn generate(entropy: &mut Entropy) -> Self {
        Self(Base64UrlUnpadded::encode_string(&entropy.bytes::<16>()))
    }

    /// The secret that everybody gets who types this passphrase for a channel of this name, on whatever server.
    ///
    /// Argon2id (RFC 9106) with 64 MiB and three passes, which takes about a second in a browser: each guess costs an
    /// attacker as much. White space around the passphrase does not count.
    ///
    /// # Errors
    /// For a passphrase that is too short or too long.
    pub fn from_passphrase(passphrase: &str, channel: &str) -> Result<Self, PassphraseError> {
        let passphrase = check_passphrase(passphrase, limits::MIN_PASSPHRASE_CHARS)?;
        let salt = blake3::derive_key("catnest 2026-11-23 passphrase salt", channel.as_bytes());
        let secret = Cost::CHOSEN.stretch(passphrase, &salt);
        Ok(Self(Base64UrlUnpadded::encode_string(&secret)))
    }

    /// The secret itself: for deriving the channel's key and for invitations.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What counts of a passphrase: white space around it does not.
pub(crate) fn check_passphrase(text: &str, min_chars: usize) -> Result<&str, PassphraseError> {
    let passphrase = text.trim();
    if passphrase.chars().count() < min_chars {
        return Err(PassphraseError::TooShort(min_chars));
    }
    if passphrase.len() > limits::MAX_PASSPHRASE_BYTES {
        return Err(PassphraseError::TooLong);
    }
    Ok(passphrase)
}

/// What each guess at a passphrase costs: parameters of Argon2id (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    /// 64 MiB, the second choice of RFC 9106 §4, which a browser has: about a second there.
    pub const CHOSEN: Self = Self {
        memory_kib: 64 * 1024,
        passes: 3,
        lanes: 1,
    };

    /// One that somebody else chose. None if Argon2id does not know it, or it is more than a device should spend.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Option<Self> {
        let bounded = memory_kib <= limits::MAX_KDF_MEMORY_KIB
            && passes <= limits::MAX_KDF_PASSES
            && lanes <= limits::MAX_KDF_LANES;
        let known = bounded && Params::new(memory_kib, passes, lanes, None).is_ok();
        known.then_some(Self {
            memory_kib,
            passes,
            lanes,
        })
    }

    /// Memory in KiB, passes over it, and lanes.
    pub(crate) const fn parameters(self) -> [u32; 3] {
        [self.memory_kib, self.passes, self.lanes]
    }

    /// 32 bytes that take that much to compute.
    pub(crate) fn stretch<const SALT: usize>(
        self,
        passphrase: &str,
        salt: &[u8; SALT],
    ) -> [u8; 32] {
        const { assert!(SALT >= argon2::MIN_SALT_LEN) };
        let Self {
            memory_kib,
            passes,
            lanes,
        } = self;
        let mut stretched = [0; 32];
        #[expect(
            clippy::unwrap_used,
            reason = "parameters within Argon2's bounds, a passphrase of at most a KiB, and a salt that is long enough"
        )]
        {
            let params = Params::new(memory_kib, passes, lanes, Some(stretched.len())).unwrap();
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(passphrase.as_bytes(), salt, &mut stretched)
                .unwrap();
        }
        stretched
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_secret_is_a_secret_of_128_bits() {
        let mut entropy = Entropy::from_seed([1; 32]);
        let secret = Secret::generate(&mut entropy);
        assert_eq!(Secret::new(secret.as_str()), Ok(secret.clone()));
        assert_eq!(secret.as_str().len(), 22);
        assert_ne!(secret, Secret::generate(&mut entropy));
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    #[test]
    fn a_passphrase_gives_the_same_secret_to_all_who_type_it_for_the_same_name() {
        let secret = Secret::from_passphrase("nine lives are enough", "nest").unwrap();
        // Fixed: another value would lock every member out of their channel.
        assert_eq!(
            secret.as_str(),
            "lZVnaxTziEr0fdd3uBJbeW1EDEMYJwI5c5PylmfFwkc"
        );
        let again = Secret::from_passphrase("  nine lives are enough\n", "nest").unwrap();
        assert_eq!(secret, again);
        let elsewhere = Secret::from_passphrase("nine lives are enough", "nest2").unwrap();
        assert_ne!(secret, elsewhere);
    }

    #[test]
    fn a_passphrase_has_bounds() {
        let of = |text: &str| Secret::from_passphrase(text, "nest");
        assert_eq!(of("猫猫猫猫猫猫猫"), Err(PassphraseError::TooShort(8)));
        assert_eq!(of("       x       "), Err(PassphraseError::TooShort(8)));
        assert_eq!(of(&"x".repeat(1025)), Err(PassphraseError::TooLong));
    }

    #[test]
    fn a_cost_that_is_none_or_too_much_is_not_paid() {
        for (memory, passes, lanes, known) in [
            (64 * 1024, 3, 1, true),
            (limits::MAX_KDF_MEMORY_KIB, limits::MAX_KDF_PASSES, 4, true),
            (limits::MAX_KDF_MEMORY_KIB + 1, 3, 1, false),
            (64 * 1024, limits::MAX_KDF_PASSES + 1, 1, false),
            (64 * 1024, 3, 5, false),
            (u32::MAX, u32::MAX, u32::MAX, false),
            (7, 1, 1, false),
            (8, 0, 1, false),
            (8, 1, 0, false),
            (8, 1, 1, true),
        ] {
            let cost = Cost::new(memory, passes, lanes);
            assert_eq!(cost.is_some(), known, "{memory} {passes} {lanes}");
        }
    }
}
