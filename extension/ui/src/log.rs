//! The part of a channel's log that a view has loaded: without gaps, in order, and mostly up to the newest message.

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use catnest::{
    chat::record::RecordId,
    node::{Delivery, Message, Place},
};

/// Messages are shared, so that showing some of them copies none.
#[derive(Default)]
pub(crate) struct Log {
    messages: Vec<Arc<Message>>,
    /// Those that came above others that were on view already.
    late: BTreeSet<RecordId>,
    /// What was on view, up to the newest of it.
    viewed: Option<Viewed>,
}

/// What comes within this comes late. Not what fills the log of who has just come in: there everything is of the past.
#[derive(Clone, Copy)]
struct Viewed {
    /// Without it, however old.
    from: Option<Place>,
    to: Place,
}

impl Log {
    /// A part that was read at once, in order.
    pub(crate) fn of(page: Vec<Message>) -> Self {
        let mut log = Self::default();
        log.extend_back(page);
        log
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    pub(crate) fn oldest(&self) -> Option<Place> {
        self.messages.first().map(|message| message.place())
    }

    pub(crate) fn newest(&self) -> Option<Place> {
        self.messages.last().map(|message| message.place())
    }

    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        self.messages.iter().map(|message| message.place())
    }

    /// The messages from one index up to another, as far as there are any.
    pub(crate) fn slice(&self, range: Range<usize>) -> &[Arc<Message>] {
        let end = range.end.min(self.messages.len());
        &self.messages[range.start.min(end)..end]
    }

    /// The index of the first message that stands at this place or after it.
    pub(crate) fn index_from(&self, place: Place) -> usize {
        self.messages
            .partition_point(|message| message.place() < place)
    }

    pub(crate) fn get(&self, place: Place) -> Option<&Arc<Message>> {
        let message = self.messages.get(self.index_from(place))?;
        (message.place() == place).then_some(message)
    }

    /// The messages after a place.
    pub(crate) fn after(&self, place: Place) -> &[Arc<Message>] {
        &self.messages[self
            .messages
            .partition_point(|message| message.place() <= place)..]
    }

    /// It came above others that were on view already.
    pub(crate) fn is_late(&self, id: RecordId) -> bool {
        self.late.contains(&id)
    }

    /// Takes in what was just said, was said while the engine was gone, or comes after what is loaded.
    pub(crate) fn extend(&mut self, messages: impl IntoIterator<Item = Message>) {
        self.take_in(messages);
        if let Some(to) = self.newest() {
            let from = self.viewed.map_or(self.oldest(), |viewed| viewed.from);
            self.viewed = Some(Viewed { from, to });
        }
    }

    /// Whether what stands there belongs to this part: if there are older messages that are not loaded, or newer ones, what is
    /// outside of those that are would make a gap, and comes with its page.
    pub(crate) fn covers(&self, place: Place, more: bool, later: bool) -> bool {
        (!more || self.oldest().is_some_and(|oldest| oldest <= place))
            && (!later || self.newest().is_some_and(|newest| place <= newest))
    }

    /// Takes in messages of the past, as far as this part covers them.
    pub(crate) fn extend_within(&mut self, mut messages: Vec<Message>, more: bool, later: bool) {
        messages.retain(|message| self.covers(message.place(), more, later));
        if let Some(Viewed { from, to }) = self.viewed {
            let within = |place: Place| from.is_none_or(|from| from < place) && place < to;
            let news = messages.iter().filter(|message| {
                let place = message.place();
                within(place) && self.get(place).is_none()
            });
            let news: Vec<RecordId> = news.map(|message| message.id).collect();
            self.late.extend(news);
        }
        self.take_in(messages);
    }

    /// Takes in messages, wherever they belong. Those that are there already are replaced.
    fn take_in(&mut self, messages: impl IntoIterator<Item = Message>) {
        let mut news = BTreeSet::new();
        for message in messages {
            let place = message.place();
            let at = self.index_from(place);
            news.insert(place);
            let message = Arc::new(message);
            match self.messages.get_mut(at) {
                Some(there) if there.place() == place => *there = message,
                _ => self.messages.insert(at, message),
            }
        }
        // What was missing before others has come.
        for message in &mut self.messages {
            if message.gap && message.after.is_some_and(|after| news.contains(&after)) {
                Arc::make_mut(message).gap = false;
            }
        }
    }

