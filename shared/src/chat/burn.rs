//! Burning: while it is on in a channel, nothing that is said there is stored.
//!
//! Whether it is on is the channel's state, which each member may turn. A turn is signed, names the turn that it replaces,
//! and has the next number; of two with one number, that with the larger id counts. Devices keep the last one that they
//! know, and tell it to every neighbour they meet, so that all come to the same.

use minicbor::{Decode, Encode};

use super::{log, record::RecordId};
use crate::{
    channel::ChannelId,
    identity::{Author, AuthorKey, Purpose},
    limits,
    profile::is_name,
    signed::{Envelope, from_cbor},
    time::Millis,
};

/// What an author signs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SwitchBody {
    /// The channel in which it was turned.
    #[n(0)]
    pub channel: ChannelId,
    /// Who turned it.
    #[n(1)]
    pub author: Author,
    /// When, by the author's clock.
    #[n(2)]
    pub time: Millis,
    /// The author's name at that time.
    #[n(3)]
    pub name: String,
    /// Burning is on from then.
    #[n(4)]
    pub on: bool,
    /// One more than that of the turn before.
    #[n(5)]
    pub number: u64,
    /// The turn before.
    #[n(6)]
    pub replaces: Option<RecordId>,
}

/// A turn of the switch whose signature was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The BLAKE3 hash of its body.
    pub id: RecordId,
    /// What it says.
    pub body: SwitchBody,
    /// The bytes that travel and are stored.
    pub bytes: Vec<u8>,
}

/// Why bytes are not a turn of this channel's switch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SwitchError {
    /// More than [`limits::MAX_SWITCH_BYTES`].
    #[error("a burn switch has at most {} bytes; this one has {bytes}", limits::MAX_SWITCH_BYTES, bytes = .0)]
    TooLong(usize),
    /// Not the CBOR of a switch.
    #[error("not a burn switch: {0}")]
    Malformed(String),
    /// Turned in another channel.
    #[error("the burn switch is of another channel")]
    ForeignChannel,
    /// The name is empty, too long, or has invisible characters.
    #[error(
        "the name of who turned the burn switch is empty, too long, or has invisible characters"
    )]
    Name,
    /// Nobody can have turned it so often by then.
    #[error("the burn switch cannot have been turned {0} times")]
    Number(u64),
    /// Turned at a time that is not yet.
    #[error("the burn switch was turned at a time that is not yet")]
    Early,
    /// Not signed by the author it names.
    #[error("the signature does not match")]
    Signature,
}

impl SwitchError {
    /// Whether who passed it on is to blame. Clocks differ: what is too early here may have been taken elsewhere.
    pub fn is_a_lie(&self) -> bool {
        !matches!(self, Self::Number(_) | Self::Early)
    }
}

impl Switch {
    /// Turns the switch.
    pub fn turn(
        key: &AuthorKey,
        channel: ChannelId,
        time: Millis,
        name: &str,
        on: bool,
        before: Option<&Self>,
    ) -> Self {
        let body = SwitchBody {
            channel,
            author: key.author(),
            time,
            name: name.to_owned(),
            on,
            number: before
                .map_or(0, |before| before.body.number)
                .saturating_add(1),
            replaces: before.map(|before| before.id),
        };
        let envelope = Envelope::seal(key, Purpose::Switch, &body);
        Self {
            id: RecordId::of(&envelope),
            body,
            bytes: envelope.to_bytes(),
        }
    }

    /// Reads and checks a turn that someone sent.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(now: Millis, channel: ChannelId, bytes: &[u8]) -> Result<Self, SwitchError> {
        if bytes.len() > limits::MAX_SWITCH_BYTES {
            return Err(SwitchError::TooLong(bytes.len()));
        }
        let (envelope, switch) = open(bytes)?;
        let body = &switch.body;
        if body.channel != channel {
            return Err(SwitchError::ForeignChannel);
        }
        if !is_name(&body.name) {
            return Err(SwitchError::Name);
        }
        if !envelope.is_signed_by(&body.author, Purpose::Switch) {
            return Err(SwitchError::Signature);
        }
        if body.number == 0 || body.number > largest_number(now) {
            return Err(SwitchError::Number(body.number));
        }
        if log::is_early(now, body.time) {
            return Err(SwitchError::Early);
        }
        Ok(switch)
    }

    /// Reads a turn from our own store, where only checked ones are.
    ///
    /// # Errors
    /// When it is something else.
    pub fn from_store(bytes: &[u8]) -> Result<Self, SwitchError> {
        open(bytes).map(|(_, switch)| switch)
    }

    /// Whether this one counts, and not the other.
    pub fn supersedes(&self, other: &Self) -> bool {
        (self.body.number, self.id) > (other.body.number, other.id)
    }
}

fn open(bytes: &[u8]) -> Result<(Envelope, Switch), SwitchError> {
    let envelope = Envelope::read(bytes).map_err(SwitchError::Malformed)?;
    let body = from_cbor(&envelope.body).map_err(SwitchError::Malformed)?;
    let switch = Switch {
        id: RecordId::of(&envelope),
        body,
        bytes: bytes.to_vec(),
    };
    Ok((envelope, switch))
}

/// A turn a second since there are switches: whoever claims the largest number, to have the last word, has it for a
/// second.
const fn largest_number(now: Millis) -> u64 {
    (now.0 + limits::EARLY_TOLERANCE.as_millis() as u64).saturating_sub(FIRST_TURN.0) / 1000
}

/// 2026-01-01.
const FIRST_TURN: Millis = Millis(1_767_225_600_000);
