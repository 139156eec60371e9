//! What a music file says of itself: tags, how long it plays, its cover and lyrics.
//!
//! A [`TagReader`] does no I/O and never has the whole file: it is told the file's length, says which [`Range`] it wants to
//! see, is fed that, and ends with [`Tags`]. So the same code reads a `Blob` in a worker, a file of the host, and the pieces
//! of a resource that is not here yet:
//!
//! ```
//! use catnest::music::tags::{Step, TagReader, TagsError};
//!
//! let file = b"not music at all";
//! let mut reader = TagReader::new(file.len() as u64);
//! let told = loop {
//!     match reader.step() {
//!         Step::Read(range) => {
//!             let begin = range.offset as usize;
//!             reader.feed(&file[begin..begin + range.length as usize]);
//!         }
//!         Step::Done(told) => break *told,
//!     }
//! };
//! assert_eq!(told, Err(TagsError::NotMusic));
//! ```
//!
//! What a file is, its first bytes say, not its name. Whatever is in it, at most [`limits::MAX_TAGS_BYTES`] of it are read,
//! no text or picture grows beyond its limit, and nothing recurses with the input. Text is fit to be shown
//! ([`super::text`]). A file that is cut off or damaged gives what could be read of it.
//!
//! The readers are our own, since no published crate does that. `lofty` panics and takes a thousand times the memory of its
//! input on bad files. `symphonia` 0.6.1 is well kept and sound (36,000 damaged files: no panic, 200 KB at most), but made
//! for playing: an Ogg file without its last page or a FLAC file that ends in its padding gives no tags at all; its limits on
//! tags and pictures are declared and not applied, so that a cover of 100 MB is read whole before anybody sees its length; it
//! pulls from a blocking source; and text that ID3 calls Latin-1 cannot be told from other text afterwards, which guessing
//! its encoding needs.

mod flac;
mod found;
mod id3;
mod input;
mod lyrics;
mod mp4;
mod mpeg;
mod ogg;
pub mod picture;
mod wav;
mod words;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::{
    found::Found,
    input::{Input, Stop, View},
};
pub use self::{input::Range, picture::Picture};
use super::track::{Track, TrackError, to_play_ms};
use crate::{limits, resource::Descriptor, time::Millis};

/// What was found in a file. Texts are empty where nothing is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    /// What the file is.
    pub format: Format,
    /// Its title.
    pub title: String,
    /// Who plays.
    pub artist: String,
    /// On which album.
    pub album: String,
    /// At which place of its disc.
    pub number: Option<u16>,
    /// On which disc of the album.
    pub disc: Option<u16>,
    /// The year it is from.
    pub year: Option<u16>,
    /// How long it plays, as far as the file says or lets reckon.
    pub play: Option<Duration>,
    /// The front cover, or another picture. It is too large for where the rest is serialised.
    #[serde(skip)]
    pub cover: Option<Picture>,
    /// Lyrics, in several lines; LRC if they are synchronised.
    pub lyrics: String,
    /// What could not be taken, each once.
    pub left_out: Vec<LeftOut>,
}

impl Tags {
    /// What a list says of the file that has these tags. Cover and lyrics are resources of their own, and whoever makes
    /// them adds them.
    ///
    /// # Errors
    /// What cannot be on a list.
    pub fn track(&self, file: &Descriptor, added: Millis) -> Result<Track, TrackError> {
        let track = Track {
            id: file.id,
            md5: file.md5,
            length: file.length,
            media_type: file.media_type.clone(),
            name: file.name.clone(),
            title: self.title.clone(),
            artist: self.artist.clone(),
            album: self.album.clone(),
            number: self.number,
            disc: self.disc,
            year: self.year,
            play_ms: self.play.and_then(to_play_ms),
            cover: None,
            lyrics: None,
            added,
        };
        track.cleaned()
    }
}

/// What a music file is, by its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// MPEG audio (ISO 11172-3 and 13818-3), layer III in most cases.
    Mpeg,
    /// AAC in ADTS (ISO 13818-7).
    Aac,
    /// FLAC (RFC 9639).
    Flac,
    /// Ogg (RFC 3533) with Vorbis, Opus or FLAC.
    Ogg,
    /// The same with a film.
    OggVideo,
    /// MP4 (ISO 14496-12).
    Mp4,
    /// The same with a film.
    Mp4Video,
    /// WAV.
    Wav,
}

