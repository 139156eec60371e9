//! How much one author may say, over whichever links it comes.
//!
//! A link bounds what one neighbour sends; an author may send over many, and those who pass it on are not to blame. So the
//! records of an author that are new here are counted by the minute that they claim to be of. That is signed: nobody brings
//! another under suspicion by sending old records of theirs all at once, or again and again, and it comes to the same
//! whether they come live or with the history.

use std::collections::{BTreeMap, VecDeque};

use crate::{identity::Author, limits, time::Millis};

const MINUTE_MS: u64 = 60_000;
/// Minutes of one author that are counted at a time: what comes is mostly of one after the other.
const MINUTES: usize = 8;

/// What a channel's authors said lately.
#[derive(Debug, Default)]
pub struct Intake {
    /// How many records came of each minute; the minute that was counted last is the last.
    authors: BTreeMap<Author, VecDeque<(u64, u32)>>,
}

impl Intake {
    /// Whether an author may say more in the minute of this time.
    pub fn has_room(&self, author: Author, time: Millis) -> bool {
        let minutes = self.authors.get(&author).into_iter().flatten();
        let of = |&&(minute, _): &&(u64, u32)| minute == time.0 / MINUTE_MS;
        let count = minutes.filter(of).map(|(_, count)| *count).sum::<u32>();
        count < limits::MAX_AUTHOR_MINUTE
    }

    /// Counts a record that is new here. What comes again does not count again.
    pub fn count(&mut self, author: Author, time: Millis) {
        if self.authors.len() >= limits::MAX_MEMBERS && !self.authors.contains_key(&author) {
            // So many at once: nobody is one of few who could be told from the others.
            self.authors.clear();
        }
        let minutes = self.authors.entry(author).or_default();
        let minute = time.0 / MINUTE_MS;
        let known = minutes.iter().position(|(counted, _)| *counted == minute);
        let count = known
            .and_then(|index| minutes.remove(index))
            .map_or(1, |(_, count)| count.saturating_add(1));
        if minutes.len() >= MINUTES {
            minutes.pop_front();
        }
        minutes.push_back((minute, count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn author(number: u16) -> Author {
        let mut key = [0; 32];
        key[..2].copy_from_slice(&number.to_be_bytes());
        Author(key)
    }

    #[test]
    fn an_author_says_so_much_in_a_minute_and_no_more() {
        let mut intake = Intake::default();
        let most = u64::from(limits::MAX_AUTHOR_MINUTE);
        for minute in [5, 3, 4] {
            for number in 0..most {
                let time = Millis(minute * MINUTE_MS + number);
                assert!(intake.has_room(author(0), time));
                intake.count(author(0), time);
            }
            assert!(!intake.has_room(author(0), Millis(minute * MINUTE_MS)));
        }
        assert!(!intake.has_room(author(0), Millis(5 * MINUTE_MS + 1)));
        assert!(intake.has_room(author(1), Millis(5 * MINUTE_MS)));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut intake = Intake::default();
        for number in 0..10_000 {
            for minute in 0..20 {
                intake.count(author(number), Millis(minute * MINUTE_MS));
            }
            assert!(intake.authors.len() <= limits::MAX_MEMBERS);
            assert!(intake.authors[&author(number)].len() <= MINUTES);
        }
    }
}
