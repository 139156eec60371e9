//! The form of STUN messages (RFC 8489 §5 and §14) and of ChannelData (RFC 8656 §12.4), as far as a TURN server needs it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::limits;

/// RFC 8489 §5.
const COOKIE: u32 = 0x2112_A442;
const HEADER: usize = 20;
/// RFC 8489 §14.7: what a fingerprint is combined with, so that it is no other protocol's CRC.
const FINGERPRINT_XOR: u32 = 0x5354_554e;
/// The type, length and value of MESSAGE-INTEGRITY.
const INTEGRITY: usize = 4 + 20;

/// The kind of a message (RFC 8489 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Wants an answer.
    Request,
    /// Wants none.
    Indication,
    /// The answer to a request that was granted.
    Success,
    /// The answer to one that was not.
    Error,
}

/// Methods (RFC 8489 §18.2, RFC 8656 §17).
pub mod method {
    #![expect(missing_docs, reason = "they are called as in the registry")]
    pub const BINDING: u16 = 0x001;
    pub const ALLOCATE: u16 = 0x003;
    pub const REFRESH: u16 = 0x004;
    pub const SEND: u16 = 0x006;
    pub const DATA: u16 = 0x007;
    pub const CREATE_PERMISSION: u16 = 0x008;
    pub const CHANNEL_BIND: u16 = 0x009;
}

/// Attributes (RFC 8489 §18.3, RFC 8656 §18). One below 0x8000 has to be understood.
pub mod attribute {
    #![expect(missing_docs, reason = "they are called as in the registry")]
    pub const USERNAME: u16 = 0x0006;
    pub const MESSAGE_INTEGRITY: u16 = 0x0008;
    pub const ERROR_CODE: u16 = 0x0009;
    pub const UNKNOWN_ATTRIBUTES: u16 = 0x000A;
    pub const CHANNEL_NUMBER: u16 = 0x000C;
    pub const LIFETIME: u16 = 0x000D;
    pub const XOR_PEER_ADDRESS: u16 = 0x0012;
    pub const DATA: u16 = 0x0013;
    pub const REALM: u16 = 0x0014;
    pub const NONCE: u16 = 0x0015;
    pub const XOR_RELAYED_ADDRESS: u16 = 0x0016;
    pub const REQUESTED_ADDRESS_FAMILY: u16 = 0x0017;
    pub const EVEN_PORT: u16 = 0x0018;
    pub const REQUESTED_TRANSPORT: u16 = 0x0019;
    pub const MESSAGE_INTEGRITY_SHA256: u16 = 0x001C;
    pub const XOR_MAPPED_ADDRESS: u16 = 0x0020;
    pub const RESERVATION_TOKEN: u16 = 0x0022;
    pub const FINGERPRINT: u16 = 0x8028;
}

/// Why bytes are not a STUN message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StunError {
    /// More than [`limits::MAX_STUN_BYTES`].
    #[error("longer than {} bytes", limits::MAX_STUN_BYTES)]
    TooLong,
    /// No header, or another length than it says.
    #[error("not as long as its header says")]
    Length,
    /// Something else than STUN.
    #[error("without the magic cookie")]
    Cookie,
    /// An attribute goes beyond the end.
    #[error("an attribute goes beyond the end")]
    Attribute,
    /// The CRC at its end is another's.
    #[error("the fingerprint is wrong")]
    Fingerprint,
}

/// A message as it came.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    bytes: &'a [u8],
    /// Where the attributes end that are signed, or all.
    end: usize,
    /// Where MESSAGE-INTEGRITY begins.
    integrity: Option<usize>,
}

