//! Texts that do not say how they are written: lyrics and tags of many years, programs and countries.
//!
//! A byte order mark says it. Without one, what reads as UTF-8 is UTF-8: nothing else does by chance, once it is longer than
//! a word. What has NUL bytes, and most on one side of its pairs, is UTF-16: no other text has any. What is left is Chinese
//! in GB18030 (or GBK or GB2312, which it contains) if it reads as such, and mostly as characters that are in use;
//! otherwise it is Windows-1252, of which ISO 8859-1 is a part, and which any bytes can be.
//!
//! The forms are those of the WHATWG Encoding Standard, which browsers follow as well.

use std::{borrow::Cow, str};

use encoding_rs::{GB18030, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::limits;

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
    /// Chinese: GB18030, GBK or GB2312.
    Gb18030,
    /// The Latin letters of Western Europe: Windows-1252 or ISO 8859-1.
    Windows1252,
}

/// A text file has more than [`limits::MAX_TEXT_FILE_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text has more than {} bytes", limits::MAX_TEXT_FILE_BYTES)]
pub struct TooLarge;

/// The text of a file, without its byte order mark. What cannot be read is U+FFFD.
///
/// # Errors
/// When it is too large.
pub fn decode(bytes: &[u8]) -> Result<String, TooLarge> {
    if bytes.len() > limits::MAX_TEXT_FILE_BYTES {
        return Err(TooLarge);
    }
    let (encoding, mark) = marked(bytes).unwrap_or_else(|| (unmarked(bytes), 0));
    Ok(encoding.read(&bytes[mark..]).into_owned())
}

/// How a text is written, as far as it can be told.
pub fn guess(bytes: &[u8]) -> Encoding {
    marked(bytes).map_or_else(|| unmarked(bytes), |(encoding, _)| encoding)
}

/// What a text says that was read as ISO 8859-1, whatever it was.
///
/// ID3v2 has four encodings (§4 of its structure document), none of them Chinese; many programs wrote what the system used,
/// and called it the first of them. Vorbis comments and INFO chunks are met in the same state.
pub fn mend_latin1(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    match bytes {
        Ok(bytes) => Cow::Owned(narrow(&bytes).read(&bytes).into_owned()),
        // Some character is none of ISO 8859-1: it was read as what it is.
        Err(_) => Cow::Borrowed(text),
    }
}

impl Encoding {
    pub(super) fn read(self, bytes: &[u8]) -> Cow<'_, str> {
        let encoding = match self {
            Self::Utf8 => UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Gb18030 => GB18030,
            Self::Windows1252 => WINDOWS_1252,
        };
        encoding.decode_without_bom_handling(bytes).0
    }
}

/// By the byte order mark, with its length.
fn marked(bytes: &[u8]) -> Option<(Encoding, usize)> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => Some((Encoding::Utf8, 3)),
        [0xff, 0xfe, ..] => Some((Encoding::Utf16Le, 2)),
        [0xfe, 0xff, ..] => Some((Encoding::Utf16Be, 2)),
        _ => None,
    }
}

fn unmarked(bytes: &[u8]) -> Encoding {
    if let Some(wide) = wide_by_nul(bytes) {
        return wide;
    }
    match narrow(bytes) {
        // Nothing but Chinese in one line has no NUL byte.
        Encoding::Windows1252 => wide_by_script(bytes).unwrap_or(Encoding::Windows1252),
        narrow => narrow,
    }
}

/// Among those in which ASCII is a byte a character.
pub(super) fn narrow(bytes: &[u8]) -> Encoding {
    if is_utf8(bytes) {
        Encoding::Utf8
    } else if is_gb18030(bytes) {
        Encoding::Gb18030
    } else {
        Encoding::Windows1252
    }
}

/// Also with a character cut off at the end, and with few that are damaged.
fn is_utf8(bytes: &[u8]) -> bool {
    let Err(error) = str::from_utf8(bytes) else {
        return true;
    };
    let (mut multibyte, mut damaged) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        multibyte += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        damaged += usize::from(!chunk.invalid().is_empty());
    }
    let cut = error.error_len().is_none();
    multibyte > 5 * damaged || cut && multibyte > 0
}

