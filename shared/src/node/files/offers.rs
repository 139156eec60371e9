//! Files that are shared in channels of which all is got by itself: few at a time, what was offered last first.
//!
//! An offer is asked about before it begins: only when a neighbour says to have some of the file, and there would be room for
//! it, it does; and what leaves for it leaves as its pieces come. What nobody has rests, and so does what has no room; who
//! comes new is asked about all of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Files, FilesOutput, Sought, Stage, Why, file::File, is_of_nothing, room::in_order};
use crate::{
    channel::ChannelId,
    entropy::Entropy,
    limits,
    node::Problem,
    resource::{Descriptor, Have, ResourceId},
    seeding::Standing,
    swarm::Holding,
    time::Millis,
};

/// A file that is shared in channels.
#[derive(Debug)]
struct Offer {
    channels: BTreeSet<ChannelId>,
    descriptor: Descriptor,
    /// When, by the rule of [`crate::seeding`].
    offered: Millis,
    /// It was stalled, and left for something else.
    again: bool,
    /// Not asked about before.
    rests: Option<Millis>,
}

/// What is offered and not here.
#[derive(Debug, Default)]
pub(super) struct Offers {
    offers: BTreeMap<ResourceId, Offer>,
    /// Those that can be asked about, in the order in which they were offered.
    ready: BTreeSet<(Millis, ResourceId)>,
    /// The others, in the order in which they can be again.
    resting: BTreeSet<(Millis, ResourceId)>,
    /// What the member removed: it does not come again by itself.
    declined: BTreeSet<ResourceId>,
    /// The disk had no room just now.
    full: bool,
    /// This is when it is tried again.
    full_until: Option<Millis>,
}

impl Offers {
    fn add(&mut self, id: ResourceId, offer: Offer) {
        self.remove(id);
        self.ready.insert((offer.offered, id));
        self.offers.insert(id, offer);
        if self.offers.len() > limits::MAX_OFFERS {
            let oldest = self.offers.iter();
            let oldest = oldest.min_by_key(|(id, offer)| (offer.offered, **id));
            if let Some(id) = oldest.map(|(id, _)| *id) {
                self.remove(id);
            }
        }
    }

    fn remove(&mut self, id: ResourceId) -> Option<Offer> {
        let offer = self.offers.remove(&id)?;
        self.ready.remove(&(offer.offered, id));
        if let Some(rests) = offer.rests {
            self.resting.remove(&(rests, id));
        }
        Some(offer)
    }

    fn rest(&mut self, id: ResourceId, until: Millis) {
        if let Some(offer) = self.offers.get_mut(&id) {
            self.ready.remove(&(offer.offered, id));
            if let Some(before) = offer.rests.replace(until) {
                self.resting.remove(&(before, id));
            }
            self.resting.insert((until, id));
        }
    }

    fn wake(&mut self, id: ResourceId) {
        if let Some(offer) = self.offers.get_mut(&id)
            && let Some(before) = offer.rests.take()
        {
            self.resting.remove(&(before, id));
            self.ready.insert((offer.offered, id));
        }
    }

    /// What is offered in a channel.
    fn all_of(&self, channel: ChannelId) -> Vec<ResourceId> {
        let all = self.offers.iter();
        all.filter(|(_, offer)| offer.channels.contains(&channel))
            .map(|(id, _)| *id)
            .collect()
    }

    /// Who was not there before may have what is offered.
    pub(super) fn met(&mut self, channel: ChannelId) {
        for id in self.all_of(channel) {
            self.wake(id);
        }
    }

    /// What is offered in a channel is of no interest any more.
    fn forget(&mut self, channel: ChannelId) {
        for id in self.all_of(channel) {
            let Some(offer) = self.offers.get_mut(&id) else {
                continue;
            };
            offer.channels.remove(&channel);
            if offer.channels.is_empty() {
                self.remove(id);
            }
        }
    }

