//! How many bytes the files of a device may have together: by the rule of [`crate::seeding`].

use super::{Files, FilesOutput, Stage, file::File};
use crate::{
    limits,
    node::Problem,
    resource::ResourceId,
    seeding::{self, Held},
    time::Millis,
};

impl File {
    /// What it counts.
    fn reserved(&self) -> u64 {
        let length = self.entry.descriptor.length;
        match self.stage {
            Stage::Stopped(_) => self.have.bytes(length),
            _ => length,
        }
    }
}

impl Files {
    /// All files together have so many bytes at most from now on.
    pub(in crate::node) fn set_quota(&mut self, bytes: Option<u64>) {
        self.quota = bytes;
        let Some(quota) = bytes else {
            return;
        };
        for id in seeding::keep_within(&self.held(None), quota) {
            self.leave_by_itself(id);
        }
        // What was chosen stays, as far as it is here. Of the rest the oldest comes first.
        let coming = self.files.iter();
        let coming = coming.filter(|(_, file)| !file.have.is_complete());
        let mut coming: Vec<_> = coming.map(|(id, file)| (file.entry.added, *id)).collect();
        coming.sort();
        for (_, id) in coming.into_iter().rev() {
            let used = self.held(None).iter().map(|held| held.bytes).sum::<u64>();
            if used <= quota {
                break;
            }
            let bytes = self
                .files
                .get(&id)
                .map_or(0, |file| file.entry.descriptor.length);
            let room = quota.saturating_sub(used.saturating_sub(bytes));
            self.stop(id, Problem::Quota { bytes, room });
        }
    }

    /// Makes room for a file that is to have so many bytes. `offered` is when it was; none: the member chose it.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn make_room(
        &mut self,
        id: ResourceId,
        bytes: u64,
        offered: Option<Millis>,
    ) -> Result<(), Problem> {
        let Some(quota) = self.quota else {
            return Ok(());
        };
        let leaves = seeding::make_room(&self.held(Some(id)), quota, bytes, offered);
        let leaves = leaves.map_err(|none| Problem::Quota {
            bytes,
            room: none.room,
        })?;
        for id in leaves {
            self.leave_by_itself(id);
        }
        Ok(())
    }

    /// What counts, beside one that is asked about.
    fn held(&self, beside: Option<ResourceId>) -> Vec<Held> {
        let others = self.files.iter().filter(|(id, _)| Some(**id) != beside);
        let held = others.map(|(id, file)| Held {
            id: *id,
            bytes: file.reserved(),
            wanted: file.entry.automatic,
        });
        held.collect()
    }

    /// A file leaves for another one.
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
            file.entry.automatic.take().is_some()
        });
        if new {
            self.changed.insert(id);
        }
        new
    }
}
