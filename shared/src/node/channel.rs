//! One channel of a node: what it consists of, and what a view sees of it.
//!
//! Its work is in the siblings: [`super::signalling`] talks to servers, [`super::neighbours`] keeps links,
//! [`super::gossip`] is what goes over them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(super) use super::channel_output::{Arrival, ChannelOutput};
use super::{
    burning::Burning,
    connections::Connections,
    event::{Event, Problem},
    keeping::Keeping,
    pending::Pending,
    people::profile,
    relaying::Relaying,
    server::{Place, Server},
    tools::Tools,
    view::{self, ChannelView, Contact, Delivery, Member, Message, ServerState, ServerView},
};
use crate::{
    channel::{self, ChannelId, ChannelKey},
    chat::{
        delivery::Deliveries,
        intake::Intake,
        log::Log,
        recent::Recent,
        record::{self, Body, Position, Record},
        unread::Unread,
        unsent::Unsent,
    },
    identity::{Author, DeviceSeed},
    link::{ConnectionInput, ConnectionKey, ConnectionOutput, Link, Me, Path},
    mesh::Mesh,
    people::People,
    presence::{Announcement, Roster},
    resource::{Descriptor, ResourceId},
    signal::seal::SealKey,
    store::{ChannelEntry, StoredRecord},
    sync::Reconciler,
    time::Millis,
    wire::{Frame, Run, Session},
};

#[derive(Debug)]
pub(super) struct Channel {
    pub(super) entry: ChannelEntry,
    /// In a private channel, what is said through servers is sealed with it.
    pub(super) seal: Option<SealKey>,
    pub(super) me: Me,
    pub(super) author: Author,
    pub(super) servers: Vec<Server>,
    pub(super) mesh: Mesh,
    /// What there is for who finds no direct path.
    pub(super) relaying: Relaying,
    /// By the first connection of each.
    pub(super) links: BTreeMap<ConnectionKey, Link>,
    pub(super) connections: Connections,
    /// The names of connections that have ended or were refused, oldest first.
    pub(super) ended: VecDeque<String>,
    pub(super) log: Log,
    /// How much each author says.
    pub(super) intake: Intake,
    /// How much each author takes back.
    pub(super) recalls: Intake,
    /// Whose messages are taken however many they are.
    pub(super) let_through: BTreeSet<Author>,
    /// Who is who.
    pub(super) people: People,
    pub(super) recent: Recent,
    /// Whether what is said is stored at all.
    pub(super) burning: Burning,
    /// Keeps the log to what the member chose.
    pub(super) keeping: Keeping,
    /// Compares the log with those of neighbours.
    pub(super) reconciler: Reconciler,
    /// Records that were asked for and wait for room in a link.
    pub(super) serving: BTreeMap<ConnectionKey, VecDeque<Frame>>,
    pub(super) unsent: Unsent,
    pub(super) unread: Unread,
    pub(super) deliveries: Deliveries,
    /// The paths of links that were measured.
    pub(super) paths: BTreeMap<ConnectionKey, Path>,
    pub(super) roster: Roster,
    /// Our own newest announcement, and when it was made.
    pub(super) announced: Option<(Millis, Announcement)>,
    /// When the next one is due, if anybody is there to hear it.
    pub(super) announce_at: Option<Millis>,
    /// Something is wanted that no neighbour has: more of them are looked for.
    pub(super) hungry: bool,
    /// Files that are not wished for any more, which could not be kept: the entry in the store may still name them.
    pub(super) stale_wishes: BTreeSet<ResourceId>,
    /// The member leaves it: its entry is not saved any more, which would undo that.
    pub(super) leaving: bool,
    pub(super) outputs: VecDeque<ChannelOutput>,
}

