//! What the store in memory has.

use std::collections::{BTreeMap, BTreeSet};

use super::music::Music;
use crate::{
    channel::ChannelId,
    chat::record::{Position, RecordId},
    identity::Author,
    resource::{Have, Outline, ResourceId},
    store::{ChannelEntry, Device, Mark, NewRecord, ResourceEntry, StoredRecord, StoredResource},
};

#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) device: Option<Device>,
    pub(super) channels: BTreeMap<ChannelId, ChannelEntry>,
    pub(super) records: BTreeMap<(ChannelId, Position), Kept>,
    pub(super) unsent: BTreeSet<(ChannelId, Position)>,
    pub(super) unread: BTreeSet<(ChannelId, Position)>,
    pub(super) holders: BTreeMap<(ChannelId, Position), BTreeSet<Author>>,
    pub(super) kept: BTreeSet<(ChannelId, Position)>,
    /// Where a record stands, or would, that was recalled, and by whom.
    pub(super) recalls: BTreeSet<(ChannelId, Position, Author)>,
    pub(super) resources: BTreeMap<ResourceId, ResourceEntry>,
    pub(super) outlines: BTreeMap<ResourceId, Outline>,
    pub(super) pieces: BTreeMap<(ResourceId, u32), Vec<u8>>,
    pub(super) music: Music,
}

/// A record that is there.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) bytes: Vec<u8>,
    pub(super) author: Author,
    pub(super) recalls: Option<RecordId>,
}

impl Contents {
    /// Adds a record; false if it was there, or was recalled.
    pub(super) fn add(&mut self, channel: ChannelId, record: &NewRecord) -> bool {
        let key = (channel, record.position);
        let author = record.author;
        let there = self.records.contains_key(&key);
        if there && record.kept {
            self.kept.insert(key);
        }
        if there || self.recalls.contains(&(channel, key.1, author)) {
            return false;
        }
        // Whatever others recalled was not theirs.
        self.recalls
            .retain(|(of, position, _)| (*of, *position) != key);
        let kept = Kept {
            bytes: record.bytes.clone(),
            author,
            recalls: record.recalls,
        };
        self.records.insert(key, kept);
        if record.kept {
            self.kept.insert(key);
        }
        match record.mark {
            Mark::None => false,
            Mark::Unsent => self.unsent.insert(key),
            Mark::Unread => self.unread.insert(key),
        };
        if let Some(recalled) = record.recalled() {
            let there = self.records.get(&(channel, recalled));
            if there.is_none_or(|there| there.author == author) {
                self.recalls.insert((channel, recalled, author));
                self.unread.remove(&(channel, recalled));
                self.unsent.remove(&(channel, recalled));
            }
        }
        true
    }

    pub(super) fn is_recalled(&self, key: &(ChannelId, Position)) -> bool {
        let mut recalls = self.recalls.iter();
        recalls.any(|(channel, position, _)| (*channel, *position) == *key)
    }

    pub(super) fn record(&self, key: &(ChannelId, Position)) -> Option<StoredRecord> {
        Some(StoredRecord {
            position: key.1,
            bytes: self.records.get(key)?.bytes.clone(),
            holders: self.holders.get(key).map_or(0, BTreeSet::len),
            kept: self.kept.contains(key),
            recalled: self.is_recalled(key),
        })
    }

    /// Whether a record stays, whatever is discarded. A recall stays while the record is there that it recalls.
    pub(super) fn stays(&self, key: &(ChannelId, Position)) -> bool {
        if self.unsent.contains(key) || self.kept.contains(key) {
            return true;
        }
        let record = self.records.get(key);
        record.is_some_and(
            |Kept {
                 author, recalls, ..
             }| {
                recalls.is_some_and(|id| {
                    let recalled = Position { id, ..key.1 };
                    self.recalls.contains(&(key.0, recalled, *author))
                        && self.records.contains_key(&(key.0, recalled))
                })
            },
        )
    }

    pub(super) fn resource(&self, id: ResourceId) -> Option<StoredResource> {
        let entry = self.resources.get(&id)?.clone();
        let mut have = Have::none(entry.descriptor.length);
        for ((_, piece), _) in self.pieces.range((id, 0)..=(id, u32::MAX)) {
            have.insert(*piece);
        }
        Some(StoredResource { entry, have })
    }
}
