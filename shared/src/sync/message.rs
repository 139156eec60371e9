//! What neighbours say about their logs, on the wire.
//!
//! | kind | message | payload |
//! |---|---|---|
//! | 8 | [`Message::Ask`] | CBOR |
//! | 9 | [`Message::Answer`] | CBOR |
//! | 10 | [`Message::Narrow`] | CBOR: the number of the comparison, a position, and whether it is the last |
//! | 11 | [`Message::Lacks`] | CBOR: ids, at most [`limits::MAX_IDS`] |
//! | 12 | [`Message::Offer`] | CBOR: positions, at most [`limits::MAX_IDS`] |
//! | 13 | [`Message::Fetch`] | CBOR: positions, at most [`limits::MAX_IDS`] |
//! | 14 | [`Message::Served`] | CBOR: nothing |

use minicbor::{Decode, Encode};

use crate::{
    chat::{
        record::{Position, RecordId},
        span::Span,
    },
    limits,
    signed::{from_cbor, to_cbor},
};

pub(crate) const FIRST_KIND: u8 = ASK;
pub(crate) const LAST_KIND: u8 = SERVED;

const ASK: u8 = 8;
const ANSWER: u8 = 9;
const NARROW: u8 = 10;
const LACKS: u8 = 11;
const OFFER: u8 = 12;
const FETCH: u8 = 13;
const SERVED: u8 = 14;

/// Part of a question or an answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Part {
    /// Which comparison: whoever asks counts up.
    #[n(0)]
    pub comparison: u32,
    /// What is compared: the same in all of its parts.
    #[n(1)]
    pub span: Span,
    /// The question, or the answer, goes on in the next part.
    #[n(2)]
    pub more: bool,
    /// At most [`limits::COMPARE_PART`] bytes of it.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
    /// In a question: the newest so many are enough.
    #[n(4)]
    pub most: Option<u32>,
}

/// What one neighbour says to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Part of a question.
    Ask(Part),
    /// Part of an answer.
    Answer(Part),
    /// There are too many records here, or older ones are not wanted: the comparison is to begin anew, with what stands at
    /// this position or after it.
    Narrow {
        /// Which comparison.
        comparison: u32,
        /// Where it is to begin.
        from: Position,
        /// Nothing older is to be compared either.
        last: bool,
    },
    /// Of what was compared last, the sender lacks these records: they are to be sent, and [`Message::Served`] after them.
    Lacks(Vec<RecordId>),
    /// The other end lacks these records, which are here.
    Offer(Vec<Position>),
    /// These records are to be sent, and [`Message::Served`] after them.
    Fetch(Vec<Position>),
    /// Those records that are here of what was asked for have been sent.
    Served,
}

impl Message {
    /// Its kind and its payload.
    pub(crate) fn encode(&self) -> (u8, Vec<u8>) {
        match self {
            Self::Ask(part) => (ASK, to_cbor(part)),
            Self::Answer(part) => (ANSWER, to_cbor(part)),
            Self::Narrow {
                comparison,
                from,
                last,
            } => (NARROW, to_cbor(&(comparison, from, last))),
            Self::Lacks(ids) => (LACKS, to_cbor(ids)),
            Self::Offer(positions) => (OFFER, to_cbor(positions)),
            Self::Fetch(positions) => (FETCH, to_cbor(positions)),
            Self::Served => (SERVED, to_cbor(&())),
        }
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// What is malformed.
    pub(crate) fn decode(kind: u8, payload: &[u8]) -> Result<Self, String> {
        match kind {
            ASK => part(payload).map(Self::Ask),
            ANSWER => part(payload).map(Self::Answer),
            NARROW => {
                let (comparison, from, last) = from_cbor(payload)?;
                Ok(Self::Narrow {
                    comparison,
                    from,
                    last,
                })
            }
            LACKS => some(payload).map(Self::Lacks),
            OFFER => some(payload).map(Self::Offer),
            FETCH => some(payload).map(Self::Fetch),
            SERVED => from_cbor(payload).map(|()| Self::Served),
            kind => Err(format!("{kind} is not about logs")),
        }
    }

    /// What it costs to take in, in the units of [`limits::HISTORY_MESSAGES`].
    pub(crate) fn cost(&self) -> usize {
        match self {
            Self::Answer(part) => 4 + part.bytes.len() / 1024,
            // A list of what is here.
            Self::Ask(part) => 16 + part.bytes.len() / 1024,
            Self::Narrow { .. } => 16,
            Self::Lacks(ids) => 1 + ids.len() / 8,
            Self::Offer(positions) => 1 + positions.len() / 16,
            // Each is read and sent.
            Self::Fetch(positions) => 1 + positions.len() / 8,
            Self::Served => 1,
        }
    }
}

fn part(payload: &[u8]) -> Result<Part, String> {
    let part: Part = from_cbor(payload)?;
    if part.bytes.len() > limits::COMPARE_PART {
        return Err(format!(
            "a part of more than {} bytes",
            limits::COMPARE_PART
        ));
    }
    Ok(part)
}

/// A list of at least one, and not too many.
fn some<'b, T: Decode<'b, ()>>(payload: &'b [u8]) -> Result<Vec<T>, String> {
    let list: Vec<T> = from_cbor(payload)?;
    if list.is_empty() || list.len() > limits::MAX_IDS {
        return Err(format!(
            "{} records, not 1 to {}",
            list.len(),
            limits::MAX_IDS
        ));
    }
    Ok(list)
}
