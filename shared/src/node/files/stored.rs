//! What the files wait for from the store, and how they go on from there.

use std::collections::BTreeSet;

use super::{Files, FilesOutput, Stage, file::File, neighbour::PeerKey};
use crate::{
    channel::ChannelId,
    entropy::Entropy,
    node::{event::Problem, read::ReadKey},
    resource::{Outline, ResourceId},
    store::{Reply, Request, StoreError, StoredResource},
    swarm::{OutlineFrom, Pieces},
    time::Millis,
};

/// What a store request was made for.
#[derive(Debug)]
pub(in crate::node) enum Waiting {
    /// Nothing goes on from there. If it fails, the next start finds what was before: an entry whose pause, channel or
    /// MD5 is an older one, a file of a channel that was left, which is removed then, or pieces that are lost, which is
    /// noticed again when they are read. An outline is asked for again.
    Nothing,
    /// The outline of a file that is to be fetched.
    Resume(Run),
    /// A new file's entry.
    Add(Run),
    /// The entry of a file that had stopped, or has another length.
    Restart(Run),
    /// The outline that a neighbour asked for.
    Serve { from: PeerKey, ask: OutlineFrom },
    /// Pieces that a neighbour asked for.
    Upload { to: PeerKey, wanted: Pieces },
    /// Pieces that came.
    Put { run: Run, pieces: Vec<u32> },
    /// Pieces of a file that is checked.
    Check { run: Run, first: u32 },
    /// The outline for that.
    CheckOutline(Run),
    /// The outline of a file that is read while it comes.
    Proof(ReadKey),
    /// Pieces of it.
    Part(ReadKey, Vec<u32>),
}

/// A file as it was entered: one that was removed, or has another length, is not it any more.
#[derive(Clone, Copy, Debug)]
pub(in crate::node) struct Run {
    file: ResourceId,
    generation: u64,
}

impl Waiting {
    fn run(&self) -> Option<Run> {
        match self {
            Self::Nothing | Self::Serve { .. } | Self::Upload { .. } => None,
            // Whatever the file is by now, its bytes are proven before they are given.
            Self::Proof(_) | Self::Part(..) => None,
            Self::Resume(run) | Self::Add(run) | Self::Restart(run) | Self::CheckOutline(run) => {
                Some(*run)
            }
            Self::Put { run, .. } | Self::Check { run, .. } => Some(*run),
        }
    }
}

impl Files {
    /// Takes up the files of the last run. Forgotten are those that were still being taken in, and those of channels that
    /// were left: the end may have come between the one and the other.
    pub(in crate::node) fn resume(
        &mut self,
        now: Millis,
        stored: Vec<StoredResource>,
        joined: &BTreeSet<ChannelId>,
    ) {
        for StoredResource { mut entry, have } in stored {
            let id = entry.descriptor.id;
            let before = entry.channels.len();
            entry.channels.retain(|channel| joined.contains(channel));
            let left = entry.channels.len() < before;
            if entry.channels.is_empty() {
                let remove = Request::RemoveResource(id);
                self.outputs
                    .push_back(FilesOutput::Store(remove, Waiting::Nothing));
                continue;
            }
            let whole = have.is_complete();
            let checked = entry.md5_checked;
            let mut file = File::new(self.next_generation(), entry, have, Stage::Resuming);
            if whole && checked {
                file.stage = Stage::Complete;
            }
            file.resume_picture(now);
            self.files.insert(id, file);
            // It is known what it is.
            self.sought.remove(&id);
            self.wishes.end(id);
            if left {
                self.save_entry(id);
            }
            if whole && !checked {
                self.check(now, id);
            } else if !whole {
                self.resume_fetching(id);
            }
        }
    }

    /// Goes on getting a file, once its outline is loaded.
    pub(super) fn resume_fetching(&mut self, id: ResourceId) {
        if let Some(file) = self.files.get_mut(&id) {
            file.stage = Stage::Resuming;
            self.active.insert(id);
            let waiting = Waiting::Resume(run(id, file));
            let load = Request::LoadOutline(id);
            self.outputs.push_back(FilesOutput::Store(load, waiting));
            self.changed.insert(id);
        }
    }

