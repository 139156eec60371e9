//! Relays for links that find no direct path: whom they are asked of, when, and for how long an answer is kept.
//!
//! * A relay is asked for by a link that is not up [`limits::RELAY_AFTER`] after it began, by one whose path was lost and
//!   not found again within [`limits::DISCONNECTED_GRACE`], and by one that goes through a relay whose credentials end.
//!   Nobody asks otherwise: the answer costs a server's memory, and the question tells it who does not reach whom.
//! * It is asked of a server that the other end is on, for that one's relays know its address; of another only if none of
//!   those has one to give. Each is asked one thing at a time, and who refuses or keeps silent is left alone for a while.
//! * What a server gives is kept until shortly before it ends, or until the network changes, for all who need it. Who was
//!   reached no other way is given it from the start: it costs an allocation, and saves whoever waits three seconds.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    channel::{Channel, ChannelOutput},
    server::Server,
    tools::Tools,
    view::Unreached,
};
use crate::{
    limits,
    link::{ConnectionKey, KeptRelay, Link},
    mesh::backoff,
    signal::relay::{self, Relay},
    time::Millis,
    wire::Run,
};

/// What is known of servers' relays.
#[derive(Debug, Default)]
pub(super) struct Relaying {
    /// Servers that have any, by their number.
    sources: BTreeMap<usize, Source>,
    /// When it was last looked who needs one.
    looked: Millis,
}

#[derive(Debug, Default)]
struct Source {
    stands: Stands,
    /// Times that it gave none, in a row.
    failures: u32,
}

/// Where we stand with a server.
#[derive(Debug, Default)]
enum Stands {
    /// It has given nothing that is of use now, and may be asked.
    #[default]
    Free,
    /// It was asked, and has until then to answer.
    Asked(Millis),
    /// It gave none, and is not asked before then.
    Refused(Millis),
    /// This is what it gave.
    Kept(KeptRelay),
}

impl Source {
    fn refused(&mut self, now: Millis) {
        let (base, max) = (limits::RELAY_RETRY_BASE, limits::RELAY_RETRY_MAX);
        self.stands = Stands::Refused(now + backoff(base, max, self.failures));
        self.failures = self.failures.saturating_add(1);
    }

    fn given(&mut self, now: Millis, relay: Relay) {
        let ttl = Duration::from_secs(relay.ttl).min(limits::RELAY_LONGEST);
        if ttl < limits::RELAY_SHORTEST {
            return self.refused(now);
        }
        let until = now + (ttl - limits::RELAY_SPARE);
        self.failures = 0;
        self.stands = Stands::Kept(KeptRelay { relay, until });
    }

    /// When something ends that it stands by.
    fn deadline(&self) -> Option<Millis> {
        match &self.stands {
            Stands::Free => None,
            Stands::Asked(until) | Stands::Refused(until) => Some(*until),
            Stands::Kept(kept) => Some(kept.until),
        }
    }

    fn wake(&mut self, now: Millis) {
        if self.deadline().is_none_or(|at| at > now) {
            return;
        }
        match self.stands {
            Stands::Asked(_) => self.refused(now),
            _ => self.stands = Stands::Free,
        }
    }

    fn kept(&self) -> Option<&KeptRelay> {
        match &self.stands {
            Stands::Kept(kept) => Some(kept),
            _ => None,
        }
    }
}

impl Relaying {
    /// Whether a server has relays.
    pub(super) fn has(&self, server: usize) -> bool {
        self.sources.contains_key(&server)
    }

    /// A server says whether it has any; whether that is news.
    pub(super) fn welcomed(&mut self, server: usize, relay: bool) -> bool {
        let had = self.has(server);
        if relay {
            self.sources.entry(server).or_default();
        } else {
            self.sources.remove(&server);
        }
        had != relay
    }

    /// A server is lost, and what it was asked.
    pub(super) fn lost(&mut self, server: usize) {
        if let Some(source) = self.sources.get_mut(&server)
            && let Stands::Asked(_) = source.stands
        {
            source.stands = Stands::Free;
        }
    }

    /// The network may be another one.
    pub(super) fn forget(&mut self) {
        self.sources.clear();
    }

    /// A server gives a relay, or says that it does not. What was not asked for is left out.
    pub(super) fn answered(&mut self, now: Millis, server: usize, relay: Option<Relay>) {
        if let Some(source) = self.sources.get_mut(&server)
            && let Stands::Asked(_) = source.stands
        {
            match relay {
                Some(relay) => source.given(now, relay),
                None => source.refused(now),
            }
        }
    }

