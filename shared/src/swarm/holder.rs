//! What a download knows of one holder, and what is asked of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    assembly::{Assembly, Misfit},
    flow::{Flow, time_for},
};
use crate::{limits, resource::Have, time::Millis};

/// One neighbour that has pieces.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) have: Have,
    /// What it has is counted for what is rare. Whoever has all pieces makes none of them rarer than another, so that it is
    /// not counted until it turns out to lack some.
    pub(super) counted: bool,
    pub(super) flow: Flow,
    /// The pieces that were asked for and did not come whole yet.
    outstanding: BTreeMap<u32, Owed>,
    /// When they are overdue.
    dues: BTreeSet<(Millis, u32)>,
    pub(super) outstanding_bytes: u64,
    /// When something that was asked for came, or, if nothing was, when it was asked for.
    useful_at: Millis,
    /// Nothing is asked of it before this.
    pub(super) rests_until: Millis,
    /// That time has not been noticed to have passed.
    pub(super) resting: bool,
    /// How often it let us wait, less the pieces that came since.
    failures: u32,
    /// It let somebody wait for something urgent, and nothing has come from it since.
    pub(super) late: bool,
    /// It says that it does not have the outline.
    pub(super) lacks_outline: bool,
    /// It has nothing that is to be asked for, as far as was looked, but perhaps these. None if it is to be looked
    /// through all.
    pub(super) unlooked: Option<BTreeSet<u32>>,
}

/// A piece that was asked for.
#[derive(Debug)]
struct Owed {
    assembly: Assembly,
    due: Millis,
}

impl Holder {
    pub(super) fn new(now: Millis, have: Have) -> Self {
        Self {
            have,
            counted: false,
            flow: Flow::new(now),
            outstanding: BTreeMap::new(),
            dues: BTreeSet::new(),
            outstanding_bytes: 0,
            useful_at: now,
            rests_until: now,
            resting: false,
            failures: 0,
            late: false,
            lacks_outline: false,
            unlooked: None,
        }
    }

    /// The pieces that it owes.
    pub(super) fn owes(&self) -> impl Iterator<Item = u32> {
        self.outstanding.keys().copied()
    }

    pub(super) fn is_asked_for(&self, piece: u32) -> bool {
        self.outstanding.contains_key(&piece)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.outstanding.is_empty()
    }

    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// So much more may be asked of it now, and no more than `most`: nothing, until half of what it may owe is here, and
    /// less than [`limits::MIN_ASKED_BYTES`] only while it owes nothing. Stores read several pieces at a time with less
    /// work than one after the other.
    pub(super) fn room(&self, now: Millis, most: u64) -> u64 {
        let window = self.flow.window();
        if self.rests_until > now || self.outstanding_bytes > window / 2 {
            return 0;
        }
        let room = most.min(window - self.outstanding_bytes);
        if room < limits::MIN_ASKED_BYTES && !self.is_idle() {
            return 0;
        }
        room
    }

    /// Whether a piece that is late may be asked of it beside all that it owes.
    pub(super) fn has_room_for_one(&self, now: Millis) -> bool {
        self.rests_until <= now && self.outstanding_bytes < self.flow.window() * 2
    }

    /// How many bytes a second may be expected of it now.
    pub(super) fn rate_now(&self, now: Millis) -> u64 {
        if self.is_idle() {
            self.flow.rate()
        } else {
            self.flow.rate_now(now)
        }
    }

    /// Whether what somebody waits for had better be asked of others, of whom the best has this rate. Who was not measured
    /// yet is measured by what is not urgent.
    pub(super) fn is_slow(&self, now: Millis, best: u64) -> bool {
        self.late || self.rate_now(now) < best / limits::SLOW_FRACTION
    }

    /// How soon so many bytes more would be here.
    pub(super) fn soon(&self, now: Millis, bytes: usize) -> Duration {
        time_for(self.outstanding_bytes + bytes as u64, self.rate_now(now))
    }

    /// It has nothing that is to be asked for.
    pub(super) fn is_exhausted(&self) -> bool {
        self.unlooked.as_ref().is_some_and(BTreeSet::is_empty)
    }

    /// It has a piece that is to be asked for.
    pub(super) fn look_at(&mut self, piece: u32) {
        if let Some(unlooked) = &mut self.unlooked {
            unlooked.insert(piece);
        }
    }

    pub(super) fn ask(&mut self, now: Millis, piece: u32, bytes: usize) {
        if self.is_asked_for(piece) {
            return;
        }
        if self.is_idle() {
            self.flow.asked(now);
            self.useful_at = now;
        }
        self.outstanding_bytes += bytes as u64;
        // All that is owed may come before it.
        let due = now + self.flow.longest(self.outstanding_bytes);
        let assembly = Assembly::default();
        self.outstanding.insert(piece, Owed { assembly, due });
        self.dues.insert((due, piece));
    }

    /// Part of a piece came: whether it is whole now. None if it was not asked for.
    pub(super) fn take(
        &mut self,
        now: Millis,
        piece: u32,
        length: usize,
        at: usize,
        data: &[u8],
    ) -> Option<Result<bool, Misfit>> {
        let assembly = &mut self.outstanding.get_mut(&piece)?.assembly;
        let before = assembly.arrived();
        let whole = assembly.take(length, at, data);
        let news = assembly.arrived() - before;
        if news > 0 {
            self.flow.came(now, news);
            self.useful_at = now;
            self.late = false;
        }
        Some(whole)
    }

    /// A piece that was asked for is here, or does not come, or is not wanted any more. None if it was not asked for.
    pub(super) fn settle(&mut self, piece: u32, bytes: usize) -> Option<Assembly> {
        let Owed { assembly, due } = self.outstanding.remove(&piece)?;
        self.dues.remove(&(due, piece));
        self.outstanding_bytes -= bytes as u64;
        Some(assembly)
    }

    /// It has delivered a piece.
    pub(super) fn delivered(&mut self) {
        self.failures = self.failures.saturating_sub(1);
    }

    /// When it has let us wait too long: for a packet, or for a piece, however its packets come.
    pub(super) fn patience_ends(&self) -> Option<Millis> {
        let (due, _) = self.dues.first()?;
        Some((self.useful_at + limits::HOLDER_PATIENCE).min(*due))
    }

    /// It let us wait: it is left alone for a while, longer each time, and then measured anew.
    pub(super) fn rest(&mut self, now: Millis) {
        let pause = limits::HOLDER_REST * 2u32.saturating_pow(self.failures.min(5));
        self.rests_until = now + pause;
        self.resting = true;
        self.failures += 1;
        self.flow = Flow::new(now);
    }

    /// It is busy, or does not have what it said: it is left alone for a moment.
    pub(super) fn rest_shortly(&mut self, now: Millis) {
        self.rests_until = self.rests_until.max(now + limits::HOLDER_BUSY);
        self.resting = true;
    }
}