/// What the store has of a channel that is opened again.
#[derive(Debug, Default)]
pub(super) struct Stored {
    /// The newest records, newest first, once they are loaded.
    pub(super) newest: Option<Vec<StoredRecord>>,
    /// Our own that nobody has acknowledged.
    pub(super) unsent: Vec<StoredRecord>,
    /// Where the unread ones stand.
    pub(super) unread: Vec<Position>,
}

impl Channel {
    pub(super) fn new(
        entry: ChannelEntry,
        stored: Stored,
        seed: &DeviceSeed,
        name: &str,
        tools: &mut Tools<'_>,
    ) -> Self {
        let key = seed.author_key(entry.id);
        let author = key.author();
        let session = Session(tools.entropy.bytes());
        let is_private = entry.address.secret.is_some();
        let burning = Burning::resume(tools.now, entry.switch.as_deref());
        let mut channel = Self {
            burning,
            keeping: Keeping::new(entry.retention),
            seal: is_private.then(|| ChannelKey::of(&entry.address).seal_key()),
            me: Me {
                key,
                channel: entry.id,
                session,
                profile: profile(&entry, name),
            },
            author,
            entry,
            servers: Vec::new(),
            mesh: Mesh::default(),
            relaying: Relaying::default(),
            links: BTreeMap::new(),
            connections: Connections::default(),
            ended: VecDeque::new(),
            log: Log::default(),
            intake: Intake::default(),
            recalls: Intake::default(),
            let_through: BTreeSet::new(),
            people: People::default(),
            recent: Recent::default(),
            reconciler: Reconciler::default(),
            serving: BTreeMap::new(),
            unsent: Unsent::default(),
            unread: Unread::default(),
            deliveries: Deliveries::default(),
            paths: BTreeMap::new(),
            roster: Roster::default(),
            announced: None,
            announce_at: None,
            hungry: false,
            stale_wishes: BTreeSet::new(),
            leaving: false,
            outputs: VecDeque::new(),
        };
        channel.hear_me(tools.now);
        channel.resume(stored);
        channel.judge_switch(tools.now);
        channel.add_servers(tools);
        channel
    }

    /// Takes up where the last run ended. A record that cannot be read any more is left out.
    fn resume(&mut self, stored: Stored) {
        let read = |stored: StoredRecord| Record::from_store(stored.bytes).ok();
        let newest = stored.newest.unwrap_or_default();
        for stored in newest.into_iter().rev() {
            self.log.resume(stored.position);
            let recalled = stored.recalled;
            let Some(record) = read(stored).filter(|_| !recalled) else {
                continue;
            };
            self.hear_record(&record);
            self.recent.keep(record.body.time, &record);
            if record.body.author == self.author {
                self.deliveries.follow(&record);
            }
        }
        self.unread = Unread::resume(stored.unread);
        for record in stored.unsent.into_iter().filter_map(read) {
            self.log.resume(record.position());
            self.unsent.keep(&record);
            self.deliveries.follow(&record);
        }
    }

    /// Adds the servers of its address that are not known yet; the others keep their number.
    pub(super) fn add_servers(&mut self, tools: &mut Tools<'_>) {
        for (authority, topic) in channel::servers(&self.entry.address) {
            let place = Place::Web(authority);
            if !self.servers.iter().any(|server| server.place == place) {
                self.servers.push(Server::new(place, topic, tools.now));
            }
        }
        self.open_servers(tools);
    }

    /// Has the channel's entry kept as it is now.
    pub(super) fn save(&mut self, pending: Pending) {
        if self.leaving {
            return;
        }
        let save = ChannelOutput::Store(self.entry.save(), Box::new(pending));
        self.outputs.push_back(save);
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.outputs.push_back(ChannelOutput::Tell(event));
    }

    pub(super) fn poll(&mut self) -> Option<ChannelOutput> {
        self.outputs.pop_front()
    }

    /// This run of the device, as neighbours know it.
    pub(super) fn run(&self) -> Run {
        Run {
            author: self.author,
            session: self.me.session,
        }
    }

