//! A neighbour's questions: which records are here, and how it gets those that it lacks.

use super::{
    Answerer, Message, Part,
    neighbour::{Answering, Serving, parts},
    reconciler::{ListKey, NeighbourKey, Reconciler, in_words},
};
use crate::chat::record::{Position, RecordId};

impl Reconciler {
    pub(super) fn listed_for_them(
        &mut self,
        list: ListKey,
        positions: &[Position],
        from: Option<Position>,
    ) -> Result<(), String> {
        let neighbour = self.neighbours.get_mut(&list.neighbour);
        let answering = neighbour.and_then(|neighbour| neighbour.answering.as_mut());
        let Some(answering) = answering.filter(|a| a.number == list.comparison) else {
            return Ok(());
        };
        let Some(question) = answering.waiting.take() else {
            return Ok(());
        };
        if let Some(from) = from {
            let comparison = list.comparison;
            if let Some(neighbour) = self.neighbours.get_mut(&list.neighbour) {
                neighbour.answering = None;
            }
            let last = false;
            self.send(
                list.neighbour,
                Message::Narrow {
                    comparison,
                    from,
                    last,
                },
            );
            return Ok(());
        }
        let here = positions.iter().map(|position| (position.id, *position));
        answering.here = here.collect();
        let answerer = Answerer::new(positions.iter().copied()).map_err(in_words)?;
        answering.answerer = Some(answerer);
        self.answer(list.neighbour, &question)
    }

    /// Part of its question.
    pub(super) fn asked(&mut self, key: NeighbourKey, part: &Part) -> Result<(), String> {
        let Some(neighbour) = self.neighbours.get_mut(&key) else {
            return Ok(());
        };
        let current = &mut neighbour.answering;
        if current.as_ref().is_none_or(|a| a.number != part.comparison) {
            *current = Some(Answering::new(part));
        }
        let Some(answering) = current else {
            return Ok(());
        };
        if answering.span != part.span {
            return Err("the span of a comparison changes".into());
        }
        let Some(question) = answering.assemble(part).map_err(in_words)? else {
            return Ok(());
        };
        if answering.answerer.is_some() {
            return self.answer(key, &question);
        }
        if answering.waiting.replace(question).is_some() {
            return Err("it asks again before it is answered".into());
        }
        let (comparison, most) = (part.comparison, answering.most);
        if let Some(from) = self.interval.span.from
            && part.span.from < Some(from)
        {
            neighbour.answering = None;
            // Of what is older than all that is wanted here, nothing is compared.
            let from = part.span.before.map_or(from, |before| before.min(from));
            let last = true;
            self.send(
                key,
                Message::Narrow {
                    comparison,
                    from,
                    last,
                },
            );
            return Ok(());
        }
        let list = ListKey {
            neighbour: key,
            asking: false,
            comparison,
        };
        let span = part.span.and(self.interval.span);
        let most = most.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
        self.list(list, span, most);
        Ok(())
    }

    pub(super) fn answer(&mut self, key: NeighbourKey, question: &[u8]) -> Result<(), String> {
        let neighbour = self.neighbours.get_mut(&key);
        let Some(answering) = neighbour.and_then(|n| n.answering.as_mut()) else {
            return Ok(());
        };
        let Some(answerer) = &mut answering.answerer else {
            return Ok(());
        };
        let answer = answerer.answer(question).map_err(in_words)?;
        for part in parts(answering.number, answering.span, None, &answer) {
            self.send(key, Message::Answer(part));
        }
        Ok(())
    }

    pub(super) fn lacks(&mut self, key: NeighbourKey, ids: &[RecordId]) -> Result<(), String> {
        let neighbour = self.neighbours.get(&key);
        let answering = neighbour.and_then(|neighbour| neighbour.answering.as_ref());
        let here = answering.map(|answering| &answering.here);
        let positions = ids.iter().filter_map(|id| here?.get(id).copied());
        self.serve(key, positions.collect())
    }

    pub(super) fn serve(
        &mut self,
        key: NeighbourKey,
        positions: Vec<Position>,
    ) -> Result<(), String> {
        let Some(neighbour) = self.neighbours.get_mut(&key) else {
            return Ok(());
        };
        if neighbour.serving.is_some() {
            return Err("it asks for records before it has those that it asked for".into());
        }
        neighbour.serving = Some(Serving::new(positions));
        self.sent(key);
        Ok(())
    }
}
