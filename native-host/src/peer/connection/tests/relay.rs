//! A connection that is given a relay, by a TURN server of this process.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use catnest::{
    entropy::Entropy,
    turn::{
        Client, Time, Transport as Protocol,
        allocation::AllocationId,
        credential::{self, Secret},
        peers::PeerPolicy,
        quota::TurnLimits,
        server::{Framing, Nests, Step, TurnConfig, TurnServer},
        stun,
    },
};
use tokio::net::UdpSocket;

use super::*;
use crate::wall::now;

/// Relays reach each other, whoever is a member.
struct NoNests;

impl Nests for NoNests {
    fn find(&self, _: &dyn Fn(&str) -> bool) -> Option<Arc<str>> {
        None
    }

    fn has_member(&self, _: &str, _: IpAddr) -> bool {
        false
    }
}

/// The rules of the core on plain sockets. It runs as long as the test does.
struct Turn {
    url: String,
    secret: Secret,
    given: u8,
}

impl Turn {
    async fn start() -> Self {
        let ip: IpAddr = if_addrs::get_if_addrs()
            .unwrap()
            .iter()
            .map(if_addrs::Interface::ip)
            .find(|ip| ip.is_ipv4() && !ip.is_loopback())
            .expect("a network, as the other tests of connections need");
        let secret = Secret::new("north of everything");
        let config = TurnConfig {
            realm: "catnest".into(),
            secret: secret.clone(),
            peers: PeerPolicy {
                relays: vec![ip],
                relay_ports: Some(1024..=65535),
                ..PeerPolicy::default()
            },
            limits: TurnLimits::default(),
        };
        let server = TurnServer::new(now(), config, Entropy::from_seed([1; 32]));
        let socket = UdpSocket::bind((ip, 0)).await.unwrap();
        let url = format!("turn:{}?transport=udp", socket.local_addr().unwrap());
        tokio::spawn(serve_turn(server, socket, ip));
        Self {
            url,
            secret,
            given: 0,
        }
    }

    /// Each time with other credentials.
    fn relay(&mut self) -> Relay {
        self.given += 1;
        let lifetime = Duration::from_secs(600);
        let name = format!("cat{}", self.given);
        let credential = credential::mint(&self.secret, now(), lifetime, &name);
        Relay {
            urls: vec![self.url.clone()],
            username: credential.username,
            credential: credential.password,
            ttl: lifetime.as_secs(),
        }
    }
}

async fn serve_turn(mut server: TurnServer, socket: UdpSocket, ip: IpAddr) {
    let mut relays: HashMap<AllocationId, Arc<UdpSocket>> = HashMap::new();
    let (came, mut from_peers) = mpsc::channel(64);
    let mut buffer = vec![0; 2048];
    loop {
        tokio::select! {
            received = socket.recv_from(&mut buffer) => {
                let (length, address) = received.unwrap();
                let client = Client { transport: Protocol::Udp, address, local: None };
                let time = Time { now: now(), wall: now() };
                let step = server.from_client(time, client, &buffer[..length], &NoNests);
                let reply = match step {
                    Step::Nothing => None,
                    Step::Reply(reply) => Some(reply),
                    Step::Relay { allocation, peer, data } => {
                        relays[&allocation].send_to(data, peer).await.unwrap();
                        None
                    }
                    Step::Bind { allocation, .. } => {
                        let relay = Arc::new(UdpSocket::bind((ip, 0)).await.unwrap());
                        relays.insert(allocation, relay.clone());
                        let bound = server.bound(allocation, Ok(relay.local_addr().unwrap()));
                        let came = came.clone();
                        tokio::spawn(async move {
                            let mut buffer = vec![0; 2048];
                            while let Ok((length, peer)) = relay.recv_from(&mut buffer).await {
                                let data = buffer[..length].to_vec();
                                if came.send((allocation, peer, data)).await.is_err() {
                                    return;
                                }
                            }
                        });
                        bound.map(|(_, reply)| reply)
                    }
                    Step::Close { allocation, reply } => {
                        relays.remove(&allocation);
                        Some(reply)
                    }
                };
                if let Some(reply) = reply {
                    socket.send_to(&reply, address).await.unwrap();
                }
            }
            Some((allocation, peer, data)) = from_peers.recv() => {
                let framing = server.from_peer(now(), allocation, peer, data.len());
                let (client, bytes) = match framing {
                    None => continue,
                    Some((client, Framing::Indication)) => (client, server.indication(peer, &data)),
                    Some((client, Framing::Channel(number))) => {
                        let header = stun::channel_header(number, data.len() as u16);
                        (client, [&header[..], &data].concat())
                    }
                };
                socket.send_to(&bytes, client.address).await.unwrap();
            }
        }
    }
}

