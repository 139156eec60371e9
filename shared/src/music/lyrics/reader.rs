//! Reads LRC, line by line.

use std::borrow::Cow;

use super::{
    Line, Lyrics, Tags, Word,
    stamp::{self, Stamp, Third},
};
use crate::{limits, music::text};

/// The longest text between the brackets of a word's time, with some spaces.
const LONGEST_STAMP: usize = 32;

/// Reads a text.
pub(super) fn read(text: &str) -> Lyrics {
    let text = with_newlines(text);
    let mut reader = Reader {
        third: third_of(&text),
        offset: 0,
        lyrics: Lyrics::default(),
        before: Vec::new(),
        words: 0,
        bytes: 0,
    };
    for line in text.lines() {
        reader.line(line.trim());
    }
    reader.finish()
}

struct Reader {
    third: Third,
    /// In milliseconds, taken from every time.
    offset: i64,
    /// What was read, in the file's order and with its times.
    lyrics: Lyrics,
    /// The times of the line before.
    before: Vec<u32>,
    /// Words that have times, and bytes of lines, each as often as it is sung: no more comes out than may go in.
    words: usize,
    bytes: usize,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let (mut times, mut stamped, mut rest) = (Vec::new(), false, line);
        while let Some((inner, after)) = between(rest, '[', ']') {
            match stamp::read(inner, self.third) {
                Some(Stamp::At(at)) => times.push(at),
                Some(Stamp::Wrong) => {}
                None => break,
            }
            stamped = true;
            rest = after.trim_start();
        }
        if !stamped && self.tag(rest) {
            return;
        }
        let (text, words) = self.text(rest);
        if times.is_empty()
            && let Some(first) = words.first()
        {
            times.push(first.at);
        }
        times.sort_unstable();
        times.dedup();
        if !times.is_empty() {
            self.timed(&times, &text, &words);
            self.before = times;
        } else if !self.before.is_empty() {
            if !text.is_empty() {
                let times = std::mem::take(&mut self.before);
                self.timed(&times, &text, &[]);
                self.before = times;
            }
        } else if self.takes_room(&text) {
            self.untimed(text);
        }
    }

    /// Counts one more line, if it is within the limits.
    fn takes_room(&mut self, text: &str) -> bool {
        let lines = self.lyrics.lines.len() + self.lyrics.untimed.len();
        let fits = lines < limits::MAX_LYRICS_LINES
            && self.bytes + text.len() <= limits::MAX_TEXT_FILE_BYTES;
        if fits {
            self.bytes += text.len();
        }
        fits
    }

    fn untimed(&mut self, text: String) {
        // One empty line between two verses, however many there are.
        let after_text = self.lyrics.untimed.last().is_some_and(|l| !l.is_empty());
        if !text.is_empty() || after_text {
            self.lyrics.untimed.push(text);
        }
    }

    fn timed(&mut self, times: &[u32], text: &str, words: &[Word]) {
        // The words have the times of when the line is sung just before the first of them.
        let sung = words.first().and_then(|first| {
            let begun = times.iter().filter(|at| **at <= first.at).max();
            begun.copied()
        });
        for &at in times {
            if !self.takes_room(text) {
                return;
            }
            let words = sung.map_or_else(Vec::new, |sung| moved(words, sung, at));
            let within = self.words + words.len() <= limits::MAX_LYRICS_WORDS;
            let words = if within { words } else { Vec::new() };
            self.words += words.len();
            let text = text.to_owned();
            self.lyrics.lines.push(Line { at, text, words });
        }
    }

    /// Whether a line is `[key:value]`, and for whatever program.
    fn tag(&mut self, line: &str) -> bool {
        let inner = line.strip_prefix('[').and_then(|l| l.strip_suffix(']'));
        let Some((key, value)) = inner.and_then(|inner| inner.split_once(':')) else {
            return false;
        };
        let (key, value) = (key.trim(), value.trim());
        let tags: &mut Tags = &mut self.lyrics.tags;
        let tag = match key.to_ascii_lowercase().as_str() {
            "ti" => &mut tags.title,
            "ar" => &mut tags.artist,
            "al" => &mut tags.album,
            "au" => &mut tags.author,
            "lr" => &mut tags.lyricist,
            "by" => &mut tags.by,
            "length" => {
                tags.length = stamp::time(value, self.third);
                return true;
            }
            "offset" => {
                let most = limits::MAX_LYRICS_TIME.as_millis();
                let offset = value.parse::<i64>().ok();
                let offset = offset.filter(|ms| u128::from(ms.unsigned_abs()) <= most);
                self.offset = offset.unwrap_or(self.offset);
                return true;
            }
            "re" | "ve" | "#" => return true,
            _ => {
                let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                return !key.is_empty() && key.chars().all(small);
            }
        };
        let value = text::line(value, limits::MAX_LYRICS_TAG_BYTES);
        if tag.is_none() && !value.is_empty() {
            *tag = Some(value);
        }
        true
    }

    /// A line's text without the times of its words, and these.
    fn text(&self, line: &str) -> (String, Vec<Word>) {
        let mut building = Building::default();
        let mut from = 0;
        for (i, open) in line.match_indices(['<', '[']) {
            let close = if open == "<" { '>' } else { ']' };
            let inner = &line[i + 1..line.floor_char_boundary(i + 1 + LONGEST_STAMP)];
            let Some((inner, _)) = inner.split_once(close).filter(|_| i >= from) else {
                continue;
            };
            if let Some(stamp) = stamp::read(inner, self.third) {
                building.add(&line[from..i]);
                from = i + 1 + inner.len() + close.len_utf8();
                if let Stamp::At(at) = stamp {
                    building.next = Some(at);
                }
            }
        }
        building.add(&line[from..]);
        building.finish()
    }

    fn finish(mut self) -> Lyrics {
        let most = limits::MAX_LYRICS_TIME.as_millis();
        let shifted = |at: u32| {
            let at = (i64::from(at) - self.offset).max(0);
            u32::try_from(u128::from(at.unsigned_abs()).min(most)).unwrap_or(u32::MAX)
        };
        for line in &mut self.lyrics.lines {
            line.at = shifted(line.at);
            for word in &mut line.words {
                word.at = shifted(word.at);
            }
        }
        // Stable: lines with one time stay as they are in the file.
        self.lyrics.lines.sort_by_key(|line| line.at);
        if self.lyrics.untimed.last().is_some_and(String::is_empty) {
            self.lyrics.untimed.pop();
        }
        self.lyrics
    }
}

