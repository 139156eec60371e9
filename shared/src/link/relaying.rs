//! Relays under a link: when one of its connections needs one, and what is done with one that was got.

use super::{ConnectionOutput, Line, LineId, Link, LinkOutput, State};
use crate::{limits, signal::relay::Relay, time::Millis};

/// A relay, and how long it may be given to connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRelay {
    /// Which.
    pub relay: Relay,
    /// The end of that.
    pub until: Millis,
}

/// What a link knows of relays.
#[derive(Debug, Default)]
pub(super) struct Relaying {
    /// What it was given to be used where there is no direct path.
    kept: Option<KeptRelay>,
    /// Its path goes through a relay, as far as that was measured.
    in_use: bool,
}

impl Link {
    /// From when on it needs a relay, unless it finds a direct path before.
    pub fn needs_relay_from(&self) -> Option<Millis> {
        let main = &self.main;
        let has_one_until = main.relay_until;
        match (self.state, main.trouble) {
            (State::Down, _) => None,
            // It is tried once with a relay; what comes next is another link's affair.
            (State::Connecting, _) => has_one_until
                .is_none()
                .then_some(main.began + limits::RELAY_AFTER),
            // One that has a relay looks for paths through that by itself.
            (State::Up { .. }, Some(trouble)) => trouble
                .restarted_at()
                .filter(|at| has_one_until.is_none_or(|until| until <= *at))
                .filter(|_| !self.other_works(main.id)),
            // Before the server ends what goes through it.
            (State::Up { .. }, None) => has_one_until.filter(|_| self.relaying.in_use),
        }
    }

    /// Gives the connections that need a relay one, and has them look for paths through it.
    pub fn use_relay(&mut self, now: Millis, kept: &KeptRelay) {
        let needs_one = self.needs_relay_from().is_some_and(|from| from <= now);
        let main = self.main.id;
        let wanted = |line: &&Line| line.relay_until.is_some() || needs_one && line.id == main;
        let lines: Vec<LineId> = self.lines().filter(wanted).map(|line| line.id).collect();
        self.relaying.kept = Some(kept.clone());
        for id in lines {
            let Some(line) = self.line(id) else { continue };
            line.relay_until = Some(kept.until);
            if let Some(trouble) = &mut line.trouble {
                trouble.restart(now);
            }
            let step = line.negotiation.offer(true);
            self.give(id, kept.relay.clone());
            self.step(now, id, step);
        }
    }

    /// Gives a link that has just begun a relay from the start.
    pub fn begin_with_relay(&mut self, kept: &KeptRelay) {
        self.relaying.kept = Some(kept.clone());
        self.main.relay_until = Some(kept.until);
        let relay = ConnectionOutput::UseRelay(kept.relay.clone());
        // Once there is a connection, and before anything is described.
        let after_open = self.outputs.len().min(1);
        self.outputs
            .insert(after_open, LinkOutput::Connection(self.main.id, relay));
    }

    /// Gives a second connection the relay that the main one goes through: between the same two ends, it finds no other
    /// way either.
    pub(super) fn share_relay(&mut self, now: Millis) {
        let kept = self
            .relaying
            .kept
            .as_ref()
            .filter(|kept| self.relaying.in_use && kept.until > now);
        if let (Some(kept), Some(second)) = (kept, &mut self.second) {
            second.relay_until = Some(kept.until);
            let (id, relay) = (second.id, kept.relay.clone());
            self.give(id, relay);
        }
    }

    fn give(&mut self, id: LineId, relay: Relay) {
        let output = LinkOutput::Connection(id, ConnectionOutput::UseRelay(relay));
        self.outputs.push_back(output);
    }

    /// The path of the main connection was measured.
    pub fn measured(&mut self, relayed: bool) {
        self.relaying.in_use = relayed;
    }

    /// Has a path measured that may go through a relay: who lasts on one needs another in time.
    pub(super) fn measure_if_relayed(&mut self, id: LineId) {
        if id == self.main.id && self.main.relay_until.is_some() {
            let measure = LinkOutput::Connection(id, ConnectionOutput::Measure);
            self.outputs.push_back(measure);
        }
    }

    /// The network may be another one: a relay of the old one is not given to anything new.
    pub(super) fn forget_relay(&mut self, now: Millis) {
        self.relaying.kept = None;
        self.relaying.in_use = false;
        for line in std::iter::once(&mut self.main).chain(&mut self.second) {
            line.relay_until = line.relay_until.map(|until| until.min(now));
        }
    }
}
