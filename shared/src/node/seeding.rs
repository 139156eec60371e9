//! What a device gets and gives of its channels by itself ([`crate::seeding`]): all that is shared there, if the member wants
//! that.

use std::collections::BTreeSet;

use super::{Node, RequestId, event::Problem, pending::Pending};
use crate::{
    channel::ChannelId,
    chat::record::{Position, Record},
    limits,
    resource::ResourceId,
    seeding::Seeds,
    store::{Request, StoredRecord},
    time::Millis,
};

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
    pub(super) fn seeds_chosen(&mut self, channel: ChannelId) {
        self.changed = true;
        if self.seeds_all(channel) {
            self.look_for_offers(channel);
            return;
        }
        self.files.withdraw_offers(channel, &self.all_seeded());
    }

    /// A file is not wanted for its own sake any more. What stays is what would come by itself.
    pub(super) fn unchoose(
        &mut self,
        now: Millis,
        request: RequestId,
        file: ResourceId,
    ) -> Result<(), Problem> {
        let all = self.all_seeded();
        if self.files.unchoose(now, file, &all) {
            self.done(request, None);
            return Ok(());
        }
        self.forget_file(now, request, file)?;
        // It was not offered while it was chosen, and may be in channels of which nobody chose it.
        for channel in all {
            self.look_for_offers(channel);
        }
        Ok(())
    }

    /// The channels of which all is wanted.
    pub(super) fn all_seeded(&self) -> BTreeSet<ChannelId> {
        let all = self.channels.iter();
        let all = all.filter(|(_, of)| of.entry.seeds == Seeds::All);
        all.map(|(id, _)| *id).collect()
    }

    fn seeds_all(&self, channel: ChannelId) -> bool {
        let of = self.channels.get(&channel);
        of.is_some_and(|of| of.entry.seeds == Seeds::All)
    }

    /// Looks through the log of a channel, and through its music, for what is shared there.
    pub(super) fn look_for_offers(&mut self, channel: ChannelId) {
        if !self.seeds_all(channel) {
            return;
        }
        self.read_offers(channel, None);
        let mut after = None;
        loop {
            let ids = self.music.listed(channel, after, limits::MAX_PAGE);
            self.offer_tracks(channel, &ids);
            if ids.len() < limits::MAX_PAGE {
                return;
            }
            after = ids.last().copied();
        }
    }

    fn read_offers(&mut self, channel: ChannelId, before: Option<Position>) {
        let load = Request::LoadPage {
            channel,
            before,
            limit: limits::MAX_PAGE,
        };
        self.store(load, Pending::Offers(channel));
    }

    /// Part of a log was read, the newest records first: their files are offered.
    pub(super) fn offers_read(&mut self, now: Millis, channel: ChannelId, page: Vec<StoredRecord>) {
        if !self.seeds_all(channel) {
            return;
        }
        let last = page.last().map(|record| record.position);
        let more = page.len() >= limits::MAX_PAGE;
        for stored in page.into_iter().filter(|stored| !stored.recalled) {
            if let Ok(record) = Record::from_store(stored.bytes) {
                self.fetch_pictures(now, channel, &record);
            }
        }
        if more {
            self.read_offers(channel, last);
        }
    }

    /// Tracks came into the lists of a channel, or are said otherwise.
    pub(super) fn offer_tracks<'t>(
        &mut self,
        channel: ChannelId,
        ids: impl IntoIterator<Item = &'t ResourceId>,
    ) {
        if !self.seeds_all(channel) {
            return;
        }
        for id in ids {
            if let Some(track) = self.music.offered(channel, *id) {
                // Since when it is in a list, only its owner knows, who could say anything.
                self.files.offer(channel, &track.descriptor(), Millis(0));
            }
        }
    }
}
