//! MP4 and M4A (ISO 14496-12; the tags as iTunes writes them, and QuickTime File Format for their atoms).

use super::{
    Format,
    found::{Cover, Field, Found, Wrapped, play},
    input::{Stop, View},
    words::{self, Text},
};
use crate::limits;

/// A box (ISO 14496-12 §4.2): its type and what is in it.
struct Box<'a> {
    kind: [u8; 4],
    body: View<'a>,
    next: u64,
}

/// The box at a place; none at the end.
fn at<'a>(view: &View<'a>, at: u64) -> Result<Option<Box<'a>>, Stop> {
    if at >= view.length() {
        return Ok(None);
    }
    let length = view.u32_be(at)?;
    let kind = view.array(at + 4)?;
    let (header, length) = match length {
        0 => (8, view.length() - at),
        1 => (16, view.u64_be(at + 8)?),
        length => (8, length.into()),
    };
    // Also what would lead back to itself.
    let body = length.checked_sub(header).ok_or(Stop::Ended)?;
    let next = at.checked_add(length).ok_or(Stop::Ended)?;
    Ok(Some(Box {
        kind,
        body: view.part(at + header, body),
        next,
    }))
}

/// The boxes in a view, each as far as it is there.
fn each<'a>(
    view: &View<'a>,
    mut with: impl FnMut(&[u8; 4], &View<'a>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut place = 0;
    for _ in 0..limits::MAX_TAG_FIELDS {
        let Some(found) = at(view, place)? else {
            return Ok(());
        };
        with(&found.kind, &found.body)?;
        place = found.next;
    }
    Err(Stop::TooMuch)
}

/// What the movie's parts say of its kind and length.
#[derive(Default)]
struct Movie {
    sound: bool,
    film: bool,
    /// Of the first track with sound.
    track: Option<std::time::Duration>,
    whole: Option<std::time::Duration>,
}

pub(super) fn read<'a>(file: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    // A picture in the same boxes is no music, whatever else is missing.
    let brand = file.at_most(8, 3)?;
    found.begun |= brand == b"M4A" || brand == b"M4B";
    let mut movie = Movie::default();
    let told = each(file, |kind, body| match kind {
        b"moov" => {
            found.begun = true;
            let told = moov(body, &mut movie, found);
            found.soften_or_stop(told)?;
            // A film without sound is no music, cut off or not.
            found.begun = !movie.film;
            Ok(())
        }
        _ => Ok(()),
    });
    if movie.sound {
        found.format = Some(if movie.film {
            Format::Mp4Video
        } else {
            Format::Mp4
        });
        found.play = movie.track.or(movie.whole);
    }
    told
}

fn moov<'a>(moov: &View<'a>, movie: &mut Movie, found: &mut Found<'a>) -> Result<(), Stop> {
    each(moov, |kind, body| {
        let told = match kind {
            b"mvhd" => length(body).map(|play| movie.whole = movie.whole.or(play)),
            b"trak" => trak(body, movie),
            b"mvex" => each(body, |kind, body| {
                // A film in fragments says its length here (§8.8.2), in the units of mvhd, which comes first.
                if kind == b"mehd" && movie.whole.is_none() {
                    movie.whole = fragments(moov, body)?;
                }
                Ok(())
            }),
            b"udta" => each(body, |kind, body| match kind {
                b"meta" => meta(body, found),
                _ => Ok(()),
            }),
            b"meta" => meta(body, found),
            _ => Ok(()),
        };
        found.soften_or_stop(told).map(drop)
    })
}

fn trak(trak: &View<'_>, movie: &mut Movie) -> Result<(), Stop> {
    let mut length_here = None;
    let mut handler = [0; 4];
    each(trak, |kind, body| match kind {
        b"mdia" => each(body, |kind, body| {
            match kind {
                b"mdhd" => length_here = length(body)?,
                b"hdlr" => handler = body.array(8)?,
                _ => {}
            }
            Ok(())
        }),
        _ => Ok(()),
    })?;
    match &handler {
        b"soun" => {
            movie.sound = true;
            movie.track = movie.track.or(length_here);
        }
        b"vide" => movie.film = true,
        _ => {}
    }
    Ok(())
}

