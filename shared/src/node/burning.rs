//! Burning in a channel: while it is on, nothing but the switch is stored, and what is said goes soon after it was seen.
//!
//! A message burns if its author says so, or if burning is on here: the stricter of both. It waits in memory until a view
//! has shown it, and [`limits::BURN_AFTER`] longer, at most until burning ends.

use std::collections::BTreeMap;

use super::{
    Node, Output, RequestId,
    channel::{Channel, ChannelOutput},
    event::{Event, Problem},
    pending::Pending,
    view::Message,
};
use crate::{
    channel::ChannelId,
    chat::{
        burn::Switch,
        record::{Body, Position, Record, RecordId},
        span::Span,
    },
    limits,
    rate::Bucket,
    time::Millis,
    wire::Frame,
};

/// Whose last turns are remembered: as many as argue about it at a time.
const MAX_KNOWN_TURNS: usize = 8;

/// What is known of burning in one channel.
#[derive(Debug)]
pub(super) struct Burning {
    /// The last turn that counts here.
    pub(super) switch: Option<Switch>,
    /// The last turn of each who turned it, the newest first, whether or not it counts here; at most [`MAX_KNOWN_TURNS`].
    pub(super) known: Vec<Switch>,
    pub(super) turns: Bucket,
    /// Turns of those who are blocked take nobody's from them.
    pub(super) ignored_turns: Bucket,
    /// One that came when it had been turned too often, and when it is tried again.
    pub(super) waiting: Option<Switch>,
    pub(super) again_at: Option<Millis>,
    /// What stands in the composer while it is on.
    pub(super) draft: String,
    messages: BTreeMap<Position, Burnt>,
    bytes: usize,
}

#[derive(Debug)]
struct Burnt {
    record: Record,
    /// When it goes, once it was shown.
    goes: Option<Millis>,
}

/// What becomes of a record while burning may be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is kept like any other.
    Kept,
    /// It is shown, and not stored.
    Burns,
    /// It is nothing now: of before burning was on, and it comes with the history once that ends; or it burned long ago.
    Later,
}

