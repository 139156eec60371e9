//! Pieces that came and are not with the store yet.

use crate::{limits, time::Millis};

/// Checked pieces of one file that wait for the store.
///
/// Stores keep several pieces at a time, in a row, with much less work than each alone: so they are given what has come
/// once it is [`limits::SAVE_BYTES`], or has waited [`limits::SAVE_DELAY`], or when nothing more is on its way.
#[derive(Debug, Default)]
pub(super) struct Unsaved {
    pieces: Vec<(u32, Vec<u8>)>,
    bytes: u64,
    /// Since when they wait for others.
    since: Option<Millis>,
}

impl Unsaved {
    pub(super) fn add(&mut self, piece: u32, bytes: Vec<u8>) {
        self.bytes += bytes.len() as u64;
        self.pieces.push((piece, bytes));
    }

    /// The bytes of a piece, if it is one of them.
    pub(super) fn get(&self, piece: u32) -> Option<&[u8]> {
        let mut pieces = self.pieces.iter();
        let found = pieces.find(|(number, _)| *number == piece);
        found.map(|(_, bytes)| &bytes[..])
    }

    /// How many they are.
    pub(super) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// When they have waited long enough.
    pub(super) fn due(&self) -> Option<Millis> {
        Some(self.since? + limits::SAVE_DELAY)
    }

    /// Those that are to be kept now, in their order; the others begin to wait.
    pub(super) fn take(&mut self, now: Millis, more_comes: bool) -> Vec<(u32, Vec<u8>)> {
        if self.pieces.is_empty() {
            return Vec::new();
        }
        let since = *self.since.get_or_insert(now);
        if more_comes && self.bytes < limits::SAVE_BYTES && now < since + limits::SAVE_DELAY {
            return Vec::new();
        }
        let mut pieces = std::mem::take(self).pieces;
        pieces.sort_unstable_by_key(|(piece, _)| *piece);
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_wait_for_others_but_not_for_long() {
        let mut unsaved = Unsaved::default();
        let numbers = |pieces: Vec<(u32, Vec<u8>)>| -> Vec<u32> {
            pieces.into_iter().map(|(piece, _)| piece).collect()
        };
        assert_eq!(
            (unsaved.due(), unsaved.take(Millis(0), false)),
            (None, vec![])
        );
        let piece = vec![0; limits::MIN_PIECE_BYTES as usize];
        unsaved.add(3, piece.clone());
        assert!(unsaved.take(Millis(10), true).is_empty());
        unsaved.add(2, piece.clone());
        assert!(unsaved.take(Millis(20), true).is_empty());
        let due = Millis(10) + limits::SAVE_DELAY;
        assert_eq!(unsaved.due(), Some(due));
        assert_eq!(numbers(unsaved.take(due, true)), [2, 3]);
        unsaved.add(4, piece.clone());
        assert_eq!(numbers(unsaved.take(due, false)), [4]);
        let enough = (limits::SAVE_BYTES / limits::MIN_PIECE_BYTES) as u32;
        for number in 0..enough {
            assert!(unsaved.take(due, true).is_empty());
            unsaved.add(number, piece.clone());
        }
        assert_eq!(numbers(unsaved.take(due, true)).len() as u32, enough);
    }
}
