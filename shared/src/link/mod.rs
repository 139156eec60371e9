//! A link to one device in one channel: what the rest of the core sees of WebRTC.
//!
//! How many connections stand behind a link is the link's own business (one, for now). It negotiates them, greets the
//! other end, checks who is there, restarts ICE when a path is lost, and takes frames while it has room.
//!
//! ```text
//! dial/accept → Connecting → (channel opens) Greeting → (their hello holds) Up → Down
//! ```

mod io;
mod negotiation;
mod outbox;

use std::collections::VecDeque;

pub use self::{
    io::{ConnectionInput, ConnectionKey, ConnectionOutput, DescriptionKind, Transport},
    negotiation::NegotiationError,
    outbox::LinkFull,
};
use self::{
    negotiation::{Negotiation, Step},
    outbox::Outbox,
};
use crate::{
    channel::ChannelId,
    identity::{Author, AuthorKey},
    limits,
    signal::message::{PeerBody, Sdp},
    time::Millis,
    wire::{Ends, Frame, Hello, HelloError, Session, WireError},
};

/// Who this device is in a channel: what it greets with.
#[derive(Clone, Debug)]
pub struct Me {
    /// Its author key.
    pub key: AuthorKey,
    /// The channel.
    pub channel: ChannelId,
    /// This run.
    pub session: Session,
    /// The member's name.
    pub name: String,
}

/// Who is at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its author key in the channel.
    pub author: Author,
    /// Its run.
    pub session: Session,
    /// The member's name.
    pub name: String,
}

/// Why a link ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DownReason {
    /// We ended it.
    #[error("closed here")]
    ClosedHere,
    /// The other end closed it.
    #[error("closed by the other end")]
    ClosedThere,
    /// It did not come up in time.
    #[error("not up within {} s", limits::CONNECT_TIMEOUT.as_secs())]
    Timeout,
    /// The path was lost and not found again.
    #[error("the path was lost")]
    PathLost,
    /// The other end has no room.
    #[error("declined by the other end")]
    Declined,
    /// The driver could not set a description.
    #[error("negotiation failed: {0}")]
    Negotiation(String),
    /// The other end broke the rules.
    #[error("the other end broke the rules: {0}")]
    Misbehaved(String),
}

/// What a link wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkOutput {
    /// Something with its connection.
    Connection(ConnectionOutput),
    /// Something said through the server.
    Signal(PeerBody),
    /// The other end is known now, or has changed its name.
    Up,
    /// A frame for the channel.
    Frame(Frame),
    /// The end; the connection is closed.
    Down(DownReason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Until the data channel opens and the other end has said hello.
    Connecting {
        until: Millis,
    },
    /// Since when frames flow.
    Up {
        since: Millis,
    },
    Down,
}

/// A path that was lost.
#[derive(Clone, Copy, Debug)]
struct Trouble {
    /// When the next step is due: a restart, or the end.
    until: Millis,
    restarted: bool,
}

/// One link.
#[derive(Debug)]
pub struct Link {
    /// The other device's id on the server.
    pub route: String,
    /// The connection's name between both ends.
    pub connection: String,
    dialled: bool,
    state: State,
    /// The server says that the other device is gone, or is gone itself.
    route_lost: bool,
    negotiation: Negotiation,
    local_fingerprint: Option<[u8; 32]>,
    remote_fingerprint: Option<[u8; 32]>,
    peer: Option<Peer>,
    trouble: Option<Trouble>,
    outbox: Outbox,
    open: bool,
    outputs: VecDeque<LinkOutput>,
}

impl Link {
    fn new(now: Millis, route: String, connection: String, dialled: bool) -> Self {
        Self {
            route,
            connection,
            dialled,
            state: State::Connecting {
                until: now + limits::CONNECT_TIMEOUT,
            },
            route_lost: false,
            negotiation: Negotiation::new(!dialled),
            local_fingerprint: None,
            remote_fingerprint: None,
            peer: None,
            trouble: None,
            outbox: Outbox::default(),
            open: false,
            outputs: [LinkOutput::Connection(ConnectionOutput::Open)].into(),
        }
    }

    /// Opens a link to a device. `connection` is a random name for its connection.
    pub fn dial(now: Millis, route: String, connection: String) -> Self {
        let mut link = Self::new(now, route, connection, true);
        let step = link.negotiation.offer(false);
        link.step(step);
        link
    }

