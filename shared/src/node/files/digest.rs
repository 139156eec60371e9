//! The MD5 of a file, computed while its pieces come.
//!
//! It can only be computed from the first piece on. Holders send pieces nearly in their order, so what comes a little early
//! is kept until it is its turn. Once a piece is durable that was not hashed, since it came in an earlier run or far from
//! its turn, no more is: the rest is read from the store in the end, from where this got to.

use std::collections::BTreeMap;

use super::Files;
use crate::{
    limits,
    resource::{Have, ResourceId, pieces},
};

/// How far the MD5 of a file is. Every piece that it takes is proven: whatever happens to the piece later, the MD5 is right.
#[derive(Default)]
pub(super) struct Digest {
    md5: md5::Context,
    /// The piece that is hashed next.
    next: u32,
    /// Those that came before their turn, and their bytes.
    early: BTreeMap<u32, Vec<u8>>,
    early_bytes: usize,
}

impl Digest {
    /// A piece of a file of such a length came, and is what it should be; `have` are durable, and there is room for so many
    /// bytes of what comes early.
    fn take(&mut self, piece: u32, bytes: &[u8], file: (u64, &Have), room: usize) {
        let (length, have) = file;
        if piece == self.next {
            self.md5.consume(bytes);
            self.next += 1;
            while let Some(bytes) = self.early.remove(&self.next) {
                self.early_bytes -= bytes.len();
                self.md5.consume(bytes);
                self.next += 1;
            }
        } else if piece > self.next && have.contains(self.next) {
            self.forget_early();
        } else if piece > self.next && !self.early.contains_key(&piece) {
            let ahead = u64::from(piece - self.next) * pieces::piece_bytes(length);
            // The last one comes first: it proves how long the file is.
            let is_last = piece + 1 == pieces::count(length);
            if bytes.len() <= room && (is_last || ahead <= limits::HASH_AHEAD_BYTES) {
                self.early.insert(piece, bytes.to_vec());
                self.early_bytes += bytes.len();
            }
        }
    }

    /// Nothing more is expected to come soon.
    pub(super) fn forget_early(&mut self) {
        self.early.clear();
        self.early_bytes = 0;
    }

    /// The MD5 of what comes before a piece, and that piece.
    pub(super) fn end(self) -> (md5::Context, u32) {
        (self.md5, self.next)
    }
}

impl Files {
    /// A piece of a file came, and is what it should be.
    pub(super) fn hash(&mut self, id: ResourceId, piece: u32, bytes: &[u8]) {
        let early = self.files.values().map(|file| file.digest.early_bytes);
        let room = limits::MAX_HASH_AHEAD_BYTES.saturating_sub(early.sum());
        if let Some(file) = self.files.get_mut(&id) {
            let known = (file.entry.descriptor.length, &file.have);
            file.digest.take(piece, bytes, known, room);
        }
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest(to piece {})", self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECE: usize = limits::MIN_PIECE_BYTES as usize;
    const AHEAD: u32 = (limits::HASH_AHEAD_BYTES / limits::MIN_PIECE_BYTES) as u32;
    const PIECES: u32 = 3 * AHEAD;

    fn bytes_of(piece: u32) -> Vec<u8> {
        vec![piece as u8; PIECE]
    }

    fn given(order: impl IntoIterator<Item = u32>, have: &[u32], room: usize) -> Digest {
        let length = u64::from(PIECES) * PIECE as u64;
        let mut durable = Have::none(length);
        for piece in have {
            durable.insert(*piece);
        }
        let mut digest = Digest::default();
        for piece in order {
            let room = room - digest.early_bytes;
            digest.take(piece, &bytes_of(piece), (length, &durable), room);
        }
        digest
    }

    /// Gives pieces in an order: the first that is not hashed, and how many wait. What is hashed is.
    fn check(order: impl IntoIterator<Item = u32>, have: &[u32], next: u32, wait: usize) {
        let digest = given(order, have, usize::MAX / 2);
        assert_eq!(digest.early_bytes, wait * PIECE);
        let (md5, to) = digest.end();
        assert_eq!(to, next);
        let hashed: Vec<u8> = (0..next).flat_map(bytes_of).collect();
        assert_eq!(md5.finalize(), md5::compute(hashed));
    }

    #[test]
    fn what_comes_nearly_in_its_order_is_hashed_as_it_comes() {
        let last = PIECES - 1;
        check(0..PIECES, &[], PIECES, 0);
        check([last].into_iter().chain(0..last), &[], PIECES, 0);
        check((0..PIECES).map(|piece| piece ^ 3), &[], PIECES, 0);
        check([2, 1, 1, 2, 0, 0, 1, 3], &[], 4, 0);
        // One holder of two is slow.
        check((8..AHEAD).chain(0..8).chain(AHEAD..PIECES), &[], PIECES, 0);
    }

    #[test]
    fn what_does_not_is_left_for_the_end() {
        check([], &[], 0, 0);
        check(1..PIECES, &[], 0, AHEAD as usize + 1);
        // Of an earlier run.
        check(1..PIECES, &[0], 0, 0);
        check((0..4).chain(5..PIECES), &[4], 4, 0);
        // Whoever reads somewhere else puts it off, and no more.
        check((2 * AHEAD..PIECES - 1).chain([2, 3, 1, 0]), &[], 4, 0);
    }

    #[test]
    fn no_more_waits_than_there_is_room_for() {
        let digest = given([1, 2, 3, 4, PIECES - 1], &[], 2 * PIECE);
        assert_eq!(digest.early_bytes, 2 * PIECE);
        let mut digest = given([1, 2, 0], &[], 2 * PIECE);
        digest.forget_early();
        assert_eq!(digest.end().1, 3);
    }
}
