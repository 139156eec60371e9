//! Lyrics as the pane has them: in verses, each of the lines that are sung at one time, and when the next change is due.

use std::{ops::Range, time::Duration};

use catnest::music::{
    Speed,
    lyrics::{Line, Lyrics},
};

/// Lines with one time: what is sung, and its translations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verse {
    /// When, in milliseconds from the track's beginning.
    pub(super) at: u32,
    pub(super) lines: Vec<Line>,
}

impl Verse {
    /// Nothing is sung: music alone.
    pub(super) fn is_pause(&self) -> bool {
        self.lines.iter().all(|line| line.text.is_empty())
    }
}

/// The words of a track.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sheet {
    pub(super) verses: Vec<Verse>,
    /// What has no time; an empty line stands between two verses.
    pub(super) untimed: Vec<String>,
}

impl Sheet {
    pub(super) fn of(lyrics: Lyrics) -> Self {
        let mut verses: Vec<Verse> = Vec::new();
        for line in lyrics.lines {
            match verses.last_mut().filter(|verse| verse.at == line.at) {
                Some(verse) => verse.lines.push(line),
                None => verses.push(Verse {
                    at: line.at,
                    lines: vec![line],
                }),
            }
        }
        Self {
            verses,
            untimed: lyrics.untimed,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.verses.is_empty() && self.untimed.is_empty()
    }

    /// The verse that is sung at a position; none before the first.
    pub(super) fn verse_at(&self, position: u32) -> Option<usize> {
        let begun = self.verses.partition_point(|verse| verse.at <= position);
        begun.checked_sub(1)
    }

    /// When what is highlighted is next another line or word; none after the last.
    pub(super) fn next_change(&self, position: u32) -> Option<u32> {
        let at = self.verses.partition_point(|verse| verse.at <= position);
        let line = self.verses.get(at).map(|verse| verse.at);
        let sung = at.checked_sub(1).and_then(|at| self.verses.get(at));
        let words = sung.into_iter().flat_map(|verse| &verse.lines);
        let words = words.flat_map(|line| &line.words).map(|word| word.at);
        words.filter(|at| *at > position).chain(line).min()
    }
}

/// How far the words of a line are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sung {
    Was,
    Now,
    Comes,
}

impl Sung {
    pub(super) fn name(self) -> &'static str {
        match self {
            Sung::Was => "was",
            Sung::Now => "now",
            Sung::Comes => "comes",
        }
    }
}

/// A line in its words, with what stands before the first one; where each is in the line's text.
pub(super) fn words(line: &Line) -> Vec<(Option<usize>, Range<usize>)> {
    let first = line
        .words
        .first()
        .map_or(line.text.len(), |word| word.start);
    let before = (first > 0).then_some((None, 0..first));
    let each = line.words.iter().enumerate().map(|(index, word)| {
        let next = line.words.get(index + 1);
        (
            Some(index),
            word.start..next.map_or(line.text.len(), |next| next.start),
        )
    });
    before.into_iter().chain(each).collect()
}

/// How long a word is away at a position of the track.
pub(super) fn sung(line: &Line, word: Option<usize>, position: u32) -> Sung {
    let Some(word) = word else {
        return Sung::Was;
    };
    match line.word_at(position) {
        Some(now) if now > word => Sung::Was,
        Some(now) if now == word => Sung::Now,
        _ => Sung::Comes,
    }
}

/// How long it takes to play from a position to a later one.
pub(super) fn wait(from: u32, to: u32, speed: Speed) -> Duration {
    let thousandths = u64::from(speed.thousandths());
    let played = u64::from(to.saturating_sub(from));
    // Rounded up: a moment too early would have nothing to change.
    Duration::from_millis((played * 1000).div_ceil(thousandths))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "A note\n\
        [00:01.00]One\n\
        [00:01.00]Eins\n\
        [00:03.00]<00:03.00>Two <00:03.50>words\n\
        [00:05.00]\n\
        [00:06.00]End";

    fn sheet() -> Sheet {
        Sheet::of(Lyrics::parse(TEXT))
    }

    #[test]
    fn lines_of_one_time_are_a_verse() {
        let sheet = sheet();
        let texts: Vec<Vec<&str>> = sheet
            .verses
            .iter()
            .map(|verse| verse.lines.iter().map(|line| &*line.text).collect())
            .collect();
        assert_eq!(
            texts,
            [
                vec!["One", "Eins"],
                vec!["Two words"],
                vec![""],
                vec!["End"]
            ]
        );
        assert!(sheet.verses[2].is_pause());
        assert_eq!(sheet.untimed, ["A note"]);
        assert!(Sheet::of(Lyrics::parse("")).is_empty());
    }

    #[test]
    fn the_next_change_is_the_next_line_or_word() {
        let sheet = sheet();
        for (position, verse, next) in [
            (0, None, Some(1000)),
            (999, None, Some(1000)),
            (1000, Some(0), Some(3000)),
            (3000, Some(1), Some(3500)),
            (3500, Some(1), Some(5000)),
            (5999, Some(2), Some(6000)),
            (6000, Some(3), None),
            (u32::MAX, Some(3), None),
        ] {
            assert_eq!(sheet.verse_at(position), verse, "{position}");
            assert_eq!(sheet.next_change(position), next, "{position}");
        }
        assert_eq!(Sheet::default().next_change(0), None);
    }

    #[test]
    fn the_wait_is_as_long_as_it_is_played() {
        for (from, to, speed, expected) in [
            (1000, 3000, 1000, 2000),
            (1000, 3000, 2000, 1000),
            (1000, 1001, 4000, 1),
            (0, 100, 250, 400),
            (5, 3, 1000, 0),
        ] {
            let waits = wait(from, to, Speed::new(speed));
            assert_eq!(
                waits,
                Duration::from_millis(expected),
                "{from} {to} {speed}"
            );
        }
    }

    #[test]
    fn words_are_sung_one_after_the_other() {
        let lyrics = Lyrics::parse("[00:03.00]Oh, <00:03.20>two <00:03.50>words");
        let line = &lyrics.lines[0];
        let texts: Vec<&str> = words(line)
            .into_iter()
            .map(|(_, range)| &line.text[range])
            .collect();
        assert_eq!(texts.concat(), line.text);
        let at = |position| {
            let each = words(line).into_iter();
            each.map(|(word, _)| sung(line, word, position))
                .collect::<Vec<_>>()
        };
        assert_eq!(at(3000), [Sung::Now, Sung::Comes, Sung::Comes]);
        assert_eq!(at(3200), [Sung::Was, Sung::Now, Sung::Comes]);
        assert_eq!(at(9000), [Sung::Was, Sung::Was, Sung::Now]);
    }
}
