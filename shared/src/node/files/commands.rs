//! What the member wants of files.

use std::collections::BTreeSet;

use super::{Files, FilesOutput, Sought, Stage, Waiting, Why, file::File, stored::run};
use crate::{
    channel::ChannelId,
    entropy::Entropy,
    limits,
    node::{Problem, Transfer},
    resource::{Descriptor, Have, ResourceId},
    seeding::Standing,
    store::{Request, ResourceEntry, StoredResource},
    swarm::{Holding, Message},
    time::Millis,
};

/// How much a file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::node) enum Wish {
    /// The member asks for it: it goes on, whatever was before.
    Member,
    /// It is played because it is its turn: one that stopped is tried again, and what the member paused stays so.
    Turn,
    /// It may be played next: what stopped or was paused stays so.
    Ahead,
}

impl Files {
    /// Gets a file that the member asks for, or goes on getting it.
    ///
    /// # Errors
    /// When what is said of it cannot be, or too many are on their way.
    pub(in crate::node) fn want_file(
        &mut self,
        now: Millis,
        channel: ChannelId,
        id: ResourceId,
        descriptor: Option<Descriptor>,
        entropy: &mut Entropy,
    ) -> Result<(), Problem> {
        if let Some(descriptor) = &descriptor {
            if descriptor.id != id {
                return Err(Problem::NoFile);
            }
            descriptor.check().map_err(Problem::File)?;
        }
        if self.files.contains_key(&id) {
            return self.want_on(now, channel, id, descriptor, Wish::Member);
        }
        // A wish is among them already.
        if !self.wishes.has(id) && self.under_way() >= limits::MAX_TRANSFERS {
            return Err(Problem::TooManyTransfers);
        }
        let known = descriptor.or_else(|| self.offers.known(channel, id));
        if let Some(known) = &known {
            self.has_room(id, known.length, Standing::Chosen)?;
        }
        // It is given where it was chosen, and not where it was only offered.
        self.offers.accept(id);
        match known {
            Some(descriptor) => {
                self.want(now, channel, descriptor, None, entropy);
                self.seek(id);
            }
            None => self.wish(channel, id),
        }
        Ok(())
    }

    /// The player wants a file, now or soon. Of one that is here whole there is nothing to do.
    ///
    /// # Errors
    /// When what is said of it cannot be, or too many are on their way.
    pub(in crate::node) fn want_played(
        &mut self,
        now: Millis,
        channel: ChannelId,
        descriptor: Descriptor,
        wish: Wish,
        entropy: &mut Entropy,
    ) -> Result<(), Problem> {
        let id = descriptor.id;
        if wish != Wish::Ahead {
            self.dropped.take_if(|dropped| *dropped == id);
        }
        if self.is_whole(id) {
            return Ok(());
        }
        if wish == Wish::Member || !self.files.contains_key(&id) {
            return self.want_file(now, channel, id, Some(descriptor), entropy);
        }
        self.want_on(now, channel, id, None, wish)
    }

    /// A file that is known is wanted in a channel.
    ///
    /// # Errors
    /// When there is no room for it.
    fn want_on(
        &mut self,
        now: Millis,
        channel: ChannelId,
        id: ResourceId,
        descriptor: Option<Descriptor>,
        wish: Wish,
    ) -> Result<(), Problem> {
        let Some(file) = self.files.get(&id) else {
            return Ok(());
        };
        let another = descriptor.as_ref().filter(|other| file.could_be(other));
        // What was chosen and comes already has its room.
        let new = file.entry.automatic.is_some() || matches!(file.stage, Stage::Stopped(_));
        if another.is_some() || new {
            let length = another.unwrap_or(&file.entry.descriptor).length;
            self.has_room(id, length, Standing::Chosen)?;
        }
        let chosen = self.choose(id);
        let Some(file) = self.files.get_mut(&id) else {
            return Ok(());
        };
        let other = descriptor.filter(|other| file.could_be(other));
        let stopped = wish != Wish::Ahead && matches!(file.stage, Stage::Stopped(_));
        let new_here = file.entry.channels.insert(channel);
        let resumed = wish == Wish::Member && std::mem::take(&mut file.entry.paused);
        if new_here || resumed || chosen {
            self.save_entry(id);
        }
        if let Some(other) = other {
            // The member knows better.
            self.begin_anew(id, other);
        } else if stopped {
            self.start_again(id);
        } else if new_here || resumed {
            if resumed {
                self.download(id, |download| download.pause(now, false));
            }
            self.seek(id);
        }
        // Neighbours there may have sought it.
        self.tell_holding(id, false);
        Ok(())
    }

