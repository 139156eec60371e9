//! The rows of a list with what they are found and sorted by, which is made once for each.

use std::{
    cell::LazyCell,
    cmp::Ordering,
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use catnest::{fold::fold, node::Row, resource::ResourceId};

use crate::state::music::Rows;

/// A row, ready to be looked through.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) row: Arc<Row>,
    /// Never empty.
    pub(crate) title: String,
    /// Title, artist, album and file name, folded: the same for what a reader takes for the same.
    text: String,
}

impl Entry {
    fn new(row: Arc<Row>) -> Self {
        let track = &row.track;
        let title = track.shown_title();
        let text = fold(&format!(
            "{title}\n{}\n{}\n{}",
            track.artist, track.album, track.name
        ));
        Self { title, text, row }
    }

    pub(crate) fn id(&self) -> ResourceId {
        self.row.track.id
    }

    /// Whether all words that were typed are somewhere in it.
    pub(crate) fn has(&self, words: &[String]) -> bool {
        words.iter().all(|word| self.text.contains(word.as_str()))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.row, &other.row) || self.row == other.row
    }
}

/// The words of what was typed, folded.
pub(crate) fn words(typed: &str) -> Vec<String> {
    fold(typed).split_whitespace().map(str::to_owned).collect()
}

/// The entries of rows, in the order of ids. What was an entry before stays the same one.
pub(crate) fn entries(rows: &Rows, before: &[Arc<Entry>]) -> Vec<Arc<Entry>> {
    let mut before = before.iter().peekable();
    rows.values()
        .map(|row| {
            while before.next_if(|old| old.id() < row.track.id).is_some() {}
            match before.peek() {
                Some(old) if Arc::ptr_eq(&old.row, row) => Arc::clone(old),
                _ => Arc::new(Entry::new(Arc::clone(row))),
            }
        })
        .collect()
}

/// By what the rows are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    /// What came last comes first.
    #[default]
    Added,
    Title,
    Artist,
    /// By album, and within it by disc and number.
    Album,
    /// The shortest first.
    Length,
}

impl Sort {
    pub(crate) const ALL: [Self; 5] = [
        Self::Added,
        Self::Title,
        Self::Artist,
        Self::Album,
        Self::Length,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Sort::Added => "added",
            Sort::Title => "title",
            Sort::Artist => "artist",
            Sort::Album => "album",
            Sort::Length => "length",
        }
    }
}

/// Gives each of some texts its place in the order of a language; what that takes for the same has the same place.
pub(crate) type Collate<'a> = &'a dyn Fn(&[&str]) -> Vec<usize>;

/// The places of texts.
pub(crate) struct Places<'a>(HashMap<&'a str, usize>);

impl<'a> Places<'a> {
    /// Those of these texts. An empty one comes last: what is unknown is not what is looked for.
    pub(crate) fn of(texts: impl Iterator<Item = &'a str>, collate: Collate<'_>) -> Self {
        let distinct: BTreeSet<&str> = texts.filter(|text| !text.is_empty()).collect();
        let distinct: Vec<&str> = distinct.into_iter().collect();
        let places = collate(&distinct);
        Self(distinct.into_iter().zip(places).collect())
    }

    pub(crate) fn at(&self, text: &str) -> usize {
        self.0.get(text).copied().unwrap_or(usize::MAX)
    }
}

/// Sorts entries. Those that are the same by what is sorted by lie by artist, album, number and title, and last by id, so
/// that there is one order only.
pub(crate) fn sort(entries: &mut [Arc<Entry>], by: Sort, reverse: bool, collate: Collate<'_>) {
    // A copy of the pointers, to read from while they are moved.
    let all = entries.to_vec();
    let places = |of: fn(&Entry) -> &str| Places::of(all.iter().map(|e| of(e)), collate);
    // Those that nothing is compared by are not put in order.
    let titles = LazyCell::new(|| places(|entry| &entry.title));
    let artists = LazyCell::new(|| places(|entry| &entry.row.track.artist));
    let albums = LazyCell::new(|| places(|entry| &entry.row.track.album));
    let artist = |entry: &Entry| artists.at(&entry.row.track.artist);
    let album = |entry: &Entry| {
        let track = &entry.row.track;
        (albums.at(&track.album), track.disc, track.number)
    };
    let title = |entry: &Entry| titles.at(&entry.title);
    let turned = |order: Ordering| if reverse { order.reverse() } else { order };
    entries.sort_by(|a, b| {
        let (one, other) = (&a.row.track, &b.row.track);
        let first = match by {
            Sort::Added => other.added.cmp(&one.added),
            Sort::Title => title(a).cmp(&title(b)),
            Sort::Artist => artist(a).cmp(&artist(b)),
            Sort::Album => album(a).cmp(&album(b)),
            Sort::Length => one
                .play_ms
                .unwrap_or(u32::MAX)
                .cmp(&other.play_ms.unwrap_or(u32::MAX)),
        };
        let rest = || (artist(a), album(a), title(a)).cmp(&(artist(b), album(b), title(b)));
        turned(first)
            .then_with(rest)
            .then_with(|| one.id.cmp(&other.id))
    });
}

