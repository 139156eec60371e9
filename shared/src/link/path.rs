//! The paths under a link: lost, looked for again, and given up in the end.

use std::time::Duration;

use super::{DownReason, LineId, Link, LinkOutput, Reach, Said, State, Transport};
use crate::{limits, time::Millis};

/// A path that was lost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trouble {
    since: Millis,
    /// When the next step is due: a restart, another look for a way to signal it, or the end.
    pub(super) next: Millis,
    restarted: bool,
}

impl Trouble {
    /// A new path is looked for from now on.
    pub(super) fn restart(&mut self, now: Millis) {
        *self = Self {
            since: now,
            next: now + limits::RESTART_TIMEOUT,
            restarted: true,
        };
    }

    /// Since when a new path is looked for, if it is.
    pub(super) fn restarted_at(self) -> Option<Millis> {
        self.restarted.then_some(self.since)
    }
}

impl Link {
    /// The paths may have changed under the link, as when a device wakes up or changes its network: new ones are looked
    /// for as soon as that can be signalled. Until then no connection is trusted to carry what is said about another.
    pub fn refresh(&mut self, now: Millis, reach: Reach) {
        self.forget_relay(now);
        // A pipe does not leave the machine.
        self.main.stale = !self.main.over.is_host();
        if let Some(second) = self.second.as_mut().filter(|second| second.is_up()) {
            second.stale = true;
            self.outputs.push_back(LinkOutput::Room);
        }
        self.replace(now);
        if reach == Reach::Signalled {
            self.reached(now);
        }
    }

    /// The other end can be spoken to again through a server: what waited for that is done.
    pub fn reached(&mut self, now: Millis) {
        if self.peer().is_none() {
            return;
        }
        let id = self.main.id;
        if self.main.trouble.is_some_and(|trouble| !trouble.restarted) {
            self.restart(now, id);
        }
        if std::mem::take(&mut self.main.stale) {
            // Whichever side it is: the other one may not have noticed.
            let step = self.main.negotiation.offer(true);
            self.step(now, id, step);
        }
    }

    /// The second connection's turn, once the main one has a new path or is about to have one.
    pub(super) fn refresh_second(&mut self, now: Millis) {
        if self.main.stale || !self.main.negotiation.is_settled() {
            return;
        }
        if let Some(second) = self.second.as_mut().filter(|second| second.is_up())
            && std::mem::take(&mut second.stale)
        {
            let (id, step) = (second.id, second.negotiation.offer(true));
            self.step(now, id, step);
        }
    }

    pub(super) fn transport(
        &mut self,
        now: Millis,
        id: LineId,
        transport: Transport,
        reach: Reach,
    ) {
        let is_main = id == self.main.id;
        let Some(line) = self.line(id) else { return };
        if transport == Transport::Connected {
            let is_up = line.is_up();
            if line.trouble.take().is_some() {
                if self.second.is_some() {
                    self.say_in_band(now, id, Said::Mended);
                }
                self.mended(now, id);
            }
            if is_up {
                self.measure_if_relayed(id);
            }
        } else if !line.is_up() {
            if transport == Transport::Failed && is_main {
                // Nothing helps any more but a relay.
                let asked = line.began + limits::RELAY_AFTER;
                line.until = line.until.min(now.max(asked) + limits::RELAY_PATIENCE);
            } else if transport == Transport::Failed {
                self.lose(now, id, DownReason::PathLost);
            }
        } else {
            let restarted = line.trouble.is_some_and(|trouble| trouble.restarted);
            line.trouble.get_or_insert(Trouble {
                since: now,
                next: now + limits::DISCONNECTED_GRACE,
                restarted: false,
            });
            self.replace(now);
            if self.is_gone(reach) || transport == Transport::Failed && !restarted {
                self.mend(now, id, reach);
            }
        }
    }

    /// A connection works again, as far as one of the ends knows: it may carry what the other one did meanwhile, and may
    /// take over from that.
    pub(super) fn mended(&mut self, now: Millis, id: LineId) {
        let Some(line) = self.line(id) else { return };
        line.replaced &= line.is_silent();
        self.replace(now);
        self.outputs.push_back(LinkOutput::Room);
    }

    /// Whether nothing is left of the other end: its servers say that it left, and no path leads there.
    fn is_gone(&self, reach: Reach) -> bool {
        reach == Reach::Gone && !self.lines().any(|line| line.works())
    }

    /// The next step to mend a lost path: a restart, if it can be signalled before too long.
    pub(super) fn mend(&mut self, now: Millis, id: LineId, reach: Reach) {
        if self.is_gone(reach) {
            return self.down(DownReason::PathLost);
        }
        let reach = if self.other_works(id) {
            Reach::Signalled
        } else if id == self.main.id {
            reach
        } else {
            // Nobody speaks of the second connection through a server.
            Reach::Unknown
        };
        let Some(line) = self.line(id) else { return };
        let Some(trouble) = &mut line.trouble else {
            return;
        };
        let left: Duration = limits::RESTART_TIMEOUT.saturating_sub(now.since(trouble.since));
        if trouble.restarted || left.is_zero() {
            self.lose(now, id, DownReason::PathLost);
        } else if reach == Reach::Signalled {
            self.restart(now, id);
        } else {
            trouble.next = now + limits::DISCONNECTED_GRACE.min(left);
        }
    }

    /// Looks for a new path. The side that dialled offers; the other waits for it.
    fn restart(&mut self, now: Millis, id: LineId) {
        let dialled = self.dialled;
        let Some(line) = self.line(id) else { return };
        let trouble = line.trouble.get_or_insert(Trouble {
            since: now,
            next: now,
            restarted: false,
        });
        trouble.restart(now);
        if dialled {
            let step = line.negotiation.offer(true);
            self.step(now, id, step);
        }
    }

    /// A connection's deadline may have passed.
    pub(super) fn wake_line(&mut self, now: Millis, id: LineId, reach: Reach) {
        if self.state == State::Down {
            return;
        }
        let passed = |deadline: Option<Millis>| deadline.is_some_and(|at| at <= now);
        let line = self.line(id).filter(|line| passed(line.deadline()));
        let Some(line) = line else { return };
        if !line.is_up() {
            self.lose(now, id, DownReason::Timeout);
        } else if passed(line.outbox.deadline()) {
            // Not the connection's fault: over another one they would read as little.
            self.down(DownReason::Stalled);
        } else {
            self.mend(now, id, reach);
        }
    }
}
