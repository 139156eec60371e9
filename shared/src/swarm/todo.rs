//! The order in which pieces are asked for: what somebody waits for, then the rarest.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use crate::{entropy::Entropy, resource::Have};

/// Receivers begin with a multiple of this: what a store keeps together then lies alike with all of them.
const RUN: u32 = 8;

/// Where a piece stands in the order: how urgent it is, how rare, how far from the first. The smaller, the sooner.
type Place = (u32, u32, u32);

/// How urgent a piece is that nobody waits for.
const WHENEVER: u32 = u32::MAX;

/// The pieces that are still to be asked for.
#[derive(Debug)]
pub(super) struct Todo {
    /// In the order in which they are to be asked for.
    pieces: BTreeSet<Place>,
    /// Those that somebody reads soon, whether they are still to be asked for or not, and how many come before each.
    urgent: BTreeMap<u32, u32>,
    /// How many of the holders that do not have all pieces have each one: those that have all make no difference.
    holders: Vec<u32>,
    /// Of pieces that are equally rare, this one is asked for first, then those after it, round to those before: stores
    /// read and write what is in a row with much less work.
    ///
    /// It is the first of all, so that the file is hashed as it comes; once somebody else is found to get the resource
    /// too, it is a random one, so that not all receivers ask for the same ones.
    first: u32,
    /// That random one, until then.
    elsewhere: Option<u32>,
}

impl Todo {
    /// What is missing.
    pub(super) fn new(have: &Have, entropy: &mut Entropy) -> Self {
        let mut todo = Self {
            pieces: BTreeSet::new(),
            urgent: BTreeMap::new(),
            holders: vec![0; have.pieces() as usize],
            first: 0,
            elsewhere: Some(u32::from_le_bytes(entropy.bytes()) % have.pieces().max(1) / RUN * RUN),
        };
        for piece in have.missing() {
            todo.insert(piece);
        }
        todo
    }

    fn count(&self) -> u32 {
        // A resource has at most MAX_PIECES.
        u32::try_from(self.holders.len()).unwrap_or(u32::MAX).max(1)
    }

    /// Where a piece stands in the order. Pieces of the resource only come here.
    fn place(&self, piece: u32) -> Place {
        let urgency = self.urgent.get(&piece).copied();
        let rarity = self.holders.get(piece as usize).copied();
        let count = self.count();
        let after = (piece % count + count - self.first) % count;
        (
            urgency.unwrap_or(WHENEVER),
            rarity.unwrap_or_default(),
            after,
        )
    }

    #[cfg(test)]
    pub(super) fn holders_of(&self, piece: u32) -> u32 {
        self.place(piece).1
    }

    /// From now on these are urgent, each window in its order, all windows alike, and no others; true if that is a change.
    pub(super) fn hurry(&mut self, windows: &[Range<u32>]) -> bool {
        let mut urgent = BTreeMap::new();
        for window in windows {
            for (before, piece) in (0..).zip(window.clone()) {
                let sooner = urgent.entry(piece).or_insert(before);
                *sooner = before.min(*sooner);
            }
        }
        if urgent == self.urgent {
            return false;
        }
        let both = self.urgent.keys().chain(urgent.keys());
        let moved: BTreeSet<u32> = both.copied().filter(|p| self.contains(*p)).collect();
        for piece in &moved {
            self.remove(*piece);
        }
        self.urgent = urgent;
        for piece in moved {
            self.insert(piece);
        }
        true
    }

    /// Whether somebody reads a piece soon.
    pub(super) fn is_urgent(&self, piece: u32) -> bool {
        self.urgent.contains_key(&piece)
    }

    /// The urgent ones that are still to be asked for.
    pub(super) fn urgent(&self) -> impl Iterator<Item = u32> {
        let urgent = self.urgent.keys().copied();
        urgent.filter(|piece| self.contains(*piece))
    }

    /// A piece is to be asked for (again).
    pub(super) fn insert(&mut self, piece: u32) {
        self.pieces.insert(self.place(piece));
    }

