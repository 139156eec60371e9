//! What the readers of all formats have found so far.

use std::time::Duration;

use base64ct::{Base64Unpadded, Encoding};

use super::{
    Format, LeftOut, Picture, Tags, TagsError, flac,
    input::{Range, Stop, View},
    picture,
    words::{self, Text},
};
use crate::{
    limits,
    music::{text, track::to_play_ms},
};

/// What a tag is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Title,
    Artist,
    /// Who stands on the album's cover; the artist of a track of which nobody else is named.
    AlbumArtist,
    Album,
    Number,
    Disc,
    Year,
    /// Lyrics, as a text of several lines.
    Lyrics,
}

/// Where a cover is, to be read once it is known to be the best.
#[derive(Clone, Debug)]
pub(super) struct Cover<'a> {
    pub(super) view: View<'a>,
    pub(super) is_front: bool,
    pub(super) wrapped: Wrapped,
}

/// What is around a picture's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapped {
    Nothing,
    /// A picture block of FLAC in base64, as Xiph.org's VorbisComment page has it.
    Base64Block,
}

/// What was found. What was found first stays.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    pub(super) format: Option<Format>,
    /// Something of music was there, if not music itself.
    pub(super) begun: bool,
    pub(super) play: Option<Duration>,
    title: String,
    artist: String,
    album_artist: String,
    album: String,
    number: Option<u16>,
    disc: Option<u16>,
    year: Option<u16>,
    lyrics: String,
    /// Texts of the tag that is being read whose encoding is guessed once all of it was seen.
    unmarked: Vec<(Field, Vec<u8>)>,
    cover: Option<Cover<'a>>,
    picture: Option<Picture>,
    left_out: Vec<LeftOut>,
}

impl<'a> Found<'a> {
    /// A tag was read.
    pub(super) fn put(&mut self, field: Field, value: &str) {
        let line = match field {
            Field::Title => &mut self.title,
            Field::Artist => &mut self.artist,
            Field::AlbumArtist => &mut self.album_artist,
            Field::Album => &mut self.album,
            Field::Number => return keep(&mut self.number, value),
            Field::Disc => return keep(&mut self.disc, value),
            Field::Year => return keep(&mut self.year, value),
            Field::Lyrics => {
                if self.lyrics.is_empty() {
                    self.lyrics = text::lines(value, limits::MAX_TAG_LYRICS_BYTES);
                }
                return;
            }
        };
        if line.is_empty() {
            *line = text::line(value, limits::MAX_TAG_BYTES);
        }
    }

    /// The same for a text that may not say how it is encoded.
    pub(super) fn put_text(&mut self, field: Field, text: Text) {
        match text {
            Text::Marked(text) => self.put(field, &text),
            Text::Unmarked(bytes) => self.unmarked.push((field, bytes)),
        }
    }

    /// A tag was read to its end.
    pub(super) fn end_tag(&mut self) {
        let (fields, texts): (Vec<Field>, Vec<_>) = self.unmarked.drain(..).unzip();
        for (field, text) in fields.into_iter().zip(words::guess(&texts)) {
            self.put(field, &text);
        }
    }

    /// A picture was seen: the first is taken, or the first that is a front cover.
    pub(super) fn offer(&mut self, cover: Cover<'a>) {
        let better = match &self.cover {
            None => true,
            Some(before) => cover.is_front && !before.is_front,
        };
        // In base64, four characters are three bytes.
        let most = match cover.wrapped {
            Wrapped::Nothing => limits::MAX_COVER_BYTES,
            Wrapped::Base64Block => limits::MAX_COVER_BYTES / 3 * 4,
        };
        if cover.view.length() > most {
            self.leave_out(LeftOut::CoverBytes);
        } else if better && cover.view.length() > 0 {
            self.cover = Some(cover);
        }
    }

    /// Something was not taken.
    pub(super) fn leave_out(&mut self, what: LeftOut) {
        if !self.left_out.contains(&what) {
            self.left_out.push(what);
        }
    }

    /// What ended a part that others do not depend on; only what has to be read stops all.
    pub(super) fn soften_or_stop<T>(&mut self, told: Result<T, Stop>) -> Result<Option<T>, Stop> {
        self.soften(told).map_err(Stop::Missing)
    }

    /// The same where nothing else can stop.
    pub(super) fn soften<T>(&mut self, told: Result<T, Stop>) -> Result<Option<T>, Range> {
        match told {
            Ok(value) => return Ok(Some(value)),
            Err(Stop::Missing(range)) => return Err(range),
            Err(Stop::Ended) => self.leave_out(LeftOut::Damaged),
            Err(Stop::TooMuch) => self.leave_out(LeftOut::TooMuch),
        }
        Ok(None)
    }

    /// Reads the best cover's bytes.
    pub(super) fn load_cover(&mut self) -> Result<(), Range> {
        let Some(cover) = self.cover.take() else {
            return Ok(());
        };
        let told = bare(&cover);
        let Some(bytes) = self.soften(told)? else {
            return Ok(());
        };
        match picture::check(bytes) {
            Ok(picture) => self.picture = Some(picture),
            Err(why) => self.leave_out(why),
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Tags, TagsError> {
        let Some(format) = self.format else {
            return Err(if self.begun {
                TagsError::CutOff
            } else {
                TagsError::NotMusic
            });
        };
        let artist = if self.artist.is_empty() {
            self.album_artist
        } else {
            self.artist
        };
        Ok(Tags {
            format,
            title: self.title,
            artist,
            album: self.album,
            number: self.number,
            disc: self.disc,
            year: self.year,
            // What no list would say is not said here either.
            play: self.play.filter(|play| to_play_ms(*play).is_some()),
            cover: self.picture,
            lyrics: self.lyrics,
            left_out: self.left_out,
        })
    }
}

fn keep(number: &mut Option<u16>, value: &str) {
    if number.is_none() {
        *number = words::ordinal(value);
    }
}

fn bare(cover: &Cover<'_>) -> Result<Vec<u8>, Stop> {
    let bytes = cover.view.all()?;
    match cover.wrapped {
        Wrapped::Nothing => Ok(bytes),
        Wrapped::Base64Block => {
            let block = from_base64(&bytes).ok_or(Stop::Ended)?;
            flac::picture(&View::of_memory(block))?.view.all()
        }
    }
}

/// Base64 (RFC 4648 §4), with padding or without it.
pub(super) fn from_base64(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    Base64Unpadded::decode_vec(text.trim_end_matches(['=', '\0', '\r', '\n', ' '])).ok()
}

/// So many units, of which there are some in a second; none if there are none.
pub(super) fn play(units: u64, per_second: u64) -> Option<Duration> {
    if units == 0 {
        return None;
    }
    let ms = (u128::from(units) * 1000).checked_div(per_second.into())?;
    u64::try_from(ms).ok().map(Duration::from_millis)
}
