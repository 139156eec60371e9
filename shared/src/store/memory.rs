//! The store that forgets: for the simulator and tests.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::{ChannelEntry, Device, Store, StoreError, StoredRecord};
use crate::{channel::ChannelId, chat::record::Position};

/// A store in memory. Clones share their contents, as two openings of one database do.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Rc<RefCell<Contents>>);

#[derive(Debug, Default)]
struct Contents {
    device: Option<Device>,
    channels: BTreeMap<ChannelId, ChannelEntry>,
    records: BTreeMap<(ChannelId, Position), Vec<u8>>,
    unsent: BTreeSet<(ChannelId, Position)>,
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
        Ok(())
    }

    async fn append(
        &self,
        channel: ChannelId,
        record: &StoredRecord,
        unsent: bool,
    ) -> Result<bool, StoreError> {
        let key = (channel, record.position);
        let mut contents = self.0.borrow_mut();
        if contents.records.contains_key(&key) {
            return Ok(false);
        }
        contents.records.insert(key, record.bytes.clone());
        if unsent {
            contents.unsent.insert(key);
        }
        Ok(true)
    }

    async fn acknowledge(&self, channel: ChannelId, position: Position) -> Result<(), StoreError> {
        self.0.borrow_mut().unsent.remove(&(channel, position));
        Ok(())
    }

    async fn unsent(&self, channel: ChannelId) -> Result<Vec<StoredRecord>, StoreError> {
        let contents = self.0.borrow();
        let stored = |key: &(ChannelId, Position)| {
            Some(StoredRecord {
                position: key.1,
                bytes: contents.records.get(key)?.clone(),
            })
        };
        Ok(contents
            .unsent
            .iter()
            .filter(|(of, _)| *of == channel)
            .filter_map(stored)
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
            .iter()
            .rev()
            .filter(|((of, position), _)| {
                *of == channel && before.is_none_or(|before| *position < before)
            })
            .take(limit)
            .map(|((_, position), bytes)| StoredRecord {
                position: *position,
                bytes: bytes.clone(),
            })
            .collect();
        Ok(page)
    }
}
