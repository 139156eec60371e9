//! A link to one device in one channel: what the rest of the core sees of WebRTC.
//!
//! How many connections stand behind a link is the link's own business (one, for now). It negotiates them, greets the
//! other end, checks who is there, restarts ICE when a path is lost, and takes frames while it has room.
//!
//! ```text
//! dial/accept → Connecting → (channel opens) Greeting → (their hello holds) Up → Down
//! ```

mod bulk;
mod greeting;
mod io;
mod negotiation;
mod outbox;
mod pace;
mod path;

use std::collections::VecDeque;

use self::{
    bulk::Bulk,
    negotiation::{Negotiation, Step},
    outbox::Outbox,
    pace::Pace,
    path::Trouble,
};
pub use self::{
    io::{
        ConnectionInput, ConnectionKey, ConnectionOutput, DescriptionKind, Path, Stream, Transport,
    },
    negotiation::NegotiationError,
    outbox::LinkFull,
};
use crate::{
    channel::ChannelId,
    chat::record::RecordId,
    identity::AuthorKey,
    limits,
    mesh::Route,
    signal::message::{PeerBody, Sdp},
    swarm::{self, Packet},
    time::Millis,
    wire::{Frame, Run, Session, WireError},
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
    /// Which run of which device.
    pub run: Run,
    /// The member's name.
    pub name: String,
}

/// Whether the other end can be spoken to through a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It is on a server that we are on.
    Signalled,
    /// Its servers are not reached now, or it has not been seen since they were.
    Unknown,
    /// Its servers say that it left.
    Gone,
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
    /// The other end takes nothing any more.
    #[error("nothing was read within {} s", limits::STALLED.as_secs())]
    Stalled,
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
    /// There is room again for records that the link missed: offer them.
    Offer,
    /// There is room again for packets ([`Link::has_room`]).
    Room,
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

/// One link.
#[derive(Debug)]
pub struct Link {
    /// Where the other end was spoken to, best first.
    routes: Vec<Route>,
    /// The connection's name between both ends.
    pub connection: String,
    dialled: bool,
    state: State,
    negotiation: Negotiation,
    local_fingerprint: Option<[u8; 32]>,
    remote_fingerprint: Option<[u8; 32]>,
    peer: Option<Peer>,
    trouble: Option<Trouble>,
    outbox: Outbox,
    /// What waits in each of the data channels for pieces.
    bulk: Bulk,
    pace: Pace,
    /// A new path is to be looked for once that can be signalled.
    stale: bool,
    open: bool,
    outputs: VecDeque<LinkOutput>,
}

impl Link {
    fn new(now: Millis, route: Route, connection: String, dialled: bool) -> Self {
        Self {
            routes: vec![route],
            connection,
            dialled,
            state: State::Connecting {
                until: now + limits::CONNECT_TIMEOUT,
            },
            negotiation: Negotiation::new(!dialled),
            local_fingerprint: None,
            remote_fingerprint: None,
            peer: None,
            trouble: None,
            outbox: Outbox::default(),
            bulk: Bulk::default(),
            pace: Pace::new(now),
            stale: false,
            open: false,
            outputs: [LinkOutput::Connection(ConnectionOutput::Open)].into(),
        }
    }

    /// Opens a link to a device. `connection` is a random name for its connection.
    pub fn dial(now: Millis, route: Route, connection: String) -> Self {
        let mut link = Self::new(now, route, connection, true);
        let step = link.negotiation.offer(false);
        link.step(step);
        link
    }

    /// Takes a link that another device opens with an offer.
    pub fn accept(now: Millis, route: Route, connection: String, offer: Sdp) -> Self {
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

    /// Who is or was at the other end.
    pub fn last_run(&self) -> Option<Run> {
        self.peer.as_ref().map(|peer| peer.run)
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
            State::Up { .. } => {
                let trouble = self.trouble.map(|trouble| trouble.next);
                let deadlines = [trouble, self.outbox.deadline(), self.pace.deadline()];
                deadlines.into_iter().flatten().min()
            }
            State::Down => None,
        }
    }

    /// Sends what the other end did not ask for, if pace and room allow it. A record that was left out is offered
    /// again later ([`LinkOutput::Offer`]).
    pub fn flood(&mut self, now: Millis, frame: &Frame) -> Result<(), LinkFull> {
        let sent = if self.peer().is_some() && !self.pace.send(now) {
            Err(LinkFull)
        } else {
            self.send(now, frame)
        };
        if sent.is_err() && matches!(frame, Frame::Record(_)) {
            self.pace.miss(now);
        }
        sent
    }

    /// Takes a frame for the other end, if there is room.
    pub fn send(&mut self, now: Millis, frame: &Frame) -> Result<(), LinkFull> {
        if self.peer().is_none() {
            return Err(LinkFull);
        }
        self.outbox.push(frame.encode())?;
        self.flush(now);
        Ok(())
    }

    /// Whether a packet of a piece can be sent now; [`LinkOutput::Room`] tells when it can again.
    pub fn has_room(&self, piece: u32) -> bool {
        self.peer().is_some() && self.bulk.has_room(Stream::bulk(piece))
    }

    /// Sends a packet, if [`Link::has_room`]; one without room is lost, as its receiver notices.
    pub fn send_packet(&mut self, packet: Packet) {
        if !self.has_room(packet.piece) {
            return;
        }
        let stream = Stream::bulk(packet.piece);
        let frame = Frame::Resource(swarm::Message::Packet(packet)).encode();
        self.bulk.sent(stream, frame.len());
        let send = ConnectionOutput::Send { stream, frame };
        self.outputs.push_back(LinkOutput::Connection(send));
    }

