//! Lyrics of ID3 as text: those without times as they are, those with times as LRC.

use super::{id3::decode, input::Stop, words::Text};
use crate::limits;

/// Unsynchronised lyrics (ID3v2.4 frames §4.8): encoding, language, description, text.
pub(super) fn plain(bytes: &[u8]) -> Result<Text, Stop> {
    let [encoding, _, _, _, rest @ ..] = bytes else {
        return Err(Stop::Ended);
    };
    let (_, text) = split(*encoding, rest).ok_or(Stop::Ended)?;
    Ok(decode(*encoding, text))
}

/// Synchronised lyrics (ID3v2.4 frames §4.9): encoding, language, unit of time, kind, description, and then each text with
/// its time. Times that count frames of MPEG are left, and so is what is neither lyrics nor a transcript.
pub(super) fn timed(bytes: &[u8]) -> Result<Text, Stop> {
    let [encoding, _, _, _, unit, kind, rest @ ..] = bytes else {
        return Err(Stop::Ended);
    };
    if *unit != 2 || !matches!(*kind, 0..=2) {
        return Ok(Text::Marked(String::new()));
    }
    let (_, mut rest) = split(*encoding, rest).ok_or(Stop::Ended)?;
    let mut lrc = Vec::new();
    while let Some((text, after)) = split(*encoding, rest) {
        let Some((time, after)) = after.split_first_chunk() else {
            break;
        };
        rest = after;
        let ms = u32::from_be_bytes(*time);
        let (minutes, seconds, ms) = (ms / 60_000, ms / 1000 % 60, ms % 1000);
        lrc.extend(format!("[{minutes:02}:{seconds:02}.{ms:03}]").into_bytes());
        let text = match decode(*encoding, text) {
            Text::Marked(text) => text.into_bytes(),
            Text::Unmarked(text) => text,
        };
        // Some programs put the break before the line that it begins.
        lrc.extend(trimmed(&text));
        lrc.push(b'\n');
        if lrc.len() > limits::MAX_TAG_LYRICS_BYTES {
            break;
        }
    }
    Ok(if *encoding == 0 {
        Text::Unmarked(lrc)
    } else {
        Text::Marked(String::from_utf8_lossy(&lrc).into_owned())
    })
}

/// Without breaks and zeros around it.
fn trimmed(mut text: &[u8]) -> &[u8] {
    while let [b'\r' | b'\n' | 0, rest @ ..] | [rest @ .., b'\r' | b'\n' | 0] = text {
        text = rest;
    }
    text
}

/// Splits at the end of a text: one zero byte, or two in UTF-16.
pub(super) fn split(encoding: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if matches!(encoding, 1 | 2) {
        let (units, _) = bytes.as_chunks::<2>();
        let at = 2 * units.iter().position(|unit| *unit == [0, 0])?;
        return Some((&bytes[..at], &bytes[at + 2..]));
    }
    let at = bytes.iter().position(|byte| *byte == 0)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}
