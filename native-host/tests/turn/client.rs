//! A TURN client that says whatever a test wants. Messages have the form that `catnest::turn::stun` gives them, which is
//! held to the RFC's examples elsewhere; coturn's client in `coturn.rs` has one of its own.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

use std::net::{Ipv4Addr, SocketAddr};

use catnest::turn::{
    credential,
    stun::{Class, Message, Writer, attribute, method},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
};

use crate::common::{Client as Member, Server, within};

pub(crate) const UDP: (u16, &[u8]) = (attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);

/// What carries messages.
pub(crate) enum Line {
    Datagrams(UdpSocket),
    Stream(Box<dyn Stream>),
}

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// How a request was answered: the error's code, or none for a success.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Success,
    Error(u16),
}

pub(crate) struct TurnClient {
    pub(crate) line: Line,
    pub(crate) username: String,
    pub(crate) password: String,
    realm: String,
    nonce: String,
    transaction: u64,
    /// The relay's address.
    pub(crate) relayed: Option<SocketAddr>,
}

/// Starts a server with TURN, and relays on this machine's loopback.
pub(crate) async fn server(flags: &[&str]) -> Server {
    let mut all = vec![
        "--turn-listen=127.0.0.1:0",
        "--turn-allocation-rate=1000000000",
        "--turn-total-rate=1000000000",
    ];
    all.extend(flags);
    Server::start_with(&all).await
}

/// What a member of a channel is given.
pub(crate) async fn asked_relay(member: &mut Member) -> Value {
    member.send(json!({"relay": {}})).await;
    let relay = member.next().await;
    assert_eq!(relay["type"], "relay", "{relay}");
    relay
}