impl<'a> Message<'a> {
    /// Reads one message, which has to be all of `bytes`.
    ///
    /// # Errors
    /// When they are not a message.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, StunError> {
        if bytes.len() > limits::MAX_STUN_BYTES {
            return Err(StunError::TooLong);
        }
        let (Some(header), Some(length)) = (bytes.get(..HEADER), u16_at(bytes, 2)) else {
            return Err(StunError::Length);
        };
        if header[0] & 0xC0 != 0 || header[4..8] != COOKIE.to_be_bytes() {
            return Err(StunError::Cookie);
        }
        if length % 4 != 0 || HEADER + usize::from(length) != bytes.len() {
            return Err(StunError::Length);
        }
        let mut message = Self {
            bytes,
            end: bytes.len(),
            integrity: None,
        };
        let mut at = HEADER;
        while at < bytes.len() {
            let (kind, value, next) = attribute_at(bytes, at).ok_or(StunError::Attribute)?;
            match kind {
                attribute::FINGERPRINT => {
                    let expected = fingerprint(&bytes[..at]).to_be_bytes();
                    if next != bytes.len() || value != expected {
                        return Err(StunError::Fingerprint);
                    }
                    message.end = message.end.min(at);
                }
                // RFC 8489 §14.5: what follows it, except for a fingerprint, is ignored.
                attribute::MESSAGE_INTEGRITY if message.integrity.is_none() => {
                    if value.len() != 20 {
                        return Err(StunError::Attribute);
                    }
                    message.integrity = Some(at);
                    message.end = message.end.min(at);
                }
                attribute::MESSAGE_INTEGRITY_SHA256 => message.end = message.end.min(at),
                _ => {}
            }
            at = next;
        }
        Ok(message)
    }

    /// What kind of message it is.
    pub fn class(&self) -> Class {
        // RFC 8489 §5: the class's two bits stand within the method's twelve.
        match (self.bytes[0] & 1, self.bytes[1] >> 4 & 1) {
            (0, 0) => Class::Request,
            (0, _) => Class::Indication,
            (_, 0) => Class::Success,
            _ => Class::Error,
        }
    }

    /// What it wants; see [`method`].
    pub fn method(&self) -> u16 {
        let [high, low] = [u16::from(self.bytes[0]), u16::from(self.bytes[1])];
        (high & 0x3E) << 6 | (low & 0xE0) >> 1 | low & 0x0F
    }

    /// What an answer to it has to have, too.
    pub fn transaction(&self) -> [u8; 12] {
        let mut transaction = [0; 12];
        transaction.copy_from_slice(&self.bytes[8..HEADER]);
        transaction
    }

    /// The attributes before MESSAGE-INTEGRITY, or all without one; FINGERPRINT is none of them.
    pub fn attributes(&self) -> impl Iterator<Item = (u16, &'a [u8])> + use<'a> {
        let (bytes, end) = (self.bytes, self.end);
        let mut at = HEADER;
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let (kind, value, next) = attribute_at(bytes, at)?;
            at = next;
            Some((kind, value))
        })
    }

    /// The first attribute of a kind (RFC 8489 §14: others of the same kind are ignored).
    pub fn attribute(&self, kind: u16) -> Option<&'a [u8]> {
        self.attributes()
            .find_map(|(other, value)| (other == kind).then_some(value))
    }

    /// An attribute that is a text.
    pub fn text(&self, kind: u16) -> Option<&'a str> {
        std::str::from_utf8(self.attribute(kind)?).ok()
    }

    /// An attribute that is an address in the form of RFC 8489 §14.2.
    pub fn address(&self, value: &[u8]) -> Option<SocketAddr> {
        let port = u16_at(value, 2)? ^ (COOKIE >> 16) as u16;
        let ip: IpAddr = match (value[1], &value[4..]) {
            (1, ip) => Ipv4Addr::from_bits(u32::from_be_bytes(ip.try_into().ok()?) ^ COOKIE).into(),
            (2, ip) => {
                let bits = u128::from_be_bytes(ip.try_into().ok()?);
                Ipv6Addr::from_bits(bits ^ mask(&self.transaction())).into()
            }
            _ => return None,
        };
        Some(SocketAddr::new(ip, port))
    }

    /// Whether it says that its sender has a key.
    pub fn is_signed(&self) -> bool {
        self.integrity.is_some()
    }

    /// Whether its sender has this key.
    pub fn is_signed_by(&self, key: &[u8]) -> bool {
        let Some(at) = self.integrity else {
            return false;
        };
        let (Some(mut mac), Some(signature)) = (mac(key), self.bytes.get(at + 4..at + INTEGRITY))
        else {
            return false;
        };
        // The length counts up to the signature's own end.
        let length = u16::try_from(at + INTEGRITY - HEADER).unwrap_or(u16::MAX);
        mac.update(&self.bytes[..2]);
        mac.update(&length.to_be_bytes());
        mac.update(&self.bytes[4..at]);
        mac.verify_slice(signature).is_ok()
    }
}

/// A message on its way out.
pub struct Writer {
    bytes: Vec<u8>,
    transaction: [u8; 12],
}

