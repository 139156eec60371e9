//! How messages become rows: which begin a day, which begin what is unread, and which go on where the one above ended.

use std::{ops::Range, sync::Arc};

use catnest::{
    chat::record::RecordId,
    node::{Message, Place},
    time::Millis,
};

use crate::log::Log;

/// Messages of one author that follow each other this closely share one head.
const TOGETHER_MS: u64 = 5 * 60 * 1000;

/// A message and what stands above it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) message: Arc<Message>,
    /// It is the first of its day.
    pub(super) new_day: bool,
    /// It is the first that was unread when the channel was opened.
    pub(super) unread: bool,
    /// It has the author's name and picture: the one above is of somebody else, or of long before.
    pub(super) head: bool,
    /// It came after others that stand below it.
    pub(super) late: bool,
}

impl Row {
    /// Two rows with the same key look the same, but for what follows signals.
    pub(super) fn key(&self) -> (RecordId, [bool; 5]) {
        let marks = [
            self.new_day,
            self.unread,
            self.head,
            self.late,
            self.message.gap,
        ];
        (self.message.id, marks)
    }
}

/// The rows of a part of the log. `day` gives the number of the day of a time, in the device's time zone.
pub(super) fn rows(
    log: &Log,
    range: Range<usize>,
    divider: Option<Place>,
    day: impl Fn(Millis) -> i64,
) -> Vec<Row> {
    let before = range.start.saturating_sub(1);
    let context = log.slice(before..range.end);
    let mut above = (before < range.start).then(|| context.first()).flatten();
    let first = range.start - before;
    let messages = context.get(first..).unwrap_or_default();
    messages
        .iter()
        .map(|message| {
            let new_day = above.is_none_or(|above| day(above.time) != day(message.time));
            let unread = divider.is_some_and(|divider| match above {
                Some(above) => above.place() < divider && divider <= message.place(),
                // What comes before may be unread as well, and not loaded yet.
                None => divider == message.place(),
            });
            let follows = above.is_some_and(|above| {
                above.author == message.author
                    && above.name == message.name
                    && message.time.0.saturating_sub(above.time.0) <= TOGETHER_MS
            });
            above = Some(message);
            let late = log.is_late(message.id);
            Row {
                message: message.clone(),
                new_day,
                unread,
                // What stands between two messages, or is said of one, parts them.
                head: new_day || unread || late || message.gap || !follows,
                late,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use catnest::identity::Author;

    use super::*;

    const DAY_MS: u64 = 86_400_000;

    fn message(time: u64, author: u8) -> Message {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&time.to_be_bytes());
        Message {
            id: RecordId(id),
            time: Millis(time),
            author: Author([author; 32]),
            name: author.to_string(),
            avatar: None,
            mine: false,
            text: String::new(),
            files: Vec::new(),
            delivery: None,
            kept: false,
            recalled: false,
            after: None,
            gap: false,
            burning: false,
        }
    }

    /// One letter for each mark of each row: day, unread, head, late.
    fn marks(messages: &[Message], range: Range<usize>, divider: Option<usize>) -> Vec<String> {
        let mut log = Log::default();
        log.extend(messages.iter().cloned());
        let divider = divider.map(|at| messages[at].place());
        marks_in(&log, range, divider)
    }

    fn marks_in(log: &Log, range: Range<usize>, divider: Option<Place>) -> Vec<String> {
        rows(log, range, divider, |time| (time.0 / DAY_MS) as i64)
            .iter()
            .map(|row| {
                let marks = [
                    (row.new_day, 'd'),
                    (row.unread, 'u'),
                    (row.head, 'h'),
                    (row.late, 'l'),
                ];
                let set = marks.iter().filter(|(set, _)| *set);
                set.map(|(_, letter)| *letter).collect()
            })
            .collect()
    }

    #[test]
    fn heads_are_shared_by_one_author_within_five_minutes() {
        let messages = [
            message(0, 1),
            message(TOGETHER_MS, 1),
            message(2 * TOGETHER_MS + 1, 1),
            message(2 * TOGETHER_MS + 2, 2),
            message(DAY_MS - 1, 2),
            message(DAY_MS, 2),
        ];
        assert_eq!(
            marks(&messages, 0..6, None),
            ["dh", "", "h", "h", "h", "dh"]
        );
    }

    #[test]
    fn a_gap_and_what_came_late_part_messages_of_one_author() {
        let mut log = Log::default();
        let behind = Message {
            gap: true,
            ..message(3, 1)
        };
        log.extend([message(1, 1), behind, message(5, 1)]);
        log.extend_within(vec![message(2, 1)], false, false);
        assert_eq!(marks_in(&log, 0..4, None), ["dh", "hl", "h", ""]);
    }

    #[test]
    fn a_part_of_the_log_looks_as_it_does_within_the_whole() {
        let messages: Vec<_> = (0..20).map(|i| message(i * TOGETHER_MS, 1)).collect();
        let all = marks(&messages, 0..20, Some(7));
        assert_eq!(all[7], "uh");
        assert_eq!(all.iter().filter(|marks| marks.contains('u')).count(), 1);
        for start in 0..20 {
            assert_eq!(marks(&messages, start..20, Some(7)), all[start..]);
        }
        assert!(marks(&messages, 25..30, None).is_empty());
    }

    #[test]
    fn a_divider_before_what_is_loaded_is_not_shown() {
        let messages = [message(5, 1), message(6, 1)];
        let mut log = Log::default();
        log.extend(messages);
        let before = Some(message(1, 1).place());
        assert!(
            rows(&log, 0..2, before, |_| 0)
                .iter()
                .all(|row| !row.unread)
        );
        // One that is gone: the next has it.
        let gone = Place {
            time: Millis(5),
            id: RecordId([0xff; 32]),
        };
        let shown = rows(&log, 0..2, Some(gone), |_| 0);
        assert_eq!([shown[0].unread, shown[1].unread], [false, true]);
    }
}
