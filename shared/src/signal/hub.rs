//! The rules of the signalling server: who is in which channel, and who hears what.
//!
//! The driver owns the sockets. It tells the hub who joined, what they sent and who left, then drains [`Hub::poll`].

mod relays;

use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
    sync::Arc,
};

use serde_json::{Value, value::RawValue};

use super::{
    SUBPROTOCOL,
    guard::{Addresses, HubLimits, Refusal, SocketAccount, Verdict},
    message::{CloseCode, ServerMessage},
    relay,
};
use crate::{address::ChannelName, entropy::Entropy, limits, time::Millis};

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
    /// Make credentials for a relay, and give them to [`Hub::relay`]. Only where [`HubLimits::relays`] says that there
    /// are any.
    Relay {
        /// Who asked.
        socket: Socket,
        /// The channel it is in.
        channel: Arc<str>,
    },
}

struct Member {
    id: Arc<str>,
    topic: Arc<str>,
    /// Whether it announced [`SUBPROTOCOL`].
    catnest: bool,
    account: SocketAccount,
}

/// The state of one signalling server.
pub struct Hub {
    entropy: Entropy,
    limits: HubLimits,
    addresses: Addresses,
    members: BTreeMap<Socket, Member>,
    topics: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Socket>>,
    outputs: VecDeque<HubOutput>,
}

impl Hub {
    /// An empty server with the default limits.
    pub fn new(entropy: Entropy) -> Self {
        Self::with_limits(entropy, HubLimits::default())
    }

    /// An empty server.
    pub fn with_limits(entropy: Entropy, limits: HubLimits) -> Self {
        Self {
            entropy,
            limits,
            addresses: Addresses::new(limits),
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

    /// How many addresses are remembered: those with a socket, and those whose allowance is not whole again.
    pub fn known_addresses(&self) -> usize {
        self.addresses.len()
    }

    /// A device opened a socket in a channel. It hears of everyone there, and everyone there of it; or it is closed
    /// because there is no room.
    pub fn join(
        &mut self,
        now: Millis,
        socket: Socket,
        address: IpAddr,
        channel: &ChannelName,
        catnest: bool,
    ) {
        let account = match self.admit(now, address, channel) {
            Ok(account) => account,
            Err(refusal) => return self.close(socket, Refusal::CODE, refusal.reason()),
        };
        let id: Arc<str> = self.entropy.id().into();
        let topic: Arc<str> = channel.as_str().into();
        let topic_members = self.topics.entry(topic.clone()).or_default();
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
                account,
            },
        );
        if catnest {
            let welcome = ServerMessage::Welcome {
                id: id.to_string(),
                ping: self.limits.ping.as_secs(),
                relay: self.limits.relays,
            };
            self.tell(socket, &welcome);
        }
        for (other_id, other) in others {
            let other_catnest = self.members.get(&other).is_some_and(|m| m.catnest);
            self.push(socket, catnest, &other_id, other_catnest, &topic, true);
            self.push(other, other_catnest, &id, catnest, &topic, false);
        }
    }

