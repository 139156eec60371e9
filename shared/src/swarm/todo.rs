//! The order in which pieces are asked for: the rarest first.

use std::collections::BTreeSet;

use crate::{entropy::Entropy, resource::Have};

/// So many pieces in a row are asked for one after the other, where nothing speaks against it: stores read and write them
/// faster that way.
const RUN: u32 = 16;

/// The pieces that are still to be asked for.
#[derive(Debug)]
pub(super) struct Todo {
    /// In the order in which they are to be asked for: rarity, lot, number.
    pieces: BTreeSet<(u32, u32, u32)>,
    /// How many of the holders that do not have all pieces have each one: those that have all make no difference.
    holders: Vec<u32>,
    /// Decides between pieces that are equally rare: one random number for each [`RUN`], so that not all receivers ask for
    /// the same ones.
    lots: Vec<u32>,
}

impl Todo {
    /// What is missing.
    pub(super) fn new(have: &Have, entropy: &mut Entropy) -> Self {
        let lots = (0..have.pieces().div_ceil(RUN)).map(|_| u32::from_le_bytes(entropy.bytes()));
        let mut todo = Self {
            pieces: BTreeSet::new(),
            holders: vec![0; have.pieces() as usize],
            lots: lots.collect(),
        };
        for piece in have.missing() {
            todo.insert(piece);
        }
        todo
    }

    fn place(&self, piece: u32) -> (u32, u32, u32) {
        // Pieces of the resource only come here.
        let rarity = self.holders.get(piece as usize).copied();
        let lot = self.lots.get((piece / RUN) as usize).copied();
        (rarity.unwrap_or_default(), lot.unwrap_or_default(), piece)
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

    /// The next pieces for somebody who has these, until `enough` says so.
    pub(super) fn take(&mut self, have: &Have, mut enough: impl FnMut(u32) -> bool) -> Vec<u32> {
        let mut taken = Vec::new();
        for &(_, _, piece) in &self.pieces {
            if !have.contains(piece) {
                continue;
            }
            if enough(piece) {
                break;
            }
            taken.push(piece);
        }
        for piece in &taken {
            self.remove(*piece);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: u64 = 64 * 64 * 1024;

    #[test]
    fn the_rarest_piece_comes_first_and_runs_stay_together() {
        let mut todo = Todo::new(&Have::none(LENGTH), &mut Entropy::from_seed([1; 32]));
        for piece in 0..64 {
            todo.found(piece, true);
        }
        todo.found(37, false);
        let mut left = 18;
        let pieces = todo.take(&Have::all(LENGTH), |_| {
            left -= 1;
            left == 0
        });
        assert_eq!(pieces[0], 37);
        let run: Vec<u32> = (0..16)
            .map(|i| pieces[1] + i)
            .filter(|p| *p != 37)
            .collect();
        assert_eq!(pieces[1] % RUN, 0);
        assert_eq!(pieces[1..=run.len()], run);
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
