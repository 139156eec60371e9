//! Files that are read while they come, as by somebody who listens to one.
//!
//! A reader asks for one part after the other. What came a moment ago it gets from memory, before it is durable; what is
//! here of the rest is loaded and proven once more; for what is not, the download hurries: a window from where each reader
//! is comes before all else of the file. A reader that goes away takes its window along, and the download goes on as it was.
//! What the member paused is read as far as it is here: reading is no reason to go on.

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::{Files, FilesOutput, Stage, Waiting, Why, file::File};
use crate::{
    channel::ChannelId,
    limits,
    node::{Problem, ReadKey, ReadPart, ReadProblem},
    resource::{Outline, ResourceId, pieces},
    store::{Reply, Request, StoreError},
    time::Millis,
};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(in crate::node) struct Wanted {
    pub(in crate::node) resource: ResourceId,
    /// Where it could be got, if it is not here.
    pub(in crate::node) channel: Option<ChannelId>,
    pub(in crate::node) offset: u64,
    pub(in crate::node) length: u64,
    /// How long it may be, if it is not here: whoever is asked may say anything.
    pub(in crate::node) most: u64,
    /// It is what the player plays.
    pub(in crate::node) played: bool,
}

/// One reader.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) resource: ResourceId,
    /// The next byte.
    at: u64,
    /// Until it is open: how many bytes are wanted.
    wanted: u64,
    /// The player reads it.
    played: bool,
    /// Once it is open.
    open: Option<Open>,
    /// The reader waits for a part.
    asked: bool,
    /// The store was asked for something.
    loading: bool,
    /// When the reader was heard last.
    heard_at: Millis,
    /// That is long ago.
    pub(super) quiet: bool,
}

/// What is known of a file that is read.
#[derive(Debug)]
struct Open {
    /// Where reading ends.
    end: u64,
    /// How long the file is.
    length: u64,
    /// Proves what is read.
    proof: Proof,
}

/// The outline of a file that is read: a disk may have lost what was durable.
#[derive(Debug)]
enum Proof {
    /// It was not looked for.
    Unknown,
    /// It was; without one, what was checked when it came is believed.
    Known(Option<Outline>),
}

impl Reading {
    /// The piece that is read next, unless all is.
    fn piece(&self) -> Option<u32> {
        let open = self.open.as_ref()?;
        (self.at < open.end).then(|| piece_of(self.at, open.length))
    }

    /// The pieces that are read soon, of a file that is said to be so long. Who has only asked what the file is reads on from
    /// there.
    pub(super) fn window(&self, length: u64) -> Option<Range<u32>> {
        let end = self.open.as_ref().map_or(length, |open| open.end);
        let left_behind = self.quiet && self.open.is_some() && !self.asked;
        if self.at >= end || left_behind {
            return None;
        }
        let last = end.min(self.at + limits::READ_AHEAD_BYTES) - 1;
        Some(piece_of(self.at, length)..piece_of(last, length) + 1)
    }

    /// From when on nobody expects it to ask for more.
    pub(super) fn quiet_at(&self) -> Millis {
        self.heard_at + limits::READ_QUIET
    }

    /// Whether what it reads next is not here, and something is on its way.
    pub(super) fn starves(&self, file: &File) -> bool {
        let next = match self.open {
            Some(_) => self.piece(),
            None => Some(file.last_piece()),
        };
        file.comes() && next.is_some_and(|next| !file.is_here(next))
    }
}

/// The piece that has a byte of a resource.
fn piece_of(at: u64, length: u64) -> u32 {
    // A resource has at most MAX_PIECES.
    u32::try_from(at / pieces::piece_bytes(length)).unwrap_or(u32::MAX)
}

impl Files {
    /// Somebody wants to read a file. One that nobody asked for yet is got, if it is said where.
    pub(in crate::node) fn read(&mut self, now: Millis, read: ReadKey, wanted: Wanted) {
        let id = wanted.resource;
        if let Some(file) = self.files.get_mut(&id) {
            file.asked_for();
        } else if self.dropped == Some(id) {
            return self.fail_read(read, ReadProblem::Gone);
        } else if !self.sought.contains_key(&id) {
            let Some(channel) = wanted.channel else {
                return self.fail_read(read, ReadProblem::Unknown);
            };
            if self.coming() >= limits::MAX_TRANSFERS {
                let problem = Problem::TooManyTransfers;
                return self.fail_read(read, ReadProblem::Problem(problem));
            }
            // For as long as it is read: whoever shows covers shows many, and some are nowhere.
            self.seek_unknown([channel], id, Why::Read, wanted.most);
        }
        self.make_way(wanted.played);
        let reading = Reading {
            resource: id,
            at: wanted.offset,
            wanted: wanted.length,
            played: wanted.played,
            open: None,
            asked: false,
            loading: false,
            heard_at: now,
            quiet: false,
        };
        self.reads.insert(read, reading);
        self.hurry(now, id);
        self.go_on_reading(now, read);
    }

