//! Lists of tracks in memory, and what a device has one of for its music.

use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
};

use crate::{
    channel::ChannelId,
    identity::Author,
    resource::ResourceId,
    store::{MusicPart, TrackRow},
};

/// In which channel, and whose; the device's own has no author.
type List = (ChannelId, Option<Author>);

#[derive(Debug, Default)]
pub(super) struct Music {
    /// None of them is empty.
    lists: BTreeMap<List, BTreeMap<ResourceId, Vec<u8>>>,
    parts: BTreeMap<MusicPart, Vec<u8>>,
}

impl Music {
    pub(super) fn save(&mut self, list: List, put: &[TrackRow], gone: &[ResourceId]) {
        let tracks = self.lists.entry(list).or_default();
        for id in gone {
            tracks.remove(id);
        }
        tracks.extend(put.iter().map(|row| (row.id, row.bytes.clone())));
        if tracks.is_empty() {
            self.lists.remove(&list);
        }
    }

    pub(super) fn tracks(
        &self,
        list: List,
        after: Option<ResourceId>,
        limit: usize,
    ) -> Vec<TrackRow> {
        let after = after.map_or(Unbounded, Excluded);
        let tracks = self.lists.get(&list).into_iter();
        let tracks = tracks.flat_map(|tracks| tracks.range((after, Unbounded)));
        let rows = tracks.map(|(id, bytes)| TrackRow {
            id: *id,
            bytes: bytes.clone(),
        });
        rows.take(limit).collect()
    }

    pub(super) fn shelves(&self, channel: ChannelId) -> Vec<Author> {
        let lists = self.lists.keys();
        let lists = lists.filter(|(of, _)| *of == channel);
        lists.filter_map(|(_, author)| *author).collect()
    }

    pub(super) fn remove(&mut self, list: List) {
        self.lists.remove(&list);
    }

    /// Removes all lists of a channel.
    pub(super) fn leave(&mut self, channel: ChannelId) {
        self.lists.retain(|(of, _), _| *of != channel);
    }

    pub(super) fn save_part(&mut self, what: MusicPart, bytes: &[u8]) {
        self.parts.insert(what, bytes.to_vec());
    }

    pub(super) fn part(&self, what: MusicPart) -> Option<Vec<u8>> {
        self.parts.get(&what).cloned()
    }
}
