//! What a device gets and gives by itself, and what leaves first when there is no more room for it.
//!
//! **The rule.** Resources have so many bytes in all. What the member chose stays, and never makes room for anything. What
//! came by itself leaves in the order in which it was last wanted: when it was offered, or when somebody last got something
//! of it, whichever is later. It leaves for what the member chooses, and for what was offered later than it was last wanted;
//! and no more of it leaves than has to. When it was offered is for a file of a message the message's time; for a track of a
//! list, of which nothing tells since when it is there, it is never: it takes what room is left, and pushes nothing out.
//!
//! The rule is asked twice. A resource begins if there would be room for the whole length that is said of it, beside the
//! whole length of all that is here or on its way; else it is not begun. But nothing leaves for what is said: as its pieces
//! come, and are proven, as many bytes leave as have come. Who claims much and gives nothing pushes nothing out, and whoever
//! gives pays for each byte that leaves with one of its own. Nor does such a claim keep others from beginning: what comes by
//! itself counts with its length once the last piece has proven that.
//!
//! What came by itself and lacks something of which nothing has come for long is stalled: it counts what is here of it, and
//! leaves before all others, for anything that comes. It may come again, and pushes nothing out then, not even what is
//! stalled itself: else two of them would take turns.
//!
//! Resources leave as a whole, and so one piece may cost a large one. What has left is offered again as what it was: it comes
//! back if its room is free after all, and pushes out nothing that was wanted later.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::{limits, resource::ResourceId, time::Millis};

/// What of a channel a device gets and gives by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Seeds {
    /// What the member chose, and the small pictures of messages, as every device.
    #[default]
    #[n(0)]
    Chosen,
    /// All that is shared there with messages or stands in lists of music, as far as there is room.
    #[n(1)]
    All,
}

/// How something stands that is to have room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The member chose it.
    Chosen,
    /// It comes by itself, and was offered then.
    Offered(Millis),
    /// It was stalled, and left for something else: it takes the room that is free.
    Again,
}

impl Standing {
    /// Whether a resource may leave for it.
    fn pushes_out(self, held: &Held) -> bool {
        let Some(wanted) = held.wanted else {
            return false;
        };
        match self {
            Self::Chosen => true,
            Self::Offered(offered) => held.stalled || wanted < offered,
            Self::Again => false,
        }
    }
}

/// A resource that is here or on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub id: ResourceId,
    /// What it counts: what is here of it; or, when something is to begin, its whole length if it is still got.
    pub bytes: u64,
    /// When it was last wanted. None: the member chose it, and it stays.
    pub wanted: Option<Millis>,
    /// Some of it is missing, and nothing of that has come for long.
    pub stalled: bool,
}

impl Held {
    /// What leaves first is the least.
    fn order(&self) -> (bool, Option<Millis>, ResourceId) {
        (!self.stalled, self.wanted, self.id)
    }
}

/// There is not so much room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom {
    /// How much there would be, with everything gone that may leave for it.
    pub room: u64,
}

/// How many bytes resources may have where nobody says so: half of what the disk has room for, and not more than
/// [`limits::DEFAULT_QUOTA_BYTES`]. What they have `taken` of it counts as free: else they would have half as many with each
/// start. It is never less than that: where nobody said so, nothing leaves. `free`, if the system tells.
pub fn default_quota(free: Option<u64>, taken: u64) -> u64 {
    let half = free.map(|free| free.saturating_add(taken) / 2);
    half.unwrap_or(u64::MAX)
        .min(limits::DEFAULT_QUOTA_BYTES)
        .max(taken)
}

/// Which resources leave so that something with so many bytes has room within a quota, in their order.
///
/// # Errors
/// When it has none, whatever leaves. Nothing leaves then.
pub fn make_room(
    held: &[Held],
    quota: u64,
    bytes: u64,
    standing: Standing,
) -> Result<Vec<ResourceId>, NoRoom> {
    let used: u64 = held
        .iter()
        .map(|held| held.bytes)
        .fold(0, u64::saturating_add);
    let fits = |left: u64| quota.checked_sub(left).is_some_and(|room| bytes <= room);
    if fits(used) {
        return Ok(Vec::new());
    }
    let leaving = held.iter().filter(|held| standing.pushes_out(held));
    let mut leaving: Vec<&Held> = leaving.collect();
    leaving.sort_by_key(|held| held.order());
    let mut leaves = Vec::new();
    let mut left = used;
    for held in leaving {
        if fits(left) {
            break;
        }
        // The sum may have reached its end.
        left = left.saturating_sub(held.bytes);
        leaves.push(held.id);
    }
    if !fits(left) {
        let room = quota.saturating_sub(left);
        return Err(NoRoom { room });
    }
    Ok(leaves)
}

/// Which resources leave so that all others are within a quota, in their order. What the member chose stays, even if that
/// alone is more.
pub fn keep_within(held: &[Held], quota: u64) -> Vec<ResourceId> {
    make_room(held, quota, 0, Standing::Chosen).unwrap_or_else(|_| {
        let mut leaving: Vec<&Held> = held.iter().filter(|held| held.wanted.is_some()).collect();
        leaving.sort_by_key(|held| held.order());
        leaving.into_iter().map(|held| held.id).collect()
    })
}
