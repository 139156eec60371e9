//! A program's part of pairing: how its node's servers and connections go through the daemon.
//!
//! The driver gives each [`Output`] to [`Pairing::take`] first, each [`FromHost::Signal`] and [`FromHost::Pipe`] to
//! [`Pairing::hear`], and drains [`Pairing::poll`] after either.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    FromHost, ToHost,
    pipe::{PipeEnd, PipeId, PipeOutput},
    switchboard::{SocketNews, SocketStep},
};
use crate::{
    link::{ConnectionInput, ConnectionKey, ConnectionOutput, Over},
    node::{Input, Output, ServerInput, ServerKey, ServerPlace},
};

/// What a driver has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PairingOutput {
    /// Say this to the daemon.
    Say(ToHost),
    /// Give this to the node.
    Tell(Input),
}

/// The sockets and pipes of one node.
#[derive(Debug, Default)]
pub struct Pairing {
    present: bool,
    sockets: BTreeSet<ServerKey>,
    pipes: BTreeMap<ConnectionKey, PipeEnd>,
    names: BTreeMap<PipeId, ConnectionKey>,
    outputs: VecDeque<PairingOutput>,
}

impl Pairing {
    /// The next thing to do.
    pub fn poll(&mut self) -> Option<PairingOutput> {
        self.outputs.pop_front()
    }

    /// Whether a connection is a pipe that the node has not closed.
    pub fn has(&self, connection: ConnectionKey) -> bool {
        self.pipes.contains_key(&connection)
    }

    /// The daemon has welcomed the program.
    pub fn came(&mut self) {
        if !std::mem::replace(&mut self.present, true) {
            self.give(Input::HostPresent(true));
        }
    }

    /// The daemon is gone, and with it all that went through it.
    pub fn went(&mut self) {
        if !std::mem::take(&mut self.present) {
            return;
        }
        self.names.clear();
        for server in std::mem::take(&mut self.sockets) {
            self.server(server, ServerInput::Closed);
        }
        for connection in std::mem::take(&mut self.pipes).into_keys() {
            self.connection(connection, ConnectionInput::Closed);
        }
        self.give(Input::HostPresent(false));
    }

    /// Takes what a node wants, if it is the daemon that it is wanted of; gives back everything else.
    pub fn take(&mut self, output: Output) -> Option<Output> {
        match output {
            Output::OpenServer {
                server,
                place: ServerPlace::Host(topic),
            } => {
                if self.present {
                    self.sockets.insert(server);
                    self.signal(server, SocketStep::Open { topic });
                } else {
                    self.server(server, ServerInput::Closed);
                }
            }
            Output::SendServer { server, text } if self.sockets.contains(&server) => {
                self.signal(server, SocketStep::Text { text });
            }
            Output::CloseServer { server } if self.sockets.contains(&server) => {
                self.sockets.remove(&server);
                self.signal(server, SocketStep::Close);
            }
            Output::Connection {
                connection,
                output:
                    ConnectionOutput::Open {
                        over: Over::Host(random),
                    },
            } => {
                if self.present {
                    self.pipes.insert(connection, PipeEnd::new(random));
                } else {
                    self.connection(connection, ConnectionInput::Closed);
                }
            }
            Output::Connection { connection, output } if self.pipes.contains_key(&connection) => {
                self.step(connection, output);
            }
            output => return Some(output),
        }
        None
    }

    fn step(&mut self, connection: ConnectionKey, step: ConnectionOutput) {
        let closes = step == ConnectionOutput::Close;
        let Some(end) = self.pipes.get_mut(&connection) else {
            return;
        };
        let outputs = end.take(step);
        let name = end.name();
        if closes {
            self.pipes.remove(&connection);
            if let Some(name) = name {
                self.names.remove(&name);
            }
        } else if let Some(name) = name {
            self.names.insert(name, connection);
        }
        self.follow(connection, outputs);
    }

    /// The daemon said something about sockets or pipes. What is of none of this node is left out.
    pub fn hear(&mut self, message: FromHost) {
        match message {
            FromHost::Signal { socket, what } => {
                let server = ServerKey(socket);
                if !self.sockets.contains(&server) {
                    return;
                }
                let input = match what {
                    SocketNews::Opened => ServerInput::Opened,
                    SocketNews::Text { text } => ServerInput::Text(text),
                    SocketNews::Closed => {
                        self.sockets.remove(&server);
                        ServerInput::Closed
                    }
                };
                self.server(server, input);
            }
            FromHost::Pipe { pipe, what } => {
                let Some(&connection) = self.names.get(&pipe) else {
                    return;
                };
                if let Some(end) = self.pipes.get_mut(&connection) {
                    let outputs = end.hear(what);
                    self.follow(connection, outputs);
                }
            }
            _ => {}
        }
    }

    fn follow(&mut self, connection: ConnectionKey, outputs: Vec<PipeOutput>) {
        for output in outputs {
            match output {
                PipeOutput::Say(pipe, what) => {
                    let said = ToHost::Pipe { pipe, what };
                    self.outputs.push_back(PairingOutput::Say(said));
                }
                PipeOutput::Tell(input) => self.connection(connection, input),
            }
        }
    }

    fn signal(&mut self, server: ServerKey, what: SocketStep) {
        let socket = server.0;
        let said = ToHost::Signal { socket, what };
        self.outputs.push_back(PairingOutput::Say(said));
    }

    fn server(&mut self, server: ServerKey, input: ServerInput) {
        self.give(Input::Server { server, input });
    }

    fn connection(&mut self, connection: ConnectionKey, input: ConnectionInput) {
        self.give(Input::Connection { connection, input });
    }

    fn give(&mut self, input: Input) {
        self.outputs.push_back(PairingOutput::Tell(input));
    }
}