impl Burning {
    pub(super) fn resume(now: Millis, switch: Option<&[u8]>) -> Self {
        let switch = switch.and_then(|bytes| Switch::from_store(bytes).ok());
        Self {
            known: switch.iter().cloned().collect(),
            switch,
            turns: Bucket::new(now, limits::SWITCHES),
            ignored_turns: Bucket::new(now, limits::SWITCHES),
            waiting: None,
            again_at: None,
            draft: String::new(),
            messages: BTreeMap::new(),
            bytes: 0,
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.switch.as_ref().is_some_and(|switch| switch.body.on)
    }

    /// The last turn, whether or not it counts here.
    pub(super) fn last_turn(&self) -> Option<&Switch> {
        self.known.first()
    }

    pub(super) fn know(&mut self, switch: &Switch) {
        self.known
            .retain(|known| known.body.author != switch.body.author);
        let at = self.known.iter().position(|known| switch.supersedes(known));
        self.known
            .insert(at.unwrap_or(self.known.len()), switch.clone());
        self.known.truncate(MAX_KNOWN_TURNS);
    }

    pub(super) fn draft(&self) -> Option<&str> {
        self.is_on().then_some(self.draft.as_str())
    }

    pub(super) fn set_draft(&mut self, draft: String) {
        self.draft = draft;
    }

    pub(super) fn fate(&self, now: Millis, record: &Record) -> Fate {
        let on = self.switch.as_ref().filter(|switch| switch.body.on);
        let age = now.since(record.body.time);
        match on {
            // Somebody has kept it.
            _ if record.body.burning && age > limits::RECENT => Fate::Later,
            _ if record.body.burning => Fate::Burns,
            None => Fate::Kept,
            Some(on) if record.body.time < on.body.time => Fate::Later,
            Some(_) => Fate::Burns,
        }
    }

    pub(super) fn deadline(&self) -> Option<Millis> {
        let messages = self.messages.values().filter_map(|burnt| burnt.goes);
        messages.chain(self.again_at).min()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = RecordId> {
        self.messages.keys().map(|position| position.id)
    }

    pub(super) fn get(&self, id: RecordId) -> Option<&[u8]> {
        let mut all = self.messages.iter();
        let (_, burnt) = all.find(|(position, _)| position.id == id)?;
        Some(&burnt.record.bytes)
    }

    fn remove(&mut self, positions: &[Position]) {
        for position in positions {
            if let Some(burnt) = self.messages.remove(position) {
                self.bytes -= burnt.record.bytes.len();
            }
        }
    }

    /// Keeps a message in memory. Gives those that have to go for it.
    fn keep(&mut self, record: &Record, goes: Option<Millis>) -> Vec<Position> {
        let record = record.clone();
        self.bytes += record.bytes.len();
        let position = record.position();
        let before = self.messages.insert(position, Burnt { record, goes });
        self.bytes -= before.map_or(0, |before| before.record.bytes.len());
        let mut gone = Vec::new();
        while (self.messages.len() > limits::MAX_BURNING || self.bytes > limits::MAX_BURNING_BYTES)
            && let Some((oldest, burnt)) = self.messages.pop_first()
        {
            self.bytes -= burnt.record.bytes.len();
            gone.push(oldest);
        }
        gone
    }
}

impl Channel {
    /// A message that burns has come, or was written here: then it is shown at once, and it is known when it goes.
    pub(super) fn keep_burning(&mut self, record: &Record, goes: Option<Millis>) {
        let gone = self.burning.keep(record, goes);
        self.burn(&gone);
    }

    /// All up to this place was shown, and goes at that time.
    pub(super) fn burn_at(&mut self, up_to: Position, goes: Millis) {
        for (_, burnt) in self.burning.messages.range_mut(..=up_to) {
            burnt.goes.get_or_insert(goes);
        }
    }

    pub(super) fn wake_burning(&mut self, now: Millis) {
        if self.burning.again_at.is_some_and(|at| at <= now) {
            self.take_turn(now);
        }
        let due = self.burning.messages.iter();
        let due = due.filter(|(_, burnt)| burnt.goes.is_some_and(|goes| goes <= now));
        let due: Vec<Position> = due.map(|(position, _)| *position).collect();
        self.burn(&due);
    }

    /// Nothing that burns stays.
    pub(super) fn burn_all(&mut self) {
        let all: Vec<Position> = self.burning.messages.keys().copied().collect();
        self.burn(&all);
    }

    fn burn(&mut self, positions: &[Position]) {
        if positions.is_empty() {
            return;
        }
        for position in positions {
            self.log.burnt(position.id);
        }
        self.burning.remove(positions);
        let channel = self.id();
        self.tell(Event::Discarded {
            channel,
            messages: positions.iter().map(|position| position.id).collect(),
        });
        let unread = self.unread.count();
        for position in positions {
            self.unread.remove(*position);
        }
        if self.unread.count() != unread {
            self.tell(self.unread_event());
        }
    }

    /// The messages of part of the log that burn, newest first.
    pub(super) fn burning_messages(&self, span: Span) -> Vec<Message> {
        let all = self.burning.messages.iter().rev();
        let within = all.filter(|(position, _)| span.contains(**position));
        within
            .map(|(_, burnt)| Message {
                burning: true,
                ..self.message(&burnt.record, 0)
            })
            .collect()
    }
}

impl Node {
    /// Turns a channel's burn switch.
    pub(super) fn turn_burning(
        &mut self,
        now: Millis,
        request: RequestId,
        id: ChannelId,
        on: bool,
    ) -> Result<(), Problem> {
        let channel = self.joined(id)?;
        let Some(switch) = channel.turn(now, on)? else {
            self.done(request, Some(id));
            return Ok(());
        };
        let before = channel.entry.switch.replace(switch.bytes.clone());
        let mut entry = channel.entry.clone();
        if on {
            entry.draft.clear();
        }
        let save = entry.save();
        let pending = Pending::Turn {
            request,
            channel: id,
            switch,
            before,
        };
        self.store(save, pending);
        Ok(())
    }

    /// The turn is stored: now it holds.
    pub(super) fn burning_turned(
        &mut self,
        now: Millis,
        request: RequestId,
        id: ChannelId,
        switch: Switch,
    ) {
        self.with_channel(now, Some(id), |channel, tools| {
            let known = channel.burning.switch.as_ref();
            // Another one may have come meanwhile.
            if known.is_none_or(|known| switch.supersedes(known)) {
                let stored = channel.entry.switch.as_ref() == Some(&switch.bytes);
                channel.turned(switch, now);
                if !stored {
                    channel.save(Pending::SwitchKept);
                }
            }
            channel.settle(tools);
        });
        self.done(request, Some(id));
    }

    /// The turn could not be stored: it does not hold, unless another one has come meanwhile.
    pub(super) fn burning_not_turned(
        &mut self,
        id: ChannelId,
        switch: &Switch,
        before: Option<Vec<u8>>,
    ) {
        if let Some(channel) = self.channels.get_mut(&id)
            && channel.entry.switch.as_ref() == Some(&switch.bytes)
        {
            channel.entry.switch = before;
        }
    }

    /// Says something that burns.
    pub(super) fn say_burning(
        &mut self,
        now: Millis,
        request: RequestId,
        id: ChannelId,
        text: &str,
    ) -> Result<(), Problem> {
        let record = self.joined(id)?.write_burning(text, now)?;
        self.tell_burning(id, &record);
        let goes = now + self.preferences().burn_after();
        self.with_channel(now, Some(id), |channel, tools| {
            if channel.burning.draft == record.body.text {
                channel.burning.draft.clear();
                channel.outputs.push_back(ChannelOutput::Changed);
            }
            channel.keep_burning(&record, Some(goes));
            channel.flood(&Frame::Record(record.bytes.clone()), None, now);
            channel.settle(tools);
        });
        self.done(request, Some(id));
        Ok(())
    }

    /// A message that burns has come.
    pub(super) fn burning_came(&mut self, now: Millis, id: ChannelId, record: &Record) {
        if record.body.recalls.is_some() {
            return;
        }
        self.tell_burning(id, record);
        let Some(channel) = self.channels.get_mut(&id) else {
            return;
        };
        channel.keep_burning(record, None);
        let author = record.body.author;
        let is_news = author != channel.author && !channel.is_blocked(author);
        if is_news && channel.unread.add(record.position()) {
            let event = channel.unread_event();
            self.outputs.push_back(Output::Event(event));
            self.notify(now, id, record);
        }
    }

    fn tell_burning(&mut self, id: ChannelId, record: &Record) {
        if let Some(channel) = self.channels.get_mut(&id) {
            self.changed |= channel.hear_record(record);
            let message = Message {
                burning: true,
                ..channel.message(record, 0)
            };
            let channel = id;
            self.outputs
                .push_back(Output::Event(Event::Message { channel, message }));
        }
    }
}

impl Channel {
    fn write_burning(&mut self, text: &str, now: Millis) -> Result<Record, Problem> {
        if !crate::chat::record::is_text(text) {
            return Err(Problem::Text);
        }
        let time = self.log.next_time(now);
        let body = Body {
            burning: true,
            ..self.body(time, text)
        };
        let record = Record::sign(&self.me.key, body);
        self.log.take_own(&record);
        Ok(record)
    }
}
