//! All that goes on between a log and those of its neighbours: whose turn it is, and what comes of what is said.
//! [`super::questions`] asks, [`super::answers`] answers.

use std::collections::{BTreeMap, VecDeque};

use super::{
    CompareError, Message,
    neighbour::{Neighbour, Step},
};
use crate::{
    chat::{
        record::{Position, Record, RecordId},
        retention::Interval,
        span::Span,
    },
    limits,
    time::Millis,
};

/// The caller's name for a neighbour. One that comes back has a new name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NeighbourKey(pub u64);

/// Which list of positions is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListKey {
    pub(super) neighbour: NeighbourKey,
    /// For a question of ours, or for its question.
    pub(super) asking: bool,
    pub(super) comparison: u32,
}

impl ListKey {
    /// With whom the list is to be compared.
    pub const fn neighbour(self) -> NeighbourKey {
        self.neighbour
    }
}

/// What is wanted of the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReconcilerOutput {
    /// Say something to a neighbour; if there is no room, tell [`Reconciler::give_up`].
    Send(NeighbourKey, Message),
    /// List the newest records of a span, and tell [`Reconciler::listed`].
    List {
        /// Which list.
        list: ListKey,
        /// Of what.
        span: Span,
        /// At most so many.
        limit: usize,
    },
    /// Send these records, as far as they are here, and tell [`Reconciler::sent`].
    Serve(NeighbourKey, Vec<Position>),
    /// Keep these records, which were checked, and tell [`Reconciler::kept`].
    Keep(NeighbourKey, Vec<Record>),
    /// A neighbour broke the rules.
    Liar(NeighbourKey, String),
}

/// A neighbour that is asked.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) of: NeighbourKey,
    /// How many spans were begun.
    pub(super) spans: u32,
    /// How many records more are wanted, if not all are.
    pub(super) room: Option<usize>,
    /// How many records were offered.
    pub(super) offered: usize,
}

/// Compares one log with those of its neighbours, and gets what is missing.
#[derive(Debug)]
pub struct Reconciler {
    /// So many records are compared at once.
    slice: usize,
    pub(super) neighbours: BTreeMap<NeighbourKey, Neighbour>,
    /// Who is asked now: one at a time, so that no record is fetched twice.
    pub(super) turn: Option<Turn>,
    /// Whose turn was last: after it comes the next one, so that nobody holds up the others.
    last_turn: Option<NeighbourKey>,
    pub(super) last_comparison: u32,
    /// What is wanted here; the rest is neither asked for nor taken.
    pub(super) interval: Interval,
    pub(super) outputs: VecDeque<ReconcilerOutput>,
}

impl Default for Reconciler {
    fn default() -> Self {
        Self::with_slice(limits::MAX_COMPARED_RECORDS)
    }
}

