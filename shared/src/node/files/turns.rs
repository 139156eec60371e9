//! Whose turn it is: what is read soon comes before the rest of its file, and before all other files.

use std::{collections::BTreeSet, ops::Range};

use super::{Files, Stage, file::File, reads::Reading};
use crate::{resource::ResourceId, time::Millis};

impl Files {
    /// What the readers of a file need soon is fetched first.
    pub(super) fn hurry(&mut self, now: Millis, id: ResourceId) {
        let Some(file) = self.files.get(&id) else {
            return;
        };
        let length = file.entry.descriptor.length;
        let readers = self.reads.values().filter(|of| of.resource == id);
        let windows = readers.filter_map(|of| of.window(length));
        let windows: Vec<Range<u32>> = windows.collect();
        self.download(id, |download| download.hurry(now, &windows));
    }

    /// When readers will have been silent for so long that they are not waited on any more.
    pub(super) fn next_quiet(&self) -> Option<Millis> {
        let heard = self.reads.values().filter(|of| !of.quiet);
        heard.map(Reading::quiet_at).min()
    }

    /// Readers that were silent for long take their haste along, until they ask again: whoever was left behind never does.
    pub(super) fn quiet_readers(&mut self, now: Millis) {
        let mut left = BTreeSet::new();
        for reading in self.reads.values_mut() {
            if !reading.quiet && reading.quiet_at() <= now {
                reading.quiet = true;
                left.insert(reading.resource);
            }
        }
        for id in left {
            self.hurry(now, id);
        }
    }

    /// While somebody waits for bytes that are on their way, files that nobody reads ask for no more of theirs.
    pub(in crate::node) fn take_turns(&mut self, now: Millis) {
        let waits = |of: &Reading| {
            let file = self.files.get(&of.resource);
            !of.quiet && file.is_some_and(|file| of.starves(file))
        };
        let first = if self.reads.values().any(waits) {
            let heard = self.reads.values().filter(|of| !of.quiet);
            heard.map(|of| of.resource).collect()
        } else {
            BTreeSet::new()
        };
        if first == self.first {
            return;
        }
        self.first = first;
        for id in self.fetching() {
            let held = self.is_held(id);
            self.download(id, |download| download.hold(now, held));
        }
    }

    /// The files that come, or wait for somebody who has them.
    pub(super) fn fetching(&self) -> Vec<ResourceId> {
        let active = self.active.iter().copied();
        active.filter(|id| self.is_fetching(*id)).collect()
    }

    fn is_fetching(&self, id: ResourceId) -> bool {
        let file = self.files.get(&id);
        file.is_some_and(|file| matches!(file.stage, Stage::Fetching(_)))
    }

    /// Whether a file waits until others are read. One of which nothing is here goes on until its length is proven: that it
    /// does not come is a reason to believe another one.
    pub(super) fn is_held(&self, id: ResourceId) -> bool {
        let unproven = self.files.get(&id).is_some_and(File::is_unproven);
        !self.first.is_empty() && !self.first.contains(&id) && !unproven
    }
}
