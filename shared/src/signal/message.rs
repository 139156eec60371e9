//! What a Catnest device says to others through the server, and what it hears from there.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use super::{
    relay::{NoRelay, Relay},
    seal::{Context, NotOurs, SealKey, Sealed},
};
use crate::{entropy::Entropy, limits};

/// What a server says to a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ServerMessage {
    /// A device is here.
    Push {
        /// The device's random id on this server.
        id: String,
        /// The channel it is in, as the server knows it.
        channel: String,
        /// The subprotocol the device announced; absent for a predecessor's client.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        protocol: Option<String>,
        /// It was here before the receiver.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        present: bool,
    },
    /// The receiver is in; the first message to who speaks our protocol.
    Welcome {
        /// The receiver's own id on this server.
        id: String,
        /// The server says something at least this often, in seconds.
        ping: u64,
        /// The server gives relays to who asks with [`super::relay::ASK`].
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        relay: bool,
    },
    /// A relay that the receiver asked for.
    Relay(Relay),
    /// The receiver asked for a relay, and gets none now.
    NoRelay(NoRelay),
    /// The server is still there.
    Ping,
    /// A device left.
    Pull {
        /// The id it had.
        id: String,
    },
    /// A message was not delivered.
    Error {
        /// The device that is not there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// What was wrong with the message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
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
    /// Too many messages, also after a warning.
    Policy = 1008,
    /// A message over [`limits::MAX_SIGNAL_BYTES`].
    TooBig = 1009,
    /// No room in the server, in the channel or for the address.
    TryAgainLater = 1013,
}

/// A message between two devices. When sent, `id` is the receiver; when received, the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerMessage {
    /// The other device's id on the server.
    pub id: String,
    /// The connection it is about, a random name chosen by the side that opened it.
    pub connection: String,
    /// What is said.
    pub body: PeerBody,
}

/// A message between two devices of a private channel, as the server sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedMessage {
    /// As in [`PeerMessage`].
    pub id: String,
    /// As in [`PeerMessage`].
    pub connection: String,
    /// What kind of thing is said.
    pub kind: Kind,
    /// What is said.
    pub sealed: Sealed,
}

/// What kind of thing one device says to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`PeerBody::Offer`].
    Offer,
    /// [`PeerBody::Answer`].
    Answer,
    /// [`PeerBody::Candidate`].
    Candidate,
    /// [`PeerBody::Decline`].
    Decline,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::Offer, Kind::Answer, Kind::Candidate, Kind::Decline];

    /// The member of a message that holds it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Offer => "offer",
            Kind::Answer => "answer",
            Kind::Candidate => "candidate",
            Kind::Decline => "decline",
        }
    }
}

/// What one device says to another about a connection.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum PeerBody {
    /// A session description that proposes.
    #[n(0)]
    Offer(#[n(0)] Sdp),
    /// The session description that replies to an offer.
    #[n(1)]
    Answer(#[n(0)] Sdp),
    /// A way to reach the sender.
    #[n(2)]
    Candidate(#[n(0)] Candidate),
    /// No room for this connection.
    #[n(3)]
    Decline,
}

impl PeerBody {
    /// What is too long in it, if something is.
    pub fn too_long(&self) -> Option<&'static str> {
        match self {
            PeerBody::Offer(sdp) | PeerBody::Answer(sdp) => {
                (sdp.0.len() > limits::MAX_SDP_BYTES).then_some("the description is too long")
            }
            PeerBody::Candidate(candidate) => {
                (!candidate.fits()).then_some("the candidate is too long")
            }
            PeerBody::Decline => None,
        }
    }
}

/// The text of a session description (RFC 8866), at most [`limits::MAX_SDP_BYTES`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Sdp(#[n(0)] pub String);

impl Sdp {
    /// The SHA-256 fingerprint of the sender's DTLS certificate (RFC 8122 §5). None where there is none, or another
    /// one beside it: then it is the browser's choice which of them holds.
    pub fn fingerprint(&self) -> Option<[u8; 32]> {
        let mut fingerprints = self
            .0
            .lines()
            .filter_map(|line| line.trim().strip_prefix("a=fingerprint:"));
        let first = fingerprints.next()?;
        if fingerprints.any(|other| other != first) {
            return None;
        }
        let hex = first.strip_prefix("sha-256 ")?;
        crate::ids::from_hex(&hex.trim().replace(':', ""))
    }
}

/// An ICE candidate as browsers write it (`RTCIceCandidateInit`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "camelCase")]
#[cbor(map)]
pub struct Candidate {
    /// The candidate attribute (RFC 8839 §5.1); empty at the end of the candidates.
    #[n(0)]
    pub candidate: String,
    /// The media section it belongs to, by name.
    #[serde(default)]
    #[n(1)]
    pub sdp_mid: Option<String>,
    /// The media section it belongs to, by number.
    #[serde(default, rename = "sdpMLineIndex")]
    #[n(2)]
    pub sdp_m_line_index: Option<u16>,
    /// The ICE generation it belongs to.
    #[serde(default)]
    #[n(3)]
    pub username_fragment: Option<String>,
}

impl Candidate {
    /// Whether it is within [`limits::MAX_CANDIDATE_BYTES`].
    fn fits(&self) -> bool {
        let names = [&self.sdp_mid, &self.username_fragment];
        let names = names
            .iter()
            .filter_map(|name| name.as_deref())
            .map(str::len);
        self.candidate.len() + names.sum::<usize>() <= limits::MAX_CANDIDATE_BYTES
    }
}

/// What arrives at a device: from the server itself, or from another device through it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// The server's own message.
    Server(ServerMessage),
    /// Another Catnest device's message.
    Peer(PeerMessage),
    /// Another Catnest device's message in a private channel.
    Sealed(SealedMessage),
    /// A message between devices that is not of our protocol: a predecessor's client speaking to its like.
    Foreign,
}

