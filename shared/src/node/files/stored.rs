//! What the files wait for from the store, and how they go on from there.

use super::{
    Files, FilesOutput, Stage,
    file::{Checking, File},
    neighbour::PeerKey,
    unsaved::Unsaved,
};
use crate::{
    entropy::Entropy,
    node::command::Problem,
    resource::{Md5, Outline, ResourceId, pieces},
    store::{Reply, Request, StoreError, StoredResource},
    swarm::{OutlineFrom, Pieces},
    time::Millis,
};

/// What a store request was made for.
#[derive(Debug)]
pub(in crate::node) enum Waiting {
    /// If it fails, it is done again at the next start, or does not matter.
    Nothing,
    /// The outline of a file that is to be fetched.
    Resume(ResourceId),
    /// A new file's entry.
    Add(ResourceId),
    /// The entry of a file that had stopped.
    Restart(ResourceId),
    /// The outline that a neighbour asked for.
    Serve { from: PeerKey, ask: OutlineFrom },
    /// Pieces that a neighbour asked for.
    Upload { to: PeerKey, wanted: Pieces },
    /// Pieces that came.
    Put { file: ResourceId, pieces: Vec<u32> },
    /// Pieces of a file that is read once more.
    Check { file: ResourceId, first: u32 },
    /// The outline for that.
    CheckOutline(ResourceId),
}

/// Pieces that are read at a time to check a whole file: half a megabyte of the smallest.
const CHECK_PIECES: u32 = 8;

impl Files {
    /// Takes up the files of the last run; those that were still being taken in are forgotten.
    pub(in crate::node) fn resume(&mut self, stored: Vec<StoredResource>) {
        for StoredResource { entry, have } in stored {
            let id = entry.descriptor.id;
            if entry.channels.is_empty() {
                let remove = Request::RemoveResource(id);
                self.outputs
                    .push_back(FilesOutput::Store(remove, Waiting::Nothing));
                continue;
            }
            let whole = have.is_complete();
            let checked = entry.md5_checked;
            let mut file = File::new(entry, have, Stage::Resuming);
            if whole && checked {
                file.stage = Stage::Complete;
            }
            self.files.insert(id, file);
            if whole && !checked {
                self.check(id);
            } else if !whole {
                self.resume_fetching(id);
            }
        }
    }

    /// Goes on getting a file, once its outline is loaded.
    pub(super) fn resume_fetching(&mut self, id: ResourceId) {
        if let Some(file) = self.files.get_mut(&id) {
            file.stage = Stage::Resuming;
            let load = Request::LoadOutline(id);
            self.outputs
                .push_back(FilesOutput::Store(load, Waiting::Resume(id)));
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
        match waiting {
            Waiting::Nothing => {}
            Waiting::Add(id) => match result {
                Ok(_) => self.fetch(now, id, None, entropy),
                Err(error) => self.stop(id, error.into()),
            },
            Waiting::Restart(id) => match result {
                Ok(_) => self.resume_fetching(id),
                Err(error) => self.stop(id, error.into()),
            },
            Waiting::Resume(id) => {
                let resuming = |file: &File| matches!(file.stage, Stage::Resuming);
                if self.files.get(&id).is_some_and(resuming) {
                    // Without it, it is asked of a neighbour again.
                    self.fetch(now, id, outline_of(result), entropy);
                }
            }
            Waiting::Serve { from, ask } => self.serve_outline(from, ask, outline_of(result)),
            Waiting::Upload { to, wanted } => self.upload(now, to, &wanted, result),
            Waiting::Put { file, pieces } => self.put(now, file, &pieces, result.map(|_| ())),
            Waiting::CheckOutline(id) => {
                if let Some(Stage::Checking(checking)) =
                    self.files.get_mut(&id).map(|file| &mut file.stage)
                {
                    checking.outline = outline_of(result);
                    self.check_next(id);
                }
            }
            Waiting::Check { file, first } => match result {
                Ok(Reply::Pieces(read)) => self.checked(now, file, first, &read),
                Ok(_) => {}
                Err(error) => self.stop(file, error.into()),
            },
        }
    }

    /// Gives the store the pieces that wait, unless it is busy with those before.
    pub(super) fn save_pieces(&mut self, now: Millis, id: ResourceId) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        if file.saving {
            return;
        }
        let pieces = file.unsaved.take(now, file.more_comes());
        if pieces.is_empty() {
            return;
        }
        file.saving = true;
        let numbers = pieces.iter().map(|(piece, _)| *piece).collect();
        let put = Request::PutPieces {
            resource: id,
            pieces,
        };
        let waiting = Waiting::Put {
            file: id,
            pieces: numbers,
        };
        self.outputs.push_back(FilesOutput::Store(put, waiting));
    }

