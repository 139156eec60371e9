//! The lists of music in the channels of a node: the own one, those of neighbours, and what they are together.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Music, MusicOutput, MusicPending, cached, playing::Here};
use crate::{
    channel::ChannelId,
    identity::Author,
    limits,
    link::ConnectionKey,
    music::{
        ban::BanTable,
        shelf::{
            Applied, Delta, Growth, Lending, Library, OtherShelf, OwnShelf, ShelfError,
            message::{Ask, Message},
        },
        together::Together,
        track::Track,
    },
    node::files::PeerKey,
    resource::ResourceId,
    store::{Request, TrackRow},
    time::Millis,
    wire::{Frame, Run},
};

/// The music of one channel.
#[derive(Debug)]
pub(super) struct Nest {
    /// What is whole here, and in this channel's list.
    pub(super) own: OwnShelf,
    /// Who asks for it.
    lending: Lending,
    neighbours: BTreeMap<ConnectionKey, Neighbour>,
    /// All lists as one.
    pub(super) library: Library,
    pub(super) together: Together,
    /// What members are called whose lists are known.
    names: BTreeMap<Author, String>,
    /// What the store has of it is known.
    pub(super) loaded: bool,
    /// What the own list will have more once the store has it.
    pub(super) entering: Growth,
}

/// Somebody at the other end of a link.
#[derive(Debug)]
struct Neighbour {
    run: Run,
    shelf: OtherShelf,
    /// It is asked then: its link had no room.
    ask_at: Option<Millis>,
    /// What it asked before the own list was loaded.
    asked: Option<Ask>,
    /// The member wants to hear nothing of it.
    blocked: bool,
}

impl Nest {
    pub(super) fn new(me: Run, bans: BanTable) -> Self {
        Self {
            own: OwnShelf::new(),
            lending: Lending::new(),
            neighbours: BTreeMap::new(),
            library: Library::new(bans),
            together: Together::new(me),
            names: BTreeMap::new(),
            loaded: true,
            entering: Growth::default(),
        }
    }

    pub(super) fn deadline(&self) -> Option<Millis> {
        let asks = self.neighbours.values().filter_map(|of| of.ask_at);
        let others = [self.lending.deadline(), self.together.deadline()];
        asks.chain(others.into_iter().flatten()).min()
    }

    pub(super) fn run_of(&self, connection: ConnectionKey) -> Option<Run> {
        Some(self.neighbours.get(&connection)?.run)
    }

    pub(super) fn connection_of(&self, run: Run) -> Option<ConnectionKey> {
        let mut neighbours = self.neighbours.iter();
        let found = neighbours.find(|(_, neighbour)| neighbour.run == run);
        found.map(|(connection, _)| *connection)
    }

    /// A member is called so. Of those whose lists are kept that is remembered; of others they tell themselves.
    pub(super) fn call(&mut self, author: Author, name: String) {
        if self.names.len() >= limits::MAX_CACHED_SHELVES + limits::MAX_LINKS {
            let kept: BTreeSet<Author> = self.library.cached().collect();
            self.names.retain(|author, _| kept.contains(author));
        }
        self.names.insert(author, name);
    }

    pub(super) fn name_of(&self, author: Author) -> Option<&str> {
        self.names.get(&author).map(String::as_str)
    }

    /// Tracks of another member's list, as they are stored.
    fn rows<'a>(
        &self,
        author: Author,
        tracks: impl IntoIterator<Item = &'a Arc<Track>>,
    ) -> Vec<TrackRow> {
        let name = self.name_of(author).unwrap_or_default();
        let row = |track: &Arc<Track>| TrackRow {
            id: track.id,
            bytes: cached::to_bytes(name, track),
        };
        tracks.into_iter().map(row).collect()
    }

    pub(super) fn links(&self) -> impl Iterator<Item = ConnectionKey> {
        self.neighbours.keys().copied()
    }
}

