//! A cover or lyrics that a member gives a track.

use std::cell::RefCell;

use catnest::{
    channel::ChannelId,
    music::track::Cover,
    node::{Command, MusicCommand, Problem},
    resource::{Descriptor, DescriptorError, ResourceId, to_file_name},
};
use catnest_messages::IntakeId;
use web_sys::File;

use super::{MusicIntakes, song::file_of};
use crate::files::{
    caller::{Caller, Taken},
    held::Hold,
    messages::{FromWorker, ToWorker},
};

/// Parts that are taken in at a time: each has a worker, and takes a moment.
const AT_A_TIME: usize = 4;

/// What a view hands over for a track.
#[derive(Debug)]
pub struct Part {
    /// Its name.
    pub id: IntakeId,
    /// In which channel.
    pub channel: ChannelId,
    /// For which track of this device's list.
    pub track: ResourceId,
    /// What it is to be.
    pub kind: PartKind,
    /// The file.
    pub file: File,
}

/// What a file is to be for a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// Its cover: a picture of a kind and size that covers have.
    Cover,
    /// Its lyrics, however they are encoded.
    Lyrics,
}

impl MusicIntakes {
    /// Takes a cover or lyrics in, and has the node give them to their track.
    ///
    /// # Errors
    /// When the file is not what it should be, or the node refuses; nothing is kept then.
    pub async fn set_part(&self, part: Part) -> Result<(), Problem> {
        if self.0.parts.get() >= AT_A_TIME {
            return Err(Problem::TooManyTransfers);
        }
        self.0.parts.set(self.0.parts.get() + 1);
        let holds = RefCell::new(Vec::new());
        let done = self.take_part(&part, &holds).await;
        self.0.parts.set(self.0.parts.get() - 1);
        if done.is_err() {
            self.0.place.let_go(holds.into_inner());
        }
        done
    }

    async fn take_part(&self, part: &Part, holds: &RefCell<Vec<Hold>>) -> Result<(), Problem> {
        let Part { channel, track, .. } = *part;
        let worker = Caller::start(&self.0.place.script)?;
        let file = part.file.clone();
        let look = match part.kind {
            PartKind::Cover => ToWorker::Cover { file },
            PartKind::Lyrics => ToWorker::Lyrics { file },
        };
        let made = match worker.ask(look, |_| {}).await? {
            FromWorker::Made { file } => file_of(file),
            _ => None,
        };
        let file = made.ok_or(Problem::File(DescriptorError::MediaType))?;
        let taken = Taken {
            file: &file,
            name: to_file_name(&file.name()),
            media_type: file.type_(),
            now: self.0.clock.now(),
        };
        let hold = |id| holds.borrow_mut().push(self.0.place.held.hold(id));
        let taken = worker.take_in(&self.0.place, taken, |_| {}, hold).await?;
        let Descriptor {
            id,
            length,
            media_type,
            ..
        } = taken;
        let music = match part.kind {
            PartKind::Cover => MusicCommand::SetCover {
                channel,
                track,
                cover: Some(Cover {
                    id,
                    length,
                    media_type,
                }),
            },
            PartKind::Lyrics => MusicCommand::SetLyrics {
                channel,
                track,
                lyrics: Some(id),
            },
        };
        self.ask_node(&part.id, Command::Music(music)).await
    }
}
