//! The lists of one nest as one: a row for each track, however many have it.
//!
//! It is made of this device's list, of those of neighbours that are there, by [`Run`], and of those of members who are gone,
//! by [`Author`], if they are kept (M2, M11). A member who is back has both while the new list is on its way: what is there
//! counts before what was kept, and once all of it is known the kept one is dropped.
//!
//! # Whose words a row shows
//! Its own, then those that most holders use, each member counted once, and of words that as many use those of the smallest
//! author: whatever order lists came in, a row says the same. When a track came into a list is not counted as words; of others'
//! lists that say the same one value is kept, with the time at which one of them had it.

mod entry;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::Bound::{Excluded, Unbounded},
    sync::Arc,
};

use self::entry::Entry;
use super::{Applied, OwnShelf};
use crate::{
    identity::Author,
    limits,
    music::{ban::BanTable, track::Track},
    resource::ResourceId,
    wire::Run,
};

/// The merged list of one nest.
#[derive(Clone, Debug, Default)]
pub struct Library {
    rows: BTreeMap<ResourceId, Entry>,
    /// Neighbours that told of their lists, and whether all of it was told.
    live: BTreeMap<Run, bool>,
    /// Members whose lists are kept, and how many tracks of each; the one that was kept first in front.
    cached: VecDeque<(Author, usize)>,
    bans: BanTable,
}

/// One track as views show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What is said of it.
    pub track: Arc<Track>,
    /// It is on this device's list.
    pub mine: bool,
    /// On whose lists it is besides, each member once, in the order of authors.
    pub holders: Vec<Holder>,
    /// The ban table has it: neither played nor shown.
    pub banned: bool,
}

/// Somebody on whose list a track is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holder {
    /// The member.
    pub author: Author,
    /// It is not there; what is known of its list was kept.
    pub cached: bool,
}

/// What of a library is another than before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// Rows that are new, or show something else.
    pub changed: BTreeSet<ResourceId>,
    /// Rows that are no more.
    pub gone: BTreeSet<ResourceId>,
    /// Members whose lists are not kept any more, because there are too many.
    pub forgotten: Vec<Author>,
}

impl Delta {
    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.gone.is_empty() && self.forgotten.is_empty()
    }
}

impl Library {
    /// An empty one.
    pub fn new(bans: BanTable) -> Self {
        Self {
            bans,
            ..Self::default()
        }
    }

    /// How many rows there are, banned ones included.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// One row.
    pub fn row(&self, id: ResourceId) -> Option<Row> {
        self.rows.get(&id).and_then(Entry::row)
    }

    /// What is shown of a track.
    pub fn track(&self, id: ResourceId) -> Option<&Arc<Track>> {
        self.rows.get(&id).and_then(Entry::shown)
    }

    /// Rows in the order of their ids.
    pub fn page(&self, after: Option<ResourceId>, limit: usize) -> Vec<Row> {
        let begin = after.map_or(Unbounded, Excluded);
        let rows = self.rows.range((begin, Unbounded));
        rows.filter_map(|(_, entry)| entry.row())
            .take(limit)
            .collect()
    }

    /// How long a file may be that is a track's cover or lyrics; none if it is neither. Takes time for each row.
    pub fn most_beside(&self, id: ResourceId) -> Option<u64> {
        let tracks = self.rows.values().filter_map(Entry::shown);
        let most = tracks.filter_map(|track| {
            let is_cover = track.cover.as_ref().is_some_and(|cover| cover.id == id);
            let cover = is_cover.then_some(limits::MAX_COVER_BYTES);
            let is_lyrics = track.lyrics == Some(id);
            cover.or(is_lyrics.then_some(limits::MAX_TEXT_FILE_BYTES as u64))
        });
        most.max()
    }

    /// What a member's list has, in its own words: the one of a neighbour that is there, or the one that was kept.
    pub fn list_of(&self, author: Author) -> impl Iterator<Item = &Arc<Track>> {
        let said = move |entry| Entry::said_by(entry, author);
        self.rows.values().filter_map(said)
    }

    /// Whether the ban table has a track; none has what is in no list.
    pub fn banned(&self, id: ResourceId) -> bool {
        self.rows.get(&id).is_some_and(Entry::banned)
    }

    /// Whether a track of the list can be played: not banned, and here or with somebody who is there.
    pub fn playable(&self, id: ResourceId, here: bool) -> bool {
        let can = |entry: &Entry| !entry.banned() && (here || entry.has_live_holder());
        self.rows.get(&id).is_some_and(can)
    }

    /// Tracks came into this device's list, changed, or went.
    pub fn own_changed(
        &mut self,
        shelf: &OwnShelf,
        ids: impl IntoIterator<Item = ResourceId>,
    ) -> Delta {
        let mut delta = Delta::default();
        for id in ids {
            let track = shelf.get(id).cloned();
            self.change(id, &mut delta, |entry| entry.set_mine(track));
        }
        delta
    }

