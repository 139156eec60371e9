//! The order of texts is the browser's to know, and takes it a while for a long list. Most news of a list leaves all its texts
//! as they were: who has what changes, and not what it is called.

use std::collections::VecDeque;

/// So many lists of texts are remembered: titles, artists, albums, and the names of groups.
const LISTS: usize = 4;

/// What was put in order last.
#[derive(Clone, Debug, Default)]
pub(super) struct Collation {
    lang: String,
    /// Texts, and the place of each. The latest are at the end.
    lists: VecDeque<(Vec<String>, Vec<usize>)>,
}

impl Collation {
    /// The places of texts in the order of a language: remembered ones, or those that `collate` gives.
    pub(super) fn places(
        &mut self,
        texts: &[&str],
        lang: &str,
        collate: impl FnOnce() -> Vec<usize>,
    ) -> Vec<usize> {
        if self.lang != lang {
            *self = Self {
                lang: lang.to_owned(),
                lists: VecDeque::new(),
            };
        }
        let mut lists = self.lists.iter();
        let known = lists.position(|(known, _)| known == texts);
        let list = known.and_then(|at| self.lists.remove(at));
        let (texts, places) = list.unwrap_or_else(|| {
            let owned = texts.iter().map(|text| (*text).to_owned());
            (owned.collect(), collate())
        });
        if self.lists.len() >= LISTS {
            self.lists.pop_front();
        }
        self.lists.push_back((texts, places.clone()));
        places
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_was_put_in_order_is_not_put_in_order_again() {
        let (count, mut collation) = (Cell::new(0), Collation::default());
        let mut times = |texts: &[&str], lang: &str| {
            let places = collation.places(texts, lang, || {
                count.set(count.get() + 1);
                (0..texts.len()).collect()
            });
            assert_eq!(places.len(), texts.len());
            count.get()
        };
        assert_eq!(times(&["a", "b"], "en"), 1);
        assert_eq!(times(&["a", "b"], "en"), 1);
        assert_eq!(times(&["a", "c"], "en"), 2);
        assert_eq!(times(&["a", "b"], "en"), 2);
        assert_eq!(times(&["a", "b"], "zh-CN"), 3);
        // Others have come since then.
        for other in ["1", "2", "3", "4"] {
            times(&[other], "zh-CN");
        }
        assert_eq!(times(&["a", "b"], "zh-CN"), 8);
    }
}
