//! A channel's links at work: what they want, who is at their ends, and whom to dial next.

use super::{
    channel::{Channel, ChannelOutput},
    music::MusicMessage,
    tools::Tools,
};
use crate::{
    chat::span::Span,
    limits,
    link::{
        ConnectionInput, ConnectionKey, ConnectionOutput, DownReason, LineId, Link, LinkOutput,
        Peer,
    },
    mesh::Route,
    signal::message::PeerBody,
    time::Millis,
    wire::{Frame, Run},
};

impl Channel {
    /// Carries out what the links want, dials for those that are missing, and again, until all is quiet.
    pub(super) fn settle(&mut self, tools: &mut Tools<'_>) {
        loop {
            let signals = self.drain_links(tools);
            let quiet = signals.is_empty();
            for (key, line, body) in signals {
                self.send_to_link(key, line, body, tools);
            }
            if quiet
                && !self.dial(tools)
                && !self.announce_if_due(tools.now)
                && !self.supply_relays(tools)
            {
                return;
            }
        }
    }

    /// Carries out what the links want now, and gives back what is to be said through servers, in order.
    pub(super) fn drain_links(
        &mut self,
        tools: &mut Tools<'_>,
    ) -> Vec<(ConnectionKey, LineId, PeerBody)> {
        let now = tools.now;
        let mut signals = Vec::new();
        loop {
            let mut wanted = Vec::new();
            for (&key, link) in &mut self.links {
                wanted.extend(std::iter::from_fn(|| link.poll()).map(|output| (key, output)));
            }
            if wanted.is_empty() {
                return signals;
            }
            for (key, output) in wanted {
                match output {
                    LinkOutput::Connection(line, output) => {
                        self.connection_output(key, line, output, tools);
                    }
                    LinkOutput::Signal { line, body } => signals.push((key, line, body)),
                    LinkOutput::Up => self.link_up(key, now),
                    LinkOutput::Frame(frame) => self.frame(key, frame, now),
                    LinkOutput::Offer => self.offer_records(key, now),
                    LinkOutput::Room => self.outputs.push_back(ChannelOutput::Room(key)),
                    LinkOutput::Unserved => self.compare_history(now, Span::default()),
                    LinkOutput::Drained => self.serve_history(key, now),
                    LinkOutput::Rerouted => self.rerouted(key, now),
                    LinkOutput::Down(reason) => self.link_down(key, &reason, now),
                }
            }
        }
    }

    /// A link wants something done with one of its connections.
    fn connection_output(
        &mut self,
        link: ConnectionKey,
        line: LineId,
        output: ConnectionOutput,
        tools: &mut Tools<'_>,
    ) {
        let opens = matches!(output, ConnectionOutput::Open { .. });
        let connection = match output {
            ConnectionOutput::Open { .. } => self.connections.open(link, line, tools.keys),
            ConnectionOutput::Close => self.connections.close(link, line, tools.keys),
            _ => self.connections.key(link, line),
        };
        if let Some(connection) = connection {
            self.outputs
                .push_back(ChannelOutput::Connection { connection, output });
        } else if opens {
            let refused = ConnectionInput::NegotiationFailed("there are too many already".into());
            let reach = self.reach(link);
            if let Some(link) = self.links.get_mut(&link) {
                link.connection(tools.now, line, refused, &self.me, reach);
            }
        }
    }

    /// A link goes on over another connection. What is said once and not kept is said again: our name, and which records
    /// there are.
    fn rerouted(&mut self, key: ConnectionKey, now: Millis) {
        if let Some(link) = self.links.get_mut(&key) {
            link.greet_again(now, &self.me);
        }
        self.tell_switch(key, now);
        self.offer_records(key, now);
        self.lose_history(key, now);
        self.outputs.push_back(ChannelOutput::Rerouted(key));
    }

    pub(super) fn wake_links(&mut self, now: Millis) {
        let keys: Vec<ConnectionKey> = self.links.keys().copied().collect();
        for key in keys {
            let reach = self.reach(key);
            if let Some(link) = self.links.get_mut(&key) {
                link.wake(now, reach);
            }
        }
    }

    /// Whether a device has a link already.
    pub(super) fn is_linked(&self, route: &Route, run: Option<Run>) -> bool {
        self.links.values().any(|link| {
            link.routes().contains(route)
                || run.is_some_and(|run| link.peer().is_some_and(|peer| peer.run == run))
        })
    }