    /// Takes in a page of older messages, which come in order: one move of what is there, not one for each.
    pub(crate) fn extend_back(&mut self, page: Vec<Message>) {
        let older = self.oldest().map_or(page.len(), |oldest| {
            page.partition_point(|m| m.place() < oldest)
        });
        let sorted = page.is_sorted_by_key(Message::place);
        let mut page = page.into_iter();
        if sorted {
            self.messages
                .splice(0..0, page.by_ref().take(older).map(Arc::new));
        }
        self.take_in(page);
        if let Some(to) = self.newest() {
            self.viewed = Some(Viewed { from: None, to });
        }
    }

    /// Messages are gone. Says whether one of them was here.
    pub(crate) fn discard(&mut self, gone: &[RecordId]) -> bool {
        let gone: BTreeSet<_> = gone.iter().collect();
        let before = self.messages.len();
        self.messages.retain(|message| !gone.contains(&message.id));
        self.messages.len() != before
    }

    /// A message came further than before. Says whether it is here.
    pub(crate) fn deliver(&mut self, id: RecordId, delivery: Delivery) -> bool {
        self.change(id, |message| message.delivery = Some(delivery))
    }

    /// A message was taken back by its author. Says whether it is here.
    pub(crate) fn recall(&mut self, id: RecordId) -> bool {
        self.change(id, |message| message.recalled = true)
    }

    /// A message is to be kept, or not any more. Says whether it is here.
    pub(crate) fn keep(&mut self, id: RecordId, kept: bool) -> bool {
        self.change(id, |message| message.kept = kept)
    }

    fn change(&mut self, id: RecordId, change: impl FnOnce(&mut Message)) -> bool {
        // It is almost always one of the newest.
        let found = self.messages.iter_mut().rev().find(|m| m.id == id);
        found.map(Arc::make_mut).map(change).is_some()
    }
}

#[cfg(test)]
mod tests {
    use catnest::{identity::Author, time::Millis};

    use super::*;

