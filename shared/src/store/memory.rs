//! The store that forgets: for the simulator and tests.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::{
    ChannelEntry, Device, Mark, ResourceEntry, Store, StoreError, StoredRecord, StoredResource,
};
use crate::{
    channel::ChannelId,
    chat::record::Position,
    identity::Author,
    limits,
    resource::{Have, Outline, ResourceId},
};

/// A store in memory. Clones share their contents, as two openings of one database do.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Rc<RefCell<Contents>>);

#[derive(Debug, Default)]
struct Contents {
    device: Option<Device>,
    channels: BTreeMap<ChannelId, ChannelEntry>,
    records: BTreeMap<(ChannelId, Position), Vec<u8>>,
    unsent: BTreeSet<(ChannelId, Position)>,
    unread: BTreeSet<(ChannelId, Position)>,
    holders: BTreeMap<(ChannelId, Position), BTreeSet<Author>>,
    resources: BTreeMap<ResourceId, ResourceEntry>,
    outlines: BTreeMap<ResourceId, Outline>,
    pieces: BTreeMap<(ResourceId, u32), Vec<u8>>,
}

impl Contents {
    fn record(&self, key: &(ChannelId, Position)) -> Option<StoredRecord> {
        Some(StoredRecord {
            position: key.1,
            bytes: self.records.get(key)?.clone(),
            holders: self.holders.get(key).map_or(0, BTreeSet::len),
        })
    }
}

impl Contents {
    fn resource(&self, id: ResourceId) -> Option<StoredResource> {
        let entry = self.resources.get(&id)?.clone();
        let mut have = Have::none(entry.descriptor.length);
        for ((_, piece), _) in self.pieces.range((id, 0)..=(id, u32::MAX)) {
            have.insert(*piece);
        }
        Some(StoredResource { entry, have })
    }
}

impl Store for MemoryStore {
    async fn device(&self) -> Result<Option<Device>, StoreError> {
        Ok(self.0.borrow().device.clone())
    }

    async fn save_device(&self, device: &Device) -> Result<(), StoreError> {
        self.0.borrow_mut().device = Some(device.clone());
        Ok(())
    }

    async fn channels(&self) -> Result<Vec<ChannelEntry>, StoreError> {
        let mut channels: Vec<_> = self.0.borrow().channels.values().cloned().collect();
        channels.sort_by_key(|entry| (entry.joined, entry.id));
        Ok(channels)
    }

    async fn save_channel(&self, entry: &ChannelEntry) -> Result<(), StoreError> {
        self.0.borrow_mut().channels.insert(entry.id, entry.clone());
        Ok(())
    }

    async fn remove_channel(&self, id: ChannelId) -> Result<(), StoreError> {
        let mut contents = self.0.borrow_mut();
        contents.channels.remove(&id);
        contents.records.retain(|(channel, _), _| *channel != id);
        contents.unsent.retain(|(channel, _)| *channel != id);
        contents.unread.retain(|(channel, _)| *channel != id);
        contents.holders.retain(|(channel, _), _| *channel != id);
        Ok(())
    }

    async fn append(
        &self,
        channel: ChannelId,
        record: &StoredRecord,
        mark: Mark,
    ) -> Result<bool, StoreError> {
        let key = (channel, record.position);
        let mut contents = self.0.borrow_mut();
        if contents.records.contains_key(&key) {
            return Ok(false);
        }
        contents.records.insert(key, record.bytes.clone());
        match mark {
            Mark::None => false,
            Mark::Unsent => contents.unsent.insert(key),
            Mark::Unread => contents.unread.insert(key),
        };
        Ok(true)
    }

    async fn import(&self, channel: ChannelId, records: &[StoredRecord]) -> Result<(), StoreError> {
        let mut contents = self.0.borrow_mut();
        for record in records {
            let key = (channel, record.position);
            contents
                .records
                .entry(key)
                .or_insert_with(|| record.bytes.clone());
        }
        Ok(())
    }

    async fn acknowledge(
        &self,
        channel: ChannelId,
        position: Position,
        holder: Author,
    ) -> Result<usize, StoreError> {
        let key = (channel, position);
        let mut contents = self.0.borrow_mut();
        contents.unsent.remove(&key);
        if !contents.records.contains_key(&key) {
            return Ok(0);
        }
        let holders = contents.holders.entry(key).or_default();
        if holders.len() < limits::MAX_HOLDERS {
            holders.insert(holder);
        }
        Ok(holders.len())
    }

