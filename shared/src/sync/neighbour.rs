//! What goes on between us and one neighbour.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Answerer, CompareError, Comparison, Message, Part};
use crate::{
    chat::{
        record::{Position, Record, RecordId},
        span::Span,
    },
    limits,
    time::Millis,
};

/// One neighbour.
#[derive(Debug, Default)]
pub(super) struct Neighbour {
    /// Records that it offered since it was last asked.
    pub(super) offered: usize,
    /// What is to be compared with it, when its turn comes.
    pub(super) due: Option<Span>,
    /// It did not answer: it is not asked before it says something of its own.
    pub(super) silent: bool,
    pub(super) asking: Option<Asking>,
    pub(super) answering: Option<Answering>,
    pub(super) fetch: Fetch,
    pub(super) serving: Option<Serving>,
}

/// We compare our log with its log.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) number: u32,
    pub(super) span: Span,
    /// Where the comparisons of this turn end.
    pub(super) floor: Option<Position>,
    /// The newest so many are enough.
    pub(super) most: Option<usize>,
    pub(super) step: Step,
    answer: Vec<u8>,
    /// When it last said something, or was asked.
    pub(super) heard_at: Millis,
}

#[derive(Debug)]
pub(super) enum Step {
    /// The store lists what is here.
    Listing,
    /// What is here is known, and questions go out.
    Comparing {
        comparison: Comparison,
        here: BTreeMap<RecordId, Position>,
    },
    /// What is missing here is fetched.
    Fetching,
}

impl Asking {
    /// A question of this comparison, in parts.
    pub(super) fn parts(&self, question: &[u8]) -> Vec<Part> {
        let most = self
            .most
            .map(|most| u32::try_from(most).unwrap_or(u32::MAX));
        parts(self.number, self.span, most, question)
    }

    pub(super) fn new(
        now: Millis,
        number: u32,
        span: Span,
        floor: Option<Position>,
        most: Option<usize>,
    ) -> Self {
        Self {
            number,
            span,
            floor,
            most,
            step: Step::Listing,
            answer: Vec::new(),
            heard_at: now,
        }
    }

    /// Part of an answer came: all of it, if this was the last part.
    pub(super) fn assemble(
        &mut self,
        now: Millis,
        part: &Part,
    ) -> Result<Option<Vec<u8>>, CompareError> {
        self.heard_at = now;
        assemble(&mut self.answer, part)
    }
}

/// It compares its log with ours.
#[derive(Debug)]
pub(super) struct Answering {
    pub(super) number: u32,
    pub(super) span: Span,
    /// So many are enough for it.
    pub(super) most: Option<u32>,
    question: Vec<u8>,
    /// What waits until the store has listed what is here.
    pub(super) waiting: Option<Vec<u8>>,
    pub(super) answerer: Option<Answerer>,
    pub(super) here: BTreeMap<RecordId, Position>,
}

impl Answering {
    pub(super) fn new(part: &Part) -> Self {
        Self {
            number: part.comparison,
            span: part.span,
            most: part.most,
            question: Vec::new(),
            waiting: None,
            answerer: None,
            here: BTreeMap::new(),
        }
    }

    /// Part of a question came: all of it, if this was the last part.
    pub(super) fn assemble(&mut self, part: &Part) -> Result<Option<Vec<u8>>, CompareError> {
        assemble(&mut self.question, part)
    }
}

fn assemble(whole: &mut Vec<u8>, part: &Part) -> Result<Option<Vec<u8>>, CompareError> {
    // Otherwise one could go on for ever with nothing.
    if part.more && part.bytes.len() < limits::COMPARE_PART {
        return Err(CompareError::ShortPart);
    }
    whole.extend_from_slice(&part.bytes);
    if whole.len() > limits::MAX_COMPARE_BYTES {
        return Err(CompareError::TooLong);
    }
    Ok((!part.more).then(|| std::mem::take(whole)))
}

/// A question or an answer, cut into parts.
pub(super) fn parts(comparison: u32, span: Span, most: Option<u32>, bytes: &[u8]) -> Vec<Part> {
    let chunks = bytes.chunks(limits::COMPARE_PART);
    let last = chunks.len().saturating_sub(1);
    let part = |(number, bytes): (usize, &[u8])| Part {
        comparison,
        span,
        more: number < last,
        bytes: bytes.to_vec(),
        most,
    };
    chunks.enumerate().map(part).collect()
}

