//! Where the programs of a machine meet: the daemon's rules of signalling and pipes.
//!
//! The driver tells who said what and who went, and drains [`Switchboard::poll`]. The daemon's own device is a program like
//! the others.

use std::{
    collections::{BTreeMap, VecDeque},
    net::Ipv6Addr,
};

use serde::{Deserialize, Serialize};

use super::{FromHost, Pipe, ToHost, pipes::Pipes};
use crate::{
    address::ChannelName,
    entropy::Entropy,
    limits,
    signal::hub::{Hub, HubOutput, Socket},
    time::Millis,
};

/// The driver's name for a program, never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProgramId(pub u64);

/// What a program does with one of its signalling sockets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SocketStep {
    /// Joins a channel; the socket is new.
    Open {
        /// What the channel is called there.
        topic: String,
    },
    /// Says something, as on a WebSocket ([`crate::signal`]).
    Text {
        /// At most [`limits::MAX_SIGNAL_BYTES`].
        text: String,
    },
    /// Leaves.
    Close,
}

/// What happens to a program's signalling socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SocketNews {
    /// It is open.
    Opened,
    /// Something is said there.
    Text {
        /// What.
        text: String,
    },
    /// It is closed, or was not opened.
    Closed,
}

/// The signalling hub and the pipes of a daemon.
pub struct Switchboard {
    hub: Hub,
    last_socket: u64,
    /// Whose each socket is, and what it is called there.
    owners: BTreeMap<Socket, (ProgramId, u64)>,
    sockets: BTreeMap<(ProgramId, u64), Socket>,
    pipes: Pipes,
    outputs: VecDeque<(ProgramId, FromHost)>,
}

impl Switchboard {
    /// One that nobody has come to.
    pub fn new(entropy: Entropy) -> Self {
        Self {
            hub: Hub::new(entropy),
            last_socket: 0,
            owners: BTreeMap::new(),
            sockets: BTreeMap::new(),
            pipes: Pipes::default(),
            outputs: VecDeque::new(),
        }
    }

    /// What is to be said next, and to whom.
    pub fn poll(&mut self) -> Option<(ProgramId, FromHost)> {
        self.outputs.pop_front()
    }

    /// How many sockets there are, and how many pipes.
    pub fn load(&self) -> (usize, usize) {
        (self.sockets.len(), self.pipes.len())
    }

    /// A program said something. What is about neither sockets nor pipes is for somebody else.
    pub fn hear(&mut self, now: Millis, program: ProgramId, said: ToHost) {
        match said {
            ToHost::Signal { socket, what } => self.signal(now, program, socket, what),
            ToHost::Pipe { pipe, what } => self.pipes.hear(program, pipe, what),
            ToHost::Hello { .. } | ToHost::Ask { .. } => {}
        }
        self.drain();
    }

    /// A program is gone, and with it all that it had.
    pub fn leave(&mut self, program: ProgramId) {
        let all = (program, u64::MIN)..=(program, u64::MAX);
        let all: Vec<u64> = self
            .sockets
            .range(all)
            .map(|((_, number), _)| *number)
            .collect();
        for number in all {
            self.close(program, number);
        }
        self.pipes.leave(program);
        self.drain();
    }

    /// What was to be said to a program finds no room: what it is about ends.
    pub fn overflow(&mut self, program: ProgramId, message: &FromHost) {
        match message {
            FromHost::Signal { socket, .. } if self.close(program, *socket) => {
                self.tell(program, *socket, SocketNews::Closed);
            }
            FromHost::Pipe { pipe, .. } => self.pipes.overflow(*pipe),
            _ => {}
        }
        self.drain();
    }

    fn signal(&mut self, now: Millis, program: ProgramId, number: u64, what: SocketStep) {
        let socket = self.sockets.get(&(program, number)).copied();
        match (what, socket) {
            (SocketStep::Open { topic }, None) => match self.admits(program, &topic) {
                Some(channel) => self.open(now, program, number, &channel),
                None => self.tell(program, number, SocketNews::Closed),
            },
            (SocketStep::Text { text }, Some(socket)) => self.hub.text(now, socket, &text),
            // Nobody opens what is open.
            (SocketStep::Open { .. }, Some(_)) => {
                self.close(program, number);
                self.tell(program, number, SocketNews::Closed);
            }
            (SocketStep::Close, Some(_)) => {
                self.close(program, number);
            }
            // It was closed here meanwhile, as the program is about to hear.
            (SocketStep::Text { .. } | SocketStep::Close, None) => {}
        }
    }

    fn admits(&self, program: ProgramId, topic: &str) -> Option<ChannelName> {
        let all = (program, u64::MIN)..=(program, u64::MAX);
        if self.sockets.range(all).count() >= limits::MAX_HOST_SOCKETS {
            return None;
        }
        ChannelName::new(topic.to_owned()).ok()
    }

    fn open(&mut self, now: Millis, program: ProgramId, number: u64, channel: &ChannelName) {
        self.last_socket += 1;
        let socket = Socket(self.last_socket);
        self.owners.insert(socket, (program, number));
        self.sockets.insert((program, number), socket);
        self.tell(program, number, SocketNews::Opened);
        // What one address may do, each program may.
        let address = Ipv6Addr::from_bits(u128::from(program.0) << 64);
        self.hub.join(now, socket, address.into(), channel, true);
    }

    /// Forgets a socket. Whether there was one.
    fn close(&mut self, program: ProgramId, number: u64) -> bool {
        let Some(socket) = self.sockets.remove(&(program, number)) else {
            return false;
        };
        self.owners.remove(&socket);
        self.hub.leave(socket);
        true
    }

    fn tell(&mut self, program: ProgramId, socket: u64, what: SocketNews) {
        let message = FromHost::Signal { socket, what };
        self.outputs.push_back((program, message));
    }

    fn drain(&mut self) {
        while let Some(output) = self.hub.poll() {
            match output {
                HubOutput::Send { socket, text } => {
                    if let Some(&(program, number)) = self.owners.get(&socket) {
                        let text = text.to_string();
                        self.tell(program, number, SocketNews::Text { text });
                    }
                }
                HubOutput::Close { socket, .. } => {
                    if let Some(&(program, number)) = self.owners.get(&socket) {
                        self.close(program, number);
                        self.tell(program, number, SocketNews::Closed);
                    }
                }
                // There are none here.
                HubOutput::Relay { .. } => {}
            }
        }
        while let Some((program, pipe, what)) = self.pipes.poll() {
            let message = FromHost::Pipe { pipe, what };
            self.outputs.push_back((program, message));
        }
    }
}

/// What a message takes while it waits: its text, or a little more.
pub fn cost(message: &FromHost) -> usize {
    let text = match message {
        FromHost::Signal {
            what: SocketNews::Text { text },
            ..
        } => text.len(),
        FromHost::Pipe {
            what: Pipe::Frame { data, .. },
            ..
        } => data.0.len(),
        _ => 0,
    };
    text + limits::PIPE_FRAME_OVERHEAD
}
