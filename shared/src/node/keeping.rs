//! A channel's log is kept to what the member chose: what is outside is discarded, in small steps.

use std::collections::VecDeque;

use super::{
    Node, Output, RequestId,
    channel::{Channel, ChannelOutput},
    event::{Event, Problem},
    pending::Pending,
};
use crate::{
    channel::ChannelId,
    chat::{
        record::{Position, RecordId},
        retention::{Interval, Retention},
        span::Span,
    },
    limits,
    store::{Count, Reply, Request, StoreError},
    time::Millis,
};

/// How far the work is.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    /// What the member chose, once it is saved: before that nothing is discarded for it.
    retention: Retention,
    /// Where the oldest of the newest records stands, if the log is kept to a number of them and has so many.
    floor: Option<Position>,
    /// The parts of the log that are still to be discarded.
    outside: VecDeque<Span>,
    /// The store works for it.
    busy: bool,
    /// There is more to do when that is done.
    again: bool,
    /// Records that were added since it was looked.
    added: u32,
    /// When it is to be looked, though nothing is added.
    due: Option<Millis>,
}

/// What the store was asked for.
#[derive(Debug)]
pub(super) enum KeepingPending {
    /// Where the oldest of the newest records stands, for this retention.
    Floor(Retention),
    Discard,
}

/// What a retention would discard, as far as it was counted.
#[derive(Debug)]
pub(super) struct Outlook {
    request: RequestId,
    channel: ChannelId,
    /// Still to be counted.
    outside: VecDeque<Span>,
    /// Of the whole log, once it was counted.
    messages: Option<usize>,
    discards: usize,
}

impl Keeping {
    pub(super) fn new(retention: Retention) -> Self {
        Self {
            retention,
            ..Self::default()
        }
    }
}

impl Channel {
    /// The part of the log that is wanted now.
    pub(super) fn interval(&self, now: Millis) -> Interval {
        self.keeping.retention.interval(now, self.keeping.floor)
    }

    /// Another part of the log is wanted from now on.
    pub(super) fn retain(&mut self, now: Millis) {
        self.keeping.retention = self.entry.retention;
        self.keeping.floor = None;
        self.keeping.outside.clear();
        self.log.want_again();
        self.tidy(now);
        self.compare_history(now, Span::default());
    }

    /// Discards what is outside.
    pub(super) fn tidy(&mut self, now: Millis) {
        let retention = self.keeping.retention;
        self.keeping.due = retention.changes_at(now);
        if self.keeping.busy {
            self.keeping.again = true;
            return;
        }
        self.keeping.added = 0;
        if let Retention::Count { messages } = retention {
            let nth = nth(self.id(), messages);
            self.keep_to(nth, KeepingPending::Floor(retention));
        } else {
            self.keeping.outside = self.interval(now).span.outside().collect();
            self.discard(now);
        }
    }

    /// So many records were added.
    pub(super) fn added(&mut self, now: Millis, records: usize) {
        let records = u32::try_from(records).unwrap_or(u32::MAX);
        self.keeping.added = self.keeping.added.saturating_add(records);
        if let Retention::Count { messages } = self.keeping.retention
            && self.keeping.added > messages / limits::RETENTION_SLACK
        {
            self.tidy(now);
        }
    }

    /// When [`Channel::wake_keeping`] is due.
    pub(super) fn keeping_due(&self) -> Option<Millis> {
        self.keeping.due
    }

    pub(super) fn wake_keeping(&mut self, now: Millis) {
        if self.keeping.due.is_some_and(|due| due <= now) {
            self.tidy(now);
        }
    }

    fn keep_to(&mut self, request: Request, pending: KeepingPending) {
        self.keeping.busy = true;
        let channel = self.id();
        let pending = Box::new(Pending::Keeping { channel, pending });
        self.outputs
            .push_back(ChannelOutput::Store(request, pending));
    }

    fn discard(&mut self, now: Millis) {
        if let Some(&span) = self.keeping.outside.front() {
            let discard = Request::Discard {
                channel: self.id(),
                span,
                limit: limits::DISCARD_AT_ONCE,
            };
            return self.keep_to(discard, KeepingPending::Discard);
        }
        self.keeping.busy = false;
        if std::mem::take(&mut self.keeping.again) {
            self.tidy(now);
        }
    }

    fn floor_found(&mut self, now: Millis, retention: Retention, floor: Option<Position>) {
        if self.keeping.retention != retention {
            // Another one was chosen meanwhile.
            return self.discard(now);
        }
        self.keeping.floor = floor;
        let older = floor.map(|floor| Span {
            from: None,
            before: Some(floor),
        });
        self.keeping.outside = older.into_iter().collect();
        self.discard(now);
    }