    /// If as many read as can, the one that has been silent for longest is done. A player with a full buffer is silent for
    /// long, and gives way to nobody but itself.
    fn make_way(&mut self, played: bool) {
        let most = if played {
            limits::MAX_PLAYED_READS
        } else {
            limits::MAX_READS
        };
        let alike = self.reads.iter().filter(|(_, of)| of.played == played);
        if alike.clone().count() < most {
            return;
        }
        let silent = alike.min_by_key(|(_, of)| of.heard_at);
        if let Some((&silent, _)) = silent {
            self.fail_read(silent, ReadProblem::GaveWay);
        }
    }

    /// A reader wants the next part.
    pub(in crate::node) fn read_more(&mut self, now: Millis, read: ReadKey) {
        if let Some(reading) = self.reads.get_mut(&read) {
            reading.asked = true;
            reading.heard_at = now;
            let id = reading.resource;
            let returns = std::mem::take(&mut reading.quiet);
            self.go_on_reading(now, read);
            if returns {
                self.hurry(now, id);
            }
        }
    }

    /// A reader wants no more.
    pub(in crate::node) fn stop_reading(&mut self, now: Millis, read: ReadKey) {
        if let Some(reading) = self.reads.remove(&read) {
            self.hurry(now, reading.resource);
            self.give_up_sought(now);
        }
    }

    /// There is no more for a reader.
    pub(in crate::node) fn fail_read(&mut self, read: ReadKey, problem: ReadProblem) {
        self.reads.remove(&read);
        self.give(read, ReadPart::Failed(problem));
    }

    fn give(&mut self, read: ReadKey, part: ReadPart) {
        self.outputs.push_back(FilesOutput::Read(read, part));
    }

    /// The readers of a file.
    fn readers(&self, id: ResourceId) -> Vec<ReadKey> {
        let reads = self.reads.iter().filter(|(_, of)| of.resource == id);
        reads.map(|(read, _)| *read).collect()
    }

    /// Readers whose file is not here and not wanted any more have nothing to wait for.
    pub(super) fn end_reads(&mut self) {
        let known = |id: &ResourceId| self.files.contains_key(id) || self.sought.contains_key(id);
        let orphans = self.reads.iter().filter(|(_, of)| !known(&of.resource));
        let orphans: Vec<ReadKey> = orphans.map(|(read, _)| *read).collect();
        for read in orphans {
            self.fail_read(read, ReadProblem::Gone);
        }
    }

    /// Something changed with a file: its readers get what is here.
    pub(super) fn serve_readers(&mut self, now: Millis, id: ResourceId) {
        for read in self.readers(id) {
            self.go_on_reading(now, read);
        }
    }

    /// Gives a reader what it waits for, if it can be given.
    fn go_on_reading(&mut self, now: Millis, read: ReadKey) {
        let Some(reading) = self.reads.get_mut(&read) else {
            return;
        };
        // Until somebody says what it is, there is no file.
        let Some(file) = self.files.get(&reading.resource) else {
            return;
        };
        let (id, length) = (reading.resource, file.entry.descriptor.length);
        let stopped = match &file.stage {
            Stage::Stopped(problem) => Some(problem.clone()),
            _ => None,
        };
        let Some(open) = &reading.open else {
            // How long it is proves the first piece that comes, which is the last one.
            match stopped {
                Some(problem) if file.is_unproven() => {
                    self.fail_read(read, ReadProblem::Problem(problem));
                }
                _ if file.is_unproven() => {}
                _ => self.open_read(now, read),
            }
            return;
        };
        if open.length != length {
            return self.fail_read(read, ReadProblem::Gone);
        }
        if !reading.asked || reading.loading {
            return;
        }
        let bytes = file.part_in_memory(reading.at, open.end);
        if !bytes.is_empty() {
            return self.give_bytes(now, read, bytes);
        }
        let here = here(file, reading.at, open.end);
        if here.is_empty() {
            if let Some(problem) = stopped {
                self.fail_read(read, ReadProblem::Problem(problem));
            }
            return;
        }
        reading.loading = true;
        let (request, waiting) = if matches!(open.proof, Proof::Unknown) {
            (Request::LoadOutline(id), Waiting::Proof(read))
        } else {
            let load = Request::LoadPieces {
                resource: id,
                pieces: here.clone(),
            };
            (load, Waiting::Part(read, here))
        };
        self.outputs.push_back(FilesOutput::Store(request, waiting));
    }

    /// It is known what a reader reads.
    fn open_read(&mut self, now: Millis, read: ReadKey) {
        let Some(reading) = self.reads.get_mut(&read) else {
            return;
        };
        let Some(file) = self.files.get(&reading.resource) else {
            return;
        };
        let descriptor = file.entry.descriptor.clone();
        let length = descriptor.length;
        if reading.at > length {
            return self.fail_read(read, ReadProblem::BeyondEnd { length });
        }
        // The only piece of a small resource is what the id itself proves.
        let known = match &file.stage {
            Stage::Fetching(download) => download.outline().cloned(),
            _ => Outline::check(descriptor.id, length, &descriptor.id.0).ok(),
        };
        reading.open = Some(Open {
            end: length.min(reading.at.saturating_add(reading.wanted)),
            length,
            proof: known.map_or(Proof::Unknown, |outline| Proof::Known(Some(outline))),
        });
        let id = reading.resource;
        self.give(read, ReadPart::Opened(descriptor));
        self.end_or_hurry(now, read, id);
        self.go_on_reading(now, read);
    }

