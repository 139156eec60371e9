//! What neighbours say to each other about resources.
//!
//! | kind | message | payload |
//! |---|---|---|
//! | 16 | seek: tell me what you have of it, and keep me told | CBOR: the id |
//! | 17 | [`Holding`] | CBOR |
//! | 18 | gained: [`Pieces`] that the sender has now as well | CBOR |
//! | 19 | ask for an outline | CBOR: [`OutlineFrom`] |
//! | 20 | [`OutlinePart`] | CBOR |
//! | 21 | request: [`Pieces`] that the sender wants | CBOR |
//! | 22 | [`Rejection`] | CBOR |
//! | 23 | cancel: [`Pieces`] that the sender does not want any more | CBOR |
//! | 24 | [`Packet`] | id (32 bytes), piece, offset (big endian, 4 bytes each), data |

use minicbor::{Decode, Encode};

use crate::{
    limits,
    resource::{Descriptor, Have, ResourceId},
    signed::{from_cbor, to_cbor},
};

/// The first kind of a frame that is one of these messages.
pub(crate) const FIRST_KIND: u8 = SEEK;
/// The last one.
pub(crate) const LAST_KIND: u8 = PACKET;

const SEEK: u8 = 16;
const HOLDING: u8 = 17;
const GAINED: u8 = 18;
const ASK_OUTLINE: u8 = 19;
const OUTLINE: u8 = 20;
const REQUEST: u8 = 21;
const REJECT: u8 = 22;
const CANCEL: u8 = 23;
const PACKET: u8 = 24;

const PACKET_HEAD: usize = 40;

/// One message about a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Tell me what you have of it, and keep me told.
    Seek(ResourceId),
    /// What the sender has of it.
    Holding(Holding),
    /// The sender has these as well.
    Gained(Pieces),
    /// Send the outline.
    AskOutline(OutlineFrom),
    /// Part of the outline.
    Outline(OutlinePart),
    /// Send these.
    Request(Pieces),
    /// These do not come.
    Reject(Rejection),
    /// These are not wanted any more.
    Cancel(Pieces),
    /// Part of a piece.
    Packet(Packet),
}

/// What somebody has of a resource, and says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// What it says.
    pub descriptor: Descriptor,
    /// Which pieces.
    pub have: Have,
}

/// A holding as it travels: no bits stand for all pieces.
#[derive(Encode, Decode)]
#[cbor(map)]
struct HoldingBody {
    #[n(0)]
    descriptor: Descriptor,
    #[cbor(n(1), with = "minicbor::bytes")]
    bits: Option<Vec<u8>>,
}

/// Some pieces of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Pieces {
    /// Of which.
    #[n(0)]
    pub resource: ResourceId,
    /// Their numbers, at most [`limits::MAX_IDS`].
    #[n(1)]
    pub pieces: Vec<u32>,
}

/// From where on an outline is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OutlineFrom {
    /// Of which resource.
    #[n(0)]
    pub resource: ResourceId,
    /// The first piece whose chaining value is wanted.
    #[n(1)]
    pub first: u32,
}

/// Chaining values of consecutive pieces.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OutlinePart {
    /// Of which resource.
    #[n(0)]
    pub resource: ResourceId,
    /// Of which piece the first one is.
    #[n(1)]
    pub first: u32,
    /// 32 bytes each: [`limits::OUTLINE_PART`] of them, or what is left of the outline if that is less, and none if the
    /// sender does not have them.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub values: Vec<u8>,
}

/// Pieces that were requested and do not come.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Rejection {
    /// Which.
    #[n(0)]
    pub pieces: Pieces,
    /// Why.
    #[n(1)]
    pub reason: Reason,
}

/// Why pieces do not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Reason {
    /// The sender does not have them.
    #[n(0)]
    NotHere,
    /// Others have them by now: they are to be asked first.
    #[n(1)]
    AskOthers,
    /// Too much is asked for already.
    #[n(2)]
    Busy,
}

/// Part of a piece (N5: id, position, data).
///
/// All cut a piece alike: a packet begins a multiple of [`limits::PACKET_BYTES`] after the piece's beginning, and has that
/// many bytes, or what is left of the piece if that is less. Whoever sends others breaks the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Of which resource.
    pub resource: ResourceId,
    /// Of which piece.
    pub piece: u32,
    /// Where in the piece it begins, in bytes: a multiple of [`limits::PACKET_BYTES`].
    pub offset: u32,
    /// [`limits::PACKET_BYTES`], or the rest of the piece.
    pub data: Vec<u8>,
}

impl Message {
    /// Which resource it is about.
    pub fn resource(&self) -> ResourceId {
        match self {
            Message::Seek(id) => *id,
            Message::Holding(holding) => holding.descriptor.id,
            Message::Gained(pieces) | Message::Request(pieces) | Message::Cancel(pieces) => {
                pieces.resource
            }
            Message::AskOutline(from) => from.resource,
            Message::Outline(part) => part.resource,
            Message::Reject(rejection) => rejection.pieces.resource,
            Message::Packet(packet) => packet.resource,
        }
    }

