//! A channel's history: its log is compared with those of its neighbours, and what is missing comes.

use super::{
    Node,
    burning::Fate,
    channel::{Channel, ChannelOutput},
    event::Event,
    pending::Pending,
    tools::Tools,
};
use crate::{
    channel::ChannelId,
    chat::{
        log,
        record::{Position, Record, RecordId},
        span::Span,
    },
    link::ConnectionKey,
    store::{Mark, NewRecord, Request, StoreError, StoredRecord},
    sync::{self, ListKey, NeighbourKey, Reconciler, ReconcilerOutput},
    time::Millis,
    wire::Frame,
};

/// What the store was asked for.
#[derive(Debug)]
pub(super) enum HistoryPending {
    List {
        list: ListKey,
        limit: usize,
    },
    Read {
        to: ConnectionKey,
    },
    Keep {
        from: ConnectionKey,
        records: Vec<(Record, Mark)>,
    },
}

const fn neighbour(link: ConnectionKey) -> NeighbourKey {
    NeighbourKey(link.0)
}

const fn link(neighbour: NeighbourKey) -> ConnectionKey {
    ConnectionKey(neighbour.0)
}

impl Channel {
    /// A link is up.
    pub(super) fn meet_history(&mut self, with: ConnectionKey, now: Millis) {
        if self.burning.is_on() {
            return;
        }
        self.reconciler.want(self.interval(now));
        let dialled = self.links.get(&with).is_some_and(|link| link.is_dialled());
        self.reconciler.met(now, neighbour(with), dialled);
        self.act_on_history(now);
    }

    /// A link is gone.
    pub(super) fn part_history(&mut self, with: ConnectionKey, now: Millis) {
        self.serving.remove(&with);
        self.reconciler.parted(now, neighbour(with));
        self.act_on_history(now);
    }

    /// What went over a link may be lost.
    pub(super) fn lose_history(&mut self, with: ConnectionKey, now: Millis) {
        if self.burning.is_on() {
            return;
        }
        self.serving.remove(&with);
        self.reconciler.lost(now, neighbour(with));
        self.act_on_history(now);
    }

    /// Burning is on: nothing is stored, and so nothing compared.
    pub(super) fn stop_history(&mut self) {
        self.reconciler = Reconciler::default();
        self.serving.clear();
    }

    /// More is wanted of a span than before, perhaps.
    pub(super) fn compare_history(&mut self, now: Millis, span: Span) {
        if self.burning.is_on() {
            return;
        }
        let links = self.links.iter();
        let up = links.filter(|(_, link)| link.peer().is_some());
        let up: Vec<ConnectionKey> = up.map(|(key, _)| *key).collect();
        for link in up {
            if !self.reconciler.knows(neighbour(link)) {
                self.meet_history(link, now);
            }
        }
        self.reconciler.want(self.interval(now));
        self.reconciler.compare_all(now, span);
        self.act_on_history(now);
    }

    /// A neighbour said something about its log.
    pub(super) fn heard_history(
        &mut self,
        from: ConnectionKey,
        message: sync::Message,
        now: Millis,
    ) {
        self.reconciler.want(self.interval(now));
        let Self {
            reconciler,
            log,
            links,
            ..
        } = self;
        // What was asked for because it is recent is on its way.
        let known = |id| log.knows(id) || links.values().any(|link| link.awaits(id));
        reconciler.heard(now, neighbour(from), message, known);
        self.act_on_history(now);
    }

    /// Whether a neighbour was asked for a record of the past.
    pub(super) fn expects_history(&self, from: ConnectionKey, id: RecordId) -> bool {
        self.reconciler.expects(neighbour(from), id)
    }

    /// A record of the past came, and was checked.
    pub(super) fn history_came(&mut self, from: ConnectionKey, record: Record, now: Millis) {
        // One that is early waits until it is due, or is asked for again then: whoever keeps it should not yet.
        let early = log::is_early(now, record.body.time);
        let burns = self.burning.fate(now, &record) != Fate::Kept;
        let wanted = !early && !burns && self.interval(now).contains(record.position());
        // It may have come another way meanwhile.
        if wanted && (self.log.knows(record.id) || self.admits(&record)) {
            self.reconciler.came(now, neighbour(from), record);
            self.act_on_history(now);
        } else {
            if wanted || early {
                // It is not asked for again before it is due.
                let _waits = self.log.offer(now, &record);
            }
            self.reconciler.came_in_vain(neighbour(from), record.id);
        }
    }

