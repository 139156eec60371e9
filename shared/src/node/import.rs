//! Records that were kept elsewhere are taken in.

use super::{
    Node, Output, RequestId,
    event::{Event, Problem},
    pending::Pending,
    view::Message,
};
use crate::{
    channel::ChannelId,
    chat::record::{Position, Record},
    house::channel_file::{Entry, Taken},
    limits,
    store::{Mark, NewRecord, Request},
    time::Millis,
};

/// Records that are being stored.
#[derive(Debug)]
pub(super) struct Importing {
    pub(super) request: RequestId,
    channel: ChannelId,
    entries: Vec<Imported>,
    /// What became of the others.
    taken: Taken,
}

#[derive(Debug)]
struct Imported {
    record: Record,
    recall: Option<Record>,
    kept: bool,
}

impl Node {
    pub(super) fn import(
        &mut self,
        now: Millis,
        request: RequestId,
        channel: ChannelId,
        records: Vec<Entry>,
    ) -> Result<(), Problem> {
        let of = self.joined(channel)?;
        if of.burning.is_on() {
            return Err(Problem::Burning);
        }
        let interval = of.interval(now);
        let mut taken = Taken::default();
        let mut entries = Vec::new();
        for (place, entry) in records.into_iter().enumerate() {
            let read = entry
                .read(now, channel)
                .filter(|_| place < limits::MAX_PAGE);
            let Some((record, recall)) = read else {
                taken.refuse(entry.line);
                continue;
            };
            let kept = entry.kept;
            if kept || interval.contains(record.position()) {
                entries.push(Imported {
                    record,
                    recall,
                    kept,
                });
            } else {
                taken.outside += 1;
            }
        }
        let records = entries.iter().flat_map(|entry| {
            let record = NewRecord {
                kept: entry.kept,
                ..NewRecord::of(&entry.record, Mark::None)
            };
            let recall = entry.recall.iter();
            // After what it recalls, which otherwise would not be taken.
            std::iter::once(record).chain(recall.map(|recall| NewRecord::of(recall, Mark::None)))
        });
        let records = records.collect();
        let importing = Importing {
            request,
            channel,
            entries,
            taken,
        };
        self.store(
            Request::Import { channel, records },
            Pending::Import(importing),
        );
        Ok(())
    }

    /// The store has taken records in, of which these are new.
    pub(super) fn imported(&mut self, now: Millis, importing: Importing, new: &[Position]) {
        let Importing {
            request,
            channel: id,
            entries,
            mut taken,
        } = importing;
        let is_new = |record: &Record| new.contains(&record.position());
        taken.new = entries.iter().filter(|entry| is_new(&entry.record)).count();
        taken.known = entries.len() - taken.new;
        let mut messages = Vec::new();
        if let Some(channel) = self.channels.get_mut(&id) {
            for position in new {
                channel.log.resume(*position);
            }
            let shown = entries.iter().filter(|entry| is_new(&entry.record));
            let shown = shown.filter(|entry| entry.record.body.recalls.is_none());
            messages.extend(shown.map(|entry| Message {
                kept: entry.kept,
                recalled: entry.recall.is_some(),
                ..channel.message(&entry.record, 0)
            }));
        }
        if !messages.is_empty() {
            self.outputs.push_back(Output::Event(Event::Messages {
                channel: id,
                messages,
            }));
        }
        let all = entries.iter().flat_map(|entry| {
            let recall = entry.recall.iter();
            std::iter::once(&entry.record).chain(recall)
        });
        let all: Vec<&Record> = all.filter(|record| is_new(record)).collect();
        self.add_texts(id, all.iter().copied());
        self.look_for_recalls(id, all);
        for entry in entries.iter().filter(|entry| is_new(&entry.record)) {
            if entry.recall.is_none() {
                self.fetch_pictures(now, id, &entry.record);
            }
        }
        let known = entries.iter().filter(|entry| !is_new(&entry.record));
        for entry in known.filter(|entry| entry.kept) {
            self.outputs.push_back(Output::Event(Event::Kept {
                channel: id,
                message: entry.record.id,
                kept: true,
            }));
        }
        self.with_channel(now, Some(id), |channel, tools| {
            channel.added(now, new.len());
            channel.tell_history(new, now);
            channel.settle(tools);
        });
        self.outputs.push_back(Output::Event(Event::Imported {
            request: Some(request),
            channel: id,
            taken,
        }));
    }
}
