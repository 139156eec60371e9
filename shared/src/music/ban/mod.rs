//! The ban table: what is neither played nor shown (M6).
//!
//! Each [`Entry`] is a text that a field contains, whatever its case, width and composition, or a regular expression that
//! is found in it; of one field, or of any. The expressions are those of the crate `regex`: there is none that takes more
//! than linear time, wherever a table came from. They find upper and lower case alike, unless they say `(?-i)`, and see
//! accents composed (NFC).
//!
//! A table is checked as a whole when it is made ([`BanTable::new`], [`BanTable::parse`]), so what is saved works. Its form
//! as a text is described in [`text`].

mod check;
mod matcher;
pub mod text;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::check::Problem;
use self::matcher::Matcher;
use crate::{fold::fold, limits};

/// What of a track an entry looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Title, artist or album: one of them. Of the hashes, whose digits have words in them by chance, only a text that is
    /// one as a whole.
    #[default]
    Any,
    /// The title.
    Title,
    /// The artist.
    Artist,
    /// The album.
    Album,
    /// The MD5 hash, in hexadecimal digits.
    Md5,
    /// The resource's id, in hexadecimal digits.
    Id,
}

/// How an entry's text is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// As it is. Any space in it is as good as any other.
    #[default]
    Plain,
    /// As a regular expression.
    Pattern,
}

/// One entry of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entry {
    /// What it looks at.
    pub scope: Scope,
    /// How its text is meant.
    pub kind: Kind,
    /// What is looked for.
    pub text: String,
    /// It is switched off: checked, kept, and matches nothing.
    #[serde(default)]
    pub off: bool,
}

/// What a table is matched with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields<'a> {
    /// The track's title.
    pub title: &'a str,
    /// Its artist.
    pub artist: &'a str,
    /// Its album.
    pub album: &'a str,
    /// The MD5 hash of its file, in hexadecimal digits.
    pub md5: &'a str,
    /// The id of its file, in hexadecimal digits.
    pub id: &'a str,
}

/// Entries that are known to work.
#[derive(Clone, Debug, Default)]
pub struct BanTable {
    entries: Vec<Entry>,
    texts: Matcher,
    patterns: Matcher,
}

/// Why something is no ban table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub struct BanError {
    /// The entry that is wrong, counted from 0.
    pub entry: usize,
    /// Its line, counted from 1, if the table is a text.
    pub line: Option<usize>,
    /// Where in the entry's text, in characters from 0; none if all of it is meant.
    pub at: Option<usize>,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for BanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}")?,
            None => write!(f, "entry {}", self.entry + 1)?,
        }
        if let Some(at) = self.at {
            write!(f, ", character {}", at + 1)?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl BanTable {
    /// A table with these entries, in this order. Spaces around a plain text are left out.
    ///
    /// # Errors
    /// Names the first entry that is wrong, and what is wrong with it.
    pub fn new(mut entries: Vec<Entry>) -> Result<Self, BanError> {
        let wrong = |entry, at, problem| BanError {
            entry,
            line: None,
            at,
            problem,
        };
        if entries.len() > limits::MAX_BANS {
            return Err(wrong(limits::MAX_BANS, None, Problem::TooMany));
        }
        for (i, entry) in entries.iter_mut().enumerate() {
            if entry.kind == Kind::Plain {
                entry.text = entry.text.trim().to_owned();
            }
            check::check(entry).map_err(|(at, problem)| wrong(i, at, problem))?;
        }
        let matcher = |kind| {
            let of_kind = entries.iter().enumerate().filter(|(_, e)| e.kind == kind);
            // The limit counts those as well that are switched off: switching one on is no error.
            Matcher::new(of_kind).map_err(|i| wrong(i, None, Problem::TooLarge))
        };
        let (texts, patterns) = (matcher(Kind::Plain)?, matcher(Kind::Pattern)?);
        Ok(Self {
            entries,
            texts,
            patterns,
        })
    }

    /// Its entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Which entry a track matches first; none if it may be played. Takes time that is linear in the fields.
    pub fn matches(&self, fields: &Fields<'_>) -> Option<usize> {
        let first = |(scope, field): (Scope, &str)| {
            let text = self.texts.first(scope, &plain(field));
            let pattern = self.patterns.first(scope, &crate::fold::composed(field));
            text.into_iter().chain(pattern).min()
        };
        fields.each().into_iter().filter_map(first).min()
    }
}

impl PartialEq for BanTable {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Eq for BanTable {}

impl Fields<'_> {
    fn each(&self) -> [(Scope, &str); 5] {
        [
            (Scope::Title, self.title),
            (Scope::Artist, self.artist),
            (Scope::Album, self.album),
            (Scope::Md5, self.md5),
            (Scope::Id, self.id),
        ]
    }
}

/// A text as plain entries are compared with it.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    fold(&words.join(" "))
}
