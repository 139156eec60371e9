//! One piece on its way from one holder.

use std::ops::Range;

/// The parts of a piece that came, until it is whole.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    bytes: Vec<u8>,
    /// What came, in order, without overlaps.
    parts: Vec<Range<usize>>,
    /// All that came, what came twice included.
    taken: usize,
}

/// Data that cannot be part of the piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// It ends beyond the piece's end.
    BeyondEnd,
    /// More came than twice the piece.
    TooOften,
}

impl Misfit {
    /// What its sender did.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::BeyondEnd => "it sends more than a piece has",
            Self::TooOften => "it sends a piece more than twice",
        }
    }
}

impl Assembly {
    /// Takes a part of a piece that has so many bytes in all; true once it is whole. What came before stays as it is.
    pub(super) fn take(&mut self, piece: usize, at: usize, data: &[u8]) -> Result<bool, Misfit> {
        let end = at.checked_add(data.len()).filter(|end| *end <= piece);
        let Some(end) = end else {
            return Err(Misfit::BeyondEnd);
        };
        self.taken += data.len();
        if self.taken > piece * 2 {
            return Err(Misfit::TooOften);
        }
        self.bytes.resize(piece, 0);
        let mut from = at;
        for known in &self.parts {
            let gap = from..known.start.min(end);
            if !gap.is_empty() {
                self.bytes[gap.clone()].copy_from_slice(&data[gap.start - at..gap.end - at]);
            }
            from = from.max(known.end);
        }
        if from < end {
            self.bytes[from..end].copy_from_slice(&data[from - at..]);
        }
        self.add(at..end);
        let whole = |part: &Range<usize>| *part == (0..piece);
        Ok(self.parts.first().is_some_and(whole) || piece == 0)
    }

    fn add(&mut self, mut part: Range<usize>) {
        let touching = |known: &Range<usize>| known.start <= part.end && part.start <= known.end;
        let (joined, mut rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.parts)
            .into_iter()
            .partition(touching);
        for known in joined {
            part = part.start.min(known.start)..part.end.max(known.end);
        }
        rest.push(part);
        rest.sort_by_key(|part| part.start);
        self.parts = rest;
    }

    /// The piece's bytes.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// How many bytes came, each counted once.
    pub(super) fn arrived(&self) -> usize {
        self.parts.iter().map(ExactSizeIterator::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut assembly = Assembly::default();
        assert_eq!(assembly.take(4, 3, &[1, 2]), Err(Misfit::BeyondEnd));
        assert_eq!(assembly.take(4, usize::MAX, &[1]), Err(Misfit::BeyondEnd));
        assert_eq!(assembly.take(4, 0, &[1, 2]), Ok(false));
        for _ in 0..3 {
            assert_eq!(assembly.take(4, 0, &[9, 9]), Ok(false));
        }
        assert_eq!(assembly.take(4, 0, &[9, 9]), Err(Misfit::TooOften));
    }

    proptest! {
        #[test]
        fn parts_in_any_order_with_overlaps_give_the_piece(cuts in prop::collection::vec((0usize..100, 1usize..30), 1..40)) {
            let piece: Vec<u8> = (0..100).collect();
            let mut assembly = Assembly::default();
            let mut covered = [false; 100];
            for (at, length) in cuts {
                let end = (at + length).min(100);
                covered[at..end].fill(true);
                let whole = covered.iter().all(|c| *c);
                match assembly.take(100, at, &piece[at..end]) {
                    Ok(said) => prop_assert_eq!(said, whole),
                    Err(error) => {
                        prop_assert_eq!(error, Misfit::TooOften);
                        return Ok(());
                    }
                }
                prop_assert_eq!(assembly.arrived(), covered.iter().filter(|c| **c).count());
            }
            let bytes = assembly.into_bytes();
            for (at, byte) in bytes.iter().enumerate() {
                prop_assert_eq!(*byte, if covered[at] { piece[at] } else { 0 });
            }
        }
    }
}
