//! Whom a download asks for what.

use super::{Download, DownloadOutput, HolderKey, Progress};
use crate::{
    limits,
    resource::{Have, pieces},
    swarm::{Message, OutlineFrom, Pieces, holder::Holder},
    time::Millis,
};

impl Download {
    /// Asks for what can be asked for now.
    pub(super) fn pump(&mut self, now: Millis) {
        if self.paused {
            return;
        }
        match &self.outline {
            Progress::Unknown => self.start_outline(now),
            Progress::Coming { .. } => {}
            Progress::Known(_) => {
                self.ask_for_pieces(now);
                self.ask_twice(now);
            }
        }
    }

    fn start_outline(&mut self, now: Millis) {
        let able = |(_, holder): &(&HolderKey, &Holder)| {
            !holder.lacks_outline && holder.rests_until <= now && holder.have.count() > 0
        };
        // Whoever has most is least likely to go soon.
        let best = self.holders.iter().filter(able);
        let best = best.max_by_key(|(_, holder)| holder.have.count());
        let Some((&from, _)) = best else {
            return;
        };
        self.outline = Progress::Coming {
            from,
            values: Vec::new(),
            useful_at: now,
        };
        for part in 0..limits::OUTLINE_PARTS_AHEAD {
            self.ask_outline(from, part * limits::OUTLINE_PART as u32);
        }
    }

    /// Asks for the part of the outline that begins with a piece, if the resource has that.
    pub(super) fn ask_outline(&mut self, from: HolderKey, first: u32) {
        if first < pieces::count(self.length) {
            let resource = self.id;
            let ask = OutlineFrom { resource, first };
            self.send(from, Message::AskOutline(ask));
        }
    }

    fn ask_for_pieces(&mut self, now: Millis) {
        let undurable = self.storing.len() as u64 * pieces::piece_bytes(self.length);
        if undurable >= limits::MAX_UNDURABLE_BYTES {
            return;
        }
        let keys: Vec<HolderKey> = self.holders.keys().copied().collect();
        for key in keys {
            let Some(holder) = self.holders.get_mut(&key) else {
                continue;
            };
            let mut room = holder.room(now);
            if room == 0 || holder.exhausted {
                continue;
            }
            let mut full = false;
            let pieces = self.todo.take(&holder.have, |piece| {
                full = room == 0;
                room = room.saturating_sub(pieces::bytes_of(self.length, piece) as u64);
                full
            });
            holder.exhausted = !full;
            for piece in &pieces {
                holder.ask(now, *piece, pieces::bytes_of(self.length, *piece));
                *self.outstanding.entry(*piece).or_default() += 1;
            }
            self.request(key, &pieces);
        }
    }

    /// The endgame: what is left is asked of a second holder each.
    fn ask_twice(&mut self, now: Millis) {
        if !self.todo.is_empty() || self.outstanding.len() > limits::ENDGAME_PIECES {
            return;
        }
        let single = self.outstanding.iter().filter(|(_, asked)| **asked == 1);
        let single: Vec<u32> = single.map(|(piece, _)| *piece).collect();
        for piece in single {
            let able = |holder: &Holder| {
                holder.room(now) > 0
                    && holder.have.contains(piece)
                    && !holder.outstanding.contains_key(&piece)
            };
            let able = self.holders.iter_mut().filter(|(_, holder)| able(holder));
            // Whoever owes least for its speed has it soonest.
            let soonest = able.min_by_key(|(_, holder)| {
                holder.outstanding_bytes * 1000 / holder.flow.rate().max(1)
            });
            if let Some((&key, holder)) = soonest {
                holder.ask(now, piece, pieces::bytes_of(self.length, piece));
                *self.outstanding.entry(piece).or_default() += 1;
                self.request(key, &[piece]);
            }
        }
    }

    fn request(&mut self, key: HolderKey, pieces: &[u32]) {
        for pieces in pieces.chunks(limits::MAX_IDS) {
            let request = self.pieces(pieces.to_vec());
            self.send(key, Message::Request(request));
        }
    }

    /// What was asked of a holder is asked of others.
    pub(super) fn take_back(&mut self, key: HolderKey) {
        let Some(holder) = self.holders.get_mut(&key) else {
            return;
        };
        let owed: Vec<u32> = holder.outstanding.keys().copied().collect();
        for piece in &owed {
            holder.give_up(*piece, pieces::bytes_of(self.length, *piece));
        }
        for piece in &owed {
            self.release(*piece);
            self.want_again(*piece);
        }
        for pieces in owed.chunks(limits::MAX_IDS) {
            let cancel = self.pieces(pieces.to_vec());
            self.send(key, Message::Cancel(cancel));
        }
    }

    pub(super) fn drop_holder(&mut self, key: HolderKey) {
        let Some(holder) = self.holders.remove(&key) else {
            return;
        };
        self.count(&holder.have, false);
        for piece in holder.outstanding.keys() {
            self.release(*piece);
            self.want_again(*piece);
        }
        if matches!(self.outline, Progress::Coming { from, .. } if from == key) {
            self.outline = Progress::Unknown;
        }
    }

    pub(super) fn liar(&mut self, key: HolderKey, lie: &'static str) {
        self.drop_holder(key);
        self.outputs.push_back(DownloadOutput::Liar(key, lie));
    }

    /// One holder less is asked for a piece.
    pub(super) fn release(&mut self, piece: u32) {
        if let Some(asked) = self.outstanding.get_mut(&piece) {
            *asked -= 1;
            if *asked == 0 {
                self.outstanding.remove(&piece);
            }
        }
    }

    /// A piece that does not come from where it was asked: unless it comes from elsewhere, it is to be asked for again.
    pub(super) fn want_again(&mut self, piece: u32) {
        let comes = self.outstanding.contains_key(&piece) || self.storing.contains(&piece);
        if comes || self.have.contains(piece) {
            return;
        }
        self.todo.insert(piece);
        for holder in self.holders.values_mut() {
            holder.exhausted = false;
        }
    }

    /// Counts what a holder has, or does not have any more, for what is rare.
    pub(super) fn count(&mut self, have: &Have, more: bool) {
        // Whoever has all pieces makes none of them rarer than another.
        if !have.is_complete() {
            for piece in (0..have.pieces()).filter(|piece| have.contains(*piece)) {
                self.todo.found(piece, more);
            }
        }
    }

    pub(super) fn pieces(&self, pieces: Vec<u32>) -> Pieces {
        Pieces {
            resource: self.id,
            pieces,
        }
    }

    pub(super) fn send(&mut self, key: HolderKey, message: Message) {
        self.outputs.push_back(DownloadOutput::Send(key, message));
    }
}