    /// Pieces are durable, or could not be kept.
    fn put(&mut self, now: Millis, id: ResourceId, pieces: &[u32], result: Result<(), StoreError>) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        file.saving = false;
        if let Err(error) = result {
            return self.stop(id, error.into());
        }
        for piece in pieces {
            file.have.insert(*piece);
        }
        let whole = file.have.is_complete();
        self.download(id, |download| download.stored(now, pieces));
        self.changed.insert(id);
        self.tell_gained(id, pieces);
        self.save_pieces(now, id);
        if whole {
            self.check(id);
        }
    }

    /// A file cannot be kept, or not read: nothing more of it is asked for until somebody wants it again.
    pub(super) fn stop(&mut self, id: ResourceId, problem: Problem) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        file.unsaved = Unsaved::default();
        let cancelled = match &mut file.stage {
            Stage::Fetching(download) => {
                // What is asked for is not wanted any more.
                download.pause(Millis::default(), true);
                std::iter::from_fn(|| download.poll()).collect()
            }
            _ => Vec::new(),
        };
        for output in cancelled {
            self.download_wants(id, output);
        }
        if let Some(file) = self.files.get_mut(&id) {
            file.stage = Stage::Stopped(problem);
            self.changed.insert(id);
        }
    }

    /// Pieces that a neighbour asked for were read.
    fn upload(
        &mut self,
        now: Millis,
        to: PeerKey,
        wanted: &Pieces,
        result: Result<Reply, StoreError>,
    ) {
        let mut read = match result {
            Ok(Reply::Pieces(read)) => read,
            _ => Vec::new(),
        };
        read.resize(wanted.pieces.len(), None);
        let mut lost = Vec::new();
        if let Some(neighbour) = self.neighbours.get_mut(&to.connection) {
            for (&piece, bytes) in wanted.pieces.iter().zip(&read) {
                if bytes.is_none() {
                    lost.push(piece);
                }
                neighbour
                    .upload
                    .loaded(wanted.resource, piece, bytes.as_deref());
            }
        }
        self.lost(now, wanted.resource, &lost);
        self.drain_upload(to);
        self.outputs.push_back(FilesOutput::Upload(to));
    }

    /// Pieces that were here are not what they were: they are fetched again.
    fn lost(&mut self, now: Millis, id: ResourceId, pieces: &[u32]) {
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
        let drop = Request::DropPieces {
            resource: id,
            pieces: lost.clone(),
        };
        self.outputs
            .push_back(FilesOutput::Store(drop, Waiting::Nothing));
        if fetching {
            self.download(id, |download| download.unstored(now, &lost));
        } else {
            self.resume_fetching(id);
        }
        self.tell_holding(id);
    }

    /// All pieces of a file are here: reads them once more, in their order.
    fn check(&mut self, id: ResourceId) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        let outline = match &file.stage {
            Stage::Fetching(download) => download.outline().cloned(),
            _ => None,
        };
        let known = outline.is_some();
        file.stage = Stage::Checking(Box::new(Checking {
            md5: md5::Context::new(),
            next: 0,
            outline,
        }));
        self.changed.insert(id);
        if known {
            self.check_next(id);
        } else {
            let load = Request::LoadOutline(id);
            self.outputs
                .push_back(FilesOutput::Store(load, Waiting::CheckOutline(id)));
        }
    }

    fn check_next(&mut self, id: ResourceId) {
        let Some(file) = self.files.get(&id) else {
            return;
        };
        let Stage::Checking(checking) = &file.stage else {
            return;
        };
        let first = checking.next;
        let end = pieces::count(file.entry.descriptor.length).min(first + CHECK_PIECES);
        let load = Request::LoadPieces {
            resource: id,
            pieces: (first..end).collect(),
        };
        let waiting = Waiting::Check { file: id, first };
        self.outputs.push_back(FilesOutput::Store(load, waiting));
    }

    fn checked(&mut self, now: Millis, id: ResourceId, first: u32, read: &[Option<Vec<u8>>]) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        let Stage::Checking(checking) = &mut file.stage else {
            return;
        };
        if checking.next != first {
            return;
        }
        for bytes in read {
            let piece = checking.next;
            let proves = |bytes: &&Vec<u8>| {
                let outline = checking.outline.as_ref();
                outline.is_none_or(|outline| outline.proves(piece, bytes))
            };
            let Some(bytes) = bytes.as_ref().filter(proves) else {
                return self.lost(now, id, &[piece]);
            };
            checking.md5.consume(bytes);
            checking.next += 1;
        }
        if checking.next < pieces::count(file.entry.descriptor.length) {
            return self.check_next(id);
        }
        let md5 = std::mem::replace(&mut checking.md5, md5::Context::new());
        // Who stated another one was wrong, and the id was right.
        file.entry.descriptor.md5 = Md5(md5.finalize().0);
        file.entry.md5_checked = true;
        file.stage = Stage::Complete;
        self.changed.insert(id);
        let save = Request::SaveResource(file.entry.clone());
        self.outputs
            .push_back(FilesOutput::Store(save, Waiting::Nothing));
    }
}

fn outline_of(result: Result<Reply, StoreError>) -> Option<Outline> {
    match result {
        Ok(Reply::Outline(outline)) => outline,
        _ => None,
    }
}
