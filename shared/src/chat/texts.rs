//! The texts of a log in memory, to be searched.
//!
//! A log of 100,000 messages takes some 15 MB, and is gone through in some milliseconds: substrings are found in any
//! language, where words have no spaces between them as well, and nothing has to be kept in step on the disk.

use std::collections::BTreeMap;

use super::record::{Position, Record};
use crate::{fold::fold, limits};

/// What a text takes beside itself: its place, and its share of the tree.
const ENTRY_BYTES: usize = 80;

/// What is looked for: all of these, in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query(Vec<String>);

impl Query {
    /// The words that a member typed; none if there is nothing to look for, or too much.
    pub fn new(text: &str) -> Option<Self> {
        if text.len() > limits::MAX_QUERY_BYTES {
            return None;
        }
        let words = text.split_whitespace().map(fold);
        let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    fn is_in(&self, text: &str) -> bool {
        self.0.iter().all(|word| text.contains(word.as_str()))
    }
}

/// The texts of the newest records of a log, as far back as they were loaded.
#[derive(Debug, Default)]
pub struct Texts {
    texts: BTreeMap<Position, Box<str>>,
    bytes: usize,
    /// Where the oldest record stands that was loaded.
    loaded: Option<Position>,
    complete: bool,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where the records stand, newest first.
    pub positions: Vec<Position>,
    /// All that is older than this is still to be looked at.
    pub reached: Option<Position>,
}

impl Texts {
    /// A record is in the log.
    pub fn add(&mut self, record: &Record) {
        let text = text_of(record);
        if text.is_empty() {
            return;
        }
        self.bytes += text.len() + ENTRY_BYTES;
        let before = self.texts.insert(record.position(), text.into());
        self.bytes -= before.map_or(0, |before| before.len() + ENTRY_BYTES);
    }

    /// A record is not in the log any more, or was recalled.
    pub fn remove(&mut self, position: Position) {
        let before = self.texts.remove(&position);
        self.bytes -= before.map_or(0, |before| before.len() + ENTRY_BYTES);
    }

    /// Everything from this place on is here now.
    pub fn loaded_to(&mut self, oldest: Position) {
        self.loaded = Some(oldest);
    }

    /// Everything is here.
    pub fn loaded_all(&mut self) {
        self.complete = true;
    }

    /// Where the oldest record stands that was loaded.
    pub fn loaded(&self) -> Option<Position> {
        self.loaded
    }

    /// Whether the whole log is here.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Whether there is room for more.
    pub fn has_room(&self) -> bool {
        self.bytes < limits::MAX_TEXTS_BYTES
    }

    /// The newest records before a place in which all of the query is, at most so many.
    pub fn find(&self, query: &Query, before: Option<Position>, most: usize) -> Found {
        let mut found = Found {
            positions: Vec::new(),
            reached: before,
        };
        let older =
            before.map_or_else(|| self.texts.range(..), |before| self.texts.range(..before));
        for (position, text) in older.rev() {
            // What came in further back than was loaded is found when that is.
            if !self.complete && self.loaded.is_none_or(|loaded| *position < loaded) {
                break;
            }
            if found.positions.len() >= most {
                return found;
            }
            found.reached = Some(*position);
            if query.is_in(text) {
                found.positions.push(*position);
            }
        }
        if found.positions.len() < most && !self.complete {
            found.reached = match (found.reached, self.loaded) {
                (Some(reached), Some(loaded)) => Some(reached.min(loaded)),
                (reached, loaded) => reached.or(loaded),
            };
        }
        found
    }
}

/// What of a record can be found: what it says, and the names of its files.
fn text_of(record: &Record) -> String {
    let files = record.body.files.iter().map(|file| file.name.as_str());
    let parts: Vec<&str> = std::iter::once(record.body.text.as_str())
        .chain(files)
        .filter(|part| !part.is_empty())
        .collect();
    fold(&parts.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        channel::ChannelId,
        chat::record::Body,
        entropy::Entropy,
        identity::{AuthorKey, DeviceSeed},
        resource::{Descriptor, Md5, ResourceId},
        time::Millis,
    };

    const NEST: ChannelId = ChannelId([1; 32]);

    fn key() -> AuthorKey {
        DeviceSeed::generate(&mut Entropy::from_seed([4; 32])).author_key(NEST)
    }

    fn said(time: u64, text: &str) -> Record {
        Record::write(&key(), NEST, Millis(time), "Mimi", text)
    }

    fn find(texts: &Texts, query: &str) -> Vec<u64> {
        let query = Query::new(query).unwrap();
        let found = texts.find(&query, None, 10);
        found.positions.iter().map(|place| place.time.0).collect()
    }

    #[test]
    fn what_is_said_is_found_in_any_case_and_language() {
        let mut texts = Texts::default();
        let file = Descriptor {
            id: ResourceId([6; 32]),
            length: 5,
            md5: Md5([7; 16]),
            name: "Grüße.TXT".into(),
            media_type: "text/plain".into(),
        };
        let body = said(4, "look").body;
        let with_file = Body {
            files: vec![file],
            ..body
        };
        for record in [
            said(1, "The cat sleeps"),
            said(2, "猫窝里有三只猫"),
            said(3, "no CAT here, DOGS"),
            Record::sign(&key(), with_file),
        ] {
            texts.add(&record);
        }
        texts.loaded_all();
        for (query, expected) in [
            ("cat", &[3, 1][..]),
            ("dogs cat", &[3]),
            ("三只", &[2]),
            ("猫", &[2]),
            ("grüße", &[4]),
            ("GRÜSSE", &[4]),
            ("ｔｘｔ", &[4]),
            ("look .txt", &[4]),
            ("bird", &[]),
        ] {
            assert_eq!(find(&texts, query), expected, "{query}");
        }
        texts.remove(said(3, "no CAT here, DOGS").position());
        assert_eq!(find(&texts, "cat"), [1]);
    }

    #[test]
    fn a_search_goes_on_where_it_ended() {
        let mut texts = Texts::default();
        for time in 1..=9 {
            texts.add(&said(time, "meow"));
        }
        texts.loaded_to(said(4, "meow").position());
        let query = Query::new("meow").unwrap();
        let first = texts.find(&query, None, 4);
        let times = |found: &Found| found.positions.iter().map(|p| p.time.0).collect::<Vec<_>>();
        assert_eq!(times(&first), [9, 8, 7, 6]);
        let second = texts.find(&query, first.reached, 4);
        // Not beyond what was loaded.
        assert_eq!(times(&second), [5, 4]);
        assert_eq!(second.reached.map(|p| p.time.0), Some(4));
        texts.loaded_all();
        let third = texts.find(&query, second.reached, 4);
        assert_eq!(times(&third), [3, 2, 1]);
    }

    #[test]
    fn nothing_and_too_much_is_no_query() {
        assert_eq!(Query::new(" \n"), None);
        assert_eq!(Query::new("\u{200b}"), None);
        assert_eq!(Query::new(&"a".repeat(limits::MAX_QUERY_BYTES + 1)), None);
    }
}
