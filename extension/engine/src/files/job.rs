//! Files of one message on their way into the store.

use std::collections::BTreeSet;

use catnest::{
    channel::ChannelId,
    limits,
    node::{Problem, RequestId},
    resource::{DescriptorError, ResourceId, to_file_name},
};
use catnest_messages::{Intake, IntakeFile, IntakeId};
use web_sys::File;

use super::{held::Hold, media_type};

/// What a view hands over.
#[derive(Debug)]
pub struct Share {
    /// Its name.
    pub id: IntakeId,
    /// For which channel.
    pub channel: ChannelId,
    /// What is said with them.
    pub text: String,
    /// The files.
    pub files: Vec<File>,
}

/// What a view handed over, and how far it is.
pub(super) struct Job {
    pub(super) share: Share,
    pub(super) files: Vec<JobFile>,
    pub(super) stage: Stage,
}

pub(super) struct JobFile {
    pub(super) info: IntakeFile,
    /// Known once it is hashed.
    pub(super) resource: Option<Hold>,
    /// Of twice its length.
    pub(super) done_bytes: u64,
}

pub(super) enum Stage {
    /// To be taken in, or being taken in.
    Taking,
    /// In the store, and the node was asked to share it. Dropping it comes too late, but if the node refuses, nobody
    /// needs to know.
    Sharing { request: RequestId, dropped: bool },
    /// It will not be shared.
    Stopped(Problem),
}

impl Share {
    /// Whether it can be shared at all.
    pub(super) fn check(&self) -> Result<(), Problem> {
        if self.text.len() > limits::MAX_TEXT_BYTES {
            return Err(Problem::Text);
        }
        if self.files.is_empty() {
            return Err(Problem::NoFile);
        }
        if self.files.len() > limits::MAX_MESSAGE_FILES {
            return Err(Problem::TooManyFiles);
        }
        let too_long = |length: &u64| *length > limits::MAX_RESOURCE_BYTES;
        let mut lengths = self.files.iter().map(|file| file.size() as u64);
        lengths.find(too_long).map_or(Ok(()), |length| {
            Err(Problem::File(DescriptorError::Length(length)))
        })
    }
}

impl Job {
    /// Nothing is done yet.
    pub(super) fn of(share: Share) -> Self {
        let files = share.files.iter().map(|file| JobFile {
            info: info(file),
            resource: None,
            done_bytes: 0,
        });
        let files = files.collect();
        Self {
            share,
            files,
            stage: Stage::Taking,
        }
    }

    /// As views see it.
    pub(super) fn view(&self) -> Intake {
        Intake {
            id: self.share.id.clone(),
            channel: self.share.channel,
            text: self.share.text.clone(),
            files: self.files.iter().map(|file| file.info.clone()).collect(),
            done_bytes: self.files.iter().map(|file| file.done_bytes).sum(),
            problem: match &self.stage {
                Stage::Stopped(problem) => Some(problem.clone()),
                Stage::Taking | Stage::Sharing { .. } => None,
            },
        }
    }

    /// Its resources, each once: the member may have chosen a file twice.
    pub(super) fn resources(&self) -> Vec<ResourceId> {
        let mut seen = BTreeSet::new();
        let held = self.files.iter().filter_map(|file| file.resource.as_ref());
        let resources = held.map(Hold::id);
        resources.filter(|id| seen.insert(*id)).collect()
    }

    /// What it has put into the store, which it does not need any more.
    pub(super) fn release(&mut self) -> Vec<Hold> {
        let files = self.files.iter_mut();
        files.filter_map(|file| file.resource.take()).collect()
    }
}

fn info(file: &File) -> IntakeFile {
    let name = to_file_name(&file.name());
    let media_type = media_type::of(&file.type_(), &name);
    let length = file.size() as u64;
    IntakeFile {
        name,
        length,
        media_type,
    }
}
