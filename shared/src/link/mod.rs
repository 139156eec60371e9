//! A link to one device in one channel: what the rest of the core sees of WebRTC.
//!
//! How many connections stand behind a link is the link's own business: one until it is up, then two. It negotiates
//! them, greets the other end on each, checks who is there, restarts ICE when a path is lost, and takes frames while it
//! has room. It ends when its last connection does.
//!
//! ```text
//! dial/accept → Connecting → (channels open) Greeting → (their hello holds) Up → Down
//!                                                                           ↕
//!                               a second connection: Connecting → Greeting → Up → lost, and made again
//! ```

mod bulk;
mod down;
mod greeting;
mod in_band;
mod io;
mod line;
mod lines;
mod negotiation;
mod outbox;
mod pace;
mod path;
mod relaying;
mod second;

use std::{collections::VecDeque, time::Duration};

pub use self::{
    down::DownReason,
    greeting::Me,
    in_band::{LineId, Said, Signal},
    io::{
        ConnectionInput, ConnectionKey, ConnectionOutput, DescriptionKind, NoStream, Over, Path,
        Stream, Transport,
    },
    negotiation::NegotiationError,
    outbox::LinkFull,
    relaying::KeptRelay,
};
use self::{line::Line, pace::Pace, relaying::Relaying, second::Seconds};
use crate::{
    chat::record::RecordId,
    limits,
    mesh::Route,
    signal::message::{PeerBody, Sdp},
    swarm::{self, Packet},
    time::Millis,
    wire::{Frame, Run, WireError},
};

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

/// What a link wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkOutput {
    /// Something with one of its connections.
    Connection(LineId, ConnectionOutput),
    /// Something said through a server about one of its connections ([`Link::name_of`]).
    Signal {
        /// Which.
        line: LineId,
        /// What.
        body: PeerBody,
    },
    /// The other end is known now, or has changed its name.
    Up,
    /// A frame for the channel.
    Frame(Frame),
    /// There is room again for records that the link missed: offer them.
    Offer,
    /// Records that were asked for have not come: they may be had another way.
    Unserved,
    /// There may be room again for packets ([`Link::has_room`]).
    Room,
    /// All that waited to be sent, packets left out, is on its way.
    Drained,
    /// One of its connections does not work any more, and the other has taken over: what was on its way may be lost, so
    /// records are offered again, and what was asked for is asked for again.
    Rerouted,
    /// The end; its connections are closed.
    Down(DownReason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Until the first connection is open and the other end has said hello.
    Connecting,
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
    /// Its name between both ends, and that of its first connection.
    pub connection: String,
    dialled: bool,
    state: State,
    peer: Option<Peer>,
    /// Carries control and chat.
    main: Line,
    /// Carries packets.
    second: Option<Line>,
    seconds: Seconds,
    /// When what was lost with a connection is made good.
    repair_at: Option<Millis>,
    /// The connection that was lost last, until the other end is told.
    lost: Option<LineId>,
    pace: Pace,
    relaying: Relaying,
    outputs: VecDeque<LinkOutput>,
}

impl Link {
    fn new(now: Millis, route: Route, connection: String, dialled: bool, over: Over) -> Self {
        Self {
            routes: vec![route],
            connection,
            dialled,
            state: State::Connecting,
            peer: None,
            main: Line::new(now, LineId::FIRST, dialled, over),
            second: None,
            seconds: Seconds::default(),
            repair_at: None,
            lost: None,
            pace: Pace::new(now),
            relaying: Relaying::default(),
            outputs: [LinkOutput::Connection(
                LineId::FIRST,
                ConnectionOutput::Open { over },
            )]
            .into(),
        }
    }

    /// Opens a link to a device. `connection` is a random name for its connection, which is given up if it is not up
    /// after `patience`.
    pub fn dial(
        now: Millis,
        route: Route,
        connection: String,
        over: Over,
        patience: Duration,
    ) -> Self {
        let mut link = Self::new(now, route, connection, true, over);
        link.main.until = now + patience;
        let step = link.main.negotiation.offer(false);
        link.step(now, LineId::FIRST, step);
        link
    }

    /// Takes a link that another device opens with an offer.
    pub fn accept(now: Millis, route: Route, connection: String, offer: Sdp, over: Over) -> Self {
        let mut link = Self::new(now, route, connection, false, over);
        link.signal(now, LineId::FIRST, PeerBody::Offer(offer));
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

    /// What its main connection goes over.
    pub fn over(&self) -> Over {
        self.main.over
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
            State::Connecting => self.main.deadline(),
            State::Up { .. } => {
                let others = [self.pace.deadline(), self.repair_at, self.seconds.next];
                let lines = self.lines().filter_map(Line::deadline);
                others.into_iter().flatten().chain(lines).min()
            }
            State::Down => None,
        }
    }