    fn discarded(&mut self, now: Millis, positions: &[Position]) {
        if positions.is_empty() {
            self.keeping.outside.pop_front();
            return self.discard(now);
        }
        let unread = self.unread.count();
        for position in positions {
            self.log.discarded(position.id);
            self.recent.forget(position.id);
            self.unread.remove(*position);
        }
        let ids: Vec<RecordId> = positions.iter().map(|position| position.id).collect();
        let channel = self.id();
        self.tell(Event::Discarded {
            channel,
            messages: ids,
        });
        if self.unread.count() != unread {
            self.tell(self.unread_event());
        }
        self.discard(now);
    }

    fn keeping_failed(&mut self) {
        self.keeping.busy = false;
        self.keeping.again = false;
        self.keeping.outside.clear();
    }
}

/// Where the oldest of so many newest records stands.
fn nth(channel: ChannelId, messages: u32) -> Request {
    let messages = usize::try_from(messages).unwrap_or(usize::MAX);
    Request::LoadNth {
        channel,
        newer: messages.saturating_sub(1),
    }
}

impl Node {
    /// The store did what keeping a log needs.
    pub(super) fn kept_to(
        &mut self,
        now: Millis,
        id: ChannelId,
        pending: &KeepingPending,
        positions: &[Position],
    ) {
        if matches!(pending, KeepingPending::Discard) {
            self.remove_texts(id, positions);
        }
        self.with_channel(now, Some(id), |channel, _| match pending {
            KeepingPending::Floor(retention) => {
                channel.floor_found(now, *retention, positions.first().copied());
            }
            KeepingPending::Discard => channel.discarded(now, positions),
        });
    }

    pub(super) fn not_kept_to(&mut self, now: Millis, id: ChannelId, error: StoreError) {
        self.outputs
            .push_back(Output::Event(Event::Trouble(error.into())));
        self.with_channel(now, Some(id), |channel, _| channel.keeping_failed());
    }

    /// Chooses which part of a log is kept.
    pub(super) fn set_retention(
        &mut self,
        request: RequestId,
        channel: ChannelId,
        retention: Retention,
    ) -> Result<(), Problem> {
        if !retention.is_valid() {
            return Err(Problem::Retention);
        }
        let entry = &mut self.joined(channel)?.entry;
        let before = std::mem::replace(&mut entry.retention, retention);
        let save = entry.save();
        let pending = Pending::Retention {
            request,
            channel,
            before,
        };
        self.store(save, pending);
        Ok(())
    }

    /// Counts what a retention would discard.
    pub(super) fn outlook(
        &mut self,
        now: Millis,
        request: RequestId,
        channel: ChannelId,
        retention: Retention,
    ) -> Result<(), Problem> {
        if !retention.is_valid() {
            return Err(Problem::Retention);
        }
        self.joined(channel)?;
        let outlook = Outlook {
            request,
            channel,
            outside: retention.interval(now, None).span.outside().collect(),
            messages: None,
            discards: 0,
        };
        if let Retention::Count { messages } = retention {
            self.store(nth(channel, messages), Pending::Outlook(outlook));
        } else {
            self.count_next(outlook);
        }
        Ok(())
    }

    /// The store has counted, or found where the newest begin.
    pub(super) fn counted(&mut self, mut outlook: Outlook, reply: &Reply) {
        match reply {
            Reply::Positions(floor) => {
                let older = floor.first().map(|floor| Span {
                    from: None,
                    before: Some(*floor),
                });
                outlook.outside.extend(older);
            }
            Reply::Count(Count { records, staying }) if outlook.messages.is_some() => {
                outlook.discards += records.saturating_sub(*staying);
            }
            Reply::Count(Count { records, .. }) => outlook.messages = Some(*records),
            _ => {}
        }
        self.count_next(outlook);
    }

    fn count_next(&mut self, mut outlook: Outlook) {
        let channel = outlook.channel;
        let Some(messages) = outlook.messages else {
            let span = Span::default();
            let count = Request::Count { channel, span };
            return self.store(count, Pending::Outlook(outlook));
        };
        if let Some(span) = outlook.outside.pop_front() {
            let count = Request::Count { channel, span };
            return self.store(count, Pending::Outlook(outlook));
        }
        self.outputs.push_back(Output::Event(Event::Outlook {
            request: Some(outlook.request),
            channel,
            messages,
            discards: outlook.discards,
        }));
    }
}

impl Outlook {
    pub(super) fn request(&self) -> RequestId {
        self.request
    }
}
