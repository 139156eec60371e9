//! What a picture is and how large, by its first bytes; what is in it, browsers find out.
//!
//! A cover is decoded wherever it is shown, and a picture of some kilobytes can claim pixels that fill all memory. So only
//! kinds are taken whose header says their size, and only sizes that a cover has.

use super::LeftOut;
use crate::limits;

/// A picture that can be shown as a cover.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// What it is, by its bytes.
    pub media_type: &'static str,
    /// How many pixels wide.
    pub width: u32,
    /// How many pixels high.
    pub height: u32,
    /// The whole picture, at most [`limits::MAX_COVER_BYTES`].
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.bytes.len();
        write!(
            f,
            "Picture({}, {} × {}, {bytes} bytes)",
            self.media_type, self.width, self.height
        )
    }
}

/// Looks at a picture that may become a cover, out of a music file or one that a member chose.
///
/// # Errors
/// Why it cannot be one.
pub fn check(bytes: Vec<u8>) -> Result<Picture, LeftOut> {
    if bytes.len() as u64 > limits::MAX_COVER_BYTES {
        return Err(LeftOut::CoverBytes);
    }
    let (media_type, size) = kind(&bytes).ok_or(LeftOut::CoverKind)?;
    let (width, height) = size.ok_or(LeftOut::CoverKind)?;
    let fits = |side: u32| (1..=limits::MAX_COVER_SIDE).contains(&side);
    if !fits(width) || !fits(height) {
        return Err(LeftOut::CoverPixels { width, height });
    }
    Ok(Picture {
        media_type,
        width,
        height,
        bytes,
    })
}

type Size = Option<(u32, u32)>;

fn kind(bytes: &[u8]) -> Option<(&'static str, Size)> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(("image/jpeg", jpeg(bytes))),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(("image/png", png(bytes))),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(("image/gif", gif(bytes))),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some(("image/webp", webp(bytes))),
        _ => None,
    }
}

/// `IHDR`, always the first chunk (PNG, third edition, §11.2.1).
fn png(bytes: &[u8]) -> Size {
    let at = |at: usize| {
        bytes
            .get(at..)?
            .first_chunk()
            .map(|n| u32::from_be_bytes(*n))
    };
    (bytes.get(12..16)? == b"IHDR").then_some(())?;
    Some((at(16)?, at(20)?))
}

/// The logical screen (GIF89a §18).
fn gif(bytes: &[u8]) -> Size {
    let at = |at: usize| {
        bytes
            .get(at..)?
            .first_chunk()
            .map(|n| u16::from_le_bytes(*n))
    };
    Some((at(6)?.into(), at(8)?.into()))
}

/// The first start of a frame (ITU-T T.81 §B.2.2), behind segments whose lengths are told.
fn jpeg(bytes: &[u8]) -> Size {
    let mut at = 2;
    loop {
        let rest = bytes.get(at..)?;
        match rest {
            // Fill bytes before a marker.
            [0xff, 0xff, ..] => at += 1,
            // Markers that stand alone.
            [0xff, 0x01 | 0xd0..=0xd8, ..] => at += 2,
            // Lengths of tables can be among these; what is not a table is a frame.
            [0xff, 0xc0..=0xcf, _, _, _, height @ ..] if !matches!(rest[1], 0xc4 | 0xc8 | 0xcc) => {
                let [a, b, c, d, ..] = height else {
                    return None;
                };
                let number = |a: &u8, b: &u8| u32::from(u16::from_be_bytes([*a, *b]));
                return Some((number(c, d), number(a, b)));
            }
            // The scan, or the end, before any frame.
            [0xff, 0xd9 | 0xda, ..] => return None,
            [0xff, _, a, b, ..] => {
                let length = usize::from(u16::from_be_bytes([*a, *b]));
                at += 2 + length.max(2);
            }
            _ => return None,
        }
    }
}

/// The first chunk (RFC 9649 §2.5–2.7).
fn webp(bytes: &[u8]) -> Size {
    let number = |at: usize| {
        let [a, b, c] = *bytes.get(at..)?.first_chunk()?;
        Some(u32::from_le_bytes([a, b, c, 0]))
    };
    match bytes.get(12..16)? {
        b"VP8X" => Some((number(24)? + 1, number(27)? + 1)),
        b"VP8 " => {
            // After the frame's tag and start code (RFC 6386 §9.1).
            let low = |at| Some(number(at)? & 0x3fff);
            (bytes.get(23..26)? == [0x9d, 0x01, 0x2a]).then_some(())?;
            Some((low(26)?, low(28)?))
        }
        b"VP8L" => {
            (bytes.get(20)? == &0x2f).then_some(())?;
            let bits = bytes
                .get(21..)?
                .first_chunk()
                .map(|n| u32::from_le_bytes(*n))?;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        _ => None,
    }
}
