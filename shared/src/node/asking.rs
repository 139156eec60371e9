//! That a file is wanted, or not any more, outlives this run before it is done.

use std::collections::BTreeSet;

use super::{Node, RequestId, pending::Pending};
use crate::{
    channel::ChannelId,
    limits,
    resource::ResourceId,
    store::{Request, StoreError},
    time::Millis,
};

/// A file that the member asks for.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) request: RequestId,
    pub(super) channel: ChannelId,
    pub(super) file: ResourceId,
    /// It was not wished for there before.
    pub(super) new: bool,
}

/// A file that the member does not ask for any more.
#[derive(Debug)]
pub(super) struct Unasking {
    pub(super) request: RequestId,
    pub(super) file: ResourceId,
    /// The channels in which it was wished for.
    wished: BTreeSet<ChannelId>,
    /// Those whose entries do not name it any more, durably, but for the last of them until that is said.
    saved: BTreeSet<ChannelId>,
}

impl Node {
    /// Keeps that a file is wanted: with its own entry, or while that is not known with the channel's.
    pub(super) fn keep_asking(&mut self, now: Millis, asking: Asking) {
        if let Some(entry) = self.files.entry(asking.file) {
            // What was wanted of the store before comes before.
            self.carry_out_files(now);
            return self.store(Request::SaveResource(entry), Pending::Fetch(asking));
        }
        self.changed |= self.note_wishes(asking.channel);
        if let Some(channel) = self.channels.get(&asking.channel) {
            self.store(channel.entry.save(), Pending::Fetch(asking));
        }
    }

    /// It could not be kept.
    pub(super) fn not_asked(&mut self, asking: &Asking, error: StoreError) {
        let (channel, file) = (asking.channel, asking.file);
        let again = self.pending.values_mut().find_map(|pending| match pending {
            Pending::Fetch(other) if (other.channel, other.file) == (channel, file) => Some(other),
            _ => None,
        });
        match again {
            // That one decides.
            Some(other) => other.new |= asking.new,
            None if asking.new => self.files.take_wish_back(channel, file),
            None => {}
        }
        self.refuse(asking.request, error.into());
    }

    /// What there is to keep once a file is not wanted any more.
    pub(super) fn unasking(&self, request: RequestId, file: ResourceId) -> Unasking {
        let all = self.channels.iter();
        let wished = all.filter(|(_, of)| !of.leaving && of.entry.sought.contains(&file));
        Unasking {
            request,
            file,
            wished: wished.map(|(id, _)| *id).collect(),
            saved: BTreeSet::new(),
        }
    }

    /// Keeps that a file is not wished for any more, in one after the other of the channels whose entries in the store name
    /// it, or may.
    pub(super) fn unask(&mut self, mut unasking: Unasking) {
        let file = unasking.file;
        for channel in &unasking.saved {
            if let Some(channel) = self.channels.get_mut(channel) {
                channel.stale_wishes.remove(&file);
            }
        }
        let next = self.channels.iter().find(|(id, of)| {
            let named = unasking.wished.contains(id) || of.stale_wishes.contains(&file);
            named && !of.leaving && !unasking.saved.contains(id)
        });
        let Some(id) = next.map(|(id, _)| *id) else {
            return self.done(unasking.request, None);
        };
        unasking.saved.insert(id);
        self.changed |= self.note_wishes(id);
        if let Some(channel) = self.channels.get(&id) {
            self.store(channel.entry.save(), Pending::Unfetch(unasking));
        }
    }

    /// It could not be kept: the wish is what it was.
    pub(super) fn not_unasked(&mut self, unasking: &Unasking, error: StoreError) {
        for channel in &unasking.wished {
            if self.channels.contains_key(channel) {
                self.files.wish_again(*channel, unasking.file);
            }
        }
        self.refuse(unasking.request, error.into());
    }

    /// A channel could not be left: what was not kept of its entry meanwhile is.
    pub(super) fn not_left(&mut self, request: RequestId, id: ChannelId, error: StoreError) {
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.leaving = false;
            let wishes = self.files.wishes_in(id);
            let before = std::mem::replace(&mut channel.entry.sought, wishes);
            let (save, channel) = (channel.entry.save(), id);
            self.store(save, Pending::WishesKept { channel, before });
            self.changed = true;
        }
        self.refuse(request, error.into());
    }

    /// Keeps what is still wished for, after something came or is not wanted any more.
    pub(super) fn keep_wishes(&mut self) {
        if !self.files.take_wishes_changed() {
            return;
        }
        let channels: Vec<ChannelId> = self.channels.keys().copied().collect();
        for id in channels {
            let before = self.channels.get(&id).map(|of| of.entry.sought.clone());
            if self.note_wishes(id)
                && let (Some(channel), Some(before)) = (self.channels.get(&id), before)
            {
                let (save, channel) = (channel.entry.save(), id);
                self.store(save, Pending::WishesKept { channel, before });
                self.changed = true;
            }
        }
    }

    /// The entry in the store still names what is not wished for any more: who removes that has it forgotten there, too.
    pub(super) fn wishes_not_kept(&mut self, channel: ChannelId, before: &BTreeSet<ResourceId>) {
        let wishes = self.files.wishes_in(channel);
        if let Some(channel) = self.channels.get_mut(&channel) {
            let stale = &mut channel.stale_wishes;
            stale.extend(before - &wishes);
            // As many as there may be wishes.
            while stale.len() > limits::MAX_TRANSFERS {
                stale.pop_first();
            }
        }
    }

    /// Has a channel's entry say what is wished for there; whether it said something else. That of one that is being left is
    /// not saved any more.
    fn note_wishes(&mut self, channel: ChannelId) -> bool {
        let wishes = self.files.wishes_in(channel);
        let of = self.channels.get_mut(&channel).filter(|of| !of.leaving);
        of.is_some_and(|of| std::mem::replace(&mut of.entry.sought, wishes) != of.entry.sought)
    }
}
