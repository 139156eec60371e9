//! What the member wants of files.

use std::collections::BTreeSet;

use super::{Files, FilesOutput, Sought, Stage, Waiting, file::File};
use crate::{
    channel::ChannelId,
    limits,
    node::{Problem, Transfer},
    resource::{Descriptor, Have, ResourceId},
    store::{Request, ResourceEntry, StoredResource},
    swarm::Message,
    time::Millis,
};

impl Files {
    /// Gets a file, or goes on getting it.
    ///
    /// # Errors
    /// When what is said of it cannot be, or too many are on their way.
    pub(in crate::node) fn want_file(
        &mut self,
        now: Millis,
        channel: ChannelId,
        id: ResourceId,
        descriptor: Option<Descriptor>,
    ) -> Result<(), Problem> {
        if let Some(file) = self.files.get_mut(&id) {
            let stopped = matches!(file.stage, Stage::Stopped(_));
            let new_here = file.entry.channels.insert(channel);
            let resumed = std::mem::take(&mut file.entry.paused);
            if new_here || resumed {
                self.save_entry(id);
            }
            if stopped {
                self.start_again(id);
            } else if new_here || resumed {
                self.download(id, |download| download.pause(now, false));
                self.seek(id);
            }
            return Ok(());
        }
        if let Some(descriptor) = &descriptor {
            if descriptor.id != id {
                return Err(Problem::NoFile);
            }
            descriptor.check().map_err(Problem::File)?;
        }
        let coming = self.files.values().filter(|file| !file.have.is_complete());
        if coming.count() + self.sought.len() >= limits::MAX_TRANSFERS {
            return Err(Problem::TooManyTransfers);
        }
        match descriptor {
            Some(descriptor) => self.want(now, channel, descriptor),
            None => {
                self.sought.insert(id, Sought { channel });
                let neighbours = self.neighbours.iter();
                let seeks: Vec<FilesOutput> = neighbours
                    .filter(|(_, neighbour)| neighbour.channel == channel)
                    .map(|(connection, neighbour)| {
                        FilesOutput::Send(neighbour.key(*connection), Message::Seek(id))
                    })
                    .collect();
                self.outputs.extend(seeks);
            }
        }
        Ok(())
    }

    /// A new file is wanted, and what it is like is known.
    pub(super) fn want(&mut self, now: Millis, channel: ChannelId, descriptor: Descriptor) {
        let (id, length) = (descriptor.id, descriptor.length);
        let entry = ResourceEntry {
            descriptor,
            channels: BTreeSet::from([channel]),
            paused: false,
            added: now,
            md5_checked: false,
        };
        let save = Request::SaveResource(entry.clone());
        let file = File::new(entry, Have::none(length), Stage::Resuming);
        self.files.insert(id, file);
        self.changed.insert(id);
        self.outputs
            .push_back(FilesOutput::Store(save, Waiting::Add(id)));
    }

    /// A file that stopped is taken up again.
    fn start_again(&mut self, id: ResourceId) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        // It may be that not even its entry could be kept.
        let save = Request::SaveResource(file.entry.clone());
        file.stage = Stage::Resuming;
        self.changed.insert(id);
        self.outputs
            .push_back(FilesOutput::Store(save, Waiting::Restart(id)));
    }

    /// Asks for no more of a file, or goes on.
    ///
    /// # Errors
    /// When there is none.
    pub(in crate::node) fn pause(
        &mut self,
        now: Millis,
        id: ResourceId,
        paused: bool,
    ) -> Result<(), Problem> {
        let file = self.files.get_mut(&id).ok_or(Problem::NoFile)?;
        if std::mem::replace(&mut file.entry.paused, paused) != paused {
            self.save_entry(id);
            self.download(id, |download| download.pause(now, paused));
            if !paused {
                self.seek(id);
            }
            self.changed.insert(id);
        }
        Ok(())
    }

    /// Forgets a file.
    ///
    /// # Errors
    /// When there is none.
    pub(in crate::node) fn remove(&mut self, id: ResourceId) -> Result<(), Problem> {
        let sought = self.sought.remove(&id).is_some();
        let Some(mut file) = self.files.remove(&id) else {
            return if sought { Ok(()) } else { Err(Problem::NoFile) };
        };
        // Neighbours hear that nothing is here any more, and what they asked for does not come.
        file.have = Have::none(file.entry.descriptor.length);
        let connections: Vec<_> = self.neighbours.keys().copied().collect();
        for connection in connections {
            let Some(neighbour) = self.neighbours.get_mut(&connection) else {
                continue;
            };
            let peer = neighbour.key(connection);
            neighbour.upload.withdraw(id);
            if neighbour.follows.insert(id, false) == Some(true) {
                let holding = Message::Holding(file.holding());
                self.outputs.push_back(FilesOutput::Send(peer, holding));
            } else {
                neighbour.follows.remove(&id);
            }
            self.drain_upload(peer);
        }
        if self.outline.as_ref().is_some_and(|(of, _)| *of == id) {
            self.outline = None;
        }
        let remove = Request::RemoveResource(id);
        self.outputs
            .push_back(FilesOutput::Store(remove, Waiting::Nothing));
        self.tell_gone(id);
        Ok(())
    }

    /// A channel is left: what was shared there only goes with it.
    pub(in crate::node) fn leave(&mut self, channel: ChannelId) {
        self.sought.retain(|_, sought| sought.channel != channel);
        let ids: Vec<ResourceId> = self.files.keys().copied().collect();
        for id in ids {
            let Some(file) = self.files.get_mut(&id) else {
                continue;
            };
            if !file.entry.channels.remove(&channel) {
                continue;
            }
            if file.entry.channels.is_empty() {
                // There is one: it was just looked at.
                let _there = self.remove(id);
            } else {
                self.save_entry(id);
                self.changed.insert(id);
            }
        }
    }

    /// A file that is in the store as a whole is shared in a channel. Gives the entry to keep.
    pub(in crate::node) fn share(
        &mut self,
        channel: ChannelId,
        stored: StoredResource,
    ) -> Result<ResourceEntry, Problem> {
        let id = stored.entry.descriptor.id;
        if !stored.have.is_complete() {
            return Err(Problem::NoFile);
        }
        let file = self
            .files
            .entry(id)
            .or_insert_with(|| File::new(stored.entry, Have::none(0), Stage::Complete));
        if !file.have.is_complete() || file.have.pieces() != stored.have.pieces() {
            // It was on its way, too.
            file.have = stored.have;
            file.stage = Stage::Complete;
        }
        file.entry.channels.insert(channel);
        let entry = file.entry.clone();
        self.changed.insert(id);
        self.tell_holding(id);
        Ok(entry)
    }

    /// All files, in the order they were added.
    pub(in crate::node) fn views(&self) -> Vec<Transfer> {
        let mut files: Vec<Transfer> = self.files.values().map(File::view).collect();
        files.sort_by_key(|file| (file.added, file.file.id));
        files
    }

    fn save_entry(&mut self, id: ResourceId) {
        if let Some(file) = self.files.get(&id) {
            let save = Request::SaveResource(file.entry.clone());
            self.outputs
                .push_back(FilesOutput::Store(save, Waiting::Nothing));
        }
    }
}
