//! Who writes: one seed a member, one key pair a channel.
//!
//! The key pairs are derived from the seed and the channel, so that a member is the same author after every restart,
//! on each of their devices, and nobody can tell that authors of two channels are one member.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Encode};

use crate::{channel::ChannelId, entropy::Entropy, ids::byte_id};

/// The secret that a member's keys are derived from. It leaves the device's store in no other way than sealed, in an
/// identity file ([`crate::house::identity_file`]).
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct DeviceSeed(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

impl DeviceSeed {
    /// A new device.
    pub fn generate(entropy: &mut Entropy) -> Self {
        Self(entropy.bytes())
    }

    /// One that comes from an identity file.
    pub(crate) const fn of_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For an identity file.
    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The device's author key in one channel.
    pub fn author_key(&self, channel: ChannelId) -> AuthorKey {
        let mut hasher = blake3::Hasher::new_derive_key("catnest 2026-11-23 author key");
        hasher.update(&self.0);
        hasher.update(&channel.0);
        AuthorKey(SigningKey::from_bytes(hasher.finalize().as_bytes()))
    }
}

impl std::fmt::Debug for DeviceSeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceSeed(…)")
    }
}

byte_id! {
    /// Who wrote a record: an Ed25519 public key (RFC 8032), of one member in one channel.
    Author, 32
}

/// An author's secret key.
#[derive(Clone)]
pub struct AuthorKey(SigningKey);

impl std::fmt::Debug for AuthorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuthorKey(of {:?})", self.author())
    }
}

/// An Ed25519 signature (RFC 8032).
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Signature(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 64]);

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signature(…)")
    }
}

/// What a signature is for. Signed bytes begin with it, so that a signature of one kind is never one of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A chat record.
    Record,
    /// The greeting of a link.
    Hello,
    /// An announcement of being online.
    Presence,
    /// A burn switch.
    Switch,
}

impl Purpose {
    fn context(self) -> &'static str {
        match self {
            Purpose::Record => "catnest 2026-11-23 signed record",
            Purpose::Hello => "catnest 2026-11-23 signed hello",
            Purpose::Presence => "catnest 2026-11-23 signed presence",
            Purpose::Switch => "catnest 2026-11-28 signed burn switch",
        }
    }

    /// What is signed: the hash of the bytes in the purpose's own hash domain.
    fn digest(self, bytes: &[u8]) -> [u8; 32] {
        blake3::derive_key(self.context(), bytes)
    }
}

impl AuthorKey {
    /// The public half.
    pub fn author(&self) -> Author {
        Author(self.0.verifying_key().to_bytes())
    }

    /// Signs bytes for a purpose.
    pub fn sign(&self, purpose: Purpose, bytes: &[u8]) -> Signature {
        Signature(self.0.sign(&purpose.digest(bytes)).to_bytes())
    }
}

impl Author {
    /// Whether this author signed these bytes for this purpose. Keys of small order and malleable signatures are
    /// refused, so that one body has one author and cannot be signed twice by others.
    pub fn signed(&self, purpose: Purpose, bytes: &[u8], signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        VerifyingKey::from_bytes(&self.0).is_ok_and(|key| {
            key.verify_strict(&purpose.digest(bytes), &signature)
                .is_ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(n: u8) -> DeviceSeed {
        DeviceSeed::generate(&mut Entropy::from_seed([n; 32]))
    }

    #[test]
    fn an_author_is_stable_within_a_channel_and_unlike_across() {
        let (nest, other) = (ChannelId([1; 32]), ChannelId([2; 32]));
        assert_eq!(
            seed(1).author_key(nest).author(),
            seed(1).author_key(nest).author()
        );
        assert_ne!(
            seed(1).author_key(nest).author(),
            seed(1).author_key(other).author()
        );
        assert_ne!(
            seed(1).author_key(nest).author(),
            seed(2).author_key(nest).author()
        );
    }

    #[test]
    fn a_signature_holds_for_its_bytes_its_purpose_and_its_author_only() {
        let key = seed(1).author_key(ChannelId([1; 32]));
        let stranger = seed(2).author_key(ChannelId([1; 32])).author();
        let signature = key.sign(Purpose::Record, b"meow");
        assert!(key.author().signed(Purpose::Record, b"meow", &signature));
        assert!(!key.author().signed(Purpose::Record, b"woof", &signature));
        assert!(!key.author().signed(Purpose::Hello, b"meow", &signature));
        assert!(!stranger.signed(Purpose::Record, b"meow", &signature));
        assert!(!Author([0; 32]).signed(Purpose::Record, b"meow", &Signature([0; 64])));
    }

    #[test]
    fn secrets_do_not_print() {
        assert_eq!(format!("{:?}", seed(1)), "DeviceSeed(…)");
    }
}
