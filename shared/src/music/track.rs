//! What one device's list says of one piece of music.
//!
//! A list is kept by its owner and told to others, who keep what they are told of (M1, M2). So there is one form for both,
//! CBOR, and nothing in it is believed: reading refuses what cannot be and cleans what is only ugly, hence a track that
//! was read can be stored, shown and passed on. What it says of the bytes is checked when they are here: the id by their
//! hash, the MD5 at completion (M3), the length of play by whoever plays them.

use std::{ops::RangeInclusive, time::Duration};

use minicbor::{Decode, Decoder, Encode, decode::Error};
use serde::{Deserialize, Serialize};

use super::text::line;
use crate::{
    limits,
    resource::{Descriptor, Md5, ResourceId, is_file_name, is_media_type},
    signed::{from_cbor, to_cbor},
    time::Millis,
};

/// One piece of music. Texts are empty where nothing is known.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Track {
    /// The resource that its bytes are.
    #[n(0)]
    pub id: ResourceId,
    /// The other hash of them, by which files are known elsewhere.
    #[n(1)]
    pub md5: Md5,
    /// How many bytes.
    #[cbor(n(2), decode_with = "read_length")]
    pub length: u64,
    /// What they are (RFC 6838): `audio/…` or `video/…`, in lower case.
    #[cbor(n(3), decode_with = "read_music_type")]
    pub media_type: String,
    /// The file's name.
    #[cbor(n(4), decode_with = "read_name")]
    pub name: String,
    /// Its title; [`Track::shown_title`] has something to read for every track.
    #[cbor(n(5), decode_with = "read_words", default)]
    pub title: String,
    /// Who plays.
    #[cbor(n(6), decode_with = "read_words", default)]
    pub artist: String,
    /// On which album.
    #[cbor(n(7), decode_with = "read_words", default)]
    pub album: String,
    /// At which place of its disc, from 1.
    #[cbor(n(8), decode_with = "read_ordinal")]
    pub number: Option<u16>,
    /// On which disc of the album, from 1.
    #[cbor(n(9), decode_with = "read_ordinal")]
    pub disc: Option<u16>,
    /// The year it is from.
    #[cbor(n(10), decode_with = "read_ordinal")]
    pub year: Option<u16>,
    /// How long it plays, in milliseconds.
    #[cbor(n(11), decode_with = "read_play")]
    pub play_ms: Option<u32>,
    /// Its cover.
    #[n(12)]
    pub cover: Option<Cover>,
    /// Its lyrics, a text that is a resource too.
    #[n(13)]
    pub lyrics: Option<ResourceId>,
    /// When it came into the list, by the list's owner.
    #[n(14)]
    pub added: Millis,
}

/// A picture that belongs to a track: a resource of its own, since it can come out of the music's bytes or from elsewhere,
/// and all tracks of an album share one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct Cover {
    /// The resource that the picture is.
    #[n(0)]
    pub id: ResourceId,
    /// How many bytes.
    #[cbor(n(1), decode_with = "read_cover_length")]
    pub length: u64,
    /// What they are: `image/…`.
    #[cbor(n(2), decode_with = "read_picture_type")]
    pub media_type: String,
}

/// Why something is not taken for a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum TrackError {
    /// More than [`limits::MAX_RESOURCE_BYTES`], or none.
    #[error("a track has between 1 and {} bytes; this one is said to have {bytes}", limits::MAX_RESOURCE_BYTES, bytes = .0)]
    Length(u64),
    /// It is neither sound nor a film.
    #[error("the media type is not one of music")]
    MediaType,
    /// The name could be a path, or hide what it is.
    #[error("the file's name is empty, too long, a path, or has control characters")]
    Name,
    /// The number of a track or disc, or the year, is none.
    #[error("{0} is no number of a track, a disc or a year")]
    Ordinal(u64),
    /// It does not play, or longer than [`limits::MAX_PLAY`].
    #[error("a track plays between 1 ms and {} h; this one is said to play {ms} ms", limits::MAX_PLAY.as_secs() / 3600, ms = .0)]
    Play(u64),
    /// The cover has more than [`limits::MAX_COVER_BYTES`], or none.
    #[error("a cover has between 1 and {} bytes; this one is said to have {bytes}", limits::MAX_COVER_BYTES, bytes = .0)]
    CoverLength(u64),
    /// The cover is no picture.
    #[error("the cover's media type is not one of a picture")]
    CoverType,
}

