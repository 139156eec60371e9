//! One channel of a node: its server, its links, its log.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use super::{
    command::{ChannelView, Member, Message, Problem, ServerState},
    io::{ServerInput, ServerKey},
};
use crate::{
    channel::ChannelId,
    chat::{
        log::Log,
        record::{self, Record},
    },
    entropy::Entropy,
    identity::{Author, DeviceSeed},
    limits,
    link::{ConnectionInput, ConnectionKey, ConnectionOutput, Link, Me},
    mesh::{Mesh, backoff},
    signal::{
        SUBPROTOCOL,
        message::{Incoming, PeerBody, PeerMessage, ServerMessage},
    },
    store::ChannelEntry,
    time::Millis,
    wire::{Frame, Session},
};

/// What a channel wants of its node.
#[derive(Debug)]
pub(super) enum ChannelOutput {
    OpenServer {
        server: ServerKey,
        url: String,
    },
    SendServer {
        server: ServerKey,
        text: String,
    },
    CloseServer {
        server: ServerKey,
    },
    Connection {
        connection: ConnectionKey,
        output: ConnectionOutput,
    },
    /// A record of another member that is new here, as far as memory reaches.
    Arrived(Record),
    /// What the view shows has changed.
    Changed,
}

/// Where the channel stands with its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Server {
    Opening {
        server: ServerKey,
        failures: u32,
    },
    Open {
        server: ServerKey,
    },
    /// Tried again at this time.
    Waiting {
        until: Millis,
        failures: u32,
    },
}

#[derive(Debug)]
pub(super) struct Channel {
    pub(super) entry: ChannelEntry,
    pub(super) log: Log,
    pub(super) me: Me,
    pub(super) author: Author,
    pub(super) server: Server,
    pub(super) mesh: Mesh,
    pub(super) links: BTreeMap<ConnectionKey, Link>,
    pub(super) outputs: VecDeque<ChannelOutput>,
}

/// Names for servers and connections, never used twice by one node.
#[derive(Debug, Default)]
pub(super) struct Keys(u64);

impl Keys {
    pub(super) fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

/// What a channel needs of its node to act.
pub(super) struct Tools<'a> {
    pub(super) now: Millis,
    pub(super) entropy: &'a mut Entropy,
    pub(super) keys: &'a mut Keys,
}

impl Channel {
    pub(super) fn new(
        entry: ChannelEntry,
        seed: &DeviceSeed,
        name: &str,
        tools: &mut Tools<'_>,
    ) -> Self {
        let key = seed.author_key(entry.id);
        let author = key.author();
        let session = Session(tools.entropy.bytes());
        let mut channel = Self {
            me: Me {
                key,
                channel: entry.id,
                session,
                name: name.to_owned(),
            },
            author,
            entry,
            log: Log::default(),
            server: Server::Waiting {
                until: tools.now,
                failures: 0,
            },
            mesh: Mesh::default(),
            links: BTreeMap::new(),
            outputs: VecDeque::new(),
        };
        channel.open_server(0, tools);
        channel
    }

    pub(super) fn poll(&mut self) -> Option<ChannelOutput> {
        self.outputs.pop_front()
    }

    pub(super) fn id(&self) -> ChannelId {
        self.entry.id
    }

    pub(super) fn owns_server(&self, key: ServerKey) -> bool {
        matches!(self.server, Server::Opening { server, .. } | Server::Open { server } if server == key)
    }

    pub(super) fn owns_connection(&self, key: ConnectionKey) -> bool {
        self.links.contains_key(&key)
    }

