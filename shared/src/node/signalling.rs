//! A channel and its servers: who is there, and what is said through them about connections.

use super::{
    channel::{Channel, ChannelOutput},
    io::{ServerInput, ServerKey},
    server::Server,
    tools::Tools,
};
use crate::{
    limits,
    link::{ConnectionKey, LineId, Link, Reach},
    mesh::{Mesh, Route},
    signal::{
        SUBPROTOCOL,
        message::{Incoming, PeerBody, PeerMessage, ServerMessage},
    },
    time::Millis,
};

impl Channel {
    pub(super) fn owns_server(&self, key: ServerKey) -> bool {
        self.server_of(key).is_some()
    }

    fn server_of(&self, key: ServerKey) -> Option<usize> {
        self.servers
            .iter()
            .position(|server| server.key() == Some(key))
    }

    /// Something happened to a WebSocket.
    pub(super) fn server(&mut self, key: ServerKey, input: ServerInput, tools: &mut Tools<'_>) {
        let Some(number) = self.server_of(key) else {
            return;
        };
        self.servers[number].heard(tools.now, &input);
        match input {
            ServerInput::Opened => self.outputs.push_back(ChannelOutput::Changed),
            // What a server says wrongly costs nobody but itself: it is left out.
            ServerInput::Text(text) => {
                if let Ok(message) = Incoming::parse(&text) {
                    self.incoming(number, message, tools);
                }
            }
            ServerInput::Closed => self.lose_server(number, tools),
        }
        self.settle(tools);
    }

    /// Opens the servers whose time has come.
    pub(super) fn open_servers(&mut self, tools: &mut Tools<'_>) {
        for server in &mut self.servers {
            if let Some((server, place)) = server.open_if_due(tools) {
                self.outputs
                    .push_back(ChannelOutput::OpenServer { server, place });
            }
        }
    }

    pub(super) fn wake_servers(&mut self, tools: &mut Tools<'_>) {
        for number in 0..self.servers.len() {
            if self.servers[number].is_silent(tools.now) {
                self.close_server(number);
                self.lose_server(number, tools);
            }
        }
        self.open_servers(tools);
    }

    /// The network may be another one now: nothing that was open before can be trusted to be so, but what does not leave
    /// this machine.
    pub(super) fn refresh(&mut self, tools: &mut Tools<'_>) {
        let elsewhere = |number: &usize| !self.servers[*number].is_host();
        let elsewhere: Vec<usize> = (0..self.servers.len()).filter(elsewhere).collect();
        for number in elsewhere {
            self.close_server(number);
            self.mesh.clear(number);
            self.servers[number].retry_now(tools.now);
        }
        self.mesh.forgive(tools.now);
        self.relaying.forget();
        let Self {
            links,
            servers,
            mesh,
            ..
        } = self;
        for link in links.values_mut() {
            let reach = match live_route(servers, mesh, link) {
                Some(_) => Reach::Signalled,
                None => Reach::Unknown,
            };
            link.refresh(tools.now, reach);
        }
        self.open_servers(tools);
        self.outputs.push_back(ChannelOutput::Changed);
        self.settle(tools);
    }

    pub(super) fn close_server(&mut self, number: usize) {
        if let Some(server) = self.servers[number].key() {
            self.outputs
                .push_back(ChannelOutput::CloseServer { server });
        }
    }

    fn lose_server(&mut self, number: usize, tools: &mut Tools<'_>) {
        self.servers[number].lost(tools);
        self.relaying.lost(number);
        self.mesh.clear(number);
        self.outputs.push_back(ChannelOutput::Changed);
    }

    fn incoming(&mut self, number: usize, message: Incoming, tools: &mut Tools<'_>) {
        let server = &self.servers[number];
        match (message, &self.seal) {
            (Incoming::Server(message), _) => self.server_message(number, message, tools.now),
            (Incoming::Peer(message), None) => self.peer_message(number, message, tools),
            (Incoming::Sealed(message), Some(key)) => {
                let Some(own) = server.own_id() else { return };
                if let Ok(message) = message.open(key, own, &server.topic) {
                    self.peer_message(number, message, tools);
                }
            }
            // Nobody who knows the channel's key says it openly, and nobody without it can have sealed it.
            (Incoming::Peer(_) | Incoming::Sealed(_) | Incoming::Foreign, _) => {}
        }
    }

