//! The play queue: what is played, and what comes next.
//!
//! Entries have ids of their own, because one resource may be in the queue twice. They lie in the order in which they are
//! played; each knows its place in the list that they came from as well, so that turning shuffle off finds that order
//! again. The current entry is the one that plays, or would if somebody pressed play.
//!
//! What must not or cannot be played is passed over. Whether that is so the caller says, by a predicate, at each step: bans
//! and holders change while a queue stays. Each step looks at each entry once at most, so that a queue in which nothing is
//! playable ends instead of spinning.

mod edit;
mod stored;

use std::collections::VecDeque;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

pub use self::stored::QueueError;
use crate::{entropy::Entropy, limits, resource::ResourceId};

/// Tells the entries of a queue apart. Never given twice.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(transparent)]
#[serde(transparent)]
pub struct EntryId(#[n(0)] pub u64);

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(array)]
pub struct Entry {
    /// Which.
    #[n(0)]
    pub id: EntryId,
    /// What is played.
    #[n(1)]
    pub resource: ResourceId,
}

/// What happens at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// After the last entry it is quiet.
    #[default]
    #[n(0)]
    Off,
    /// After the last entry comes the first, or with shuffle a new order.
    #[n(1)]
    All,
    /// After the current entry it comes again.
    #[n(2)]
    One,
}

/// Why the queue goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The current entry was played to its end.
    Ended,
    /// A person asked for the next one: it comes even if the current one is to be repeated.
    Asked,
    /// The current entry could not be played: it does not belong to what was played.
    Failed,
}

/// Whether a resource may and can be played now.
pub type Playable<'a> = &'a dyn Fn(ResourceId) -> bool;

/// An entry where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    entry: Entry,
    /// Its place in the list: 0 for the first; each has one.
    place: usize,
    /// It was current since the order was made.
    played: bool,
}

/// A play queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// In the order in which they are played.
    slots: Vec<Slot>,
    /// The current one.
    at: Option<usize>,
    /// What was played, the latest last.
    history: VecDeque<Entry>,
    shuffle: bool,
    repeat: Repeat,
    next_id: u64,
}

impl Queue {
    /// The current entry.
    pub fn current(&self) -> Option<Entry> {
        Some(self.slots.get(self.at?)?.entry)
    }

