//! That a file is wanted, or not any more, outlives this run before it is done.

use super::{Node, RequestId, event::Problem, pending::Pending};
use crate::{
    channel::ChannelId,
    resource::ResourceId,
    store::{Reply, Request, StoreError, StoredResource},
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

/// A file that the member does not ask for any more, before anybody said what it is.
#[derive(Debug)]
pub(super) struct Unasking {
    request: RequestId,
    file: ResourceId,
    /// Where it was wished for.
    channels: Vec<ChannelId>,
}

impl Node {
    /// Keeps that a file is wanted: with its own entry, or while that is not known with the channel's.
    pub(super) fn keep_asking(&mut self, now: Millis, asking: Asking) {
        if self.files.knows(asking.file) {
            // The store carries requests out in order: what it has of the file then is what is kept.
            self.carry_out_files(now);
            let load = Request::LoadResource(asking.file);
            return self.store(load, Pending::Fetch(asking));
        }
        self.changed |= self.note_wishes(asking.channel);
        if let Some(channel) = self.channels.get(&asking.channel) {
            self.store(channel.entry.save(), Pending::Fetch(asking));
        }
    }

    /// The store has done what keeps that a file is wanted; of one that is known it tells what it has.
    pub(super) fn asked(&mut self, asking: &Asking, reply: &Reply) {
        let Asking {
            request,
            channel,
            file,
            ..
        } = *asking;
        let is_kept = |stored: &StoredResource| {
            stored.entry.automatic.is_none() && stored.entry.channels.contains(&channel)
        };
        match reply {
            Reply::Resource(stored) if !stored.as_ref().is_some_and(is_kept) => {
                let problem = self.files.stopped_for(file).unwrap_or(Problem::NoFile);
                self.refuse(request, problem);
            }
            _ => self.done(request, Some(channel)),
        }
    }

    /// It could not be kept.
    pub(super) fn not_asked(&mut self, asking: &Asking, error: StoreError) {
        if asking.new {
            self.files.take_wish_back(asking.channel, asking.file);
        }
        self.refuse(asking.request, error.into());
    }

    /// Keeps that a file is not wished for any more.
    pub(super) fn keep_unasked(&mut self, request: RequestId, file: ResourceId) {
        let all = self.channels.iter();
        let wished = all.filter(|(_, of)| !of.leaving && of.entry.sought.contains(&file));
        let channels: Vec<ChannelId> = wished.map(|(id, _)| *id).collect();
        let mut saves = Vec::new();
        for id in &channels {
            self.note_wishes(*id);
            saves.extend(self.channels.get(id).map(|channel| channel.entry.save()));
        }
        let Some(last) = saves.pop() else {
            // Nobody wished for it: it was only read.
            return self.done(request, None);
        };
        for save in saves {
            self.store(save, Pending::WishesKept);
        }
        self.changed = true;
        let unasking = Unasking {
            request,
            file,
            channels,
        };
        self.store(last, Pending::Unfetch(unasking));
    }

    pub(super) fn unasked(&mut self, unasking: &Unasking) {
        self.done(unasking.request, None);
    }

    /// It could not be kept: the wish is what it was.
    pub(super) fn not_unasked(&mut self, unasking: &Unasking, error: StoreError) {
        for channel in &unasking.channels {
            if self.channels.contains_key(channel) {
                self.files.wish_again(*channel, unasking.file);
            }
        }
        self.refuse(unasking.request, error.into());
    }

    /// Keeps what is still wished for, after something came or is not wanted any more.
    pub(super) fn keep_wishes(&mut self) {
        if !self.files.take_wishes_changed() {
            return;
        }
        let channels: Vec<ChannelId> = self.channels.keys().copied().collect();
        for id in channels {
            if self.note_wishes(id)
                && let Some(channel) = self.channels.get(&id)
            {
                self.store(channel.entry.save(), Pending::WishesKept);
                self.changed = true;
            }
        }
    }

    /// Has a channel's entry say what is wished for there; whether it said something else. One that is being left says
    /// nothing any more.
    fn note_wishes(&mut self, channel: ChannelId) -> bool {
        let wishes = self.files.wishes_in(channel);
        let of = self.channels.get_mut(&channel).filter(|of| !of.leaving);
        of.is_some_and(|of| std::mem::replace(&mut of.entry.sought, wishes) != of.entry.sought)
    }
}