    /// When [`Files::take_offers`] is due, though nothing else happens.
    pub(super) fn deadline(&self) -> Option<Millis> {
        let again = self.resting.first().map(|(at, _)| *at);
        self.full_until.or(again)
    }

    /// The disk has no room for what comes by itself.
    pub(super) fn disk_is_full(&mut self) {
        self.full = true;
    }

    /// What is said of a file that is offered in a channel.
    pub(super) fn known(&self, channel: ChannelId, id: ResourceId) -> Option<Descriptor> {
        let offer = self.offers.get(&id);
        let offer = offer.filter(|offer| offer.channels.contains(&channel));
        Some(offer?.descriptor.clone())
    }

    /// The member removed it.
    pub(super) fn decline(&mut self, id: ResourceId) {
        self.remove(id);
        self.declined.insert(id);
        if self.declined.len() > limits::MAX_OFFERS {
            self.declined.pop_first();
        }
    }

    /// It comes: the member chose it, or somebody has it.
    pub(super) fn accept(&mut self, id: ResourceId) {
        self.declined.remove(&id);
        self.remove(id);
    }
}

impl File {
    /// Whether it came by itself and takes a place of those that do so at a time: what nobody has any more, or nobody gives,
    /// takes none.
    fn takes_a_place(&self) -> bool {
        let coming = match &self.stage {
            Stage::Fetching(download) => download.holders() > 0 || self.given_up_at.is_some(),
            Stage::Resuming => true,
            _ => false,
        };
        coming && self.entry.automatic.is_some() && !self.automatic && !self.is_stalled()
    }
}

impl Files {
    /// A file is shared in a channel of which all is wanted.
    pub(in crate::node) fn offer(
        &mut self,
        channel: ChannelId,
        descriptor: &Descriptor,
        offered: Millis,
    ) {
        let id = descriptor.id;
        if descriptor.check().is_err() || self.offers.declined.contains(&id) {
            return;
        }
        if let Some(file) = self.files.get_mut(&id) {
            let Some(wanted) = &mut file.entry.automatic else {
                // What the member chose is given where it was chosen.
                return;
            };
            file.offered.insert(channel);
            if *wanted < offered {
                // It is shared anew.
                *wanted = offered;
                file.again = false;
                self.save_entry(id);
            }
            return self.shared_in(id, &BTreeSet::from([channel]));
        }
        let mut channels = BTreeSet::from([channel]);
        if let Some(before) = self.offers.offers.get_mut(&id) {
            let new = before.channels.insert(channel);
            if before.offered >= offered {
                if new {
                    // Who is there may have it.
                    self.offers.wake(id);
                }
                return;
            }
            channels.clone_from(&before.channels);
        }
        let offer = Offer {
            channels,
            descriptor: descriptor.clone(),
            offered,
            again: false,
            rests: None,
        };
        self.offers.add(id, offer);
    }

