//! An owner of a list, one who asks for it, and what goes on between them.

use std::collections::{BTreeMap, BTreeSet};

use catnest::{
    limits,
    music::{
        shelf::{
            Applied, OtherShelf, OwnShelf,
            message::{Ask, Change, Message, Part},
        },
        track::Track,
    },
    resource::ResourceId,
    time::Millis,
};

use crate::tracks::track;

/// Both ends of a link, over which whole messages go as bytes.
#[derive(Default)]
pub(crate) struct Ends {
    pub(crate) own: OwnShelf,
    pub(crate) other: OtherShelf,
    /// What the asker has, made of what it was told to change.
    pub(crate) list: BTreeMap<ResourceId, Track>,
    /// Tracks that were told since the list was begun, as they were told.
    told: BTreeMap<ResourceId, Track>,
    /// Changes that were told in all.
    pub(crate) changes: usize,
    /// Of them, tracks.
    pub(crate) puts: usize,
    stamp: u64,
}

impl Ends {
    /// A list of so many tracks, of which nobody knows.
    pub(crate) fn of(tracks: u32) -> Self {
        let mut ends = Self::default();
        for number in 0..tracks {
            ends.put(number);
        }
        ends
    }

    /// Puts a track into the own list in words that it never had.
    pub(crate) fn put(&mut self, number: u32) {
        self.stamp += 1;
        let stamped = Track {
            added: Millis(self.stamp),
            ..track(number)
        };
        assert_eq!(self.own.put(stamped), Ok(true));
    }

    pub(crate) fn remove(&mut self, number: u32) -> bool {
        self.own.remove(track(number).id)
    }

    /// The answer, as it arrives.
    pub(crate) fn answer(&self, ask: Ask) -> Part {
        let asked = Message::from_bytes(&Message::Ask(ask).to_bytes());
        assert_eq!(asked, Ok(Message::Ask(ask)));
        let bytes = Message::Part(self.own.answer(&ask)).to_bytes();
        assert!(bytes.len() <= limits::MAX_SHELF_PART_BYTES);
        match Message::from_bytes(&bytes) {
            Ok(Message::Part(part)) => part,
            other => panic!("{other:?}"),
        }
    }

    /// Takes in a part that is an answer, and checks that each track in it was needed.
    pub(crate) fn take(&mut self, part: Part) -> Applied {
        if part.fresh {
            self.told.clear();
        }
        let puts: Vec<Track> = part.changes.iter().filter_map(put).cloned().collect();
        self.changes += part.changes.len();
        self.puts += puts.len();
        for track in puts {
            let before = self.told.insert(track.id, track.clone());
            assert_ne!(before, Some(track), "told twice");
        }
        let applied = self.other.part(part);
        assert_eq!(applied.problem, None);
        self.apply(&applied);
        applied
    }

    /// Takes in a part that comes too late.
    pub(crate) fn take_late(&mut self, part: Part) {
        assert_eq!(self.other.part(part), Applied::default());
    }

    fn apply(&mut self, applied: &Applied) {
        for id in &applied.gone {
            assert!(self.list.remove(id).is_some(), "it was there");
        }
        for track in &applied.changed {
            self.list.insert(track.id, (**track).clone());
        }
        let known: BTreeSet<_> = self
            .list
            .keys()
            .filter(|id| self.other.contains(**id))
            .collect();
        assert_eq!(known.len(), self.list.len());
        assert_eq!(self.other.len(), self.list.len());
    }

    /// Asks until there is no more.
    ///
    /// # Returns
    /// How many parts that took.
    pub(crate) fn finish(&mut self, ask: Option<Ask>) -> usize {
        let mut ask = ask;
        let mut parts = 0;
        while let Some(asked) = ask {
            let part = self.answer(asked);
            let more = part.more;
            let applied = self.take(part);
            assert_eq!(applied.complete, !more);
            ask = applied.next;
            parts += 1;
        }
        parts
    }

    /// Hears of the newest version, and asks until there is no more.
    ///
    /// # Returns
    /// How many parts that took.
    pub(crate) fn catch_up(&mut self) -> usize {
        let ask = self.other.news(self.own.version());
        self.finish(ask)
    }

    /// Whether the asker knows all as it is.
    pub(crate) fn are_equal(&self) -> bool {
        self.list.values().eq(self.own.iter().map(|track| &**track))
    }
}

fn put(change: &Change) -> Option<&Track> {
    match change {
        Change::Put(track) => Some(track),
        Change::Gone(_) => None,
    }
}