    /// Takes a link that another device opens with an offer.
    pub fn accept(now: Millis, route: String, connection: String, offer: Sdp) -> Self {
        let mut link = Self::new(now, route, connection, false);
        link.signal(PeerBody::Offer(offer));
        link
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<LinkOutput> {
        self.outputs.pop_front()
    }

    /// Whether this side opened it.
    pub fn is_dialled(&self) -> bool {
        self.dialled
    }

    /// The other end, while the link is up.
    pub fn peer(&self) -> Option<&Peer> {
        self.peer
            .as_ref()
            .filter(|_| matches!(self.state, State::Up { .. }))
    }

    /// Since when the link is up.
    pub fn up_since(&self) -> Option<Millis> {
        match self.state {
            State::Up { since } => Some(since),
            _ => None,
        }
    }

    /// When [`Link::wake`] is due.
    pub fn deadline(&self) -> Option<Millis> {
        match self.state {
            State::Connecting { until } => Some(until),
            State::Up { .. } => self.trouble.map(|trouble| trouble.until),
            State::Down => None,
        }
    }

    /// Takes a frame for the other end, if there is room.
    pub fn send(&mut self, frame: &Frame) -> Result<(), LinkFull> {
        if self.peer().is_none() {
            return Err(LinkFull);
        }
        self.outbox.push(frame.encode())?;
        self.flush();
        Ok(())
    }

    /// Says hello again, with a new name.
    pub fn greet_again(&mut self, me: &Me) {
        if self.peer().is_some() {
            self.greet(me);
        }
    }

    /// Ends the link.
    pub fn close(&mut self) {
        self.down(DownReason::ClosedHere);
    }

    /// What the other end sent breaks the rules of the channel: the link ends.
    pub fn misbehaved(&mut self, problem: &str) {
        self.down(DownReason::Misbehaved(problem.to_owned()));
    }

    /// The device has a new id on the server: restarts can be signalled again.
    pub fn reroute(&mut self, route: String) {
        self.route = route;
        self.route_lost = false;
    }

    /// The device left the server, or the server is gone: no restart can be signalled any more.
    pub fn lose_route(&mut self) {
        self.route_lost = true;
        if self.trouble.is_some() {
            self.down(DownReason::PathLost);
        }
    }

    /// The other device said something through the server.
    pub fn signal(&mut self, body: PeerBody) {
        let step = match body {
            PeerBody::Offer(sdp) => {
                self.remote_fingerprint = sdp.fingerprint();
                self.negotiation.remote_offer(sdp)
            }
            PeerBody::Answer(sdp) => {
                self.remote_fingerprint = sdp.fingerprint();
                Ok(self.negotiation.remote_answer(sdp))
            }
            PeerBody::Candidate(candidate) => self.negotiation.remote_candidate(candidate),
            PeerBody::Decline => return self.down(DownReason::Declined),
        };
        match step {
            Ok(step) => self.step(step),
            Err(error) => self.down(DownReason::Misbehaved(error.to_string())),
        }
        let step = self.negotiation.postponed();
        self.step(step);
    }

    /// The driver told something about the connection.
    pub fn connection(&mut self, now: Millis, input: ConnectionInput, me: &Me) {
        if self.state == State::Down {
            return;
        }
        match input {
            ConnectionInput::LocalDescription { kind, sdp } => {
                self.local_fingerprint = sdp.fingerprint();
                let step = self.negotiation.local(kind, sdp);
                self.step(step);
                let step = self.negotiation.postponed();
                self.step(step);
            }
            ConnectionInput::LocalCandidate(candidate) => {
                self.outputs
                    .push_back(LinkOutput::Signal(PeerBody::Candidate(candidate)));
            }
            ConnectionInput::NegotiationFailed(problem) => {
                self.down(DownReason::Negotiation(problem));
            }
            ConnectionInput::Transport(transport) => self.transport(now, transport),
            ConnectionInput::Opened => {
                self.open = true;
                self.greet(me);
            }
            ConnectionInput::Frame(bytes) => {
                if let Err(problem) = self.frame(now, &bytes, me) {
                    self.down(DownReason::Misbehaved(problem));
                }
            }
            ConnectionInput::Buffered(bytes) => {
                self.outbox.buffered(bytes);
                self.flush();
            }
            ConnectionInput::Closed => self.down(DownReason::ClosedThere),
        }
    }

    /// A deadline has passed.
    pub fn wake(&mut self, now: Millis) {
        match (self.state, self.trouble) {
            (State::Connecting { until }, _) if until <= now => self.down(DownReason::Timeout),
            (State::Up { .. }, Some(trouble)) if trouble.until <= now => {
                if trouble.restarted {
                    self.down(DownReason::PathLost);
                } else {
                    self.restart(now);
                }
            }
            _ => {}
        }
    }

    fn transport(&mut self, now: Millis, transport: Transport) {
        match transport {
            Transport::Connected => self.trouble = None,
            _ if self.trouble.is_some_and(|trouble| trouble.restarted) => {}
            _ if self.route_lost => self.down(DownReason::PathLost),
            Transport::Disconnected => {
                self.trouble = Some(Trouble {
                    until: now + limits::DISCONNECTED_GRACE,
                    restarted: false,
                });
            }
            Transport::Failed if matches!(self.state, State::Up { .. }) => self.restart(now),
            Transport::Failed => self.down(DownReason::PathLost),
        }
    }

    /// Looks for a new path. The side that dialled offers; the other waits for it.
    fn restart(&mut self, now: Millis) {
        self.trouble = Some(Trouble {
            until: now + limits::RESTART_TIMEOUT,
            restarted: true,
        });
        if self.dialled {
            let step = self.negotiation.offer(true);
            self.step(step);
        }
    }

    fn ends(&self) -> Option<(Ends, Ends)> {
        let (ours, theirs) = (self.local_fingerprint?, self.remote_fingerprint?);
        Some((
            Ends {
                speaker: ours,
                listener: theirs,
            },
            Ends {
                speaker: theirs,
                listener: ours,
            },
        ))
    }

    fn greet(&mut self, me: &Me) {
        let Some((ends, _)) = self.ends() else {
            return self.down(DownReason::Misbehaved(
                "a description has no SHA-256 fingerprint".into(),
            ));
        };
        let hello = Frame::Hello(Hello::new(&me.key, me.channel, me.session, &me.name, &ends));
        // A hello is small, and the first frame: there is room unless the link is stuck, and then it is no use.
        if self.outbox.push(hello.encode()).is_err() {
            return self.down(DownReason::PathLost);
        }
        self.flush();
    }

    fn frame(&mut self, now: Millis, bytes: &[u8], me: &Me) -> Result<(), String> {
        match (
            Frame::decode(bytes).map_err(|e: WireError| e.to_string())?,
            &self.peer,
        ) {
            (Frame::Hello(hello), known) => {
                let Some((_, ends)) = self.ends() else {
                    return Err("a description has no SHA-256 fingerprint".into());
                };
                hello
                    .verify(me.channel, &ends)
                    .map_err(|e: HelloError| e.to_string())?;
                if known
                    .as_ref()
                    .is_some_and(|k| (k.author, k.session) != (hello.author, hello.session))
                {
                    return Err("a second hello is of somebody else".into());
                }
                self.peer = Some(Peer {
                    author: hello.author,
                    session: hello.session,
                    name: hello.name,
                });
                if let State::Connecting { .. } = self.state {
                    self.state = State::Up { since: now };
                }
                self.outputs.push_back(LinkOutput::Up);
                Ok(())
            }
            (Frame::Unknown(_), _) => Ok(()),
            (Frame::Record(_), None) => Err("a record came before the hello".into()),
            (frame, Some(_)) => {
                self.outputs.push_back(LinkOutput::Frame(frame));
                Ok(())
            }
        }
    }

    fn flush(&mut self) {
        while self.open
            && let Some(frame) = self.outbox.pop()
        {
            self.outputs
                .push_back(LinkOutput::Connection(ConnectionOutput::Send(frame)));
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Driver(output) => self.outputs.push_back(LinkOutput::Connection(output)),
            Step::Signal(body) => self.outputs.push_back(LinkOutput::Signal(body)),
            Step::Nothing => {}
        }
    }

    fn down(&mut self, reason: DownReason) {
        if self.state != State::Down {
            self.state = State::Down;
            self.outputs
                .push_back(LinkOutput::Connection(ConnectionOutput::Close));
            self.outputs.push_back(LinkOutput::Down(reason));
        }
    }
}