#[cfg(test)]
pub(crate) mod tests {
    use catnest::{
        identity::Author, music::track::Track, node::HolderView, resource::Md5, time::Millis,
    };

    use super::*;

    /// By code points.
    pub(crate) fn plain(texts: &[&str]) -> Vec<usize> {
        (0..texts.len()).collect()
    }

    pub(crate) fn row(id: u8, title: &str, artist: &str, album: &str) -> Row {
        Row {
            track: Track {
                id: ResourceId([id; 32]),
                md5: Md5([id; 16]),
                length: 1000,
                media_type: "audio/flac".to_owned(),
                name: format!("{id}.flac"),
                title: title.to_owned(),
                artist: artist.to_owned(),
                album: album.to_owned(),
                number: None,
                disc: None,
                year: None,
                play_ms: Some(1000 * u32::from(id)),
                cover: None,
                lyrics: None,
                added: Millis(u64::from(id)),
            },
            mine: false,
            holders: vec![HolderView {
                author: Author([1; 32]),
                name: "Bo".to_owned(),
                cached: false,
            }],
            banned: false,
        }
    }

    pub(crate) fn all(rows: Vec<Row>) -> Vec<Arc<Entry>> {
        let rows = rows.into_iter().map(|row| (row.track.id, Arc::new(row)));
        entries(&rows.collect(), &[])
    }

    fn ids(entries: &[Arc<Entry>]) -> Vec<u8> {
        entries.iter().map(|entry| entry.id().0[0]).collect()
    }

    #[test]
    fn rows_are_sorted_one_way() {
        let mut rows = vec![
            row(1, "b", "Y", "M"),
            row(2, "a", "X", "N"),
            row(3, "c", "X", "M"),
            row(4, "", "", ""),
        ];
        rows[0].track.number = Some(2);
        rows[2].track.number = Some(1);
        rows[3].track.play_ms = None;
        for (by, forward, backward) in [
            (Sort::Added, [4, 3, 2, 1], [1, 2, 3, 4]),
            (Sort::Title, [4, 2, 1, 3], [3, 1, 2, 4]),
            (Sort::Artist, [3, 2, 1, 4], [4, 1, 3, 2]),
            (Sort::Album, [3, 1, 2, 4], [4, 2, 1, 3]),
            (Sort::Length, [1, 2, 3, 4], [4, 3, 2, 1]),
        ] {
            let mut entries = all(rows.clone());
            sort(&mut entries, by, false, &plain);
            assert_eq!(ids(&entries), forward, "{by:?}");
            sort(&mut entries, by, true, &plain);
            assert_eq!(ids(&entries), backward, "{by:?} backwards");
        }
    }

    #[test]
    fn what_came_one_after_the_other_needs_no_order_of_texts() {
        let mut entries = all(vec![row(1, "b", "", ""), row(2, "a", "", "")]);
        let none = |_: &[&str]| -> Vec<usize> { panic!("nothing is compared by its text") };
        sort(&mut entries, Sort::Added, false, &none);
        assert_eq!(ids(&entries), [2, 1]);
    }

    #[test]
    fn rows_are_found_by_all_words_however_they_are_written() {
        let entries = all(vec![
            row(1, "Ｆｉｓｈ", "咪咪", "Straße"),
            row(2, "Fishes", "Tom", ""),
            row(3, "", "", ""),
        ]);
        for (typed, expected) in [
            ("", &[1, 2, 3][..]),
            ("  ", &[1, 2, 3]),
            ("fish", &[1, 2]),
            ("FISH strasse", &[1]),
            ("咪", &[1]),
            ("tom es", &[2]),
            ("3.flac", &[3]),
            ("dog", &[]),
        ] {
            let words = words(typed);
            let found: Vec<_> = entries.iter().filter(|e| e.has(&words)).cloned().collect();
            assert_eq!(ids(&found), expected, "{typed}");
        }
    }

    #[test]
    fn m18_what_did_not_change_stays_the_same_entry() {
        let mut rows: Rows = [row(1, "a", "", ""), row(3, "c", "", "")]
            .map(|row| (row.track.id, Arc::new(row)))
            .into();
        let before = entries(&rows, &[]);
        let new = row(2, "b", "", "");
        rows.insert(new.track.id, Arc::new(new));
        let other = row(3, "C", "", "");
        rows.insert(other.track.id, Arc::new(other));
        let after = entries(&rows, &before);
        assert_eq!(ids(&after), [1, 2, 3]);
        assert!(Arc::ptr_eq(&before[0], &after[0]));
        assert_eq!(after[2].title, "C");
    }
}
