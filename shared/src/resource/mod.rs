//! A resource: the bytes of a file, named by their BLAKE3 hash, in pieces that are checked one by one.
//!
//! The hash of a resource is the root of a tree, and a piece is one of its subtrees, so that the root alone tells whether
//! a list of the pieces' chaining values ([`Outline`]) is the right one, and that list whether a piece is. What anybody
//! says about a resource beside its bytes is a [`Descriptor`].

mod hasher;
mod have;
pub mod http;
pub mod media_type;
mod outline;
pub mod pieces;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

pub use self::{
    hasher::{Hashed, LengthChanged, ResourceHasher},
    have::{Have, NotPieces},
    outline::{ChainingValue, Outline, OutlineError},
};
use crate::{ids::byte_id, limits};

byte_id! {
    /// The name of a resource: the BLAKE3 hash of its bytes, as `b3sum` prints it.
    ResourceId, 32
}

byte_id! {
    /// The MD5 hash of a resource (RFC 1321), as `md5sum` prints it. It names and finds files; it proves nothing, since two
    /// files can be made to have the same one.
    Md5, 16
}

/// What is said of a resource. Only a resource's id says what its bytes are; the rest is believed until they tell better.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Descriptor {
    /// The hash of its bytes.
    #[n(0)]
    pub id: ResourceId,
    /// How many bytes.
    #[n(1)]
    pub length: u64,
    /// The other hash.
    #[n(2)]
    pub md5: Md5,
    /// What it is called.
    #[n(3)]
    pub name: String,
    /// What it is (RFC 6838), in lower case.
    #[n(4)]
    pub media_type: String,
}

/// Why a descriptor is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum DescriptorError {
    /// More than [`limits::MAX_RESOURCE_BYTES`].
    #[error("a file has at most {} bytes; this one is said to have {bytes}", limits::MAX_RESOURCE_BYTES, bytes = .0)]
    Length(u64),
    /// The name could be a path, or hide what it is.
    #[error("the file's name is empty, too long, a path, or has control characters")]
    Name,
    /// Not `type/subtype`.
    #[error("the media type is not of the form type/subtype")]
    MediaType,
}

impl Descriptor {
    /// Checks what somebody says of a resource.
    ///
    /// # Errors
    /// What cannot be.
    pub fn check(&self) -> Result<(), DescriptorError> {
        if self.length > limits::MAX_RESOURCE_BYTES {
            return Err(DescriptorError::Length(self.length));
        }
        if !is_file_name(&self.name) {
            return Err(DescriptorError::Name);
        }
        if !is_media_type(&self.media_type) {
            return Err(DescriptorError::MediaType);
        }
        Ok(())
    }
}

/// Whether a character steers where a text is shown: control characters, the two that separate lines and paragraphs, and
/// those that turn the direction of text (UAX #9 §2).
pub fn steers(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// Whether a text can be the name of a file, wherever it is saved: one part of a path, without control characters and
/// without those that turn the direction of text, by which `exe.gpj` looks like a picture.
pub fn is_file_name(name: &str) -> bool {
    let forbidden = |c: char| steers(c) || matches!(c, '/' | '\\');
    !name.is_empty()
        && name.len() <= limits::MAX_FILE_NAME_BYTES
        && name.trim() == name
        && !name.chars().all(|c| c == '.')
        && !name.chars().any(forbidden)
}

/// A name that [`is_file_name`] accepts, as like to the given one as may be.
pub fn to_file_name(name: &str) -> String {
    let allowed = |c: &char| is_file_name(&format!("a{c}a"));
    let name: String = name.chars().filter(allowed).collect();
    let mut end = name.len().min(limits::MAX_FILE_NAME_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let name = name[..end].trim();
    if is_file_name(name) {
        name.to_owned()
    } else {
        "file".to_owned()
    }
}

/// Whether a text is a media type without parameters, in lower case.
pub fn is_media_type(text: &str) -> bool {
    // restricted-name of RFC 6838 §4.2.
    let is_name = |name: &str| {
        let mut bytes = name.bytes();
        bytes
            .next()
            .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            && bytes
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$&-^_.+".contains(&b))
    };
    text.len() <= limits::MAX_MEDIA_TYPE_BYTES
        && text
            .split_once('/')
            .is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
}
