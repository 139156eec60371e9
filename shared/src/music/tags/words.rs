//! Bytes of tags as text, and text as numbers.

use crate::music::track::to_ordinal;

/// Text of which nobody says how it is encoded: what ID3 calls ISO-8859-1, the fields of ID3v1, and those of RIFF INFO.
///
/// Programs put into these whatever their system used. This is the one place where it is guessed: UTF-8 if it is valid, or
/// else Windows-1252, which has all of ISO-8859-1's characters that can be seen. Text that is GBK needs a guess that knows
/// more; it belongs here.
pub(super) fn unmarked(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) => {
            let (valid, _) = bytes.split_at(error.valid_up_to());
            // Cut within a character, as ID3v1's fields are. Without another one before, it is just an "é" at the end.
            if error.error_len().is_none() && !valid.is_ascii() {
                return String::from_utf8_lossy(valid).into_owned();
            }
            bytes.iter().map(|byte| windows_1252(*byte)).collect()
        }
    }
}

fn windows_1252(byte: u8) -> char {
    // 0x80 to 0x9F, where ISO-8859-1 has control characters.
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        byte => char::from(byte),
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
        ] {
            assert_eq!(unmarked(bytes), text);
        }
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
