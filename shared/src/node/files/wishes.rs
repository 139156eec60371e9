//! What the member asked for before anybody said what it is.
//!
//! A wish is kept with the entries of its channels ([`ChannelEntry::sought`](crate::store::ChannelEntry)), since there is no
//! entry of the file yet. It ends when that entry is kept, and not before; or when it is taken back.

use std::collections::{BTreeMap, BTreeSet};

use super::{Files, Why};
use crate::{channel::ChannelId, limits, resource::ResourceId};

/// The files, and the channels in which each is wanted.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    channels: BTreeMap<ResourceId, BTreeSet<ChannelId>>,
    /// There are others than [`Files::take_wishes_changed`] was last asked about.
    changed: bool,
}

impl Wishes {
    fn add(&mut self, channel: ChannelId, id: ResourceId) {
        self.changed |= self.channels.entry(id).or_default().insert(channel);
    }

    pub(super) fn has(&self, id: ResourceId) -> bool {
        self.channels.contains_key(&id)
    }

    /// Where a file is wished for.
    pub(super) fn channels(&self, id: ResourceId) -> BTreeSet<ChannelId> {
        self.channels.get(&id).cloned().unwrap_or_default()
    }

    /// The file's own entry is kept, or it is not wanted any more.
    pub(super) fn end(&mut self, id: ResourceId) {
        self.changed |= self.channels.remove(&id).is_some();
    }

    fn take_back(&mut self, channel: ChannelId, id: ResourceId) {
        if let Some(channels) = self.channels.get_mut(&id) {
            self.changed |= channels.remove(&channel);
            if channels.is_empty() {
                self.channels.remove(&id);
            }
        }
    }

    /// A channel is left.
    pub(super) fn leave(&mut self, channel: ChannelId) {
        self.channels.retain(|_, channels| {
            channels.remove(&channel);
            !channels.is_empty()
        });
    }
}

impl Files {
    /// The member asks for a file of which only the id is known: everybody in the channels where it did is asked.
    pub(super) fn wish(&mut self, channel: ChannelId, id: ResourceId) {
        self.wishes.add(channel, id);
        self.seek_unknown(self.wishes.channels(id), id, Why::Asked, u64::MAX);
    }

    /// Goes on with the wishes of an earlier run, as many as there may be.
    pub(in crate::node) fn wish_on(&mut self, channel: ChannelId, sought: &BTreeSet<ResourceId>) {
        for id in sought {
            if self.files.contains_key(id) {
                // The end came between its entry and that of the channel, which is to say so.
                self.wishes.changed = true;
            } else if self.wishes.has(*id) || self.wishes.channels.len() < limits::MAX_TRANSFERS {
                self.wish(channel, *id);
            }
        }
    }

    /// A wish in a channel could not be kept: there is none.
    pub(in crate::node) fn take_wish_back(&mut self, channel: ChannelId, id: ResourceId) {
        self.wishes.take_back(channel, id);
        let left = self.wishes.channels(id);
        let Some(sought) = self.sought.get_mut(&id) else {
            return;
        };
        if sought.why == Why::Asked {
            if left.is_empty() && self.reads.values().any(|of| of.resource == id) {
                sought.why = Why::Read;
            } else if left.is_empty() {
                self.sought.remove(&id);
            } else {
                sought.channels = left;
            }
        }
    }

    /// That a wish was taken back could not be kept: there still is one.
    pub(in crate::node) fn wish_again(&mut self, channel: ChannelId, id: ResourceId) {
        // It is not declined either.
        self.offers.accept(id);
        if !self.files.contains_key(&id) {
            self.wish(channel, id);
        }
    }

    /// What keeps a wish is kept elsewhere now.
    pub(in crate::node) fn end_wish(&mut self, id: ResourceId) {
        self.wishes.end(id);
    }

    /// Whether a file is wished for in a channel.
    pub(in crate::node) fn is_wished(&self, channel: ChannelId, id: ResourceId) -> bool {
        let channels = self.wishes.channels.get(&id);
        channels.is_some_and(|channels| channels.contains(&channel))
    }

    /// What is wished for in a channel.
    pub(in crate::node) fn wishes_in(&self, channel: ChannelId) -> BTreeSet<ResourceId> {
        let all = self.wishes.channels.iter();
        let here = all.filter(|(_, channels)| channels.contains(&channel));
        here.map(|(id, _)| *id).collect()
    }

    /// Whether there are other wishes than when this was last asked.
    pub(in crate::node) fn take_wishes_changed(&mut self) -> bool {
        std::mem::take(&mut self.wishes.changed)
    }

    /// How many files are on their way, without those that are only wished for: nobody gives these yet, and they keep
    /// nothing else from coming.
    pub(super) fn coming(&self) -> usize {
        let all = self.sought.values();
        let wished = all.filter(|sought| sought.why == Why::Asked).count();
        self.under_way() - wished
    }
}
