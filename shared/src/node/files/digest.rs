//! The MD5 of a file, computed while its pieces come.
//!
//! It can only be computed from the first piece on. A holder sends pieces nearly in their order, so what comes a little
//! early is kept until it is its turn. What does not come in its order at all, or came in an earlier run, is read from the
//! store in the end, from where this got to.

use std::collections::BTreeMap;

use crate::{limits, resource::Have};

/// How far the MD5 of a file is. Every piece that it takes is proven: whatever happens to the piece later, the MD5 is right.
#[derive(Default)]
pub(super) struct Digest {
    md5: md5::Context,
    /// The piece that is hashed next.
    next: u32,
    /// Those that came before their turn.
    early: BTreeMap<u32, Vec<u8>>,
    early_bytes: usize,
}

impl Digest {
    /// A piece came, and is what it should be; so many are durable.
    pub(super) fn take(&mut self, piece: u32, bytes: &[u8], have: &Have) {
        if piece > self.next {
            if have.contains(self.next) {
                // It came before, and does not come again.
                self.early.clear();
                self.early_bytes = 0;
            } else {
                self.keep(piece, bytes);
            }
            return;
        }
        if piece < self.next {
            return;
        }
        self.md5.consume(bytes);
        self.next += 1;
        while let Some(bytes) = self.early.remove(&self.next) {
            self.early_bytes -= bytes.len();
            self.md5.consume(bytes);
            self.next += 1;
        }
    }

    /// Keeps a piece for later. If there is no room, the last ones go.
    fn keep(&mut self, piece: u32, bytes: &[u8]) {
        if self.early.contains_key(&piece) {
            return;
        }
        self.early.insert(piece, bytes.to_vec());
        self.early_bytes += bytes.len();
        while self.early_bytes > limits::HASH_AHEAD_BYTES
            && let Some((_, last)) = self.early.pop_last()
        {
            self.early_bytes -= last.len();
        }
    }

    /// The MD5 of what comes before a piece, and that piece.
    pub(super) fn end(self) -> (md5::Context, u32) {
        (self.md5, self.next)
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
    const ROOM: u32 = (limits::HASH_AHEAD_BYTES / PIECE) as u32;
    const PIECES: u32 = 2 * ROOM;

    fn bytes_of(piece: u32) -> Vec<u8> {
        vec![piece as u8; PIECE]
    }

    /// Gives pieces in an order: the first that is not hashed. What is hashed is.
    fn check(order: impl IntoIterator<Item = u32>, have: &[u32], next: u32) {
        let mut durable = Have::none(u64::from(PIECES) * PIECE as u64);
        for piece in have {
            durable.insert(*piece);
        }
        let mut digest = Digest::default();
        for piece in order {
            digest.take(piece, &bytes_of(piece), &durable);
            assert!(digest.early_bytes <= limits::HASH_AHEAD_BYTES);
        }
        let (md5, to) = digest.end();
        assert_eq!(to, next);
        let hashed: Vec<u8> = (0..next).flat_map(bytes_of).collect();
        assert_eq!(md5.finalize(), md5::compute(hashed));
    }

    #[test]
    fn what_comes_nearly_in_its_order_is_hashed_as_it_comes() {
        let last = PIECES - 1;
        check(0..PIECES, &[], PIECES);
        // The last one comes first, since it proves how long the file is.
        check([last].into_iter().chain(0..last), &[], PIECES);
        check((0..PIECES).map(|piece| piece ^ 3), &[], PIECES);
        check([2, 1, 1, 2, 0, 0, 1, 3], &[], 4);
    }

    #[test]
    fn what_does_not_is_left_for_the_end() {
        check([], &[], 0);
        check(1..PIECES, &[], 0);
        check((0..PIECES).rev(), &[], 1 + ROOM);
        // Of an earlier run.
        check(1..PIECES, &[0], 0);
        check((0..4).chain(5..PIECES), &[4], 4);
        // Whoever reads somewhere else puts it off, and no more.
        check((ROOM..PIECES).chain([2, 3, 1, 0]), &[], 4);
    }
}