    /// It is not.
    pub(super) fn remove(&mut self, piece: u32) {
        self.pieces.remove(&self.place(piece));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// There is somebody who does not have all pieces, and so gets them as well.
    pub(super) fn somebody_else_gets_it(&mut self) {
        if let Some(elsewhere) = self.elsewhere.take() {
            let pieces = self.take(|_| true, |_| false);
            self.first = elsewhere;
            for piece in pieces {
                self.insert(piece);
            }
        }
    }

    /// A holder that does not have all pieces has this one now, or not any more.
    pub(super) fn found(&mut self, piece: u32, more: bool) {
        let waiting = self.pieces.remove(&self.place(piece));
        if let Some(holders) = self.holders.get_mut(piece as usize) {
            *holders = if more {
                holders.saturating_add(1)
            } else {
                holders.saturating_sub(1)
            };
        }
        if waiting {
            self.insert(piece);
        }
    }

    /// Whether a piece is to be asked for.
    pub(super) fn contains(&self, piece: u32) -> bool {
        self.pieces.contains(&self.place(piece))
    }

    /// The next pieces of those that may be asked of somebody, until `enough` says so.
    pub(super) fn take(
        &mut self,
        may_ask: impl Fn(u32) -> bool,
        enough: impl FnMut(u32) -> bool,
    ) -> Vec<u32> {
        let count = self.count();
        let places = self.pieces.iter();
        let pieces = places.map(|(.., after)| (self.first + after) % count);
        let taken = until(pieces.filter(|piece| may_ask(*piece)), enough);
        self.taken(taken)
    }

    /// The next pieces of a few, without a look at all the others.
    pub(super) fn take_of(
        &mut self,
        few: impl Iterator<Item = u32>,
        enough: impl FnMut(u32) -> bool,
    ) -> Vec<u32> {
        let mut few: Vec<u32> = few.filter(|piece| self.contains(*piece)).collect();
        few.sort_by_key(|piece| self.place(*piece));
        let taken = until(few.into_iter(), enough);
        self.taken(taken)
    }

    fn taken(&mut self, taken: Vec<u32>) -> Vec<u32> {
        for piece in &taken {
            self.remove(*piece);
        }
        taken
    }
}

fn until(pieces: impl Iterator<Item = u32>, mut enough: impl FnMut(u32) -> bool) -> Vec<u32> {
    pieces.take_while(|piece| !enough(*piece)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: u64 = 64 * 64 * 1024;

    #[test]
    fn the_rarest_piece_comes_first_and_then_they_come_in_a_row() {
        let mut todo = Todo::new(&Have::none(LENGTH), &mut Entropy::from_seed([1; 32]));
        todo.somebody_else_gets_it();
        for piece in 0..64 {
            todo.found(piece, true);
        }
        todo.found(37, false);
        let pieces = todo.take(|_| true, |_| false);
        assert_eq!(pieces[0], 37);
        let first = pieces[1];
        let row = (0..64).map(|i| (first + i) % 64).filter(|p| *p != 37);
        assert_eq!(pieces[1..], row.collect::<Vec<u32>>());
        // Somebody else begins elsewhere.
        let mut other = Todo::new(&Have::none(LENGTH), &mut Entropy::from_seed([2; 32]));
        other.somebody_else_gets_it();
        assert_ne!(other.take(|_| true, |_| false)[0], first);
    }

    #[test]
    fn who_gets_it_alone_begins_at_the_beginning() {
        let mut todo = Todo::new(&Have::none(LENGTH), &mut Entropy::from_seed([2; 32]));
        let ten = |todo: &mut Todo| {
            let mut left = 10;
            todo.take(
                |_| true,
                |_| {
                    left -= 1;
                    left < 0
                },
            )
        };
        assert_eq!(ten(&mut todo), (0..10).collect::<Vec<u32>>());
        // Somebody else has got the last one: the rest comes from elsewhere on, and all of it.
        todo.somebody_else_gets_it();
        todo.found(63, true);
        let rest = todo.take(|_| true, |_| false);
        assert_ne!(rest[0], 10);
        assert_eq!(rest.last(), Some(&63));
        let all: BTreeSet<u32> = rest.into_iter().collect();
        assert_eq!(all, (10..64).collect());
    }

    #[test]
    fn what_is_read_soon_comes_first_in_its_order_and_readers_take_turns() {
        let mut todo = Todo::new(&Have::none(LENGTH), &mut Entropy::from_seed([1; 32]));
        todo.remove(42);
        assert!(todo.hurry(&[40..44, 9..12]));
        assert!(!todo.hurry(&[40..44, 9..12]));
        let mut left = 6;
        let mut six = |todo: &mut Todo| {
            todo.take(
                |_| true,
                |_| {
                    left -= 1;
                    left < 0
                },
            )
        };
        let taken = six(&mut todo);
        let pairs: Vec<BTreeSet<u32>> = taken
            .chunks(2)
            .map(|two| two.iter().copied().collect())
            .collect();
        assert_eq!(pairs[..2], [[9, 40].into(), [10, 41].into()]);
        assert_eq!(taken[4..], [11, 43]);
        // What comes back keeps its place; who reads elsewhere changes it.
        todo.insert(41);
        todo.insert(42);
        assert_eq!(todo.urgent().collect::<Vec<_>>(), [41, 42]);
        assert!(todo.hurry(std::slice::from_ref(&(60..64))));
        assert!(todo.is_urgent(63) && !todo.is_urgent(41));
        let rest = todo.take(|_| true, |_| false);
        assert_eq!(rest[..4], [60, 61, 62, 63]);
        assert!(rest.contains(&41) && rest.contains(&42));
    }

    #[test]
    fn nobody_is_asked_for_what_it_does_not_have() {
        let mut todo = Todo::new(&Have::none(LENGTH), &mut Entropy::from_seed([1; 32]));
        let mut have = Have::none(LENGTH);
        have.insert(5);
        have.insert(60);
        let mut pieces = todo.take(|piece| have.contains(piece), |_| false);
        pieces.sort_unstable();
        assert_eq!(pieces, [5, 60]);
        assert!(
            todo.take(|piece| have.contains(piece), |_| false)
                .is_empty()
        );
        todo.insert(5);
        assert_eq!(todo.take(|piece| have.contains(piece), |_| false), [5]);
    }
}