    pub(super) fn wake_history(&mut self, now: Millis) {
        if let Some(span) = self.log.asks_again(now) {
            self.compare_history(now, span);
        }
        if self.reconciler.deadline().is_some_and(|due| due <= now) {
            self.reconciler.wake(now);
            self.act_on_history(now);
        }
    }

    /// A link has sent what waited.
    pub(super) fn serve_history(&mut self, to: ConnectionKey, now: Millis) {
        let (Some(waiting), Some(link)) = (self.serving.get_mut(&to), self.links.get_mut(&to))
        else {
            self.reconciler.has_room(now, neighbour(to));
            return self.act_on_history(now);
        };
        while let Some(frame) = waiting.front() {
            if link.send(now, frame).is_err() {
                return;
            }
            waiting.pop_front();
        }
        self.serving.remove(&to);
        self.reconciler.sent(neighbour(to));
        self.act_on_history(now);
    }

    /// The store has read records for a neighbour.
    fn history_read(&mut self, to: ConnectionKey, records: Vec<StoredRecord>, now: Millis) {
        let frames = records
            .into_iter()
            .map(|stored| Frame::Record(stored.bytes));
        let frames: Vec<Frame> = frames.collect();
        if self.links.contains_key(&to) {
            self.serving.entry(to).or_default().extend(frames);
            self.serve_history(to, now);
        }
    }

    /// Records of the past are kept, and these are new.
    fn history_kept(&mut self, from: ConnectionKey, new: &[Position], now: Millis) {
        for position in new {
            self.log.resume(*position);
        }
        self.reconciler.want(self.interval(now));
        let Self {
            reconciler, log, ..
        } = self;
        reconciler.kept(now, neighbour(from), new, |id| log.knows(id));
        self.added(now, new.len());
        self.act_on_history(now);
    }

    /// Records were added that came from no neighbour.
    pub(super) fn tell_history(&mut self, new: &[Position], now: Millis) {
        self.reconciler.want(self.interval(now));
        self.reconciler.added(now, new);
        self.act_on_history(now);
    }

    fn act_on_history(&mut self, now: Millis) {
        while let Some(output) = self.reconciler.poll() {
            match output {
                ReconcilerOutput::Send(to, message) => {
                    let link = self.links.get_mut(&link(to));
                    let frame = Frame::History(message);
                    if link.is_none_or(|link| link.send(now, &frame).is_err()) {
                        self.serving.remove(&self::link(to));
                        self.reconciler.give_up(now, to);
                    }
                }
                ReconcilerOutput::List { list, span, limit } => {
                    let load = Request::LoadPositions {
                        channel: self.entry.id,
                        span,
                        // One more tells whether these are all.
                        limit: limit + 1,
                    };
                    self.have_stored(load, HistoryPending::List { list, limit });
                }
                ReconcilerOutput::Serve(to, positions) => {
                    let to = link(to);
                    let channel = self.entry.id;
                    let load = Request::LoadRecords { channel, positions };
                    self.have_stored(load, HistoryPending::Read { to });
                }
                ReconcilerOutput::Keep(from, records) => {
                    let marked = records.into_iter().map(|record| {
                        let mark = self.mark_of_history(&record);
                        (record, mark)
                    });
                    let records: Vec<(Record, Mark)> = marked.collect();
                    let new = records.iter();
                    let new = new.map(|(record, mark)| NewRecord::of(record, *mark));
                    let import = Request::Import {
                        channel: self.entry.id,
                        records: new.collect(),
                    };
                    let from = link(from);
                    self.have_stored(import, HistoryPending::Keep { from, records });
                }
                ReconcilerOutput::Liar(who, lie) => {
                    if let Some(link) = self.links.get_mut(&link(who)) {
                        link.misbehaved(&lie);
                    }
                }
            }
        }
    }