impl Writer {
    /// A message without attributes.
    pub fn new(class: Class, method: u16, transaction: [u8; 12]) -> Self {
        let class = match class {
            Class::Request => 0,
            Class::Indication => 0x010,
            Class::Success => 0x100,
            Class::Error => 0x110,
        };
        let kind = (method & 0xF80) << 2 | (method & 0x70) << 1 | method & 0x0F | class;
        let mut bytes = Vec::with_capacity(128);
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 0]);
        bytes.extend(COOKIE.to_be_bytes());
        bytes.extend(transaction);
        Self { bytes, transaction }
    }

    /// An answer.
    pub fn answer(request: &Message<'_>, class: Class) -> Self {
        Self::new(class, request.method(), request.transaction())
    }

    /// Adds an attribute of at most 64 KiB less the rest; what is longer is cut.
    #[must_use]
    pub fn with(mut self, kind: u16, value: &[u8]) -> Self {
        let room = usize::from(u16::MAX - 3).saturating_sub(self.bytes.len());
        let value = &value[..value.len().min(room)];
        // It fits by the line above.
        let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
        self.bytes.extend(kind.to_be_bytes());
        self.bytes.extend(length.to_be_bytes());
        self.bytes.extend(value);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self.set_length(0);
        self
    }

    /// Adds an address in the form of RFC 8489 §14.2.
    #[must_use]
    pub fn with_address(self, kind: u16, address: SocketAddr) -> Self {
        let port = address.port() ^ (COOKIE >> 16) as u16;
        let mut value = vec![0, if address.is_ipv4() { 1 } else { 2 }];
        value.extend(port.to_be_bytes());
        match address.ip() {
            IpAddr::V4(ip) => value.extend((ip.to_bits() ^ COOKIE).to_be_bytes()),
            IpAddr::V6(ip) => value.extend((ip.to_bits() ^ mask(&self.transaction)).to_be_bytes()),
        }
        self.with(kind, &value)
    }

    /// Adds an ERROR-CODE (RFC 8489 §14.8).
    #[must_use]
    pub fn with_error(self, code: u16, reason: &str) -> Self {
        // The hundreds are below 7 and the rest below 100.
        let mut value = vec![0, 0, (code / 100) as u8, (code % 100) as u8];
        value.extend(reason.as_bytes());
        self.with(attribute::ERROR_CODE, &value)
    }

    /// Adds MESSAGE-INTEGRITY (RFC 8489 §14.5).
    #[must_use]
    pub fn signed(mut self, key: &[u8]) -> Self {
        self.set_length(INTEGRITY);
        let Some(mut mac) = mac(key) else {
            return self;
        };
        mac.update(&self.bytes);
        let signature: [u8; 20] = mac.finalize().into_bytes().into();
        self.with(attribute::MESSAGE_INTEGRITY, &signature)
    }

    /// The message, with a FINGERPRINT (RFC 8489 §14.7).
    pub fn finish(mut self) -> Vec<u8> {
        self.set_length(8);
        let value = fingerprint(&self.bytes).to_be_bytes();
        self.with(attribute::FINGERPRINT, &value).bytes
    }

    /// What the header says of the length, counting so many bytes that are still to come.
    fn set_length(&mut self, to_come: usize) {
        let length = (self.bytes.len() - HEADER).saturating_add(to_come);
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        self.bytes[2..4].copy_from_slice(&length.to_be_bytes());
    }
}

/// HMAC takes a key of any length.
fn mac(key: &[u8]) -> Option<Hmac<Sha1>> {
    Hmac::new_from_slice(key).ok()
}

/// What the 128 bits of an IPv6 address are combined with.
fn mask(transaction: &[u8; 12]) -> u128 {
    let mut mask = [0; 16];
    mask[..4].copy_from_slice(&COOKIE.to_be_bytes());
    mask[4..].copy_from_slice(transaction);
    u128::from_be_bytes(mask)
}

fn fingerprint(before: &[u8]) -> u32 {
    crc32fast::hash(before) ^ FINGERPRINT_XOR
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// The kind and the value of the attribute that begins there, and where the next one does.
fn attribute_at(bytes: &[u8], at: usize) -> Option<(u16, &[u8], usize)> {
    let (kind, length) = (u16_at(bytes, at)?, u16_at(bytes, at + 2)?);
    let value = bytes.get(at + 4..at + 4 + usize::from(length))?;
    let next = (at + 4 + value.len()).next_multiple_of(4);
    (next <= bytes.len()).then_some((kind, value, next))
}

/// What a datagram or a frame begins with (RFC 8656 §12: the first two bits tell).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A STUN message.
    Stun,
    /// ChannelData: the channel's number, and how many bytes of data follow the four of its header.
    Channel(u16, usize),
    /// Neither.
    Garbage,
}

/// ChannelData's header.
pub const CHANNEL_HEADER: usize = 4;
/// The numbers that channels have. RFC 8656 ends them at 0x4FFF; clients of RFC 5766 use all of these.
pub const CHANNELS: std::ops::RangeInclusive<u16> = 0x4000..=0x7FFE;

/// Looks at the first four bytes.
pub fn frame(header: [u8; 4]) -> Frame {
    let [a, b, c, d] = header;
    let (number, length) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    match a >> 6 {
        0 => Frame::Stun,
        1 if CHANNELS.contains(&number) => Frame::Channel(number, usize::from(length)),
        _ => Frame::Garbage,
    }
}

/// How many bytes a frame that begins so has in a stream, padding included (RFC 8656 §12.5). None when it is not one, or
/// longer than is read.
pub fn stream_frame_length(header: [u8; 4]) -> Option<usize> {
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    match frame(header) {
        Frame::Stun => Some(HEADER + length).filter(|&all| all <= limits::MAX_STUN_BYTES),
        Frame::Channel(_, data) => Some((CHANNEL_HEADER + data).next_multiple_of(4)),
        Frame::Garbage => None,
    }
}

/// ChannelData's header for so many bytes of data.
pub fn channel_header(number: u16, data: u16) -> [u8; CHANNEL_HEADER] {
    let ([a, b], [c, d]) = (number.to_be_bytes(), data.to_be_bytes());
    [a, b, c, d]
}