impl Music {
    /// A link is up. Its other end is asked for its list, if it is not blocked.
    pub(in crate::node) fn met(&mut self, peer: PeerKey, run: Run, name: String, blocked: bool) {
        let Some(nest) = self.nests.get_mut(&peer.channel) else {
            return;
        };
        nest.call(run.author, name);
        let neighbour = Neighbour {
            run,
            shelf: OtherShelf::new(),
            ask_at: None,
            asked: None,
            blocked,
        };
        nest.neighbours.insert(peer.connection, neighbour);
        if !blocked {
            self.ask(peer);
        }
    }

    /// A link goes on over another connection: what was said over it may be lost.
    pub(in crate::node) fn rerouted(&mut self, peer: PeerKey) {
        self.ask(peer);
    }

    /// Asks a neighbour for its list, from what is known of it on.
    fn ask(&mut self, peer: PeerKey) {
        let neighbour = self.neighbour(peer).filter(|neighbour| !neighbour.blocked);
        let ask = neighbour.and_then(|neighbour| neighbour.shelf.begin());
        self.send_ask(peer, ask);
    }

    fn send_ask(&mut self, peer: PeerKey, ask: Option<Ask>) {
        if let Some(ask) = ask {
            self.say(peer, Message::Ask(ask));
        }
    }

    fn say(&mut self, peer: PeerKey, message: Message) {
        let frame = Frame::Shelf(message);
        self.outputs.push_back(MusicOutput::Send(peer, frame));
    }

    fn neighbour(&mut self, peer: PeerKey) -> Option<&mut Neighbour> {
        let nest = self.nests.get_mut(&peer.channel)?;
        nest.neighbours.get_mut(&peer.connection)
    }

    /// A link is gone. So is its other end, if no other link leads there (M11).
    pub(in crate::node) fn parted(&mut self, now: Millis, peer: PeerKey, here: Here<'_>) {
        let keep = self.cache_lists;
        let Some(nest) = self.nests.get_mut(&peer.channel) else {
            return;
        };
        let Some(Neighbour { run, .. }) = nest.neighbours.remove(&peer.connection) else {
            return;
        };
        if nest.connection_of(run).is_some() {
            return;
        }
        nest.lending.parted(run);
        nest.together.gone(run);
        let delta = nest.library.parted(run, keep);
        self.tell_rows(peer.channel, delta);
        self.follow_player(now, here);
    }

    /// There was no room for something in a link.
    pub(in crate::node) fn unheard(&mut self, now: Millis, peer: PeerKey, frame: &Frame) {
        let Some(nest) = self.nests.get_mut(&peer.channel) else {
            return;
        };
        let Some(neighbour) = nest.neighbours.get_mut(&peer.connection) else {
            return;
        };
        match frame {
            Frame::Shelf(Message::Ask(_)) => neighbour.ask_at = Some(now + limits::SAY_AGAIN),
            Frame::Shelf(_) => nest.lending.unheard(now, neighbour.run),
            // Of listening together the next message says more than the last one.
            _ => {}
        }
    }

    /// A deadline has passed.
    pub(in crate::node) fn wake(&mut self, now: Millis, here: Here<'_>) {
        let channels: Vec<ChannelId> = self.nests.keys().copied().collect();
        for channel in channels {
            let Some(nest) = self.nests.get_mut(&channel) else {
                continue;
            };
            if nest.deadline().is_none_or(|deadline| deadline > now) {
                continue;
            }
            nest.together.wake(now);
            let owed = nest.lending.wake(now, &nest.own);
            let due = |neighbour: &Neighbour| neighbour.ask_at.is_some_and(|at| at <= now);
            let asks: Vec<ConnectionKey> = nest
                .neighbours
                .iter_mut()
                .filter(|(_, neighbour)| due(neighbour))
                .map(|(connection, neighbour)| {
                    neighbour.ask_at = None;
                    *connection
                })
                .collect();
            for (run, message) in owed {
                self.say_to(channel, run, message);
            }
            for connection in asks {
                self.ask(PeerKey {
                    channel,
                    connection,
                });
            }
        }
        self.follow_player(now, here);
    }

