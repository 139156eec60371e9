//! What the member chose, and does not want for its own sake any more.

use std::collections::BTreeSet;

use super::{Files, Stage};
use crate::{channel::ChannelId, limits, resource::ResourceId, time::Millis};

impl Files {
    /// A file is not chosen any more. Where all of one of its channels is wanted, it is from now on as if it had come by
    /// itself; `all` are those channels. False if it is in none of them, or cannot come as it is: then it has to go.
    pub(in crate::node) fn unchoose(
        &mut self,
        now: Millis,
        id: ResourceId,
        all: &BTreeSet<ChannelId>,
    ) -> bool {
        let Some(file) = self.files.get_mut(&id) else {
            return false;
        };
        // What stopped or was paused does not go on by itself; what is offered does.
        let stays = !matches!(file.stage, Stage::Stopped(_)) && !file.entry.paused;
        if !stays || file.entry.channels.is_disjoint(all) {
            return false;
        }
        if file.entry.automatic.is_some() {
            return true;
        }
        // Until now it was wanted.
        file.entry.automatic = Some(now);
        self.room_freed = true;
        // Nobody wants all of the others.
        file.offered = &file.entry.channels & all;
        if !file.have.is_complete() {
            file.given_up_at = Some(now + limits::AUTO_FETCH_PATIENCE);
        }
        self.changed.insert(id);
        self.save_entry(id);
        true
    }
}