    /// The server that a link gets its relay from, or would if it had answered.
    fn source_for(&self, link: &Link, servers: &[Server]) -> Option<usize> {
        let routes = link.routes().iter().map(|route| route.server);
        let mut all = routes.chain(self.sources.keys().copied());
        all.find(
            |server| match self.sources.get(server).map(|source| &source.stands) {
                Some(Stands::Kept(_) | Stands::Asked(_)) => true,
                Some(Stands::Free) => servers
                    .get(*server)
                    .is_some_and(|server| server.open_key().is_some()),
                Some(Stands::Refused(_)) | None => false,
            },
        )
    }
}

impl Channel {
    /// Gives the links that need a relay one, or asks for it; whether any was given.
    pub(super) fn supply_relays(&mut self, tools: &Tools<'_>) -> bool {
        let now = tools.now;
        self.relaying.looked = now;
        for source in self.relaying.sources.values_mut() {
            source.wake(now);
        }
        if self.relaying.sources.is_empty() {
            return false;
        }
        let needs = |link: &Link| self.needs_relay_from(link).is_some_and(|from| from <= now);
        let needy = self.links.iter().filter(|(_, link)| needs(link));
        let needy: Vec<ConnectionKey> = needy.map(|(key, _)| *key).collect();
        let mut given = false;
        for key in needy {
            given |= self.supply_relay(now, key);
        }
        given
    }

    /// From when on a link needs a relay. Within this machine none does: a pipe leads where WebRTC does not.
    fn needs_relay_from(&self, link: &Link) -> Option<Millis> {
        let within = link.routes().iter().any(|route| self.is_host(route));
        link.needs_relay_from().filter(|_| !within)
    }

    fn supply_relay(&mut self, now: Millis, key: ConnectionKey) -> bool {
        let Some(link) = self.links.get_mut(&key) else {
            return false;
        };
        let Some(number) = self.relaying.source_for(link, &self.servers) else {
            return false;
        };
        let Some(source) = self.relaying.sources.get_mut(&number) else {
            return false;
        };
        match &source.stands {
            Stands::Kept(kept) => {
                link.use_relay(now, kept);
                for route in link.routes() {
                    self.mesh.mark_indirect(route);
                }
                return true;
            }
            Stands::Free => {
                if let Some(server) = self.servers.get(number).and_then(Server::open_key) {
                    source.stands = Stands::Asked(now + limits::RELAY_ANSWER);
                    let text = relay::ASK.to_owned();
                    self.outputs
                        .push_back(ChannelOutput::SendServer { server, text });
                }
            }
            Stands::Asked(_) | Stands::Refused(_) => {}
        }
        false
    }

    /// Gives a link that begins now a relay, if the other end was reached no other way and there is one at hand.
    pub(super) fn begin_relayed(&self, link: &mut Link) {
        let indirect = |route| self.mesh.is_indirect(route);
        if !link.routes().iter().any(indirect) {
            return;
        }
        let source = self.relaying.source_for(link, &self.servers);
        let source = source.and_then(|number| self.relaying.sources.get(&number));
        if let Some(kept) = source.and_then(Source::kept) {
            link.begin_with_relay(kept);
        }
    }

    /// When [`Channel::supply_relays`] has something to do.
    pub(super) fn relaying_due(&self) -> Option<Millis> {
        if self.relaying.sources.is_empty() {
            return None;
        }
        let (mut first, mut waiting) = (None, false);
        for from in self
            .links
            .values()
            .filter_map(|link| self.needs_relay_from(link))
        {
            if from > self.relaying.looked {
                first = Some(first.map_or(from, |first: Millis| first.min(from)));
            } else {
                waiting = true;
            }
        }
        let sources = self.relaying.sources.values();
        let answers = sources.filter(|_| waiting).filter_map(Source::deadline);
        answers.chain(first).min()
    }

    /// Somebody comes or goes while others cannot be reached: how many those are may be another number now.
    pub(super) fn tell_unreached(&mut self, now: Millis) {
        if self.unreached(now).is_some() {
            self.outputs.push_back(ChannelOutput::Changed);
        }
    }

    /// Those who are on a server with us and are reached by nobody here: no link to them came up, and no member that is
    /// linked speaks of them.
    pub(super) fn unreached(&self, now: Millis) -> Option<Unreached> {
        let is_up = |link: &&Link| link.peer().is_some();
        let linked = self.links.values().filter(is_up).filter_map(Link::last_run);
        let known: BTreeSet<Run> = linked.chain(self.roster.runs(now)).collect();
        let devices = self.mesh.unreached(known.len(), |route, run| {
            self.links.values().filter(is_up).any(|link| {
                link.routes().contains(route) || run.is_some() && link.last_run() == run
            })
        });
        (devices > 0).then_some(Unreached {
            devices,
            relay: !self.relaying.sources.is_empty(),
        })
    }
}
