//! The check of a file that is here whole: what was not hashed as it came is read in its order, and its MD5 is known.

use std::collections::BTreeMap;

use super::{
    Files, FilesOutput, Stage,
    stored::{Waiting, run},
};
use crate::{
    resource::{Md5, Outline, ResourceId, pieces},
    store::{Request, StoreError},
    time::Millis,
};

/// What is read at a time to check a file, or one piece: what stores keep together.
const CHECK_BYTES: u64 = 512 * 1024;
/// Reads that are under way at a time, so that reading and hashing go on side by side.
const CHECK_READS: u32 = 2;

/// The pass over a file that computes its MD5, from where the [`Digest`](super::digest::Digest) got to.
pub(super) struct Checking {
    md5: md5::Context,
    /// The piece that is hashed next.
    next: u32,
    /// The piece that the store is asked for next.
    ask: u32,
    /// What the store gave before what comes before it, by the number of the first piece.
    early: BTreeMap<u32, Vec<Option<Vec<u8>>>>,
    /// Those that are not there any more, or not what they were.
    lost: Vec<u32>,
    /// Proves what is read: a disk may have lost what was durable.
    outline: Option<Outline>,
}

impl std::fmt::Debug for Checking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Checking(from piece {})", self.next)
    }
}

impl Files {
    /// All pieces of a file are here: reads those that were not hashed as they came, in their order.
    pub(super) fn check(&mut self, now: Millis, id: ResourceId) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        let outline = match &file.stage {
            Stage::Fetching(download) => download.outline().cloned(),
            _ => None,
        };
        let (md5, next) = std::mem::take(&mut file.digest).end();
        let ready = outline.is_some() || next == pieces::count(file.entry.descriptor.length);
        file.stage = Stage::Checking(Box::new(Checking {
            md5,
            next,
            ask: next,
            early: BTreeMap::new(),
            lost: Vec::new(),
            outline,
        }));
        let waiting = Waiting::CheckOutline(run(id, file));
        self.active.insert(id);
        self.changed.insert(id);
        if ready {
            self.check_on(now, id);
        } else {
            let load = Request::LoadOutline(id);
            self.outputs.push_back(FilesOutput::Store(load, waiting));
        }
    }

    /// The outline that proves what is read is loaded, or there is none.
    pub(super) fn outline_to_check(
        &mut self,
        now: Millis,
        id: ResourceId,
        outline: Option<Outline>,
    ) {
        let stage = self.files.get_mut(&id).map(|file| &mut file.stage);
        if let Some(Stage::Checking(checking)) = stage {
            checking.outline = outline;
            self.check_on(now, id);
        }
    }

    /// Reads what comes next, or ends.
    fn check_on(&mut self, now: Millis, id: ResourceId) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        let run = run(id, file);
        let Stage::Checking(checking) = &mut file.stage else {
            return;
        };
        let length = file.entry.descriptor.length;
        let count = pieces::count(length);
        // At least one, and at most as many as there are in a resource.
        let at_once = (CHECK_BYTES / pieces::piece_bytes(length)).max(1) as u32;
        if checking.next == count {
            return self.end_check(now, id);
        }
        while checking.ask < count && checking.ask - checking.next < CHECK_READS * at_once {
            let first = checking.ask;
            checking.ask = count.min(first + at_once);
            let load = Request::LoadPieces {
                resource: id,
                pieces: (first..checking.ask).collect(),
            };
            let waiting = Waiting::Check { run, first };
            self.outputs.push_back(FilesOutput::Store(load, waiting));
        }
    }

    /// Pieces were read.
    pub(super) fn checked(
        &mut self,
        now: Millis,
        id: ResourceId,
        first: u32,
        read: Vec<Option<Vec<u8>>>,
    ) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        let Stage::Checking(checking) = &mut file.stage else {
            return;
        };
        if !(checking.next..checking.ask).contains(&first) {
            // An earlier pass had asked for it.
            return;
        }
        checking.early.insert(first, read);
        while let Some(read) = checking.early.remove(&checking.next) {
            for bytes in read {
                let piece = checking.next;
                let proves = |bytes: &Vec<u8>| {
                    let outline = checking.outline.as_ref();
                    outline.is_none_or(|outline| outline.proves(piece, bytes))
                };
                match bytes.filter(proves) {
                    Some(bytes) => checking.md5.consume(bytes),
                    None => checking.lost.push(piece),
                }
                checking.next += 1;
            }
        }
        self.check_on(now, id);
    }

    /// All is read.
    fn end_check(&mut self, now: Millis, id: ResourceId) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        let Stage::Checking(checking) = &mut file.stage else {
            return;
        };
        if !checking.lost.is_empty() {
            let lost = std::mem::take(&mut checking.lost);
            return self.lost(now, id, &lost);
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

    /// A file cannot be read to check it. One that was checked once is taken for what it was.
    pub(super) fn unchecked(&mut self, id: ResourceId, error: StoreError) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        // What was asked for side by side may fail side by side.
        if !matches!(file.stage, Stage::Checking(_)) {
            return;
        }
        if file.entry.md5_checked && file.have.is_complete() {
            file.stage = Stage::Complete;
            self.changed.insert(id);
        } else {
            self.stop(id, error.into());
        }
    }
}
