//! What views hear of files that move: not of every piece, and how fast it goes.

use std::{collections::BTreeSet, mem, time::Duration};

use super::{Files, FilesOutput};
use crate::{
    limits,
    node::{Event, TransferState},
    resource::ResourceId,
    time::Millis,
};

/// What views were told of a file.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// When.
    at: Option<Millis>,
    /// The state it was in.
    state: Option<TransferState>,
    pub(super) incoming: Meter,
    pub(super) outgoing: Meter,
}

/// How fast something goes.
#[derive(Debug, Default)]
pub(super) struct Meter {
    total: u64,
    /// At the last reading.
    read: u64,
    rate: u64,
}

impl Meter {
    pub(super) fn add(&mut self, bytes: usize) {
        self.total += bytes as u64;
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Bytes a second.
    pub(super) fn rate(&self) -> u64 {
        self.rate
    }

    /// Takes a reading after so long. What is shown is smoothed over some four readings, and comes to rest at once.
    fn tick(&mut self, elapsed: Duration) {
        let bytes = self.total - mem::replace(&mut self.read, self.total);
        let sample = bytes * 1000 / (elapsed.as_millis().max(1) as u64);
        self.rate = match (bytes, self.rate) {
            (0, _) => 0,
            (_, 0) => sample,
            (_, rate) => (rate * 3 + sample) / 4,
        };
    }
}

impl Files {
    /// When the views are to hear more of what moves.
    pub(super) fn next_news(&self) -> Option<Millis> {
        let files = self.changed.iter().filter_map(|id| self.files.get(id));
        files
            .filter_map(|file| Some(file.told.at? + limits::TRANSFER_NEWS))
            .min()
    }

    /// Tells the views what has changed: at once what a file is now, and now and then how far it came.
    pub(in crate::node) fn tell_news(&mut self, now: Millis) {
        let mut later = BTreeSet::new();
        for id in mem::take(&mut self.changed) {
            let Some(file) = self.files.get_mut(&id) else {
                continue;
            };
            let state = file.state();
            if state == TransferState::Complete {
                self.active.remove(&id);
            }
            let elapsed = file.told.at.map(|at| now.since(at));
            let due = elapsed.is_none_or(|elapsed| elapsed >= limits::TRANSFER_NEWS);
            if !due && file.told.state.as_ref() == Some(&state) {
                later.insert(id);
                continue;
            }
            if due {
                file.told.at = Some(now);
                // Of a long rest nothing is to be said.
                let elapsed = elapsed.unwrap_or_default();
                let elapsed = elapsed.clamp(limits::TRANSFER_NEWS, limits::TRANSFER_NEWS * 4);
                file.told.incoming.tick(elapsed);
                file.told.outgoing.tick(elapsed);
            }
            file.told.state = Some(state);
            if file.told.incoming.rate() > 0 || file.told.outgoing.rate() > 0 {
                // That it has come to rest is news, too.
                later.insert(id);
            }
            let event = Event::Transfer(file.view());
            self.outputs.push_back(FilesOutput::Tell(event));
        }
        self.changed = later;
    }

    /// The views hear that a file is gone.
    pub(super) fn tell_gone(&mut self, file: ResourceId) {
        self.changed.remove(&file);
        self.active.remove(&file);
        let event = Event::TransferGone { file };
        self.outputs.push_back(FilesOutput::Tell(event));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_follows_and_comes_to_rest() {
        let mut meter = Meter::default();
        let second = Duration::from_secs(1);
        for _ in 0..20 {
            meter.add(1000);
            meter.tick(second);
        }
        assert_eq!(meter.rate(), 1000);
        meter.tick(second);
        assert_eq!((meter.rate(), meter.total()), (0, 20_000));
    }
}
