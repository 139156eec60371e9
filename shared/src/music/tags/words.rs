//! Bytes of tags as text, and text as numbers.

use std::borrow::Cow;

use crate::music::{
    encoding::{self, Encoding},
    track::to_ordinal,
};

/// A text of a tag, as far as it says how it is encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// It does.
    Marked(String),
    /// It does not: what ID3 calls ISO-8859-1, the fields of ID3v1, and those of RIFF INFO.
    Unmarked(Vec<u8>),
}

/// The unmarked texts of one tag. Programs put into these whatever their system used, the same for all; so what is not UTF-8
/// is guessed of all together, because one title alone may be too short to tell.
pub(super) fn guess(texts: &[Vec<u8>]) -> Vec<String> {
    let others: Vec<&[u8]> = texts
        .iter()
        .map(Vec::as_slice)
        .filter(|text| utf8(text).is_none())
        .collect();
    let encoding = encoding::narrow(&others.join(&b'\n'));
    let read = |text: &Vec<u8>| {
        // The two bytes of a character may be valid UTF-8 by accident; there, a Chinese one has three.
        let accident = encoding == Encoding::Gb18030 && text.iter().all(|byte| *byte < 0xe0);
        let read = utf8(text).filter(|_| !accident);
        let text = read.unwrap_or_else(|| encoding.read(text));
        // What is left of a character that was cut off, as the fields of ID3v1 are.
        text.trim_end_matches(char::REPLACEMENT_CHARACTER)
            .to_owned()
    };
    texts.iter().map(read).collect()
}

/// What reads as UTF-8, if that is no accident.
fn utf8(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.into()),
        Err(error) => {
            let (valid, _) = bytes.split_at(error.valid_up_to());
            // Cut within a character. Without another one before, it is just an "é" at the end.
            let cut = error.error_len().is_none() && !valid.is_ascii();
            cut.then(|| String::from_utf8_lossy(valid))
        }
    }
}

/// UTF-16; the byte order mark decides, and without one the given order.
pub(super) fn utf16(bytes: &[u8], big_endian: bool) -> String {
    let (bytes, big_endian) = match bytes {
        [0xfe, 0xff, rest @ ..] => (rest, true),
        [0xff, 0xfe, rest @ ..] => (rest, false),
        _ => (bytes, big_endian),
    };
    let (units, _) = bytes.as_chunks::<2>();
    let units = units.iter().map(|unit| {
        if big_endian {
            u16::from_be_bytes(*unit)
        } else {
            u16::from_le_bytes(*unit)
        }
    });
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// The number that a text begins with: of "3/12" the 3, of "2001-05-06" the year.
pub(super) fn ordinal(text: &str) -> Option<u16> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\0');
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..digits].parse().ok().and_then(to_ordinal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_a_mark_is_guessed() {
        for (bytes, text) in [
            (&b"plain"[..], "plain"),
            ("猫".as_bytes(), "猫"),
            (&"猫猫".as_bytes()[..5], "猫"),
            (b"caf\xe9", "café"),
            (b"\x93caf\xe9s\x94", "“cafés”"),
            (b"\xb3\xaa\xb8\xe8", "唱歌"),
            // Cut within a character.
            (b"\xb3\xaa\xb8\xe8\xd0", "唱歌"),
        ] {
            assert_eq!(guess(&[bytes.to_vec()]), [text]);
        }
    }

    #[test]
    fn texts_of_one_tag_are_guessed_together() {
        for (texts, expected) in [
            // Alone, the first would be "÷Ò÷Ñ".
            (
                [
                    &b"\xf7\xd2\xf7\xd1"[..],
                    b"\xd6\xdc\xbd\xdc\xc2\xd7",
                    b"plain",
                ],
                ["饕餮", "周杰伦", "plain"],
            ),
            (
                [b"Bj\xf6rk", b"Caf\xe9", b"Tr\xe8s \xe0 la mode"],
                ["Björk", "Café", "Très à la mode"],
            ),
            // Some programs write what is new in UTF-8.
            (
                [b"\xb3\xaa\xb8\xe8", "猫".as_bytes(), b""],
                ["唱歌", "猫", ""],
            ),
            // Alone, the first would be "Сè".
            (
                [b"\xd0\xa1\xc3\xa8", b"\xb3\xaa\xb8\xe8", b""],
                ["小猫", "唱歌", ""],
            ),
        ] {
            assert_eq!(guess(&texts.map(<[u8]>::to_vec)), expected);
        }
        assert!(guess(&[]).is_empty());
    }

    #[test]
    fn numbers_are_what_a_text_begins_with() {
        for (text, number) in [
            ("3/12", Some(3)),
            (" 07", Some(7)),
            ("2001-05-06", Some(2001)),
            ("0", None),
            ("99999", None),
            ("99999999999999999999999999", None),
            ("A1", None),
            ("", None),
        ] {
            assert_eq!(ordinal(text), number, "{text}");
        }
    }
}