    /// A reader has come to its end, or is somewhere else than before.
    fn end_or_hurry(&mut self, now: Millis, read: ReadKey, id: ResourceId) {
        let done = |of: &Reading| of.open.as_ref().is_some_and(|open| of.at >= open.end);
        if self.reads.get(&read).is_some_and(done) {
            self.reads.remove(&read);
            self.give(read, ReadPart::End);
        }
        self.hurry(now, id);
    }

    /// Gives a reader the part that it asked for.
    fn give_bytes(&mut self, now: Millis, read: ReadKey, bytes: Vec<u8>) {
        let Some(reading) = self.reads.get_mut(&read) else {
            return;
        };
        let (id, offset) = (reading.resource, reading.at);
        reading.at += bytes.len() as u64;
        reading.asked = false;
        self.give(read, ReadPart::Bytes { offset, bytes });
        self.end_or_hurry(now, read, id);
    }

    /// The store has the outline of a file that is read, or does not.
    pub(super) fn proof_loaded(&mut self, now: Millis, read: ReadKey, outline: Option<Outline>) {
        if let Some(reading) = self.reads.get_mut(&read) {
            reading.loading = false;
            if let Some(open) = &mut reading.open {
                open.proof = Proof::Known(outline);
            }
            self.go_on_reading(now, read);
        }
    }

    /// The store has read pieces, or cannot.
    pub(super) fn part_loaded(
        &mut self,
        now: Millis,
        read: ReadKey,
        numbers: &[u32],
        result: Result<Reply, StoreError>,
    ) {
        let Some(reading) = self.reads.get_mut(&read) else {
            return;
        };
        reading.loading = false;
        let (id, Some(open)) = (reading.resource, &reading.open) else {
            return;
        };
        let loaded = match result {
            Ok(Reply::Pieces(loaded)) => loaded,
            Ok(_) => Vec::new(),
            Err(error) => {
                let problem = Problem::from(error);
                return self.fail_read(read, ReadProblem::Problem(problem));
            }
        };
        let proven = |piece: u32, bytes: &[u8]| match &open.proof {
            Proof::Known(Some(outline)) => outline.proves(piece, bytes),
            _ => bytes.len() == pieces::bytes_of(open.length, piece),
        };
        let mut bytes = Vec::new();
        let mut lost = Vec::new();
        let mut loaded = loaded.into_iter();
        for &piece in numbers {
            match loaded.next().flatten() {
                Some(found) if proven(piece, &found) => {
                    // What comes after a gap is read again once that is filled.
                    if lost.is_empty() {
                        bytes.extend_from_slice(&found);
                    }
                }
                _ => lost.push(piece),
            }
        }
        let first = numbers.first().copied().unwrap_or_default();
        let start = u64::from(first) * pieces::piece_bytes(open.length);
        // The reader is where it was: one part is loaded at a time.
        let skipped = reading.at.saturating_sub(start) as usize;
        let most = open.end.saturating_sub(reading.at);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        bytes.drain(..skipped.min(bytes.len()));
        bytes.truncate(most.min(limits::READ_PART_BYTES));
        if !bytes.is_empty() {
            self.give_bytes(now, read, bytes);
        }
        if !lost.is_empty() {
            self.lost(now, id, &lost);
        }
        self.go_on_reading(now, read);
    }
}

impl File {
    /// The bytes of a part that begins somewhere, as far as they are in memory, checked and on their way into the store.
    fn part_in_memory(&self, at: u64, end: u64) -> Vec<u8> {
        let length = self.entry.descriptor.length;
        let size = pieces::piece_bytes(length);
        let most = end.saturating_sub(at).min(limits::READ_PART_BYTES as u64) as usize;
        let mut bytes = Vec::new();
        while bytes.len() < most {
            let from = at + bytes.len() as u64;
            let Some(piece) = self.in_memory(piece_of(from, length)) else {
                break;
            };
            let rest = piece.get((from % size) as usize..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            bytes.extend_from_slice(&rest[..rest.len().min(most - bytes.len())]);
        }
        bytes
    }
}

/// The pieces of a part that begins somewhere, as far as they are here.
fn here(file: &File, at: u64, end: u64) -> Vec<u32> {
    let length = file.entry.descriptor.length;
    let size = pieces::piece_bytes(length);
    let together = (limits::READ_PART_BYTES as u64 / size).max(1);
    let first = u64::from(piece_of(at, length));
    let all = first..end.div_ceil(size).min(first + together);
    let numbers = all.filter_map(|piece| u32::try_from(piece).ok());
    numbers
        .take_while(|piece| file.have.contains(*piece))
        .collect()
}
