//! Part of a log.

use minicbor::{Decode, Encode};

use super::record::{Position, RecordId};
use crate::time::Millis;

/// What stands at `from` or after it, and before `before`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Span {
    /// None: from the beginning.
    #[n(0)]
    pub from: Option<Position>,
    /// None: to the end.
    #[n(1)]
    pub before: Option<Position>,
}

impl Span {
    /// From the first of these positions to the last, both included; none of no position.
    pub fn around(positions: &[Position]) -> Option<Self> {
        Some(Self {
            from: Some(*positions.iter().min()?),
            before: Some(after(*positions.iter().max()?)),
        })
    }

    /// Whether a position is in it.
    pub fn contains(&self, position: Position) -> bool {
        self.from.is_none_or(|from| from <= position)
            && self.before.is_none_or(|before| position < before)
    }

    /// All that is in one of two, or between them.
    pub fn hull(self, other: Self) -> Self {
        Self {
            // The beginning comes before all.
            from: self.from.min(other.from),
            before: match (self.before, other.before) {
                (Some(one), Some(other)) => Some(one.max(other)),
                _ => None,
            },
        }
    }

    /// The parts of a log that are not in this one.
    pub fn outside(self) -> impl Iterator<Item = Self> {
        let older = self.from.map(|from| Self {
            from: None,
            before: Some(from),
        });
        let newer = self.before.map(|before| Self {
            from: Some(before),
            before: None,
        });
        older.into_iter().chain(newer)
    }

    /// What is in both.
    pub fn and(self, other: Self) -> Self {
        Self {
            from: self.from.max(other.from),
            before: match (self.before, other.before) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
        }
    }

    /// Whether nothing can be in it.
    pub fn is_empty(self) -> bool {
        self.before.is_some_and(|before| {
            let first = Position {
                time: Millis(0),
                id: RecordId([0; 32]),
            };
            self.from.unwrap_or(first) >= before
        })
    }
}

/// The first position after one.
pub fn after(Position { time, id }: Position) -> Position {
    let mut id = id.0;
    for byte in id.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            let id = RecordId(id);
            return Position { time, id };
        }
    }
    Position {
        time: Millis(time.0.saturating_add(1)),
        id: RecordId(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn position(time: u64, id: [u8; 32]) -> Position {
        Position {
            time: Millis(time),
            id: RecordId(id),
        }
    }

    #[test]
    fn a_span_around_has_its_ends_and_nothing_beyond() {
        let (first, last) = (position(1, [255; 32]), position(3, [255; 32]));
        let span = Span::around(&[last, first]).unwrap();
        assert!(span.contains(first) && span.contains(last));
        assert!(!span.contains(position(1, [254; 32])));
        assert!(!span.contains(position(4, [0; 32])));
        let one = Span::around(&[position(1, [7; 32])]).unwrap();
        let mut next = [7; 32];
        next[31] = 8;
        assert!(!one.contains(position(1, next)));
        assert_eq!(Span::around(&[]), None);
    }

    #[test]
    fn a_hull_has_both() {
        let one = Span::around(&[position(1, [0; 32])]).unwrap();
        let other = Span::around(&[position(5, [0; 32])]).unwrap();
        let hull = other.hull(one);
        assert_eq!((hull.from, hull.before), (one.from, other.before));
        let all = Span::default();
        assert_eq!(all.hull(one), all);
    }

    #[test]
    fn two_spans_have_in_common_what_is_in_both() {
        let span = |from: Option<u64>, before: Option<u64>| Span {
            from: from.map(|time| position(time, [0; 32])),
            before: before.map(|time| position(time, [0; 32])),
        };
        for (one, other, both, empty) in [
            (span(None, None), span(None, None), span(None, None), false),
            (
                span(Some(3), None),
                span(None, Some(5)),
                span(Some(3), Some(5)),
                false,
            ),
            (
                span(Some(3), Some(5)),
                span(Some(4), Some(9)),
                span(Some(4), Some(5)),
                false,
            ),
            (
                span(Some(3), Some(5)),
                span(Some(5), None),
                span(Some(5), Some(5)),
                true,
            ),
            (
                span(None, Some(0)),
                span(None, None),
                span(None, Some(0)),
                true,
            ),
        ] {
            assert_eq!(one.and(other), both);
            assert_eq!(other.and(one), both);
            assert_eq!(both.is_empty(), empty, "{both:?}");
        }
    }
}
