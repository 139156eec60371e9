//! One neighbour's list, as far as it was told.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::Arc,
};

use super::message::{Ask, Change, Known, Part, Version};
use crate::{limits, music::track::Track, resource::ResourceId};

/// What is known of one neighbour's list: which tracks, and how far. The tracks themselves are what [`Applied`] hands on.
///
/// There is one question at a time. Each part has to be an answer to one, has to go on where the last one ended, and the list has
/// to end within its limits; who breaks that is not asked again, and what it told before stays ([`OtherShelf::given_up`]).
///
/// A list that its owner begins anew, because too much of it went, replaces what was known when all of it was told, not before:
/// nothing disappears to come back at once (M18).
#[derive(Clone, Debug, Default)]
pub struct OtherShelf {
    /// What is known, and how many bytes each takes.
    held: BTreeMap<ResourceId, usize>,
    /// Of these, what was not told again since the list began anew.
    untold: BTreeSet<ResourceId>,
    /// What all but those take.
    bytes: usize,
    known: Option<Known>,
    /// The question that is to be answered.
    asked: Option<u32>,
    number: u32,
    /// Questions that were asked again in other words: an answer may be on its way.
    stale: u32,
    /// The newest version that there was news of.
    news: Version,
    /// What was told since all was known.
    told: usize,
    whole: bool,
    given_up: Option<ShelfError>,
}

/// What came of a part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Tracks that are new, or told again, perhaps in other words.
    pub changed: Vec<Arc<Track>>,
    /// Tracks that are in the list no more.
    pub gone: Vec<ResourceId>,
    /// What to ask next.
    pub next: Option<Ask>,
    /// All of the list is known now.
    pub complete: bool,
    /// What was wrong. What came before it in the part holds.
    pub problem: Option<ShelfError>,
}

/// What is wrong with what a neighbour tells of its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShelfError {
    /// Nobody asked for it.
    #[error("a part of a list came that was not asked for")]
    Unasked,
    /// It does not begin where it was asked for.
    #[error("the list does not begin at its beginning")]
    NoBeginning,
    /// It goes back, or stays where it is and yet has more.
    #[error(
        "the list was known up to {} and goes on at {}", .from.tracks.0, .to.tracks.0
    )]
    Back {
        /// What was known.
        from: Known,
        /// What is said to be known with the part.
        to: Known,
    },
    /// More than [`limits::MAX_SHELF_TRACKS`].
    #[error(
        "a list has at most {} tracks; this one has more",
        limits::MAX_SHELF_TRACKS
    )]
    TooMany,
    /// More than [`limits::MAX_SHELF_BYTES`].
    #[error(
        "a list has at most {} bytes; this one has more",
        limits::MAX_SHELF_BYTES
    )]
    TooLarge,
    /// More than [`limits::MAX_SHELF_CHANGES`], and still not all of it.
    #[error(
        "the list does not come to an end within {} changes",
        limits::MAX_SHELF_CHANGES
    )]
    Endless,
}

impl OtherShelf {
    /// Nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// The link is up, or was rerouted, or had no room for the last question: asks, from what is known on.
    ///
    /// # Returns
    /// None if the neighbour is not asked any more.
    pub fn begin(&mut self) -> Option<Ask> {
        if self.given_up.is_some() {
            return None;
        }
        if self.asked.is_some() {
            self.stale = self.stale.saturating_add(1);
        }
        Some(self.ask())
    }

    /// The neighbour says that its list has changed.
    ///
    /// # Returns
    /// What to ask; none if that is known, or asked already.
    pub fn news(&mut self, version: Version) -> Option<Ask> {
        if self.given_up.is_some() {
            return None;
        }
        if self.asked.is_some() {
            self.news = self.news.max(version);
            return None;
        }
        // Who was not asked yet has nothing to say.
        let known = self.known?;
        (version > known.tracks).then(|| self.ask())
    }

    /// A part of it came.
    pub fn part(&mut self, part: Part) -> Applied {
        let mut applied = Applied::default();
        if self.given_up.is_some() {
            return applied;
        }
        if self.asked != Some(part.number) {
            match self.stale.checked_sub(1) {
                Some(stale) => self.stale = stale,
                None => applied.problem = Some(ShelfError::Unasked),
            }
            return applied;
        }
        self.asked = None;
        let more = part.more;
        if let Err(problem) = self.apply(part, &mut applied) {
            self.given_up = Some(problem);
            applied.problem = Some(problem);
            return applied;
        }
        if more {
            applied.next = Some(self.ask());
            return applied;
        }
        for id in mem::take(&mut self.untold) {
            self.held.remove(&id);
            applied.gone.push(id);
        }
        self.told = 0;
        self.whole = true;
        applied.complete = true;
        // News of what the part could not have yet; believed once, since it may be of anything.
        let news = mem::take(&mut self.news);
        if self.known.is_some_and(|known| news > known.tracks) {
            applied.next = Some(self.ask());
        }
        applied
    }

    /// How many tracks are known.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether a track is in the list.
    pub fn contains(&self, id: ResourceId) -> bool {
        self.held.contains_key(&id)
    }

    /// Whether all of the list was known at some time, and is kept up to date since.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Why the neighbour is not asked any more, if so.
    pub fn given_up(&self) -> Option<ShelfError> {
        self.given_up
    }

    fn ask(&mut self) -> Ask {
        self.number = self.number.wrapping_add(1);
        self.asked = Some(self.number);
        Ask {
            number: self.number,
            since: self.known,
        }
    }

    /// Takes in what a part has, up to what is wrong with it.
    fn apply(&mut self, part: Part, applied: &mut Applied) -> Result<(), ShelfError> {
        let to = part.known;
        match self.known {
            _ if part.fresh => {
                self.untold = self.held.keys().copied().collect();
                self.bytes = 0;
            }
            Some(from) if to.tracks < from.tracks || to.gone < from.gone => {
                return Err(ShelfError::Back { from, to });
            }
            Some(from) if part.more && to.tracks == from.tracks => {
                return Err(ShelfError::Back { from, to });
            }
            Some(_) => {}
            None => return Err(ShelfError::NoBeginning),
        }
        // A part counts though it has nothing in it.
        self.told += part.changes.len().max(1);
        for change in part.changes {
            match change {
                Change::Put(track) => self.put(track, applied)?,
                Change::Gone(id) => self.gone(id, applied),
            }
        }
        self.known = Some(to);
        if part.more && self.told > limits::MAX_SHELF_CHANGES {
            return Err(ShelfError::Endless);
        }
        Ok(())
    }

    fn put(&mut self, track: Track, applied: &mut Applied) -> Result<(), ShelfError> {
        let id = track.id;
        let bytes = track.to_bytes().len();
        let counts = !self.untold.contains(&id);
        let before = self.held.get(&id).copied().filter(|_| counts);
        let others = self.bytes - before.unwrap_or(0);
        let tracks = self.held.len() - self.untold.len();
        if before.is_none() && tracks >= limits::MAX_SHELF_TRACKS {
            return Err(ShelfError::TooMany);
        }
        if others + bytes > limits::MAX_SHELF_BYTES {
            return Err(ShelfError::TooLarge);
        }
        self.bytes = others + bytes;
        self.untold.remove(&id);
        self.held.insert(id, bytes);
        applied.changed.push(Arc::new(track));
        Ok(())
    }

    fn gone(&mut self, id: ResourceId, applied: &mut Applied) {
        let Some(bytes) = self.held.remove(&id) else {
            return;
        };
        if !self.untold.remove(&id) {
            self.bytes -= bytes;
        }
        applied.gone.push(id);
    }
}
