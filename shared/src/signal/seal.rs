//! What the devices of a private channel say to each other through a server, so that the server cannot read or change it.
//!
//! A sealed body is `{"sealed":"…"}`: base64url of a random nonce of 24 bytes and the ciphertext of XChaCha20-Poly1305
//! (draft-irtf-cfrg-xchacha). The associated data binds it to its kind, its connection, both ids and the topic: a server
//! cannot pass an offer off as another's, or to another.

use base64ct::{Base64UrlUnpadded, Encoding};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use serde::{Deserialize, Serialize};

use crate::entropy::Entropy;

const NONCE_BYTES: usize = 24;

/// The key that bodies are sealed with: one a channel.
#[derive(Clone)]
pub struct SealKey(XChaCha20Poly1305);

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(…)")
    }
}

/// What a sealed body belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context<'a> {
    /// `offer`, `answer`, `candidate` or `decline`.
    pub kind: &'a str,
    /// The connection's name.
    pub connection: &'a str,
    /// The sender's id on the server.
    pub from: &'a str,
    /// The receiver's id on the server.
    pub to: &'a str,
    /// The topic that the channel has there.
    pub topic: &'a str,
}

impl Context<'_> {
    /// Each part after its length, so that no two contexts have the same bytes.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [self.kind, self.connection, self.from, self.to, self.topic] {
            bytes.extend((part.len() as u64).to_le_bytes());
            bytes.extend(part.as_bytes());
        }
        bytes
    }
}

/// A sealed body as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    sealed: String,
}

/// The body was not sealed with this key in this context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not sealed by a member of the channel for this device")]
pub struct NotOurs;

impl SealKey {
    /// A key from 32 bytes that only members can derive.
    pub fn new(key: [u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&key.into()))
    }

    /// Seals a text.
    pub fn seal(&self, text: &str, context: &Context<'_>, entropy: &mut Entropy) -> Sealed {
        let nonce: [u8; NONCE_BYTES] = entropy.bytes();
        let payload = Payload {
            msg: text.as_bytes(),
            aad: &context.bytes(),
        };
        #[expect(
            clippy::unwrap_used,
            reason = "the cipher refuses only what is over 256 GiB"
        )]
        let ciphertext = self.0.encrypt(&XNonce::from(nonce), payload).unwrap();
        Sealed {
            sealed: Base64UrlUnpadded::encode_string(&[&nonce[..], &ciphertext].concat()),
        }
    }

    /// Opens what was sealed in the same context.
    ///
    /// # Errors
    /// When it was not, or not with this key.
    pub fn open(&self, sealed: &Sealed, context: &Context<'_>) -> Result<String, NotOurs> {
        let bytes = Base64UrlUnpadded::decode_vec(&sealed.sealed).map_err(|_| NotOurs)?;
        let (nonce, msg) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(NotOurs)?;
        let aad = &context.bytes();
        let text = self
            .0
            .decrypt(&XNonce::from(*nonce), Payload { msg, aad })
            .map_err(|_| NotOurs)?;
        String::from_utf8(text).map_err(|_| NotOurs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: Context<'_> = Context {
        kind: "offer",
        connection: "c1",
        from: "a",
        to: "b",
        topic: "t",
    };

    #[test]
    fn opens_with_the_same_key_in_the_same_context_only() {
        let mut entropy = Entropy::from_seed([1; 32]);
        let (key, other) = (SealKey::new([1; 32]), SealKey::new([2; 32]));
        let sealed = key.seal("v=0 猫", &CONTEXT, &mut entropy);
        assert_eq!(key.open(&sealed, &CONTEXT).as_deref(), Ok("v=0 猫"));
        assert_eq!(other.open(&sealed, &CONTEXT), Err(NotOurs));
        for context in [
            Context {
                kind: "answer",
                ..CONTEXT
            },
            Context {
                connection: "c2",
                ..CONTEXT
            },
            Context {
                from: "b",
                to: "a",
                ..CONTEXT
            },
            Context { to: "c", ..CONTEXT },
            Context {
                topic: "u",
                ..CONTEXT
            },
            // The same letters, cut elsewhere.
            Context {
                kind: "offerc",
                connection: "1",
                ..CONTEXT
            },
        ] {
            assert_eq!(key.open(&sealed, &context), Err(NotOurs), "{context:?}");
        }
    }

    #[test]
    fn no_two_sealings_are_alike() {
        let mut entropy = Entropy::from_seed([1; 32]);
        let key = SealKey::new([1; 32]);
        let one = key.seal("meow", &CONTEXT, &mut entropy);
        assert_ne!(one, key.seal("meow", &CONTEXT, &mut entropy));
    }

    #[test]
    fn what_is_no_sealing_is_refused() {
        let key = SealKey::new([1; 32]);
        for text in ["", "!", "AAAA", &"A".repeat(32), &"A".repeat(200)] {
            let sealed = Sealed {
                sealed: text.into(),
            };
            assert_eq!(key.open(&sealed, &CONTEXT), Err(NotOurs), "{text}");
        }
    }
}