    fn admit(
        &mut self,
        now: Millis,
        address: IpAddr,
        channel: &ChannelName,
    ) -> Result<SocketAccount, Refusal> {
        let others = self.topics.get(channel.as_str()).map_or(0, BTreeMap::len);
        if self.members.len() >= self.limits.sockets {
            return Err(Refusal::Server);
        }
        if others >= self.limits.sockets_per_channel {
            return Err(Refusal::Channel);
        }
        self.addresses.open(now, address, self.limits.cost(others))
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
        self.addresses.closed(&member.account);
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
        for member in std::mem::take(&mut self.members).values() {
            self.addresses.closed(&member.account);
        }
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

    /// A WebSocket ping is due to a socket. A page cannot see those, so one of ours is sent a text as well.
    pub fn ping(&mut self, socket: Socket) {
        if self.members.get(&socket).is_some_and(|m| m.catnest) {
            self.tell(socket, &ServerMessage::Ping);
        }
    }

    /// A frame came that says nothing, such as a ping. It costs as much as a message.
    pub fn noise(&mut self, now: Millis, socket: Socket) {
        self.afford(now, socket, 1);
    }

    /// A text came: it goes to the device it names or to everyone else, or its sender hears what is wrong with it.
    pub fn text(&mut self, now: Millis, socket: Socket, text: &str) {
        if text.len() > limits::MAX_SIGNAL_BYTES {
            return self.too_big(socket);
        }
        // Reading it is work already.
        if !self.afford(now, socket, self.limits.cost_of_size(text.len())) {
            return;
        }
        let Some(sender) = self.members.get(&socket) else {
            return;
        };
        let (id, topic) = (sender.id.clone(), sender.topic.clone());
        if sender.catnest && self.limits.relays && relay::is_ask(text) {
            return self.relay_asked(now, socket, topic);
        }
        if let Err(error) = self.forward(now, socket, &id, &topic, text) {
            self.tell(socket, &error);
        }
    }

    /// Whether a member can pay. If not, it is told, or closed when it goes on.
    fn afford(&mut self, now: Millis, socket: Socket, cost: u32) -> bool {
        let Some(member) = self.members.get_mut(&socket) else {
            return false;
        };
        let verdict = self.addresses.charge(now, &mut member.account, cost);
        match verdict {
            Verdict::Pass | Verdict::Drop => {}
            Verdict::Warn(whose, rate) => {
                let reason = format!(
                    "too many messages: this one is not passed on; {whose} may send {} at once and {} a second, \
                     and who goes on is closed",
                    rate.burst, rate.per_second
                );
                self.tell(
                    socket,
                    &ServerMessage::Error {
                        id: None,
                        reason: Some(reason),
                    },
                );
            }
            Verdict::Close => {
                self.close(socket, CloseCode::Policy, "too many messages");
            }
        }
        verdict == Verdict::Pass
    }

    fn forward(
        &mut self,
        now: Millis,
        socket: Socket,
        sender: &str,
        topic: &str,
        text: &str,
    ) -> Result<(), ServerMessage> {
        let refused = |reason: String| ServerMessage::Error {
            id: None,
            reason: Some(reason),
        };
        let speaks_ours = |socket| self.members.get(&socket).is_some_and(|m| m.catnest);
        let message = Forwarded::read(text, speaks_ours(socket)).map_err(refused)?;
        let nobody = BTreeMap::new();
        let topic = self.topics.get(topic).unwrap_or(&nobody);
        let receivers: Vec<Socket> = match &message.receiver {
            None => topic
                .values()
                .copied()
                .filter(|&other| other != socket)
                .collect(),
            Some(id) => match topic.get(id.as_str()) {
                Some(&other) if other != socket => vec![other],
                _ => {
                    return Err(ServerMessage::Error {
                        id: message.receiver.clone(),
                        reason: None,
                    });
                }
            },
        };
        let size = self.limits.cost_of_size(text.len());
        let text = message.signed_by(sender);
        if text.len() > limits::MAX_SIGNAL_BYTES {
            return Err(refused("too long with the sender's id in it".into()));
        }
        let text: Arc<str> = text.into();
        // Only ours are sent what only ours understand.
        let receivers: Vec<Socket> = receivers
            .into_iter()
            .filter(|&other| !message.only_ours || speaks_ours(other))
            .collect();
        let cost = size.saturating_mul(self.limits.cost(receivers.len()));
        if cost > self.limits.affordable() {
            let count = receivers.len();
            return Err(refused(format!(
                "too long for {count} receivers: address it, or keep to {} bytes",
                limits::BYTES_PER_MESSAGE
            )));
        }
        // Its size is paid already.
        let more = cost - size;
        if more > 0 && !self.afford(now, socket, more) {
            return Ok(());
        }
        for socket in receivers {
            self.outputs.push_back(HubOutput::Send {
                socket,
                text: text.clone(),
            });
        }
        Ok(())
    }

    fn tell(&mut self, socket: Socket, message: &ServerMessage) {
        self.outputs.push_back(HubOutput::Send {
            socket,
            text: json(message),
        });
    }
}

/// A message between devices: whom it is for, and its other members to the letter.
struct Forwarded<'a> {
    receiver: Option<String>,
    members: BTreeMap<String, &'a RawValue>,
    /// It is of a kind that the predecessor does not know.
    only_ours: bool,
}

impl<'a> Forwarded<'a> {
    fn read(text: &'a str, catnest: bool) -> Result<Self, String> {
        let mut members: BTreeMap<String, &'a RawValue> =
            serde_json::from_str(text).map_err(|error| format!("not a JSON object: {error}"))?;
        let receiver: Option<String> = match members.remove("id") {
            None => None,
            Some(id) => serde_json::from_str(id.get()).map_err(|_| "id: not a text")?,
        };
        if receiver
            .as_ref()
            .is_some_and(|id| id.len() > limits::MAX_SIGNAL_ID_BYTES)
        {
            return Err(format!(
                "id: longer than {} bytes",
                limits::MAX_SIGNAL_ID_BYTES
            ));
        }
        // A message of a device must not pass for one of the server.
        if members.contains_key("type") {
            return Err("type: only the server sends messages with a type".into());
        }
        let kinds: &[&str] = if catnest {
            &["offer", "answer", "candidate", "decline"]
        } else {
            &["offer", "answer", "candidate"]
        };
        let mut found = kinds
            .iter()
            .filter_map(|&kind| Some((kind, *members.get(kind)?)));
        let (Some((kind, value)), None) = (found.next(), found.next()) else {
            let count = kinds
                .iter()
                .filter(|&&kind| members.contains_key(kind))
                .count();
            return Err(format!(
                "a message has exactly one of {}; this one has {count}",
                kinds.join(", ")
            ));
        };
        // `onicecandidate` ends with a null, which clients pass on as it is.
        let ends_candidates = kind == "candidate" && value.get() == "null";
        if !value.get().starts_with('{') && !ends_candidates {
            return Err(format!("{kind}: not an object"));
        }
        Ok(Self {
            receiver,
            only_ours: kind == "decline",
            members,
        })
    }

    /// The text for the receivers, who find the sender's id in it.
    fn signed_by(&self, sender: &str) -> String {
        let mut text = format!(r#"{{"id":"{sender}""#);
        for (name, value) in &self.members {
            text.push(',');
            text.push_str(&Value::from(name.as_str()).to_string());
            text.push(':');
            text.push_str(value.get());
        }
        text.push('}');
        text
    }
}

fn json(message: &ServerMessage) -> Arc<str> {
    #[expect(
        clippy::unwrap_used,
        reason = "texts and booleans under fixed names always serialise"
    )]
    serde_json::to_string(message).unwrap().into()
}
