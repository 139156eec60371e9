//! FLAC (RFC 9639), and the comments of Vorbis, which Ogg has too.

use super::{
    Format,
    found::{Cover, Field, Found, Wrapped, from_base64, play},
    input::{Stop, View},
};
use crate::limits;

/// Where a cover's description ends at the latest: no more of a block is looked at to find the picture.
const MAX_PICTURE_HEADER: u64 = 64 * 1024;
/// The picture type of a front cover (RFC 9639 §8.8).
pub(super) const FRONT: u32 = 3;

pub(super) fn read<'a>(view: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    found.begun = true;
    // The first block is always there, and tells what the music is (RFC 9639 §8.2).
    stream_info(&view.from(8))?;
    found.format = Some(Format::Flac);
    blocks(view, 4, found)
}

/// The metadata blocks from one byte on (RFC 9639 §8.1).
fn blocks<'a>(view: &View<'a>, mut at: u64, found: &mut Found<'a>) -> Result<(), Stop> {
    for _ in 0..limits::MAX_TAG_FIELDS {
        let [kind, length @ ..] = view.array::<4>(at)?;
        let [a, b, c] = length;
        let length = u32::from_be_bytes([0, a, b, c]).into();
        block(kind & 0x7f, &view.part(at + 4, length), found)?;
        if kind & 0x80 != 0 {
            return Ok(());
        }
        at += 4 + length;
    }
    Err(Stop::TooMuch)
}

/// One metadata block without its header. Damage stays in it: its header says where the next one is.
pub(super) fn block<'a>(kind: u8, view: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    let told = match kind {
        0 => stream_info(view).map(|play| found.play = play),
        4 => comments(view, found),
        6 => picture(view).map(|cover| found.offer(cover)),
        _ => Ok(()),
    };
    found.soften_or_stop(told).map(drop)
}

/// How long it plays (RFC 9639 §8.2).
pub(super) fn stream_info(view: &View<'_>) -> Result<Option<std::time::Duration>, Stop> {
    let bits = view.u64_be(10)?;
    Ok(play(bits & 0xf_ffff_ffff, bits >> 44))
}

/// A picture block (RFC 9639 §8.8).
pub(super) fn picture<'a>(view: &View<'a>) -> Result<Cover<'a>, Stop> {
    let kind = view.u32_be(0)?;
    let mime = u64::from(view.u32_be(4)?);
    if mime > MAX_PICTURE_HEADER {
        return Err(Stop::Ended);
    }
    let described = u64::from(view.u32_be(8 + mime)?);
    if described > MAX_PICTURE_HEADER {
        return Err(Stop::Ended);
    }
    // After width, height, depth and colours, which the picture itself says better.
    let at = 12 + mime + described + 16;
    let length = u64::from(view.u32_be(at)?);
    Ok(Cover {
        view: view.part(at + 4, length),
        is_front: kind == FRONT,
        wrapped: Wrapped::Nothing,
    })
}

/// A comment header of Vorbis (Vorbis I specification §5): the vendor, then so many comments, each with its length.
pub(super) fn comments<'a>(view: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    let mut at = 4 + u64::from(view.u32_le(0)?);
    let count = view.u32_le(at)?;
    at += 4;
    for number in 0..count {
        if number as usize >= limits::MAX_TAG_FIELDS {
            return Err(Stop::TooMuch);
        }
        let length = u64::from(view.u32_le(at)?);
        comment(&view.part(at + 4, length), found)?;
        at += 4 + length;
    }
    Ok(())
}

/// One comment, `NAME=value` in UTF-8.
fn comment<'a>(view: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    const PICTURE: &str = "METADATA_BLOCK_PICTURE";
    let head = view.at_most(0, PICTURE.len() + 1)?;
    let Some(equals) = head.iter().position(|byte| *byte == b'=') else {
        return Ok(());
    };
    let name = String::from_utf8_lossy(&head[..equals]).to_ascii_uppercase();
    let value = view.from(equals as u64 + 1);
    let field = match name.as_str() {
        "TITLE" => Field::Title,
        "ARTIST" => Field::Artist,
        "ALBUMARTIST" => Field::AlbumArtist,
        "ALBUM" => Field::Album,
        "TRACKNUMBER" => Field::Number,
        "DISCNUMBER" => Field::Disc,
        "DATE" | "YEAR" => Field::Year,
        "LYRICS" | "UNSYNCEDLYRICS" | "SYNCEDLYRICS" => Field::Lyrics,
        PICTURE => {
            // Its first six bytes have the picture's type.
            let kind = from_base64(&value.at_most(0, 8)?);
            let is_front = kind.is_some_and(|kind| kind.starts_with(&FRONT.to_be_bytes()));
            found.offer(Cover {
                view: value,
                is_front,
                wrapped: Wrapped::Base64Block,
            });
            return Ok(());
        }
        _ => return Ok(()),
    };
    let most = if field == Field::Lyrics {
        limits::MAX_TAG_LYRICS_BYTES
    } else {
        limits::MAX_TAG_VALUE_BYTES
    };
    let value = value.at_most(0, most)?;
    found.put(field, &String::from_utf8_lossy(&value));
    Ok(())
}