    pub(super) fn view(&self) -> ChannelView {
        // One author may be behind several links, as two of its devices, or for a moment as one device twice.
        let others: BTreeMap<Author, String> = self
            .links
            .values()
            .filter_map(Link::peer)
            .map(|peer| (peer.author, peer.name.clone()))
            .collect();
        let mut members: Vec<Member> = others
            .into_iter()
            .filter(|(author, _)| *author != self.author)
            .map(|(author, name)| Member {
                name,
                author,
                me: false,
            })
            .collect();
        members.sort();
        members.insert(
            0,
            Member {
                name: self.me.name.clone(),
                author: self.author,
                me: true,
            },
        );
        ChannelView {
            id: self.entry.id,
            address: self.entry.address.clone(),
            name: self.entry.address.channel.as_str().to_owned(),
            server: match self.server {
                Server::Open { .. } => ServerState::Online,
                Server::Opening { failures: 0, .. } => ServerState::Connecting,
                Server::Opening { .. } | Server::Waiting { .. } => ServerState::Offline,
            },
            members,
            draft: self.entry.draft.clone(),
        }
    }

    /// Writes a record of our own. It is sent once it is stored ([`Channel::publish`]).
    pub(super) fn write(&mut self, text: &str, now: Millis) -> Result<Record, Problem> {
        if !record::is_text(text) {
            return Err(Problem::Text);
        }
        let time = self.log.next_time(now);
        let record = Record::write(&self.me.key, self.id(), time, &self.me.name, text);
        self.log.take_own(&record);
        Ok(record)
    }

    /// Sends a record to every neighbour but the one it came from. A link without room misses it.
    pub(super) fn spread(&mut self, record: &Record, except: Option<ConnectionKey>) {
        let frame = Frame::Record(record.bytes.clone());
        for (_, link) in self
            .links
            .iter_mut()
            .filter(|(key, _)| Some(**key) != except)
        {
            let _full = link.send(&frame);
        }
    }

    /// Sends a record of our own, which is stored by now.
    pub(super) fn publish(&mut self, record: &Record, tools: &mut Tools<'_>) {
        self.spread(record, None);
        self.settle(tools);
    }

    /// The member has a new name: every neighbour hears it.
    pub(super) fn rename(&mut self, name: &str, tools: &mut Tools<'_>) {
        name.clone_into(&mut self.me.name);
        for link in self.links.values_mut() {
            link.greet_again(&self.me);
        }
        self.settle(tools);
    }

    /// The device leaves the channel.
    pub(super) fn leave(&mut self) {
        for link in self.links.values_mut() {
            link.close();
        }
        self.drain_links(Millis::default());
        if let Server::Opening { server, .. } | Server::Open { server } = self.server {
            self.outputs
                .push_back(ChannelOutput::CloseServer { server });
        }
    }

    pub(super) fn message(&self, record: &Record) -> Message {
        Message::of(record, self.author)
    }

    pub(super) fn deadline(&self) -> Option<Millis> {
        let server = match self.server {
            Server::Waiting { until, .. } => Some(until),
            Server::Open { .. } => self.mesh.deadline(self.links.len(), |id| self.has_link(id)),
            Server::Opening { .. } => None,
        };
        let links = self.links.values().filter_map(Link::deadline);
        links.chain(server).chain(self.log.next_due()).min()
    }

    pub(super) fn wake(&mut self, tools: &mut Tools<'_>) {
        if let Server::Waiting { until, failures } = self.server
            && until <= tools.now
        {
            self.open_server(failures, tools);
        }
        for link in self.links.values_mut() {
            link.wake(tools.now);
        }
        while let Some(record) = self.log.pop_due(tools.now) {
            self.spread(&record, None);
            self.outputs.push_back(ChannelOutput::Arrived(record));
        }
        self.settle(tools);
    }

