//! Why a request is not granted: answers as the RFCs name them.

use super::stun::{Class, Message, Writer, attribute};

/// An answer that refuses, as the RFCs name it.
pub(super) struct Refusal(pub(super) u16, pub(super) &'static str);

pub(super) const BAD_REQUEST: Refusal = Refusal(400, "Bad Request");
pub(super) const UNAUTHORIZED: Refusal = Refusal(401, "Unauthorized");
pub(super) const FORBIDDEN: Refusal = Refusal(403, "Forbidden");
pub(super) const UNKNOWN_ATTRIBUTE: Refusal = Refusal(420, "Unknown Attribute");
pub(super) const ALLOCATION_MISMATCH: Refusal = Refusal(437, "Allocation Mismatch");
pub(super) const STALE_NONCE: Refusal = Refusal(438, "Stale Nonce");
pub(super) const FAMILY_NOT_SUPPORTED: Refusal = Refusal(440, "Address Family not Supported");
pub(super) const WRONG_CREDENTIALS: Refusal = Refusal(441, "Wrong Credentials");
pub(super) const TRANSPORT_NOT_SUPPORTED: Refusal = Refusal(442, "Unsupported Transport Protocol");
pub(super) const FAMILY_MISMATCH: Refusal = Refusal(443, "Peer Address Family Mismatch");
pub(super) const QUOTA_REACHED: Refusal = Refusal(486, "Allocation Quota Reached");
pub(super) const NO_CAPACITY: Refusal = Refusal(508, "Insufficient Capacity");

/// Attributes that have to be understood, and are.
const KNOWN: &[u16] = &[
    attribute::USERNAME,
    attribute::CHANNEL_NUMBER,
    attribute::LIFETIME,
    attribute::XOR_PEER_ADDRESS,
    attribute::DATA,
    attribute::REALM,
    attribute::NONCE,
    attribute::REQUESTED_ADDRESS_FAMILY,
    attribute::EVEN_PORT,
    attribute::REQUESTED_TRANSPORT,
    attribute::RESERVATION_TOKEN,
];

/// RFC 8489 §6.3.1: attributes that have to be understood and are not.
pub(super) fn unknown_attributes(message: &Message<'_>) -> Vec<u16> {
    message
        .attributes()
        .map(|(kind, _)| kind)
        .filter(|kind| *kind < 0x8000 && !KNOWN.contains(kind))
        .collect()
}

pub(super) fn unknown_answer(message: &Message<'_>, unknown: &[u16]) -> Writer {
    let Refusal(code, reason) = UNKNOWN_ATTRIBUTE;
    let list: Vec<u8> = unknown.iter().flat_map(|kind| kind.to_be_bytes()).collect();
    Writer::answer(message, Class::Error)
        .with_error(code, reason)
        .with(attribute::UNKNOWN_ATTRIBUTES, &list)
}
