//! Recalls: an author takes a message back.

use super::{
    Node, RequestId,
    channel::Channel,
    event::{Event, Problem},
    pending::Pending,
    view::Place,
};
use crate::{
    channel::ChannelId,
    chat::record::{Position, Record},
    store::{Mark, NewRecord, Request, StoredRecord},
    time::Millis,
};

/// A message of this member that is to be recalled.
#[derive(Debug)]
pub(super) struct Recalling {
    pub(super) request: RequestId,
    pub(super) channel: ChannelId,
}

impl Channel {
    /// A message was recalled: it is neither offered nor new any more.
    fn recalled(&mut self, position: Position) {
        let channel = self.id();
        self.recent.forget(position.id);
        self.unsent.acknowledge(position.id);
        self.tell(Event::Recalled {
            channel,
            message: position.id,
        });
        if self.unread.remove(position) {
            self.tell(self.unread_event());
        }
    }
}

impl Node {
    /// Recalls a message, if it is here and this member's.
    pub(super) fn recall(
        &mut self,
        request: RequestId,
        channel: ChannelId,
        message: Place,
    ) -> Result<(), Problem> {
        self.joined(channel)?;
        let load = Request::LoadRecords {
            channel,
            positions: vec![message.into()],
        };
        let recalling = Recalling { request, channel };
        self.store(load, Pending::FindRecalled(recalling));
        Ok(())
    }

    /// The store has the message that is to be recalled, or not.
    pub(super) fn found_recalled(&mut self, recalling: &Recalling, found: Vec<StoredRecord>) {
        let &Recalling { request, channel } = recalling;
        let found = found.into_iter().next();
        let record = found.and_then(|found| Record::from_store(found.bytes).ok());
        if let Err(problem) = self.write_recall(request, channel, record) {
            self.refuse(request, problem);
        }
    }

    fn write_recall(
        &mut self,
        request: RequestId,
        id: ChannelId,
        recalled: Option<Record>,
    ) -> Result<(), Problem> {
        let channel = self.joined(id)?;
        if channel.burning.is_on() {
            return Err(Problem::Burning);
        }
        let recalled = recalled
            .filter(|record| record.body.author == channel.author && record.body.recalls.is_none())
            .ok_or(Problem::NoMessage)?;
        if !channel.unsent.has_room() {
            return Err(Problem::OutboxFull);
        }
        let me = &channel.me;
        let record = Record::recall(&me.key, id, recalled.position(), &me.profile.name);
        channel.log.take_own(&record);
        channel.unsent.reserve(&record);
        let append = Request::Append {
            channel: id,
            record: NewRecord::of(&record, Mark::Unsent),
        };
        let pending = Pending::Say {
            request,
            channel: id,
            record,
        };
        self.store(append, pending);
        Ok(())
    }

    /// Records were stored: what they recall is looked at. Whether they are of its author, only the store can tell.
    pub(super) fn look_for_recalls<'r>(
        &mut self,
        channel: ChannelId,
        records: impl IntoIterator<Item = &'r Record>,
    ) {
        let recalled = records.into_iter().filter_map(Record::recalled);
        let recalled: Vec<Position> = recalled.collect();
        if recalled.is_empty() {
            return;
        }
        let load = Request::LoadRecalled {
            channel,
            positions: recalled,
        };
        self.store(load, Pending::Recalls(channel));
    }

    /// These are here, and were recalled by their authors.
    pub(super) fn recalls_found(
        &mut self,
        now: Millis,
        channel: ChannelId,
        recalled: &[StoredRecord],
    ) {
        let recalled: Vec<Position> = recalled.iter().map(|record| record.position).collect();
        self.remove_texts(channel, &recalled);
        self.with_channel(now, Some(channel), |channel, _| {
            for position in recalled {
                channel.recalled(position);
            }
        });
    }
}
