//! What comes from others: how it is told, and what is passed on.

use super::{Node, Output, channel::Arrival};
use crate::{channel::ChannelId, chat::record::Position, store::Mark, time::Millis};

impl Node {
    /// A record came that is not kept here: it is seen, unless it is older than all that is, and passed on.
    pub(super) fn pass(&mut self, now: Millis, id: ChannelId, arrival: &Arrival) {
        let oldest = self.channels.get(&id).map(|channel| channel.interval(now));
        let oldest = oldest.and_then(|interval| interval.span.from);
        if oldest <= Some(arrival.record.position()) {
            self.tell_message(id, &arrival.record);
        }
        self.with_channel(now, Some(id), |channel, tools| {
            channel.pass_on(arrival, false, tools);
        });
    }

    /// A record came that burns.
    pub(super) fn pass_burning(&mut self, now: Millis, id: ChannelId, arrival: &Arrival) {
        self.burning_came(now, id, &arrival.record);
        self.with_channel(now, Some(id), |channel, tools| {
            channel.pass_on(arrival, false, tools);
        });
    }

    /// A record of another member is new, and stored if it could be.
    pub(super) fn arrived(&mut self, now: Millis, id: ChannelId, arrival: &Arrival) {
        self.tell_message(id, &arrival.record);
        self.fetch_pictures(now, id, &arrival.record);
        let Some(channel) = self.channels.get_mut(&id) else {
            return;
        };
        if arrival.mark == Mark::Unread && channel.unread.add(arrival.record.position()) {
            let event = channel.unread_event();
            self.outputs.push_back(Output::Event(event));
            self.notify(now, id, &arrival.record);
        }
    }

    pub(super) fn seen(&mut self, id: ChannelId, up_to: Position) {
        let Some(channel) = self.channels.get_mut(&id) else {
            return;
        };
        if channel.unread.see(up_to) {
            let nothing_left = channel.unread.count() == 0;
            let event = channel.unread_event();
            self.outputs.push_back(Output::Event(event));
            if nothing_left {
                self.withdraw_notice(id);
            }
        }
    }
}
