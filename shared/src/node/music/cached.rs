//! A track of another member's list as it is stored: with the member's name, which nobody may tell while it is away.

use minicbor::{Decode, Encode};

use crate::{
    limits,
    music::track::Track,
    profile::is_name,
    signed::{from_cbor, to_cbor},
};

/// What a name and the form itself take at most, beside the track.
const MAX_BESIDE: usize = 512;

#[derive(Encode)]
#[cbor(array)]
struct Writes<'a>(#[n(0)] &'a str, #[n(1)] &'a Track);

#[derive(Decode)]
#[cbor(array)]
struct Reads(#[n(0)] String, #[n(1)] Track);

pub(super) fn to_bytes(name: &str, track: &Track) -> Vec<u8> {
    to_cbor(&Writes(name, track))
}

/// The member's name, if it is one, and the track.
pub(super) fn from_bytes(bytes: &[u8]) -> Option<(Option<String>, Track)> {
    if bytes.len() > limits::MAX_TRACK_BYTES + MAX_BESIDE {
        return None;
    }
    let Reads(name, track) = from_cbor(bytes).ok()?;
    Some((is_name(&name).then_some(name), track))
}
