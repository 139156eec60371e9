//! One file of a node.

use std::collections::{BTreeMap, BTreeSet};

use super::{checking::Checking, digest::Digest, news::Told, unsaved::Unsaved};
use crate::{
    channel::ChannelId,
    limits,
    link::ConnectionKey,
    node::{Problem, Transfer, TransferState},
    resource::{Descriptor, Have, pieces},
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
    /// The MD5 of what came, as far as it came in its order.
    pub(super) digest: Digest,
    /// The store is keeping pieces of so many bytes.
    pub(super) saving: Option<u64>,
    /// Those, while somebody reads the file.
    pub(super) putting: Vec<(u32, Vec<u8>)>,
    /// The store is keeping its entry for the first time: nothing else of it is kept before.
    pub(super) adding: bool,
    /// The last piece has come, durable or not.
    pub(super) proven: bool,
    pub(super) told: Told,
    /// A picture that came with a message, and that the member did not ask for.
    pub(super) automatic: bool,
    /// Then it is given up at this time, unless something of it comes.
    pub(super) given_up_at: Option<Millis>,
    /// When nothing of it will have come for long.
    pub(super) stalls_at: Option<Millis>,
    /// That was so, and nothing has come since.
    pub(super) stalled: bool,
    /// What neighbours say of it who say another length.
    pub(super) others: BTreeMap<ConnectionKey, Descriptor>,
    /// The channels in which it is offered: there it is offered again when it has left.
    pub(super) offered: BTreeSet<ChannelId>,
    /// It was stalled once, and left for that ([`Standing::Again`](crate::seeding::Standing::Again)).
    pub(super) again: bool,
    /// It is not believed to be longer: nobody who was asked for a cover fills the disk with it.
    pub(super) most: u64,
    pub(super) trial: Trial,
    /// What was begun for the same file under another number is of no use any more.
    pub(super) generation: u64,
}

/// How long the length of a file is believed that may be false.
#[derive(Debug, Default)]
pub(super) struct Trial {
    /// Until then, if nothing comes and somebody says another one.
    pub(super) until: Option<Millis>,
    /// How many were believed in vain.
    pub(super) failed: u32,
    /// Who said this one.
    pub(super) of: Option<ConnectionKey>,
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
    /// All is here, and what was not hashed as it came is read in its order.
    Checking(Box<Checking>),
    /// All is here.
    Complete,
}

impl File {
    pub(super) fn new(generation: u64, entry: ResourceEntry, have: Have, stage: Stage) -> Self {
        Self {
            entry,
            have,
            stage,
            unsaved: Unsaved::default(),
            digest: Digest::default(),
            saving: None,
            putting: Vec::new(),
            adding: false,
            proven: false,
            told: Told::default(),
            automatic: false,
            given_up_at: None,
            stalls_at: None,
            stalled: false,
            others: BTreeMap::new(),
            offered: BTreeSet::new(),
            again: false,
            most: u64::MAX,
            trial: Trial::default(),
            generation,
        }
    }

    /// Whether its length may be false. An outline proves no more than how many pieces there are, and the last piece how
    /// long that one is: so it is the first to come, and whatever is here is of the right length.
    pub(super) fn is_unproven(&self) -> bool {
        self.have.count() == 0 && !self.proven && !self.entry.md5_checked
    }

    /// It begins, or something of it came.
    pub(super) fn moves(&mut self, now: Millis) {
        self.stalls_at = (!self.have.is_complete()).then(|| now + limits::STALL);
        self.stalled = false;
    }

    /// Whether it came by itself and goes no further, whoever is to blame for it. A full disk is to blame for nothing: what it
    /// has no room for goes on as it was.
    pub(super) fn is_stalled(&self) -> bool {
        let stalled = match self.stage {
            Stage::Fetching(_) => self.stalled,
            Stage::Stopped(ref problem) => *problem != Problem::StoreFull,
            _ => false,
        };
        stalled && self.entry.automatic.is_some() && !self.have.is_complete()
    }

    /// The bytes of a piece that came and was checked, if they are still in memory.
    pub(super) fn in_memory(&self, piece: u32) -> Option<&[u8]> {
        let mut putting = self.putting.iter();
        let putting = putting.find(|(number, _)| *number == piece);
        self.unsaved
            .get(piece)
            .or(putting.map(|(_, bytes)| &bytes[..]))
    }

    /// Whether a piece can be read.
    pub(super) fn is_here(&self, piece: u32) -> bool {
        self.have.contains(piece) || self.in_memory(piece).is_some()
    }

    /// Whether something of it can be expected to come.
    pub(super) fn comes(&self) -> bool {
        matches!(&self.stage, Stage::Fetching(download) if download.is_waiting() || download.is_outline_coming())
    }

    /// What is asked for first: see [`File::is_unproven`].
    pub(super) fn last_piece(&self) -> u32 {
        pieces::count(self.entry.descriptor.length).saturating_sub(1)
    }

    /// When another length is to be tried.
    pub(super) fn trial_ends(&self) -> Option<Millis> {
        let tries = matches!(self.stage, Stage::Fetching(_)) && !self.entry.paused;
        let doubted = !self.others.is_empty() && self.is_unproven() && self.saving.is_none();
        self.trial.until.filter(|_| tries && doubted)
    }

    pub(super) fn deadline(&self) -> Option<Millis> {
        let download = match &self.stage {
            Stage::Fetching(download) => download.deadline(),
            _ => None,
        };
        let unsaved = self
            .unsaved
            .due()
            .filter(|_| self.saving.is_none() && !self.adding);
        let ends = [unsaved, self.given_up_at, self.stalls_at, self.trial_ends()];
        download.into_iter().chain(ends.into_iter().flatten()).min()
    }

    /// Whether pieces of it are on their way here.
    pub(super) fn more_comes(&self) -> bool {
        matches!(&self.stage, Stage::Fetching(download) if download.is_waiting())
    }

    /// Whether the member wants it, and no neighbour has anything of it.
    pub(super) fn is_seeking(&self) -> bool {
        matches!(&self.stage, Stage::Fetching(download) if download.holders() == 0)
            && !self.entry.paused
            && !self.automatic
    }

    /// What is here of it, for a neighbour.
    pub(super) fn holding(&self) -> Holding {
        Holding {
            descriptor: self.entry.descriptor.clone(),
            have: self.have.clone(),
        }
    }

    /// Whether it stopped because the quota has no room for it.
    pub(super) fn lacks_room(&self) -> bool {
        matches!(self.stage, Stage::Stopped(Problem::Quota { .. }))
    }

    /// Whether neighbours are asked for it. One that was chosen and has no room may be shorter than was said first.
    pub(super) fn is_wanted(&self) -> bool {
        let chosen = self.entry.automatic.is_none();
        matches!(self.stage, Stage::Fetching(_))
            || chosen && self.lacks_room() && self.is_unproven()
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
            chosen: self.entry.automatic.is_none(),
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
