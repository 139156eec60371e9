//! ID3, version 1 and versions 2.2, 2.3 and 2.4 (id3.org: ID3v1, ID3v2.2.0, ID3v2.3.0, ID3v2.4.0 structure and frames).

use super::{
    LeftOut,
    found::{Cover, Field, Found, Wrapped},
    input::{Stop, View},
    lyrics,
    words::{self, Text},
};
use crate::limits;

const HEADER: u64 = 10;
/// Programs that put a tag before what others wrote make two; more are noise.
const MAX_TAGS: usize = 4;
/// Where a picture begins in its frame at the latest.
const MAX_PICTURE_HEADER: usize = 4096;
/// The picture type of a front cover.
const FRONT: u8 = 3;

/// The tags of version 2 that a file begins with, and where they end.
pub(super) fn skip<'a>(file: &View<'a>) -> Result<(Vec<View<'a>>, u64), Stop> {
    let mut tags = Vec::new();
    let mut at = 0;
    while tags.len() < MAX_TAGS {
        let header = file.at_most(at, HEADER as usize)?;
        let [b'I', b'D', b'3', version, _, flags, size @ ..] = header.as_slice() else {
            break;
        };
        let Some(size) = size.try_into().ok().and_then(syncsafe) else {
            break;
        };
        let footer = if *version == 4 && flags & 0x10 != 0 {
            HEADER
        } else {
            0
        };
        tags.push(file.part(at, HEADER + size));
        at += HEADER + size + footer;
    }
    Ok((tags, at))
}

/// One tag of version 2, with its header.
pub(super) fn read<'a>(tag: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    let [b'I', b'D', b'3', version, _, flags, ..] = tag.array::<{ HEADER as usize }>(0)? else {
        return Err(Stop::Ended);
    };
    let mut body = tag.from(HEADER);
    let is_unsynchronised = flags & 0x80 != 0;
    match version {
        // In 2.2 this bit says that the whole tag is compressed, and nobody ever wrote how.
        2 if flags & 0x40 != 0 => {
            found.leave_out(LeftOut::Packed);
            return Ok(());
        }
        2 | 3 if is_unsynchronised => {
            // Lengths in it count what was there before.
            if body.length() > limits::MAX_TAGS_BYTES / 2 {
                return Err(Stop::TooMuch);
            }
            body = View::of_memory(synchronise(&body.all()?));
        }
        2..=4 => {}
        _ => return Ok(()),
    }
    let start = match version {
        3 if flags & 0x40 != 0 => 4 + u64::from(body.u32_be(0)?),
        4 if flags & 0x40 != 0 => syncsafe(body.array(0)?).ok_or(Stop::Ended)?,
        _ => 0,
    };
    let all = version == 4 && is_unsynchronised;
    frames(version, all, &body.from(start), found)
}

/// The frames of a tag, up to the padding.
fn frames<'a>(
    version: u8,
    unsynchronised: bool,
    body: &View<'a>,
    found: &mut Found<'a>,
) -> Result<(), Stop> {
    let header = if version == 2 { 6 } else { HEADER };
    let mut at = 0;
    for _ in 0..limits::MAX_TAG_FIELDS {
        if at + header > body.length() || !is_frame(version, body, at)? {
            return Ok(());
        }
        let (id, length, flags) = if version == 2 {
            let [a, b, c, x, y, z] = body.array(at)?;
            let length = u32::from_be_bytes([0, x, y, z]);
            ([a, b, c, 0], u64::from(length), 0)
        } else {
            let length = frame_length(version, body, at)?;
            (body.array(at)?, length, body.u16_be(at + 8)?)
        };
        let frame = body.part(at + header, length);
        at += header + length;
        // Damage stays in its frame.
        let told = frame_content(version, unsynchronised, flags, frame)
            .and_then(|frame| one(version, &id, frame, found));
        found.soften_or_stop(told)?;
    }
    Err(Stop::TooMuch)
}

