//! Relays: who may ask for one, and what a relay may know of channels.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use super::{Hub, HubOutput, Socket};
use crate::{
    signal::{
        message::ServerMessage,
        relay::{NoRelay, Relay},
    },
    time::Millis,
};

impl Hub {
    pub(super) fn relay_asked(&mut self, now: Millis, socket: Socket, channel: Arc<str>) {
        let Some(member) = self.members.get_mut(&socket) else {
            return;
        };
        if member.account.asks_for_relay(now) {
            self.outputs.push_back(HubOutput::Relay { socket, channel });
        } else {
            let reason = Some("too many relays were asked for; try again later".into());
            self.tell(socket, &ServerMessage::NoRelay(NoRelay { reason }));
        }
    }

    /// The relay that a device asked for.
    pub fn relay(&mut self, socket: Socket, relay: Relay) {
        if self.members.contains_key(&socket) {
            self.tell(socket, &ServerMessage::Relay(relay));
        }
    }

    /// The channel of which this is true, if anybody is there.
    pub fn find_channel(&self, is_it: &dyn Fn(&str) -> bool) -> Option<Arc<str>> {
        self.topics.keys().find(|topic| is_it(topic)).cloned()
    }

    /// Whether a member of a channel came from an address. From this one and no other: that it shares a network with
    /// others, and an account, does not make them members.
    pub fn has_member(&self, channel: &str, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let sockets = self
            .topics
            .get(channel)
            .into_iter()
            .flat_map(BTreeMap::values);
        sockets
            .filter_map(|socket| self.members.get(socket))
            .any(|member| member.account.ip() == address)
    }
}