    pub(super) fn id(&self) -> ChannelId {
        self.entry.id
    }

    pub(super) fn owns_connection(&self, key: ConnectionKey) -> bool {
        self.connections.owner(key).is_some()
    }

    pub(super) fn view(&self, now: Millis) -> ChannelView {
        // One author is one row, however many links lead to it, and whether or not there is a link at all.
        let heard_of = self
            .roster
            .online(now)
            .map(|body| (body.author, body.name.clone()));
        let linked = self
            .links
            .values()
            .filter_map(Link::peer)
            .map(|peer| (peer.run.author, peer.name.clone()));
        let others: BTreeMap<Author, String> = linked.chain(heard_of).collect();
        let member = |(author, name)| Member {
            name,
            avatar: self.avatar(author),
            author,
            me: author == self.author,
            contact: self.contact(author),
        };
        let mut members: Vec<Member> = others
            .into_iter()
            .filter(|(author, _)| *author != self.author)
            .map(member)
            .collect();
        members.sort();
        members.insert(0, member((self.author, self.me.profile.name.clone())));
        let servers = self
            .servers
            .iter()
            .enumerate()
            .filter_map(|(number, server)| match &server.place {
                Place::Web(authority) => Some(ServerView {
                    authority: authority.to_string(),
                    state: server.view(),
                    relay: self.relaying.has(number),
                }),
                Place::Host => None,
            });
        let servers: Vec<ServerView> = servers.collect();
        let any = |state| servers.iter().any(|server| server.state == state);
        let server = if any(ServerState::Online) {
            ServerState::Online
        } else if any(ServerState::Offline) {
            ServerState::Offline
        } else {
            ServerState::Connecting
        };
        ChannelView {
            id: self.entry.id,
            address: self.entry.address.clone(),
            name: self.entry.address.channel.as_str().to_owned(),
            server,
            servers,
            members,
            unreached: self.unreached(now),
            draft: self.burning.draft().unwrap_or(&self.entry.draft).to_owned(),
            muted: self.entry.muted,
            unread: self.view_unread(),
            retention: self.entry.retention,
            seeds: self.entry.seeds,
            sought: self.entry.sought.clone(),
            burn: self.view_burn(),
            people: self.view_people(),
        }
    }

    /// What the views are told when something is unread that was not, or the other way round.
    pub(super) fn unread_event(&self) -> Event {
        Event::Unread {
            channel: self.id(),
            unread: self.view_unread(),
        }
    }

    fn view_unread(&self) -> view::Unread {
        view::Unread {
            count: self.unread.count(),
            first: self.unread.first().map(Into::into),
        }
    }

    /// How a member is reached: a path that is known is better than one that is not.
    fn contact(&self, author: Author) -> Contact {
        if author == self.author {
            return Contact::Here;
        }
        let links = self
            .links
            .iter()
            .filter(|(_, link)| link.peer().is_some_and(|peer| peer.run.author == author));
        links
            .map(|(key, _)| self.paths.get(key).copied())
            .max()
            .map_or(Contact::Members, |path| Contact::Link { path })
    }

    /// Has the paths of all links measured.
    pub(super) fn measure(&mut self) {
        let up = self.links.iter().filter(|(_, link)| link.peer().is_some());
        let measure = up.filter_map(|(&key, link)| {
            Some(ChannelOutput::Connection {
                connection: self.connections.key(key, link.main())?,
                output: ConnectionOutput::Measure,
            })
        });
        self.outputs.extend(measure);
    }