const RELAY: &str = " typ relay ";

/// As nothing but the relay lets it through.
fn by_relay(input: ConnectionInput) -> Option<ConnectionInput> {
    match input {
        ConnectionInput::LocalCandidate(candidate) if !candidate.candidate.contains(RELAY) => None,
        ConnectionInput::LocalDescription { kind, sdp } => {
            let passes = |line: &&str| !line.starts_with("a=candidate:") || line.contains(RELAY);
            let lines: String = sdp.0.split_inclusive('\n').filter(passes).collect();
            let sdp = Sdp(lines);
            Some(ConnectionInput::LocalDescription { kind, sdp })
        }
        input => Some(input),
    }
}

/// Carries on what a relay lets through until both ends have told what is wanted.
async fn carry_by_relay_until(ends: &mut [End; 2], wanted: impl Fn(&ConnectionInput) -> bool) {
    let [a, b] = ends;
    let carried = async {
        let (mut at_a, mut at_b) = (false, false);
        while !(at_a && at_b) {
            let (input, seen, other) = tokio::select! {
                input = a.next() => (input, &mut at_a, &*b),
                input = b.next() => (input, &mut at_b, &*a),
            };
            if let Some(input) = by_relay(input) {
                *seen |= wanted(&input);
                carry(&input, other);
            }
        }
    };
    timeout(DEADLINE, carried).await.expect("it comes to that");
}

/// First no path is found, then one by relays, and with new credentials it is found again. Whether it leads through them is
/// shown where nothing else does (`e2e/tests/relay.rs`): here the ends meet at their relays, and then see each other.
#[tokio::test]
async fn a_relay_that_comes_later_leads_to_the_other_end() {
    let mut turn = Turn::start().await;
    let mut ends = [End::new(), End::new()];
    ends[0]
        .connection
        .take(ConnectionOutput::Offer { restart: false });
    let described =
        |input: &ConnectionInput| matches!(input, ConnectionInput::LocalDescription { .. });
    carry_by_relay_until(&mut ends, described).await;
    for end in &ends {
        let relay = turn.relay();
        end.connection.take(ConnectionOutput::UseRelay(relay));
    }
    ends[0]
        .connection
        .take(ConnectionOutput::Offer { restart: true });
    let opened = |input: &ConnectionInput| *input == ConnectionInput::Opened;
    carry_by_relay_until(&mut ends, opened).await;
    for round in 0..2 {
        for end in &ends {
            end.connection.send(Stream::CONTROL, vec![round]);
        }
        let arrived = |input: &ConnectionInput| *input == ConnectionInput::Frame(vec![round]);
        carry_by_relay_until(&mut ends, arrived).await;
        if round == 0 {
            for end in &ends {
                let relay = turn.relay();
                end.connection.take(ConnectionOutput::UseRelay(relay));
            }
            ends[1]
                .connection
                .take(ConnectionOutput::Offer { restart: true });
            let found = |input: &ConnectionInput| {
                *input == ConnectionInput::Transport(Transport::Connected)
            };
            carry_by_relay_until(&mut ends, found).await;
        }
    }
}

#[tokio::test]
async fn a_relay_of_no_use_is_left_out() {
    let (mut a, mut b) = (End::new(), End::new());
    for urls in [vec![], vec!["turn:".into()], vec!["turns:x.example".into()]] {
        let relay = Relay {
            urls,
            username: "a".into(),
            credential: "b".into(),
            ttl: 60,
        };
        a.connection.take(ConnectionOutput::UseRelay(relay));
    }
    a.connection
        .take(ConnectionOutput::Offer { restart: false });
    let opened = |input: &ConnectionInput| *input == ConnectionInput::Opened;
    carry_until(&mut a, &mut b, opened).await;
}

#[test]
fn only_what_is_reached_by_udp_is_used() {
    for (url, expected) in [
        ("turn:nest.example", true),
        ("turn:nest.example:3478", true),
        ("turn:nest.example:3478?transport=udp", true),
        ("turn:nest.example:3478?transport=tcp", false),
        ("turns:nest.example:5349?transport=tcp", false),
        ("turns:nest.example", false),
    ] {
        assert_eq!(is_by_udp(url), expected, "{url}");
    }
}
