//! A link's second connection: when it is made, and by whom.

use super::{ConnectionOutput, DownReason, Line, LineId, Link, LinkOutput, Over, State};
use crate::{limits, mesh::backoff, signal::message::PeerBody, time::Millis};

/// What is known of second connections, the one there is and those that were.
#[derive(Debug)]
pub(super) struct Seconds {
    /// The last one that was made.
    last: LineId,
    /// When the side that dialled makes the next one.
    pub(super) next: Option<Millis>,
    /// Those that led to nothing, in a row.
    failures: u32,
}

impl Default for Seconds {
    fn default() -> Self {
        Self {
            last: LineId::FIRST,
            next: None,
            failures: 0,
        }
    }
}

impl Link {
    /// The other end said something about a connection's negotiation over one of the connections.
    pub(super) fn said_to_negotiate(
        &mut self,
        now: Millis,
        over: LineId,
        id: LineId,
        body: PeerBody,
    ) -> Result<(), String> {
        if self.line(id).is_none() {
            // What is said of one that is gone was on its way before that was known.
            let is_new = id > self.seconds.last && matches!(body, PeerBody::Offer(_));
            if !is_new {
                return Ok(());
            }
            if self.dialled {
                return Err("it offers a connection, which is for the other end to do".into());
            }
            // They have one connection left, over which they said so, and have given the other one up.
            let others = self.lines().map(|line| line.id).filter(|id| *id != over);
            for other in others.collect::<Vec<_>>() {
                self.lose(now, other, DownReason::Declined);
            }
            if self.state == State::Down {
                return Ok(());
            }
            self.add_second(now, id);
        }
        self.negotiate(now, id, body, false);
        Ok(())
    }

    fn add_second(&mut self, now: Millis, id: LineId) {
        self.seconds.last = id;
        self.seconds.next = None;
        let over = Over::WebRtc;
        self.second = Some(Line::new(now, id, self.dialled, over));
        let open = LinkOutput::Connection(id, ConnectionOutput::Open { over });
        self.outputs.push_back(open);
        self.share_relay(now);
    }

    /// The link is up: the side that dialled makes a second connection soon. Beside a pipe there is none: they would end
    /// together, with the daemon.
    pub(super) fn want_second(&mut self, now: Millis) {
        let wanted = self.dialled && !self.main.over.is_host();
        self.seconds.next = wanted.then(|| now + limits::SECOND_CONNECTION_DELAY);
    }

    /// A connection is gone that had been up since then: the side that dialled makes another one after a while.
    pub(super) fn want_another(&mut self, now: Millis, since: Option<Millis>) {
        if !self.dialled {
            return;
        }
        if since.is_some_and(|since| now.since(since) >= limits::SECOND_CONNECTION_MAX) {
            self.seconds.failures = 0;
        }
        let pause = backoff(
            limits::SECOND_CONNECTION_BASE,
            limits::SECOND_CONNECTION_MAX,
            self.seconds.failures,
        );
        self.seconds.next = Some(now + pause);
        self.seconds.failures = self.seconds.failures.saturating_add(1);
    }

    /// Makes a second connection, if that is due.
    pub(super) fn make_second(&mut self, now: Millis) {
        if self.seconds.next.is_none_or(|at| at > now) {
            return;
        }
        if !self.main.works() {
            self.seconds.next = Some(now + limits::DISCONNECTED_GRACE);
            return;
        }
        let id = LineId(self.seconds.last.0.saturating_add(1));
        self.add_second(now, id);
        if let Some(second) = &mut self.second {
            let step = second.negotiation.offer(false);
            self.step(now, id, step);
        }
    }

    /// The second connection carries packets as soon as both ends have heard each other on it.
    pub(super) fn second_up(&mut self, now: Millis) {
        if let Some(second) = &mut self.second
            && second.greeted
            && second.heard
            && second.since.is_none()
        {
            second.since = Some(now);
            self.outputs.push_back(LinkOutput::Room);
        }
    }
}
