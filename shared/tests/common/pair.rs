//! Two links that are each other's ends, without nodes: what a test does with what they say is its own business.
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

use std::collections::{BTreeMap, BTreeSet};

use catnest::{
    channel::ChannelId,
    entropy::Entropy,
    identity::DeviceSeed,
    limits,
    link::{
        ConnectionInput, ConnectionOutput, DescriptionKind, LineId, Link, LinkOutput, Me, Over,
        Reach, Stream,
    },
    mesh::Route,
    profile::Profile,
    resource::ResourceId,
    signal::message::{PeerBody, Sdp},
    swarm::{Message, Packet},
    time::Millis,
    wire::{Frame, Session},
};

pub(crate) const DIALS: usize = 0;
pub(crate) const ANSWERS: usize = 1;

/// What one end did with one connection.
pub(crate) type Sent = (usize, LineId, Stream, Frame);

pub(crate) struct Pair {
    pub(crate) now: Millis,
    pub(crate) links: [Option<Link>; 2],
    pub(crate) us: [Me; 2],
    /// Everything that was sent.
    pub(crate) sent: Vec<Sent>,
    /// What each link told, connections left out.
    pub(crate) told: [Vec<LinkOutput>; 2],
    /// Of each end, the certificates of the connections that are open.
    certificates: [BTreeMap<LineId, [u8; 32]>; 2],
    /// On which connections everything is lost.
    pub(crate) silent: BTreeSet<LineId>,
    /// An end that knows nothing of second connections.
    pub(crate) old: Option<usize>,
    /// The streams on which nothing drains.
    pub(crate) full: BTreeSet<(LineId, Stream)>,
    entropy: Entropy,
}

fn route() -> Route {
    Route {
        server: 0,
        id: "other".into(),
    }
}

pub(crate) fn me(number: u8) -> Me {
    let channel = ChannelId([7; 32]);
    let seed = DeviceSeed::generate(&mut Entropy::from_seed([number; 32]));
    Me {
        key: seed.author_key(channel),
        channel,
        session: Session([number; 16]),
        profile: Profile {
            name: format!("cat {number}"),
            avatar: None,
        },
    }
}

pub(crate) fn describe(certificate: [u8; 32]) -> Sdp {
    let hex: Vec<String> = certificate
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    Sdp(format!("a=fingerprint:sha-256 {}", hex.join(":")))
}

impl Pair {
    /// Two links that are up, with one connection.
    pub(crate) fn up() -> Self {
        let now = Millis(1000);
        let patience = limits::CONNECT_TIMEOUT;
        let dialled = Link::dial(now, route(), "name".into(), Over::WebRtc, patience);
        let mut pair = Self {
            now,
            links: [Some(dialled), None],
            us: [me(1), me(2)],
            sent: Vec::new(),
            told: Default::default(),
            certificates: Default::default(),
            silent: BTreeSet::new(),
            old: None,
            full: BTreeSet::new(),
            entropy: Entropy::from_seed([9; 32]),
        };
        pair.settle();
        assert!(
            pair.links
                .iter()
                .flatten()
                .all(|link| link.peer().is_some())
        );
        pair
    }

    /// Two links that are up, with both connections.
    pub(crate) fn complete() -> Self {
        let mut pair = Self::up();
        pair.wait(5);
        assert_eq!(pair.connections(), [2, 2]);
        pair
    }

    pub(crate) fn link(&mut self, end: usize) -> &mut Link {
        self.links[end].as_mut().unwrap()
    }

    /// How many connections each end has.
    pub(crate) fn connections(&self) -> [usize; 2] {
        [self.certificates[0].len(), self.certificates[1].len()]
    }

    pub(crate) fn is_up(&self) -> bool {
        self.links
            .iter()
            .flatten()
            .all(|link| link.peer().is_some())
    }

    /// The driver tells something.
    pub(crate) fn tell(&mut self, end: usize, line: LineId, input: ConnectionInput) {
        let (now, me) = (self.now, self.us[end].clone());
        self.link(end)
            .connection(now, line, input, &me, Reach::Signalled);
    }

    /// A frame comes to an end, whoever made it.
    pub(crate) fn forge(&mut self, to: usize, line: LineId, frame: &Frame) {
        self.tell(to, line, ConnectionInput::Frame(frame.encode()));
        self.settle();
    }

