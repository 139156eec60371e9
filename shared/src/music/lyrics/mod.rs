//! Lyrics: lines and words with the times at which they are sung (M4), read from LRC files and from tags.
//!
//! LRC has no standard. What is read is what players read; the format is described in the article "LRC (file format)" of
//! Wikipedia, and its enhancement with times of words as the "A2 extension" there:
//!
//! ```text
//! [ti:Title] [ar:Artist] [al:Album] [au:Author] [lr:Lyricist] [by:Who made the file] [length:mm:ss]
//! [offset:+500]                                  in milliseconds; each of these stands on a line of its own
//! [00:12.00]A line
//! [00:17.20][01:35.60]A line that is sung twice
//! [00:21.10]<00:21.10>A <00:21.60>line <00:22.00>with <00:22.30>words
//! ```
//!
//! * A time is `[mm:ss]` or `[hh:mm:ss]`, with a fraction of one digit or more after a dot or a comma: tenths, hundredths,
//!   milliseconds. Where some `[mm:ss:xx]` cannot be hours, all of the file are minutes, seconds and hundredths.
//! * A positive `offset` makes the words appear sooner ("+ shifts time up", Wikipedia): it is taken from every time. Some
//!   players add it; those that keep to the description, foobar2000's OpenLyrics among them, do not.
//! * Words have their times in angle brackets, or in square ones inside the line. What goes back in time is no word of its
//!   own. In a line that is sung again, they are as far from its time as they are the first time.
//! * Lines with one time stay together as they stand in the file: the second is the first one's translation.
//! * A line without a time belongs to the one before it. Before the first time, or where there are no times, it is plain
//!   text: a note, or a verse that nobody has timed.
//! * `[key:value]` with any other key in lower case is for some program, and left out; `[Chorus: all]` is text.
//! * A time that is none, as `[00:75.00]`, or later than [`limits::MAX_LYRICS_TIME`], is left out, and so is what is more than
//!   the limits allow.

mod reader;
mod stamp;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::encoding::{self, TooLarge};
use crate::limits;

/// The words of a track.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lyrics {
    /// What they say of themselves.
    pub tags: Tags,
    /// Lines with times, in the order of these.
    pub lines: Vec<Line>,
    /// Lines without; an empty one stands between two verses.
    pub untimed: Vec<String>,
}

/// What lyrics say of themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    /// The track's title (`ti`).
    pub title: Option<String>,
    /// Its artist (`ar`).
    pub artist: Option<String>,
    /// Its album (`al`).
    pub album: Option<String>,
    /// Who wrote it (`au`).
    pub author: Option<String>,
    /// Who wrote its words (`lr`).
    pub lyricist: Option<String>,
    /// Who made the file (`by`).
    pub by: Option<String>,
    /// How long it plays (`length`), in milliseconds.
    pub length: Option<u32>,
}

/// A line and its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When it is sung, in milliseconds from the track's beginning.
    pub at: u32,
    /// What is sung; nothing where the singing pauses.
    pub text: String,
    /// Its words, in the order of their times; none where only the line has one.
    pub words: Vec<Word>,
}

/// A word, or a syllable, that has its own time. It goes on to the next one of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// When it is sung, in milliseconds from the track's beginning.
    pub at: u32,
    /// Where it begins in the line's text, in bytes. At its end, if this is the time at which the line ends.
    pub start: usize,
}

impl Lyrics {
    /// The lyrics in a file, in whatever encoding.
    ///
    /// # Errors
    /// When the file is too large; any other has some lyrics, or none.
    pub fn read(bytes: &[u8]) -> Result<Self, TooLarge> {
        Ok(Self::parse(&encoding::decode(bytes)?))
    }

    /// The lyrics in a text, as far as [`limits::MAX_TEXT_FILE_BYTES`].
    pub fn parse(text: &str) -> Self {
        reader::read(&text[..text.floor_char_boundary(limits::MAX_TEXT_FILE_BYTES)])
    }

    /// Whether there is nothing to be read.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.untimed.is_empty()
    }

    /// The lines that are sung at a position: the last ones that have begun, which are several if one has translations. None
    /// before the first.
    pub fn line_at(&self, position_ms: u32) -> Option<Range<usize>> {
        let end = self.lines.partition_point(|line| line.at <= position_ms);
        let begun = self.lines[..end].last()?.at;
        Some(self.lines.partition_point(|line| line.at < begun)..end)
    }
}

impl Line {
    /// Which of its words is sung at a position; none before the first.
    pub fn word_at(&self, position_ms: u32) -> Option<usize> {
        self.words
            .partition_point(|word| word.at <= position_ms)
            .checked_sub(1)
    }

    /// A word's text, with the space after it; nothing if there is no such word.
    pub fn word(&self, index: usize) -> &str {
        let start = |index: usize| self.words.get(index).map(|word| word.start);
        let end = start(index + 1).unwrap_or(self.text.len());
        start(index)
            .and_then(|start| self.text.get(start..end))
            .unwrap_or_default()
    }
}