/// What is to be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Of the comparison that was made last.
    Id(RecordId),
    At(Position),
}

impl Wanted {
    fn id(self) -> RecordId {
        match self {
            Self::Id(id) => id,
            Self::At(position) => position.id,
        }
    }
}

/// What comes from a neighbour.
#[derive(Debug, Default)]
pub(super) struct Fetch {
    queue: VecDeque<Wanted>,
    /// What was asked for and has not come.
    batch: BTreeSet<RecordId>,
    /// It was asked for something, and has not said that this is all.
    under_way: bool,
    /// What came and was not given to the store.
    came: Vec<Record>,
    /// Records that the store was given and has not kept.
    pub(super) storing: usize,
    pub(super) heard_at: Millis,
}

impl Fetch {
    /// False if there is no room for all of them.
    pub(super) fn want(&mut self, wanted: impl IntoIterator<Item = Wanted>) -> bool {
        let room = limits::MAX_COMPARED_RECORDS.saturating_sub(self.queue.len());
        let mut wanted = wanted.into_iter();
        self.queue.extend(wanted.by_ref().take(room));
        wanted.next().is_none()
    }

    /// Something that was asked for has not come.
    pub(super) fn is_owed(&self) -> bool {
        !self.batch.is_empty()
    }

    /// A record came that is of no use.
    pub(super) fn leave(&mut self, id: RecordId) {
        self.batch.remove(&id);
    }

    pub(super) fn expects(&self, id: RecordId) -> bool {
        self.batch.contains(&id)
    }

    /// Nothing is asked for, nothing is to be, and all is stored.
    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty() && !self.under_way && self.storing == 0
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.under_way
    }

    /// The next request, without those that are known or come from elsewhere.
    pub(super) fn next(
        &mut self,
        now: Millis,
        useless: impl Fn(RecordId) -> bool,
    ) -> Option<Message> {
        if self.under_way || self.storing > 0 {
            return None;
        }
        let (mut ids, mut positions) = (Vec::new(), Vec::new());
        while let Some(&wanted) = self.queue.front() {
            let full = ids.len().max(positions.len()) >= limits::MAX_IDS;
            let mixed = match wanted {
                Wanted::Id(_) => !positions.is_empty(),
                Wanted::At(_) => !ids.is_empty(),
            };
            if full || mixed {
                break;
            }
            self.queue.pop_front();
            if useless(wanted.id()) {
                continue;
            }
            self.batch.insert(wanted.id());
            match wanted {
                Wanted::Id(id) => ids.push(id),
                Wanted::At(position) => positions.push(position),
            }
        }
        let message = if ids.is_empty() {
            Message::Fetch(positions)
        } else {
            Message::Lacks(ids)
        };
        if self.batch.is_empty() {
            return None;
        }
        self.under_way = true;
        self.heard_at = now;
        Some(message)
    }

    /// A record came that was expected. Gives some that are to be stored, once they are enough.
    pub(super) fn came(&mut self, now: Millis, record: Record) -> Option<Vec<Record>> {
        self.batch.remove(&record.id);
        self.came.push(record);
        if self.came.len() < limits::HISTORY_AT_ONCE {
            return None;
        }
        // So many, and not each by itself, or one that sends them one by one would hold up the others.
        self.heard_at = now;
        self.take()
    }

    /// It says that this is all. Gives what is still to be stored.
    pub(super) fn end(&mut self) -> Option<Vec<Record>> {
        self.batch.clear();
        self.under_way = false;
        self.take()
    }

    fn take(&mut self) -> Option<Vec<Record>> {
        if self.came.is_empty() {
            return None;
        }
        self.storing += 1;
        Some(std::mem::take(&mut self.came))
    }
}

/// What a neighbour gets.
#[derive(Debug)]
pub(super) struct Serving {
    queue: VecDeque<Position>,
}

impl Serving {
    pub(super) fn new(positions: impl IntoIterator<Item = Position>) -> Self {
        Self {
            queue: positions.into_iter().collect(),
        }
    }

    /// The next ones to send; none at the end.
    pub(super) fn next(&mut self) -> Option<Vec<Position>> {
        let some = self.queue.len().min(limits::HISTORY_AT_ONCE);
        (some > 0).then(|| self.queue.drain(..some).collect())
    }
}
