//! A channel's file on its way in, in parts of whatever length: no more than one line of it is held.

use serde::Deserialize;

use super::channel_file::{ChannelFileError, Entry, Header};
use crate::limits;

/// Takes a file apart.
#[derive(Debug, Default)]
pub struct Reader {
    /// What came of the line that is not complete.
    line: Vec<u8>,
    /// It is longer than any line can be: the rest of it is left out.
    too_long: bool,
    /// Lines that are complete.
    lines: u64,
    header: Option<Header>,
    summary: Summary,
    /// How many messages there are, as the last line says.
    said: Option<u64>,
}

/// What was found in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lines of messages that could be read, those included that say nothing because they were recalled.
    pub records: u64,
    /// Lines that are damaged or too long.
    pub damaged: u64,
    /// The number of the first of those.
    pub first_damaged: Option<u64>,
}

/// How a file ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It has as many messages as its last line says.
    Complete,
    /// It has no last line: something was cut off.
    Cut,
    /// It has so many messages by its last line, and other ones in fact.
    Miscounted(u64),
}

/// A line after the first.
#[derive(Deserialize)]
struct Line {
    record: Option<String>,
    recall: Option<String>,
    #[serde(default)]
    kept: bool,
    #[serde(default)]
    recalled: bool,
    #[serde(default)]
    end: bool,
    records: Option<u64>,
}

impl Reader {
    /// Takes the next part of a file, and gives the messages whose lines are complete.
    ///
    /// # Errors
    /// When the first line is not that of a channel's file that can be read. The rest is not looked at then.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<Vec<Entry>, ChannelFileError> {
        let mut entries = Vec::new();
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.extend(&bytes[..end]);
            bytes = &bytes[end + 1..];
            entries.extend(self.end_line()?);
        }
        self.extend(bytes);
        if self.header.is_none() && self.too_long {
            return Err(ChannelFileError::NotOne);
        }
        Ok(entries)
    }

    /// The first line, once it is there.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// The file ends here. Gives what its last line may have.
    ///
    /// # Errors
    /// When there was no first line.
    pub fn finish(mut self) -> Result<(Option<Entry>, Summary, Ending), ChannelFileError> {
        let before = self.summary;
        let last = if self.line.is_empty() && !self.too_long {
            None
        } else {
            self.end_line()?
        };
        if self.header.is_none() {
            return Err(ChannelFileError::NotOne);
        }
        let ending = match self.said {
            // The last line is not damaged, only cut.
            None => {
                self.summary.damaged = before.damaged;
                self.summary.first_damaged = before.first_damaged;
                Ending::Cut
            }
            Some(said) if said == self.summary.records => Ending::Complete,
            Some(said) => Ending::Miscounted(said),
        };
        Ok((last, self.summary, ending))
    }

    fn extend(&mut self, bytes: &[u8]) {
        if self.too_long || self.line.len() + bytes.len() > limits::MAX_CHANNEL_FILE_LINE {
            self.too_long = true;
            self.line.clear();
        } else {
            self.line.extend_from_slice(bytes);
        }
    }

    fn end_line(&mut self) -> Result<Option<Entry>, ChannelFileError> {
        self.lines += 1;
        let line = std::mem::take(&mut self.line);
        let too_long = std::mem::take(&mut self.too_long);
        if self.header.is_none() {
            self.header = Some(Header::parse(&line)?);
            return Ok(None);
        }
        if !too_long && line.trim_ascii().is_empty() {
            return Ok(None);
        }
        let read = serde_json::from_slice::<Line>(&line);
        match read.ok().filter(|_| !too_long) {
            Some(Line {
                end: true,
                records: Some(records),
                ..
            }) if self.said.is_none() => self.said = Some(records),
            Some(Line {
                record: Some(record),
                recall,
                kept,
                ..
            }) => {
                self.summary.records += 1;
                return Ok(Some(Entry {
                    record,
                    recall,
                    kept,
                    line: self.lines,
                }));
            }
            Some(Line { recalled: true, .. }) => self.summary.records += 1,
            _ => {
                self.summary.damaged += 1;
                self.summary.first_damaged.get_or_insert(self.lines);
            }
        }
        Ok(None)
    }
}