fn is_frame(version: u8, body: &View<'_>, at: u64) -> Result<bool, Stop> {
    let id = body.at_most(at, if version == 2 { 3 } else { 4 })?;
    let letter = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    // Programs of version 2.2's time left a blank at the end of an id when they went on to 2.3.
    let is_first = id.first().is_some_and(u8::is_ascii_uppercase);
    Ok(is_first && id.iter().all(|byte| letter(byte) || *byte == b' '))
}

/// How long a frame is in versions 2.3 and 2.4. In 2.4 it is a syncsafe number, which iTunes long did not know: what leads
/// to another frame, to padding or to the end is right.
fn frame_length(version: u8, body: &View<'_>, at: u64) -> Result<u64, Stop> {
    let plain = u64::from(body.u32_be(at + 4)?);
    if version == 3 {
        return Ok(plain);
    }
    let Some(safe) = syncsafe(body.array(at + 4)?) else {
        return Ok(plain);
    };
    let fits = |length: u64| -> Result<bool, Stop> {
        let next = at + HEADER + length;
        if next >= body.length() {
            return Ok(next == body.length());
        }
        Ok(body.u8(next)? == 0 || is_frame(version, body, next)?)
    };
    Ok(if plain != safe && !fits(safe)? && fits(plain)? {
        plain
    } else {
        safe
    })
}

/// What a frame has, without what its flags put around it; nothing if it is packed.
fn frame_content<'a>(
    version: u8,
    unsynchronised: bool,
    flags: u16,
    frame: View<'a>,
) -> Result<Option<View<'a>>, Stop> {
    let (packed, grouped, counted, unsynchronised) = match version {
        3 => (flags & 0xc0, flags & 0x20, 0, false),
        4 => (
            flags & 0x0c,
            flags & 0x40,
            flags & 0x01,
            unsynchronised || flags & 0x02 != 0,
        ),
        _ => (0, 0, 0, false),
    };
    if packed != 0 {
        return Ok(None);
    }
    let skipped = u64::from(grouped != 0) + 4 * u64::from(counted != 0);
    let frame = frame.from(skipped);
    if !unsynchronised {
        return Ok(Some(frame));
    }
    if frame.length() > limits::MAX_TAGS_BYTES / 2 {
        return Err(Stop::TooMuch);
    }
    Ok(Some(View::of_memory(synchronise(&frame.all()?))))
}

fn one<'a>(
    version: u8,
    id: &[u8; 4],
    frame: Option<View<'a>>,
    found: &mut Found<'a>,
) -> Result<(), Stop> {
    let Some(frame) = frame else {
        found.leave_out(LeftOut::Packed);
        return Ok(());
    };
    let field = match id {
        b"TIT2" | b"TT2\0" => Field::Title,
        b"TPE1" | b"TP1\0" => Field::Artist,
        b"TPE2" | b"TP2\0" => Field::AlbumArtist,
        b"TALB" | b"TAL\0" => Field::Album,
        b"TRCK" | b"TRK\0" => Field::Number,
        b"TPOS" | b"TPA\0" => Field::Disc,
        b"TDRC" | b"TYER" | b"TYE\0" => Field::Year,
        b"USLT" | b"ULT\0" => {
            let bytes = frame.at_most(0, 2 * limits::MAX_TAG_LYRICS_BYTES)?;
            found.put_text(Field::Lyrics, lyrics::plain(&bytes)?);
            return Ok(());
        }
        b"SYLT" | b"SLT\0" => {
            let bytes = frame.at_most(0, 2 * limits::MAX_TAG_LYRICS_BYTES)?;
            found.put_text(Field::Lyrics, lyrics::timed(&bytes)?);
            return Ok(());
        }
        b"APIC" | b"PIC\0" => return picture(version, &frame, found),
        _ => return Ok(()),
    };
    let bytes = frame.at_most(0, limits::MAX_TAG_VALUE_BYTES)?;
    let (encoding, text) = bytes.split_first().ok_or(Stop::Ended)?;
    let is_list = matches!(field, Field::Artist | Field::AlbumArtist);
    // Version 2.4 separates several values by zeros, which no encoding has within a text.
    let text = match decode(*encoding, text) {
        Text::Marked(text) => {
            let values: Vec<&str> = text.split('\0').filter(|value| !value.is_empty()).collect();
            let first = || values.first().copied().unwrap_or_default().to_owned();
            Text::Marked(if is_list { values.join(", ") } else { first() })
        }
        Text::Unmarked(text) => {
            let values = text.split(|byte| *byte == 0);
            let values: Vec<&[u8]> = values.filter(|value| !value.is_empty()).collect();
            let first = || values.first().copied().unwrap_or_default().to_vec();
            Text::Unmarked(if is_list {
                values.join(&b", "[..])
            } else {
                first()
            })
        }
    };
    found.put_text(field, text);
    Ok(())
}

