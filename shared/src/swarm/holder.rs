//! What a download knows of one holder, and what is asked of it.

use std::collections::BTreeMap;

use super::{assembly::Assembly, flow::Flow};
use crate::{limits, resource::Have, time::Millis};

/// One neighbour that has pieces.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) have: Have,
    pub(super) flow: Flow,
    /// The pieces that were asked for and did not come whole yet.
    pub(super) outstanding: BTreeMap<u32, Assembly>,
    pub(super) outstanding_bytes: u64,
    /// What may still come of pieces that were asked for and are not wanted any more.
    late_bytes: u64,
    /// When something that was asked for came, or, if nothing was, when it was asked for.
    pub(super) useful_at: Millis,
    /// Nothing is asked of it before this.
    pub(super) rests_until: Millis,
    /// That time has not been noticed to have passed.
    pub(super) resting: bool,
    /// How often it let us wait, in a row.
    failures: u32,
    /// It says that it does not have the outline.
    pub(super) lacks_outline: bool,
    /// It has nothing that is to be asked for, as far as was looked.
    pub(super) exhausted: bool,
}

impl Holder {
    pub(super) fn new(now: Millis, have: Have) -> Self {
        Self {
            have,
            flow: Flow::new(now),
            outstanding: BTreeMap::new(),
            outstanding_bytes: 0,
            late_bytes: 0,
            useful_at: now,
            rests_until: now,
            resting: false,
            failures: 0,
            lacks_outline: false,
            exhausted: false,
        }
    }

    /// So much more may be asked of it now: nothing, until half of what it may owe is here. Stores read several pieces at
    /// a time with less work than one after the other.
    pub(super) fn room(&self, now: Millis) -> u64 {
        let window = self.flow.window();
        if self.rests_until > now || self.outstanding_bytes > window / 2 {
            return 0;
        }
        window - self.outstanding_bytes
    }

    pub(super) fn ask(&mut self, now: Millis, piece: u32, bytes: usize) {
        if self.outstanding.is_empty() {
            self.flow.asked(now);
            self.useful_at = now;
        }
        if self
            .outstanding
            .insert(piece, Assembly::default())
            .is_none()
        {
            self.outstanding_bytes += bytes as u64;
        }
    }

    /// Part of something that was asked for came.
    pub(super) fn useful(&mut self, now: Millis, bytes: usize) {
        self.flow.came(now, bytes);
        self.useful_at = now;
        self.failures = 0;
    }

    /// A piece that was asked for is here, or does not come.
    pub(super) fn settle(&mut self, piece: u32, bytes: usize) -> Option<Assembly> {
        let assembly = self.outstanding.remove(&piece)?;
        self.outstanding_bytes -= bytes as u64;
        Some(assembly)
    }

    /// A piece that was asked for is not wanted any more; it may come all the same. True if it was asked for.
    pub(super) fn give_up(&mut self, piece: u32, bytes: usize) -> bool {
        let Some(assembly) = self.settle(piece, bytes) else {
            return false;
        };
        self.late_bytes += bytes.saturating_sub(assembly.arrived()) as u64;
        true
    }

    /// Bytes came that are not asked for: whether they are of something that was.
    pub(super) fn excuses(&mut self, bytes: usize) -> bool {
        let excused = self.late_bytes >= bytes as u64;
        self.late_bytes = self.late_bytes.saturating_sub(bytes as u64);
        excused
    }

    /// When it has let us wait too long.
    pub(super) fn patience_ends(&self) -> Option<Millis> {
        (!self.outstanding.is_empty()).then(|| self.useful_at + limits::HOLDER_PATIENCE)
    }

    /// It let us wait: it is left alone for a while, longer each time.
    pub(super) fn rest(&mut self, now: Millis) {
        let pause = limits::HOLDER_REST * 2u32.saturating_pow(self.failures.min(5));
        self.rests_until = now + pause;
        self.resting = true;
        self.failures += 1;
    }

    /// It is busy: it is left alone for a moment.
    pub(super) fn rest_shortly(&mut self, now: Millis) {
        self.rests_until = now + limits::HOLDER_BUSY;
        self.resting = true;
    }
}