impl Reconciler {
    /// Compares so many records at once, at most.
    pub fn with_slice(slice: usize) -> Self {
        Self {
            slice,
            neighbours: BTreeMap::new(),
            turn: None,
            last_turn: None,
            last_comparison: 0,
            interval: Interval::default(),
            outputs: VecDeque::new(),
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<ReconcilerOutput> {
        self.outputs.pop_front()
    }

    /// Whether something is compared or fetched now.
    pub fn is_busy(&self) -> bool {
        self.turn.is_some() || self.neighbours.values().any(|n| !n.fetch.is_idle())
    }

    /// Only this part of the log is wanted, and told of, from now on.
    pub fn want(&mut self, interval: Interval) {
        self.interval = interval;
    }

    /// More is wanted of a span than before: all neighbours are asked.
    pub fn compare_all(&mut self, now: Millis, span: Span) {
        for neighbour in self.neighbours.values_mut() {
            neighbour.compare_later(span);
        }
        self.take_turns(now);
    }

    /// When [`Reconciler::wake`] is due.
    pub fn deadline(&self) -> Option<Millis> {
        let neighbours = self.neighbours.values();
        let heard = neighbours.filter_map(Neighbour::heard_at).min();
        heard.map(|heard| heard + limits::HISTORY_PATIENCE)
    }

    /// A neighbour is there; whoever dialled begins.
    pub fn met(&mut self, now: Millis, key: NeighbourKey, begin: bool) {
        let due = begin.then(Span::default);
        let neighbour = Neighbour {
            due,
            ..Neighbour::default()
        };
        self.neighbours.insert(key, neighbour);
        self.take_turns(now);
    }

    /// Whether a neighbour is there.
    pub fn knows(&self, key: NeighbourKey) -> bool {
        self.neighbours.contains_key(&key)
    }

    /// A neighbour is gone.
    pub fn parted(&mut self, now: Millis, key: NeighbourKey) {
        let Some(mut gone) = self.neighbours.remove(&key) else {
            return;
        };
        let owes = gone.fetch.is_owed() || !gone.fetch.is_idle() || gone.asking.is_some();
        self.keep(key, gone.fetch.end());
        self.end_turn(now, key);
        if owes {
            // What it owed may be had from the others.
            self.compare_with_others(now, key, Span::default());
        }
    }

    /// What was said to a neighbour, or by it, may be lost: all begins anew.
    pub fn lost(&mut self, now: Millis, key: NeighbourKey) {
        if self.neighbours.contains_key(&key) {
            self.parted(now, key);
            self.met(now, key, true);
        }
    }

    /// A neighbour said something. `known` tells which records are here.
    pub fn heard(
        &mut self,
        now: Millis,
        key: NeighbourKey,
        message: Message,
        known: impl Fn(RecordId) -> bool,
    ) {
        let Some(neighbour) = self.neighbours.get_mut(&key) else {
            return;
        };
        let was_silent = std::mem::take(&mut neighbour.silent);
        let heard = match message {
            Message::Ask(part) => self.asked(key, &part),
            Message::Answer(part) => self.answered(now, key, &part, &known),
            Message::Narrow {
                comparison,
                from,
                last,
            } => self.narrowed(now, key, comparison, from, last),
            Message::Lacks(ids) => self.lacks(key, &ids),
            Message::Offer(positions) => self.offered(now, key, &positions, &known),
            Message::Fetch(positions) => self.serve(key, positions),
            Message::Served => self.served(now, key, &known),
        };
        if let Err(problem) = heard {
            self.parted(now, key);
            self.outputs.push_back(ReconcilerOutput::Liar(key, problem));
        } else if was_silent {
            self.take_turns(now);
        }
    }

    /// Whether a neighbour was asked for a record.
    pub fn expects(&self, key: NeighbourKey, id: RecordId) -> bool {
        let neighbour = self.neighbours.get(&key);
        neighbour.is_some_and(|neighbour| neighbour.fetch.expects(id))
    }

    /// A record came that was expected, and is what it should be.
    pub fn came(&mut self, now: Millis, key: NeighbourKey, record: Record) {
        if let Some(neighbour) = self.neighbours.get_mut(&key) {
            let some = neighbour.fetch.came(now, record);
            self.keep(key, some);
        }
    }

    /// Records were kept, of which these are new; or they could not be, and none is.
    pub fn kept(
        &mut self,
        now: Millis,
        key: NeighbourKey,
        new: &[Position],
        known: impl Fn(RecordId) -> bool,
    ) {
        if let Some(neighbour) = self.neighbours.get_mut(&key) {
            neighbour.fetch.storing = neighbour.fetch.storing.saturating_sub(1);
        }
        if let Some(span) = Span::around(new) {
            self.compare_with_others(now, key, span);
        }
        self.fetch(now, key, &known);
        self.go_on(now, key);
    }

    /// Records were added that no neighbour sent: they may lack them.
    pub fn added(&mut self, now: Millis, new: &[Position]) {
        if let Some(span) = Span::around(new) {
            for neighbour in self.neighbours.values_mut() {
                neighbour.compare_later(span);
            }
            self.take_turns(now);
        }
    }

    /// Which records are here. `more` says that these are not all of the span, but its newest.
    pub fn listed(&mut self, now: Millis, list: ListKey, positions: &[Position], more: bool) {
        let from = positions.iter().min().copied().filter(|_| more);
        let listed = if list.asking {
            self.listed_for_us(list, positions, from)
        } else {
            self.listed_for_them(list, positions, from)
        };
        if let Err(problem) = listed {
            self.parted(now, list.neighbour);
            self.outputs
                .push_back(ReconcilerOutput::Liar(list.neighbour, problem));
        }
    }

    /// Those records have been sent.
    pub fn sent(&mut self, key: NeighbourKey) {
        let Some(neighbour) = self.neighbours.get_mut(&key) else {
            return;
        };
        let Some(serving) = &mut neighbour.serving else {
            return;
        };
        let next = match serving.next() {
            Some(positions) => ReconcilerOutput::Serve(key, positions),
            None => {
                neighbour.serving = None;
                ReconcilerOutput::Send(key, Message::Served)
            }
        };
        self.outputs.push_back(next);
    }

    /// A deadline has passed.
    pub fn wake(&mut self, now: Millis) {
        let late = |neighbour: &Neighbour| {
            let heard = neighbour.heard_at();
            heard.is_some_and(|heard| heard + limits::HISTORY_PATIENCE <= now)
        };
        let late = self.neighbours.iter().filter(|(_, n)| late(n));
        let late: Vec<NeighbourKey> = late.map(|(key, _)| *key).collect();
        for key in late {
            self.give_up(now, key);
        }
    }

    /// What is under way with a neighbour ends. It stays, and may ask; but it is not asked again before it says something,
    /// or has room again ([`Reconciler::has_room`]).
    pub fn give_up(&mut self, now: Millis, key: NeighbourKey) {
        if self.neighbours.contains_key(&key) {
            self.parted(now, key);
            let silent = Neighbour {
                silent: true,
                due: Some(Span::default()),
                ..Neighbour::default()
            };
            self.neighbours.insert(key, silent);
        }
    }

    /// What waited to be sent to a neighbour is on its way.
    pub fn has_room(&mut self, now: Millis, key: NeighbourKey) {
        if let Some(neighbour) = self.neighbours.get_mut(&key) {
            neighbour.silent = false;
            self.take_turns(now);
        }
    }

    /// A record that was expected came, and is of no use.
    pub fn came_in_vain(&mut self, key: NeighbourKey, id: RecordId) {
        if let Some(neighbour) = self.neighbours.get_mut(&key) {
            neighbour.fetch.leave(id);
        }
    }

    pub(super) fn keep(&mut self, key: NeighbourKey, records: Option<Vec<Record>>) {
        let keep = records.map(|records| ReconcilerOutput::Keep(key, records));
        self.outputs.extend(keep);
    }

    pub(super) fn send(&mut self, key: NeighbourKey, message: Message) {
        self.outputs.push_back(ReconcilerOutput::Send(key, message));
    }

    pub(super) fn compare_with_others(&mut self, now: Millis, except: NeighbourKey, span: Span) {
        for (key, neighbour) in &mut self.neighbours {
            if *key != except {
                neighbour.compare_later(span);
            }
        }
        self.take_turns(now);
    }

    /// Asks the next neighbour, if nobody is asked.
    pub(super) fn take_turns(&mut self, now: Millis) {
        if self.turn.is_some() {
            return;
        }
        let due = self.neighbours.iter();
        let due = due.filter(|(_, n)| n.due.is_some() && !n.silent);
        let due: Vec<NeighbourKey> = due.map(|(key, _)| *key).collect();
        let next = due.iter().find(|key| Some(**key) > self.last_turn);
        let Some(&of) = next.or(due.first()) else {
            return;
        };
        let neighbour = self.neighbours.get_mut(&of);
        let span = neighbour.and_then(|neighbour| {
            neighbour.offered = 0;
            neighbour.due.take()
        });
        self.turn = Some(Turn {
            of,
            spans: 0,
            room: self.interval.most,
            offered: 0,
        });
        self.last_turn = Some(of);
        let span = span.map(|span| span.and(self.interval.span));
        match span.filter(|span| !span.is_empty()) {
            Some(span) => self.ask(now, of, span, span.from),
            None => self.end_turn(now, of),
        }
    }

    pub(super) fn end_turn(&mut self, now: Millis, key: NeighbourKey) {
        if self.turn.as_ref().is_some_and(|turn| turn.of == key) {
            self.turn = None;
            self.take_turns(now);
        }
    }

    pub(super) fn list(&mut self, list: ListKey, span: Span, most: Option<usize>) {
        let limit = self.slice;
        let limit = most.map_or(limit, |most| most.clamp(1, limit));
        self.outputs
            .push_back(ReconcilerOutput::List { list, span, limit });
    }
}

impl Neighbour {
    /// A span is to be compared with it, beside what was to be compared already.
    pub(super) fn compare_later(&mut self, span: Span) {
        self.due = Some(self.due.map_or(span, |due| due.hull(span)));
    }

    /// Since when something is awaited of it.
    fn heard_at(&self) -> Option<Millis> {
        let asking = self.asking.as_ref();
        let comparing = asking.filter(|a| matches!(a.step, Step::Comparing { .. }));
        let fetching = self.fetch.is_waiting().then_some(self.fetch.heard_at);
        let comparing = comparing.map(|asking| asking.heard_at);
        comparing.into_iter().chain(fetching).min()
    }
}

pub(super) fn in_words(error: CompareError) -> String {
    error.to_string()
}
