//! A channel's file is taken in.

use catnest::{
    channel::ChannelId,
    house::channel_file::{ChannelFileError, Ending, Entry, Header, Reader, Summary, Taken},
    limits,
    node::{Command, Event, Problem},
};
use web_sys::File;

use super::{PART, read};
use crate::{engine, problem::Trouble};

/// A file whose first line was read.
pub(crate) struct Begun {
    file: File,
    reader: Reader,
    pub(crate) header: Header,
    /// Where the next part begins.
    at: f64,
    /// What was read and is not taken in yet.
    entries: Vec<Entry>,
}

/// What became of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    pub(crate) taken: Taken,
    pub(crate) summary: Summary,
    pub(crate) ending: Ending,
}

impl Begun {
    /// Reads a file until its first line is there.
    ///
    /// # Errors
    /// When it is none of a channel.
    pub(crate) async fn read(file: File) -> Result<Self, Trouble> {
        let mut reader = Reader::default();
        let (mut at, mut entries) = (0.0, Vec::new());
        loop {
            if at >= file.size() {
                // The first line is not complete.
                return Err(ChannelFileError::NotOne.into());
            }
            let part = read(&file, at).await.ok_or(Trouble::Unreadable)?;
            at += PART;
            entries.extend(reader.push(&part)?);
            if let Some(header) = reader.header().cloned() {
                return Ok(Self {
                    file,
                    reader,
                    header,
                    at,
                    entries,
                });
            }
        }
    }

    /// Takes the messages in; `progress` hears which part of the file that is, from 0 to 1.
    ///
    /// # Errors
    /// When the engine or the disk does not go on. What came before is taken in.
    pub(crate) async fn take_in(self, progress: impl Fn(f64)) -> Result<Report, Trouble> {
        let Self {
            file,
            mut reader,
            header,
            mut at,
            mut entries,
        } = self;
        let size = file.size();
        let mut taken = Taken::default();
        while at < size {
            taken = taken.and(hand_over(header.channel, &mut entries).await?);
            progress(at / size);
            let part = read(&file, at).await.ok_or(Trouble::Unreadable)?;
            at += PART;
            entries.extend(reader.push(&part)?);
        }
        let (last, summary, ending) = reader.finish()?;
        entries.extend(last);
        taken = taken.and(hand_over(header.channel, &mut entries).await?);
        Ok(Report {
            taken,
            summary,
            ending,
        })
    }
}

/// Gives the engine what was read.
async fn hand_over(channel: ChannelId, entries: &mut Vec<Entry>) -> Result<Taken, Trouble> {
    let mut all = Taken::default();
    while !entries.is_empty() {
        let rest = entries.split_off(entries.len().min(limits::IMPORT_AT_ONCE));
        let records = std::mem::replace(entries, rest);
        let command = Command::Import { channel, records };
        match engine::answer(command).await {
            Event::Imported { taken, .. } => all = all.and(taken),
            Event::Refused { problem, .. } => return Err(problem.into()),
            // An import has no other reply.
            _ => return Err(Problem::Busy.into()),
        }
    }
    Ok(all)
}
