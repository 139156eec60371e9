//! Reading a log: pages of messages, and where some are missing.

use super::{
    Node, Output, RequestId,
    event::{Event, Problem},
    pending::Pending,
    view::{Message, Place},
};
use crate::{
    channel::ChannelId,
    chat::{
        record::{Position, Record},
        span::{self, Span},
    },
    limits,
    store::{Request, StoredRecord},
    time::Millis,
};

/// Which messages a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The newest before a place.
    Before(Option<Place>),
    /// The oldest from a place on.
    From(Place),
    /// The newest before a place that are marked to be kept.
    Kept(Option<Place>),
}

/// A page that is being read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) request: RequestId,
    channel: ChannelId,
    part: Part,
    /// What is read now is before this; forwards, from here on.
    reached: Option<Position>,
    limit: usize,
    messages: Vec<Message>,
    /// There may be more in the direction in which it is read.
    more: bool,
}

impl Reading {
    pub(super) fn new(request: RequestId, channel: ChannelId, part: Part, limit: usize) -> Self {
        let reached = match part {
            Part::Before(before) | Part::Kept(before) => before,
            Part::From(from) => Some(from),
        };
        Self {
            request,
            channel,
            part,
            reached: reached.map(Into::into),
            limit: limit.clamp(1, limits::MAX_PAGE),
            messages: Vec::new(),
            more: false,
        }
    }

    /// All that was read so far is in this part of the log.
    fn span(&self) -> Span {
        let reached = self.reached.filter(|_| self.more);
        match self.part {
            Part::Before(before) | Part::Kept(before) => Span {
                from: reached,
                before: before.map(Into::into),
            },
            Part::From(from) => Span {
                from: Some(from.into()),
                before: reached,
            },
        }
    }

    /// Whether the reader gets on by what was read.
    fn leads_on(&self) -> bool {
        match self.part {
            Part::Before(_) | Part::Kept(_) => !self.messages.is_empty(),
            // The reader may have that one.
            Part::From(from) => self.messages.iter().any(|message| message.place() != from),
        }
    }
}

impl Node {
    pub(super) fn read(&mut self, reading: Reading) -> Result<(), Problem> {
        self.joined(reading.channel)?;
        let (channel, reached) = (reading.channel, reading.reached);
        // One more than asked tells whether there are more.
        let limit = reading.limit + 1;
        let load = match reading.part {
            Part::Before(_) => Request::LoadPage {
                channel,
                before: reached,
                limit,
            },
            Part::From(from) => Request::LoadPageFrom {
                channel,
                from: reached.unwrap_or_else(|| from.into()),
                limit,
            },
            Part::Kept(_) => Request::LoadKept {
                channel,
                before: reached,
                limit,
            },
        };
        self.store(load, Pending::Read(reading));
        Ok(())
    }

    /// The store has read records for a page.
    pub(super) fn was_read(
        &mut self,
        now: Millis,
        mut reading: Reading,
        mut records: Vec<StoredRecord>,
    ) {
        let Some(of) = self.channels.get_mut(&reading.channel) else {
            return self.refuse(reading.request, Problem::NotJoined);
        };
        reading.more = records.len() > reading.limit;
        records.truncate(reading.limit);
        let last = records.last().map(|record| record.position);
        reading.reached = match reading.part {
            Part::Before(_) | Part::Kept(_) => last,
            Part::From(_) => last.map(span::after),
        };
        let mut marked_anew = false;
        let message = |stored: StoredRecord| {
            let StoredRecord {
                holders,
                kept,
                recalled,
                ..
            } = stored;
            let record = Record::from_store(stored.bytes).ok()?;
            marked_anew |= of.hear_record(&record);
            // A recall is not seen but in what it recalls.
            record.body.recalls.is_none().then(|| Message {
                kept,
                recalled,
                ..of.message(&record, holders)
            })
        };
        reading
            .messages
            .extend(records.into_iter().filter_map(message));
        self.changed |= marked_anew;
        if reading.more && !reading.leads_on() {
            // Nothing but recalls: what is beyond them is read at once.
            let request = reading.request;
            if let Err(problem) = self.read(reading) {
                self.refuse(request, problem);
            }
            return;
        }
        let kept = matches!(reading.part, Part::Kept(_));
        if !kept {
            reading.messages.extend(of.burning_messages(reading.span()));
        }
        reading.messages.sort_by_key(Message::place);
        let interval = of.interval(now);
        let here = |place: &Place| reading.messages.iter().any(|m| m.id == place.id);
        let after = reading.messages.iter().filter_map(|message| message.after);
        let doubtful = after.filter(|place| interval.contains((*place).into()) && !here(place));
        let positions: Vec<Position> = doubtful.map(Into::into).collect();
        if positions.is_empty() || kept {
            return self.tell_page(reading, &[]);
        }
        let channel = reading.channel;
        let look = Request::LoadMissing { channel, positions };
        self.store(look, Pending::Read(reading));
    }

    /// The store has looked which of the records are missing that others come after.
    pub(super) fn missing_found(&mut self, reading: Reading, missing: &[Position]) {
        self.tell_page(reading, missing);
    }

    fn tell_page(&mut self, reading: Reading, missing: &[Position]) {
        let mut messages = reading.messages;
        for message in &mut messages {
            let after = message.after.map(Position::from);
            message.gap = after.is_some_and(|after| missing.contains(&after));
        }
        self.outputs.push_back(Output::Event(Event::Page {
            request: Some(reading.request),
            channel: reading.channel,
            messages,
            more: reading.more,
        }));
    }
}