    /// What it costs to take it in, as against one of the cheapest. Packets cost nothing here: what of them was asked for is
    /// counted elsewhere.
    pub(crate) fn cost(&self) -> usize {
        match self {
            Message::Packet(_) => 0,
            Message::Seek(_) | Message::AskOutline(_) | Message::Outline(_) => 1,
            // Each piece is looked at.
            Message::Holding(holding) => 1 + holding.have.bits().len() / 64,
            Message::Gained(pieces) | Message::Request(pieces) | Message::Cancel(pieces) => {
                1 + pieces.pieces.len() / 16
            }
            Message::Reject(rejection) => 1 + rejection.pieces.pieces.len() / 16,
        }
    }

    /// The frame's kind and payload.
    pub(crate) fn encode(&self) -> (u8, Vec<u8>) {
        match self {
            Message::Seek(id) => (SEEK, to_cbor(id)),
            Message::Holding(holding) => {
                let all = holding.have.is_complete();
                let body = HoldingBody {
                    descriptor: holding.descriptor.clone(),
                    bits: (!all).then(|| holding.have.bits().to_vec()),
                };
                (HOLDING, to_cbor(&body))
            }
            Message::Gained(pieces) => (GAINED, to_cbor(pieces)),
            Message::AskOutline(from) => (ASK_OUTLINE, to_cbor(from)),
            Message::Outline(part) => (OUTLINE, to_cbor(part)),
            Message::Request(pieces) => (REQUEST, to_cbor(pieces)),
            Message::Reject(rejection) => (REJECT, to_cbor(rejection)),
            Message::Cancel(pieces) => (CANCEL, to_cbor(pieces)),
            Message::Packet(packet) => {
                let head = [packet.piece.to_be_bytes(), packet.offset.to_be_bytes()];
                let parts = [&packet.resource.0[..], head.as_flattened(), &packet.data];
                (PACKET, parts.concat())
            }
        }
    }

    /// Reads the payload of a frame of one of these kinds.
    ///
    /// # Errors
    /// What is malformed.
    pub(crate) fn decode(kind: u8, payload: &[u8]) -> Result<Self, String> {
        match kind {
            SEEK => from_cbor(payload).map(Message::Seek),
            HOLDING => holding(payload).map(Message::Holding),
            GAINED => pieces(from_cbor(payload)?).map(Message::Gained),
            ASK_OUTLINE => from_cbor(payload).map(Message::AskOutline),
            OUTLINE => outline(payload).map(Message::Outline),
            REQUEST => pieces(from_cbor(payload)?).map(Message::Request),
            REJECT => {
                let rejection: Rejection = from_cbor(payload)?;
                pieces(rejection.pieces).map(|pieces| {
                    let reason = rejection.reason;
                    Message::Reject(Rejection { pieces, reason })
                })
            }
            CANCEL => pieces(from_cbor(payload)?).map(Message::Cancel),
            PACKET => packet(payload).map(Message::Packet),
            _ => Err("no message about a resource".into()),
        }
    }
}

fn holding(payload: &[u8]) -> Result<Holding, String> {
    let HoldingBody { descriptor, bits } = from_cbor(payload)?;
    descriptor.check().map_err(|error| error.to_string())?;
    let length = descriptor.length;
    let have = match bits {
        Some(bits) => Have::from_bits(length, &bits).map_err(|error| error.to_string())?,
        None => Have::all(length),
    };
    Ok(Holding { descriptor, have })
}

fn pieces(pieces: Pieces) -> Result<Pieces, String> {
    if pieces.pieces.len() > limits::MAX_IDS {
        return Err(format!("more than {} pieces", limits::MAX_IDS));
    }
    Ok(pieces)
}

fn outline(payload: &[u8]) -> Result<OutlinePart, String> {
    let part: OutlinePart = from_cbor(payload)?;
    let bytes = part.values.len();
    if !bytes.is_multiple_of(32) || bytes > limits::OUTLINE_PART * 32 {
        return Err("not as many chaining values as an outline's part may have".into());
    }
    Ok(part)
}

fn packet(payload: &[u8]) -> Result<Packet, String> {
    let (Some((id, rest)), Some(data)) = (
        payload.split_first_chunk::<32>(),
        payload.get(PACKET_HEAD..),
    ) else {
        return Err("a packet begins with id, piece and offset".into());
    };
    let number = |at: usize| {
        let bytes = rest.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u32::from_be_bytes)
    };
    if data.is_empty() || data.len() > limits::PACKET_BYTES {
        return Err(format!("a packet has 1 to {} bytes", limits::PACKET_BYTES));
    }
    Ok(Packet {
        resource: ResourceId(*id),
        piece: number(0),
        offset: number(4),
        data: data.to_vec(),
    })
}