    fn have_stored(&mut self, request: Request, pending: HistoryPending) {
        let channel = self.id();
        let pending = Box::new(Pending::History { channel, pending });
        self.outputs
            .push_back(ChannelOutput::Store(request, pending));
    }

    /// What others said before this device joined is no news to its member.
    fn mark_of_history(&self, record: &Record) -> Mark {
        let own = record.body.author == self.author;
        let is_new = record.body.time > self.entry.joined && record.body.recalls.is_none();
        let news = !own && is_new && !self.is_blocked(record.body.author);
        if news && self.unread.has_room() {
            Mark::Unread
        } else {
            Mark::None
        }
    }
}

impl Node {
    /// The store listed where records stand, or which of those that it kept are new.
    pub(super) fn history_positions(
        &mut self,
        now: Millis,
        id: ChannelId,
        pending: HistoryPending,
        mut positions: Vec<Position>,
    ) {
        match pending {
            HistoryPending::List { list, limit } => {
                let more = positions.len() > limit;
                positions.truncate(limit);
                self.with_channel(now, Some(id), |channel, tools| {
                    channel.reconciler.listed(now, list, &positions, more);
                    channel.act_on_history(now);
                    channel.settle(tools);
                });
            }
            HistoryPending::Keep { from, records } => {
                let is_new = |(record, _): &(Record, Mark)| positions.contains(&record.position());
                let new: Vec<(Record, Mark)> = records.into_iter().filter(is_new).collect();
                self.history_arrived(now, id, &new);
                self.with_channel(now, Some(id), |channel, tools| {
                    channel.history_kept(from, &positions, now);
                    channel.settle(tools);
                });
            }
            HistoryPending::Read { .. } => {}
        }
    }

    /// The store has read records for a neighbour.
    pub(super) fn history_read(
        &mut self,
        now: Millis,
        id: ChannelId,
        to: ConnectionKey,
        records: Vec<StoredRecord>,
    ) {
        self.with_channel(now, Some(id), |channel, tools| {
            channel.history_read(to, records, now);
            channel.settle(tools);
        });
    }

    /// The store could not do what a channel's history needs: with this neighbour nothing is compared for now.
    pub(super) fn history_failed(
        &mut self,
        now: Millis,
        id: ChannelId,
        pending: HistoryPending,
        error: StoreError,
    ) {
        let with = match &pending {
            HistoryPending::List { list, .. } => list.neighbour(),
            HistoryPending::Read { to: link } | HistoryPending::Keep { from: link, .. } => {
                neighbour(*link)
            }
        };
        self.outputs
            .push_back(super::Output::Event(Event::Trouble(error.into())));
        let give_up = |channel: &mut Channel, tools: &mut Tools<'_>| {
            channel.serving.remove(&link(with));
            channel.reconciler.give_up(now, with);
            channel.act_on_history(now);
            channel.settle(tools);
        };
        self.with_channel(now, Some(id), give_up);
    }

    /// Records of the past are kept that were not here: the views hear of them together.
    fn history_arrived(&mut self, now: Millis, id: ChannelId, new: &[(Record, Mark)]) {
        let Some(channel) = self.channels.get_mut(&id) else {
            return;
        };
        let mut unread = None;
        for (record, mark) in new {
            if *mark == Mark::Unread && channel.unread.add(record.position()) {
                unread = Some(record);
            }
        }
        let unread = unread.map(|newest| (newest, channel.unread_event()));
        for (record, _) in new {
            channel.count(record);
            self.changed |= channel.hear_record(record);
        }
        let messages = new.iter();
        let messages = messages.filter(|(record, _)| record.body.recalls.is_none());
        let messages = messages.map(|(record, _)| channel.message(record, 0));
        let event = Event::Messages {
            channel: id,
            messages: messages.collect(),
        };
        self.outputs.push_back(super::Output::Event(event));
        self.add_texts(id, new.iter().map(|(record, _)| record));
        self.look_for_recalls(id, new.iter().map(|(record, _)| record));
        for (record, _) in new {
            self.fetch_pictures(now, id, record);
        }
        if let Some((newest, event)) = unread {
            self.outputs.push_back(super::Output::Event(event));
            self.notify(now, id, newest);
        }
    }
}