    /// The store has answered.
    pub(in crate::node) fn stored(
        &mut self,
        now: Millis,
        waiting: Waiting,
        result: Result<Reply, StoreError>,
        entropy: &mut Entropy,
    ) {
        if let Some(run) = waiting.run() {
            let file = self.files.get(&run.file);
            if file.is_none_or(|file| file.generation != run.generation) {
                return;
            }
        }
        let resuming = |files: &Self, id: ResourceId| {
            let file = files.files.get(&id);
            file.is_some_and(|file| matches!(file.stage, Stage::Resuming))
        };
        match waiting {
            Waiting::Nothing => {}
            Waiting::Add(Run { file, .. }) => match result {
                Ok(_) => self.added(now, file, entropy),
                Err(error) => self.stop(file, error.into()),
            },
            Waiting::Restart(Run { file, .. }) => match result {
                Ok(_) => {
                    self.wishes.end(file);
                    // It may have stopped meanwhile.
                    if resuming(self, file) {
                        self.resume_fetching(file);
                    }
                }
                Err(error) => self.stop(file, error.into()),
            },
            Waiting::Resume(Run { file, .. }) => {
                if resuming(self, file) {
                    // Without it, it is asked of a neighbour again.
                    self.fetch(now, file, outline_of(result), entropy);
                    self.seek(file);
                }
            }
            Waiting::Serve { from, ask } => self.serve_outline(from, ask, outline_of(result)),
            Waiting::Upload { to, wanted } => self.upload(now, to, &wanted, result),
            Waiting::Put { run, pieces } => {
                self.put(now, run.file, &pieces, result.map(|_| ()));
            }
            Waiting::CheckOutline(Run { file, .. }) => {
                self.outline_to_check(now, file, outline_of(result));
            }
            Waiting::Proof(read) => self.proof_loaded(now, read, outline_of(result)),
            Waiting::Part(read, pieces) => self.part_loaded(now, read, &pieces, result),
            Waiting::Check { run, first } => match result {
                Ok(Reply::Pieces(read)) => self.checked(now, run.file, first, read),
                Ok(_) => {}
                Err(error) => self.unchecked(run.file, error),
            },
        }
    }