/// Units in a second and how many there are, of `mvhd` (§8.2.2) and `mdhd` (§8.4.2) alike. All ones mean unknown.
fn units(header: &View<'_>) -> Result<(u64, Option<u64>), Stop> {
    if header.u8(0)? == 1 {
        let units = header.u64_be(24)?;
        return Ok((
            header.u32_be(20)?.into(),
            Some(units).filter(|n| *n != u64::MAX),
        ));
    }
    let units = header.u32_be(16)?;
    let known = Some(units).filter(|n| *n != u32::MAX);
    Ok((header.u32_be(12)?.into(), known.map(u64::from)))
}

fn length(header: &View<'_>) -> Result<Option<std::time::Duration>, Stop> {
    let (per_second, units) = units(header)?;
    Ok(units.and_then(|units| play(units, per_second)))
}

fn fragments(moov: &View<'_>, mehd: &View<'_>) -> Result<Option<std::time::Duration>, Stop> {
    let mut per_second = 0;
    each(moov, |kind, body| {
        if kind == b"mvhd" {
            per_second = units(body)?.0;
        }
        Ok(())
    })?;
    let units = if mehd.u8(0)? == 1 {
        mehd.u64_be(4)?
    } else {
        mehd.u32_be(4)?.into()
    };
    Ok(play(units, per_second))
}

/// `meta`, which has four bytes before its boxes (§8.11.1) and in QuickTime none.
fn meta<'a>(meta: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    let is_plain = meta.at_most(4, 4)? == b"hdlr";
    each(
        &meta.from(if is_plain { 0 } else { 4 }),
        |kind, body| match kind {
            b"ilst" => each(body, |kind, body| {
                let told = item(kind, body, found);
                found.soften_or_stop(told).map(drop)
            }),
            _ => Ok(()),
        },
    )
}

/// One tag: its values are in boxes called `data`, each after a type and a locale of four bytes.
fn item<'a>(kind: &[u8; 4], item: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    let field = match kind {
        b"\xa9nam" => Field::Title,
        b"\xa9ART" => Field::Artist,
        b"aART" => Field::AlbumArtist,
        b"\xa9alb" => Field::Album,
        b"\xa9day" => Field::Year,
        b"\xa9lyr" => Field::Lyrics,
        b"trkn" => Field::Number,
        b"disk" => Field::Disc,
        b"covr" => {
            // The first is the cover; nothing tells the others apart.
            let mut is_front = true;
            return each(item, |kind, body| {
                if kind == b"data" {
                    found.offer(Cover {
                        view: body.from(8),
                        is_front,
                        wrapped: Wrapped::Nothing,
                    });
                    is_front = false;
                }
                Ok(())
            });
        }
        _ => return Ok(()),
    };
    each(item, |kind, body| {
        if kind != b"data" {
            return Ok(());
        }
        let value = body.from(8);
        if matches!(field, Field::Number | Field::Disc) {
            // Two bytes of nothing, the number, and how many there are.
            found.put(field, &value.u16_be(2)?.to_string());
            return Ok(());
        }
        let most = if field == Field::Lyrics {
            limits::MAX_TAG_LYRICS_BYTES
        } else {
            limits::MAX_TAG_VALUE_BYTES
        };
        let bytes = value.at_most(0, most)?;
        // Of the types of QuickTime, 2 is UTF-16; what is not 1, UTF-8, is so nevertheless.
        let text = match body.u32_be(0)? {
            2 => Text::Marked(words::utf16(&bytes, true)),
            _ => Text::Unmarked(bytes),
        };
        found.put_text(field, text);
        Ok(())
    })
}