    /// A neighbour told of its list.
    pub fn told(&mut self, who: Run, applied: &Applied) -> Delta {
        let mut delta = Delta::default();
        *self.live.entry(who).or_default() |= applied.complete;
        for id in &applied.gone {
            self.change(*id, &mut delta, |entry| entry.remove_live(who));
        }
        for track in &applied.changed {
            self.change(track.id, &mut delta, |entry| {
                entry.set_live(who, Arc::clone(track));
            });
        }
        if applied.complete {
            self.drop_cached(who.author, &mut delta);
        }
        delta
    }

    /// A neighbour is gone. If its list is kept it stays, as what is known of one who is not there.
    pub fn parted(&mut self, who: Run, keep: bool) -> Delta {
        let mut delta = Delta::default();
        if self.live.remove(&who).is_none() {
            return delta;
        }
        // The other device of a member, if it has one, has told its list meanwhile, and that is the one to keep.
        let keep = keep && !self.is_told(who.author);
        for id in self.ids(|entry| entry.is_live(who)) {
            self.change(id, &mut delta, |entry| {
                let track = entry.remove_live(who);
                if keep && let Some(track) = track {
                    entry.set_cached(who.author, track);
                }
            });
        }
        if keep {
            self.keep(who.author, &mut delta);
        }
        delta
    }

    /// A list that was kept was read from the store. If the member has told it anew, it is of no use any more.
    pub fn cached_loaded(
        &mut self,
        author: Author,
        tracks: impl IntoIterator<Item = impl Into<Arc<Track>>>,
    ) -> Delta {
        let mut delta = Delta::default();
        if self.is_told(author) {
            return delta;
        }
        let tracks = tracks.into_iter().take(limits::MAX_SHELF_TRACKS);
        let tracks = tracks.map(|track| track.into());
        let mut tracks: BTreeMap<ResourceId, Arc<Track>> =
            tracks.map(|track| (track.id, track)).collect();
        for id in self.ids(|entry| entry.is_cached(author)) {
            if !tracks.contains_key(&id) {
                self.change(id, &mut delta, |entry| entry.remove_cached(author));
            }
        }
        while let Some((id, track)) = tracks.pop_first() {
            self.change(id, &mut delta, |entry| entry.set_cached(author, track));
        }
        self.keep(author, &mut delta);
        delta
    }

    /// A list is not kept any more.
    pub fn cached_gone(&mut self, author: Author) -> Delta {
        let mut delta = Delta::default();
        self.drop_cached(author, &mut delta);
        delta
    }

    /// Whose lists are kept.
    pub fn cached(&self) -> impl Iterator<Item = Author> {
        self.cached.iter().map(|(author, _)| *author)
    }

    /// The ban table is another one. Takes time for each row.
    pub fn set_bans(&mut self, bans: BanTable) -> Delta {
        let mut delta = Delta::default();
        if self.bans == bans {
            return delta;
        }
        self.bans = bans;
        for (id, entry) in &mut self.rows {
            if entry.look_up(&self.bans) {
                delta.changed.insert(*id);
            }
        }
        delta
    }

    /// Whether all of a member's list was told, by one who is there.
    fn is_told(&self, author: Author) -> bool {
        let mut runs = self.live.iter();
        runs.any(|(run, whole)| run.author == author && *whole)
    }

    fn ids(&self, which: impl Fn(&Entry) -> bool) -> Vec<ResourceId> {
        let rows = self.rows.iter().filter(|(_, entry)| which(entry));
        rows.map(|(id, _)| *id).collect()
    }

    /// Counts a list as kept, and drops others if there are too many.
    fn keep(&mut self, author: Author, delta: &mut Delta) {
        self.cached.retain(|(kept, _)| *kept != author);
        let tracks = self.rows.values().filter(|entry| entry.is_cached(author));
        self.cached.push_back((author, tracks.count()));
        let too_many = |cached: &VecDeque<(Author, usize)>| {
            let tracks = cached.iter().map(|(_, tracks)| tracks).sum::<usize>();
            cached.len() > limits::MAX_CACHED_SHELVES || tracks > limits::MAX_CACHED_TRACKS
        };
        while too_many(&self.cached)
            && let Some((oldest, _)) = self.cached.front().copied()
        {
            self.drop_cached(oldest, delta);
            delta.forgotten.push(oldest);
        }
    }

    fn drop_cached(&mut self, author: Author, delta: &mut Delta) {
        if self.cached().all(|kept| kept != author) {
            return;
        }
        self.cached.retain(|(kept, _)| *kept != author);
        for id in self.ids(|entry| entry.is_cached(author)) {
            self.change(id, delta, |entry| entry.remove_cached(author));
        }
    }

    /// Changes who says what of a track, and notes if its row is another one by that.
    fn change<T>(
        &mut self,
        id: ResourceId,
        delta: &mut Delta,
        change: impl FnOnce(&mut Entry) -> T,
    ) {
        let entry = self.rows.entry(id).or_default();
        let before = entry.row();
        change(entry);
        entry.choose(&self.bans);
        let after = entry.row();
        if after.is_none() {
            self.rows.remove(&id);
        }
        if after == before {
            return;
        }
        let (in_it, not_in_it) = match after {
            Some(_) => (&mut delta.changed, &mut delta.gone),
            None => (&mut delta.gone, &mut delta.changed),
        };
        in_it.insert(id);
        not_in_it.remove(&id);
    }
}