    /// Sends what the other end did not ask for, if pace and room allow it. A record that was left out is offered later.
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
        self.control().outbox.push(frame.encode())?;
        self.flush(now);
        Ok(())
    }

    /// Whether a packet of a piece can be sent now; [`LinkOutput::Room`] tells when it can again.
    pub fn has_room(&self, piece: u32) -> bool {
        self.peer().is_some() && self.bulk().bulk.has_room(Stream::bulk(piece))
    }

    /// Sends a packet, if [`Link::has_room`]; one without room is lost, as its receiver notices.
    pub fn send_packet(&mut self, packet: Packet) {
        if !self.has_room(packet.piece) {
            return;
        }
        let stream = Stream::bulk(packet.piece);
        let frame = Frame::Resource(swarm::Message::Packet(packet)).encode();
        let line = self.bulk_mut();
        line.bulk.sent(stream, frame.len());
        let send = LinkOutput::Connection(line.id, ConnectionOutput::Send { stream, frame });
        self.outputs.push_back(send);
    }

    /// Asks for records.
    pub fn want(&mut self, now: Millis, ids: Vec<RecordId>) -> Result<(), LinkFull> {
        self.pace.want(now, &ids);
        self.send(now, &Frame::Want(ids))
    }

    /// Whether a record was asked for a short while ago and has not come.
    pub fn awaits(&self, id: RecordId) -> bool {
        self.pace.awaits(id)
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
            let id = self.control().id;
            self.greet(now, id, me);
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

    /// What one of its connections is called where it is spoken of through a server.
    pub fn name_of(&self, line: LineId) -> String {
        match line {
            LineId::FIRST => self.connection.clone(),
            LineId(number) => format!("{}.{number}", self.connection),
        }
    }

    /// Which of its connections, present or past, is called so.
    pub fn line_called(&self, name: &str) -> Option<LineId> {
        let number = name.strip_prefix(self.connection.as_str())?;
        if number.is_empty() {
            return Some(LineId::FIRST);
        }
        number.strip_prefix('.')?.parse().ok().map(LineId)
    }

    /// The other device said something through a server about one of its connections. New ones are not made so.
    pub fn signal(&mut self, now: Millis, line: LineId, body: PeerBody) {
        if self.state != State::Down {
            self.negotiate(now, line, body, true);
        }
    }

    /// The driver told something about a connection.
    pub fn connection(
        &mut self,
        now: Millis,
        id: LineId,
        input: ConnectionInput,
        me: &Me,
        reach: Reach,
    ) {
        if self.state == State::Down {
            return;
        }
        let Some(line) = self.line(id) else { return };
        match input {
            ConnectionInput::LocalDescription { kind, sdp } => {
                line.local_fingerprint = sdp.fingerprint();
                let step = line.negotiation.local(kind, sdp);
                self.step(now, id, step);
                self.negotiated(now, id);
            }
            ConnectionInput::LocalCandidate(candidate) => {
                self.say(now, id, PeerBody::Candidate(candidate));
            }
            ConnectionInput::NegotiationFailed(problem) => {
                if !line.is_up() && id != self.main.id {
                    // They need not wait for it.
                    self.say_in_band(now, id, Said::Negotiation(PeerBody::Decline));
                }
                self.lose(now, id, DownReason::Negotiation(problem));
            }
            ConnectionInput::Transport(transport) => self.transport(now, id, transport, reach),
            ConnectionInput::Opened => {
                line.open = true;
                self.greet(now, id, me);
            }
            ConnectionInput::Frame(bytes) => {
                if let Err(problem) = self.frame(now, id, &bytes, me) {
                    self.down(DownReason::Misbehaved(problem));
                }
            }
            ConnectionInput::Buffered { stream, bytes } if stream == Stream::CONTROL => {
                line.outbox.buffered(bytes);
                let waited = !line.outbox.is_empty();
                self.flush(now);
                if waited && self.line(id).is_some_and(|line| line.outbox.is_empty()) {
                    self.outputs.push_back(LinkOutput::Drained);
                }
            }
            ConnectionInput::Buffered { stream, bytes } => {
                if line.bulk.buffered(stream, bytes) {
                    self.outputs.push_back(LinkOutput::Room);
                }
            }
            ConnectionInput::Closed => self.lose(now, id, DownReason::ClosedThere),
            ConnectionInput::Measured(_) => {}
        }
    }

    /// A deadline has passed.
    pub fn wake(&mut self, now: Millis, reach: Reach) {
        let lines: Vec<LineId> = self.lines().map(|line| line.id).collect();
        for line in lines {
            self.wake_line(now, line, reach);
        }
        if self.peer().is_some() {
            self.repair(now);
            self.make_second(now);
            let room = self.control().outbox.is_empty();
            let unserved = self.pace.waited_in_vain(now);
            self.outputs
                .extend(unserved.then_some(LinkOutput::Unserved));
            let again = self.pace.offer_again(now, room);
            self.outputs.extend(again.then_some(LinkOutput::Offer));
        }
    }

    fn frame(&mut self, now: Millis, id: LineId, bytes: &[u8], me: &Me) -> Result<(), String> {
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
            Frame::Resource(_) | Frame::History(_) => 0,
            Frame::Signal(signal) => signal.cost(),
            Frame::Sighting(_) | Frame::Switch(_) | Frame::Unknown(_) => 1,
            // One part for each question.
            Frame::Shelf(_) | Frame::Together(_) => 1,
        };
        let bearable = match &frame {
            Frame::Resource(message) => self.pace.receive_about_resource(now, message.cost()),
            Frame::History(message) => self.pace.receive_about_history(now, message.cost()),
            _ => self.pace.receive(now, cost),
        };
        if !bearable {
            return Err("it sends more than anybody can take".into());
        }
        let greeted = self.line(id).is_some_and(|line| line.greeted);
        match frame {
            Frame::Hello(hello) => self.greeted(now, id, hello, me),
            Frame::Unknown(_) => Ok(()),
            _ if !greeted => Err("something came before the hello".into()),
            Frame::Signal(signal) => self.said(now, id, signal),
            frame => {
                self.outputs.push_back(LinkOutput::Frame(frame));
                Ok(())
            }
        }
    }

    fn down(&mut self, reason: DownReason) {
        if self.state != State::Down {
            self.state = State::Down;
            let second = self.second.take().map(|second| second.id);
            for line in std::iter::once(self.main.id).chain(second) {
                let close = LinkOutput::Connection(line, ConnectionOutput::Close);
                self.outputs.push_back(close);
            }
            self.outputs.push_back(LinkOutput::Down(reason));
        }
    }
}
