//! WAV (Multimedia Programming Interface and Data Specifications 1.0, RIFF), and with 64-bit lengths RF64 (EBU Tech 3306).

use super::{
    Format,
    found::{Field, Found, play},
    id3,
    input::{Stop, View},
    words::Text,
};
use crate::limits;

/// A length that stands elsewhere, or that its writer did not know.
const ELSEWHERE: u64 = u32::MAX as u64;

pub(super) fn read<'a>(file: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    found.begun = true;
    let mut rate = None;
    let mut long = None;
    let mut at = 12;
    for _ in 0..limits::MAX_TAG_FIELDS {
        if at + 8 > file.length() {
            return Ok(());
        }
        let kind: [u8; 4] = file.array(at)?;
        let mut length = u64::from(file.u32_le(at + 4)?);
        if &kind == b"data" && length == ELSEWHERE {
            length = long.unwrap_or(file.length());
        }
        let chunk = file.part(at + 8, length);
        let told = match &kind {
            b"ds64" => chunk.u64_le(8).map(|length| long = Some(length)),
            // Format, channels, samples a second, and bytes a second.
            b"fmt " => chunk.u32_le(8).map(|bytes| rate = Some(bytes)),
            b"data" => {
                if let Some(rate) = rate {
                    found.format = Some(Format::Wav);
                    // Of what is there: a recorder that is switched off never comes back to say how much it wrote.
                    found.play = play(chunk.length(), rate.into());
                }
                Ok(())
            }
            b"LIST" => info(&chunk, found),
            b"id3 " | b"ID3 " => id3::read(&chunk, found),
            _ => Ok(()),
        };
        found.soften_or_stop(told)?;
        // Chunks begin at even places.
        let next = length.checked_add(length % 2 + 8);
        at = next
            .and_then(|next| at.checked_add(next))
            .ok_or(Stop::Ended)?;
    }
    Err(Stop::TooMuch)
}

/// `INFO`: a chunk for each text.
fn info<'a>(list: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    if list.at_most(0, 4)? != b"INFO" {
        return Ok(());
    }
    let mut at = 4;
    for _ in 0..limits::MAX_TAG_FIELDS {
        if at + 8 > list.length() {
            return Ok(());
        }
        let kind: [u8; 4] = list.array(at)?;
        let length = u64::from(list.u32_le(at + 4)?);
        let field = match &kind {
            b"INAM" => Some(Field::Title),
            b"IART" => Some(Field::Artist),
            b"IPRD" => Some(Field::Album),
            b"ITRK" | b"IPRT" => Some(Field::Number),
            b"ICRD" => Some(Field::Year),
            _ => None,
        };
        if let Some(field) = field {
            let value = list.part(at + 8, length);
            let bytes = value.at_most(0, limits::MAX_TAG_VALUE_BYTES)?;
            let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
            found.put_text(field, Text::Unmarked(text.to_vec()));
        }
        at += 8 + length + length % 2;
    }
    Err(Stop::TooMuch)
}
