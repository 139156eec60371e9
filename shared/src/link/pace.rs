//! How much a link carries unasked, in either direction, and what it missed for that.

use std::collections::BTreeSet;

use crate::{chat::record::RecordId, limits, rate::Bucket, time::Millis};

/// The accounts of one link.
#[derive(Debug)]
pub(super) struct Pace {
    incoming: Bucket,
    /// For what is said about resources, which is much and cheap.
    resources: Bucket,
    /// For what is said about logs.
    history: Bucket,
    outgoing: Bucket,
    /// Records that were asked for: they are no flood.
    wanted: BTreeSet<RecordId>,
    /// Until when they are waited for.
    awaited: Option<Millis>,
    /// Records were left out: when to offer them again.
    missed: Option<Millis>,
}

impl Pace {
    pub(super) fn new(now: Millis) -> Self {
        Self {
            incoming: Bucket::new(now, limits::FLOOD),
            resources: Bucket::new(now, limits::RESOURCE_MESSAGES),
            history: Bucket::new(now, limits::HISTORY_MESSAGES),
            outgoing: Bucket::new(now, limits::SEND_PACE),
            wanted: BTreeSet::new(),
            awaited: None,
            missed: None,
        }
    }

    /// Whether the other end may send so much more.
    pub(super) fn receive(&mut self, now: Millis, amount: usize) -> bool {
        self.incoming
            .take(now, u32::try_from(amount).unwrap_or(u32::MAX))
    }

    /// As [`Pace::receive`], for what is said about resources.
    pub(super) fn receive_about_resource(&mut self, now: Millis, amount: usize) -> bool {
        self.resources
            .take(now, u32::try_from(amount).unwrap_or(u32::MAX))
    }

    /// As [`Pace::receive`], for what is said about logs.
    pub(super) fn receive_about_history(&mut self, now: Millis, amount: usize) -> bool {
        self.history
            .take(now, u32::try_from(amount).unwrap_or(u32::MAX))
    }

    /// As [`Pace::receive`], for a record.
    pub(super) fn receive_record(&mut self, now: Millis, id: RecordId) -> bool {
        self.wanted.remove(&id) || self.receive(now, 1)
    }

    /// Whether we may send one more thing unasked.
    pub(super) fn send(&mut self, now: Millis) -> bool {
        self.outgoing.take(now, 1)
    }

    /// These are asked for. What did not come of too much that was asked for before is given up.
    pub(super) fn want(&mut self, now: Millis, ids: &[RecordId]) {
        self.awaited = Some(now + limits::AWAIT);
        if self.wanted.len() > limits::MAX_RECENT_RECORDS + limits::MAX_IDS {
            self.wanted.clear();
        }
        self.wanted.extend(ids);
    }

    /// A record was left out.
    pub(super) fn miss(&mut self, now: Millis) {
        self.missed.get_or_insert(now + limits::OFFER_AGAIN);
    }

    pub(super) fn deadline(&self) -> Option<Millis> {
        let awaited = self.awaited.filter(|_| !self.wanted.is_empty());
        self.missed.into_iter().chain(awaited).min()
    }

    /// Whether a record was asked for a short while ago and has not come.
    pub(super) fn awaits(&self, id: RecordId) -> bool {
        self.awaited.is_some() && self.wanted.contains(&id)
    }

    /// Whether the wait for records is over, and some have not come.
    pub(super) fn waited_in_vain(&mut self, now: Millis) -> bool {
        let over = self.awaited.take_if(|until| *until <= now);
        over.is_some() && !self.wanted.is_empty()
    }

    /// Whether it is time to offer what was left out; if there is no room yet, it is later.
    pub(super) fn offer_again(&mut self, now: Millis, room: bool) -> bool {
        if self.missed.is_none_or(|at| at > now) {
            return false;
        }
        self.missed = None;
        if !room {
            self.miss(now);
        }
        room
    }
}
