//! Whom a download asks for what.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{Asked, Download, DownloadOutput, HolderKey, Progress};
use crate::{
    limits,
    resource::{Have, pieces},
    swarm::{Message, Pieces, holder::Holder},
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
            Progress::Known(_) if self.held => {}
            Progress::Known(_) => {
                self.ask_for_pieces(now);
                self.ask_twice(now);
            }
        }
    }

    fn ask_for_pieces(&mut self, now: Millis) {
        if self.todo.is_empty() {
            return;
        }
        let piece_bytes = pieces::piece_bytes(self.length);
        let storing = self.storing.len() as u64 * piece_bytes;
        // The same for all, or who is near would wait for what came over a longer path.
        let undurable = self.holders.values().map(|holder| holder.flow.undurable());
        let most = undurable.chain([limits::MIN_UNDURABLE_PIECES * piece_bytes]);
        let most = most.max().unwrap_or_default();
        let reserved = self.reserved(now);
        let mut keys: Vec<HolderKey> = self.holders.keys().copied().collect();
        // If little is left, it is best with the fastest.
        keys.sort_by_cached_key(|key| self.holders.get(key).map(|h| Reverse(h.rate_now(now))));
        for key in keys {
            let Some(holder) = self.holders.get_mut(&key) else {
                continue;
            };
            // What others owe is no reason not to ask this one: they could hold up everything with it.
            let undurable = storing + holder.outstanding_bytes;
            let mut room = holder.room(now, most.saturating_sub(undurable));
            if room == 0 || holder.is_exhausted() {
                continue;
            }
            let reserved: BTreeSet<u32> = match &reserved {
                Some((best, pieces)) if holder.is_slow(now, *best) => pieces.clone(),
                _ => BTreeSet::new(),
            };
            let may_ask = |piece| holder.have.contains(piece) && !reserved.contains(&piece);
            let mut full = false;
            let enough = |piece| {
                full = room == 0;
                room = room.saturating_sub(pieces::bytes_of(self.length, piece) as u64);
                full
            };
            let unlooked = holder.unlooked.take();
            let pieces = if let Some(few) = &unlooked {
                let here = few.iter().copied().filter(|piece| may_ask(*piece));
                self.todo.take_of(here, enough)
            } else {
                self.todo.take(may_ask, enough)
            };
            holder.unlooked = if full {
                // If they are many, it is soon found what to take of all.
                let rest = unlooked.filter(|few| few.len() <= limits::MAX_IDS);
                rest.map(|few| few.into_iter().filter(|p| !pieces.contains(p)).collect())
            } else {
                // Those are for it as soon as it is not slow, or others are gone.
                let here = reserved.into_iter().filter(|p| holder.have.contains(*p));
                Some(here.collect())
            };
            for piece in &pieces {
                holder.ask(now, *piece, pieces::bytes_of(self.length, *piece));
                asked(&mut self.outstanding, *piece, now);
            }
            if pieces.iter().any(|piece| self.todo.is_urgent(*piece)) {
                // That is late sooner than what was asked for before.
                let late = now + limits::URGENT_LATE;
                self.late_at = self.late_at.map(|at| at.min(late));
            }
            self.request(key, &pieces);
        }
    }

    /// The urgent pieces that wait for a holder that is not slow and has them, and the rate of the best of all.
    fn reserved(&self, now: Millis) -> Option<(u64, BTreeSet<u32>)> {
        let mut urgent = self.todo.urgent().peekable();
        urgent.peek()?;
        let awake = || {
            self.holders
                .values()
                .filter(|h| h.rests_until <= now && !h.late)
        };
        let best = awake().map(|holder| holder.rate_now(now)).max()?;
        let able = |piece: &u32| {
            awake().any(|holder| !holder.is_slow(now, best) && holder.have.contains(*piece))
        };
        Some((best, urgent.filter(able).collect()))
    }

    /// What is left at the end, and what is late, is asked of one more holder, if that has nothing else to give: so neither
    /// the slowest one decides when all is here, nor those who never deliver. What somebody waits for is late much sooner,
    /// and is asked for whatever else the other has to give.
    fn ask_twice(&mut self, now: Millis) {
        if self.outstanding.is_empty() {
            self.late_at = None;
            return;
        }
        let endgame = self.todo.is_empty() && self.outstanding.len() <= limits::ENDGAME_PIECES;
        if !endgame && self.late_at.is_some_and(|at| at > now) {
            return;
        }
        let wanted = self.outstanding.iter().filter(|(piece, asked)| {
            (endgame && asked.holders == 1) || asked.at + self.patience(**piece) <= now
        });
        let wanted: Vec<u32> = wanted.map(|(piece, _)| *piece).collect();
        for piece in wanted {
            let asked_at = self.outstanding.get(&piece).map(|asked| asked.at);
            // Somebody waits for it, and not only because the end is near.
            let waits = self.todo.is_urgent(piece)
                && asked_at.is_some_and(|at| at + limits::URGENT_LATE <= now);
            for holder in self.holders.values_mut().filter(|_| waits) {
                holder.late |= holder.is_asked_for(piece);
            }
            let able = |holder: &Holder| {
                let spare = holder.room(now, u64::MAX) > 0
                    && (self.todo.is_empty() || holder.is_exhausted());
                (spare || waits && holder.has_room_for_one(now))
                    && holder.have.contains(piece)
                    && !holder.is_asked_for(piece)
            };
            let bytes = pieces::bytes_of(self.length, piece);
            let able = self.holders.iter_mut().filter(|(_, holder)| able(holder));
            // Whoever owes least for its speed has it soonest.
            let soonest = able.min_by_key(|(_, holder)| holder.soon(now, bytes));
            if let Some((&key, holder)) = soonest {
                holder.ask(now, piece, bytes);
                asked(&mut self.outstanding, piece, now);
                self.request(key, &[piece]);
            }
        }
        let late = |(piece, asked): (&u32, &Asked)| asked.at + self.patience(*piece);
        let next = self.outstanding.iter().map(late).min();
        self.late_at = next.map(|at| at.max(now + limits::LATE_LOOK));
    }

    /// After how long a piece is late that was asked for.
    fn patience(&self, piece: u32) -> Duration {
        if self.todo.is_urgent(piece) {
            limits::URGENT_LATE
        } else {
            limits::PIECE_LATE
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
        let owed: Vec<u32> = holder.owes().collect();
        for piece in &owed {
            holder.settle(*piece, pieces::bytes_of(self.length, *piece));
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
        if holder.counted {
            for piece in (0..holder.have.pieces()).filter(|piece| holder.have.contains(*piece)) {
                self.todo.found(piece, false);
            }
        }
        for piece in holder.owes() {
            self.release(piece);
            self.want_again(piece);
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
            asked.holders -= 1;
            if asked.holders == 0 {
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
            if holder.have.contains(piece) {
                holder.look_at(piece);
            }
        }
    }

    /// A holder has these now.
    pub(super) fn has(&mut self, key: HolderKey, have: Have) {
        let Some(holder) = self.holders.get_mut(&key) else {
            return;
        };
        let before = std::mem::replace(&mut holder.have, have);
        holder.unlooked = None;
        let counted = holder.counted;
        holder.counted |= !holder.have.is_complete();
        if holder.counted {
            self.todo.somebody_else_gets_it();
            for piece in 0..holder.have.pieces() {
                let had = counted && before.contains(piece);
                let has = holder.have.contains(piece);
                if had != has {
                    self.todo.found(piece, has);
                }
            }
        }
    }

    /// A holder does not have these, though it said so.
    pub(super) fn lacks(&mut self, key: HolderKey, pieces: &[u32]) {
        let Some(holder) = self.holders.get_mut(&key) else {
            return;
        };
        let mut lacks = false;
        for &piece in pieces {
            if holder.have.remove(piece) {
                lacks = true;
                if holder.counted {
                    self.todo.found(piece, false);
                }
            }
        }
        if lacks && !holder.counted {
            // Once only: from now on it stays counted, even if it has all again.
            holder.counted = true;
            for piece in (0..holder.have.pieces()).filter(|piece| holder.have.contains(*piece)) {
                self.todo.found(piece, true);
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

/// One holder more is asked for a piece.
fn asked(outstanding: &mut BTreeMap<u32, Asked>, piece: u32, now: Millis) {
    let asked = outstanding.entry(piece);
    let asked = asked.or_insert(Asked {
        holders: 0,
        at: now,
    });
    asked.holders += 1;
    asked.at = now;
}
