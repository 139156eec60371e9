//! What the core says, in words for a terminal.

use std::fmt::Write as _;

use catnest::{node::Problem, resource::steers};

/// A problem.
pub(crate) fn problem(problem: &Problem) -> String {
    match problem {
        Problem::Address(error) => error.to_string(),
        Problem::StoreFull => "no room left on the disk".to_owned(),
        Problem::Quota { bytes, room } => format!(
            "{} are more than the quota has room for, which is {}; forget something, or give it more",
            size(*bytes),
            size(*room)
        ),
        Problem::StoreUnavailable { detail } => detail.clone(),
        Problem::File(error) => error.to_string(),
        Problem::NoFile => "the file is not there, or not whole".to_owned(),
        Problem::TooManyTransfers => "too many files are on their way".to_owned(),
        Problem::TooManyChannels => {
            format!(
                "a device is in no more than {} nests",
                catnest::limits::MAX_CHANNELS
            )
        }
        Problem::NotJoined => "the device is not in that nest".to_owned(),
        Problem::Retention => "that is no stretch of time".to_owned(),
        other => format!("refused: {other:?}"),
    }
}

/// A number of bytes: in thousands, not 1024s, as the views have it.
pub(crate) fn size(bytes: u64) -> String {
    indicatif::DecimalBytes(bytes).to_string()
}

/// So many of something, whose name takes an s where there is not one of it.
pub(crate) fn count(number: usize, one: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {one}{s}")
}

/// Bytes a second.
pub(crate) fn rate(bytes_a_second: u64) -> String {
    format!("{}/s", size(bytes_a_second))
}

/// A text that this machine or somebody else chose, such as a path, as a terminal may have it: what would steer the terminal,
/// break the line or turn the direction of what follows stands there as Rust writes it, `\u{1b}` or `\n`.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if steers(character) {
            // Into a text nothing fails.
            let _written = write!(shown, "{}", character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        let told = [0, 1, 2, 11].map(|number| count(number, "piece"));
        assert_eq!(told, ["0 pieces", "1 piece", "2 pieces", "11 pieces"]);
    }

    #[test]
    fn what_steers_a_terminal_is_written_out() {
        for (text, expected) in [
            ("a song.flac", "a song.flac"),
            ("猫/café 🐈", "猫/café 🐈"),
            (r#"a\b 'c' "d""#, r#"a\b 'c' "d""#),
            ("red\u{1b}[31m", r"red\u{1b}[31m"),
            ("two\nlines\r\t", r"two\nlines\r\t"),
            ("bell\u{7}\u{7f}\u{9b}", r"bell\u{7}\u{7f}\u{9b}"),
            ("gpj\u{202e}.exe", r"gpj\u{202e}.exe"),
            (
                "\u{2066}a\u{2069}\u{200f}\u{61c}",
                r"\u{2066}a\u{2069}\u{200f}\u{61c}",
            ),
            ("a\u{2028}b\u{2029}c", r"a\u{2028}b\u{2029}c"),
            // Letters of scripts that go from right to left, and what joins pictures, stay.
            ("قطة 👩\u{200d}🚀", "قطة 👩\u{200d}🚀"),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected);
        }
    }
}
