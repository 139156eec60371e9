//! What asks for the member's attention while no view does: the badge, and notifications.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{Node, Notice, Output};
use crate::{
    channel::ChannelId,
    chat::record::Record,
    preferences::{Notifications, Preferences},
    time::Millis,
};

/// Between two notifications of one channel. Who was away and comes back to a hundred messages is told of the first, and
/// the badge counts the others.
const NOTICE_PAUSE: Duration = Duration::from_secs(5);
/// Of a text, in characters: what notifications show of it at most.
const MAX_NOTICE_CHARS: usize = 200;

#[derive(Debug, Default)]
pub(super) struct Attention {
    /// The channels that are on a screen.
    looked_at: BTreeSet<ChannelId>,
    /// When each channel's notification was last shown, if it may still be there.
    notified: BTreeMap<ChannelId, Millis>,
    /// What the badge shows.
    badge: usize,
}

impl Attention {
    pub(super) fn look_at(&mut self, channels: BTreeSet<ChannelId>) {
        self.looked_at = channels;
    }
}

impl Node {
    pub(super) fn preferences(&self) -> Preferences {
        self.device
            .as_ref()
            .map(|device| device.preferences)
            .unwrap_or_default()
    }

    /// A message of another member came, and is unread.
    pub(super) fn notify(&mut self, now: Millis, id: ChannelId, record: &Record) {
        let preferences = self.preferences();
        let Some(channel) = self.channels.get(&id) else {
            return;
        };
        let soon = |last: &Millis| now.since(*last) < NOTICE_PAUSE;
        if preferences.notifications == Notifications::Off
            || channel.entry.muted
            || self.attention.looked_at.contains(&id)
            || self.attention.notified.get(&id).is_some_and(soon)
        {
            return;
        }
        self.attention.notified.insert(id, now);
        // The system may keep what it shows.
        let burns = record.body.burning || channel.burning.is_on();
        let tells_sender = preferences.notifications != Notifications::Hidden;
        let tells_text = preferences.notifications == Notifications::Text;
        let notice = Notice {
            channel: id,
            unread: channel.unread.count(),
            language: preferences.language,
            sender: tells_sender.then(|| record.body.name.clone()),
            nest: tells_sender.then(|| channel.entry.address.channel.as_str().to_owned()),
            text: (tells_text && !burns)
                .then(|| record.body.text.chars().take(MAX_NOTICE_CHARS).collect()),
        };
        self.outputs.push_back(Output::Notify(notice));
    }

    /// Everything of a channel was seen, or it was left.
    pub(super) fn withdraw_notice(&mut self, id: ChannelId) {
        if self.attention.notified.remove(&id).is_some() {
            self.outputs.push_back(Output::WithdrawNotice(id));
        }
    }

    /// Keeps the badge at the number of unread messages in channels that are not muted.
    pub(super) fn count_badge(&mut self) {
        let loud = self
            .channels
            .values()
            .filter(|channel| !channel.entry.muted);
        let unread = loud.map(|channel| channel.unread.count()).sum();
        if std::mem::replace(&mut self.attention.badge, unread) != unread {
            self.outputs.push_back(Output::Badge(unread));
        }
    }
}
