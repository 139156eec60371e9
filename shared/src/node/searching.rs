//! Searching a log: its texts are read once, the newest first, and each search is answered as soon as it can be.

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
        texts::{Query, Texts},
    },
    limits,
    store::{Request, StoredRecord},
};

/// The texts of the channel that is searched: one at a time, since it takes memory.
#[derive(Debug)]
pub(super) struct Searched {
    channel: ChannelId,
    texts: Texts,
    /// More is being read.
    reading: bool,
    /// All of it is to be read, whether or not anything is looked for yet.
    ahead: bool,
    waiting: Vec<Search>,
}

impl Searched {
    pub(super) fn is_of(&self, channel: ChannelId) -> bool {
        self.channel == channel
    }

    /// Whether what was read there, before that place, is what is to be read next, and not left over from an earlier time.
    fn awaits(&self, channel: ChannelId, before: Option<Position>) -> bool {
        self.channel == channel && self.reading && self.texts.loaded() == before
    }
}

/// A search that is not answered.
#[derive(Debug)]
pub(super) struct Search {
    request: RequestId,
    query: Query,
    /// Only what is older is still to be looked at.
    before: Option<Position>,
    found: Vec<Position>,
    limit: usize,
}

/// What was found, while its records are read.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) request: RequestId,
    channel: ChannelId,
    more: bool,
}

impl Node {
    /// Looks for something in a log.
    pub(super) fn search(
        &mut self,
        request: RequestId,
        channel: ChannelId,
        query: &str,
        before: Option<Place>,
        limit: usize,
    ) -> Result<(), Problem> {
        self.joined(channel)?;
        let query = Query::new(query).ok_or(Problem::Query)?;
        let searched = self.searched(channel);
        if searched.waiting.len() >= limits::MAX_SEARCHES {
            return Err(Problem::Busy);
        }
        searched.waiting.push(Search {
            request,
            query,
            before: before.map(Into::into),
            found: Vec::new(),
            limit: limit.clamp(1, limits::MAX_PAGE),
        });
        self.go_on_searching();
        Ok(())
    }

    /// Something will be looked for in a log: its texts are read meanwhile.
    pub(super) fn prepare_search(
        &mut self,
        request: RequestId,
        channel: ChannelId,
    ) -> Result<(), Problem> {
        self.joined(channel)?;
        self.searched(channel).ahead = true;
        self.go_on_searching();
        self.done(request, Some(channel));
        Ok(())
    }

    /// The texts of this channel, instead of those of another.
    fn searched(&mut self, channel: ChannelId) -> &mut Searched {
        if let Some(other) = self.searched.take_if(|s| s.channel != channel) {
            for search in other.waiting {
                self.refuse(search.request, Problem::Busy);
            }
        }
        self.searched.get_or_insert_with(|| Searched {
            channel,
            texts: Texts::default(),
            reading: false,
            ahead: false,
            waiting: Vec::new(),
        })
    }

    /// Answers what can be answered, and reads on for the rest.
    fn go_on_searching(&mut self) {
        let Some(searched) = &mut self.searched else {
            return;
        };
        let channel = searched.channel;
        let whole = searched.texts.is_complete() || !searched.texts.has_room();
        let mut answered = Vec::new();
        for mut search in std::mem::take(&mut searched.waiting) {
            // One more than asked tells whether there are older ones.
            let most = search.limit + 1 - search.found.len();
            let found = searched.texts.find(&search.query, search.before, most);
            search.found.extend(found.positions);
            search.before = found.reached;
            if search.found.len() > search.limit || whole {
                answered.push(search);
            } else {
                searched.waiting.push(search);
            }
        }
        let wanted = searched.ahead && !whole || !searched.waiting.is_empty();
        let read = wanted && !searched.reading;
        searched.reading |= read;
        let before = searched.texts.loaded();
        for mut search in answered {
            let finding = Finding {
                request: search.request,
                channel,
                more: search.found.len() > search.limit,
            };
            search.found.truncate(search.limit);
            let load = Request::LoadRecords {
                channel,
                positions: search.found,
            };
            self.store(load, Pending::Found(finding));
        }
        if read {
            let limit = limits::TEXTS_AT_ONCE;
            let load = Request::LoadPage {
                channel,
                before,
                limit,
            };
            self.store(load, Pending::Texts { channel, before });
        }
    }

    /// The store has read some of a log that is searched.
    pub(super) fn texts_read(
        &mut self,
        channel: ChannelId,
        before: Option<Position>,
        records: Vec<StoredRecord>,
    ) {
        let searched = self.searched.as_mut();
        let Some(searched) = searched.filter(|s| s.awaits(channel, before)) else {
            return;
        };
        searched.reading = false;
        match records.last() {
            Some(oldest) if records.len() >= limits::TEXTS_AT_ONCE => {
                searched.texts.loaded_to(oldest.position);
            }
            _ => searched.texts.loaded_all(),
        }
        for stored in records.into_iter().filter(|stored| !stored.recalled) {
            if let Ok(record) = Record::from_store(stored.bytes) {
                searched.texts.add(&record);
            }
        }
        self.go_on_searching();
    }

    /// It could not: nothing can be said of what is older.
    pub(super) fn texts_not_read(
        &mut self,
        channel: ChannelId,
        before: Option<Position>,
        problem: &Problem,
    ) {
        if let Some(searched) = self.searched.take_if(|s| s.awaits(channel, before)) {
            for search in searched.waiting {
                self.refuse(search.request, problem.clone());
            }
        }
    }

    /// The store has read what was found.
    pub(super) fn found(&mut self, finding: Finding, records: Vec<StoredRecord>) {
        let Some(of) = self.channels.get_mut(&finding.channel) else {
            return self.refuse(finding.request, Problem::NotJoined);
        };
        let mut marked_anew = false;
        let message = |stored: StoredRecord| {
            let record = Record::from_store(stored.bytes).ok()?;
            marked_anew |= of.hear_record(&record);
            Some(of.message(&record, stored.holders))
        };
        let messages: Vec<Message> = records.into_iter().filter_map(message).collect();
        self.changed |= marked_anew;
        self.outputs.push_back(Output::Event(Event::Found {
            request: Some(finding.request),
            channel: finding.channel,
            messages,
            more: finding.more,
        }));
    }

    /// Records are in a log that were not before.
    pub(super) fn add_texts<'r>(
        &mut self,
        channel: ChannelId,
        records: impl IntoIterator<Item = &'r Record>,
    ) {
        if let Some(searched) = self.searched.as_mut().filter(|s| s.channel == channel) {
            for record in records {
                searched.texts.add(record);
            }
        }
    }

    /// Records are not to be found any more.
    pub(super) fn remove_texts(&mut self, channel: ChannelId, positions: &[Position]) {
        if let Some(searched) = self.searched.as_mut().filter(|s| s.channel == channel) {
            for position in positions {
                searched.texts.remove(*position);
            }
        }
    }
}
