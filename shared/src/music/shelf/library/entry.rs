//! One track of the merged list: who says what of it.

use std::sync::Arc;

use super::{Holder, Row};
use crate::{
    identity::Author,
    music::{
        ban::{BanTable, Fields},
        track::Track,
    },
    wire::Run,
};

/// What is said of one track. Lists that say the same share one value.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    mine: Option<Arc<Track>>,
    /// By neighbours that are there, in the order of their runs.
    live: Vec<(Run, Arc<Track>)>,
    /// By members whose lists were kept, in the order of authors.
    cached: Vec<(Author, Arc<Track>)>,
    shown: Option<Arc<Track>>,
    banned: bool,
}

impl Entry {
    pub(super) fn row(&self) -> Option<Row> {
        let track = self.shown.clone()?;
        let voices = self.voices();
        Some(Row {
            track,
            mine: self.mine.is_some(),
            holders: voices.into_iter().map(|(holder, _)| holder).collect(),
            banned: self.banned,
        })
    }

    pub(super) fn shown(&self) -> Option<&Arc<Track>> {
        self.shown.as_ref()
    }

    pub(super) fn banned(&self) -> bool {
        self.banned
    }

    pub(super) fn has_live_holder(&self) -> bool {
        !self.live.is_empty()
    }

    pub(super) fn is_live(&self, who: Run) -> bool {
        self.live.iter().any(|(run, _)| *run == who)
    }

    pub(super) fn is_cached(&self, author: Author) -> bool {
        self.cached.iter().any(|(kept, _)| *kept == author)
    }

    pub(super) fn said_by(&self, author: Author) -> Option<&Arc<Track>> {
        let live = self.live.iter().find(|(run, _)| run.author == author);
        let cached = || self.cached.iter().find(|(kept, _)| *kept == author);
        let live = live.map(|(_, track)| track);
        live.or_else(|| cached().map(|(_, track)| track))
    }

    pub(super) fn set_mine(&mut self, track: Option<Arc<Track>>) {
        self.mine = track;
    }

    pub(super) fn set_live(&mut self, who: Run, track: Arc<Track>) {
        let track = self.shared(track);
        match self.live.binary_search_by_key(&who, |(run, _)| *run) {
            Ok(at) => self.live[at].1 = track,
            Err(at) => self.live.insert(at, (who, track)),
        }
    }

    pub(super) fn remove_live(&mut self, who: Run) -> Option<Arc<Track>> {
        let at = self.live.iter().position(|(run, _)| *run == who)?;
        Some(self.live.remove(at).1)
    }

    pub(super) fn set_cached(&mut self, author: Author, track: Arc<Track>) {
        let track = self.shared(track);
        match self.cached.binary_search_by_key(&author, |(kept, _)| *kept) {
            Ok(at) => self.cached[at].1 = track,
            Err(at) => self.cached.insert(at, (author, track)),
        }
    }

    pub(super) fn remove_cached(&mut self, author: Author) {
        self.cached.retain(|(kept, _)| *kept != author);
    }

    /// Chooses whose words are shown.
    pub(super) fn choose(&mut self, bans: &BanTable) {
        let chosen = self.mine.clone().or_else(|| self.most_used());
        let alike = match (&self.shown, &chosen) {
            (Some(before), Some(after)) => before.is_told_as(after),
            (before, after) => before.is_none() && after.is_none(),
        };
        self.shown = chosen;
        if !alike {
            self.look_up(bans);
        }
    }

    /// Looks into the ban table.
    ///
    /// # Returns
    /// Whether it says something else than before.
    pub(super) fn look_up(&mut self, bans: &BanTable) -> bool {
        let banned = self.shown.as_deref();
        let banned = banned.is_some_and(|track| is_banned(track, bans));
        std::mem::replace(&mut self.banned, banned) != banned
    }

    /// Each member who has it, once, and what it says: what is there before what was kept.
    fn voices(&self) -> Vec<(Holder, &Arc<Track>)> {
        let holder = |author, cached| Holder { author, cached };
        let live = self.live.iter();
        let live = live.map(|(run, track)| (holder(run.author, false), track));
        let cached = self.cached.iter();
        let cached = cached.map(|(author, track)| (holder(*author, true), track));
        let mut voices: Vec<_> = live.chain(cached).collect();
        // Of one author, the live ones are first, and the smallest session of them.
        voices.sort_by_key(|(holder, _)| *holder);
        voices.dedup_by_key(|(holder, _)| holder.author);
        voices
    }

    /// The words that most holders use; of words that as many use, those of the smallest author.
    fn most_used(&self) -> Option<Arc<Track>> {
        let voices = self.voices();
        let count = |track| voices.iter().filter(|(_, said)| alike(said, track)).count();
        let counted = voices.iter().map(|(_, track)| (count(track), track));
        // The first of the largest, where `max_by_key` takes the last.
        let most = counted.rev().max_by_key(|(count, _)| *count);
        most.map(|(_, track)| Arc::clone(track))
    }

    /// The value that others have who say the same, if there are some.
    fn shared(&self, track: Arc<Track>) -> Arc<Track> {
        let live = self.live.iter().map(|(_, said)| said);
        let cached = self.cached.iter().map(|(_, said)| said);
        let mut said = self.mine.iter().chain(live).chain(cached);
        said.find(|said| alike(said, &track))
            .cloned()
            .unwrap_or(track)
    }
}

fn alike(a: &Arc<Track>, b: &Arc<Track>) -> bool {
    Arc::ptr_eq(a, b) || a.is_told_as(b)
}

fn is_banned(track: &Track, bans: &BanTable) -> bool {
    if bans.entries().is_empty() {
        return false;
    }
    let fields = Fields {
        // What is read where it has no title.
        title: &track.shown_title(),
        artist: &track.artist,
        album: &track.album,
        md5: &track.md5.to_string(),
        id: &track.id.to_string(),
    };
    bans.matches(&fields).is_some()
}