/// A line's text, while its words are taken together.
#[derive(Default)]
struct Building {
    text: String,
    words: Vec<Word>,
    /// When the next word is sung, if that was said.
    next: Option<u32>,
}

impl Building {
    /// More of the text. What was spaces around a time is one space.
    fn add(&mut self, part: &str) {
        let room = limits::MAX_LYRICS_LINE_BYTES.saturating_sub(self.text.len());
        let part = text::visible(part, room);
        let ended = self.text.is_empty() || self.text.ends_with(char::is_whitespace);
        let spaced = part.starts_with(char::is_whitespace);
        if spaced && !ended {
            self.text.push(' ');
        }
        if let Some(at) = self.next.take() {
            let start = self.text.len();
            // What goes back in time is part of the word before.
            if self.words.last().is_none_or(|before| before.at <= at) {
                self.words.push(Word { at, start });
            }
        }
        self.text.push_str(if spaced || ended {
            part.trim_start()
        } else {
            &part
        });
    }

    fn finish(mut self) -> (String, Vec<Word>) {
        if text::line(&self.text, limits::MAX_LYRICS_LINE_BYTES).is_empty() {
            return (String::new(), Vec::new());
        }
        // Spaces within it stay: words are found by where they begin.
        let mut text = text::visible(&self.text, limits::MAX_LYRICS_LINE_BYTES);
        text.truncate(text.trim_end().len());
        // It begins with something to be seen, so only its end may be gone.
        for word in &mut self.words {
            word.start = word.start.min(text.len());
        }
        (text, self.words)
    }
}

/// The words of a line that is sung at another time. What stands before the first word begins with the line.
fn moved(words: &[Word], from: u32, to: u32) -> Vec<Word> {
    let beginning = Word { at: to, start: 0 };
    let first = words.first().filter(|first| first.start > 0);
    let first = first.map(|_| beginning);
    let rest = words.iter().map(|word| Word {
        at: (word.at - from).saturating_add(to),
        start: word.start,
    });
    first.into_iter().chain(rest).collect()
}

/// What stands between two brackets at the beginning of a text, and after them.
fn between(text: &str, open: char, close: char) -> Option<(&str, &str)> {
    let text = text.strip_prefix(open)?;
    let near = &text[..text.floor_char_boundary(LONGEST_STAMP)];
    let end = near.find(close)?;
    Some((&text[..end], &text[end + close.len_utf8()..]))
}

/// Lines end as on Unix, Windows or an old Macintosh.
fn with_newlines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        return Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"));
    }
    Cow::Borrowed(text)
}

/// What three numbers are in this file.
fn third_of(text: &str) -> Third {
    let mut stamps = text
        .match_indices('[')
        .filter_map(|(i, _)| between(&text[i..], '[', ']'));
    if stamps.any(|(stamp, _)| stamp::is_hundredths(stamp)) {
        Third::Hundredths
    } else {
        Third::Seconds
    }
}