impl Track {
    /// The bytes that are stored and sent, at most [`limits::MAX_TRACK_BYTES`].
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }

    /// Reads what [`Track::to_bytes`] gave, or what somebody says that it did.
    ///
    /// # Errors
    /// What is malformed, or cannot be.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > limits::MAX_TRACK_BYTES {
            return Err(format!("more than {} bytes", limits::MAX_TRACK_BYTES));
        }
        from_cbor(bytes)
    }

    /// Checks and cleans a track that was put together here, as reading does.
    ///
    /// # Errors
    /// What cannot be.
    pub fn cleaned(mut self) -> Result<Self, TrackError> {
        check_length(self.length)?;
        check_music_type(&self.media_type)?;
        check_name(&self.name)?;
        for number in [self.number, self.disc, self.year].into_iter().flatten() {
            check_ordinal(number.into())?;
        }
        if let Some(play) = self.play_ms {
            check_play(play.into())?;
        }
        if let Some(cover) = &self.cover {
            check_cover_length(cover.length)?;
            check_picture_type(&cover.media_type)?;
        }
        for text in [&mut self.title, &mut self.artist, &mut self.album] {
            *text = line(text, limits::MAX_TAG_BYTES);
        }
        Ok(self)
    }

    /// Its title, or its file's name without the ending, or its id: never empty.
    pub fn shown_title(&self) -> String {
        if !self.title.is_empty() {
            return self.title.clone();
        }
        let stem = self.name.rsplit_once('.').map_or("", |(stem, _)| stem);
        let shown = [stem, &self.name].map(|name| line(name, limits::MAX_TAG_BYTES));
        let shown = shown.into_iter().find(|name| !name.is_empty());
        shown.unwrap_or_else(|| self.id.to_string())
    }

    /// What it says of the resource that its bytes are.
    pub fn descriptor(&self) -> Descriptor {
        Descriptor {
            id: self.id,
            length: self.length,
            md5: self.md5,
            name: self.name.clone(),
            media_type: self.media_type.clone(),
        }
    }

    /// Whether another list says the same of it: all but when it came into the list.
    pub fn is_told_as(&self, other: &Self) -> bool {
        let Self {
            id,
            md5,
            length,
            media_type,
            name,
            title,
            artist,
            album,
            number,
            disc,
            year,
            play_ms,
            cover,
            lyrics,
            added: _,
        } = self;
        (id, md5, length) == (&other.id, &other.md5, &other.length)
            && (media_type, name) == (&other.media_type, &other.name)
            && (title, artist, album) == (&other.title, &other.artist, &other.album)
            && (number, disc, year) == (&other.number, &other.disc, &other.year)
            && (play_ms, cover, lyrics) == (&other.play_ms, &other.cover, &other.lyrics)
    }

    /// How long it plays.
    pub fn play(&self) -> Option<Duration> {
        self.play_ms.map(|ms| Duration::from_millis(ms.into()))
    }
}

/// A length of play as a list says it: none if it is nothing or absurd.
pub fn to_play_ms(play: Duration) -> Option<u32> {
    let ms = u64::try_from(play.as_millis()).ok()?;
    check_play(ms).ok()
}

/// A number of a track, a disc or a year as a list says it: none if it is none.
pub fn to_ordinal(number: u64) -> Option<u16> {
    check_ordinal(number).ok()
}

/// A year has four digits at most, and nothing else that is counted here has more.
const ORDINALS: RangeInclusive<u64> = 1..=9999;

fn check_length(bytes: u64) -> Result<u64, TrackError> {
    let fits = (1..=limits::MAX_RESOURCE_BYTES).contains(&bytes);
    fits.then_some(bytes).ok_or(TrackError::Length(bytes))
}

fn check_music_type(text: &str) -> Result<&str, TrackError> {
    let plays = text.starts_with("audio/") || text.starts_with("video/");
    let fits = plays && is_media_type(text);
    fits.then_some(text).ok_or(TrackError::MediaType)
}

fn check_name(text: &str) -> Result<&str, TrackError> {
    is_file_name(text).then_some(text).ok_or(TrackError::Name)
}

fn check_ordinal(number: u64) -> Result<u16, TrackError> {
    let small = u16::try_from(number).ok();
    let small = small.filter(|_| ORDINALS.contains(&number));
    small.ok_or(TrackError::Ordinal(number))
}

fn check_play(ms: u64) -> Result<u32, TrackError> {
    let fits = ms > 0 && Duration::from_millis(ms) <= limits::MAX_PLAY;
    let small = u32::try_from(ms).ok().filter(|_| fits);
    small.ok_or(TrackError::Play(ms))
}

fn check_cover_length(bytes: u64) -> Result<u64, TrackError> {
    let fits = (1..=limits::MAX_COVER_BYTES).contains(&bytes);
    fits.then_some(bytes).ok_or(TrackError::CoverLength(bytes))
}

fn check_picture_type(text: &str) -> Result<&str, TrackError> {
    let fits = text.starts_with("image/") && is_media_type(text);
    fits.then_some(text).ok_or(TrackError::CoverType)
}

// What the derived code calls for each field.

fn read_length<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<u64, Error> {
    check_length(d.u64()?).map_err(Error::message)
}

fn read_music_type<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<String, Error> {
    let text = check_music_type(d.str()?).map_err(Error::message)?;
    Ok(text.to_owned())
}

fn read_name<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<String, Error> {
    let text = check_name(d.str()?).map_err(Error::message)?;
    Ok(text.to_owned())
}

fn read_words<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<String, Error> {
    Ok(line(d.str()?, limits::MAX_TAG_BYTES))
}

fn read_ordinal<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Option<u16>, Error> {
    let number: Option<u64> = d.decode()?;
    let number = number.map(check_ordinal).transpose();
    number.map_err(Error::message)
}

fn read_play<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Option<u32>, Error> {
    let ms: Option<u64> = d.decode()?;
    ms.map(check_play).transpose().map_err(Error::message)
}

fn read_cover_length<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<u64, Error> {
    check_cover_length(d.u64()?).map_err(Error::message)
}

fn read_picture_type<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<String, Error> {
    let text = check_picture_type(d.str()?).map_err(Error::message)?;
    Ok(text.to_owned())
}