    /// The other end is known. If it is a device that has a link already, one of the two is closed.
    fn link_up(&mut self, key: ConnectionKey, now: Millis) {
        self.outputs.push_back(ChannelOutput::Changed);
        let greeted = self.links.get(&key).and_then(Link::peer);
        if let Some(Peer { run, name }) = greeted.cloned() {
            self.hear_hello(run.author, &name);
        }
        let Some((link, peer)) = self.links.get(&key).and_then(|l| Some((l, l.peer()?))) else {
            return;
        };
        let run = peer.run;
        for route in link.routes() {
            self.mesh.succeeded(route, run);
        }
        if link.over().is_host() {
            self.mesh.prefer_pipes();
        }
        let twin = self.links.iter().find(|(other, twin)| {
            **other != key && twin.peer().is_some_and(|peer| peer.run == run)
        });
        if let Some((&twin_key, twin)) = twin {
            let settled = twin
                .up_since()
                .is_some_and(|since| now.since(since) > limits::MUTUAL_DIAL_WINDOW);
            let (stays, goes) = if settled || twin.connection < link.connection {
                (twin_key, key)
            } else {
                (key, twin_key)
            };
            self.merge(stays, goes, now);
            if goes == key {
                return;
            }
        }
        self.tell_members(key, now);
        self.tell_switch(key, now);
        self.offer_records(key, now);
        self.meet_history(key, now);
        self.outputs.push_back(ChannelOutput::Met(key));
    }

    /// Two links lead to one device: one goes, and the other can be spoken to by the routes of both.
    fn merge(&mut self, stays: ConnectionKey, goes: ConnectionKey, now: Millis) {
        let Some(loser) = self.links.get_mut(&goes) else {
            return;
        };
        loser.close();
        let routes = loser.routes().to_vec();
        if let Some(link) = self.links.get_mut(&stays) {
            for route in routes {
                link.add_route(route);
            }
            link.reached(now);
        }
    }

    fn link_down(&mut self, key: ConnectionKey, reason: &DownReason, now: Millis) {
        let Some(link) = self.links.remove(&key) else {
            return;
        };
        self.paths.remove(&key);
        self.outputs.push_back(ChannelOutput::Changed);
        self.outputs.push_back(ChannelOutput::Parted(key));
        self.part_history(key, now);
        self.has_ended(link.connection.clone());
        // A link that we closed ourselves had a twin to the same device; others are not worth another try soon either.
        let no_path = link.last_run().is_none()
            && matches!(reason, DownReason::Timeout | DownReason::PathLost);
        for route in link.routes() {
            self.mesh.failed(now, route);
            // To a device of this machine, another kind of connection may lead.
            if no_path && !self.is_host(route) {
                self.mesh.mark_unreached(route);
            }
        }
        self.judge_way(&link, reason, now);
        if let Some(run) = link.last_run()
            && !self
                .links
                .values()
                .any(|other| other.last_run() == Some(run))
        {
            match reason {
                DownReason::ClosedThere => self.roster.dismiss(now, run),
                _ => self.roster.doubt(now, run),
            }
            // Whoever lost us, too, hears that we are still there; one that broke the rules need not.
            if !matches!(reason, DownReason::Misbehaved(_)) {
                self.announce_soon(now);
            }
        }
    }

    /// A connection is over, or was never taken: an offer for it is not answered any more.
    pub(super) fn has_ended(&mut self, connection: String) {
        self.ended.push_back(connection);
        if self.ended.len() > limits::MAX_ENDED_CONNECTIONS {
            self.ended.pop_front();
        }
    }

    fn frame(&mut self, from: ConnectionKey, frame: Frame, now: Millis) {
        match frame {
            Frame::Record(bytes) => self.record(from, &bytes, now),
            Frame::Sighting(sighting) => self.sighting(from, &sighting, now),
            Frame::Have(ids) => self.have(from, &ids, now),
            Frame::Want(ids) => self.wanted(from, &ids, now),
            Frame::Stored(ids) => self.acknowledged(from, &ids),
            Frame::Switch(bytes) => self.switch(from, &bytes, now),
            Frame::History(message) => self.heard_history(from, message, now),
            Frame::Resource(message) => {
                self.outputs
                    .push_back(ChannelOutput::Resource { from, message });
            }
            Frame::Shelf(message) => self.about_music(from, MusicMessage::Shelf(message)),
            Frame::Together(message) => self.about_music(from, MusicMessage::Together(message)),
            // They are the link's own.
            Frame::Hello(_) | Frame::Signal(_) | Frame::Unknown(_) => {}
        }
    }

    fn about_music(&mut self, from: ConnectionKey, said: MusicMessage) {
        self.outputs.push_back(ChannelOutput::Music { from, said });
    }

    /// How many more links are wanted.
    pub(super) fn missing_links(&self) -> usize {
        let wanted = if self.hungry {
            limits::MAX_LINKS
        } else {
            limits::WANTED_LINKS
        };
        wanted.saturating_sub(self.links.len())
    }

    fn dial(&mut self, tools: &mut Tools<'_>) -> bool {
        let routes = self.mesh.dial(
            tools.now,
            self.missing_links(),
            |route, run| self.is_linked(route, run),
            tools.entropy,
        );
        for route in &routes {
            // Two routes of one choice may lead to one device: only the links will tell.
            let key = ConnectionKey(tools.keys.next());
            let (over, patience) = self.way_to(route, tools);
            let name = tools.entropy.id();
            let mut link = Link::dial(tools.now, route.clone(), name, over, patience);
            self.begin_relayed(&mut link);
            self.links.insert(key, link);
        }
        !routes.is_empty()
    }
}
