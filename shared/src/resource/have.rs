//! Which pieces of a resource somebody has.

use super::pieces;

/// A set of pieces of one resource.
#[derive(Clone, PartialEq, Eq)]
pub struct Have {
    /// One bit for each piece, the first in the lowest bit of the first byte.
    bits: Vec<u8>,
    pieces: u32,
    count: u32,
}

impl std::fmt::Debug for Have {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Have({} of {})", self.count, self.pieces)
    }
}

/// Bytes that are not a set of a resource's pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a set of {pieces} pieces takes {} bytes, and no bit beyond", pieces.div_ceil(8))]
pub struct NotPieces {
    /// How many pieces the resource has.
    pub pieces: u32,
}

impl Have {
    /// No piece of a resource of so many bytes.
    pub fn none(length: u64) -> Self {
        let pieces = pieces::count(length);
        Self {
            bits: vec![0; pieces.div_ceil(8) as usize],
            pieces,
            count: 0,
        }
    }

    /// All pieces of a resource of so many bytes.
    pub fn all(length: u64) -> Self {
        let mut have = Self::none(length);
        for piece in 0..have.pieces {
            have.insert(piece);
        }
        have
    }

    /// Reads what [`Have::bits`] gave.
    ///
    /// # Errors
    /// When the bytes are of another number of pieces.
    pub fn from_bits(length: u64, bits: &[u8]) -> Result<Self, NotPieces> {
        let pieces = pieces::count(length);
        let spare = pieces.div_ceil(8) * 8 - pieces;
        let beyond = bits.last().is_some_and(|last| last.leading_zeros() < spare);
        if bits.len() != pieces.div_ceil(8) as usize || beyond {
            return Err(NotPieces { pieces });
        }
        let count = bits.iter().map(|byte| byte.count_ones()).sum();
        let bits = bits.to_vec();
        Ok(Self {
            bits,
            pieces,
            count,
        })
    }

    /// One bit for each piece, the first in the lowest bit of the first byte.
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }

    /// Adds a piece; true if it is one of the resource and was not there.
    pub fn insert(&mut self, piece: u32) -> bool {
        if piece >= self.pieces || self.contains(piece) {
            return false;
        }
        self.bits[piece as usize / 8] |= 1 << (piece % 8);
        self.count += 1;
        true
    }

    /// Takes a piece out; true if it was there.
    pub fn remove(&mut self, piece: u32) -> bool {
        if !self.contains(piece) {
            return false;
        }
        self.bits[piece as usize / 8] &= !(1 << (piece % 8));
        self.count -= 1;
        true
    }

    /// Whether a piece is there.
    pub fn contains(&self, piece: u32) -> bool {
        let byte = self.bits.get(piece as usize / 8);
        byte.is_some_and(|byte| byte & (1 << (piece % 8)) != 0)
    }

    /// How many pieces are there.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// How many pieces the resource has.
    pub fn pieces(&self) -> u32 {
        self.pieces
    }

    /// Whether all pieces are there.
    pub fn is_complete(&self) -> bool {
        self.count == self.pieces
    }

    /// The pieces that are not there, in their order.
    pub fn missing(&self) -> impl Iterator<Item = u32> {
        (0..self.pieces).filter(|piece| !self.contains(*piece))
    }

    /// Runs of pieces that are there, in their order: from which one, and before which one.
    pub fn runs(&self) -> Vec<(u32, u32)> {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for piece in (0..self.pieces).filter(|piece| self.contains(*piece)) {
            match runs.last_mut() {
                Some((_, end)) if *end == piece => *end += 1,
                _ => runs.push((piece, piece + 1)),
            }
        }
        runs
    }

    /// How many bytes the pieces have together, of a resource of so many bytes.
    pub fn bytes(&self, length: u64) -> u64 {
        let last = self.pieces.saturating_sub(1);
        let size = pieces::piece_bytes(length);
        let short = if self.contains(last) {
            size - pieces::bytes_of(length, last) as u64
        } else {
            0
        };
        u64::from(self.count) * size - short
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: u64 = 9 * 64 * 1024 + 5;

    #[test]
    fn pieces_come_and_go() {
        let mut have = Have::none(LENGTH);
        assert!(have.insert(9) && have.insert(0));
        assert!(!have.insert(9) && !have.insert(10));
        assert_eq!(have.bytes(LENGTH), 64 * 1024 + 5);
        assert_eq!(
            have.missing().collect::<Vec<_>>(),
            (1..9).collect::<Vec<_>>()
        );
        assert!(have.remove(9) && !have.remove(9));
        assert_eq!((have.count(), have.pieces()), (1, 10));
        assert!(Have::all(LENGTH).is_complete());
        assert_eq!(Have::all(LENGTH).bytes(LENGTH), LENGTH);
        assert_eq!(Have::all(0).bytes(0), 0);
    }

    #[test]
    fn bits_are_read_and_wrong_ones_refused() {
        let all = Have::all(LENGTH);
        assert_eq!(all.bits(), [0xff, 0x03]);
        assert_eq!(Have::from_bits(LENGTH, all.bits()), Ok(all));
        for wrong in [&[][..], &[0xff], &[0xff, 0x04], &[0, 0, 0]] {
            assert_eq!(
                Have::from_bits(LENGTH, wrong),
                Err(NotPieces { pieces: 10 })
            );
        }
    }
}