    fn say_to(&mut self, channel: ChannelId, run: Run, message: Message) {
        let nest = self.nests.get(&channel);
        if let Some(connection) = nest.and_then(|nest| nest.connection_of(run)) {
            let peer = PeerKey {
                channel,
                connection,
            };
            self.say(peer, message);
        }
    }

    /// A neighbour says something about lists.
    pub(in crate::node) fn heard_shelf(&mut self, now: Millis, from: PeerKey, message: Message) {
        let Some(nest) = self.nests.get_mut(&from.channel) else {
            return;
        };
        let Some(neighbour) = nest.neighbours.get_mut(&from.connection) else {
            return;
        };
        match message {
            // Of a list that is not loaded nothing is true yet.
            Message::Ask(ask) if !nest.loaded => neighbour.asked = Some(ask),
            Message::Ask(ask) => {
                let part = nest.lending.asked(now, neighbour.run, ask, &nest.own);
                if let Some(part) = part {
                    self.say(from, Message::Part(part));
                }
            }
            _ if neighbour.blocked => {}
            Message::News(news) => {
                let ask = neighbour.shelf.news(news.version);
                self.send_ask(from, ask);
            }
            Message::Part(part) => {
                let run = neighbour.run;
                let applied = neighbour.shelf.part(part);
                let delta = nest.library.told(run, &applied);
                self.cache(from.channel, run.author, &applied);
                self.tell_rows(from.channel, delta);
                // What was asked before it was blocked, and let in again, may come now.
                if let Some(problem) = applied.problem
                    && problem != ShelfError::Unasked
                {
                    let lie = problem.to_string();
                    self.outputs.push_back(MusicOutput::Misbehaved(from, lie));
                }
                self.send_ask(from, applied.next);
            }
        }
    }

    /// Keeps what a neighbour told of its list.
    fn cache(&mut self, channel: ChannelId, author: Author, applied: &Applied) {
        if self.cache_lists && !(applied.changed.is_empty() && applied.gone.is_empty()) {
            let nest = self.nests.get(&channel);
            let put = nest.map(|nest| nest.rows(author, &applied.changed));
            let save = Request::SaveTracks {
                channel,
                of: Some(author),
                put: put.unwrap_or_default(),
                gone: applied.gone.clone(),
            };
            self.store(save, MusicPending::Nothing);
        }
    }

    /// The member wants the lists of others to be kept, or not any more.
    pub(in crate::node) fn cache_lists(&mut self, cache: bool) {
        if std::mem::replace(&mut self.cache_lists, cache) == cache {
            return;
        }
        let channels: Vec<ChannelId> = self.nests.keys().copied().collect();
        for channel in channels {
            let Some(nest) = self.nests.get_mut(&channel) else {
                continue;
            };
            if cache {
                // What is known of those that are there.
                let authors: Vec<Author> = nest.neighbours.values().map(|n| n.run.author).collect();
                for author in authors {
                    self.cache_all(channel, author);
                }
                continue;
            }
            let mut authors: Vec<Author> = nest.library.cached().collect();
            authors.extend(nest.neighbours.values().map(|n| n.run.author));
            for of in authors {
                if let Some(nest) = self.nests.get_mut(&channel) {
                    let delta = nest.library.cached_gone(of);
                    self.tell_rows(channel, delta);
                }
                self.forget_shelf(channel, of);
            }
        }
    }

    fn cache_all(&mut self, channel: ChannelId, author: Author) {
        let Some(nest) = self.nests.get(&channel) else {
            return;
        };
        let rows = nest.rows(author, nest.library.list_of(author));
        for put in rows.chunks(limits::MAX_MUSIC_PAGE) {
            let save = Request::SaveTracks {
                channel,
                of: Some(author),
                put: put.to_vec(),
                gone: Vec::new(),
            };
            self.store(save, MusicPending::Nothing);
        }
    }

