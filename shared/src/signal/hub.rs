//! The rules of the signalling server: who is in which channel, and who hears what.
//!
//! The driver owns the sockets. It tells the hub who joined, what they sent and who left, then drains [`Hub::poll`].

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use serde_json::{Map, Value};

use super::{SUBPROTOCOL, message::ServerMessage};
use crate::{address::ChannelName, entropy::Entropy, limits};

/// The driver's name for one WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Socket(pub u64);

/// What the driver has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HubOutput {
    /// Send a text. One broadcast shares its bytes.
    Send {
        /// To whom.
        socket: Socket,
        /// What.
        text: Arc<str>,
    },
    /// Close the WebSocket with a code of RFC 6455 §7.4 and a reason.
    Close {
        /// Whose.
        socket: Socket,
        /// The status code.
        code: CloseCode,
        /// Why, in English.
        reason: &'static str,
    },
}

/// Why a WebSocket is closed (RFC 6455 §7.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// The server stops; come back.
    GoingAway = 1001,
    /// A binary frame, where texts are spoken.
    Unsupported = 1003,
    /// A message over [`limits::MAX_SIGNAL_BYTES`].
    TooBig = 1009,
    /// No room in the channel.
    TryAgainLater = 1013,
}

struct Member {
    id: Arc<str>,
    topic: Arc<str>,
    /// Whether it announced [`SUBPROTOCOL`].
    catnest: bool,
}

/// The state of one signalling server.
pub struct Hub {
    entropy: Entropy,
    members: BTreeMap<Socket, Member>,
    topics: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Socket>>,
    outputs: VecDeque<HubOutput>,
}

