//! This device's list in one nest.

use std::{
    collections::BTreeMap,
    iter::Peekable,
    ops::Bound::{Excluded, Unbounded},
    sync::Arc,
};

use super::message::{Ask, Change, Known, Part, Version};
use crate::{limits, music::track::Track, resource::ResourceId};

/// What a part takes beside its changes, and each change beside its track, in bytes of CBOR: more than it is.
const PART_HEAD: usize = 64;
const CHANGE_HEAD: usize = 4;
const ID_BYTES: usize = 34;

/// The tracks that one nest is told are here.
///
/// Each change has a version of its own, and the list is told in their order ([`OwnShelf::answer`]). What was removed is
/// remembered for those who knew it, [`limits::MAX_SHELF_GONE`] tracks of it; who knows the list from before that is told all of
/// it anew.
#[derive(Clone, Debug, Default)]
pub struct OwnShelf {
    tracks: BTreeMap<ResourceId, Listed>,
    /// Which track changed at a version: the last time that it did.
    order: BTreeMap<Version, ResourceId>,
    gone: BTreeMap<Version, Gone>,
    gone_at: BTreeMap<ResourceId, Version>,
    /// What went until then is not remembered.
    forgotten: Version,
    version: Version,
    bytes: usize,
}

#[derive(Clone, Debug)]
struct Listed {
    track: Arc<Track>,
    bytes: usize,
    changed: Version,
    /// The first version in which it may have been told.
    since: Version,
}

#[derive(Clone, Copy, Debug)]
struct Gone {
    id: ResourceId,
    /// Nobody who knows less than this was told of it.
    since: Version,
}

/// What a list has more by some tracks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Growth {
    /// So many tracks.
    pub tracks: usize,
    /// So many bytes.
    pub bytes: usize,
}

/// Why a track is not taken into the own list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShelfFull {
    /// There are [`limits::MAX_SHELF_TRACKS`].
    #[error("a list has at most {} tracks", limits::MAX_SHELF_TRACKS)]
    Tracks,
    /// They would take more than [`limits::MAX_SHELF_BYTES`].
    #[error("a list has at most {} bytes", limits::MAX_SHELF_BYTES)]
    Bytes,
}

impl OwnShelf {
    /// An empty list, of a session that begins.
    pub fn new() -> Self {
        Self::default()
    }

    /// How often it has changed.
    pub fn version(&self) -> Version {
        self.version
    }

    /// How many tracks it has.
    pub fn len(&self) -> usize {
        self.tracks.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// A track of it.
    pub fn get(&self, id: ResourceId) -> Option<&Arc<Track>> {
        self.tracks.get(&id).map(|listed| &listed.track)
    }

    /// All tracks, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Track>> {
        self.tracks.values().map(|listed| &listed.track)
    }

    /// What these make of it, if there is room for them and for others that come before them.
    ///
    /// # Errors
    /// When there is not.
    pub fn growth(&self, by: &[Track], others: Growth) -> Result<Growth, ShelfFull> {
        let mut growth = Growth::default();
        for track in by {
            let before = self.tracks.get(&track.id).map(|listed| listed.bytes);
            growth.tracks += usize::from(before.is_none());
            let bytes = track.to_bytes().len();
            growth.bytes += bytes.saturating_sub(before.unwrap_or_default());
        }
        if growth.tracks > 0
            && self.len() + others.tracks + growth.tracks > limits::MAX_SHELF_TRACKS
        {
            return Err(ShelfFull::Tracks);
        }
        if growth.bytes > 0 && self.bytes + others.bytes + growth.bytes > limits::MAX_SHELF_BYTES {
            return Err(ShelfFull::Bytes);
        }
        Ok(growth)
    }

    /// Takes a track in, or other words for one that is there. It is a clean one: read, or [`Track::cleaned`].
    ///
    /// # Returns
    /// Whether that is a change.
    ///
    /// # Errors
    /// When the list is full.
    pub fn put(&mut self, track: impl Into<Arc<Track>>) -> Result<bool, ShelfFull> {
        let track: Arc<Track> = track.into();
        let id = track.id;
        let before = self.tracks.get(&id);
        if before.is_some_and(|before| before.track == track) {
            return Ok(false);
        }
        let bytes = track.to_bytes().len();
        if before.is_none() && self.tracks.len() >= limits::MAX_SHELF_TRACKS {
            return Err(ShelfFull::Tracks);
        }
        let others = self.bytes - before.map_or(0, |before| before.bytes);
        if others + bytes > limits::MAX_SHELF_BYTES {
            return Err(ShelfFull::Bytes);
        }
        self.bytes = others + bytes;
        let changed = self.next_version();
        let before = self.forget(id).map(|before| before.since);
        let before = before.or_else(|| self.not_gone_any_more(id));
        self.order.insert(changed, id);
        let listed = Listed {
            track,
            bytes,
            changed,
            since: before.unwrap_or(changed),
        };
        self.tracks.insert(id, listed);
        Ok(true)
    }