/// Why a text is not a signalling message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignalError {
    /// Longer than [`limits::MAX_SIGNAL_BYTES`].
    #[error("longer than {} bytes", limits::MAX_SIGNAL_BYTES)]
    TooLong,
    /// Not a JSON object.
    #[error("not a JSON object: {0}")]
    NotJson(String),
    /// Not exactly one of the members that make a message.
    #[error("a message has exactly one of offer, answer, candidate, decline; this one has {0}")]
    NotOne(usize),
    /// A member has the wrong type or size.
    #[error("{member}: {problem}")]
    Member {
        /// The member's name.
        member: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Sealed with another key, or for somebody else.
    #[error(transparent)]
    NotOurs(#[from] NotOurs),
}

fn member<T>(member: &'static str, problem: &'static str) -> Result<T, SignalError> {
    Err(SignalError::Member { member, problem })
}

impl Incoming {
    /// Reads a text from the server.
    pub fn parse(text: &str) -> Result<Self, SignalError> {
        if text.len() > limits::MAX_SIGNAL_BYTES {
            return Err(SignalError::TooLong);
        }
        let value: Value =
            serde_json::from_str(text).map_err(|e| SignalError::NotJson(e.to_string()))?;
        let Value::Object(ref object) = value else {
            return Err(SignalError::NotJson("an object was expected".into()));
        };
        if object.contains_key("type") {
            let message: ServerMessage =
                serde_json::from_value(value).map_err(|e| SignalError::NotJson(e.to_string()))?;
            return message.check().map(Incoming::Server);
        }
        let (Some(id), Some(connection)) = (object.get("id"), object.get("connection")) else {
            return Ok(Incoming::Foreign);
        };
        let mut present = Kind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, object.get(kind.as_str())?)));
        let (Some((kind, value)), None) = (present.next(), present.next()) else {
            return Err(SignalError::NotOne(
                Kind::ALL
                    .iter()
                    .filter(|kind| object.contains_key(kind.as_str()))
                    .count(),
            ));
        };
        let (id, connection) = (short("id", id)?, short("connection", connection)?);
        if value.get("sealed").is_none() {
            return Ok(Incoming::Peer(PeerMessage {
                id,
                connection,
                body: PeerBody::read(kind, value)?,
            }));
        }
        match Sealed::deserialize(value) {
            Ok(sealed) => Ok(Incoming::Sealed(SealedMessage {
                id,
                connection,
                kind,
                sealed,
            })),
            Err(_) => member("sealed", "not a text"),
        }
    }
}

impl ServerMessage {
    /// Ids within their length, whatever the server says.
    fn check(self) -> Result<Self, SignalError> {
        let too_long = |text: &str| text.is_empty() || text.len() > limits::MAX_SIGNAL_ID_BYTES;
        match &self {
            ServerMessage::Push { id, protocol, .. }
                if too_long(id) || protocol.as_deref().is_some_and(too_long) =>
            {
                member("push", "an id or protocol is empty or too long")
            }
            ServerMessage::Pull { id } if too_long(id) => {
                member("pull", "the id is empty or too long")
            }
            ServerMessage::Welcome { id, .. } if too_long(id) => {
                member("welcome", "the id is empty or too long")
            }
            ServerMessage::Relay(relay) => match relay.problem() {
                Some(problem) => member("relay", problem),
                None => Ok(self),
            },
            _ => Ok(self),
        }
    }
}

impl PeerMessage {
    /// The text to send.
    pub fn to_json(&self) -> String {
        text(
            &self.id,
            &self.connection,
            self.body.kind(),
            &self.body.write(),
        )
    }