    pub(super) fn forget_shelf(&mut self, channel: ChannelId, of: Author) {
        self.store(Request::RemoveShelf { channel, of }, MusicPending::Nothing);
    }

    /// Members of a channel are blocked, or not any more: their lists are not asked for.
    pub(super) fn judge_lists(&mut self, channel: ChannelId, blocked: &dyn Fn(Author) -> bool) {
        let Some(nest) = self.nests.get_mut(&channel) else {
            return;
        };
        let mut asks = Vec::new();
        let mut gone = Vec::new();
        for (&connection, neighbour) in &mut nest.neighbours {
            let before = neighbour.blocked;
            neighbour.blocked = blocked(neighbour.run.author);
            if neighbour.blocked && !before {
                neighbour.shelf = OtherShelf::new();
                gone.push(neighbour.run);
            } else if before && !neighbour.blocked {
                asks.push(connection);
            }
        }
        let cached: Vec<Author> = nest.library.cached().filter(|of| blocked(*of)).collect();
        let mut deltas: Vec<Delta> = Vec::new();
        deltas.extend(gone.into_iter().map(|run| nest.library.parted(run, false)));
        deltas.extend(cached.iter().map(|of| nest.library.cached_gone(*of)));
        for delta in deltas {
            self.tell_rows(channel, delta);
        }
        for of in cached {
            self.forget_shelf(channel, of);
        }
        for connection in asks {
            self.ask(PeerKey {
                channel,
                connection,
            });
        }
    }

    /// Tracks came into the own list of a channel, changed, or went.
    pub(super) fn own_changed(&mut self, channel: ChannelId, ids: &[ResourceId]) {
        let Some(nest) = self.nests.get_mut(&channel) else {
            return;
        };
        let delta = nest.library.own_changed(&nest.own, ids.iter().copied());
        let news = nest.lending.changed(&nest.own);
        for (run, news) in news {
            self.say_to(channel, run, Message::News(news));
        }
        self.tell_rows(channel, delta);
    }

    /// The own list is loaded: who asked for it is answered.
    pub(super) fn answer_all(&mut self, now: Millis, channel: ChannelId) {
        let Some(nest) = self.nests.get_mut(&channel) else {
            return;
        };
        let asked = nest.neighbours.iter_mut();
        let asked: Vec<(ConnectionKey, Ask)> = asked
            .filter_map(|(connection, neighbour)| Some((*connection, neighbour.asked.take()?)))
            .collect();
        for (connection, ask) in asked {
            let from = PeerKey {
                channel,
                connection,
            };
            self.heard_shelf(now, from, Message::Ask(ask));
        }
    }

    pub(super) fn tell_rows(&mut self, channel: ChannelId, delta: Delta) {
        for of in delta.forgotten {
            self.forget_shelf(channel, of);
        }
        let playing = self.playing();
        if playing.is_some_and(|id| delta.changed.contains(&id)) {
            self.show(playing);
        }
        if !(delta.changed.is_empty() && delta.gone.is_empty()) {
            self.outputs.push_back(MusicOutput::Rows {
                channel,
                changed: delta.changed,
                gone: delta.gone,
            });
        }
    }

    /// This is the ban table now.
    pub(super) fn take_bans(&mut self, bans: BanTable) {
        let channels: Vec<ChannelId> = self.nests.keys().copied().collect();
        for channel in channels {
            if let Some(nest) = self.nests.get_mut(&channel) {
                let delta = nest.library.set_bans(bans.clone());
                self.tell_rows(channel, delta);
            }
        }
        self.bans = bans;
    }

    pub(super) fn store(&mut self, request: Request, pending: MusicPending) {
        self.outputs.push_back(MusicOutput::Store(request, pending));
    }
}

/// A track of the own list as it is stored.
pub(super) fn row(track: &Track) -> TrackRow {
    TrackRow {
        id: track.id,
        bytes: track.to_bytes(),
    }
}
