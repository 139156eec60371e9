//! Where the rows of the queue stand, and where one comes to lie that is moved: all rows are of one height.

use std::ops::Range;

use catnest::music::queue::{Entry, EntryId};

/// Rows this far outside of the screen are in the page, in screens.
const OVERSCAN: f64 = 0.5;

/// This near to an edge, in rows, a row that is dragged there scrolls the list.
const EDGE: f64 = 1.0;

/// The fastest such scrolling, in rows a frame.
const FASTEST: f64 = 0.4;

/// A list as it is on the screen; all lengths in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Frame {
    /// How high a row is.
    pub(super) row: f64,
    /// How far the list is scrolled.
    pub(super) top: f64,
    /// How much of it is seen.
    pub(super) height: f64,
}

impl Frame {
    /// The rows that have to be in the page.
    pub(super) fn range(self, count: usize) -> Range<usize> {
        let over = OVERSCAN * self.height;
        let first = self.index(self.top - over).min(count);
        let last = self.index(self.top + self.height + over) + 1;
        first..last.min(count).max(first)
    }

    /// The row at a distance from the list's top.
    fn index(self, y: f64) -> usize {
        if self.row <= 0.0 {
            return 0;
        }
        // Of what is negative, as of what is not a number, the first.
        (y / self.row) as usize
    }

    /// Between which rows a point is, so far below the upper edge of what is seen: before the one of this index.
    pub(super) fn gap(self, y: f64, count: usize) -> usize {
        self.index(self.top + y + self.row / 2.0).min(count)
    }

    /// How far to scroll so that all of a row is seen; none if it is.
    pub(super) fn reveal(self, index: usize) -> Option<f64> {
        let top = index as f64 * self.row;
        let bottom = top + self.row;
        if top < self.top {
            Some(top)
        } else if bottom > self.top + self.height {
            Some(bottom - self.height)
        } else {
            None
        }
    }

    /// How far to scroll so that a row is the second that is seen: with the one before it.
    pub(super) fn second(self, index: usize) -> f64 {
        (index as f64 - 1.0).max(0.0) * self.row
    }

    /// How far the list is to be scrolled in this frame, while a row is dragged so far below the upper edge.
    pub(super) fn edge(self, y: f64) -> f64 {
        let zone = EDGE * self.row;
        let into = |distance: f64| ((zone - distance) / zone.max(1.0)).clamp(0.0, 1.0);
        (into(self.height - y) - into(y)) * FASTEST * self.row
    }

    /// How many rows a page key goes.
    pub(super) fn page(self) -> usize {
        self.index(self.height).saturating_sub(1).max(1)
    }
}

/// What an entry comes to lie in front of if it is let go in a gap; none if it stays where it is.
pub(super) fn before(entries: &[Entry], from: usize, gap: usize) -> Option<Option<EntryId>> {
    let stays = gap == from || gap == from + 1;
    (!stays && from < entries.len() && gap <= entries.len())
        .then(|| entries.get(gap).map(|entry| entry.id))
}

/// The gap one place up or down from an entry; none at the ends.
pub(super) fn neighbour(from: usize, down: bool, count: usize) -> Option<usize> {
    if down {
        Some(from + 2).filter(|gap| *gap <= count)
    } else {
        from.checked_sub(1)
    }
}

/// Moves an entry as the engine will. Says where it is then.
pub(super) fn shift(entries: &mut [Entry], from: usize, gap: usize) -> usize {
    if gap > from {
        let to = gap.min(entries.len());
        entries[from..to].rotate_left(1);
        to - 1
    } else {
        entries[gap..=from].rotate_right(1);
        gap
    }
}

#[cfg(test)]
mod tests {
    use catnest::resource::ResourceId;

    use super::*;

    const FRAME: Frame = Frame {
        row: 50.0,
        top: 1000.0,
        height: 200.0,
    };

    fn entries(ids: &[u64]) -> Vec<Entry> {
        let entry = |id: &u64| Entry {
            id: EntryId(*id),
            resource: ResourceId([0; 32]),
        };
        ids.iter().map(entry).collect()
    }

    fn ids(entries: &[Entry]) -> Vec<u64> {
        entries.iter().map(|entry| entry.id.0).collect()
    }

    #[test]
    fn only_what_is_near_the_screen_is_in_the_page() {
        assert_eq!(FRAME.range(20_000), 18..27);
        assert_eq!(FRAME.range(22), 18..22);
        assert_eq!(FRAME.range(5), 5..5);
        let top = Frame { top: 0.0, ..FRAME };
        assert_eq!(top.range(20_000), 0..7);
        // Before anything was measured.
        assert_eq!(Frame::default().range(20_000), 0..1);
        assert_eq!(Frame::default().range(0), 0..0);
    }

    #[test]
    fn a_row_falls_into_the_nearest_gap() {
        let top = Frame { top: 0.0, ..FRAME };
        for (y, gap) in [
            (-80.0, 0),
            (0.0, 0),
            (24.0, 0),
            (26.0, 1),
            (74.0, 1),
            (76.0, 2),
            (900.0, 3),
        ] {
            assert_eq!(top.gap(y, 3), gap, "{y}");
        }
        assert_eq!(FRAME.gap(10.0, 20_000), 20);
    }

    #[test]
    fn rows_are_revealed_by_the_shortest_way() {
        assert_eq!(FRAME.reveal(21), None);
        assert_eq!(FRAME.reveal(19), Some(950.0));
        assert_eq!(FRAME.reveal(24), Some(1050.0));
        assert_eq!(FRAME.second(24), 1150.0);
        assert_eq!(FRAME.second(0), 0.0);
        assert_eq!(FRAME.page(), 3);
        assert_eq!(Frame::default().page(), 1);
    }

    #[test]
    fn an_edge_scrolls_the_faster_the_nearer() {
        assert_eq!(FRAME.edge(100.0), 0.0);
        assert_eq!(FRAME.edge(0.0), -20.0);
        assert_eq!(FRAME.edge(25.0), -10.0);
        assert_eq!(FRAME.edge(175.0), 10.0);
        assert_eq!(FRAME.edge(500.0), 20.0);
    }

    #[test]
    fn what_is_let_go_beside_itself_stays() {
        let all = entries(&[1, 2, 3]);
        for (from, gap, expected) in [
            (1, 0, Some(Some(1))),
            (1, 1, None),
            (1, 2, None),
            (1, 3, Some(None)),
            (0, 2, Some(Some(3))),
            (3, 0, None),
            (0, 4, None),
        ] {
            let expected = expected.map(|before: Option<u64>| before.map(EntryId));
            assert_eq!(before(&all, from, gap), expected, "{from} {gap}");
        }
    }

    #[test]
    fn keys_move_by_one_place_and_not_over_the_ends() {
        let mut all = entries(&[1, 2, 3]);
        assert_eq!(neighbour(0, false, 3), None);
        assert_eq!(neighbour(2, true, 3), None);
        assert_eq!(neighbour(1, true, 3), Some(3));
        assert_eq!(shift(&mut all, 1, 3), 2);
        assert_eq!(ids(&all), [1, 3, 2]);
        assert_eq!(neighbour(2, false, 3), Some(1));
        assert_eq!(shift(&mut all, 2, 1), 1);
        assert_eq!(ids(&all), [1, 2, 3]);
        assert_eq!(shift(&mut all, 0, 2), 1);
        assert_eq!(ids(&all), [2, 1, 3]);
    }
}
