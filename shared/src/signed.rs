//! What an author signs, as it travels: the body's own bytes and a signature over them.
//!
//! A body is CBOR and is never encoded again: it is kept and passed on as the author's bytes.

use minicbor::{Decode, Encode};

use crate::identity::{Author, AuthorKey, Purpose, Signature};

/// A body with its signature.
#[derive(Encode, Decode, Clone, Debug)]
pub(crate) struct Envelope {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) body: Vec<u8>,
    #[n(1)]
    signature: Signature,
}

impl Envelope {
    /// Signs a body.
    pub(crate) fn seal<T: Encode<()>>(key: &AuthorKey, purpose: Purpose, body: &T) -> Self {
        let body = to_cbor(body);
        let signature = key.sign(purpose, &body);
        Self { body, signature }
    }

    /// Reads an envelope, without looking at the signature.
    ///
    /// # Errors
    /// What is malformed.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        from_cbor(bytes)
    }

    /// Whether this author signed the body for this purpose.
    pub(crate) fn is_signed_by(&self, author: &Author, purpose: Purpose) -> bool {
        author.signed(purpose, &self.body, &self.signature)
    }

    /// The bytes that travel.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }
}

/// The CBOR of a value.
pub(crate) fn to_cbor<T: Encode<()>>(value: &T) -> Vec<u8> {
    #[expect(clippy::unwrap_used, reason = "writing to a Vec cannot fail")]
    minicbor::to_vec(value).unwrap()
}

/// Decodes a value that takes up all of the bytes.
///
/// # Errors
/// What is malformed.
pub(crate) fn from_cbor<'b, T: Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, String> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let value = decoder.decode().map_err(|error| error.to_string())?;
    if decoder.position() != bytes.len() {
        return Err("bytes after the end".into());
    }
    Ok(value)
}
