//! The path under a link: lost, looked for again, and given up in the end.

use std::time::Duration;

use super::{DownReason, Link, Reach, State, Transport};
use crate::{limits, time::Millis};

/// A path that was lost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trouble {
    since: Millis,
    /// When the next step is due: a restart, another look for a way to signal it, or the end.
    pub(super) next: Millis,
    restarted: bool,
}

impl Link {
    /// The path may have changed under the link, as when a device wakes up or changes its network: a new one is looked
    /// for as soon as that can be signalled.
    pub fn refresh(&mut self, now: Millis, reach: Reach) {
        self.stale = true;
        if reach == Reach::Signalled {
            self.reached(now);
        }
    }

    /// The other end can be spoken to again: what waited for that is done.
    pub fn reached(&mut self, now: Millis) {
        if self.peer().is_none() {
            return;
        }
        if self.trouble.is_some_and(|trouble| !trouble.restarted) {
            self.restart(now);
        }
        if std::mem::take(&mut self.stale) {
            // Whichever side it is: the other one may not have noticed.
            let step = self.negotiation.offer(true);
            self.step(step);
        }
    }

    pub(super) fn transport(&mut self, now: Millis, transport: Transport, reach: Reach) {
        match (transport, self.state) {
            (Transport::Connected, _) => self.trouble = None,
            (Transport::Failed, State::Connecting { .. }) => self.down(DownReason::PathLost),
            (_, State::Connecting { .. } | State::Down) => {}
            (_, State::Up { .. }) if reach == Reach::Gone => self.down(DownReason::PathLost),
            (_, State::Up { .. }) if self.trouble.is_some_and(|trouble| trouble.restarted) => {}
            (_, State::Up { .. }) => {
                self.trouble.get_or_insert(Trouble {
                    since: now,
                    next: now + limits::DISCONNECTED_GRACE,
                    restarted: false,
                });
                if transport == Transport::Failed {
                    self.mend(now, reach);
                }
            }
        }
    }

    /// The next step to mend a lost path: a restart, if it can be signalled before too long.
    pub(super) fn mend(&mut self, now: Millis, reach: Reach) {
        let Some(trouble) = &mut self.trouble else {
            return;
        };
        let left: Duration = limits::RESTART_TIMEOUT.saturating_sub(now.since(trouble.since));
        if trouble.restarted || left.is_zero() || reach == Reach::Gone {
            self.down(DownReason::PathLost);
        } else if reach == Reach::Signalled {
            self.restart(now);
        } else {
            trouble.next = now + limits::DISCONNECTED_GRACE.min(left);
        }
    }

    /// Looks for a new path. The side that dialled offers; the other waits for it.
    fn restart(&mut self, now: Millis) {
        self.trouble = Some(Trouble {
            since: now,
            next: now + limits::RESTART_TIMEOUT,
            restarted: true,
        });
        if self.dialled {
            let step = self.negotiation.offer(true);
            self.step(step);
        }
    }
}