    /// Takes a track out.
    ///
    /// # Returns
    /// Whether it was there.
    pub fn remove(&mut self, id: ResourceId) -> bool {
        let Some(Listed { bytes, since, .. }) = self.forget(id) else {
            return false;
        };
        self.bytes -= bytes;
        let at = self.next_version();
        self.gone.insert(at, Gone { id, since });
        self.gone_at.insert(id, at);
        if self.gone.len() > limits::MAX_SHELF_GONE
            && let Some((at, gone)) = self.gone.pop_first()
        {
            self.gone_at.remove(&gone.id);
            self.forgotten = at;
        }
        true
    }

    /// The next part for somebody who asks. It has something in it unless the asker knows all.
    pub fn answer(&self, ask: &Ask) -> Part {
        let since = ask.since.filter(|known| self.can_go_on(*known));
        let from = since.unwrap_or(Known {
            tracks: Version(0),
            gone: self.version,
        });
        let mut part = Part {
            number: ask.number,
            known: from,
            fresh: since.is_none(),
            changes: Vec::new(),
            more: false,
        };
        let mut room = limits::MAX_SHELF_PART_BYTES - PART_HEAD;
        for (version, change, bytes) in self.changes(from) {
            let Some(rest) = room.checked_sub(bytes + CHANGE_HEAD) else {
                part.more = true;
                return part;
            };
            room = rest;
            part.changes.push(match change {
                Changed::Put(track) => Change::Put((**track).clone()),
                Changed::Gone(id) => Change::Gone(id),
            });
            part.known = Known {
                tracks: version,
                gone: from.gone.max(version),
            };
        }
        part.known = Known {
            tracks: self.version,
            gone: self.version,
        };
        part
    }

    /// Whether all that somebody has to hear is remembered, of somebody who heard of this session's list.
    fn can_go_on(&self, known: Known) -> bool {
        known.gone >= self.forgotten && known.gone.max(known.tracks) <= self.version
    }

    /// What somebody does not know yet, in the order of change, and how many bytes each takes.
    fn changes(&self, from: Known) -> impl Iterator<Item = (Version, Changed<'_>, usize)> {
        let tracks = self.order.range((Excluded(from.tracks), Unbounded));
        let tracks = tracks.filter_map(|(version, id)| {
            let listed = self.tracks.get(id)?;
            Some((*version, Changed::Put(&listed.track), listed.bytes))
        });
        let gone = self.gone.range((Excluded(from.gone), Unbounded));
        let gone = gone.filter(move |(_, gone)| gone.since <= from.tracks);
        let gone = gone.map(|(version, gone)| (*version, Changed::Gone(gone.id), ID_BYTES));
        Merged {
            left: tracks.peekable(),
            right: gone.peekable(),
        }
    }

    fn next_version(&mut self) -> Version {
        self.version.0 += 1;
        self.version
    }

    /// A track as it was until now, if it was there.
    fn forget(&mut self, id: ResourceId) -> Option<Listed> {
        let listed = self.tracks.remove(&id)?;
        self.order.remove(&listed.changed);
        Some(listed)
    }

    /// A track that went is about to come back.
    ///
    /// # Returns
    /// Since when it may have been told.
    fn not_gone_any_more(&mut self, id: ResourceId) -> Option<Version> {
        let at = self.gone_at.remove(&id)?;
        Some(self.gone.remove(&at)?.since)
    }
}

/// A change that is to be told.
enum Changed<'a> {
    Put(&'a Arc<Track>),
    Gone(ResourceId),
}

/// Two rows of changes as one, in the order of their versions.
struct Merged<L: Iterator, R: Iterator> {
    left: Peekable<L>,
    right: Peekable<R>,
}

impl<T, L, R> Iterator for Merged<L, R>
where
    L: Iterator<Item = (Version, T, usize)>,
    R: Iterator<Item = (Version, T, usize)>,
{
    type Item = (Version, T, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let right_first = match (self.left.peek(), self.right.peek()) {
            (Some((left, ..)), Some((right, ..))) => right < left,
            (left, _) => left.is_none(),
        };
        if right_first {
            self.right.next()
        } else {
            self.left.next()
        }
    }
}
