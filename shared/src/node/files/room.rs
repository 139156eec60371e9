//! How many bytes the files of a device may have together: by the rule of [`crate::seeding`].

use super::{Files, FilesOutput, Stage, file::File};
use crate::{
    limits,
    node::Problem,
    resource::ResourceId,
    seeding::{self, Held, NoRoom, Standing},
    time::Millis,
};

impl File {
    /// What is here of it: proven, and with the store or on its way there.
    pub(super) fn here(&self) -> u64 {
        self.have.bytes(self.entry.descriptor.length) + self.saving.unwrap_or(0)
    }

    /// What it counts for what is to begin. How long a file is that came by itself is believed once that is proven: what
    /// somebody claims keeps nothing else away.
    fn reserved(&self) -> u64 {
        let claimed = self.entry.automatic.is_some() && self.is_unproven();
        if claimed || self.is_stalled() || matches!(self.stage, Stage::Stopped(_)) {
            self.here()
        } else {
            self.entry.descriptor.length
        }
    }

    /// How it stands if something is to leave for it.
    pub(super) fn standing(&self) -> Standing {
        match self.entry.automatic {
            None => Standing::Chosen,
            Some(_) if self.again => Standing::Again,
            Some(offered) => Standing::Offered(offered),
        }
    }
}

impl Files {
    /// All files together have so many bytes at most from now on.
    pub(in crate::node) fn set_quota(&mut self, now: Millis, bytes: Option<u64>) {
        self.quota = bytes;
        self.room_freed = true;
        let Some(quota) = bytes else {
            return;
        };
        for id in seeding::keep_within(&self.held(None, File::here), quota) {
            self.give_way(now, id);
        }
        // Of what is still to come the oldest comes first.
        let coming = self.files.iter().filter(|(_, file)| {
            let stopped = matches!(file.stage, Stage::Stopped(_));
            !file.have.is_complete() && !stopped
        });
        let mut coming: Vec<_> = coming.map(|(id, file)| (file.entry.added, *id)).collect();
        coming.sort();
        for (_, id) in coming.into_iter().rev() {
            self.still_has_room(now, id);
        }
    }

    /// Whether a file that is to have so many bytes may begin. Nothing leaves before its pieces come.
    ///
    /// # Errors
    /// When there would be no room for it, whatever leaves.
    pub(super) fn has_room(
        &self,
        id: ResourceId,
        bytes: u64,
        standing: Standing,
    ) -> Result<(), Problem> {
        let Some(quota) = self.quota else {
            return Ok(());
        };
        let leaves =
            seeding::make_room(&self.held(Some(id), File::reserved), quota, bytes, standing);
        leaves.map(|_| ()).map_err(|none| Problem::Quota {
            bytes,
            room: none.room,
        })
    }

    /// Pieces of a file came that are what they should be: as much leaves for them as has to. False if there is no room:
    /// then the file goes no further.
    pub(super) fn make_room(&mut self, now: Millis, id: ResourceId, bytes: u64) -> bool {
        let (Some(quota), Some(file)) = (self.quota, self.files.get(&id)) else {
            return true;
        };
        let (here, standing) = (file.here(), file.standing());
        let length = file.entry.descriptor.length;
        let others = self.held(Some(id), File::here);
        match seeding::make_room(&others, quota, here.saturating_add(bytes), standing) {
            Ok(leaves) => {
                for id in leaves {
                    self.give_way(now, id);
                }
                true
            }
            Err(NoRoom { room }) => {
                let bytes = length;
                self.has_no_room(now, id, Problem::Quota { bytes, room });
                false
            }
        }
    }

    /// What the member chose and what stopped for the quota goes on, as far as there is room now: the oldest first.
    pub(in crate::node) fn take_freed_room(&mut self, now: Millis) {
        if !std::mem::take(&mut self.room_freed) {
            return;
        }
        let stopped = self.active.iter().filter_map(|id| self.files.get(id));
        let stopped = stopped.filter(|of| of.lacks_room() && !of.entry.paused);
        let stopped = stopped.filter(|of| of.entry.automatic.is_none());
        self.go_on_with_room(now, in_order(stopped));
    }

    /// Those files that stopped and have room now go on.
    pub(super) fn go_on_with_room(
        &mut self,
        now: Millis,
        stopped: impl IntoIterator<Item = ResourceId>,
    ) {
        for id in stopped {
            if self.still_has_room(now, id) {
                self.start_again(id);
            }
        }
    }

    /// Whether a file that had begun may go on. If not, it goes no further.
    pub(super) fn still_has_room(&mut self, now: Millis, id: ResourceId) -> bool {
        let Some(file) = self.files.get(&id) else {
            return false;
        };
        let (length, standing) = (file.entry.descriptor.length, file.standing());
        let room = self.has_room(id, length, standing);
        if let Err(problem) = room {
            self.has_no_room(now, id, problem);
            return false;
        }
        true
    }

    /// There is no room for a file that had begun. What came by itself is offered as before.
    fn has_no_room(&mut self, now: Millis, id: ResourceId, problem: Problem) {
        let file = self.files.get(&id);
        if file.is_some_and(|file| file.entry.automatic.is_some()) {
            self.give_way(now, id);
        } else {
            self.stop(id, problem);
        }
    }

    /// What counts, beside one that is asked about.
    fn held(&self, beside: Option<ResourceId>, counts: impl Fn(&File) -> u64) -> Vec<Held> {
        let others = self.files.iter().filter(|(id, _)| Some(**id) != beside);
        let held = others.map(|(id, file)| Held {
            id: *id,
            bytes: counts(file),
            wanted: file.entry.automatic,
            stalled: file.is_stalled(),
        });
        held.collect()
    }

    /// A file leaves for another one. It is offered again, since what it leaves for may not come as a whole, and its own rest
    /// another time; if nothing came of it, so that it pushes nothing out.
    pub(super) fn give_way(&mut self, now: Millis, id: ResourceId) {
        if let Some(file) = self.files.get_mut(&id) {
            // One that the disk had no room for is not to blame.
            file.again |= file.is_stalled() && matches!(file.stage, Stage::Fetching(_));
        }
        self.offer_again(now, id);
        self.leave_by_itself(id);
    }

    /// A file leaves.
    pub(super) fn leave_by_itself(&mut self, id: ResourceId) {
        self.drop_file(id);
        self.outputs.push_back(FilesOutput::Left(id));
    }

    /// Somebody gets something of a file: it was wanted just now.
    pub(super) fn was_wanted(&mut self, now: Millis, id: ResourceId) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        if let Some(wanted) = &mut file.entry.automatic
            && now.since(*wanted) >= limits::WANTED_STEP
        {
            *wanted = now;
            self.save_entry(id);
        }
    }

    /// The member wants a file that may have come by itself. True if that is new.
    pub(super) fn choose(&mut self, id: ResourceId) -> bool {
        let file = self.files.get_mut(&id);
        let new = file.is_some_and(|file| {
            file.asked_for();
            file.offered.clear();
            file.again = false;
            file.entry.automatic.take().is_some()
        });
        if new {
            self.changed.insert(id);
        }
        new
    }
}

/// Files in the order in which they were added.
pub(super) fn in_order<'a>(files: impl Iterator<Item = &'a File>) -> Vec<ResourceId> {
    let mut files: Vec<_> = files
        .map(|file| (file.entry.added, file.entry.descriptor.id))
        .collect();
    files.sort();
    files.into_iter().map(|(_, id)| id).collect()
}