    fn server_message(&mut self, server: usize, message: ServerMessage, now: Millis) {
        match message {
            ServerMessage::Welcome { id, ping, relay } => {
                self.servers[server].welcomed(id, ping);
                if self.relaying.welcomed(server, relay) {
                    self.outputs.push_back(ChannelOutput::Changed);
                }
            }
            // Only who speaks our protocol: an offer would overwrite the one connection of a predecessor's client.
            ServerMessage::Push {
                id,
                protocol,
                present,
                ..
            } => {
                if protocol.as_deref() == Some(SUBPROTOCOL) {
                    let route = Route { server, id };
                    for link in self.links.values_mut() {
                        if link.routes().contains(&route) {
                            link.reached(now);
                        }
                    }
                    self.mesh.arrive(now, route, present);
                    self.tell_unreached(now);
                }
            }
            ServerMessage::Pull { id } | ServerMessage::Error { id: Some(id), .. } => {
                let route = Route { server, id };
                self.tell_unreached(now);
                self.mesh.leave(&route);
                for link in self.links.values_mut() {
                    link.remove_route(&route);
                    if link.routes().is_empty() && link.peer().is_none() {
                        link.close();
                    }
                }
            }
            ServerMessage::Relay(relay) => self.relaying.answered(now, server, Some(relay)),
            ServerMessage::NoRelay(_) => self.relaying.answered(now, server, None),
            ServerMessage::Ping | ServerMessage::Error { id: None, .. } => {}
        }
    }

    fn peer_message(&mut self, server: usize, message: PeerMessage, tools: &mut Tools<'_>) {
        let PeerMessage {
            id,
            connection,
            body,
        } = message;
        let route = Route { server, id };
        if !self.mesh.knows(&route) {
            return;
        }
        // A link's name is random and known to its two ends and their servers. Nobody else knows it: who says it is the
        // other end, whatever its id is by now.
        let mut links = self.links.values_mut();
        if let Some((link, line)) =
            links.find_map(|link| link.line_called(&connection).map(|line| (link, line)))
        {
            link.add_route(route);
            return link.signal(tools.now, line, body);
        }
        let PeerBody::Offer(offer) = body else { return };
        // A server may say things again. What it says late, but once, it could say on time as well.
        let link = connection.split('.').next().unwrap_or_default();
        if self.ended.iter().any(|e| *e == connection || e == link) {
            return;
        }
        let Some(over) = self.way_of(&route, &offer, tools) else {
            self.has_ended(connection.clone());
            return self.send_peer(&route, connection, PeerBody::Decline, tools);
        };
        let known = self
            .links
            .iter_mut()
            .find(|(_, link)| link.routes().contains(&route));
        if let Some((&key, link)) = known {
            // Both dialled: the smaller connection id stays. A link that is up already was lost at the other end.
            if link.peer().is_none() && link.is_dialled() && link.connection < connection {
                return self.has_ended(connection);
            }
            link.close();
            self.drain_links(tools);
            self.links.remove(&key);
        } else if !self.has_room() {
            self.has_ended(connection.clone());
            return self.send_peer(&route, connection, PeerBody::Decline, tools);
        }
        let key = ConnectionKey(tools.keys.next());
        let mut link = Link::accept(tools.now, route, connection, offer, over);
        self.begin_relayed(&mut link);
        self.links.insert(key, link);
    }

    /// Whether one more offer is answered.
    fn has_room(&self) -> bool {
        let answering = |link: &&Link| !link.is_dialled() && link.peer().is_none();
        self.links.len() < limits::MAX_LINKS
            && self.links.values().filter(answering).count() < limits::MAX_ANSWERING
    }

    /// Whether the other end of a link can be spoken to.
    pub(super) fn reach(&self, key: ConnectionKey) -> Reach {
        match self.links.get(&key) {
            None => Reach::Unknown,
            Some(link) if link.routes().is_empty() => Reach::Gone,
            Some(link) if live_route(&self.servers, &self.mesh, link).is_some() => Reach::Signalled,
            Some(_) => Reach::Unknown,
        }
    }

    /// Says something to the other end of a link. Where that is not possible now, it is left out: a restart is tried
    /// again, and a connection that does not come up is given up in time.
    pub(super) fn send_to_link(
        &mut self,
        key: ConnectionKey,
        line: LineId,
        body: PeerBody,
        tools: &mut Tools<'_>,
    ) {
        let Some(link) = self.links.get(&key) else {
            return;
        };
        if let Some(route) = live_route(&self.servers, &self.mesh, link) {
            let (route, connection) = (route.clone(), link.name_of(line));
            self.send_peer(&route, connection, body, tools);
        }
    }

    fn send_peer(
        &mut self,
        route: &Route,
        connection: String,
        body: PeerBody,
        tools: &mut Tools<'_>,
    ) {
        let server = &self.servers[route.server];
        let Some(key) = server.open_key() else { return };
        let message = PeerMessage {
            id: route.id.clone(),
            connection,
            body,
        };
        let text = match (&self.seal, server.own_id()) {
            (None, _) => message.to_json(),
            (Some(seal), Some(own)) => message
                .seal(seal, own, &server.topic, tools.entropy)
                .to_json(),
            // A server that does not tell us our id cannot carry a private channel.
            (Some(_), None) => return,
        };
        self.outputs
            .push_back(ChannelOutput::SendServer { server: key, text });
    }
}

/// Where the other end of a link can be spoken to now.
fn live_route<'a>(servers: &[Server], mesh: &Mesh, link: &'a Link) -> Option<&'a Route> {
    link.routes()
        .iter()
        .find(|route| servers[route.server].open_key().is_some() && mesh.knows(route))
}
