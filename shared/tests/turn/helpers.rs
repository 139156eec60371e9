//! A server, a nest, and clients that say whatever a test wants.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use catnest::{
    entropy::Entropy,
    time::Millis,
    turn::{
        Client, Time, Transport,
        allocation::AllocationId,
        credential::{self, Credential, Secret},
        peers::PeerPolicy,
        quota::TurnLimits,
        server::{Nests, Step, TurnConfig, TurnServer},
        stun::{Class, Message, Writer, attribute, method},
    },
};

pub(crate) const NOW: Millis = Millis(1_767_225_600_000);
pub(crate) const REALM: &str = "catnest";
pub(crate) const RELAY: &str = "198.51.100.1:50000";
/// A member of the channel `nest`, besides the client itself.
pub(crate) const MEMBER: &str = "93.184.216.34:4000";

/// Channels and where their members are.
#[derive(Default)]
pub(crate) struct Members(pub(crate) BTreeMap<&'static str, Vec<&'static str>>);

impl Nests for Members {
    fn find(&self, is_it: &dyn Fn(&str) -> bool) -> Option<Arc<str>> {
        self.0
            .keys()
            .find(|channel| is_it(channel))
            .map(|&channel| channel.into())
    }

    fn has_member(&self, channel: &str, address: IpAddr) -> bool {
        let mut members = self.0.get(channel).into_iter().flatten();
        members.any(|member| at(member).ip() == address)
    }
}

pub(crate) fn at(address: &str) -> SocketAddr {
    address.parse().unwrap()
}

/// What a client was answered: the error's code, or none for a success.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Nothing,
    Success,
    Error(u16),
}

