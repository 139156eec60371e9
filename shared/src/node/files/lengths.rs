//! Which length of a file is believed, while nothing of it is here.
//!
//! Whoever wrote the message, or answered first, may have said a false one; then nobody who has the file is taken for a
//! holder. So what neighbours say otherwise is kept, one length for each of them, and tried one after the other.

use std::{ops::Bound, time::Duration};

use super::{
    Files, Stage,
    digest::Digest,
    file::{File, Trial},
    neighbour::PeerKey,
};
use crate::{
    limits,
    link::ConnectionKey,
    resource::{Descriptor, Have, ResourceId},
    swarm::Holding,
    time::Millis,
};

impl Trial {
    /// How long the length that is tried now is believed.
    pub(super) fn patience(&self) -> Duration {
        limits::LENGTH_PATIENCE * (1 + self.failed / limits::LENGTH_TRIALS)
    }
}

impl File {
    /// Whether another length of it may be the right one.
    pub(super) fn could_be(&self, other: &Descriptor) -> bool {
        let small = !self.automatic || other.length <= limits::AUTO_FETCH_BYTES;
        let small = small && other.length <= self.most;
        self.is_unproven() && other.length != self.entry.descriptor.length && small
    }
}

impl Files {
    /// A neighbour says how long a file is. Who has nothing of it may have been deceived itself.
    pub(super) fn said_length(&mut self, from: PeerKey, holding: &Holding) {
        let said = &holding.descriptor;
        let Some(file) = self.files.get_mut(&said.id) else {
            return;
        };
        // A file without bytes does not have to come from anybody.
        if holding.have.count() > 0
            && said.length > 0
            && said.check().is_ok()
            && file.could_be(said)
        {
            file.others.insert(from.connection, said.clone());
            let (lacked, standing) = (file.lacks_room(), file.standing());
            // What was said first had no room.
            if lacked && self.has_room(said.id, said.length, standing).is_ok() {
                self.begin_anew(said.id, said.clone());
            }
        } else {
            file.others.remove(&from.connection);
        }
    }

    /// Nothing came of a file for a while, and somebody says another length: that one is tried.
    pub(super) fn try_other_length(&mut self, now: Millis, id: ResourceId) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        if file.trial_ends().is_none_or(|at| at > now) {
            return;
        }
        // Each neighbour has its turn, however many lengths another one says.
        let last = file.trial.of.unwrap_or(ConnectionKey(0));
        let after = (Bound::Excluded(last), Bound::Unbounded);
        let mut next = file.others.range(after).chain(file.others.iter());
        let Some((&of, descriptor)) = next.next() else {
            return;
        };
        let descriptor = descriptor.clone();
        file.trial.of = Some(of);
        file.trial.failed = file.trial.failed.saturating_add(1);
        let standing = file.standing();
        if self.has_room(id, descriptor.length, standing).is_err() {
            // The next one has its turn later; this one, once it is said again.
            if let Some(file) = self.files.get_mut(&id) {
                file.others.remove(&of);
                file.trial.until = Some(now + file.trial.patience());
            }
            return;
        }
        self.begin_anew(id, descriptor);
    }

    /// What was said of a file was false, perhaps: it is fetched as another one.
    pub(super) fn begin_anew(&mut self, id: ResourceId, descriptor: Descriptor) {
        self.quit(id);
        let generation = self.next_generation();
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        file.have = Have::none(descriptor.length);
        file.entry.descriptor = descriptor;
        file.entry.md5_checked = false;
        file.stage = Stage::Resuming;
        file.digest = Digest::default();
        file.saving = None;
        file.adding = false;
        file.others.clear();
        file.generation = generation;
        self.room_freed = true;
        // Who heard of it with the old length hears of it anew once something is here.
        for neighbour in self.neighbours.values_mut() {
            if let Some(told) = neighbour.follows.get_mut(&id) {
                *told = false;
            }
        }
        self.start_again(id);
    }
}
