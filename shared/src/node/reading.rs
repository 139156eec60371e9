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
        span::Span,
    },
    limits,
    store::{Request, StoredRecord},
    time::Millis,
};

/// A page that is being read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) request: RequestId,
    channel: ChannelId,
    before: Option<Position>,
    /// What is read now is before this.
    reached: Option<Position>,
    limit: usize,
    /// Only what is marked to be kept.
    kept: bool,
    /// Newest first.
    messages: Vec<Message>,
    more: bool,
}

impl Reading {
    /// The newest messages before a place.
    pub(super) fn new(
        request: RequestId,
        channel: ChannelId,
        before: Option<Place>,
        limit: usize,
        kept: bool,
    ) -> Self {
        Self {
            request,
            channel,
            before: before.map(Into::into),
            reached: before.map(Into::into),
            limit: limit.clamp(1, limits::MAX_PAGE),
            kept,
            messages: Vec::new(),
            more: false,
        }
    }
}

impl Node {
    pub(super) fn read(&mut self, reading: Reading) -> Result<(), Problem> {
        self.joined(reading.channel)?;
        let (channel, before) = (reading.channel, reading.reached);
        // One more than asked tells whether there are older ones.
        let limit = reading.limit + 1;
        let load = if reading.kept {
            Request::LoadKept {
                channel,
                before,
                limit,
            }
        } else {
            Request::LoadPage {
                channel,
                before,
                limit,
            }
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
        let oldest = records.last().map(|record| record.position);
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
        if reading.messages.is_empty() && reading.more {
            // Nothing but recalls: what is older is read at once.
            reading.reached = oldest;
            let request = reading.request;
            if let Err(problem) = self.read(reading) {
                self.refuse(request, problem);
            }
            return;
        }
        if !reading.kept {
            let span = Span {
                from: oldest.filter(|_| reading.more),
                before: reading.before,
            };
            let burning = of.burning_messages(span);
            let at = |message: &Message| std::cmp::Reverse(message.place());
            reading.messages.extend(burning);
            reading.messages.sort_by_key(at);
        }
        let interval = of.interval(now);
        let here = |place: &Place| reading.messages.iter().any(|m| m.id == place.id);
        let after = reading.messages.iter().filter_map(|message| message.after);
        let doubtful = after.filter(|place| interval.contains((*place).into()) && !here(place));
        let positions: Vec<Position> = doubtful.map(Into::into).collect();
        if positions.is_empty() || reading.kept {
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
        messages.reverse();
        self.outputs.push_back(Output::Event(Event::Page {
            request: Some(reading.request),
            channel: reading.channel,
            messages,
            more: reading.more,
        }));
    }
}