    async fn see(&self, channel: ChannelId, up_to: Position) -> Result<(), StoreError> {
        let seen = |key: &(ChannelId, Position)| key.0 == channel && key.1 <= up_to;
        self.0.borrow_mut().unread.retain(|key| !seen(key));
        Ok(())
    }

    async fn unread(&self, channel: ChannelId) -> Result<Vec<Position>, StoreError> {
        let contents = self.0.borrow();
        let of_channel = contents.unread.iter().filter(|key| key.0 == channel);
        Ok(of_channel.map(|key| key.1).collect())
    }

    async fn unsent(&self, channel: ChannelId) -> Result<Vec<StoredRecord>, StoreError> {
        let contents = self.0.borrow();
        Ok(contents
            .unsent
            .iter()
            .filter(|(of, _)| *of == channel)
            .filter_map(|key| contents.record(key))
            .collect())
    }

    async fn page(
        &self,
        channel: ChannelId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let contents = self.0.borrow();
        let page = contents
            .records
            .keys()
            .rev()
            .filter(|(of, position)| {
                *of == channel && before.is_none_or(|before| *position < before)
            })
            .take(limit)
            .filter_map(|key| contents.record(key))
            .collect();
        Ok(page)
    }

    async fn resources(&self) -> Result<Vec<StoredResource>, StoreError> {
        let contents = self.0.borrow();
        let ids = contents.resources.keys();
        let mut resources: Vec<_> = ids.filter_map(|id| contents.resource(*id)).collect();
        resources.sort_by_key(|stored| (stored.entry.added, stored.entry.descriptor.id));
        Ok(resources)
    }

    async fn resource(&self, id: ResourceId) -> Result<Option<StoredResource>, StoreError> {
        Ok(self.0.borrow().resource(id))
    }

    async fn save_resource(&self, entry: &ResourceEntry) -> Result<(), StoreError> {
        let id = entry.descriptor.id;
        let mut contents = self.0.borrow_mut();
        let before = contents.resources.insert(id, entry.clone());
        if before.is_some_and(|before| before.descriptor.length != entry.descriptor.length) {
            contents.outlines.remove(&id);
            contents.pieces.retain(|(of, _), _| *of != id);
        }
        Ok(())
    }

    async fn remove_resource(&self, id: ResourceId) -> Result<(), StoreError> {
        let mut contents = self.0.borrow_mut();
        contents.resources.remove(&id);
        contents.outlines.remove(&id);
        contents.pieces.retain(|(of, _), _| *of != id);
        Ok(())
    }

    async fn save_outline(&self, id: ResourceId, outline: &Outline) -> Result<(), StoreError> {
        let mut contents = self.0.borrow_mut();
        if contents.resources.contains_key(&id) {
            contents.outlines.insert(id, outline.clone());
        }
        Ok(())
    }

    async fn outline(&self, id: ResourceId) -> Result<Option<Outline>, StoreError> {
        Ok(self.0.borrow().outlines.get(&id).cloned())
    }

    async fn put_pieces(
        &self,
        id: ResourceId,
        pieces: &[(u32, Vec<u8>)],
    ) -> Result<(), StoreError> {
        let mut contents = self.0.borrow_mut();
        if contents.resources.contains_key(&id) {
            let rows = pieces
                .iter()
                .map(|(piece, bytes)| ((id, *piece), bytes.clone()));
            contents.pieces.extend(rows);
        }
        Ok(())
    }

    async fn drop_pieces(&self, id: ResourceId, pieces: &[u32]) -> Result<(), StoreError> {
        for piece in pieces {
            self.0.borrow_mut().pieces.remove(&(id, *piece));
        }
        Ok(())
    }

    async fn pieces(
        &self,
        id: ResourceId,
        pieces: &[u32],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let contents = self.0.borrow();
        let bytes = |piece: &u32| contents.pieces.get(&(id, *piece)).cloned();
        Ok(pieces.iter().map(bytes).collect())
    }
}
