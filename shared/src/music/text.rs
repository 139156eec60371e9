//! A text that came with a file, made fit to be shown in a line.

use crate::profile::{is_ignorable, joins};

/// What is to be seen of a text, in at most so many bytes of UTF-8.
///
/// Nothing in it is invisible, turns the direction of what follows or breaks the line, as in the names of members. Those are
/// refused; a file with such a title is still worth hearing.
pub fn line(text: &str, most: usize) -> String {
    let shown = visible(text, most);
    let trimmed = shown.trim();
    let seen = |c: char| !c.is_whitespace() && !is_ignorable(c);
    if !trimmed.contains(seen) {
        return String::new();
    }
    if trimmed.len() == shown.len() {
        return shown;
    }
    trimmed.to_owned()
}

/// The same with the spaces around it.
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
    fn a_line_is_what_is_seen() {
        for (text, expected) in [
            ("  Hello ", "Hello"),
            ("a\tb\r\nc\u{2028}d", "a b  c d"),
            ("a\0b\u{1b}[2Jc", "ab[2Jc"),
            ("ok\u{202e}3pm.exe", "ok3pm.exe"),
            ("\u{feff}title", "title"),
            ("👩‍👩‍👧 می‌خواهم", "👩‍👩‍👧 می‌خواهم"),
            ("\u{200d}\u{fe0f} ", ""),
            ("\u{3164}", ""),
        ] {
            assert_eq!(line(text, 40), expected, "{text:?}");
        }
        assert_eq!(line("123456", 5), "12345");
        assert_eq!(line("猫猫", 5), "猫");
    }
}
