//! What a device gets and gives of its channels by itself ([`crate::seeding`]).

use super::{Node, RequestId, event::Problem, pending::Pending};
use crate::{channel::ChannelId, seeding::Seeds};

impl Node {
    /// Chooses what of a channel comes by itself.
    pub(super) fn set_seeds(
        &mut self,
        request: RequestId,
        channel: ChannelId,
        seeds: Seeds,
    ) -> Result<(), Problem> {
        let entry = &mut self.joined(channel)?.entry;
        let before = std::mem::replace(&mut entry.seeds, seeds);
        let save = entry.save();
        let pending = Pending::Seeds {
            request,
            channel,
            before,
        };
        self.store(save, pending);
        Ok(())
    }

    /// The choice is kept.
    pub(super) fn seeds_chosen(&mut self, _channel: ChannelId) {
        self.changed = true;
    }
}