    /// All entries in the order in which they are played.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = Entry> {
        self.slots.iter().map(|slot| slot.entry)
    }

    /// How many entries were passed, or left out, before the current one.
    pub fn position(&self) -> Option<usize> {
        self.at
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// What was played before the current entry, the latest first; at most [`limits::MAX_PLAYED`]. Some of it may not be
    /// in the queue any more.
    pub fn history(&self) -> impl Iterator<Item = Entry> {
        self.history.iter().rev().copied()
    }

    /// Whether the order is a random one.
    pub fn shuffle(&self) -> bool {
        self.shuffle
    }

    /// What happens at the end.
    pub fn repeat(&self) -> Repeat {
        self.repeat
    }

    /// Chooses what happens at the end.
    pub fn set_repeat(&mut self, repeat: Repeat) {
        self.repeat = repeat;
    }

    /// Turns shuffle on, which puts what was not played yet in a random order after the current entry, or off, which
    /// returns to the order of the list and goes on from the current entry.
    pub fn set_shuffle(&mut self, on: bool, entropy: &mut Entropy) {
        if self.shuffle == on {
            return;
        }
        self.shuffle = on;
        if on {
            self.shuffle_rest(entropy);
        } else {
            let current = self.current();
            self.slots.sort_by_key(|slot| slot.place);
            self.at = current.and_then(|entry| self.index_of(entry.id));
        }
    }

    /// Goes on to what comes next. `None` when nothing does: the current entry then stays.
    pub fn advance(
        &mut self,
        step: Step,
        playable: Playable,
        entropy: &mut Entropy,
    ) -> Option<Entry> {
        if step == Step::Ended
            && self.repeat == Repeat::One
            && let Some(current) = self.current()
            && playable(current.resource)
        {
            return Some(current);
        }
        let next = match self.following(playable) {
            Some(index) => index,
            None => self.begin_again(playable, entropy)?,
        };
        if step != Step::Failed {
            self.remember_current();
        }
        self.go_to(next)
    }

    /// What [`Queue::advance`] would go to when the current entry ends, as far as that is decided already.
    pub fn upcoming(&self, playable: Playable) -> Option<Entry> {
        let current = self.current();
        if self.repeat == Repeat::One && current.is_some_and(|entry| playable(entry.resource)) {
            return current;
        }
        let again = || {
            let decided = self.repeat == Repeat::All && !self.shuffle;
            decided.then(|| self.first(playable)).flatten()
        };
        let index = self.following(playable).or_else(again)?;
        self.slots.get(index).map(|slot| slot.entry)
    }

    /// Goes back to what was played before, and if that is not known, to the entry in front. What was played from another
    /// list comes back into the queue in front of the current entry. `None` when there is nothing to go back to.
    pub fn previous(&mut self, playable: Playable) -> Option<Entry> {
        while let Some(entry) = self.history.pop_back() {
            if !playable(entry.resource) {
                continue;
            }
            if let Some(index) = self.index_of(entry.id) {
                return self.go_to(index);
            }
            if self.room() > 0 {
                let index = self.at.unwrap_or(0);
                let place = self.slots.get(index).map_or(0, |slot| slot.place);
                self.insert(index, place, &[entry.resource]);
                return self.go_to(index);
            }
        }
        let here = self.at.unwrap_or(0);
        let is_playable = |index: &usize| playable(self.slots[*index].entry.resource);
        let around = || {
            let wraps = self.repeat == Repeat::All && !self.shuffle;
            let behind = (here + 1..self.slots.len()).rev();
            wraps.then_some(behind)?.find(is_playable)
        };
        let index = (0..here).rev().find(is_playable).or_else(around)?;
        self.go_to(index)
    }

    /// Goes to one entry, whether or not it is playable: a person pointed at it.
    pub fn jump(&mut self, id: EntryId) -> Option<Entry> {
        let index = self.index_of(id)?;
        if self.at != Some(index) {
            self.remember_current();
        }
        self.go_to(index)
    }

    fn index_of(&self, id: EntryId) -> Option<usize> {
        self.slots.iter().position(|slot| slot.entry.id == id)
    }

    fn go_to(&mut self, index: usize) -> Option<Entry> {
        let slot = self.slots.get_mut(index)?;
        slot.played = true;
        self.at = Some(index);
        Some(slot.entry)
    }

    fn remember_current(&mut self) {
        if let Some(entry) = self.current() {
            if self.history.len() == limits::MAX_PLAYED {
                self.history.pop_front();
            }
            self.history.push_back(entry);
        }
    }

    /// The next playable one after the current one.
    fn following(&self, playable: Playable) -> Option<usize> {
        let from = self.at.map_or(0, |at| at + 1);
        (from..self.slots.len()).find(|&index| playable(self.slots[index].entry.resource))
    }

    /// The first playable one.
    fn first(&self, playable: Playable) -> Option<usize> {
        let mut slots = self.slots.iter();
        slots.position(|slot| playable(slot.entry.resource))
    }

    /// After the last entry: the first one to play of a new round, if there is to be one.
    fn begin_again(&mut self, playable: Playable, entropy: &mut Entropy) -> Option<usize> {
        if self.repeat != Repeat::All {
            return None;
        }
        // Before anything is changed.
        self.first(playable)?;
        self.slots.iter_mut().for_each(|slot| slot.played = false);
        if self.shuffle {
            let last = self.current();
            shuffle(&mut self.slots, entropy);
            // Nobody wants to hear the same one twice in a row.
            let first = self.slots.first().map(|slot| slot.entry);
            if last.is_some() && first == last && self.slots.len() > 1 {
                let other = 1 + entropy.below(self.slots.len() - 1);
                self.slots.swap(0, other);
            }
            self.at = last.and_then(|entry| self.index_of(entry.id));
        }
        self.first(playable)
    }

    /// What was played comes first, in the order in which it lies, then the current entry, then the rest at random.
    fn shuffle_rest(&mut self, entropy: &mut Entropy) {
        let current = self.current().map(|entry| entry.id);
        let rank = |slot: &Slot| match slot {
            slot if Some(slot.entry.id) == current => 1,
            slot if slot.played => 0,
            _ => 2,
        };
        self.slots.sort_by_key(rank);
        let rest = self.slots.partition_point(|slot| rank(slot) < 2);
        shuffle(&mut self.slots[rest..], entropy);
        self.at = current.and_then(|id| self.index_of(id));
    }
}

/// Fisher and Yates, as Durstenfeld has it (CACM 7, 1964, algorithm 235): each order is as likely as any other.
fn shuffle<T>(items: &mut [T], entropy: &mut Entropy) {
    for i in 0..items.len() {
        let j = i + entropy.below(items.len() - i);
        items.swap(i, j);
    }
}
