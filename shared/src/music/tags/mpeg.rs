//! How long MPEG audio plays (ISO 11172-3 §2.4, ISO 13818-3), by its first frames.
//!
//! A frame with counts is put before the music by most encoders: Xing's or Info (LAME's tag revision 1), or VBRI of
//! Fraunhofer's. Where none is, the average of the frames that were read anyway is taken for all, which is exact for a
//! constant bit rate.

use super::{
    Format,
    found::{Found, play},
    id3,
    input::{Stop, View},
};

/// In how many bytes the first frame has to begin: what is between tags and music is seldom more than padding.
const SEARCH: usize = 64 * 1024;
/// The smallest frame: MPEG-2 layer III, 8 kbit/s at 24 kHz.
const MIN_FRAME: u64 = 24;

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frame {
    /// What stays the same in all frames of a stream: version, layer and sampling rate.
    kind: [u8; 3],
    bytes: u64,
    samples: u64,
    rate: u64,
    /// Where a Xing frame has its counts.
    side: u64,
}

impl Frame {
    fn read(header: [u8; 4]) -> Option<Self> {
        const V1_L1: [u64; 14] = [
            32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448,
        ];
        const V1_L2: [u64; 14] = [
            32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384,
        ];
        const V1_L3: [u64; 14] = [
            32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
        ];
        const V2_L1: [u64; 14] = [
            32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256,
        ];
        const V2_L23: [u64; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
        let [0xff, second, third, fourth] = header else {
            return None;
        };
        if second & 0xe0 != 0xe0 {
            return None;
        }
        let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
        let first = version == 3;
        // From the highest layer on; 0 is none, and so is version 1.
        let (table, samples) = match (version, layer) {
            (1, _) | (_, 0) => return None,
            (3, 3) => (V1_L1, 384),
            (_, 3) => (V2_L1, 384),
            (3, 2) => (V1_L2, 1152),
            (_, 2) => (V2_L23, 1152),
            (3, _) => (V1_L3, 1152),
            (..) => (V2_L23, 576),
        };
        let kbits = *table.get(usize::from(third >> 4).checked_sub(1)?)?;
        let rate = [44_100, 48_000, 32_000].get(usize::from(third >> 2 & 3))?;
        let rate = match version {
            3 => *rate,
            2 => rate / 2,
            _ => rate / 4,
        };
        let padding = u64::from(third >> 1 & 1);
        let bytes = if layer == 3 {
            (12 * kbits * 1000 / rate + padding) * 4
        } else {
            samples / 8 * kbits * 1000 / rate + padding
        };
        let mono = fourth >> 6 == 3;
        let side = match (first, mono) {
            (true, false) => 32,
            (true, true) | (false, false) => 17,
            (false, true) => 9,
        };
        Some(Self {
            kind: [version, layer, third >> 2 & 3],
            bytes,
            samples,
            rate,
            side: 4 + side,
        })
    }

    fn at(bytes: &[u8], at: u64) -> Option<Self> {
        let at = usize::try_from(at).ok()?;
        let header = bytes.get(at..)?.first_chunk()?;
        Self::read(*header)
    }
}

pub(super) fn read<'a>(music: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    let head = music.at_most(0, SEARCH)?;
    if is_adts(&head) {
        found.format = Some(Format::Aac);
        return Ok(());
    }
    let Some((start, first)) = first_frame(&head, music.length()) else {
        return Ok(());
    };
    found.format = Some(Format::Mpeg);
    let mut end = music.length();
    if let Some(at) = end.checked_sub(id3::V1_BYTES)
        && at > start
        && music.array(at)? == *b"TAG"
    {
        end = at;
    }
    let bytes = end - start;
    let counted = music.from(start);
    let told = xing(&counted, &first)?.or(vbri(&counted)?);
    // No file has more frames than fit into it, with some patience for one that is cut off.
    let told = told.filter(|count| count.frames <= 16 * bytes / MIN_FRAME);
    found.play = if let Some(count) = told {
        let samples = count.frames * first.samples;
        play(samples.saturating_sub(count.unheard), first.rate)
    } else {
        average(&head, start, &first, bytes)
    };
    Ok(())
}