    /// Writes a record of our own. It is sent once it is stored ([`Channel::publish`]), or cannot be
    /// ([`Channel::unwrite`]).
    pub(super) fn write(
        &mut self,
        text: &str,
        files: Vec<Descriptor>,
        now: Millis,
    ) -> Result<Record, Problem> {
        let only_files = text.is_empty() && !files.is_empty();
        if !only_files && !record::is_text(text) {
            return Err(Problem::Text);
        }
        if !self.unsent.has_room() {
            return Err(Problem::OutboxFull);
        }
        let time = self.log.next_time(now);
        let body = Body {
            files,
            after: self.log.newest(),
            ..self.body(time, text)
        };
        let record = Record::sign(&self.me.key, body);
        self.log.take_own(&record);
        self.unsent.reserve(&record);
        Ok(record)
    }

    /// What was said is no draft any more, whether or not the view that said it is still there to tell.
    pub(super) fn take_draft(&mut self, said: &str) {
        if self.entry.draft == said {
            self.entry.draft.clear();
            self.save(Pending::DraftSaid);
        }
    }

    /// The device leaves the channel.
    pub(super) fn leave(&mut self, tools: &mut Tools<'_>) {
        self.say_goodbye(tools.now);
        // Nothing more of it is stored.
        self.stop_history();
        for link in self.links.values_mut() {
            link.close();
        }
        self.drain_links(tools);
        for server in self.servers.iter().filter_map(Server::key) {
            self.outputs
                .push_back(ChannelOutput::CloseServer { server });
        }
    }

    /// A record as a view shows it; so many devices are known to have stored it.
    pub(super) fn message(&self, record: &Record, holders: usize) -> Message {
        let delivery = (record.body.author == self.author).then(|| {
            if holders > 0 {
                Some(Delivery::Held { devices: holders })
            } else if self.deliveries.is_sent(record.id) {
                Some(Delivery::Sent)
            } else {
                // What is neither held nor waits was written elsewhere, and nothing is known of it.
                self.unsent.holds(record.id).then_some(Delivery::Queued)
            }
        });
        Message::of(record, self.author, delivery.flatten())
    }

    pub(super) fn deadline(&self) -> Option<Millis> {
        let servers = self.servers.iter().filter_map(Server::deadline);
        let links = self.links.values().filter_map(Link::deadline);
        let announcement = self
            .announce_at
            .filter(|_| self.links.values().any(|link| link.peer().is_some()));
        let others = [
            self.mesh.deadline(self.missing_links(), |route, run| {
                self.is_linked(route, run)
            }),
            self.log.next_due(),
            self.reconciler.deadline(),
            self.keeping_due(),
            self.burning.deadline(),
            self.roster.deadline(),
            self.relaying_due(),
            announcement,
        ];
        servers
            .chain(links)
            .chain(others.into_iter().flatten())
            .min()
    }

    pub(super) fn wake(&mut self, tools: &mut Tools<'_>) {
        self.wake_servers(tools);
        self.wake_links(tools.now);
        self.wake_history(tools.now);
        self.wake_keeping(tools.now);
        self.wake_burning(tools.now);
        while let Some(record) = self.log.pop_due(tools.now) {
            self.take(record, None, tools.now);
        }
        if self.roster.expire(tools.now) {
            self.outputs.push_back(ChannelOutput::Changed);
        }
        self.settle(tools);
    }

    pub(super) fn connection(
        &mut self,
        key: ConnectionKey,
        input: ConnectionInput,
        tools: &mut Tools<'_>,
    ) {
        let Some((key, line)) = self.connections.owner(key) else {
            return;
        };
        let reach = self.reach(key);
        let Some(link) = self.links.get_mut(&key) else {
            return;
        };
        if let ConnectionInput::Measured(path) = input {
            if link.main() == line {
                link.measured(path.relayed);
                if !path.relayed {
                    // What was given a relay took the direct path: the next link need not begin with one.
                    for route in link.routes() {
                        self.mesh.mark_direct(route);
                    }
                }
            }
            if link.main() == line && self.paths.insert(key, path) != Some(path) {
                self.outputs.push_back(ChannelOutput::Changed);
            }
            return;
        }
        link.connection(tools.now, line, input, &self.me, reach);
        self.settle(tools);
    }
}