pub(crate) struct World {
    pub(crate) server: TurnServer,
    pub(crate) members: Members,
    pub(crate) now: Millis,
    /// Another time by the clock on the wall.
    pub(crate) wall: Option<Millis>,
    pub(crate) client: Client,
    pub(crate) credential: Credential,
    nonce: String,
    transaction: u64,
    pub(crate) secret: Secret,
    /// The relay that was bound last.
    pub(crate) relay: Option<AllocationId>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(TurnLimits::default(), |_| {})
    }

    pub(crate) fn with(limits: TurnLimits, change: impl FnOnce(&mut PeerPolicy)) -> Self {
        let mut peers = PeerPolicy {
            relays: vec![at(RELAY).ip()],
            relay_ports: Some(49152..=65535),
            own: vec![at(RELAY).ip()],
            services: vec![3478],
            allowed: Vec::new(),
        };
        change(&mut peers);
        let secret = Secret::new("north");
        let config = TurnConfig {
            realm: REALM.into(),
            secret: secret.clone(),
            peers,
            limits,
        };
        let mut members = Members::default();
        members.0.insert("nest", vec!["1.1.1.1:1", MEMBER]);
        let tag = credential::channel_tag(&secret, [1; 8], "nest");
        Self {
            server: TurnServer::new(NOW, config, Entropy::from_seed([1; 32])),
            members,
            now: NOW,
            wall: None,
            client: client("1.1.1.1:1000"),
            credential: credential::mint(&secret, NOW, Duration::from_secs(3600), &tag),
            nonce: String::new(),
            transaction: 0,
            secret,
            relay: None,
        }
    }

    /// What time it is for the server.
    pub(crate) fn time(&self) -> Time {
        let wall = self.wall.unwrap_or(self.now);
        Time {
            now: self.now,
            wall,
        }
    }

    /// What a request begins with.
    pub(crate) fn writer(&mut self, method: u16) -> Writer {
        self.transaction += 1;
        let mut transaction = [0; 12];
        transaction[4..].copy_from_slice(&self.transaction.to_be_bytes());
        Writer::new(Class::Request, method, transaction)
    }

    pub(crate) fn key(&self) -> [u8; 16] {
        let Credential { username, password } = &self.credential;
        credential::key(username, REALM, password)
    }

    /// Says who asks, by the nonce that was given last.
    pub(crate) fn signed(&self, writer: Writer) -> Vec<u8> {
        writer
            .with(attribute::USERNAME, self.credential.username.as_bytes())
            .with(attribute::REALM, REALM.as_bytes())
            .with(attribute::NONCE, self.nonce.as_bytes())
            .signed(&self.key())
            .finish()
    }

    /// Gives bytes to the server; a relay that it wants is bound.
    pub(crate) fn give<'a>(&mut self, bytes: &'a [u8]) -> Step<'a> {
        let step = self
            .server
            .from_client(self.time(), self.client, bytes, &self.members);
        match step {
            Step::Bind { allocation, .. } => {
                self.relay = Some(allocation);
                let (_, reply) = self.server.bound(allocation, Ok(at(RELAY))).unwrap();
                Step::Reply(reply)
            }
            step => step,
        }
    }

    pub(crate) fn answer(&mut self, bytes: &[u8]) -> Answer {
        match self.give(bytes) {
            Step::Reply(reply) | Step::Close { reply, .. } => {
                let message = Message::parse(&reply).unwrap();
                if let Some(nonce) = message.text(attribute::NONCE) {
                    self.nonce = nonce.to_owned();
                } else if message.is_signed() {
                    assert!(message.is_signed_by(&self.key()));
                }
                match message.attribute(attribute::ERROR_CODE) {
                    Some(&[_, _, hundreds, rest, ..]) => {
                        Answer::Error(u16::from(hundreds) * 100 + u16::from(rest))
                    }
                    _ => Answer::Success,
                }
            }
            _ => Answer::Nothing,
        }
    }

    /// Asks, and once more if the nonce was missing or old.
    pub(crate) fn ask(&mut self, method: u16, attributes: &[(u16, &[u8])]) -> Answer {
        for _ in 0..2 {
            let mut writer = self.writer(method);
            for (kind, value) in attributes {
                writer = writer.with(*kind, value);
            }
            let answer = self.answer(&self.signed(writer));
            if answer != Answer::Error(438) {
                return answer;
            }
        }
        Answer::Error(438)
    }

    pub(crate) fn allocate(&mut self) -> Answer {
        self.ask(
            method::ALLOCATE,
            &[(attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0])],
        )
    }

    /// A request about peers.
    pub(crate) fn about(&mut self, method: u16, peers: &[&str], channel: Option<u16>) -> Answer {
        for _ in 0..2 {
            let mut writer = self.writer(method);
            if let Some(number) = channel {
                let [a, b] = number.to_be_bytes();
                writer = writer.with(attribute::CHANNEL_NUMBER, &[a, b, 0, 0]);
            }
            for peer in peers {
                writer = writer.with_address(attribute::XOR_PEER_ADDRESS, at(peer));
            }
            let answer = self.answer(&self.signed(writer));
            if answer != Answer::Error(438) {
                return answer;
            }
        }
        Answer::Error(438)
    }

    pub(crate) fn permit(&mut self, peer: &str) -> Answer {
        self.about(method::CREATE_PERMISSION, &[peer], None)
    }

    pub(crate) fn bind(&mut self, number: u16, peer: &str) -> Answer {
        self.about(method::CHANNEL_BIND, &[peer], Some(number))
    }

    /// Sends data by an indication: to whom it goes.
    pub(crate) fn send(&mut self, peer: &str, data: &[u8]) -> Option<SocketAddr> {
        let indication = Writer::new(Class::Indication, method::SEND, [0; 12])
            .with_address(attribute::XOR_PEER_ADDRESS, at(peer))
            .with(attribute::DATA, data)
            .finish();
        match self.give(&indication) {
            Step::Relay {
                peer, data: sent, ..
            } => {
                assert_eq!(sent, data);
                Some(peer)
            }
            step => {
                assert_eq!(step, Step::Nothing);
                None
            }
        }
    }

    /// Sends data by a channel: to whom it goes.
    pub(crate) fn channel_data(&mut self, number: u16, data: &[u8]) -> Option<SocketAddr> {
        let mut bytes = number.to_be_bytes().to_vec();
        bytes.extend((data.len() as u16).to_be_bytes());
        bytes.extend(data);
        match self.give(&bytes) {
            Step::Relay {
                peer, data: sent, ..
            } => {
                assert_eq!(sent, data);
                Some(peer)
            }
            step => {
                assert_eq!(step, Step::Nothing);
                None
            }
        }
    }
}

pub(crate) fn client(address: &str) -> Client {
    Client {
        transport: Transport::Udp,
        address: at(address),
        local: None,
    }
}
