//! The part of a channel's log that a view has loaded: without gaps, in order, up to the newest message.

use std::{ops::Range, sync::Arc};

use catnest::{
    chat::record::RecordId,
    node::{Delivery, Message, Place},
};

/// Messages are shared, so that showing some of them copies none.
#[derive(Default)]
pub(crate) struct Log(Vec<Arc<Message>>);

impl Log {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn oldest(&self) -> Option<Place> {
        self.0.first().map(|message| message.place())
    }

    pub(crate) fn newest(&self) -> Option<Place> {
        self.0.last().map(|message| message.place())
    }

    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        self.0.iter().map(|message| message.place())
    }

    /// The messages from one index up to another, as far as there are any.
    pub(crate) fn slice(&self, range: Range<usize>) -> &[Arc<Message>] {
        let end = range.end.min(self.0.len());
        &self.0[range.start.min(end)..end]
    }

    /// The index of the first message that stands at this place or after it.
    pub(crate) fn index_from(&self, place: Place) -> usize {
        self.0.partition_point(|message| message.place() < place)
    }

    pub(crate) fn get(&self, place: Place) -> Option<&Arc<Message>> {
        let message = self.0.get(self.index_from(place))?;
        (message.place() == place).then_some(message)
    }

    /// The messages after a place.
    pub(crate) fn after(&self, place: Place) -> &[Arc<Message>] {
        &self.0[self.0.partition_point(|message| message.place() <= place)..]
    }

    /// Takes in messages, wherever they belong. Those that are there already are replaced.
    pub(crate) fn extend(&mut self, messages: impl IntoIterator<Item = Message>) {
        for message in messages {
            let place = message.place();
            let at = self.index_from(place);
            if self.0.get(at).is_some_and(|there| there.place() == place) {
                self.0[at] = Arc::new(message);
            } else {
                self.0.insert(at, Arc::new(message));
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
            self.0.splice(0..0, page.by_ref().take(older).map(Arc::new));
        }
        self.extend(page);
    }

    /// A message came further than before. Says whether it is here.
    pub(crate) fn deliver(&mut self, id: RecordId, delivery: Delivery) -> bool {
        // It is almost always one of the newest.
        match self.0.iter_mut().rev().find(|message| message.id == id) {
            Some(message) => {
                Arc::make_mut(message).delivery = Some(delivery);
                true
            }
            None => false,
        }
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
            mine: false,
            text: time.to_string(),
            files: Vec::new(),
            delivery: None,
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
}
