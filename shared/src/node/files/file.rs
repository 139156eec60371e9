//! One file of a node.

use super::{news::Told, unsaved::Unsaved};
use crate::{
    node::{Problem, Transfer, TransferState},
    resource::{Have, Outline},
    store::ResourceEntry,
    swarm::{Download, Holding},
    time::Millis,
};

/// A file, whole or on its way.
#[derive(Debug)]
pub(super) struct File {
    pub(super) entry: ResourceEntry,
    /// The pieces that are here and durable.
    pub(super) have: Have,
    pub(super) stage: Stage,
    /// Checked pieces that wait for the store to take those before them.
    pub(super) unsaved: Unsaved,
    /// The store is keeping pieces.
    pub(super) saving: bool,
    pub(super) told: Told,
}

/// What happens with a file.
#[derive(Debug)]
pub(super) enum Stage {
    /// Its outline is being loaded, to go on getting it.
    Resuming,
    /// It comes, or waits for somebody who has it.
    Fetching(Box<Download>),
    /// It could not be kept.
    Stopped(Problem),
    /// All is here, and read once more in its order.
    Checking(Box<Checking>),
    /// All is here.
    Complete,
}

/// The pass over a whole file that computes its MD5.
pub(super) struct Checking {
    pub(super) md5: md5::Context,
    /// The piece that is read next.
    pub(super) next: u32,
    /// Proves what is read: a disk may have lost what was durable.
    pub(super) outline: Option<Outline>,
}

impl std::fmt::Debug for Checking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Checking(from piece {})", self.next)
    }
}

impl File {
    pub(super) fn new(entry: ResourceEntry, have: Have, stage: Stage) -> Self {
        Self {
            entry,
            have,
            stage,
            unsaved: Unsaved::default(),
            saving: false,
            told: Told::default(),
        }
    }

    pub(super) fn deadline(&self) -> Option<Millis> {
        let download = match &self.stage {
            Stage::Fetching(download) => download.deadline(),
            _ => None,
        };
        let unsaved = self.unsaved.due().filter(|_| !self.saving);
        download.into_iter().chain(unsaved).min()
    }

    /// Whether pieces of it are on their way here.
    pub(super) fn more_comes(&self) -> bool {
        matches!(&self.stage, Stage::Fetching(download) if download.is_waiting())
    }

    /// Whether it is wanted, and no neighbour has anything of it.
    pub(super) fn is_seeking(&self) -> bool {
        matches!(&self.stage, Stage::Fetching(download) if download.holders() == 0)
            && !self.entry.paused
    }

    /// What is here of it, for a neighbour.
    pub(super) fn holding(&self) -> Holding {
        Holding {
            descriptor: self.entry.descriptor.clone(),
            have: self.have.clone(),
        }
    }

    /// How a view sees it.
    pub(super) fn view(&self) -> Transfer {
        let holders = match &self.stage {
            Stage::Fetching(download) => download.holders(),
            _ => 0,
        };
        Transfer {
            file: self.entry.descriptor.clone(),
            channels: self.entry.channels.iter().copied().collect(),
            state: self.state(),
            have_bytes: self.have.bytes(self.entry.descriptor.length),
            holders,
            receiving: self.told.incoming.rate(),
            sending: self.told.outgoing.rate(),
            received: self.told.incoming.total(),
            sent: self.told.outgoing.total(),
            added: self.entry.added,
        }
    }

    pub(super) fn state(&self) -> TransferState {
        match &self.stage {
            Stage::Complete => TransferState::Complete,
            Stage::Checking(_) => TransferState::Checking,
            Stage::Stopped(problem) => TransferState::Stopped {
                problem: problem.clone(),
            },
            Stage::Resuming | Stage::Fetching(_) if self.entry.paused => TransferState::Paused,
            Stage::Resuming => TransferState::Seeking,
            Stage::Fetching(download) if download.holders() == 0 => TransferState::Seeking,
            Stage::Fetching(_) => TransferState::Fetching,
        }
    }
}
