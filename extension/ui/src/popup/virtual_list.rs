//! A list of which only a part is in the page: where its rows stand, and what part has to be there.
//!
//! Heights are measured once a row is in the page; until then it counts as high as the others are on average. What is
//! being read is held by an [`Anchor`], so that it stays where it is while rows come, go, or turn out higher or lower.

use std::ops::Range;

/// What stays where it is on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Anchor<K> {
    /// The end of the list stays at the lower edge.
    End,
    /// The top of this row stays so far below the upper edge, in pixels; above it if negative.
    Row { key: K, below: f64 },
}

/// Rows in the order of their keys.
pub(super) struct VirtualList<K> {
    keys: Vec<K>,
    heights: Vec<Option<f64>>,
    /// Where each row begins; one more than there are rows: where the last one ends.
    tops: Vec<f64>,
    /// Free room before the first row, and after the last.
    pad: f64,
    /// How high what stands after all of that is.
    tail: f64,
}

/// A row's height before any was measured: two lines.
const FIRST_GUESS: f64 = 44.0;

/// Differences below this are rounding.
const ROUNDING: f64 = 0.05;

impl<K: Ord + Copy> VirtualList<K> {
    pub(super) fn new(pad: f64) -> Self {
        Self {
            keys: Vec::new(),
            heights: Vec::new(),
            tops: vec![pad],
            pad,
            tail: 0.0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The rows there are now, in order. Those that were there before keep their heights.
    pub(super) fn set_keys(&mut self, keys: impl Iterator<Item = K>) {
        let keys: Vec<K> = keys.collect();
        let mut old = 0;
        let heights = keys
            .iter()
            .map(|key| {
                while self.keys.get(old).is_some_and(|before| before < key) {
                    old += 1;
                }
                let same = self.keys.get(old) == Some(key);
                same.then(|| self.heights[old]).flatten()
            })
            .collect();
        self.keys = keys;
        self.heights = heights;
        self.lay();
    }

    /// What rows measure. Says whether any of it is news.
    pub(super) fn measure(&mut self, measured: impl Iterator<Item = (K, f64)>) -> bool {
        let mut news = false;
        for (key, height) in measured {
            let Ok(at) = self.keys.binary_search(&key) else {
                continue;
            };
            if self.heights[at].is_none_or(|known| (known - height).abs() > ROUNDING) {
                self.heights[at] = Some(height);
                news = true;
            }
        }
        if news {
            self.lay();
        }
        news
    }

    /// How high what stands after the list measures. Says whether it is news.
    pub(super) fn set_tail(&mut self, height: f64) -> bool {
        let news = (self.tail - height).abs() > ROUNDING;
        self.tail = height;
        news
    }

    fn lay(&mut self) {
        let known = self.heights.iter().flatten();
        let (sum, count) = known.fold((0.0, 0), |(sum, count), height| (sum + height, count + 1));
        let guess = if count == 0 {
            FIRST_GUESS
        } else {
            sum / f64::from(count)
        };
        let mut top = self.pad;
        self.tops.clear();
        self.tops.push(top);
        for height in &self.heights {
            top += height.unwrap_or(guess);
            self.tops.push(top);
        }
    }

    /// How high the list is without what stands after it.
    fn height(&self) -> f64 {
        self.tops.last().copied().unwrap_or_default() + self.pad
    }

    /// How high all of it is.
    pub(super) fn total(&self) -> f64 {
        self.height() + self.tail
    }

    /// How much room the rows before this index take, and those from it on.
    pub(super) fn room(&self, range: &Range<usize>) -> (f64, f64) {
        let top = |index: usize| self.tops.get(index).copied().unwrap_or_default();
        (top(range.start), self.height() - top(range.end))
    }

    /// The row at this distance from the top of the list.
    fn index_at(&self, y: f64) -> usize {
        let begun = self.tops.partition_point(|top| *top <= y);
        begun
            .saturating_sub(1)
            .min(self.keys.len().saturating_sub(1))
    }

    /// The rows that have to be in the page.
    pub(super) fn range(&self, scroll_top: f64, viewport: f64, overscan: f64) -> Range<usize> {
        if self.is_empty() {
            return 0..0;
        }
        let first = self.index_at(scroll_top - overscan);
        let last = self.index_at(scroll_top + viewport + overscan);
        first..last + 1
    }

    /// How far down the list can be scrolled.
    pub(super) fn max_scroll(&self, viewport: f64) -> f64 {
        (self.total() - viewport).max(0.0)
    }

    /// What is read when the list is scrolled so far.
    pub(super) fn anchor_at(&self, scroll_top: f64, viewport: f64) -> Anchor<K> {
        // More than two pixels from the end are somebody's wish.
        if scroll_top >= self.max_scroll(viewport) - 2.0 {
            return Anchor::End;
        }
        self.row_at(scroll_top)
    }

    /// The row at the upper edge when the list is scrolled so far, even at its end: for a list that goes on there.
    pub(super) fn row_at(&self, scroll_top: f64) -> Anchor<K> {
        let at = self.index_at(scroll_top);
        match self.keys.get(at) {
            Some(key) => Anchor::Row {
                key: *key,
                below: self.tops[at] - scroll_top,
            },
            None => Anchor::End,
        }
    }

    /// How far the list has to be scrolled so that the anchor is where it was. A row that is gone gives its place to
    /// the next.
    pub(super) fn scroll_top(&self, anchor: &Anchor<K>, viewport: f64) -> f64 {
        let end = self.max_scroll(viewport);
        match anchor {
            Anchor::End => end,
            Anchor::Row { key, below } => {
                let at = self.keys.partition_point(|k| k < key);
                (self.tops[at] - below).clamp(0.0, end)
            }
        }
    }

    /// How far to scroll at least so that a row is on the screen; `None` if it is there already, or nowhere.
    pub(super) fn reveal(&self, key: K, scroll_top: f64, viewport: f64) -> Option<f64> {
        let at = self.keys.binary_search(&key).ok()?;
        let (top, bottom) = (self.tops[at] - self.pad, self.tops[at + 1] + self.pad);
        if top < scroll_top || bottom - top > viewport {
            Some(top).filter(|top| (top - scroll_top).abs() > 1.0)
        } else if bottom > scroll_top + viewport {
            Some(bottom - viewport)
        } else {
            None
        }
    }

    /// The first and the last row that are on the screen for the most part.
    pub(super) fn on_screen(&self, scroll_top: f64, viewport: f64) -> Option<(K, K)> {
        let middle = |at: usize| (self.tops[at] + self.tops[at + 1]) / 2.0;
        let visible = self.range(scroll_top, viewport, 0.0);
        let (lower, upper) = (scroll_top, scroll_top + viewport);
        let within = |at: &usize| {
            let there = (lower..=upper).contains(&middle(*at));
            // Or it fills the screen.
            there || (self.tops[*at] <= lower && self.tops[*at + 1] >= upper)
        };
        let first = visible.clone().find(within)?;
        let last = visible.rev().find(within)?;
        Some((self.keys[first], self.keys[last]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEWPORT: f64 = 100.0;

    /// Rows with these keys, each measured as its key says.
    fn list(keys: &[u32]) -> VirtualList<u32> {
        let mut list = VirtualList::new(0.0);
        list.set_keys(keys.iter().copied());
        list.measure(keys.iter().map(|key| (*key, f64::from(*key))));
        list
    }

    /// Where a row stands on the screen while the anchor holds.
    fn on_screen(list: &VirtualList<u32>, anchor: &Anchor<u32>, key: u32) -> f64 {
        let at = list.keys.binary_search(&key).unwrap();
        list.tops[at] - list.scroll_top(anchor, VIEWPORT)
    }

    #[test]
    fn unmeasured_rows_count_as_high_as_the_others_on_average() {
        let mut list = VirtualList::new(8.0);
        assert_eq!(list.total(), 16.0);
        list.set_keys(0..10);
        assert_eq!(list.total(), 16.0 + 10.0 * FIRST_GUESS);
        assert!(list.measure([(0, 20.0), (1, 40.0)].into_iter()));
        assert_eq!(list.total(), 16.0 + 10.0 * 30.0);
        assert!(!list.measure([(0, 20.01), (99, 5.0)].into_iter()));
    }

    #[test]
    fn only_what_is_near_the_screen_is_in_the_page() {
        let mut list = VirtualList::new(0.0);
        assert_eq!(list.range(0.0, VIEWPORT, 50.0), 0..0);
        list.set_keys(0..10_000);
        list.measure((0..10_000).map(|key| (key, 20.0)));
        for (scroll_top, expected) in [
            (0.0, 0..8),
            (100.0, 2..13),
            (1000.0, 47..58),
            (199_900.0, 9992..10_000),
        ] {
            assert_eq!(list.range(scroll_top, VIEWPORT, 50.0), expected);
        }
        let range = list.range(1000.0, VIEWPORT, 50.0);
        let rows = f64::from(range.len() as u32) * 20.0;
        let (before, after) = list.room(&range);
        assert_eq!(before + rows + after, list.total());
    }

    #[test]
    fn what_is_read_stays_while_older_rows_come_at_the_top() {
        let mut list = list(&[50, 60, 70]);
        let anchor = list.anchor_at(55.0, VIEWPORT);
        assert_eq!(
            anchor,
            Anchor::Row {
                key: 60,
                below: -5.0
            }
        );
        list.set_keys([10, 20, 50, 60, 70].into_iter());
        assert_eq!(on_screen(&list, &anchor, 60), -5.0);
        // They turn out lower than guessed.
        assert!(list.measure([(10, 10.0), (20, 20.0)].into_iter()));
        assert_eq!(on_screen(&list, &anchor, 60), -5.0);
    }

    #[test]
    fn what_is_read_stays_while_rows_come_late_in_the_middle_or_change() {
        let mut list = list(&[50, 60, 70, 80]);
        let anchor = list.anchor_at(115.0, VIEWPORT);
        assert_eq!(
            anchor,
            Anchor::Row {
                key: 70,
                below: -5.0
            }
        );
        list.set_keys([50, 55, 60, 70, 75, 80].into_iter());
        assert_eq!(on_screen(&list, &anchor, 70), -5.0);
        // A narrower window: all are higher.
        list.measure(
            [50, 55, 60, 70, 75, 80]
                .map(|key| (key, 3.0 * f64::from(key)))
                .into_iter(),
        );
        assert_eq!(on_screen(&list, &anchor, 70), -5.0);
    }

    #[test]
    fn the_end_stays_the_end() {
        let mut list = list(&[50, 60, 70]);
        let anchor = list.anchor_at(79.0, VIEWPORT);
        assert_eq!(anchor, Anchor::End);
        list.set_keys([50, 60, 70, 90].into_iter());
        assert_eq!(list.scroll_top(&anchor, VIEWPORT), list.total() - VIEWPORT);
        // A little above it is not the end: a slow hand scrolls one pixel after the other.
        assert_ne!(
            list.anchor_at(list.total() - VIEWPORT - 5.0, VIEWPORT),
            Anchor::End
        );
    }

    #[test]
    fn what_is_read_stays_while_newer_rows_come_after_the_last() {
        let mut list = list(&[50, 60, 70]);
        let end = list.max_scroll(VIEWPORT);
        let anchor = list.row_at(end);
        assert_eq!(list.anchor_at(end, VIEWPORT), Anchor::End);
        let before = on_screen(&list, &anchor, 70);
        list.set_keys([50, 60, 70, 80, 90].into_iter());
        list.measure([(80, 80.0), (90, 90.0)].into_iter());
        assert_eq!(on_screen(&list, &anchor, 70), before);
        assert_eq!(VirtualList::<u32>::new(0.0).row_at(0.0), Anchor::End);
    }

    #[test]
    fn what_stands_after_the_list_is_at_its_end() {
        let mut list = list(&[50, 60, 70]);
        let room = list.room(&(0..2));
        assert!(list.set_tail(40.0));
        assert!(!list.set_tail(40.0));
        assert_eq!(list.room(&(0..2)), room);
        assert_eq!(list.scroll_top(&Anchor::End, VIEWPORT), 220.0 - VIEWPORT);
        // Who reads further up stays there.
        let anchor = list.anchor_at(55.0, VIEWPORT);
        list.set_tail(0.0);
        assert_eq!(on_screen(&list, &anchor, 60), -5.0);
    }

    #[test]
    fn a_row_that_is_gone_gives_its_place_to_the_next() {
        let mut list = list(&[50, 60, 70, 80]);
        let anchor = list.anchor_at(50.0, VIEWPORT);
        assert_eq!(
            anchor,
            Anchor::Row {
                key: 60,
                below: 0.0
            }
        );
        list.set_keys([50, 70, 80].into_iter());
        assert_eq!(on_screen(&list, &anchor, 70), 0.0);
        list.set_keys(std::iter::empty());
        assert_eq!(list.scroll_top(&anchor, VIEWPORT), 0.0);
    }

    #[test]
    fn a_row_is_revealed_by_the_shortest_way() {
        let list = list(&[50, 60, 70, 80]);
        assert_eq!(list.reveal(60, 50.0, VIEWPORT), None);
        assert_eq!(list.reveal(50, 50.0, VIEWPORT), Some(0.0));
        assert_eq!(list.reveal(80, 50.0, VIEWPORT), Some(160.0));
        assert_eq!(list.reveal(65, 50.0, VIEWPORT), None);
        // Higher than the screen: from its top.
        assert_eq!(list.reveal(80, 0.0, 70.0), Some(180.0));
    }

    #[test]
    fn seen_is_what_is_on_the_screen_for_the_most_part() {
        let list = list(&[50, 60, 70, 80]);
        assert_eq!(list.on_screen(0.0, VIEWPORT), Some((50, 60)));
        assert_eq!(list.on_screen(30.0, VIEWPORT), Some((60, 60)));
        assert_eq!(list.on_screen(160.0, VIEWPORT), Some((80, 80)));
        // A row higher than the screen is read, too.
        assert_eq!(list.on_screen(185.0, 10.0), Some((80, 80)));
        assert_eq!(VirtualList::<u32>::new(0.0).on_screen(0.0, VIEWPORT), None);
    }
}