impl Format {
    /// Its media type, as browsers know it.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Mpeg => "audio/mpeg",
            Format::Aac => "audio/aac",
            Format::Flac => "audio/flac",
            Format::Ogg => "audio/ogg",
            Format::OggVideo => "video/ogg",
            Format::Mp4 => "audio/mp4",
            Format::Mp4Video => "video/mp4",
            Format::Wav => "audio/wav",
        }
    }
}

/// Why a file gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum TagsError {
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It is of no kind that is known here.
    #[error("the file is not music, or of a kind that is not known here")]
    NotMusic,
    /// It begins like music and ends before any.
    #[error("the file is cut off before the music begins")]
    CutOff,
}

/// Something in a file that was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum LeftOut {
    /// Tags that end too early, or contradict themselves.
    #[error("some of the file's tags are damaged")]
    Damaged,
    /// More tags than anybody needs.
    #[error("the file has more tags than are read")]
    TooMuch,
    /// Tags that are compressed or encrypted.
    #[error("some of the file's tags are packed")]
    Packed,
    /// A cover of more than [`limits::MAX_COVER_BYTES`].
    #[error("the cover has more than {} bytes", limits::MAX_COVER_BYTES)]
    CoverBytes,
    /// A cover of more than [`limits::MAX_COVER_SIDE`] in width or height, or of nothing.
    #[error("the cover is {width} × {height} pixels; at most {side} × {side} are shown", side = limits::MAX_COVER_SIDE)]
    CoverPixels {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// A cover that is neither JPEG, PNG, WebP nor GIF.
    #[error("the cover is of a kind that is not known here, or damaged")]
    CoverKind,
}

/// What a reader wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To be fed these bytes.
    Read(Range),
    /// Nothing more.
    Done(Box<Result<Tags, TagsError>>),
}

/// Reads what one file says of itself.
#[derive(Debug)]
pub struct TagReader {
    input: Input,
    asked: Option<Range>,
}

impl TagReader {
    /// For a file of so many bytes.
    pub fn new(length: u64) -> Self {
        Self {
            // What is longer is no resource, and no sum of places in it overflows.
            input: Input::new(length.min(limits::MAX_RESOURCE_BYTES)),
            asked: None,
        }
    }

    /// What it wants now. It does not change until it is fed.
    pub fn step(&mut self) -> Step {
        match self.read() {
            Ok(told) => {
                self.asked = None;
                Step::Done(Box::new(told))
            }
            Err(range) => {
                self.asked = Some(range);
                Step::Read(range)
            }
        }
    }

    /// Takes the bytes that it asked for last. If they are fewer, the file is taken to end there.
    pub fn feed(&mut self, bytes: &[u8]) {
        if let Some(range) = self.asked.take() {
            self.input.feed(range, bytes);
        }
    }

    fn read(&self) -> Result<Result<Tags, TagsError>, Range> {
        let file = self.input.view();
        if file.length() == 0 {
            return Ok(Err(TagsError::Empty));
        }
        let mut found = Found::default();
        let read = read(&file, &mut found);
        found.soften(read)?;
        found.load_cover()?;
        Ok(found.finish())
    }
}

fn read<'a>(file: &View<'a>, found: &mut Found<'a>) -> Result<(), Stop> {
    let (tags, start) = id3::skip(file)?;
    found.begun = !tags.is_empty();
    let music = file.from(start);
    let head = music.at_most(0, 12)?;
    let is_flac = head.starts_with(b"fLaC");
    let mut is_other = false;
    let told = match head.as_slice() {
        [b'f', b'L', b'a', b'C', ..] => flac::read(&music, found),
        [b'O', b'g', b'g', b'S', ..] => ogg::read(&music, found),
        [
            b'R',
            b'I' | b'F',
            b'F' | b'6',
            b'F' | b'4',
            _,
            _,
            _,
            _,
            b'W',
            b'A',
            b'V',
            b'E',
        ] => wav::read(&music, found),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] | [_, _, _, _, b'm', b'o', b'o', b'v', ..] => {
            mp4::read(&music, found)
        }
        _ => {
            is_other = true;
            Ok(())
        }
    };
    found.soften_or_stop(told)?;
    found.end_tag();
    for tag in tags {
        let told = id3::read(&tag, found);
        found.soften_or_stop(told)?;
        found.end_tag();
    }
    if is_other {
        let told = mpeg::read(&music, found);
        found.soften_or_stop(told)?;
    }
    if is_flac || found.format == Some(Format::Mpeg) {
        let told = id3::read_v1(file, found);
        found.soften_or_stop(told)?;
        found.end_tag();
    }
    Ok(())
}
