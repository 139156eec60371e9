//! A channel's links at work: what they want, who is at their ends, and whom to dial next.

use super::channel::{Channel, ChannelOutput, Server, Tools};
use crate::{
    chat::{
        log::Verdict,
        record::{self, Record},
    },
    limits,
    link::{ConnectionKey, Link, LinkOutput},
    signal::message::PeerMessage,
    time::Millis,
    wire::Frame,
};

impl Channel {
    /// Carries out what the links want, dials for those that are missing, and again, until all is quiet.
    pub(super) fn settle(&mut self, tools: &mut Tools<'_>) {
        while self.drain_links(tools.now) | self.dial(tools) {}
    }

    /// Carries out what the links want now. True if there was anything.
    pub(super) fn drain_links(&mut self, now: Millis) -> bool {
        let mut wanted = Vec::new();
        for (&key, link) in &mut self.links {
            wanted.extend(std::iter::from_fn(|| link.poll()).map(|output| (key, output)));
        }
        let any = !wanted.is_empty();
        for (key, output) in wanted {
            match output {
                LinkOutput::Connection(output) => {
                    self.outputs.push_back(ChannelOutput::Connection {
                        connection: key,
                        output,
                    });
                }
                LinkOutput::Signal(body) => {
                    if let Some(link) = self.links.get(&key) {
                        let (id, connection) = (link.route.clone(), link.connection.clone());
                        self.send_peer(PeerMessage {
                            id,
                            connection,
                            body,
                        });
                    }
                }
                LinkOutput::Up => self.link_up(key, now),
                LinkOutput::Frame(Frame::Record(bytes)) => self.record(key, &bytes, now),
                LinkOutput::Frame(Frame::Hello(_) | Frame::Unknown(_)) => {}
                LinkOutput::Down(_) => self.link_down(key, now),
            }
        }
        any
    }

    /// The other end is known. If it is a device that has a link already, one of the two is closed.
    fn link_up(&mut self, key: ConnectionKey, now: Millis) {
        self.outputs.push_back(ChannelOutput::Changed);
        let Some(link) = self.links.get(&key) else {
            return;
        };
        self.mesh.succeeded(&link.route);
        let session = |link: &Link| link.peer().map(|peer| peer.session);
        let twin = self
            .links
            .iter()
            .find(|(other, twin)| **other != key && session(twin) == session(link));
        let Some((&twin_key, twin)) = twin else {
            return;
        };
        let settled = twin
            .up_since()
            .is_some_and(|since| now.since(since) > limits::MUTUAL_DIAL_WINDOW);
        let (stays, goes) = if settled || twin.connection < link.connection {
            (twin_key, key)
        } else {
            (key, twin_key)
        };
        let Some(loser) = self.links.get_mut(&goes) else {
            return;
        };
        loser.close();
        let route = loser.route.clone();
        // After its server was gone, a device has a new id there: the link that stays goes by it from now on.
        if let Some(link) = self.links.get_mut(&stays)
            && !self.mesh.knows(&link.route)
        {
            link.reroute(route);
        }
    }

    fn link_down(&mut self, key: ConnectionKey, now: Millis) {
        let Some(link) = self.links.remove(&key) else {
            return;
        };
        self.outputs.push_back(ChannelOutput::Changed);
        // A link that we closed ourselves had a twin to the same device; others are not worth another try soon either.
        self.mesh.failed(now, &link.route);
    }

    /// A neighbour sent a record. A bad one costs the neighbour its link.
    fn record(&mut self, from: ConnectionKey, bytes: &[u8], now: Millis) {
        // The id first: most of a flood's records come more than once, and a hash is cheaper than a signature.
        if record::id_of(bytes).is_ok_and(|id| self.log.knows(id)) {
            return;
        }
        match Record::read(self.id(), bytes) {
            Ok(record) => {
                if self.log.offer(now, &record) == Verdict::Take {
                    self.spread(&record, Some(from));
                    self.outputs.push_back(ChannelOutput::Arrived(record));
                }
            }
            Err(error) => {
                if let Some(link) = self.links.get_mut(&from) {
                    link.misbehaved(&error.to_string());
                }
            }
        }
    }

    pub(super) fn send_peer(&mut self, message: PeerMessage) {
        if let Server::Open { server } = self.server {
            self.outputs.push_back(ChannelOutput::SendServer {
                server,
                text: message.to_json(),
            });
        }
    }

    pub(super) fn has_link(&self, id: &str) -> bool {
        self.links.values().any(|link| link.route == id)
    }

    fn dial(&mut self, tools: &mut Tools<'_>) -> bool {
        if !matches!(self.server, Server::Open { .. }) {
            return false;
        }
        let ids = self.mesh.dial(
            tools.now,
            self.links.len(),
            |id| self.has_link(id),
            tools.entropy,
        );
        for id in &ids {
            let key = ConnectionKey(tools.keys.next());
            self.links
                .insert(key, Link::dial(tools.now, id.clone(), tools.entropy.id()));
        }
        !ids.is_empty()
    }
}
