//! Our questions: which records a neighbour has that are missing here, and how they come.

use super::{
    Comparison, Message, Part,
    neighbour::{Asking, Step, Wanted},
    reconciler::{ListKey, NeighbourKey, Reconciler, in_words},
};
use crate::{
    chat::{
        record::{Position, RecordId},
        span::Span,
    },
    limits,
    time::Millis,
};

impl Reconciler {
    /// Compares a span, as part of a turn that goes back to `floor`.
    pub(super) fn ask(
        &mut self,
        now: Millis,
        key: NeighbourKey,
        span: Span,
        floor: Option<Position>,
    ) {
        let Some(neighbour) = self.neighbours.get_mut(&key) else {
            return;
        };
        let turn = self.turn.as_mut().filter(|turn| turn.of == key);
        let mut most = None;
        if let Some(turn) = turn {
            turn.spans += 1;
            most = turn.room;
            if turn.spans > limits::HISTORY_SPANS_A_TURN {
                neighbour.asking = None;
                let rest = Span {
                    from: floor,
                    ..span
                };
                neighbour.compare_later(rest);
                return self.end_turn(now, key);
            }
        }
        self.last_comparison = self.last_comparison.wrapping_add(1);
        let asking = Asking::new(now, self.last_comparison, span, floor, most);
        neighbour.asking = Some(asking);
        let list = ListKey {
            neighbour: key,
            asking: true,
            comparison: self.last_comparison,
        };
        self.list(list, span, most);
    }

    pub(super) fn listed_for_us(
        &mut self,
        list: ListKey,
        positions: &[Position],
        from: Option<Position>,
    ) -> Result<(), String> {
        let Some(asking) = self.asking(list.neighbour, list.comparison) else {
            return Ok(());
        };
        asking.span.from = from.or(asking.span.from);
        let (comparison, question) =
            Comparison::begin(positions.iter().copied()).map_err(in_words)?;
        let here = positions.iter().map(|position| (position.id, *position));
        asking.step = Step::Comparing {
            comparison,
            here: here.collect(),
        };
        for part in asking.parts(&question) {
            self.send(list.neighbour, Message::Ask(part));
        }
        Ok(())
    }

    pub(super) fn asking(&mut self, key: NeighbourKey, comparison: u32) -> Option<&mut Asking> {
        let asking = self.neighbours.get_mut(&key)?.asking.as_mut()?;
        Some(asking).filter(|asking| asking.number == comparison)
    }

    /// Part of its answer.
    pub(super) fn answered(
        &mut self,
        now: Millis,
        key: NeighbourKey,
        part: &Part,
        known: &impl Fn(RecordId) -> bool,
    ) -> Result<(), String> {
        // What answers an earlier question is of no use any more.
        let Some(asking) = self.asking(key, part.comparison) else {
            return Ok(());
        };
        let Some(answer) = asking.assemble(now, part).map_err(in_words)? else {
            return Ok(());
        };
        let Step::Comparing { comparison, .. } = &mut asking.step else {
            return Err("it answers what was not asked".into());
        };
        if let Some(question) = comparison.answered(&answer).map_err(in_words)? {
            for part in asking.parts(&question) {
                self.send(key, Message::Ask(part));
            }
            return Ok(());
        }
        let step = std::mem::replace(&mut asking.step, Step::Fetching);
        let Step::Comparing { comparison, here } = step else {
            return Ok(());
        };
        let difference = comparison.into_difference();
        if let Some(turn) = self.turn.as_mut().filter(|turn| turn.of == key) {
            let both = here.len() + difference.lacks.len();
            turn.room = turn.room.map(|room| room.saturating_sub(both));
        }
        let offers = difference.offers.iter().filter_map(|id| here.get(id));
        let mut offers: Vec<Position> = offers.copied().collect();
        if let Some(turn) = self.turn.as_mut().filter(|turn| turn.of == key) {
            // Who lacks more asks for it itself, as fast as it likes.
            offers.sort_unstable_by_key(|position| std::cmp::Reverse(*position));
            offers.truncate(limits::MAX_COMPARED_RECORDS.saturating_sub(turn.offered));
            turn.offered += offers.len();
        }
        for positions in offers.chunks(limits::MAX_IDS) {
            self.send(key, Message::Offer(positions.to_vec()));
        }
        if let Some(neighbour) = self.neighbours.get_mut(&key) {
            let lacks = difference.lacks.into_iter();
            if !neighbour.fetch.want(lacks.map(Wanted::Id)) {
                neighbour.due = Some(Span::default());
            }
        }
        self.fetch(now, key, known);
        self.go_on(now, key);
        Ok(())
    }