    /// How many files are on their way that the member asked for, those included that are sought.
    pub(super) fn under_way(&self) -> usize {
        let asked = self.active.iter().filter_map(|id| self.files.get(id));
        let asked = asked.filter(|file| !file.automatic && !file.have.is_complete());
        asked.count() + self.sought.len()
    }

    /// Asks everybody in channels for a file of which only the id is known, and how long it may be.
    pub(super) fn seek_unknown(
        &mut self,
        channels: impl IntoIterator<Item = ChannelId>,
        id: ResourceId,
        why: Why,
        most: u64,
    ) {
        let channels = channels.into_iter().collect();
        self.ask_for(id, &channels);
        let sought = Sought {
            channels,
            why,
            most,
        };
        self.sought.insert(id, sought);
    }

    /// A file is wanted that belongs to another one. It is sought for a while, if there is room, and not taken if it is
    /// longer than such files are.
    pub(in crate::node) fn want_beside(
        &mut self,
        now: Millis,
        channel: ChannelId,
        id: ResourceId,
        most: u64,
    ) {
        let known = self.files.contains_key(&id) || self.sought.contains_key(&id);
        if !known && self.coming() < limits::MAX_TRANSFERS {
            let until = now + limits::AUTO_FETCH_PATIENCE;
            self.seek_unknown([channel], id, Why::Beside(until), most);
        }
    }

    /// Gives up what nobody has, and nobody waits for any more.
    pub(super) fn give_up_sought(&mut self, now: Millis) {
        let reads = &self.reads;
        let is_read = |id: &ResourceId| reads.values().any(|of| of.resource == *id);
        self.sought.retain(|id, sought| {
            if matches!(sought.why, Why::Beside(until) if until <= now) {
                sought.why = Why::Read;
            }
            sought.why != Why::Read || is_read(id)
        });
    }

    /// A new file is wanted, and what it is like is known. It begins to come at once, from whoever is asked; nothing of it is
    /// kept before its entry is. `offered` is when it was; none: the member chose it.
    pub(super) fn want(
        &mut self,
        now: Millis,
        channel: ChannelId,
        descriptor: Descriptor,
        offered: Option<Millis>,
        entropy: &mut Entropy,
    ) {
        let (id, length) = (descriptor.id, descriptor.length);
        // It is given wherever it was wished for.
        let mut channels = self.wishes.channels(id);
        channels.insert(channel);
        let entry = ResourceEntry {
            descriptor,
            channels,
            paused: false,
            added: now,
            md5_checked: false,
            automatic: offered,
        };
        let save = Request::SaveResource(entry.clone());
        // It is known now what it is.
        self.sought.remove(&id);
        self.dropped.take_if(|dropped| *dropped == id);
        let have = Have::none(length);
        let mut file = File::new(self.next_generation(), entry, have, Stage::Resuming);
        file.adding = true;
        let waiting = Waiting::Add(run(id, &file));
        self.files.insert(id, file);
        self.active.insert(id);
        self.changed.insert(id);
        self.outputs.push_back(FilesOutput::Store(save, waiting));
        if length > 0 {
            self.fetch(now, id, None, entropy);
        }
    }

