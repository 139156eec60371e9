//! The store that forgets: for the simulator and tests.

mod contents;
mod music;

use std::{cell::RefCell, rc::Rc};

use self::contents::Contents;
use super::{
    ChannelEntry, Count, Device, MusicPart, NewRecord, ResourceEntry, Store, StoreError,
    StoredRecord, StoredResource, TrackRow,
};
use crate::{
    channel::ChannelId,
    chat::{record::Position, span::Span},
    identity::Author,
    limits,
    resource::{Outline, ResourceId},
};

/// A store in memory. Clones share their contents, as two openings of one database do.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Rc<RefCell<Contents>>);

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
        contents.kept.retain(|(channel, _)| *channel != id);
        contents.recalls.retain(|(channel, _, _)| *channel != id);
        contents.music.leave(id);
        Ok(())
    }

    async fn append(&self, channel: ChannelId, record: &NewRecord) -> Result<bool, StoreError> {
        Ok(self.0.borrow_mut().add(channel, record))
    }

    async fn import(
        &self,
        channel: ChannelId,
        records: &[NewRecord],
    ) -> Result<Vec<Position>, StoreError> {
        let mut contents = self.0.borrow_mut();
        let new = records.iter();
        let new = new.filter(|record| contents.add(channel, record));
        Ok(new.map(|record| record.position).collect())
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

    async fn page_from(
        &self,
        channel: ChannelId,
        from: Position,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let contents = self.0.borrow();
        let keys = contents.records.range((channel, from)..);
        let keys = keys
            .map(|(key, _)| key)
            .take_while(|(of, _)| *of == channel);
        Ok(keys
            .take(limit)
            .filter_map(|key| contents.record(key))
            .collect())
    }

    async fn positions(
        &self,
        channel: ChannelId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Position>, StoreError> {
        let contents = self.0.borrow();
        let keys = contents.records.keys().rev();
        let positions = keys.filter(|(of, position)| *of == channel && span.contains(*position));
        Ok(positions
            .filter(|key| !contents.is_recalled(key))
            .take(limit)
            .map(|(_, position)| *position)
            .collect())
    }

    async fn records(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let contents = self.0.borrow();
        let records = positions.iter().filter_map(|position| {
            let record = contents.record(&(channel, *position))?;
            (!record.recalled).then(|| StoredRecord::bare(record.position, record.bytes))
        });
        Ok(records.collect())
    }

    async fn recalled(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let contents = self.0.borrow();
        let records = positions.iter();
        let records = records.filter_map(|position| contents.record(&(channel, *position)));
        Ok(records.filter(|record| record.recalled).collect())
    }

    async fn missing(
        &self,
        channel: ChannelId,
        positions: &[Position],
    ) -> Result<Vec<Position>, StoreError> {
        let contents = self.0.borrow();
        let missing = positions.iter().copied().filter(|position| {
            let key = (channel, *position);
            !contents.records.contains_key(&key) && !contents.is_recalled(&key)
        });
        Ok(missing.collect())
    }

    async fn nth(&self, channel: ChannelId, newer: usize) -> Result<Option<Position>, StoreError> {
        let contents = self.0.borrow();
        let keys = contents.records.keys().rev();
        let mut positions = keys.filter(|(of, _)| *of == channel);
        Ok(positions.nth(newer).map(|(_, position)| *position))
    }

    async fn count(&self, channel: ChannelId, span: Span) -> Result<Count, StoreError> {
        let contents = self.0.borrow();
        let keys = contents.records.keys();
        let within = keys.filter(|(of, position)| *of == channel && span.contains(*position));
        let mut count = Count::default();
        for key in within {
            count.records += 1;
            count.staying +=
                usize::from(contents.unsent.contains(key) || contents.kept.contains(key));
        }
        Ok(count)
    }

    async fn discard(
        &self,
        channel: ChannelId,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Position>, StoreError> {
        let mut contents = self.0.borrow_mut();
        let keys = contents.records.keys();
        let discarded = keys
            .filter(|key| key.0 == channel && span.contains(key.1) && !contents.stays(key))
            .take(limit);
        let discarded: Vec<(ChannelId, Position)> = discarded.copied().collect();
        for key in &discarded {
            let recalls = contents
                .records
                .remove(key)
                .and_then(|record| Some((record.recalls?, record.author)));
            contents.unread.remove(key);
            contents.holders.remove(key);
            if let Some((id, author)) = recalls {
                let recalled = Position { id, ..key.1 };
                contents.recalls.remove(&(channel, recalled, author));
            }
        }
        Ok(discarded.into_iter().map(|key| key.1).collect())
    }

    async fn keep(
        &self,
        channel: ChannelId,
        position: Position,
        kept: bool,
    ) -> Result<(), StoreError> {
        let key = (channel, position);
        let mut contents = self.0.borrow_mut();
        if !kept {
            contents.kept.remove(&key);
        } else if contents.records.contains_key(&key) {
            contents.kept.insert(key);
        }
        Ok(())
    }

    async fn kept(
        &self,
        channel: ChannelId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError> {
        let contents = self.0.borrow();
        let kept = contents.kept.iter().rev().filter(|(of, position)| {
            *of == channel && before.is_none_or(|before| *position < before)
        });
        Ok(kept
            .take(limit)
            .filter_map(|key| contents.record(key))
            .collect())
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

    async fn save_tracks(
        &self,
        channel: ChannelId,
        of: Option<Author>,
        put: &[TrackRow],
        gone: &[ResourceId],
    ) -> Result<(), StoreError> {
        self.0.borrow_mut().music.save((channel, of), put, gone);
        Ok(())
    }

    async fn tracks(
        &self,
        channel: ChannelId,
        of: Option<Author>,
        after: Option<ResourceId>,
        limit: usize,
    ) -> Result<Vec<TrackRow>, StoreError> {
        let contents = self.0.borrow();
        Ok(contents.music.tracks((channel, of), after, limit))
    }

    async fn shelves(&self, channel: ChannelId) -> Result<Vec<Author>, StoreError> {
        Ok(self.0.borrow().music.shelves(channel))
    }

    async fn remove_shelf(&self, channel: ChannelId, of: Author) -> Result<(), StoreError> {
        self.0.borrow_mut().music.remove((channel, Some(of)));
        Ok(())
    }

    async fn save_music(&self, what: MusicPart, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.borrow_mut().music.save_part(what, bytes);
        Ok(())
    }

    async fn music(&self, what: MusicPart) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.borrow().music.part(what))
    }
}
