//! A link's two connections: which of them carries what, and how the link goes on when one of them dies.
//!
//! The main one carries control and chat, the second one packets. While one of the two does not work, the other carries
//! everything.

use super::{
    ConnectionOutput, DownReason, Line, LineId, Link, LinkOutput, Said, Signal, State, Stream,
    negotiation::Step,
};
use crate::{
    limits,
    signal::message::PeerBody,
    time::Millis,
    wire::{Frame, is_hello},
};

impl Link {
    /// Which connection is the main one.
    pub fn main(&self) -> LineId {
        self.main.id
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        std::iter::once(&self.main).chain(&self.second)
    }

    pub(super) fn line(&mut self, id: LineId) -> Option<&mut Line> {
        std::iter::once(&mut self.main)
            .chain(&mut self.second)
            .find(|line| line.id == id)
    }

    fn second_works(&self) -> bool {
        self.second.as_ref().is_some_and(Line::works)
    }

    /// Whether there is another connection than this one that works.
    pub(super) fn other_works(&self, id: LineId) -> bool {
        self.lines().any(|line| line.id != id && line.works())
    }

    /// What carries control and chat.
    pub(super) fn control(&mut self) -> &mut Line {
        let second = self.second.as_mut().filter(|second| second.works());
        second
            .filter(|_| !self.main.works())
            .unwrap_or(&mut self.main)
    }

    /// What carries packets.
    pub(super) fn bulk(&self) -> &Line {
        let second = self.second.as_ref().filter(|second| second.works());
        second.unwrap_or(&self.main)
    }

    /// As [`Link::bulk`].
    pub(super) fn bulk_mut(&mut self) -> &mut Line {
        let second = self.second.as_mut().filter(|second| second.works());
        second.unwrap_or(&mut self.main)
    }

    /// Hands over what the connections have room for.
    pub(super) fn flush(&mut self, now: Millis) {
        let Self {
            main,
            second,
            outputs,
            ..
        } = self;
        for line in std::iter::once(main).chain(second) {
            while line.open
                && let Some(frame) = line.outbox.pop(now)
            {
                let send = ConnectionOutput::Send {
                    stream: Stream::CONTROL,
                    frame,
                };
                outputs.push_back(LinkOutput::Connection(line.id, send));
            }
        }
    }

    /// Carries out a step of a connection's negotiation.
    pub(super) fn step(&mut self, now: Millis, id: LineId, step: Step) {
        match step {
            Step::Driver(output) => self.outputs.push_back(LinkOutput::Connection(id, output)),
            Step::Signal(body) => self.say(now, id, body),
            Step::Nothing => {}
        }
    }

    /// Says something about a connection: an offer of the main one through a server, unless the second one works; and
    /// what follows on an offer goes the same way.
    pub(super) fn say(&mut self, now: Millis, id: LineId, body: PeerBody) {
        let by_server = id == self.main.id && !self.second_works();
        let Some(line) = self.line(id) else { return };
        if let PeerBody::Offer(_) = &body {
            line.by_server = by_server;
        }
        if line.by_server {
            self.outputs
                .push_back(LinkOutput::Signal { line: id, body });
        } else {
            self.say_in_band(now, id, Said::Negotiation(body));
        }
    }

    pub(super) fn say_in_band(&mut self, now: Millis, line: LineId, said: Said) {
        let frame = Frame::Signal(Signal { line, said }).encode();
        // Without room for it, the connection it is about is given up in time.
        let _full = self.control().outbox.push(frame);
        self.flush(now);
    }

    /// The other end said something about a connection, through a server or over the link.
    pub(super) fn negotiate(&mut self, now: Millis, id: LineId, body: PeerBody, by_server: bool) {
        let Some(line) = self.line(id) else { return };
        if body == PeerBody::Decline {
            return self.lose(now, id, DownReason::Declined);
        }
        match line.hears(body, by_server) {
            Ok(step) => self.step(now, id, step),
            Err(error) => return self.down(DownReason::Misbehaved(error.to_string())),
        }
        self.negotiated(now, id);
    }