    /// A file that stopped is taken up again.
    pub(super) fn start_again(&mut self, id: ResourceId) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        // It may be that not even its entry could be kept.
        let save = Request::SaveResource(file.entry.clone());
        file.stage = Stage::Resuming;
        let waiting = Waiting::Restart(run(id, file));
        self.active.insert(id);
        self.changed.insert(id);
        self.outputs.push_back(FilesOutput::Store(save, waiting));
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
        let chosen = self.choose(id);
        let file = self.files.get_mut(&id).ok_or(Problem::NoFile)?;
        if std::mem::replace(&mut file.entry.paused, paused) != paused || chosen {
            self.save_entry(id);
            self.download(id, |download| download.pause(now, paused));
            if !paused {
                // It takes what room there is now.
                self.room_freed = true;
                self.seek(id);
            }
            self.changed.insert(id);
        }
        Ok(())
    }

    /// Reads a file again that should be here whole; one that is not yet is checked as it comes.
    ///
    /// # Errors
    /// When there is none.
    pub(in crate::node) fn check_again(
        &mut self,
        now: Millis,
        id: ResourceId,
    ) -> Result<(), Problem> {
        let file = self.files.get(&id).ok_or(Problem::NoFile)?;
        if matches!(file.stage, Stage::Complete) {
            self.check(now, id);
        }
        Ok(())
    }

    /// Forgets a file; true if the store is to forget it as well.
    ///
    /// # Errors
    /// When there is none.
    pub(in crate::node) fn remove(&mut self, id: ResourceId) -> Result<bool, Problem> {
        let sought = self.sought.remove(&id).is_some();
        self.wishes.end(id);
        // Holders hear what is not wanted any more.
        self.quit(id);
        let removed = self.files.remove(&id);
        self.end_reads();
        let Some(mut file) = removed else {
            return sought.then_some(false).ok_or(Problem::NoFile);
        };
        self.room_freed = true;
        file.have = Have::none(file.entry.descriptor.length);
        self.tell_nothing(&file.holding(), None);
        if self.outline.as_ref().is_some_and(|(of, _)| *of == id) {
            self.outline = None;
        }
        self.tell_gone(id);
        Ok(true)
    }

    /// Neighbours hear that nothing is here any more of a file, and what they asked for does not come: all of them, or those
    /// of a channel.
    pub(super) fn tell_nothing(&mut self, nothing: &Holding, only: Option<ChannelId>) {
        let id = nothing.descriptor.id;
        let there = self.neighbours.iter();
        let there = there.filter(|(_, of)| only.is_none_or(|only| of.channel == only));
        let there: Vec<_> = there.map(|(connection, _)| *connection).collect();
        for connection in there {
            let Some(neighbour) = self.neighbours.get_mut(&connection) else {
                continue;
            };
            let peer = neighbour.key(connection);
            neighbour.upload.withdraw(id);
            if neighbour.follows.insert(id, false) == Some(true) {
                let holding = Message::Holding(nothing.clone());
                self.outputs.push_back(FilesOutput::Send(peer, holding));
            } else {
                neighbour.follows.remove(&id);
            }
            self.drain_upload(peer);
        }
    }

    /// Forgets a file, and nobody waits for it.
    pub(super) fn drop_file(&mut self, id: ResourceId) {
        if self.remove(id) == Ok(true) {
            let remove = Request::RemoveResource(id);
            self.outputs
                .push_back(FilesOutput::Store(remove, Waiting::Nothing));
        }
    }

    /// A channel is left: what was shared there only goes with it. `all` are the others of which all is wanted.
    pub(in crate::node) fn leave(&mut self, channel: ChannelId, all: &BTreeSet<ChannelId>) {
        self.sought.retain(|_, sought| {
            sought.channels.remove(&channel);
            !sought.channels.is_empty()
        });
        self.wishes.leave(channel);
        self.withdraw_offers(channel, all);
        self.end_reads();
        let ids: Vec<ResourceId> = self.files.keys().copied().collect();
        for id in ids {
            let Some(file) = self.files.get_mut(&id) else {
                continue;
            };
            if !file.entry.channels.remove(&channel) {
                continue;
            }
            if file.entry.channels.is_empty() {
                self.drop_file(id);
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
        let here = self.files.get(&id);
        if here.is_none_or(|file| !file.have.is_complete()) {
            // It may have been on its way. Then what was said of it may be false; its bytes are known now.
            self.quit(id);
            self.room_freed = true;
            let mut entry = stored.entry;
            let before = self.files.remove(&id);
            if let Some(before) = &before {
                entry.channels.extend(&before.entry.channels);
            }
            let generation = self.next_generation();
            let mut file = File::new(generation, entry, stored.have, Stage::Complete);
            file.told = before.map(|before| before.told).unwrap_or_default();
            self.files.insert(id, file);
        }
        self.choose(id);
        let file = self.files.get_mut(&id).ok_or(Problem::NoFile)?;
        file.entry.channels.insert(channel);
        file.entry.channels.extend(self.wishes.channels(id));
        let entry = file.entry.clone();
        // It is here, whoever else has it.
        self.sought.remove(&id);
        self.changed.insert(id);
        self.tell_holding(id, true);
        // All is here: nothing has to be asked for at any time.
        self.serve_readers(Millis::default(), id);
        Ok(entry)
    }

    /// All files, in the order they were added.
    pub(in crate::node) fn views(&self) -> Vec<Transfer> {
        let mut files: Vec<Transfer> = self.files.values().map(File::view).collect();
        files.sort_by_key(|file| (file.added, file.file.id));
        files
    }

    pub(super) fn save_entry(&mut self, id: ResourceId) {
        if let Some(file) = self.files.get(&id) {
            let save = Request::SaveResource(file.entry.clone());
            self.outputs
                .push_back(FilesOutput::Store(save, Waiting::Nothing));
        }
    }
}
