//! What a person does to the queue: plays a list, adds to it, moves and removes entries.

use std::collections::BTreeSet;

use super::{Entry, EntryId, Playable, Queue, Slot};
use crate::{entropy::Entropy, limits, resource::ResourceId};

impl Queue {
    /// Replaces the queue by a list, and begins at one of its rows: the list in which a person clicked that row. Of a list
    /// that is too long, as much as fits is taken, so that the row is in it and as much as possible of what follows.
    ///
    /// # Returns
    /// The current entry; `None`, and nothing is changed, if there is no such row.
    pub fn play(
        &mut self,
        list: &[ResourceId],
        row: usize,
        entropy: &mut Entropy,
    ) -> Option<Entry> {
        if row >= list.len() {
            return None;
        }
        self.remember_current();
        self.slots.clear();
        self.at = None;
        let first = row.min(list.len().saturating_sub(limits::MAX_QUEUE));
        self.insert(0, 0, &list[first..]);
        let current = self.go_to(row - first);
        if self.shuffle {
            self.shuffle_rest(entropy);
        }
        current
    }

    /// Adds resources right after the current entry.
    ///
    /// # Returns
    /// How many there was room for.
    pub fn play_next(&mut self, resources: &[ResourceId]) -> usize {
        let current = self.at.and_then(|at| self.slots.get(at));
        let place = current.map_or(0, |slot| slot.place + 1);
        let index = self.at.map_or(0, |at| at + 1);
        self.insert(index, place, resources)
    }

    /// Adds resources at the end.
    ///
    /// # Returns
    /// How many there was room for.
    pub fn append(&mut self, resources: &[ResourceId]) -> usize {
        self.insert(self.slots.len(), self.slots.len(), resources)
    }

    /// Moves an entry in front of another one, or to the end. With shuffle on, its place in the list stays as it was.
    ///
    /// # Returns
    /// Whether there are such entries.
    pub fn move_before(&mut self, id: EntryId, before: Option<EntryId>) -> bool {
        let Some(from) = self.index_of(id) else {
            return false;
        };
        let to = match before {
            None => self.slots.len(),
            Some(before) => match self.index_of(before) {
                Some(index) => index,
                None => return false,
            },
        };
        let current = self.current();
        if from < to {
            self.slots[from..to].rotate_left(1);
        } else {
            self.slots[to..=from].rotate_right(1);
        }
        self.at = current.and_then(|entry| self.index_of(entry.id));
        if !self.shuffle {
            for (place, slot) in self.slots.iter_mut().enumerate() {
                slot.place = place;
            }
        }
        true
    }

    /// Removes entries. If the current one is among them, the next playable one after it becomes current; if there is
    /// none, none is.
    ///
    /// # Returns
    /// Whether the current entry is another one now.
    pub fn remove(&mut self, ids: &[EntryId], playable: Playable) -> bool {
        let ids: BTreeSet<EntryId> = ids.iter().copied().collect();
        let goes = |slot: &Slot| ids.contains(&slot.entry.id);
        let before = self.current();
        let after = self.at.and_then(|at| {
            let mut rest = self.slots[at..].iter();
            if self.slots.get(at).is_some_and(|slot| !goes(slot)) {
                return rest.next();
            }
            rest.find(|slot| !goes(slot) && playable(slot.entry.resource))
        });
        let after = after.map(|slot| slot.entry);
        self.slots.retain(|slot| !goes(slot));
        self.number_places();
        self.at = after.and_then(|entry| self.index_of(entry.id));
        if let Some(at) = self.at {
            self.go_to(at);
        }
        before != after
    }

    /// Removes all but the current entry: what sounds is not cut off.
    pub fn clear(&mut self) {
        let current = self.current().map(|entry| entry.id);
        self.slots.retain(|slot| Some(slot.entry.id) == current);
        self.number_places();
        self.at = current.map(|_| 0);
    }

    /// Forgets what was played.
    pub fn clear_history(&mut self) {
        self.history.clear();
    }

    /// How many more entries it takes.
    pub fn room(&self) -> usize {
        limits::MAX_QUEUE.saturating_sub(self.slots.len())
    }

    /// Adds as many as there is room for, at an index and from a place of the list on.
    pub(super) fn insert(&mut self, index: usize, place: usize, resources: &[ResourceId]) -> usize {
        let count = resources.len().min(self.room());
        for slot in self.slots.iter_mut().filter(|slot| slot.place >= place) {
            slot.place += count;
        }
        let new = resources[..count].iter().zip(0..).map(|(&resource, n)| {
            let id = EntryId(self.next_id + n);
            Slot {
                entry: Entry { id, resource },
                place: place + n as usize,
                played: false,
            }
        });
        self.slots.splice(index..index, new);
        self.next_id += count as u64;
        if let Some(at) = &mut self.at
            && *at >= index
        {
            *at += count;
        }
        count
    }

    /// Closes the gaps between the places.
    pub(super) fn number_places(&mut self) {
        let mut by_place: Vec<usize> = (0..self.slots.len()).collect();
        by_place.sort_by_key(|&index| self.slots[index].place);
        for (place, index) in by_place.into_iter().enumerate() {
            self.slots[index].place = place;
        }
    }
}