impl Hub {
    /// An empty server.
    pub fn new(entropy: Entropy) -> Self {
        Self {
            entropy,
            members: BTreeMap::new(),
            topics: BTreeMap::new(),
            outputs: VecDeque::new(),
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<HubOutput> {
        self.outputs.pop_front()
    }

    /// How many sockets are in how many channels.
    pub fn load(&self) -> (usize, usize) {
        (self.members.len(), self.topics.len())
    }

    /// A device opened a socket in a channel. It hears of everyone there, and everyone there of it.
    pub fn join(&mut self, socket: Socket, channel: &ChannelName, catnest: bool) {
        let id: Arc<str> = self.entropy.id().into();
        let topic: Arc<str> = channel.as_str().into();
        let topic_members = self.topics.entry(topic.clone()).or_default();
        if topic_members.len() >= limits::MAX_CHANNEL_SOCKETS {
            self.close(
                socket,
                CloseCode::TryAgainLater,
                "this channel is full here",
            );
            return;
        }
        let others: Vec<(Arc<str>, Socket)> = topic_members
            .iter()
            .map(|(id, &s)| (id.clone(), s))
            .collect();
        topic_members.insert(id.clone(), socket);
        self.members.insert(
            socket,
            Member {
                id: id.clone(),
                topic: topic.clone(),
                catnest,
            },
        );
        for (other_id, other) in others {
            let other_catnest = self.members.get(&other).is_some_and(|m| m.catnest);
            self.push(socket, catnest, &other_id, other_catnest, &topic, true);
            self.push(other, other_catnest, &id, catnest, &topic, false);
        }
    }

    /// Tells `to` that a device is here; the additions of our protocol only to who speaks it.
    fn push(
        &mut self,
        to: Socket,
        to_catnest: bool,
        id: &str,
        catnest: bool,
        topic: &str,
        present: bool,
    ) {
        let message = ServerMessage::Push {
            id: id.to_owned(),
            channel: topic.to_owned(),
            protocol: (to_catnest && catnest).then(|| SUBPROTOCOL.to_owned()),
            present: to_catnest && present,
        };
        self.tell(to, &message);
    }

    /// A socket is gone. Who shared its channel hears of it.
    pub fn leave(&mut self, socket: Socket) {
        let Some(member) = self.members.remove(&socket) else {
            return;
        };
        let Some(topic) = self.topics.get_mut(&member.topic) else {
            return;
        };
        topic.remove(&member.id);
        let others: Vec<Socket> = topic.values().copied().collect();
        if topic.is_empty() {
            self.topics.remove(&member.topic);
        }
        let text = json(&ServerMessage::Pull {
            id: member.id.to_string(),
        });
        for other in others {
            self.outputs.push_back(HubOutput::Send {
                socket: other,
                text: text.clone(),
            });
        }
    }

    /// The server stops: everyone is told to come back.
    pub fn stop(&mut self) {
        for &socket in self.members.keys() {
            let close = HubOutput::Close {
                socket,
                code: CloseCode::GoingAway,
                reason: "the server stops; come back soon",
            };
            self.outputs.push_back(close);
        }
        self.members.clear();
        self.topics.clear();
    }

    /// A binary frame came, which nobody speaks here.
    pub fn binary(&mut self, socket: Socket) {
        self.close(
            socket,
            CloseCode::Unsupported,
            "only text messages are spoken here",
        );
    }

    /// A message came that is larger than [`limits::MAX_SIGNAL_BYTES`].
    pub fn too_big(&mut self, socket: Socket) {
        self.close(
            socket,
            CloseCode::TooBig,
            "a message has at most 65536 bytes",
        );
    }

    fn close(&mut self, socket: Socket, code: CloseCode, reason: &'static str) {
        self.leave(socket);
        self.outputs.push_back(HubOutput::Close {
            socket,
            code,
            reason,
        });
    }

    /// A text came: it goes to the device it names or to everyone else, or its sender hears what is wrong with it.
    pub fn text(&mut self, socket: Socket, text: &str) {
        if text.len() > limits::MAX_SIGNAL_BYTES {
            return self.too_big(socket);
        }
        let Some(sender) = self.members.get(&socket) else {
            return;
        };
        let (receiver, mut object) = match read(text, sender.catnest) {
            Ok(read) => read,
            Err(reason) => {
                return self.tell(
                    socket,
                    &ServerMessage::Error {
                        id: None,
                        reason: Some(reason),
                    },
                );
            }
        };
        let Some(topic) = self.topics.get(&sender.topic) else {
            return;
        };
        let receivers: Vec<Socket> = match &receiver {
            None => topic
                .values()
                .copied()
                .filter(|&other| other != socket)
                .collect(),
            Some(id) => match topic.get(id.as_str()) {
                Some(&other) if other != socket => vec![other],
                _ => {
                    return self.tell(
                        socket,
                        &ServerMessage::Error {
                            id: receiver,
                            reason: None,
                        },
                    );
                }
            },
        };
        object.insert("id".into(), Value::from(&*sender.id));
        let text: Arc<str> = Value::Object(object).to_string().into();
        for socket in receivers {
            self.outputs.push_back(HubOutput::Send {
                socket,
                text: text.clone(),
            });
        }
    }

    fn tell(&mut self, socket: Socket, message: &ServerMessage) {
        self.outputs.push_back(HubOutput::Send {
            socket,
            text: json(message),
        });
    }
}

/// Reads a message between devices: whom it is for, and its members as they came.
fn read(text: &str, catnest: bool) -> Result<(Option<String>, Map<String, Value>), String> {
    let mut object = match serde_json::from_str(text) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err("not a JSON object".into()),
        Err(error) => return Err(format!("not JSON: {error}")),
    };
    let receiver = match object.remove("id") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) if id.len() <= limits::MAX_SIGNAL_ID_BYTES => Some(id),
        Some(_) => return Err("id: not a text of at most 64 bytes".into()),
    };
    // A message of a device must not pass for one of the server.
    if object.contains_key("type") {
        return Err("type: only the server sends messages with a type".into());
    }
    let kinds: &[&str] = if catnest {
        &["offer", "answer", "candidate", "decline"]
    } else {
        &["offer", "answer", "candidate"]
    };
    let found: Vec<&str> = kinds
        .iter()
        .copied()
        .filter(|&kind| object.contains_key(kind))
        .collect();
    let [kind] = found[..] else {
        return Err(format!(
            "a message has exactly one of offer, answer, candidate; this one has {}",
            found.len()
        ));
    };
    // `onicecandidate` ends with a null, which clients pass on as it is.
    let ends_candidates = kind == "candidate" && object[kind].is_null();
    if !object[kind].is_object() && !ends_candidates {
        return Err(format!("{kind}: not an object"));
    }
    Ok((receiver, object))
}

fn json(message: &ServerMessage) -> Arc<str> {
    #[expect(
        clippy::unwrap_used,
        reason = "texts and booleans under fixed names always serialise"
    )]
    serde_json::to_string(message).unwrap().into()
}