    pub(super) fn server(&mut self, input: ServerInput, tools: &mut Tools<'_>) {
        match (input, self.server) {
            (ServerInput::Opened, Server::Opening { server, .. }) => {
                self.server = Server::Open { server };
                self.outputs.push_back(ChannelOutput::Changed);
            }
            (ServerInput::Opened, _) => {}
            // What a server says wrongly costs nobody but itself: it is left out.
            (ServerInput::Text(text), _) => match Incoming::parse(&text) {
                Ok(Incoming::Server(message)) => self.server_message(message, tools),
                Ok(Incoming::Peer(message)) => self.peer_message(message, tools),
                Ok(Incoming::Sealed(_) | Incoming::Foreign) | Err(_) => {}
            },
            (ServerInput::Closed, _) => {
                let failures = match self.server {
                    Server::Opening { failures, .. } | Server::Waiting { failures, .. } => failures,
                    Server::Open { .. } => 0,
                };
                let pause = backoff(limits::RECONNECT_BASE, limits::RECONNECT_MAX, failures);
                // Jitter of up to the pause itself, so that a server that returns is not stormed.
                let jitter = tools.entropy.below(pause.as_millis() as usize + 1) as u64;
                let until = tools.now + pause + Duration::from_millis(jitter);
                self.server = Server::Waiting {
                    until,
                    failures: failures.saturating_add(1),
                };
                self.mesh.clear();
                for link in self.links.values_mut() {
                    link.lose_route();
                }
                self.outputs.push_back(ChannelOutput::Changed);
            }
        }
        self.settle(tools);
    }

    pub(super) fn connection(
        &mut self,
        key: ConnectionKey,
        input: ConnectionInput,
        tools: &mut Tools<'_>,
    ) {
        if let Some(link) = self.links.get_mut(&key) {
            link.connection(tools.now, input, &self.me);
        }
        self.settle(tools);
    }

    fn open_server(&mut self, failures: u32, tools: &mut Tools<'_>) {
        let server = ServerKey(tools.keys.next());
        let url = self
            .entry
            .address
            .authority
            .signal_url(self.entry.address.channel.as_str());
        self.server = Server::Opening { server, failures };
        self.outputs
            .push_back(ChannelOutput::OpenServer { server, url });
    }

    fn server_message(&mut self, message: ServerMessage, tools: &Tools<'_>) {
        match message {
            // Only who speaks our protocol: an offer would overwrite the one connection of a predecessor's client.
            ServerMessage::Push {
                id,
                protocol,
                present,
                ..
            } => {
                if protocol.as_deref() == Some(SUBPROTOCOL) {
                    self.mesh.arrive(tools.now, id, present);
                }
            }
            ServerMessage::Pull { id } | ServerMessage::Error { id: Some(id), .. } => {
                self.mesh.leave(&id);
                for link in self.links.values_mut().filter(|link| link.route == id) {
                    link.lose_route();
                    if link.peer().is_none() {
                        link.close();
                    }
                }
            }
            ServerMessage::Welcome { .. }
            | ServerMessage::Ping
            | ServerMessage::Error { id: None, .. } => {}
        }
    }

    fn peer_message(&mut self, message: PeerMessage, tools: &mut Tools<'_>) {
        let PeerMessage {
            id,
            connection,
            body,
        } = message;
        let this = |link: &&mut Link| link.route == id && link.connection == connection;
        if let Some(link) = self.links.values_mut().find(this) {
            return link.signal(body);
        }
        let PeerBody::Offer(offer) = body else { return };
        if !self.mesh.knows(&id) {
            return;
        }
        if let Some((key, link)) = self.links.iter_mut().find(|(_, link)| link.route == id) {
            // Both dialled: the smaller connection id stays. A link that is up already was lost at the other end.
            if link.peer().is_none() && link.is_dialled() && link.connection < connection {
                return;
            }
            let key = *key;
            link.close();
            self.drain_links(tools.now);
            self.links.remove(&key);
        } else if self.links.len() >= limits::MAX_LINKS {
            return self.send_peer(PeerMessage {
                id,
                connection,
                body: PeerBody::Decline,
            });
        }
        let key = ConnectionKey(tools.keys.next());
        self.links
            .insert(key, Link::accept(tools.now, id, connection, offer));
    }
}
