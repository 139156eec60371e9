//! A pipe: what stands in for a WebRTC connection between two programs of one machine.
//!
//! ```text
//! one end                        the daemon                        other end
//!   offer (a description)   →  the hub, as any signalling  →
//!                           ←                              ←   answer
//!                                                          ←   open
//!   open                    →
//!                           ←            open              →
//!   frame                   →                              →
//!                           ←                              ←   taken
//! ```
//!
//! It is named after the offer's random bytes, which nobody knows but its two ends and the daemon. The daemon joins the
//! first two programs that present a name, and passes on what they say. What was not yet taken by the other end is what
//! waits in the connection: a browser's port has no measure of that, and takes whatever it is given.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::{
    ids::byte_id,
    limits,
    link::{ConnectionInput, ConnectionOutput, DescriptionKind, Path, Stream},
    signal::message::Sdp,
};

byte_id! {
    /// Names a pipe: the random bytes of the offer for it.
    PipeId, 32
}

/// What is said about a pipe and through it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pipe {
    /// By a program: it has descriptions of both ends. By the daemon: so has the other one, and frames may follow.
    Open,
    /// A frame of the link.
    Frame {
        /// In which of the connection's streams.
        stream: Stream,
        /// Its bytes.
        data: Data,
    },
    /// So much was taken, each frame counted with [`limits::PIPE_FRAME_OVERHEAD`].
    Taken {
        /// Of which stream.
        stream: Stream,
        /// How much.
        bytes: u32,
    },
    /// There is no such pipe, or not any more.
    Close,
}

/// The bytes of a frame, at most [`limits::MAX_FRAME_BYTES`]; base64 (RFC 4648 §4) in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data(pub Vec<u8>);

impl Data {
    /// What the frame counts.
    pub fn cost(&self) -> usize {
        self.0.len() + limits::PIPE_FRAME_OVERHEAD
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Base64::encode_string(&self.0))
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = Base64::decode_vec(&text).map_err(D::Error::custom)?;
        if bytes.len() > limits::MAX_FRAME_BYTES {
            return Err(D::Error::custom(format_args!(
                "a frame has {} bytes at most",
                limits::MAX_FRAME_BYTES
            )));
        }
        Ok(Self(bytes))
    }
}

/// What an end of a pipe wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PipeOutput {
    /// The daemon is to hear this.
    Say(PipeId, Pipe),
    /// The link is to hear this.
    Tell(ConnectionInput),
}

/// One end of a pipe, as a driver's connection.
#[derive(Debug)]
pub struct PipeEnd {
    /// Of this end.
    random: [u8; 32],
    /// Once there is an offer.
    name: Option<PipeId>,
    /// Both ends are there.
    open: bool,
    /// What went out and was not taken yet.
    waiting: BTreeMap<Stream, usize>,
    /// What came and was not said to be taken.
    untold: BTreeMap<Stream, usize>,
}

impl PipeEnd {
    /// An end with its random bytes ([`crate::link::Over::Host`]).
    pub fn new(random: [u8; 32]) -> Self {
        Self {
            random,
            name: None,
            open: false,
            waiting: BTreeMap::new(),
            untold: BTreeMap::new(),
        }
    }

    /// What the pipe is called, once that is known.
    pub fn name(&self) -> Option<PipeId> {
        self.name
    }

    /// Takes a step that the link wants: what follows, in order.
    pub fn take(&mut self, step: ConnectionOutput) -> Vec<PipeOutput> {
        match step {
            ConnectionOutput::Offer { .. } => {
                self.name = Some(PipeId(self.random));
                vec![self.described(DescriptionKind::Offer)]
            }
            ConnectionOutput::AcceptOffer(offer) => match offer.pipe() {
                Some(theirs) if self.name.is_none() => {
                    self.name = Some(PipeId(theirs));
                    let mut outputs = vec![self.described(DescriptionKind::Answer)];
                    outputs.extend(self.say(Pipe::Open));
                    outputs
                }
                _ => refuse("this is no offer of a pipe"),
            },
            ConnectionOutput::AcceptAnswer(answer) => match answer.pipe() {
                Some(_) => self.say(Pipe::Open).into_iter().collect(),
                None => refuse("this is no answer for a pipe"),
            },
            ConnectionOutput::Send { stream, frame } if self.open => {
                let data = Data(frame);
                let waiting = self.waiting.entry(stream).or_default();
                *waiting += data.cost();
                let bytes = *waiting;
                let mut outputs: Vec<PipeOutput> =
                    self.say(Pipe::Frame { stream, data }).into_iter().collect();
                outputs.push(PipeOutput::Tell(ConnectionInput::Buffered {
                    stream,
                    bytes,
                }));
                outputs
            }
            ConnectionOutput::Measure => {
                let path = Path {
                    relayed: false,
                    round_trip_ms: None,
                };
                vec![PipeOutput::Tell(ConnectionInput::Measured(path))]
            }
            ConnectionOutput::Close => self.say(Pipe::Close).into_iter().collect(),
            // There are no candidates, and nothing to open.
            _ => Vec::new(),
        }
    }

    /// The daemon said something about the pipe: what follows, in order.
    pub fn hear(&mut self, said: Pipe) -> Vec<PipeOutput> {
        match said {
            Pipe::Open if !self.open => {
                self.open = true;
                vec![PipeOutput::Tell(ConnectionInput::Opened)]
            }
            Pipe::Frame { stream, data } if self.open => {
                let untold = self.untold.entry(stream).or_default();
                *untold += data.cost();
                let taken = (*untold >= limits::PIPE_TAKEN_STEP).then(|| std::mem::take(untold));
                let mut outputs = vec![PipeOutput::Tell(ConnectionInput::Frame(data.0))];
                // Fits: a frame is short, and the step is, too.
                let taken = taken.and_then(|bytes| u32::try_from(bytes).ok());
                outputs.extend(taken.and_then(|bytes| self.say(Pipe::Taken { stream, bytes })));
                outputs
            }
            Pipe::Taken { stream, bytes } if self.open => {
                let waiting = self.waiting.entry(stream).or_default();
                // What was never sent cannot be taken; the other end has lost count, which is its own loss.
                *waiting = waiting.saturating_sub(bytes as usize);
                let bytes = *waiting;
                vec![PipeOutput::Tell(ConnectionInput::Buffered {
                    stream,
                    bytes,
                })]
            }
            Pipe::Close => vec![PipeOutput::Tell(ConnectionInput::Closed)],
            Pipe::Open | Pipe::Frame { .. } | Pipe::Taken { .. } => Vec::new(),
        }
    }

    fn say(&self, what: Pipe) -> Option<PipeOutput> {
        Some(PipeOutput::Say(self.name?, what))
    }

    fn described(&self, kind: DescriptionKind) -> PipeOutput {
        let sdp = Sdp::of_pipe(&self.random);
        PipeOutput::Tell(ConnectionInput::LocalDescription { kind, sdp })
    }
}

fn refuse(problem: &str) -> Vec<PipeOutput> {
    let refused = ConnectionInput::NegotiationFailed(problem.to_owned());
    vec![PipeOutput::Tell(refused)]
}