    /// A file is shared in these channels, too: it is given there, and got from there. In no others: who is there only does
    /// not hear that it is here.
    pub(super) fn shared_in(&mut self, id: ResourceId, channels: &BTreeSet<ChannelId>) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        let new: BTreeSet<ChannelId> = channels - &file.entry.channels;
        if new.is_empty() {
            return;
        }
        file.entry.channels.extend(&new);
        let whole = file.have.is_complete();
        self.changed.insert(id);
        self.save_entry(id);
        if !whole {
            self.ask_for(id, &new);
        }
        // Neighbours there may have sought it.
        self.tell_holding(id, false);
    }

    /// The member removed a file: it does not come again by itself in this run.
    pub(in crate::node) fn decline(&mut self, id: ResourceId) {
        self.offers.decline(id);
    }

    /// Asks about what is offered, as much as there are places for.
    pub(in crate::node) fn take_offers(&mut self, now: Millis) {
        if std::mem::take(&mut self.offers.full) {
            self.offers.full_until = Some(now + limits::OFFER_REST);
        }
        if let Some(until) = self.offers.full_until {
            if now < until {
                return;
            }
            self.offers.full_until = None;
            self.try_again_what_was_full(now);
        }
        while let Some((at, id)) = self.offers.resting.first().copied()
            && at <= now
        {
            self.offers.wake(id);
        }
        if self.offers.ready.is_empty() {
            return;
        }
        let coming = self.active.iter().filter_map(|id| self.files.get(id));
        let coming = coming.filter(|file| file.takes_a_place()).count();
        let is_offer = |sought: &&Sought| matches!(sought.why, Why::Offered(_));
        let asked = self.sought.values().filter(is_offer).count();
        let stalled = self.stalled().count();
        let mut places = limits::OFFERS_AT_ONCE.saturating_sub(coming + asked);
        while places > 0
            && self.coming() - stalled < limits::MAX_TRANSFERS / 2
            && let Some((_, id)) = self.offers.ready.pop_last()
        {
            let Some(offer) = self.offers.offers.get_mut(&id) else {
                continue;
            };
            let channels = offer.channels.clone();
            let until = now + limits::OFFER_PATIENCE;
            // It rests until then, if nobody has it.
            offer.rests = Some(now + limits::OFFER_REST);
            self.offers.resting.insert((now + limits::OFFER_REST, id));
            let mut neighbours = self.neighbours.values();
            let somebody = neighbours.any(|of| channels.contains(&of.channel));
            if somebody && !self.files.contains_key(&id) && !self.sought.contains_key(&id) {
                self.seek_unknown(channels, id, Why::Offered(until), u64::MAX);
                places -= 1;
            }
        }
    }

    /// Somebody has something of what was asked about: it comes, if there is room.
    pub(super) fn offer_found(
        &mut self,
        now: Millis,
        channel: ChannelId,
        holding: &Holding,
        entropy: &mut Entropy,
    ) {
        let id = holding.descriptor.id;
        let Some(offer) = self.offers.offers.get(&id) else {
            self.sought.remove(&id);
            return;
        };
        let length = holding.descriptor.length;
        let some = if length > 0 {
            holding.have.count() > 0
        } else {
            is_of_nothing(id)
        };
        if !some {
            return;
        }
        // Whoever offered it last may have said anything; so may who says to have it, and then others are still heard.
        let (mut descriptor, offered) = (offer.descriptor.clone(), offer.offered);
        let (channels, again) = (offer.channels.clone(), offer.again);
        descriptor.length = length;
        let standing = if again {
            Standing::Again
        } else {
            Standing::Offered(offered)
        };
        let room = self.has_room(id, length, standing);
        if descriptor.check().is_err() || room.is_err() || !self.make_way_for_another(now) {
            return;
        }
        self.sought.remove(&id);
        self.offers.accept(id);
        self.want(now, channel, descriptor, Some(offered), entropy);
        self.shared_in(id, &channels);
        if let Some(file) = self.files.get_mut(&id) {
            file.given_up_at = Some(now + limits::AUTO_FETCH_PATIENCE);
            (file.offered, file.again) = (channels, again);
        }
        self.seek(id);
    }

    /// The files that came by themselves and go no further.
    fn stalled(&self) -> impl Iterator<Item = &File> {
        let active = self.active.iter().filter_map(|id| self.files.get(id));
        active.filter(|file| !file.automatic && file.is_stalled())
    }

    /// If as many files are on their way as may be, one of those that go no further leaves, the one of which the least is
    /// here: a place costs who gives nothing the place of its like. Whether another one may begin.
    fn make_way_for_another(&mut self, now: Millis) -> bool {
        if self.coming() < limits::MAX_TRANSFERS / 2 {
            return true;
        }
        let least = self.stalled().min_by_key(|file| {
            let id = file.entry.descriptor.id;
            (file.here(), file.entry.automatic, id)
        });
        let Some(id) = least.map(|file| file.entry.descriptor.id) else {
            return false;
        };
        self.give_way(now, id);
        true
    }

    /// What came by itself, or began to, is not here any more: it is offered as before, where it was, and rests. What belongs
    /// to another file, or came as a picture only, was not offered.
    pub(super) fn offer_again(&mut self, now: Millis, id: ResourceId) {
        let offered = |file: &&File| !file.offered.is_empty() && file.most == u64::MAX;
        let Some(file) = self.files.get(&id).filter(offered) else {
            return;
        };
        if let Some(offered) = file.entry.automatic {
            let offer = Offer {
                channels: file.offered.clone(),
                descriptor: file.entry.descriptor.clone(),
                offered,
                again: file.again,
                rests: None,
            };
            self.offers.add(id, offer);
            self.offers.rest(id, now + limits::OFFER_REST);
        }
    }

    /// Nobody has what was asked about.
    pub(super) fn offers_in_vain(&mut self, now: Millis) {
        self.sought
            .retain(|_, sought| !matches!(sought.why, Why::Offered(until) if until <= now));
    }

    /// What of a channel came by itself is not wanted so any more; `all` are those of which it still is. The small pictures
    /// of messages stay, as on every device.
    pub(in crate::node) fn withdraw_offers(
        &mut self,
        channel: ChannelId,
        all: &BTreeSet<ChannelId>,
    ) {
        self.offers.forget(channel);
        self.sought.retain(|_, sought| {
            let offered = matches!(sought.why, Why::Offered(_));
            !(offered && sought.channels.remove(&channel) && sought.channels.is_empty())
        });
        for file in self.files.values_mut() {
            file.offered.remove(&channel);
        }
        let here = |file: &&File| {
            let here = file.entry.channels.contains(&channel);
            here && file.entry.automatic.is_some() && !file.is_picture()
        };
        let here = self.files.values().filter(here);
        let here: Vec<ResourceId> = here.map(|file| file.entry.descriptor.id).collect();
        for id in here {
            let Some(file) = self.files.get_mut(&id) else {
                continue;
            };
            if file.entry.channels.is_disjoint(all) {
                self.leave_by_itself(id);
            } else {
                // It stays for another one.
                file.entry.channels.remove(&channel);
                let mut nothing = file.holding();
                nothing.have = Have::none(nothing.descriptor.length);
                self.changed.insert(id);
                self.save_entry(id);
                self.tell_nothing(&nothing, Some(channel));
                self.outputs.push_back(FilesOutput::LeftIn(channel, id));
            }
        }
    }

    /// The disk may have room again: what had begun goes on, if it may still begin.
    fn try_again_what_was_full(&mut self, now: Millis) {
        let full = |file: &&File| matches!(file.stage, Stage::Stopped(Problem::StoreFull));
        let full = self.files.values().filter(full);
        self.go_on_with_room(now, in_order(full));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Md5;

    #[test]
    fn the_place_of_the_stalled_file_of_which_the_least_is_here_is_taken() {
        let (now, channel) = (Millis(1_000_000), ChannelId([1; 32]));
        let mut files = Files::default();
        let entropy = &mut Entropy::from_seed([1; 32]);
        let id = |number: usize| ResourceId([number as u8; 32]);
        for number in 0..limits::MAX_TRANSFERS / 2 {
            let descriptor = Descriptor {
                id: id(number),
                length: 2 * limits::MIN_PIECE_BYTES + 1,
                md5: Md5([0; 16]),
                name: "song".into(),
                media_type: "audio/flac".into(),
            };
            files.want(now, channel, descriptor, Some(now), entropy);
        }
        assert!(!files.make_way_for_another(now), "all of them may come");
        for file in files.files.values_mut() {
            file.stalled = true;
            file.have.insert(0);
        }
        let least = files.files.get_mut(&id(70)).unwrap();
        least.have = Have::none(least.entry.descriptor.length);
        least.have.insert(2);
        assert!(files.make_way_for_another(now));
        assert!(!files.files.contains_key(&id(70)));
        assert_eq!(files.files.len(), limits::MAX_TRANSFERS / 2 - 1);
        // It belonged to another file: nobody offers it.
        assert!(files.offers.offers.is_empty());
    }
}