    /// The entry of a new file is kept: from now on, what comes of it is.
    fn added(&mut self, now: Millis, id: ResourceId, entropy: &mut Entropy) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        file.adding = false;
        self.wishes.end(id);
        let outline = match &file.stage {
            Stage::Resuming => return self.fetch(now, id, None, entropy),
            Stage::Fetching(download) => download.outline().cloned(),
            _ => None,
        };
        if let Some(outline) = outline.filter(|_| file.last_piece() > 0) {
            self.save_outline(id, outline);
        }
        self.save_pieces(now, id);
    }

    /// The outline of a file came.
    pub(super) fn save_outline(&mut self, id: ResourceId, outline: Outline) {
        if self.files.get(&id).is_some_and(|file| !file.adding) {
            let resource = id;
            let save = Request::SaveOutline { resource, outline };
            self.outputs
                .push_back(FilesOutput::Store(save, Waiting::Nothing));
        }
    }

    /// Gives the store the pieces that wait, unless it is busy with those before.
    pub(super) fn save_pieces(&mut self, now: Millis, id: ResourceId) {
        let is_read = self.reads.values().any(|of| of.resource == id);
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        if file.saving.is_some() || file.adding {
            return;
        }
        let pieces = file.unsaved.take(now, file.more_comes());
        if pieces.is_empty() {
            return;
        }
        let bytes = pieces.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        if !self.make_room(now, id, bytes) {
            return;
        }
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        file.saving = Some(bytes);
        if is_read {
            // Whoever waits for them does not wait for the store: they are what they should be, durable or not.
            file.putting.clone_from(&pieces);
        }
        let numbers = pieces.iter().map(|(piece, _)| *piece).collect();
        let put = Request::PutPieces {
            resource: id,
            pieces,
        };
        let waiting = Waiting::Put {
            run: run(id, file),
            pieces: numbers,
        };
        self.outputs.push_back(FilesOutput::Store(put, waiting));
    }

    /// The last piece of a file has come, so that it is sure how long it is: until now nothing else was asked for. Others whose
    /// lengths were not known, either, may have begun meanwhile, so that there is no room for all of them.
    pub(super) fn ask_for_the_rest(&mut self, now: Millis, id: ResourceId) {
        if !self.still_has_room(now, id) {
            return;
        }
        let held = self.is_held(id);
        let Some(file) = self.files.get(&id) else {
            return;
        };
        let last = file.last_piece();
        let others: Vec<u32> = file.have.missing().filter(|piece| *piece != last).collect();
        self.download(id, |download| {
            download.hold(now, held);
            download.unstored(now, &others);
        });
    }

    /// Pieces are durable, or could not be kept.
    fn put(&mut self, now: Millis, id: ResourceId, pieces: &[u32], result: Result<(), StoreError>) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        file.saving = None;
        file.putting.clear();
        if let Err(error) = result {
            self.room_freed |= file.lacks_room();
            return self.stop(id, error.into());
        }
        for piece in pieces {
            file.have.insert(*piece);
        }
        let whole = file.have.is_complete();
        file.again &= !whole;
        file.moves(now);
        file.picture_came(now, whole);
        self.download(id, |download| download.stored(now, pieces));
        self.changed.insert(id);
        self.tell_gained(id, pieces);
        // Who reads comes before what is kept, and before what is checked.
        self.serve_readers(now, id);
        self.save_pieces(now, id);
        if whole {
            self.check(now, id);
        }
    }

    /// A file cannot be kept, or not read: nothing more of it is asked for until somebody wants it again.
    pub(super) fn stop(&mut self, id: ResourceId, problem: Problem) {
        let here = self.files.get(&id);
        if here.is_some_and(|file| matches!(&file.stage, Stage::Stopped(why) if *why == problem)) {
            return;
        }
        // What it does not take is there for others; unless nobody has room.
        let frees = problem != Problem::StoreFull;
        self.room_freed |= frees && here.is_some_and(|file| !file.lacks_room());
        self.quit(id);
        if let Some(file) = self.files.get_mut(&id) {
            file.adding = false;
            file.given_up_at = None;
            file.stalls_at = None;
            if problem == Problem::StoreFull {
                self.offers.disk_is_full();
            }
            file.stage = Stage::Stopped(problem);
            self.active.insert(id);
            self.changed.insert(id);
        }
        // What is here can still be read; who waits for more waits in vain.
        self.serve_readers(Millis::default(), id);
    }

    /// Pieces that a neighbour asked for were read.
    fn upload(
        &mut self,
        now: Millis,
        to: PeerKey,
        wanted: &Pieces,
        result: Result<Reply, StoreError>,
    ) {
        let id = wanted.resource;
        let mut lost = Vec::new();
        let neighbour = self.neighbours.get_mut(&to.connection);
        match (neighbour, result) {
            (None, _) => {}
            (Some(neighbour), Ok(Reply::Pieces(mut read))) => {
                read.resize(wanted.pieces.len(), None);
                for (&piece, bytes) in wanted.pieces.iter().zip(&read) {
                    if bytes.is_none() {
                        lost.push(piece);
                    }
                    neighbour.upload.loaded(id, piece, bytes.as_deref());
                }
            }
            // What cannot be read now is not lost for that.
            (Some(neighbour), _) => {
                for &piece in &wanted.pieces {
                    neighbour.upload.unread(id, piece);
                }
            }
        }
        let whole = |file: &File| matches!(file.stage, Stage::Complete);
        if !lost.is_empty() && self.files.get(&id).is_some_and(whole) {
            // What has lost a piece may have lost all of them: a file that somebody else has written over.
            self.check(now, id);
        } else {
            self.lost(now, id, &lost);
        }
        self.drain_upload(to);
        self.outputs.push_back(FilesOutput::Upload(to));
    }

    /// Pieces that were here are not what they were: they are fetched again.
    pub(super) fn lost(&mut self, now: Millis, id: ResourceId, pieces: &[u32]) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        let lost: Vec<u32> = pieces
            .iter()
            .copied()
            .filter(|piece| file.have.remove(*piece))
            .collect();
        if lost.is_empty() {
            return;
        }
        let fetching = matches!(file.stage, Stage::Fetching(_) | Stage::Resuming);
        let stopped = matches!(file.stage, Stage::Stopped(_));
        let drop = Request::DropPieces {
            resource: id,
            pieces: lost.clone(),
        };
        self.outputs
            .push_back(FilesOutput::Store(drop, Waiting::Nothing));
        self.room_freed = true;
        if fetching {
            self.download(id, |download| download.unstored(now, &lost));
        } else if stopped {
            self.changed.insert(id);
        } else {
            self.resume_fetching(id);
        }
        self.tell_holding(id, true);
    }
}

/// What begins for a file now.
pub(super) fn run(id: ResourceId, file: &File) -> Run {
    Run {
        file: id,
        generation: file.generation,
    }
}

fn outline_of(result: Result<Reply, StoreError>) -> Option<Outline> {
    match result {
        Ok(Reply::Outline(outline)) => outline,
        _ => None,
    }
}