/// The first header that two others of the same stream follow, as far as the file goes: in bytes of anything else, one
/// header stands by chance every few thousand, and three in a row do not.
fn first_frame(head: &[u8], length: u64) -> Option<(u64, Frame)> {
    let seen = length.min(head.len() as u64);
    (0..head.len() as u64).find_map(|at| {
        let frame = Frame::at(head, at)?;
        let mut next = at + frame.bytes;
        for _ in 0..2 {
            // A file of one frame, or cut off: then it must be right at the beginning.
            if next + 4 > seen {
                return (at == 0).then_some((at, frame));
            }
            let following = Frame::at(head, next)?;
            if following.kind != frame.kind {
                return None;
            }
            next += following.bytes;
        }
        Some((at, frame))
    })
}

/// What a frame says of the whole.
struct Count {
    frames: u64,
    /// Samples at both ends that are not music.
    unheard: u64,
}

/// "Xing" or "Info" after the side information: flags, then what they say is there, the number of frames first.
fn xing(music: &View<'_>, frame: &Frame) -> Result<Option<Count>, Stop> {
    let tag = music.at_most(frame.side, 8)?;
    let is_one = tag.starts_with(b"Xing") || tag.starts_with(b"Info");
    let flags = tag
        .last_chunk()
        .map_or(0, |flags| u32::from_be_bytes(*flags));
    if !is_one || tag.len() < 8 || flags & 1 == 0 {
        return Ok(None);
    }
    let frames = music.at_most(frame.side + 8, 4)?;
    let Some(frames) = frames.first_chunk().map(|count| u32::from_be_bytes(*count)) else {
        return Ok(None);
    };
    // Number of frames, of bytes, a table of 100 places, quality; then the encoder's name, and 21 bytes after it how many
    // samples it put before and behind.
    let lengths = [(1, 4), (2, 4), (4, 100), (8, 4)];
    let present = lengths.iter().filter(|(flag, _)| flags & flag != 0);
    let encoder = frame.side + 8 + present.map(|(_, length)| length).sum::<u64>();
    let named = music.at_most(encoder, 24)?;
    let unheard = match named.as_slice() {
        [b'L', b'A' | b'a', b'M' | b'v', .., a, b, c] if named.len() == 24 => {
            let both = u32::from_be_bytes([0, *a, *b, *c]);
            u64::from((both >> 12) + (both & 0xfff))
        }
        _ => 0,
    };
    Ok(Some(Count {
        frames: frames.into(),
        unheard,
    }))
}

/// "VBRI", 32 bytes after the header of its frame: version, delay, quality, bytes, frames.
fn vbri(music: &View<'_>) -> Result<Option<Count>, Stop> {
    let tag = music.at_most(36, 18)?;
    let frames = tag.get(14..18).and_then(|bytes| bytes.try_into().ok());
    Ok(frames
        .filter(|_| tag.starts_with(b"VBRI"))
        .map(|frames| Count {
            frames: u32::from_be_bytes(frames).into(),
            unheard: 0,
        }))
}

/// As if the whole were like the frames at its beginning.
fn average(head: &[u8], start: u64, first: &Frame, bytes: u64) -> Option<std::time::Duration> {
    let (mut at, mut frames) = (start, 0);
    while let Some(frame) = Frame::at(head, at).filter(|frame| frame.kind == first.kind) {
        at += frame.bytes;
        frames += 1;
    }
    // Padding makes frames of one bit rate differ by a byte, so that the average of many is better than one.
    let samples = (u128::from(frames * first.samples) * u128::from(bytes))
        .checked_div((at - start).into())?;
    play(u64::try_from(samples).ok()?, first.rate)
}

/// Whether two frames of AAC in ADTS follow each other at the beginning (ISO 13818-7 §6.2).
fn is_adts(head: &[u8]) -> bool {
    let length = |at: usize| match head.get(at..)? {
        [0xff, second, _, a, b, c, ..] if second & 0xf6 == 0xf0 => {
            let length = u32::from_be_bytes([0, a & 3, *b, *c]) >> 5;
            (length >= 7).then_some(length as usize)
        }
        _ => None,
    };
    length(0).is_some_and(|first| length(first).is_some())
}