    /// Asks for records.
    pub fn want(&mut self, now: Millis, ids: Vec<RecordId>) -> Result<(), LinkFull> {
        self.pace.want(&ids);
        self.send(now, &Frame::Want(ids))
    }

    /// A record was left out: it is offered again later ([`LinkOutput::Offer`]).
    pub fn miss(&mut self, now: Millis) {
        self.pace.miss(now);
    }

    /// Whether the other end may send this record now: it was asked for, or comes at a bearable pace.
    pub fn may_receive(&mut self, now: Millis, id: RecordId) -> bool {
        self.pace.receive_record(now, id)
    }

    /// Says hello again, with a new name.
    pub fn greet_again(&mut self, now: Millis, me: &Me) {
        if self.peer().is_some() {
            self.greet(now, me);
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

    /// Where the other end was spoken to, best first.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The other end can be spoken to here as well, and better than elsewhere.
    pub fn add_route(&mut self, route: Route) {
        self.routes.retain(|known| *known != route);
        self.routes.insert(0, route);
        self.routes.truncate(limits::MAX_LINK_ROUTES);
    }

    /// The other end cannot be spoken to here any more.
    pub fn remove_route(&mut self, route: &Route) {
        self.routes.retain(|known| known != route);
    }

    /// The other device said something through the server.
    pub fn signal(&mut self, body: PeerBody) {
        let fingerprint = match &body {
            PeerBody::Offer(sdp) | PeerBody::Answer(sdp) => sdp.fingerprint(),
            PeerBody::Candidate(_) | PeerBody::Decline => None,
        };
        // Whoever is there stays: a description with another certificate is of somebody else.
        if let PeerBody::Offer(_) | PeerBody::Answer(_) = &body
            && self.remote_fingerprint.is_some()
            && fingerprint != self.remote_fingerprint
        {
            return;
        }
        let step = match body {
            PeerBody::Offer(sdp) => self.negotiation.remote_offer(sdp),
            PeerBody::Answer(sdp) => Ok(self.negotiation.remote_answer(sdp)),
            PeerBody::Candidate(candidate) => self.negotiation.remote_candidate(candidate),
            PeerBody::Decline => return self.down(DownReason::Declined),
        };
        match step {
            Ok(step) => {
                // A description that is left out says nothing about who is there.
                if step.takes_description() {
                    self.remote_fingerprint = fingerprint;
                }
                self.step(step);
            }
            Err(error) => self.down(DownReason::Misbehaved(error.to_string())),
        }
        let step = self.negotiation.postponed();
        self.step(step);
    }

    /// The driver told something about the connection.
    pub fn connection(&mut self, now: Millis, input: ConnectionInput, me: &Me, reach: Reach) {
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
            ConnectionInput::Transport(transport) => self.transport(now, transport, reach),
            ConnectionInput::Opened => {
                self.open = true;
                self.greet(now, me);
            }
            ConnectionInput::Frame(bytes) => {
                if let Err(problem) = self.frame(now, &bytes, me) {
                    self.down(DownReason::Misbehaved(problem));
                }
            }
            ConnectionInput::Buffered { stream, bytes } if stream == Stream::CONTROL => {
                self.outbox.buffered(bytes);
                self.flush(now);
            }
            ConnectionInput::Buffered { stream, bytes } => {
                if self.bulk.buffered(stream, bytes) {
                    self.outputs.push_back(LinkOutput::Room);
                }
            }
            ConnectionInput::Closed => self.down(DownReason::ClosedThere),
            ConnectionInput::Measured(_) => {}
        }
    }

    /// A deadline has passed.
    pub fn wake(&mut self, now: Millis, reach: Reach) {
        let passed = |deadline: Option<Millis>| deadline.is_some_and(|at| at <= now);
        match self.state {
            State::Connecting { until } if until <= now => self.down(DownReason::Timeout),
            State::Up { .. } if passed(self.outbox.deadline()) => self.down(DownReason::Stalled),
            State::Up { .. } => {
                if passed(self.trouble.map(|trouble| trouble.next)) {
                    self.mend(now, reach);
                }
                if self.pace.offer_again(now, self.outbox.is_empty()) {
                    self.outputs.push_back(LinkOutput::Offer);
                }
            }
            _ => {}
        }
    }

    fn frame(&mut self, now: Millis, bytes: &[u8], me: &Me) -> Result<(), String> {
        let frame = Frame::decode(bytes).map_err(|e: WireError| e.to_string())?;
        let cost = match &frame {
            // Weighed when it is known whether it was asked for.
            Frame::Record(_) => 0,
            // Each may be answered by a record.
            Frame::Want(ids) => ids.len(),
            // A signature to check, and only a name to change.
            Frame::Hello(_) => 10,
            // Cheap to look up.
            Frame::Have(ids) | Frame::Stored(ids) => 1 + ids.len() / 16,
            // They have an account of their own.
            Frame::Resource(_) => 0,
            Frame::Sighting(_) | Frame::Unknown(_) => 1,
        };
        let bearable = match &frame {
            Frame::Resource(message) => self.pace.receive_about_resource(now, message.cost()),
            _ => self.pace.receive(now, cost),
        };
        if !bearable {
            return Err("it sends more than anybody can take".into());
        }
        match (frame, &self.peer) {
            (Frame::Hello(hello), _) => self.greeted(now, hello, me),
            (Frame::Unknown(_), _) => Ok(()),
            (_, None) => Err("something came before the hello".into()),
            (frame, Some(_)) => {
                self.outputs.push_back(LinkOutput::Frame(frame));
                Ok(())
            }
        }
    }

    fn flush(&mut self, now: Millis) {
        while self.open
            && let Some(frame) = self.outbox.pop(now)
        {
            self.outputs
                .push_back(LinkOutput::Connection(ConnectionOutput::Send {
                    stream: Stream::CONTROL,
                    frame,
                }));
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