    /// Both ends lose a connection.
    pub(crate) fn cut(&mut self, line: LineId) {
        for end in [DIALS, ANSWERS] {
            if self.certificates[end].remove(&line).is_some() {
                self.tell(end, line, ConnectionInput::Closed);
            }
        }
        self.settle();
    }

    /// Lets seconds pass, in steps that are shorter than any deadline.
    pub(crate) fn wait(&mut self, seconds: u64) {
        for _ in 0..seconds * 10 {
            self.now = self.now + std::time::Duration::from_millis(100);
            for link in self.links.iter_mut().flatten() {
                if link.deadline().is_some_and(|at| at <= self.now) {
                    link.wake(self.now, Reach::Signalled);
                }
            }
            self.settle();
        }
    }

    /// Carries out what the links want until they want nothing.
    pub(crate) fn settle(&mut self) {
        loop {
            let mut quiet = true;
            for end in [DIALS, ANSWERS] {
                while let Some(output) = self.links[end].as_mut().and_then(Link::poll) {
                    quiet = false;
                    self.perform(end, output);
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn perform(&mut self, end: usize, output: LinkOutput) {
        let other = 1 - end;
        match output {
            LinkOutput::Connection(line, output) => self.drive(end, line, output),
            LinkOutput::Signal { line, body } => {
                let now = self.now;
                match (&mut self.links[other], body) {
                    (Some(link), body) => link.signal(now, line, body),
                    (none, PeerBody::Offer(offer)) => {
                        *none = Some(Link::accept(
                            now,
                            route(),
                            "name".into(),
                            offer,
                            Over::WebRtc,
                        ));
                    }
                    (None, body) => panic!("{body:?} of a link that nobody offered"),
                }
            }
            output => self.told[end].push(output),
        }
    }

    fn drive(&mut self, end: usize, line: LineId, output: ConnectionOutput) {
        let other = 1 - end;
        let describe = |pair: &Self| describe(pair.certificates[end][&line]);
        match output {
            ConnectionOutput::Open { .. } => {
                let certificate = self.entropy.bytes();
                self.certificates[end].insert(line, certificate);
            }
            ConnectionOutput::Offer { .. } => {
                let (kind, sdp) = (DescriptionKind::Offer, describe(self));
                self.tell(end, line, ConnectionInput::LocalDescription { kind, sdp });
            }
            ConnectionOutput::AcceptOffer(_) => {
                let (kind, sdp) = (DescriptionKind::Answer, describe(self));
                self.tell(end, line, ConnectionInput::LocalDescription { kind, sdp });
            }
            ConnectionOutput::AcceptAnswer(_) => {
                self.tell(end, line, ConnectionInput::Opened);
                self.tell(other, line, ConnectionInput::Opened);
            }
            ConnectionOutput::Send { stream, frame } => {
                if !self.certificates[end].contains_key(&line) {
                    return;
                }
                let is_signal = frame[1] == 7;
                let lost = self.silent.contains(&line) || is_signal && self.old == Some(other);
                let read = Frame::decode(&frame).unwrap();
                self.sent.push((end, line, stream, read));
                if !lost {
                    self.tell(other, line, ConnectionInput::Frame(frame));
                }
                if !self.full.contains(&(line, stream)) {
                    let bytes = 0;
                    self.tell(end, line, ConnectionInput::Buffered { stream, bytes });
                }
            }
            ConnectionOutput::Close => {
                self.certificates[end].remove(&line);
                if self.certificates[other].contains_key(&line) && !self.silent.contains(&line) {
                    self.tell(other, line, ConnectionInput::Closed);
                }
            }
            ConnectionOutput::UseRelay(_)
            | ConnectionOutput::AddCandidate(_)
            | ConnectionOutput::Measure => {}
        }
    }
}

/// A packet of a file.
pub(crate) fn packet(piece: u32) -> Packet {
    Packet {
        resource: ResourceId([3; 32]),
        piece,
        offset: 0,
        data: vec![5; 100],
    }
}

/// Which connections carried packets.
pub(crate) fn carried_packets(pair: &Pair) -> Vec<LineId> {
    let packets = pair.sent.iter().filter(|(_, _, stream, frame)| {
        let is_packet = matches!(frame, Frame::Resource(Message::Packet(_)));
        assert_eq!(is_packet, *stream != Stream::CONTROL);
        is_packet
    });
    packets.map(|(_, line, ..)| *line).collect()
}
