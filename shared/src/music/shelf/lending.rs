//! Which neighbours ask for the own list, and what each of them is owed.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{
    OwnShelf,
    message::{Ask, Message, News, Part, Version},
};
use crate::{limits, rate::Bucket, time::Millis, wire::Run};

/// The neighbours of one nest that asked for this device's list.
///
/// Only who asks is told anything: parts, one for each question, and between two questions at most once that there is news. A
/// neighbour that asks more than [`limits::SHELF_ASKS`] waits longer for its answers; of its questions the last one counts.
#[derive(Clone, Debug, Default)]
pub struct Lending {
    borrowers: BTreeMap<Run, Borrower>,
}

#[derive(Clone, Debug)]
struct Borrower {
    asks: Bucket,
    /// What it asked last.
    ask: Ask,
    standing: Standing,
}

#[derive(Clone, Copy, Debug)]
enum Standing {
    /// Its question is answered then.
    Asks(Millis),
    /// It got a part, and will ask for the next one.
    Reads,
    /// It was told all until this version.
    Knows(Version),
    /// It was told since that there is news.
    Told,
    /// It is told so then.
    Missed(Millis),
}

impl Lending {
    /// Nobody asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A neighbour asks.
    ///
    /// # Returns
    /// What it is answered; if nothing, that comes from [`Lending::wake`] later.
    pub fn asked(&mut self, now: Millis, who: Run, ask: Ask, shelf: &OwnShelf) -> Option<Part> {
        // Neighbours that are gone are not kept; so many there are not.
        let full = self.borrowers.len() >= 4 * limits::MAX_LINKS;
        let borrower = match self.borrowers.entry(who) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(_) if full => return None,
            Entry::Vacant(new) => new.insert(Borrower {
                asks: Bucket::new(now, limits::SHELF_ASKS),
                ask,
                standing: Standing::Reads,
            }),
        };
        borrower.ask = ask;
        if let Standing::Asks(_) = borrower.standing {
            return None;
        }
        borrower.answer(now, shelf)
    }

    /// The own list has changed.
    ///
    /// # Returns
    /// Who hears of it.
    pub fn changed(&mut self, shelf: &OwnShelf) -> Vec<(Run, News)> {
        let version = shelf.version();
        let mut told = Vec::new();
        for (who, borrower) in &mut self.borrowers {
            if let Standing::Knows(known) = borrower.standing
                && known < version
            {
                borrower.standing = Standing::Told;
                told.push((*who, News { version }));
            }
        }
        told
    }

    /// A link had no room for what was to be said: it is said again soon.
    pub fn unheard(&mut self, now: Millis, who: Run) {
        let again = now + limits::SAY_AGAIN;
        if let Some(borrower) = self.borrowers.get_mut(&who) {
            borrower.standing = match borrower.standing {
                Standing::Told | Standing::Missed(_) => Standing::Missed(again),
                Standing::Asks(at) => Standing::Asks(at.max(again)),
                Standing::Reads | Standing::Knows(_) => Standing::Asks(again),
            };
        }
    }

    /// A neighbour is gone.
    pub fn parted(&mut self, who: Run) {
        self.borrowers.remove(&who);
    }

    /// When [`Lending::wake`] is due.
    pub fn deadline(&self) -> Option<Millis> {
        let due = |borrower: &Borrower| match borrower.standing {
            Standing::Asks(at) | Standing::Missed(at) => Some(at),
            Standing::Reads | Standing::Knows(_) | Standing::Told => None,
        };
        self.borrowers.values().filter_map(due).min()
    }

    /// The time has come for something.
    ///
    /// # Returns
    /// What is to be sent.
    pub fn wake(&mut self, now: Millis, shelf: &OwnShelf) -> Vec<(Run, Message)> {
        let mut sent = Vec::new();
        for (who, borrower) in &mut self.borrowers {
            match borrower.standing {
                Standing::Asks(at) if at <= now => {
                    let part = borrower.answer(now, shelf);
                    sent.extend(part.map(|part| (*who, Message::Part(part))));
                }
                Standing::Missed(at) if at <= now => {
                    let version = shelf.version();
                    borrower.standing = Standing::Told;
                    sent.push((*who, Message::News(News { version })));
                }
                _ => {}
            }
        }
        sent
    }
}

impl Borrower {
    /// Answers, or says when that will be.
    fn answer(&mut self, now: Millis, shelf: &OwnShelf) -> Option<Part> {
        if !self.asks.take(now, 1) {
            self.standing = Standing::Asks(self.asks.free_at(now, 1));
            return None;
        }
        let part = shelf.answer(&self.ask);
        self.standing = if part.more {
            Standing::Reads
        } else {
            Standing::Knows(part.known.tracks)
        };
        Some(part)
    }
}
