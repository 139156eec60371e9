//! A channel's log is written as a file, a part at a time ([`crate::house::channel_file`]).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Node, Output, RequestId,
    command::ExportCursor,
    event::{Event, Problem},
    pending::Pending,
};
use crate::{
    channel::ChannelId,
    chat::record::{Position, Record, RecordId},
    house::channel_file::{self, Header, Part},
    identity::Author,
    limits,
    store::{Request, StoredRecord},
    time::Millis,
};

/// A part that is being read.
#[derive(Debug)]
pub(super) struct Exporting {
    pub(super) request: RequestId,
    channel: ChannelId,
    part: Part,
    from: Option<ExportCursor>,
}

impl Node {
    pub(super) fn export(
        &mut self,
        request: RequestId,
        channel: ChannelId,
        part: Part,
        from: Option<ExportCursor>,
    ) -> Result<(), Problem> {
        self.joined(channel)?;
        let before = from.map(|from| from.before.into());
        // One more than is written tells whether there are older ones.
        let limit = limits::EXPORT_AT_ONCE + 1;
        let load = match part {
            Part::All => Request::LoadPage {
                channel,
                before,
                limit,
            },
            Part::Marked => Request::LoadKept {
                channel,
                before,
                limit,
            },
        };
        let exporting = Exporting {
            request,
            channel,
            part,
            from,
        };
        self.store(load, Pending::Export(exporting));
        Ok(())
    }

    /// The store has read records for a part.
    pub(super) fn exported(
        &mut self,
        now: Millis,
        exporting: Exporting,
        mut page: Vec<StoredRecord>,
    ) {
        let Exporting {
            request,
            channel,
            part,
            from,
        } = exporting;
        let Some(of) = self.channels.get(&channel) else {
            return self.refuse(request, Problem::NotJoined);
        };
        let more = cut(&mut page);
        let oldest = page.last().map(|stored| stored.position);
        let mut text = String::new();
        if from.is_none() {
            text += &Header::new(&of.entry.address, part, now).to_line();
        }
        let lines = lines(part, page);
        let written = from.map_or(0, |from| from.records);
        let records = written + lines.len() as u64;
        text.extend(lines);
        let next = oldest.filter(|_| more).map(|oldest| ExportCursor {
            before: oldest.into(),
            records,
        });
        if next.is_none() {
            text += &channel_file::end_line(records);
        }
        self.outputs.push_back(Output::Event(Event::Exported {
            request: Some(request),
            channel,
            text,
            records,
            next,
        }));
    }
}

/// Cuts a page, newest first, to what is written at once; true if there is more. A message and its recall stand at the same
/// time, and so all of one time stays together, unless that is more than a page.
fn cut(page: &mut Vec<StoredRecord>) -> bool {
    let Some(over) = page.get(limits::EXPORT_AT_ONCE) else {
        return false;
    };
    let time = over.position.time;
    page.truncate(limits::EXPORT_AT_ONCE);
    let whole = page.partition_point(|stored| stored.position.time > time);
    if whole > 0 {
        page.truncate(whole);
    }
    true
}

/// The lines of a page. One that cannot be read any more is left out.
fn lines(part: Part, page: Vec<StoredRecord>) -> Vec<String> {
    let read = |stored: StoredRecord| {
        let (kept, recalled) = (stored.kept, stored.recalled);
        let record = Record::from_store(stored.bytes).ok()?;
        Some((record, kept, recalled))
    };
    let page: Vec<(Record, bool, bool)> = page.into_iter().filter_map(read).collect();
    let recalls: BTreeMap<(Position, Author), &Record> = page
        .iter()
        .filter_map(|(record, ..)| Some(((record.recalled()?, record.body.author), record)))
        .collect();
    let recall_of = |record: &Record| recalls.get(&(record.position(), record.body.author));
    let recalled = page.iter().filter(|(_, _, recalled)| *recalled);
    let told: BTreeSet<RecordId> = recalled
        .filter_map(|(record, ..)| Some(recall_of(record)?.id))
        .collect();
    let line = |(record, kept, recalled): &(Record, bool, bool)| match recall_of(record) {
        _ if !recalled => channel_file::message_line(record, *kept),
        Some(recall) if part == Part::All => channel_file::recalled_line(record, *kept, recall),
        _ => channel_file::unsaid_line(record, *kept),
    };
    // What recalls a message is in its line.
    let rest = page
        .iter()
        .filter(|(record, ..)| !told.contains(&record.id));
    rest.map(line).collect()
}