    pub(super) fn narrowed(
        &mut self,
        now: Millis,
        key: NeighbourKey,
        comparison: u32,
        from: Position,
        last: bool,
    ) -> Result<(), String> {
        let Some(asking) = self.asking(key, comparison) else {
            return Ok(());
        };
        let nothing = last && asking.span.before == Some(from);
        if !nothing && (!asking.span.contains(from) || asking.span.from == Some(from)) {
            return Err("it narrows a comparison to what is not in it".into());
        }
        let floor = if last { Some(from) } else { asking.floor };
        let span = Span {
            from: Some(from),
            ..asking.span
        };
        if nothing {
            if let Some(neighbour) = self.neighbours.get_mut(&key) {
                neighbour.asking = None;
            }
            self.end_turn(now, key);
        } else {
            self.ask(now, key, span, floor);
        }
        Ok(())
    }

    pub(super) fn offered(
        &mut self,
        now: Millis,
        key: NeighbourKey,
        positions: &[Position],
        known: &impl Fn(RecordId) -> bool,
    ) -> Result<(), String> {
        if let Some(neighbour) = self.neighbours.get_mut(&key) {
            let wanted = positions.iter().copied();
            let wanted = wanted.filter(|position| self.interval.contains(*position));
            // They come the newest first.
            let enough = self.interval.most.unwrap_or(usize::MAX);
            let wanted = wanted.take(enough.saturating_sub(neighbour.offered));
            let all = neighbour.fetch.want(wanted.map(Wanted::At));
            neighbour.offered = neighbour.offered.saturating_add(positions.len());
            if !all || neighbour.offered >= limits::MAX_COMPARED_RECORDS {
                // There may be more than it may offer.
                neighbour.due = Some(Span::default());
            }
        }
        self.fetch(now, key, known);
        Ok(())
    }

    pub(super) fn served(
        &mut self,
        now: Millis,
        key: NeighbourKey,
        known: &impl Fn(RecordId) -> bool,
    ) -> Result<(), String> {
        let Some(neighbour) = self.neighbours.get_mut(&key) else {
            return Ok(());
        };
        if !neighbour.fetch.is_waiting() {
            return Err("it has served what nobody asked for".into());
        }
        let owed = neighbour.fetch.is_owed();
        let rest = neighbour.fetch.end();
        self.keep(key, rest);
        if owed {
            // It may be had from the others.
            self.compare_with_others(now, key, Span::default());
        }
        self.fetch(now, key, known);
        self.go_on(now, key);
        Ok(())
    }

    /// Asks a neighbour for what is missing, if there is nothing else under way with it.
    pub(super) fn fetch(
        &mut self,
        now: Millis,
        key: NeighbourKey,
        known: &impl Fn(RecordId) -> bool,
    ) {
        let Some(mut neighbour) = self.neighbours.remove(&key) else {
            return;
        };
        let useless = |id| known(id) || self.neighbours.values().any(|n| n.fetch.expects(id));
        let next = neighbour.fetch.next(now, useless);
        self.neighbours.insert(key, neighbour);
        if let Some(message) = next {
            self.send(key, message);
        }
    }

    /// Goes on to the next older span, once all of this one is here.
    pub(super) fn go_on(&mut self, now: Millis, key: NeighbourKey) {
        let Some(neighbour) = self.neighbours.get_mut(&key) else {
            return;
        };
        let Some(asking) = &neighbour.asking else {
            return;
        };
        if !matches!(asking.step, Step::Fetching) || !neighbour.fetch.is_idle() {
            return;
        }
        let (older, floor) = (asking.span.from, asking.floor);
        neighbour.asking = None;
        let turn = self.turn.as_ref().filter(|turn| turn.of == key);
        let enough = turn.is_some_and(|turn| turn.room == Some(0));
        if older > floor && !enough {
            let span = Span {
                from: floor,
                before: older,
            };
            self.ask(now, key, span, floor);
        } else {
            self.end_turn(now, key);
        }
    }
}
