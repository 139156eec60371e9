//! Where the rows of a long list stand, and which of them have to be in the page. All heights are known beforehand, so
//! nothing has to be measured.

use std::ops::Range;

/// Rows one below the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layout {
    /// Where each begins; one more than there are rows: where the last one ends.
    tops: Vec<f64>,
}

/// What stays where it is on the screen while the list changes: a row by its place in the old list, and how far its top is
/// below the upper edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Anchor {
    pub(crate) index: usize,
    pub(crate) below: f64,
}

impl Layout {
    /// Rows of these heights, in pixels.
    pub(crate) fn new(heights: impl Iterator<Item = f64>) -> Self {
        let mut tops = vec![0.0];
        let mut top = 0.0;
        tops.extend(heights.map(|height| {
            top += height;
            top
        }));
        Self { tops }
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.tops.len().saturating_sub(1)
    }

    /// How high all of them are.
    pub(crate) fn total(&self) -> f64 {
        self.top(self.len())
    }

    /// Where a row begins; those after the last begin where that ends.
    pub(crate) fn top(&self, index: usize) -> f64 {
        let last = self.tops.last().copied();
        self.tops.get(index).copied().or(last).unwrap_or_default()
    }

    fn index_at(&self, y: f64) -> usize {
        let begun = self.tops.partition_point(|top| *top <= y);
        begun.saturating_sub(1).min(self.len().saturating_sub(1))
    }

    /// The rows that have to be in the page.
    pub(crate) fn range(&self, scroll_top: f64, viewport: f64, overscan: f64) -> Range<usize> {
        if self.len() == 0 {
            return 0..0;
        }
        let first = self.index_at(scroll_top - overscan);
        first..self.index_at(scroll_top + viewport + overscan) + 1
    }

    /// What is read when the list is scrolled so far. At its very top nothing is: what comes there is to be seen.
    pub(crate) fn anchor(&self, scroll_top: f64) -> Option<Anchor> {
        let index = self.index_at(scroll_top);
        (scroll_top > 0.0 && self.len() > 0).then(|| Anchor {
            index,
            below: self.top(index) - scroll_top,
        })
    }

    /// How far to scroll at least so that a row is on the screen, below `covered` pixels that something stands on; `None` if
    /// it is there already.
    pub(crate) fn reveal(
        &self,
        index: usize,
        scroll_top: f64,
        viewport: f64,
        covered: f64,
    ) -> Option<f64> {
        let (top, bottom) = (self.top(index) - covered, self.top(index + 1));
        if top < scroll_top {
            Some(top.max(0.0))
        } else if bottom > scroll_top + viewport {
            Some(bottom - viewport)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(heights: &[f64]) -> Layout {
        Layout::new(heights.iter().copied())
    }

    #[test]
    fn only_what_is_near_the_screen_is_in_the_page() {
        let long = Layout::new((0..10_000).map(|_| 56.0));
        assert_eq!(long.total(), 560_000.0);
        for (scroll_top, expected) in [
            (0.0, 0..14),
            (56.0, 0..15),
            (5_600.0, 97..114),
            (559_400.0, 9986..10_000),
            (1e9, 9999..10_000),
        ] {
            assert_eq!(
                long.range(scroll_top, 600.0, 168.0),
                expected,
                "{scroll_top}"
            );
        }
        assert_eq!(layout(&[]).range(0.0, 600.0, 100.0), 0..0);
        assert_eq!(layout(&[]).total(), 0.0);
    }

    #[test]
    fn what_is_read_is_known_by_its_row() {
        let list = layout(&[32.0, 56.0, 56.0]);
        assert_eq!(list.anchor(0.0), None);
        assert_eq!(layout(&[]).anchor(10.0), None);
        let anchor = |index, below| Some(Anchor { index, below });
        assert_eq!(list.anchor(10.0), anchor(0, -10.0));
        assert_eq!(list.anchor(32.0), anchor(1, 0.0));
        assert_eq!(list.anchor(100.0), anchor(2, -12.0));
    }

    #[test]
    fn a_row_is_revealed_by_the_shortest_way() {
        let list = layout(&[32.0, 56.0, 56.0, 56.0]);
        for (index, scroll_top, covered, expected) in [
            (1, 0.0, 0.0, None),
            (0, 10.0, 0.0, Some(0.0)),
            (3, 0.0, 0.0, Some(100.0)),
            (2, 90.0, 32.0, Some(56.0)),
            (0, 10.0, 32.0, Some(0.0)),
        ] {
            assert_eq!(list.reveal(index, scroll_top, 100.0, covered), expected);
        }
    }
}
