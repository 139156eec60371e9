//! The messages around requests and answers: who speaks, which question is answered, and why it ends.

use serde::{Deserialize, Serialize};

use super::{Answer, Pipe, PipeId, Request, SocketNews, SocketStep};
use crate::{limits, node::Problem};

/// The protocol of this version.
pub const PROTOCOL: u32 = 1;
/// The oldest protocol that this version still speaks.
pub const OLDEST_PROTOCOL: u32 = 1;

/// What a program says to the daemon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum ToHost {
    /// The first message.
    Hello {
        /// The newest protocol that the program speaks.
        protocol: u32,
        /// What it is, for the daemon's log.
        program: String,
        /// Its version, for the same.
        version: String,
    },
    /// A request.
    Ask {
        /// Comes back with the answer.
        id: u64,
        /// What.
        request: Request,
    },
    /// About one of its signalling sockets.
    Signal {
        /// The program's number for it.
        socket: u64,
        /// What it does.
        what: SocketStep,
    },
    /// About a pipe.
    Pipe {
        /// Which.
        pipe: PipeId,
        /// What.
        what: Pipe,
    },
}

/// What the daemon says to a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum FromHost {
    /// The answer to a hello.
    Welcome {
        /// The protocol that is spoken from now on: the newest that both know.
        protocol: u32,
        /// The daemon's version.
        version: String,
        /// Its process.
        pid: u32,
    },
    /// A request was carried out.
    Answer {
        /// Which.
        id: u64,
        /// What came of it.
        answer: Answer,
    },
    /// A request was not carried out.
    Refusal {
        /// Which.
        id: u64,
        /// Why.
        why: Refusal,
    },
    /// Something is not as it was when the program asked for it.
    News {
        /// What.
        of: Topic,
    },
    /// About one of the program's signalling sockets.
    Signal {
        /// The program's number for it.
        socket: u64,
        /// What happened.
        what: SocketNews,
    },
    /// About a pipe.
    Pipe {
        /// Which.
        pipe: PipeId,
        /// What.
        what: Pipe,
    },
    /// The last message.
    Goodbye {
        /// Why.
        why: Parting,
    },
    /// Something that a later version says.
    #[serde(other)]
    Unknown,
}

/// What there can be news of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Channels, and who is there: [`Request::Status`], [`Request::Channels`], [`Request::Peers`].
    Channels,
    /// Resources: [`Request::Resources`].
    Resources,
}

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Refusal {
    /// It is of no known kind, or lacks something.
    Unknown {
        /// What is wrong, for a log.
        detail: String,
    },
    /// The device did not do it.
    Device {
        /// Why.
        problem: Problem,
    },
}

/// Why the daemon, or what stands between it and a browser, says no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Parting {
    /// They have no protocol in common.
    #[error(
        "the daemon speaks versions {oldest} to {newest} of the protocol, and this is none of them"
    )]
    Protocol {
        /// The oldest that the daemon speaks.
        oldest: u32,
        /// The newest.
        newest: u32,
    },
    /// What came is no message, or not one that can come there.
    #[error("this is no message: {detail}")]
    NoMessage {
        /// What is wrong, for a log.
        detail: String,
    },
    /// A frame has no length that it can have, or not the bytes that it should have.
    #[error("this is no frame: {detail}")]
    NoFrame {
        /// What is wrong, for a log.
        detail: String,
    },
    /// Too many programs speak to the daemon.
    #[error("too many programs speak to the daemon")]
    Busy,
    /// The daemon stops.
    #[error("the daemon stops")]
    Stopping,
    /// There is no daemon, and none could be started.
    #[error("there is no daemon: {detail}")]
    NoDaemon {
        /// Why, for a person.
        detail: String,
    },
}

/// What came is no message, or asks for nothing that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misheard {
    /// A request, to be refused.
    Request {
        /// Which.
        id: u64,
        /// Why.
        why: Refusal,
    },
    /// After which nothing that follows can be trusted.
    Message(Parting),
}

impl ToHost {
    /// Reads a frame.
    ///
    /// # Errors
    /// [`Misheard`], which says what becomes of the program.
    pub fn read(frame: &[u8]) -> Result<Self, Misheard> {
        let error = match serde_json::from_slice(frame) {
            Ok(message) => return Ok(message),
            Err(error) => error,
        };
        let detail = shorten(error.to_string());
        match serde_json::from_slice(frame) {
            Ok(Numbered { say, id }) if say == "ask" => Err(Misheard::Request {
                id,
                why: Refusal::Unknown { detail },
            }),
            _ => Err(Misheard::Message(Parting::NoMessage { detail })),
        }
    }

    /// The hello of a program of this version.
    pub fn hello(program: &str) -> Self {
        Self::Hello {
            protocol: PROTOCOL,
            program: program.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// As a frame.
    pub fn write(&self) -> Vec<u8> {
        write(self)
    }
}

impl FromHost {
    /// Reads a frame.
    ///
    /// # Errors
    /// When it is no message.
    pub fn read(frame: &[u8]) -> Result<Self, Parting> {
        serde_json::from_slice(frame).map_err(|error| Parting::NoMessage {
            detail: shorten(error.to_string()),
        })
    }

    /// What a hello is answered with: the newest protocol that both speak, if there is one.
    ///
    /// # Errors
    /// When there is none.
    pub fn welcome(newest: u32, pid: u32) -> Result<Self, Parting> {
        if newest < OLDEST_PROTOCOL {
            return Err(Parting::Protocol {
                oldest: OLDEST_PROTOCOL,
                newest: PROTOCOL,
            });
        }
        Ok(Self::Welcome {
            protocol: newest.min(PROTOCOL),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid,
        })
    }

    /// As a frame.
    pub fn write(&self) -> Vec<u8> {
        write(self)
    }
}

/// What is left of a message whose request is not understood.
#[derive(Deserialize)]
struct Numbered {
    say: String,
    id: u64,
}

#[expect(
    clippy::expect_used,
    reason = "maps have texts as keys, and nothing writes itself with an error"
)]
fn write(message: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(message).expect("messages are JSON")
}

/// What is said of somebody's mistake repeats part of it, and need not repeat all.
pub(super) fn shorten(mut detail: String) -> String {
    if detail.len() > limits::MAX_HOST_DETAIL_BYTES {
        let end = detail.floor_char_boundary(limits::MAX_HOST_DETAIL_BYTES);
        detail.truncate(end);
    }
    detail
}