/// Whether it reads as Chinese, and so that somebody may have written it.
///
/// A Latin letter with an accent stands among ASCII letters, which are valid second bytes as well. So most pairs have to be
/// of two bytes above ASCII, and a third of them in the rows of GB2312 that Chinese is mostly written with: signs and kana,
/// and the 3,755 characters of its first level, whose leading bytes are those of no small letter of Windows-1252.
fn is_gb18030(bytes: &[u8]) -> bool {
    let (mut high, mut low, mut common, mut wrong) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = match (first, after) {
            (0..=0x7f, _) => {
                wrong += usize::from(is_control(*first));
                after
            }
            // Cut off at the end.
            (0x81..=0xfe, [] | [0x30..=0x39] | [0x30..=0x39, 0x81..=0xfe]) => break,
            (0x81..=0xfe, [0x30..=0x39, 0x81..=0xfe, 0x30..=0x39, after @ ..]) => {
                high += 1;
                after
            }
            (0x81..=0xfe, [0x40..=0x7e, after @ ..]) => {
                low += 1;
                after
            }
            (0x81..=0xfe, [second @ 0x80..=0xfe, after @ ..]) => {
                high += 1;
                let row = matches!(first, 0xa1..=0xa5 | 0xb0..=0xd7);
                common += usize::from(row && *second >= 0xa1);
                after
            }
            _ => {
                wrong += 1;
                after
            }
        };
    }
    let pairs = high + low;
    high > low && 3 * common >= pairs && 20 * wrong <= pairs
}

/// UTF-16 with ASCII in it: digits, spaces or ends of lines.
fn wide_by_nul(bytes: &[u8]) -> Option<Encoding> {
    let nul = bytes.iter().filter(|byte| **byte == 0).count();
    let units = bytes.len() / 2;
    // A stray NUL makes no UTF-16 of what reads as something else.
    let enough = if str::from_utf8(bytes).is_ok() {
        bytes.len().is_multiple_of(2) && 2 * nul > units
    } else {
        50 * nul > units
    };
    if !enough {
        return None;
    }
    let ascii = |encoding| {
        let told = self::units(bytes, encoding).filter(|unit| tells_order(*unit));
        told.count()
    };
    let (little, big) = (ascii(Encoding::Utf16Le), ascii(Encoding::Utf16Be));
    let (most, least, encoding) = if little > big {
        (little, big, Encoding::Utf16Le)
    } else {
        (big, little, Encoding::Utf16Be)
    };
    // Characters that end in a NUL byte, as 开 does, tell the other order.
    let fits = most > 2 * least && 20 * unlikely(bytes, encoding) <= units;
    fits.then_some(encoding)
}

/// Whether a unit is ASCII, and with its bytes the other way round nothing that is often written. "N" would be "一", for
/// one, "g" would be "最", and "0" the wide space.
fn tells_order(unit: u16) -> bool {
    let ascii = u8::try_from(unit).ok().filter(u8::is_ascii);
    ascii.is_some_and(|byte| !is_control(byte) && !b"0NQRbeg".contains(&byte))
}

/// UTF-16 of nothing but Chinese, Japanese or Korean. Latin letters in pairs read like that, too; but one in nine low bytes
/// of the former is a control character, and none of the latter.
fn wide_by_script(bytes: &[u8]) -> Option<Encoding> {
    if !bytes.iter().any(|byte| is_control(*byte)) {
        return None;
    }
    let east_asian = |encoding: &Encoding| {
        let known = |unit: &u16| {
            matches!(unit,
                0x3000..=0x30ff | 0x4e00..=0x9fff | 0xac00..=0xd7a3 | 0xff00..=0xffee)
        };
        let units = bytes.len() / 2;
        let found = self::units(bytes, *encoding)
            .filter(|unit| known(unit))
            .count();
        bytes.len().is_multiple_of(2) && units > 1 && found == units
    };
    [Encoding::Utf16Le, Encoding::Utf16Be]
        .into_iter()
        .find(east_asian)
}

/// The controls of ASCII that no text has.
fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r')
}

/// How many units of UTF-16 no text has.
fn unlikely(bytes: &[u8], encoding: Encoding) -> usize {
    char::decode_utf16(units(bytes, encoding))
        .filter(|decoded| match decoded {
            Ok('\t' | '\n' | '\r') => false,
            Ok(c) => {
                c.is_control() || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fffe}'..='\u{ffff}')
            }
            Err(_) => true,
        })
        .count()
}

fn units(bytes: &[u8], encoding: Encoding) -> impl Iterator<Item = u16> {
    let one = if encoding == Encoding::Utf16Be {
        u16::from_be_bytes
    } else {
        u16::from_le_bytes
    };
    bytes
        .chunks_exact(2)
        .map(move |pair| one([pair[0], pair[1]]))
}
