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
    /// Fewer than [`limits::MIN_PASSPHRASE_CHARS`] characters.
    #[error(
        "a passphrase has at least {} characters",
        limits::MIN_PASSPHRASE_CHARS
    )]
    TooShort,
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
        let passphrase = passphrase.trim();
        if passphrase.chars().count() < limits::MIN_PASSPHRASE_CHARS {
            return Err(PassphraseError::TooShort);
        }
        if passphrase.len() > limits::MAX_PASSPHRASE_BYTES {
            return Err(PassphraseError::TooLong);
        }
        let salt = blake3::derive_key("catnest 2026-11-23 passphrase salt", channel.as_bytes());
        let mut secret = [0; 32];
        #[expect(
            clippy::unwrap_used,
            reason = "constant parameters within Argon2's bounds, and lengths checked above"
        )]
        {
            let params = Params::new(64 * 1024, 3, 1, Some(secret.len())).unwrap();
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(passphrase.as_bytes(), &salt, &mut secret)
                .unwrap();
        }
        Ok(Self(Base64UrlUnpadded::encode_string(&secret)))
    }

    /// The secret itself: for deriving the channel's key and for invitations.
    pub fn as_str(&self) -> &str {
        &self.0
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
        assert_eq!(of("猫猫猫猫猫猫猫"), Err(PassphraseError::TooShort));
        assert_eq!(of("       x       "), Err(PassphraseError::TooShort));
        assert_eq!(of(&"x".repeat(1025)), Err(PassphraseError::TooLong));
    }
}