    /// What had to wait until descriptions were exchanged is done.
    pub(super) fn negotiated(&mut self, now: Millis, id: LineId) {
        let Some(line) = self.line(id) else { return };
        let step = line.negotiation.postponed();
        self.step(now, id, step);
        self.refresh_second(now);
    }

    /// The other end said something over one of the connections.
    pub(super) fn said(&mut self, now: Millis, over: LineId, signal: Signal) -> Result<(), String> {
        let Signal { line: id, said } = signal;
        match said {
            Said::Negotiation(body) => return self.said_to_negotiate(now, over, id, body),
            Said::Heard => {
                if let Some(line) = self.line(id) {
                    line.heard = true;
                    self.second_up(now);
                }
            }
            Said::Silent => {
                // What is left is better than nothing.
                if self.other_works(id)
                    && let Some(line) = self.line(id).filter(|line| line.is_up())
                {
                    line.doubted = true;
                    self.replace(now);
                }
            }
            Said::Mended => {
                if let Some(line) = self.line(id) {
                    line.doubted = false;
                    self.mended(now, id);
                }
            }
        }
        Ok(())
    }

    /// A connection is no more: the link goes on with the other one, or ends for this reason.
    pub(super) fn lose(&mut self, now: Millis, id: LineId, reason: DownReason) {
        if id != self.main.id {
            if let Some(second) = self.second.take_if(|second| second.id == id) {
                self.let_go(now, second);
            }
        } else if let Some(second) = self.second.take_if(|second| second.is_up()) {
            let main = std::mem::replace(&mut self.main, second);
            self.let_go(now, main);
        } else {
            self.down(reason);
        }
    }

    fn let_go(&mut self, now: Millis, mut lost: Line) {
        if self.state == State::Down {
            return;
        }
        let close = LinkOutput::Connection(lost.id, ConnectionOutput::Close);
        self.outputs.push_back(close);
        // What is left is all there is.
        self.main.doubted = false;
        self.main.replaced = false;
        if lost.replaced {
            self.say_in_band(now, lost.id, Said::Negotiation(PeerBody::Decline));
        } else if lost.is_up() {
            self.lost = Some(lost.id);
            self.take_over(now, lost.outbox.take());
        }
        self.want_another(now, lost.since);
    }

    /// Lets the connection that works take over from one that fell silent. While neither works, both may be in use.
    pub(super) fn replace(&mut self, now: Millis) {
        let silent = |line: &&Line| line.is_up() && line.is_silent();
        let silent: Vec<LineId> = self.lines().filter(silent).map(|line| line.id).collect();
        for id in silent {
            let other_works = self.other_works(id);
            if let Some(line) = self.line(id)
                && std::mem::replace(&mut line.replaced, other_works) != other_works
                && other_works
            {
                let waiting = line.outbox.take();
                self.take_over(now, waiting);
            }
        }
    }

    /// One connection does not work any more: the other one takes what still waited for it. What was on its way is made
    /// good once it is clear that the other end did not close both of them.
    fn take_over(&mut self, now: Millis, waiting: Vec<Vec<u8>>) {
        let control = self.control();
        for frame in waiting.into_iter().filter(|frame| !is_hello(frame)) {
            // What finds no room is made good with the rest.
            let _full = control.outbox.push(frame);
        }
        self.flush(now);
        self.repair_at.get_or_insert(now + limits::GOODBYE_GRACE);
        self.outputs.push_back(LinkOutput::Room);
    }

    /// Has what was lost with a connection made good, if that is due. The other end hears first what is not to be used
    /// any more, and so answers over what works, whether or not it has noticed.
    pub(super) fn repair(&mut self, now: Millis) {
        if self.repair_at.is_none_or(|at| at > now) {
            return;
        }
        self.repair_at = None;
        if let Some(lost) = self.lost.take() {
            self.say_in_band(now, lost, Said::Negotiation(PeerBody::Decline));
        }
        let trouble = self.lines().filter(|line| line.trouble.is_some());
        let trouble: Vec<LineId> = trouble.map(|line| line.id).collect();
        for line in trouble {
            self.say_in_band(now, line, Said::Silent);
        }
        self.outputs.push_back(LinkOutput::Rerouted);
    }
}
