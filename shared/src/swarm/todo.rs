//! The order in which pieces are asked for: the rarest first.

use std::collections::BTreeSet;

use crate::{entropy::Entropy, resource::Have};

/// Receivers begin with a multiple of this: what a store keeps together then lies alike with all of them.
const RUN: u32 = 8;

/// The pieces that are still to be asked for.
#[derive(Debug)]
pub(super) struct Todo {
    /// In the order in which they are to be asked for: rarity, and how far from the first.
    pieces: BTreeSet<(u32, u32)>,
    /// How many of the holders that do not have all pieces have each one: those that have all make no difference.
    holders: Vec<u32>,
    /// Of pieces that are equally rare, this one is asked for first, then those after it, round to those before: stores
    /// read and write what is in a row with much less work. It is random, so that not all receivers ask for the same ones.
    first: u32,
}

impl Todo {
    /// What is missing.
    pub(super) fn new(have: &Have, entropy: &mut Entropy) -> Self {
        let mut todo = Self {
            pieces: BTreeSet::new(),
            holders: vec![0; have.pieces() as usize],
            first: u32::from_le_bytes(entropy.bytes()) % have.pieces().max(1) / RUN * RUN,
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
    fn place(&self, piece: u32) -> (u32, u32) {
        let rarity = self.holders.get(piece as usize).copied();
        let count = self.count();
        let after = (piece % count + count - self.first) % count;
        (rarity.unwrap_or_default(), after)
    }

    #[cfg(test)]
    pub(super) fn holders_of(&self, piece: u32) -> u32 {
        self.place(piece).0
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

    /// The next pieces for somebody who has these, until `enough` says so.
    pub(super) fn take(&mut self, have: &Have, enough: impl FnMut(u32) -> bool) -> Vec<u32> {
        let count = self.count();
        let places = self.pieces.iter();
        let pieces = places.map(|(_, after)| (self.first + after) % count);
        let taken = until(pieces.filter(|piece| have.contains(*piece)), enough);
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
        for piece in 0..64 {
            todo.found(piece, true);
        }
        todo.found(37, false);
        let pieces = todo.take(&Have::all(LENGTH), |_| false);
        assert_eq!(pieces[0], 37);
        let first = pieces[1];
        let row = (0..64).map(|i| (first + i) % 64).filter(|p| *p != 37);
        assert_eq!(pieces[1..], row.collect::<Vec<u32>>());
        // Somebody else begins elsewhere.
        let mut other = Todo::new(&Have::none(LENGTH), &mut Entropy::from_seed([2; 32]));
        assert_ne!(other.take(&Have::all(LENGTH), |_| false)[0], first);
    }

    #[test]
    fn nobody_is_asked_for_what_it_does_not_have() {
        let mut todo = Todo::new(&Have::none(LENGTH), &mut Entropy::from_seed([1; 32]));
        let mut have = Have::none(LENGTH);
        have.insert(5);
        have.insert(60);
        let mut pieces = todo.take(&have, |_| false);
        pieces.sort_unstable();
        assert_eq!(pieces, [5, 60]);
        assert!(todo.take(&have, |_| false).is_empty());
        todo.insert(5);
        assert_eq!(todo.take(&have, |_| false), [5]);
    }
}