    /// The message as a private channel's server may see it. `own` is the sender's id on that server, `topic` the
    /// channel's.
    pub fn seal(
        &self,
        key: &SealKey,
        own: &str,
        topic: &str,
        entropy: &mut Entropy,
    ) -> SealedMessage {
        let kind = self.body.kind();
        let context = Context {
            kind: kind.as_str(),
            connection: &self.connection,
            from: own,
            to: &self.id,
            topic,
        };
        SealedMessage {
            id: self.id.clone(),
            connection: self.connection.clone(),
            kind,
            sealed: key.seal(self.body.write().get(), &context, entropy),
        }
    }
}

impl SealedMessage {
    /// The text to send.
    pub fn to_json(&self) -> String {
        text(&self.id, &self.connection, self.kind, &self.sealed)
    }

    /// What another member said to this device, whose id on the server is `own`.
    ///
    /// # Errors
    /// When no member sealed it for this device, or what is inside is malformed.
    pub fn open(self, key: &SealKey, own: &str, topic: &str) -> Result<PeerMessage, SignalError> {
        let context = Context {
            kind: self.kind.as_str(),
            connection: &self.connection,
            from: &self.id,
            to: own,
            topic,
        };
        let body = key.open(&self.sealed, &context)?;
        let value: Value =
            serde_json::from_str(&body).map_err(|e| SignalError::NotJson(e.to_string()))?;
        Ok(PeerMessage {
            body: PeerBody::read(self.kind, &value)?,
            id: self.id,
            connection: self.connection,
        })
    }
}

impl PeerBody {
    /// What kind of thing this is.
    pub fn kind(&self) -> Kind {
        match self {
            PeerBody::Offer(_) => Kind::Offer,
            PeerBody::Answer(_) => Kind::Answer,
            PeerBody::Candidate(_) => Kind::Candidate,
            PeerBody::Decline => Kind::Decline,
        }
    }

    fn read(kind: Kind, value: &Value) -> Result<Self, SignalError> {
        Ok(match kind {
            Kind::Offer => PeerBody::Offer(description("offer", value)?),
            Kind::Answer => PeerBody::Answer(description("answer", value)?),
            Kind::Candidate => PeerBody::Candidate(candidate(value)?),
            Kind::Decline => PeerBody::Decline,
        })
    }

    /// As JSON, its members always in the same order.
    fn write(&self) -> Box<RawValue> {
        let value = match self {
            PeerBody::Offer(Sdp(sdp)) => to_raw_value(&Description { kind: "offer", sdp }),
            PeerBody::Answer(Sdp(sdp)) => to_raw_value(&Description {
                kind: "answer",
                sdp,
            }),
            PeerBody::Candidate(candidate) => to_raw_value(candidate),
            // What a later version may say more in.
            PeerBody::Decline => to_raw_value(&serde_json::Map::new()),
        };
        #[expect(
            clippy::unwrap_used,
            reason = "texts and numbers under fixed names always serialise"
        )]
        value.unwrap()
    }
}

/// A message: whom it is for, which connection it is about, and what is said under its kind.
fn text(id: &str, connection: &str, kind: Kind, body: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Text<'a, B> {
        id: &'a str,
        connection: &'a str,
        #[serde(flatten)]
        body: std::collections::BTreeMap<&'static str, &'a B>,
    }
    let body = [(kind.as_str(), body)].into();
    #[expect(
        clippy::unwrap_used,
        reason = "texts and numbers under fixed names always serialise"
    )]
    serde_json::to_string(&Text {
        id,
        connection,
        body,
    })
    .unwrap()
}

/// `RTCSessionDescriptionInit`.
#[derive(Serialize)]
struct Description<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    sdp: &'a str,
}

fn short(name: &'static str, value: &Value) -> Result<String, SignalError> {
    match value.as_str() {
        Some(text) if !text.is_empty() && text.len() <= limits::MAX_SIGNAL_ID_BYTES => {
            Ok(text.to_owned())
        }
        Some(_) => member(name, "empty or too long"),
        None => member(name, "not a text"),
    }
}

fn description(kind: &'static str, value: &Value) -> Result<Sdp, SignalError> {
    if value.get("type").and_then(Value::as_str) != Some(kind) {
        return member(kind, "its type is another");
    }
    match value.get("sdp").and_then(Value::as_str) {
        Some(sdp) if sdp.len() <= limits::MAX_SDP_BYTES => Ok(Sdp(sdp.to_owned())),
        Some(_) => member(kind, "the description is too long"),
        None => member(kind, "no description in it"),
    }
}

fn candidate(value: &Value) -> Result<Candidate, SignalError> {
    match Candidate::deserialize(value) {
        Ok(candidate) if candidate.fits() => Ok(candidate),
        Ok(_) => member("candidate", "too long"),
        Err(_) => member("candidate", "not an RTCIceCandidate"),
    }
}