impl TurnClient {
    /// One that comes by UDP.
    pub(crate) async fn udp(server: &Server) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        socket.connect(server.turn.unwrap()).await.unwrap();
        Self::on(Line::Datagrams(socket))
    }

    /// One that comes by TCP.
    pub(crate) async fn tcp(server: &Server) -> Self {
        let stream = TcpStream::connect(server.turn.unwrap()).await.unwrap();
        Self::on(Line::Stream(Box::new(stream)))
    }

    pub(crate) fn on(line: Line) -> Self {
        Self {
            line,
            username: String::new(),
            password: String::new(),
            realm: String::new(),
            nonce: String::new(),
            transaction: 0,
            relayed: None,
        }
    }

    /// With what a member of a channel was given.
    pub(crate) async fn with_relay_of(mut self, member: &mut Member) -> Self {
        let relay = asked_relay(member).await;
        self.username = relay["username"].as_str().unwrap().to_owned();
        self.password = relay["credential"].as_str().unwrap().to_owned();
        self
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        match &mut self.line {
            Line::Datagrams(socket) => {
                socket.send(bytes).await.unwrap();
            }
            Line::Stream(stream) => within("room to send", stream.write_all(bytes))
                .await
                .unwrap(),
        }
    }

    /// The next message or ChannelData; none when the connection has ended.
    pub(crate) async fn receive(&mut self) -> Option<Vec<u8>> {
        within("something from the server", async {
            match &mut self.line {
                Line::Datagrams(socket) => {
                    let mut bytes = vec![0; 65536];
                    let length = socket.recv(&mut bytes).await.unwrap();
                    bytes.truncate(length);
                    Some(bytes)
                }
                Line::Stream(stream) => {
                    let mut bytes = vec![0; 4];
                    stream.read_exact(&mut bytes).await.ok()?;
                    let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
                    let rest = if bytes[0] < 0x40 {
                        16 + length
                    } else {
                        length.next_multiple_of(4)
                    };
                    bytes.resize(4 + rest, 0);
                    stream.read_exact(&mut bytes[4..]).await.ok()?;
                    Some(bytes)
                }
            }
        })
        .await
    }

    pub(crate) fn writer(&mut self, method: u16) -> Writer {
        self.transaction += 1;
        let mut transaction = [0; 12];
        transaction[..8].copy_from_slice(&self.transaction.to_be_bytes());
        Writer::new(Class::Request, method, transaction)
    }

    fn key(&self) -> [u8; 16] {
        credential::key(&self.username, &self.realm, &self.password)
    }

    /// Asks, with credentials once the server has said for what; again when the nonce was missing.
    pub(crate) async fn ask(&mut self, method: u16, parts: impl Fn(Writer) -> Writer) -> Answer {
        for _ in 0..3 {
            let mut request = parts(self.writer(method));
            if !self.nonce.is_empty() {
                request = request
                    .with(attribute::USERNAME, self.username.as_bytes())
                    .with(attribute::REALM, self.realm.as_bytes())
                    .with(attribute::NONCE, self.nonce.as_bytes())
                    .signed(&self.key());
            }
            let was_signed = !self.nonce.is_empty();
            self.send(&request.finish()).await;
            let answer = self.answer().await;
            match answer {
                Answer::Error(401) if !was_signed => {}
                Answer::Error(438) => {}
                answer => return answer,
            }
        }
        Answer::Error(438)
    }

    /// The next message, which is an answer.
    pub(crate) async fn answer(&mut self) -> Answer {
        let bytes = self.receive().await.unwrap();
        let message = Message::parse(&bytes).unwrap();
        if let (Some(realm), Some(nonce)) = (
            message.text(attribute::REALM),
            message.text(attribute::NONCE),
        ) {
            (self.realm, self.nonce) = (realm.to_owned(), nonce.to_owned());
        } else if message.is_signed() {
            assert!(message.is_signed_by(&self.key()));
        }
        if let Some(value) = message.attribute(attribute::XOR_RELAYED_ADDRESS) {
            self.relayed = message.address(value);
        }
        match message.attribute(attribute::ERROR_CODE) {
            Some(&[_, _, hundreds, rest, ..]) => {
                Answer::Error(u16::from(hundreds) * 100 + u16::from(rest))
            }
            _ => Answer::Success,
        }
    }

    pub(crate) async fn allocate(&mut self) -> Answer {
        self.ask(method::ALLOCATE, |writer| writer.with(UDP.0, UDP.1))
            .await
    }

    pub(crate) async fn permit(&mut self, peer: SocketAddr) -> Answer {
        let parts = |writer: Writer| writer.with_address(attribute::XOR_PEER_ADDRESS, peer);
        self.ask(method::CREATE_PERMISSION, parts).await
    }

    pub(crate) async fn bind(&mut self, number: u16, peer: SocketAddr) -> Answer {
        let [a, b] = number.to_be_bytes();
        let parts = |writer: Writer| {
            writer
                .with(attribute::CHANNEL_NUMBER, &[a, b, 0, 0])
                .with_address(attribute::XOR_PEER_ADDRESS, peer)
        };
        self.ask(method::CHANNEL_BIND, parts).await
    }

    /// Data by a channel, padded as a stream needs it.
    pub(crate) async fn channel_data(&mut self, number: u16, data: &[u8]) {
        let mut bytes = number.to_be_bytes().to_vec();
        bytes.extend((data.len() as u16).to_be_bytes());
        bytes.extend(data);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        self.send(&bytes).await;
    }

    /// Data by an indication.
    pub(crate) async fn indicate(&mut self, peer: SocketAddr, data: &[u8]) {
        let bytes = Writer::new(Class::Indication, method::SEND, [0; 12])
            .with_address(attribute::XOR_PEER_ADDRESS, peer)
            .with(attribute::DATA, data)
            .finish();
        self.send(&bytes).await;
    }

    /// The next thing from the server, which is data: by which channel or from whom.
    pub(crate) async fn data(&mut self) -> (Result<u16, SocketAddr>, Vec<u8>) {
        let bytes = self.receive().await.unwrap();
        if bytes[0] >= 0x40 {
            let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
            let number = u16::from_be_bytes([bytes[0], bytes[1]]);
            return (Ok(number), bytes[4..4 + length].to_vec());
        }
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(
            (message.class(), message.method()),
            (Class::Indication, method::DATA)
        );
        let peer = message.attribute(attribute::XOR_PEER_ADDRESS).unwrap();
        let data = message.attribute(attribute::DATA).unwrap();
        (Err(message.address(peer).unwrap()), data.to_vec())
    }

    /// The server is still there, and has dealt with all that was sent before.
    pub(crate) async fn hears_an_answer(&mut self) {
        assert_eq!(
            self.ask(method::BINDING, |writer| writer).await,
            Answer::Success
        );
    }
}
