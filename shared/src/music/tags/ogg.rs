//! Ogg (RFC 3533) with Vorbis, Opus (RFC 7845) or FLAC (RFC 9639 §10.1).

use super::{
    Format, flac,
    found::{Found, play},
    input::{Stop, View},
};
use crate::limits;

/// Header and lacing values of a page (RFC 3533 §6).
const HEADER: u64 = 27;
/// A page has at most 255 segments of 255 bytes.
const MAX_PAGE: u64 = HEADER + 255 + 255 * 255;
/// Pages that are gone through for the comments: libogg makes them of 4 KiB, and the largest cover takes 11 MiB in base64.
const MAX_PAGES: usize = 4096;
/// A position that no packet ends at.
const NONE: u64 = u64::MAX;

/// A page.
struct Page<'a> {
    begins: bool,
    serial: u32,
    /// The lengths of its parts of packets; the last one goes on in the next page of its stream if `open`.
    parts: Vec<u64>,
    open: bool,
    body: View<'a>,
    end: u64,
}

impl<'a> Page<'a> {
    fn read(file: &View<'a>, at: u64) -> Result<Self, Stop> {
        let header: [u8; HEADER as usize] = file.array(at)?;
        if !header.starts_with(b"OggS\0") {
            return Err(Stop::Ended);
        }
        let lacing = file.bytes(at + HEADER, header[26].into())?;
        let mut parts = Vec::new();
        let mut length = 0;
        let mut open = false;
        for value in &lacing {
            length += u64::from(*value);
            open = *value == 255;
            if !open {
                parts.push(std::mem::take(&mut length));
            }
        }
        if open {
            parts.push(length);
        }
        let begin = at + HEADER + lacing.len() as u64;
        let bytes = parts.iter().sum();
        Ok(Self {
            begins: header[5] & 2 != 0,
            serial: file.u32_le(at + 14)?,
            parts,
            open,
            body: file.part(begin, bytes),
            end: begin + bytes,
        })
    }
}

/// What is in a stream, by the first packet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Codec {
    Vorbis { rate: u32 },
    Opus { skip: u16 },
    Flac,
}

pub(super) fn read<'a>(file: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    found.begun = true;
    // All streams begin before anything else (RFC 3533 §4).
    let mut at = 0;
    let mut music = None;
    let mut film = false;
    let mut page = Page::read(file, at)?;
    for _ in 0..limits::MAX_TAG_FIELDS {
        if !page.begins {
            break;
        }
        film |= page.body.at_most(0, 7)? == b"\x80theora";
        if music.is_none() {
            let codec = codec(&page.body, found)?;
            music = codec.map(|codec| (page.serial, codec));
        }
        if music.is_some() {
            found.format = Some(if film { Format::OggVideo } else { Format::Ogg });
        }
        at = page.end;
        page = Page::read(file, at)?;
    }
    let Some((serial, codec)) = music else {
        found.begun = false;
        return Ok(());
    };
    let told = packet(file, at, serial).and_then(|packet| tags(codec, &packet, found));
    found.soften_or_stop(told)?;
    let told = length(file, serial, codec);
    if let Some(Some(play)) = found.soften_or_stop(told)? {
        found.play = Some(play);
    }
    Ok(())
}

fn codec<'a>(packet: &View<'a>, found: &mut Found<'a>) -> Result<Option<Codec>, Stop> {
    let head = packet.at_most(0, 8)?;
    Ok(if head.starts_with(b"\x01vorbis") {
        let rate = packet.u32_le(12)?;
        Some(Codec::Vorbis { rate })
    } else if head == b"OpusHead" {
        let skip = packet.u16_le(10)?;
        Some(Codec::Opus { skip })
    } else if head.starts_with(b"\x7fFLAC") {
        // A header of 9 bytes, the signature, and the first metadata block with its own header.
        flac::block(0, &packet.from(17), found)?;
        Some(Codec::Flac)
    } else {
        None
    })
}

/// The second packet of a stream, looked for from one page on.
fn packet<'a>(file: &View<'a>, mut at: u64, serial: u32) -> Result<View<'a>, Stop> {
    let mut parts = Vec::new();
    let mut length = 0;
    for _ in 0..MAX_PAGES {
        let page = match Page::read(file, at) {
            // A packet that the file ends in is looked at as far as it goes.
            Err(Stop::Ended) if !parts.is_empty() => return Ok(View::of_pieces(parts)),
            page => page?,
        };
        at = page.end;
        if page.serial != serial {
            continue;
        }
        let Some(first) = page.parts.first() else {
            continue;
        };
        length += first;
        if length > limits::MAX_TAGS_BYTES {
            return Err(Stop::TooMuch);
        }
        let part = page.body.part(0, *first);
        let whole = part.length() == *first;
        parts.push(part);
        if !whole || page.parts.len() > 1 || !page.open {
            return Ok(View::of_pieces(parts));
        }
    }
    Err(Stop::TooMuch)
}

fn tags<'a>(codec: Codec, packet: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    match codec {
        Codec::Vorbis { .. } if packet.at_most(0, 7)? == b"\x03vorbis" => {
            flac::comments(&packet.from(7), found)
        }
        Codec::Opus { .. } if packet.at_most(0, 8)? == b"OpusTags" => {
            flac::comments(&packet.from(8), found)
        }
        Codec::Flac => flac::block(packet.u8(0)? & 0x7f, &packet.from(4), found),
        _ => Err(Stop::Ended),
    }
}

/// How long a stream plays, by the last position that one of its pages has.
fn length(file: &View<'_>, serial: u32, codec: Codec) -> Result<Option<std::time::Duration>, Stop> {
    // Two pages: what follows the last one may be another stream's.
    let from = file.length().saturating_sub(2 * MAX_PAGE);
    let end = file.from(from).all()?;
    let mut starts = (0..end.len().saturating_sub(HEADER as usize)).rev();
    let position = starts.find_map(|at| {
        let header = end.get(at..at + HEADER as usize)?;
        let is_ours = header.starts_with(b"OggS\0") && header.get(14..18)? == serial.to_le_bytes();
        let position = u64::from_le_bytes(header.get(6..14)?.try_into().ok()?);
        (is_ours && position != NONE).then_some(position)
    });
    Ok(position.and_then(|position| match codec {
        Codec::Vorbis { rate } => play(position, rate.into()),
        // 48 kHz, whatever was recorded (RFC 7845 §4).
        Codec::Opus { skip } => play(position.saturating_sub(skip.into()), 48_000),
        Codec::Flac => None,
    }))
}
