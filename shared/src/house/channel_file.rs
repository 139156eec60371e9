//! A channel's log as a file of JSON Lines: a header, a line for each message, and a last line with their number.
//!
//! Of a message's line only the signed bytes count, and whether it is marked to be kept; what stands beside them is for
//! people and other programs. A message that was recalled and its recall are one line, so that neither comes without the
//! other. The file of a private channel has its secret, in the address.

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};

pub use super::reader::{Ending, Reader, Summary};
use super::to_json;
use crate::{
    address::Address,
    channel::{ChannelId, ChannelKey},
    chat::{
        log,
        record::{Record, RecordId},
    },
    identity::Author,
    resource::{Descriptor, ResourceId},
    time::Millis,
};

/// What the first line says that the file is.
pub const FORMAT: &str = "catnest-channel";
/// The version that is written, and the newest that is read.
pub const VERSION: u32 = 1;

/// Which messages a file has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// All that are in the log.
    #[default]
    All,
    /// Those that are marked to be kept.
    Marked,
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    format: String,
    version: u32,
    /// The channel's id.
    pub channel: ChannelId,
    /// Its name.
    pub name: String,
    /// Where it is met; that of a private channel has its secret.
    pub address: Address,
    /// Which messages are in the file.
    #[serde(default)]
    pub part: Part,
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<String>,
}

/// A message as it is taken in from a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The signed bytes of its record, in base64 (RFC 4648 §4).
    pub record: String,
    /// Those of the record that recalls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall: Option<String>,
    /// It is marked to be kept.
    #[serde(default)]
    pub kept: bool,
    /// The number of its line, to be named if something is wrong with it.
    #[serde(default)]
    pub line: u64,
}

/// What became of the messages that were to be taken in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// They are in the log now.
    pub new: usize,
    /// They were there before, or were recalled.
    pub known: usize,
    /// They are outside of what is kept of the channel.
    pub outside: usize,
    /// They are not messages of this channel.
    pub refused: usize,
    /// The line of the first of those.
    pub first_refused: Option<u64>,
}

/// Why a file is not taken for one of a channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelFileError {
    /// The first line is another one, or too long.
    #[error("the file does not begin as one of a channel")]
    NotOne,
    /// It was written by a newer Catnest.
    #[error("the file has version {0}; versions up to {VERSION} can be read")]
    Version(u32),
    /// What it says of its channel does not fit together.
    #[error("the file says that it is of another channel than its address leads to")]
    Channel,
}

/// A message's line.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    name: &'a str,
    author: Author,
    text: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<FileName<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    kept: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    recalled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    recalls: Option<RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recall: Option<String>,
}

#[derive(Serialize)]
struct FileName<'a> {
    name: &'a str,
    length: u64,
    id: ResourceId,
}

/// The last line.
#[derive(Serialize)]
struct End {
    end: bool,
    records: u64,
}

impl Header {
    /// For a channel's log that is written now.
    pub fn new(address: &Address, part: Part, now: Millis) -> Self {
        let address = address.to_channel();
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            channel: ChannelKey::of(&address).id(),
            name: address.channel.as_str().to_owned(),
            address,
            part,
            written: now.to_utc(),
        }
    }

    /// Reads a first line.
    ///
    /// # Errors
    /// When it is not one that is known.
    pub fn parse(line: &[u8]) -> Result<Self, ChannelFileError> {
        #[derive(Deserialize)]
        struct Begin {
            format: String,
            version: u32,
        }
        let begin: Begin = serde_json::from_slice(line).map_err(|_| ChannelFileError::NotOne)?;
        if begin.format != FORMAT {
            return Err(ChannelFileError::NotOne);
        }
        if begin.version > VERSION {
            return Err(ChannelFileError::Version(begin.version));
        }
        let header: Self = serde_json::from_slice(line).map_err(|_| ChannelFileError::NotOne)?;
        let leads_to = ChannelKey::of(&header.address).id();
        if leads_to != header.channel || header.name != header.address.channel.as_str() {
            return Err(ChannelFileError::Channel);
        }
        Ok(header)
    }

    /// The line.
    pub fn to_line(&self) -> String {
        to_line(self)
    }
}

/// The line of a message, or of a recall of one that is not here.
pub fn message_line(record: &Record, kept: bool) -> String {
    to_line(&Line {
        kept,
        record: Some(Base64::encode_string(&record.bytes)),
        ..Line::of(record)
    })
}

/// The line of a message that was recalled: what it says is in the signed bytes only.
pub fn recalled_line(record: &Record, kept: bool, recall: &Record) -> String {
    to_line(&Line {
        kept,
        record: Some(Base64::encode_string(&record.bytes)),
        recall: Some(Base64::encode_string(&recall.bytes)),
        ..Line::unsaid(record)
    })
}

/// The line of a message that was recalled, and is not carried on.
pub fn unsaid_line(record: &Record, kept: bool) -> String {
    to_line(&Line {
        kept,
        ..Line::unsaid(record)
    })
}

/// The last line of a file with so many messages.
pub fn end_line(records: u64) -> String {
    to_line(&End { end: true, records })
}

fn to_line(value: &impl Serialize) -> String {
    let mut line = to_json(value);
    line.push('\n');
    line
}

impl<'a> Line<'a> {
    fn of(record: &'a Record) -> Self {
        let body = &record.body;
        let file = |file: &'a Descriptor| FileName {
            name: &file.name,
            length: file.length,
            id: file.id,
        };
        Self {
            files: body.files.iter().map(file).collect(),
            text: &body.text,
            recalls: body.recalls,
            recalled: false,
            ..Self::unsaid(record)
        }
    }

    fn unsaid(record: &'a Record) -> Self {
        let body = &record.body;
        Self {
            time: body.time.to_utc(),
            name: &body.name,
            author: body.author,
            text: "",
            files: Vec::new(),
            kept: false,
            recalled: true,
            recalls: None,
            record: None,
            recall: None,
        }
    }
}

impl Entry {
    /// Reads and checks the message, and its recall if it was recalled.
    ///
    /// None if it is not one of this channel that may be kept at `now`.
    pub fn read(&self, now: Millis, channel: ChannelId) -> Option<(Record, Option<Record>)> {
        let read = |text: &str| {
            let bytes = Base64::decode_vec(text).ok()?;
            let record = Record::read(channel, &bytes).ok()?;
            // What burned is not to be stored, wherever it was kept; and what is early would make all that is written
            // here early, too.
            let early = log::is_early(now, record.body.time);
            (!record.body.burning && !early).then_some(record)
        };
        let record = read(&self.record)?;
        let Some(recall) = &self.recall else {
            return Some((record, None));
        };
        let recall = read(recall)?;
        let fits = recall.recalled() == Some(record.position())
            && recall.body.author == record.body.author;
        fits.then_some((record, Some(recall)))
    }
}

impl Taken {
    /// One is not a message of this channel.
    pub fn refuse(&mut self, line: u64) {
        self.refused += 1;
        self.first_refused.get_or_insert(line);
    }

    /// With what became of those that came later in the file.
    pub fn and(self, later: Self) -> Self {
        Self {
            new: self.new + later.new,
            known: self.known + later.known,
            outside: self.outside + later.outside,
            refused: self.refused + later.refused,
            first_refused: self.first_refused.or(later.first_refused),
        }
    }
}
