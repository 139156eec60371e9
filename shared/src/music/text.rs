//! Text out of music files and out of the lists of others, made fit to be shown in one line.
//!
//! Tags are written by anybody and passed on by everybody. Unlike a member's name, which its owner can change, a title with
//! something wrong in it is not refused, since the music behind it is as good as any: what does not belong into a line is
//! left out.

use crate::profile::{is_ignorable, joins};

/// How many characters are looked at for each byte of a line: megabytes of blanks must not cost more than their place.
const SLACK: usize = 16;

/// A text as one line of at most so many bytes: blanks and control characters between words are one space, what nobody sees
/// or what turns the direction of text is gone. Empty if nothing is left to read.
pub fn line(text: &str, most: usize) -> String {
    let mut line = String::new();
    let mut seen = false;
    let mut blank = false;
    for c in text.chars().take(most.saturating_mul(SLACK)) {
        // U+0085, U+2028 and U+2029, which break lines, are whitespace.
        if c.is_control() || c.is_whitespace() {
            blank = true;
            continue;
        }
        let ignorable = is_ignorable(c);
        if ignorable && !joins(c) {
            continue;
        }
        let spaced = blank && !line.is_empty();
        if line.len() + usize::from(spaced) + c.len_utf8() > most {
            break;
        }
        if spaced {
            line.push(' ');
        }
        blank = false;
        seen |= !ignorable;
        line.push(c);
    }
    if seen { line } else { String::new() }
}

/// A text of several lines, at most so many bytes: each line is one, and where several are empty one is left.
pub fn lines(text: &str, most: usize) -> String {
    let mut lines = String::new();
    let mut blank = false;
    let ends = ['\r', '\u{2028}', '\u{2029}'];
    for part in text.lines().flat_map(|part| part.split(ends)) {
        let gap = usize::from(!lines.is_empty()) + usize::from(blank);
        let part = line(part, most.saturating_sub(lines.len() + gap));
        if part.is_empty() {
            blank = !lines.is_empty();
            continue;
        }
        lines.extend(std::iter::repeat_n('\n', gap));
        lines += &part;
        blank = false;
    }
    lines
}

/// A part of a line, with the spaces around it: what is invisible, turns the direction of what follows or breaks the line is
/// not in it. At most so many bytes.
pub(super) fn visible(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        let c = match c {
            '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() || is_ignorable(c) && !joins(c) => continue,
            c => c,
        };
        if shown.len() + c.len_utf8() > most {
            break;
        }
        shown.push(c);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_what_can_be_read() {
        for (text, expected) in [
            ("A Song", "A Song"),
            ("  A\r\n\tSong\0\0 ", "A Song"),
            ("猫の歌", "猫の歌"),
            ("👩‍👩‍👧", "👩‍👩‍👧"),
            ("می‌خواهم", "می‌خواهم"),
            ("a\u{202e}gpj.exe\u{2066}", "agpj.exe"),
            ("S\u{200b}o\u{ad}n\u{feff}g", "Song"),
            ("\u{1b}[2Jgone", "[2Jgone"),
            ("one\u{2028}two\u{85}three", "one two three"),
            ("\u{200d}\u{fe0f}", ""),
            ("\u{3164} \u{2800}", ""),
            ("", ""),
        ] {
            assert_eq!(line(text, 64), expected, "{text:?}");
            assert_eq!(line(expected, 64), expected, "again");
        }
    }

    #[test]
    fn a_line_ends_with_a_whole_character() {
        assert_eq!(line("猫猫猫", 8), "猫猫");
        assert_eq!(line("ab cd", 3), "ab");
        assert_eq!(line("ab cd", 4), "ab c");
        assert_eq!(line("a", 0), "");
        let long = format!("{}late", " ".repeat(10_000_000));
        assert_eq!(line(&long, 100), "");
    }

    #[test]
    fn lines_stay_lines() {
        for (text, most, expected) in [
            ("a\r\nb\rc\n", 64, "a\nb\nc"),
            ("\n\na\n\n\n\nb\n\n", 64, "a\n\nb"),
            ("a\u{202e}\nb\0\n猫", 64, "a\nb\n猫"),
            ("[00:01.00]a\n[00:02.00]", 64, "[00:01.00]a\n[00:02.00]"),
            ("ab\ncd\nef", 5, "ab\ncd"),
            ("ab\n\ncd", 4, "ab"),
            ("", 64, ""),
        ] {
            assert_eq!(lines(text, most), expected, "{text:?}");
        }
    }
}