    fn message(time: u64) -> Message {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&time.to_be_bytes());
        Message {
            id: RecordId(id),
            time: Millis(time),
            author: Author([1; 32]),
            name: "Ann".to_owned(),
            avatar: None,
            mine: false,
            text: time.to_string(),
            files: Vec::new(),
            delivery: None,
            kept: false,
            recalled: false,
            after: None,
            gap: false,
            burning: false,
        }
    }

    fn log(times: &[u64]) -> Log {
        let mut log = Log::default();
        log.extend(times.iter().copied().map(message));
        log
    }

    fn times(log: &Log) -> Vec<u64> {
        log.places().map(|place| place.time.0).collect()
    }

    #[test]
    fn messages_stand_in_order_once_however_they_come() {
        let mut log = log(&[5, 3, 9, 5, 1]);
        assert_eq!(times(&log), [1, 3, 5, 9]);
        log.extend_back(vec![message(0), message(1), message(2)]);
        assert_eq!(times(&log), [0, 1, 2, 3, 5, 9]);
        log.extend_back(Vec::new());
        assert!(!log.is_empty());
        let mut empty = Log::default();
        empty.extend_back(vec![message(2), message(1), message(3)]);
        assert_eq!(times(&empty), [1, 2, 3]);
    }

    #[test]
    fn messages_of_the_past_make_no_gap() {
        let past = || vec![message(1), message(4), message(9)];
        let mut part = log(&[3, 5]);
        part.extend_within(past(), true, false);
        assert_eq!(times(&part), [3, 4, 5, 9]);
        let mut far_back = log(&[3, 5]);
        far_back.extend_within(past(), true, true);
        assert_eq!(times(&far_back), [3, 4, 5]);
        let mut all = log(&[3, 5]);
        all.extend_within(past(), false, false);
        assert_eq!(times(&all), [1, 3, 4, 5, 9]);
        let mut nothing = Log::default();
        nothing.extend_within(past(), true, false);
        assert!(nothing.is_empty());
        nothing.extend_within(past(), false, false);
        assert_eq!(times(&nothing), [1, 4, 9]);
    }

    #[test]
    fn what_would_make_a_gap_is_not_covered() {
        let part = log(&[3, 5]);
        let empty = Log::default();
        for (log, time, more, later, covered) in [
            (&part, 2, true, false, false),
            (&part, 2, false, true, true),
            (&part, 3, true, true, true),
            (&part, 5, true, true, true),
            (&part, 6, true, false, true),
            (&part, 6, false, true, false),
            (&empty, 4, false, false, true),
            (&empty, 4, true, false, false),
            (&empty, 4, false, true, false),
        ] {
            let covers = log.covers(message(time).place(), more, later);
            assert_eq!(covers, covered, "{time}, {more}, {later}");
        }
    }

    #[test]
    fn places_find_their_messages() {
        let log = log(&[1, 3, 5]);
        let place = message(3).place();
        assert_eq!(log.index_from(place), 1);
        assert_eq!(log.get(place).map(|m| m.time.0), Some(3));
        assert_eq!(log.after(place).len(), 1);
        assert!(log.get(message(4).place()).is_none());
        assert_eq!(log.slice(2..9).len(), 1);
        assert_eq!(log.slice(7..9).len(), 0);
    }

    #[test]
    fn a_delivery_reaches_its_message_only() {
        let mut log = log(&[1, 3]);
        assert!(log.deliver(message(3).id, Delivery::Sent));
        assert!(!log.deliver(message(4).id, Delivery::Sent));
        let deliveries: Vec<_> = log.slice(0..2).iter().map(|m| m.delivery).collect();
        assert_eq!(deliveries, [None, Some(Delivery::Sent)]);
    }

    #[test]
    fn what_comes_above_what_was_on_view_comes_late() {
        let late = |log: &Log| -> Vec<u64> {
            let all = log.slice(0..99).iter();
            all.filter(|m| log.is_late(m.id))
                .map(|m| m.time.0)
                .collect()
        };
        // A log that was opened, and to which more was said.
        let mut opened = Log::default();
        opened.extend_back(vec![message(3), message(5)]);
        opened.extend([message(7)]);
        opened.extend_within(
            vec![message(1), message(5), message(6), message(9)],
            false,
            false,
        );
        assert_eq!(late(&opened), [1, 6]);
        // Somebody who has just come in: the past comes in no order, around what is said meanwhile.
        let mut new = Log::default();
        new.extend_back(Vec::new());
        new.extend_within(vec![message(4), message(2)], false, false);
        new.extend_within(vec![message(3)], false, false);
        assert!(late(&new).is_empty());
        new.extend([message(8)]);
        new.extend_within(vec![message(1), message(6)], false, false);
        assert_eq!(late(&new), [6]);
    }

    #[test]
    fn a_gap_closes_when_what_was_missing_comes() {
        let mut log = log(&[1, 9]);
        let behind = |time, missing| Message {
            after: Some(message(missing).place()),
            gap: true,
            ..message(time)
        };
        log.extend_back(vec![behind(5, 4), behind(7, 6)]);
        let gaps = |log: &Log| -> Vec<u64> {
            let all = log.slice(0..99).iter();
            all.filter(|m| m.gap).map(|m| m.time.0).collect()
        };
        assert_eq!(gaps(&log), [5, 7]);
        log.extend_within(vec![message(4)], false, false);
        assert_eq!(gaps(&log), [7]);
        log.extend([message(6)]);
        assert!(gaps(&log).is_empty());
    }

    #[test]
    fn what_is_discarded_is_gone_and_the_rest_stays() {
        let mut log = log(&[1, 3, 5, 7]);
        assert!(log.discard(&[message(3).id, message(7).id, message(8).id]));
        assert_eq!(times(&log), [1, 5]);
        assert!(!log.discard(&[message(3).id]));
    }

    #[test]
    fn recalls_and_marks_reach_their_message_only() {
        let mut log = log(&[1, 3, 5]);
        assert!(log.recall(message(3).id));
        assert!(log.keep(message(5).id, true));
        assert!(!log.recall(message(4).id) && !log.keep(message(4).id, true));
        let marks = |log: &Log| -> Vec<_> {
            let all = log.slice(0..9).iter();
            all.map(|m| (m.recalled, m.kept)).collect()
        };
        assert_eq!(marks(&log), [(false, false), (true, false), (false, true)]);
        assert!(log.keep(message(5).id, false));
        assert_eq!(marks(&log)[2], (false, false));
    }
}