/// A picture (ID3v2.4 frames §4.14): encoding, media type, picture type, description, bytes. What the picture is, it says
/// itself.
fn picture<'a>(version: u8, frame: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    let head = frame.at_most(0, MAX_PICTURE_HEADER)?;
    let (encoding, rest) = head.split_first().ok_or(Stop::Ended)?;
    let (media_type, rest) = if version == 2 {
        rest.split_at_checked(3).ok_or(Stop::Ended)?
    } else {
        lyrics::split(0, rest).ok_or(Stop::Ended)?
    };
    // An address of a picture. Nobody is to learn what is played here.
    if media_type == b"-->" {
        return Ok(());
    }
    let (kind, rest) = rest.split_first().ok_or(Stop::Ended)?;
    let (_, rest) = lyrics::split(*encoding, rest).ok_or(Stop::Ended)?;
    let at = head.len() - rest.len();
    found.offer(Cover {
        view: frame.from(at as u64),
        is_front: *kind == FRONT,
        wrapped: Wrapped::Nothing,
    });
    Ok(())
}

/// Text in one of the encodings of ID3v2.4 §4.
pub(super) fn decode(encoding: u8, bytes: &[u8]) -> Text {
    Text::Marked(match encoding {
        0 => return Text::Unmarked(bytes.to_vec()),
        1 => words::utf16(bytes, false),
        2 => words::utf16(bytes, true),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    })
}

/// A number of 28 bits in four bytes (ID3v2.4 structure §6.2).
fn syncsafe(bytes: [u8; 4]) -> Option<u64> {
    let safe = bytes.iter().all(|byte| *byte < 0x80);
    safe.then(|| {
        bytes
            .iter()
            .fold(0, |number, byte| number << 7 | u64::from(*byte))
    })
}

/// Takes out the zeros that keep players from seeing the beginning of music (ID3v2.4 structure §6.1).
fn synchronise(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut before = 0;
    for byte in bytes {
        if !(before == 0xff && *byte == 0) {
            plain.push(*byte);
        }
        before = *byte;
    }
    plain
}

/// A tag of version 1: the last 128 bytes of a file.
pub(super) fn read_v1<'a>(file: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    let Some(at) = file.length().checked_sub(V1_BYTES) else {
        return Ok(());
    };
    let tag: [u8; V1_BYTES as usize] = file.array(at)?;
    if !tag.starts_with(b"TAG") {
        return Ok(());
    }
    let field = |range: std::ops::Range<usize>| {
        let bytes = tag.get(range).unwrap_or_default();
        let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        Text::Unmarked(text.to_vec())
    };
    found.put_text(Field::Title, field(3..33));
    found.put_text(Field::Artist, field(33..63));
    found.put_text(Field::Album, field(63..93));
    found.put_text(Field::Year, field(93..97));
    // Version 1.1: the track is after a zero at the end of the comment.
    if tag[125] == 0 {
        found.put(Field::Number, &tag[126].to_string());
    }
    Ok(())
}

/// How long a tag of version 1 is.
pub(super) const V1_BYTES: u64 = 128;
