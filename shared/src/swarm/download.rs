//! One resource on its way here, from several holders at once.
//!
//! ```text
//! holders → outline asked of one of them → checked against the id → pieces asked for, each of one holder
//!         → each checked against the outline → with the store → had
//! ```

mod asking;
mod outline;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::Range,
};

use self::outline::Progress;
use super::{Holding, Message, Packet, Reason, Rejection, holder::Holder, todo::Todo};
use crate::{
    entropy::Entropy,
    limits,
    resource::{Have, Outline, ResourceId, pieces},
    time::Millis,
};

/// The caller's name for somebody who has pieces. One that comes back has a new name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HolderKey(pub u64);

/// What a download wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadOutput {
    /// Say something to a holder.
    Send(HolderKey, Message),
    /// The outline is known: keep it.
    Outline(Outline),
    /// A piece is here and is what it should be: keep it, and tell with [`Download::stored`].
    Piece {
        /// Which.
        piece: u32,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// This holder broke the rules, and is none any more.
    Liar(HolderKey, &'static str),
}

/// One resource on its way here.
#[derive(Debug)]
pub struct Download {
    id: ResourceId,
    length: u64,
    have: Have,
    outline: Progress,
    todo: Todo,
    /// The pieces that are asked for.
    outstanding: BTreeMap<u32, Asked>,
    /// When it is looked next for some that are late.
    late_at: Option<Millis>,
    /// Checked, and not durable yet.
    storing: BTreeSet<u32>,
    holders: BTreeMap<HolderKey, Holder>,
    /// Nothing is asked for.
    paused: bool,
    /// No more pieces are asked for.
    held: bool,
    /// All bytes of pieces that came, useful or not.
    received: u64,
    outputs: VecDeque<DownloadOutput>,
}

/// A piece that is asked for.
#[derive(Debug)]
struct Asked {
    /// Of how many holders.
    holders: u32,
    /// When it was asked for last.
    at: Millis,
}

impl Download {
    /// Of a resource of so many bytes, of which these pieces are here already, and perhaps the outline.
    pub fn new(
        id: ResourceId,
        length: u64,
        have: Have,
        outline: Option<Outline>,
        entropy: &mut Entropy,
    ) -> Self {
        // The only piece of a small resource is what the id itself proves.
        let outline = outline.or_else(|| Outline::check(id, length, &id.0).ok());
        Self {
            id,
            length,
            todo: Todo::new(&have, entropy),
            have,
            outline: outline.map_or(Progress::Unknown, Progress::Known),
            outstanding: BTreeMap::new(),
            late_at: None,
            storing: BTreeSet::new(),
            holders: BTreeMap::new(),
            paused: false,
            held: false,
            received: 0,
            outputs: VecDeque::new(),
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<DownloadOutput> {
        self.outputs.pop_front()
    }

    /// The pieces that are here and durable.
    pub fn have(&self) -> &Have {
        &self.have
    }

    /// Whether pieces are on their way.
    pub fn is_waiting(&self) -> bool {
        !self.outstanding.is_empty()
    }

    /// Whether the outline is on its way.
    pub fn is_outline_coming(&self) -> bool {
        matches!(self.outline, Progress::Coming { .. })
    }

    /// The outline, once it is known.
    pub fn outline(&self) -> Option<&Outline> {
        match &self.outline {
            Progress::Known(outline) => Some(outline),
            _ => None,
        }
    }

    /// How many neighbours have pieces of it.
    pub fn holders(&self) -> usize {
        let some = |holder: &&Holder| holder.have.count() > 0;
        self.holders.values().filter(some).count()
    }

    /// Bytes of pieces that came, useful or not.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// How many bytes a second come, as far as measured.
    pub fn rate(&self) -> u64 {
        let busy = self.holders.values().filter(|holder| !holder.is_idle());
        busy.map(|holder| holder.flow.rate()).sum()
    }

    /// When [`Download::wake`] is due.
    pub fn deadline(&self) -> Option<Millis> {
        if self.paused {
            return None;
        }
        let late = self.late_at.filter(|_| !self.held);
        let others = self.outline.patience_ends().into_iter().chain(late);
        let patience = self.holders.values().filter_map(Holder::patience_ends);
        // A rest that is over was looked at when it ended.
        let rests = self.holders.values().filter(|holder| holder.resting);
        let rests = rests.map(|holder| holder.rests_until);
        patience.chain(rests).chain(others).min()
    }

    /// A neighbour tells what it has, for the first time or anew.
    pub fn holding(&mut self, now: Millis, key: HolderKey, holding: Holding) {
        if holding.descriptor.length != self.length {
            // It may be right, and we wrong: but one of the two cannot have the resource that the other means.
            return;
        }
        if !self.holders.contains_key(&key) {
            if self.holders.len() >= limits::MAX_DOWNLOAD_HOLDERS {
                return;
            }
            let holder = Holder::new(now, Have::none(self.length));
            self.holders.insert(key, holder);
        }
        self.has(key, holding.have);
        self.pump(now);
    }

    /// A neighbour has more pieces.
    pub fn gained(&mut self, now: Millis, key: HolderKey, pieces: &[u32]) {
        let Some(holder) = self.holders.get_mut(&key) else {
            return;
        };
        for &piece in pieces {
            if holder.have.insert(piece) {
                // It lacked that until now, so it is counted.
                self.todo.found(piece, true);
                if self.todo.contains(piece) {
                    holder.look_at(piece);
                }
            }
        }
        self.pump(now);
    }

    /// A holder is gone. What it owed is asked of others.
    pub fn lost(&mut self, now: Millis, key: HolderKey) {
        self.drop_holder(key);
        self.pump(now);
    }

    /// What was on its way from a holder, or to it, may be lost: it is asked for again.
    pub fn ask_again(&mut self, now: Millis, key: HolderKey) {
        self.take_back(key);
        if matches!(self.outline, Progress::Coming { from, .. } if from == key) {
            self.outline = Progress::Unknown;
        }
        self.pump(now);
    }

    /// Part of a piece came.
    pub fn packet(&mut self, now: Millis, key: HolderKey, packet: &Packet) {
        self.received += packet.data.len() as u64;
        let Some(holder) = self.holders.get_mut(&key) else {
            return;
        };
        let length = pieces::bytes_of(self.length, packet.piece);
        let (piece, at) = (packet.piece, packet.offset as usize);
        match holder.take(now, piece, length, at, &packet.data) {
            // It was asked for before, perhaps by another download of the same resource. Whoever knows all that was asked
            // for over a link judges what comes over it unasked.
            None => {}
            Some(Err(misfit)) => self.liar(key, misfit.as_str()),
            Some(Ok(true)) => self.whole(key, piece),
            Some(Ok(false)) => {}
        }
        self.pump(now);
    }

    /// A piece has come whole.
    fn whole(&mut self, key: HolderKey, piece: u32) {
        let length = pieces::bytes_of(self.length, piece);
        let Some(holder) = self.holders.get_mut(&key) else {
            return;
        };
        let Some(assembly) = holder.settle(piece, length) else {
            return;
        };
        self.release(piece);
        let bytes = assembly.into_bytes();
        let proven = self.outline().is_some_and(|o| o.proves(piece, &bytes));
        if !proven {
            self.want_again(piece);
            return self.liar(key, "a piece is not what it should be");
        }
        if let Some(holder) = self.holders.get_mut(&key) {
            holder.delivered();
        }
        // In the endgame it may be on its way from another holder as well.
        let mut others = Vec::new();
        for (other, holder) in &mut self.holders {
            if holder.settle(piece, length).is_some() {
                others.push(*other);
            }
        }
        self.outstanding.remove(&piece);
        for other in others {
            self.send(other, Message::Cancel(self.pieces(vec![piece])));
        }
        self.storing.insert(piece);
        self.outputs
            .push_back(DownloadOutput::Piece { piece, bytes });
    }

    /// Pieces that were requested do not come.
    pub fn rejected(&mut self, now: Millis, key: HolderKey, rejection: &Rejection) {
        let Some(holder) = self.holders.get_mut(&key) else {
            return;
        };
        let mut rejected = Vec::new();
        for &piece in &rejection.pieces.pieces {
            if holder
                .settle(piece, pieces::bytes_of(self.length, piece))
                .is_some()
            {
                rejected.push(piece);
            }
        }
        if rejected.is_empty() {
            return;
        }
        // Also if it does not have what it said: else it could make us look for something else without end.
        holder.rest_shortly(now);
        if rejection.reason != Reason::Busy {
            self.lacks(key, &rejected);
        }
        for piece in rejected {
            self.release(piece);
            self.want_again(piece);
        }
        self.pump(now);
    }

    /// Pieces are durable now.
    pub fn stored(&mut self, now: Millis, pieces: &[u32]) {
        for piece in pieces {
            self.storing.remove(piece);
            self.have.insert(*piece);
        }
        self.pump(now);
    }

    /// Pieces could not be stored, or are not there any more: they are asked for again.
    pub fn unstored(&mut self, now: Millis, pieces: &[u32]) {
        for piece in pieces {
            self.storing.remove(piece);
            self.have.remove(*piece);
            if !self.outstanding.contains_key(piece) {
                self.want_again(*piece);
            }
        }
        self.pump(now);
    }

    /// Asks for nothing more, and gives up what was asked for; or goes on.
    pub fn pause(&mut self, now: Millis, paused: bool) {
        self.paused = paused;
        if paused {
            let keys: Vec<HolderKey> = self.holders.keys().copied().collect();
            for key in keys {
                self.take_back(key);
            }
            if matches!(self.outline, Progress::Coming { .. }) {
                self.outline = Progress::Unknown;
            }
        }
        self.pump(now);
    }

    /// Asks for no more pieces, because somebody waits for those of another resource; or goes on. What is asked for comes.
    pub fn hold(&mut self, now: Millis, held: bool) {
        if std::mem::replace(&mut self.held, held) != held {
            self.pump(now);
        }
    }

    /// These pieces are read soon, and no others: they are asked for before all others, each window in its order, of the
    /// best holders. What is asked for already stays so: that is not more than comes in some round trips.
    pub fn hurry(&mut self, now: Millis, windows: &[Range<u32>]) {
        let count = pieces::count(self.length);
        let within = |window: &Range<u32>| window.start..window.end.min(count);
        let windows: Vec<Range<u32>> = windows.iter().map(within).collect();
        if self.todo.hurry(&windows) {
            // Some may be late already, for somebody who waits.
            self.late_at = None;
            self.pump(now);
        }
    }

    /// A deadline has passed.
    pub fn wake(&mut self, now: Millis) {
        if let Progress::Coming { from, .. } = self.outline
            && self.outline.patience_ends().is_some_and(|at| at <= now)
        {
            self.outline = Progress::Unknown;
            if let Some(holder) = self.holders.get_mut(&from) {
                holder.rest(now);
            }
        }
        let late = |holder: &Holder| holder.patience_ends().is_some_and(|at| at <= now);
        let late: Vec<HolderKey> = self
            .holders
            .iter()
            .filter(|(_, holder)| late(holder))
            .map(|(key, _)| *key)
            .collect();
        for key in late {
            self.take_back(key);
            if let Some(holder) = self.holders.get_mut(&key) {
                holder.rest(now);
            }
        }
        for holder in self.holders.values_mut() {
            holder.resting &= holder.rests_until > now;
        }
        self.pump(now);
    }
}
