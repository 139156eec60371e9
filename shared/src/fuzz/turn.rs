//! The body of the target of the TURN server.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use crate::{
    entropy::Entropy,
    time::Millis,
    turn::{
        Client, Time, Transport,
        allocation::AllocationId,
        credential::{self, Secret},
        peers::{PeerPolicy, Reach},
        quota::TurnLimits,
        server::{Nests, Step, TurnConfig, TurnServer},
        stun::{Class, Message, Writer, attribute, method},
    },
};

const START: Millis = Millis(1_767_225_600_000);
const RELAY: IpAddr = IpAddr::V4(Ipv4Addr::new(5, 6, 7, 8));
const MOST: usize = 3;

/// Everybody is a member of the one channel.
struct Everybody;

impl Nests for Everybody {
    fn find(&self, is_it: &dyn Fn(&str) -> bool) -> Option<Arc<str>> {
        is_it("nest").then(|| "nest".into())
    }

    fn has_member(&self, _: &str, _: IpAddr) -> bool {
        true
    }
}

/// Whatever clients and peers send, every answer is a message, nothing is relayed to where no relay reaches, and there are
/// no more allocations than there may be. The bytes are parts, each after a byte that says what it is and two with its
/// length: a frame of a client, the attributes of a request that is signed as it has to be, or data from a peer.
pub fn turn(mut bytes: &[u8]) {
    let secret = Secret::new("secret");
    let peers = PeerPolicy {
        relays: vec![RELAY],
        relay_ports: Some(50_000..=50_010),
        own: vec![RELAY, Ipv4Addr::LOCALHOST.into()],
        services: vec![3478],
        allowed: Vec::new(),
    };
    let config = TurnConfig {
        realm: "nest".into(),
        secret: secret.clone(),
        peers: peers.clone(),
        limits: TurnLimits {
            allocations: MOST,
            ..TurnLimits::default()
        },
    };
    let tag = credential::channel_tag(&secret, [1; 8], "nest");
    let known = credential::mint(&secret, START, Duration::from_secs(3600), &tag);
    let key = credential::key(&known.username, "nest", &known.password);
    let mut server = TurnServer::new(START, config, Entropy::from_seed([1; 32]));
    let mut now = START;
    let mut nonce = String::new();
    let mut relays: Vec<AllocationId> = Vec::new();
    while let [what, high, low, rest @ ..] = bytes {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (part, rest) = rest.split_at(length);
        bytes = rest;
        now = now + Duration::from_secs(u64::from(what >> 4) * 10);
        let client = Client {
            transport: if what & 8 == 0 {
                Transport::Udp
            } else {
                Transport::Tcp
            },
            address: SocketAddr::new(Ipv4Addr::new(1, 1, 1, what & 4).into(), 1000),
            local: None,
        };
        let frame = match what % 4 {
            0 => {
                let peer = SocketAddr::new(Ipv4Addr::new(9, 9, 9, 9).into(), 4000);
                for &relay in &relays {
                    server.from_peer(now, relay, peer, part.len());
                }
                check(&server.indication(peer, part));
                continue;
            }
            1 => part.to_vec(),
            _ => signed(part, &known.username, &nonce, &key),
        };
        match server.from_client(Time { now, wall: now }, client, &frame, &Everybody) {
            Step::Nothing => {}
            Step::Reply(reply) | Step::Close { reply, .. } => {
                check(&reply);
                if let Some(given) = Message::parse(&reply)
                    .ok()
                    .and_then(|reply| reply.text(attribute::NONCE))
                {
                    nonce = given.to_owned();
                }
            }
            Step::Relay { peer, .. } => {
                assert_ne!(peers.reach_socket(peer), Reach::Denied, "{peer}");
            }
            Step::Bind { allocation, .. } => {
                relays.push(allocation);
                let bound = server.bound(allocation, Ok(SocketAddr::new(RELAY, 50_001)));
                if let Some((_, reply)) = bound {
                    check(&reply);
                }
            }
        }
        while server.expired(now).is_some() {}
        assert!(server.allocations() <= MOST);
    }
}

/// What the server says can be read, unless it carries more than is read of one message.
fn check(message: &[u8]) {
    if message.len() <= crate::limits::MAX_STUN_BYTES {
        assert!(Message::parse(message).is_ok(), "{message:02x?}");
    }
}

/// A request of somebody who is known. The part is its method, then attributes: a type, a length of one byte, a value.
fn signed(part: &[u8], username: &str, nonce: &str, key: &[u8]) -> Vec<u8> {
    const METHODS: [u16; 4] = [
        method::ALLOCATE,
        method::REFRESH,
        method::CREATE_PERMISSION,
        method::CHANNEL_BIND,
    ];
    let Some((first, mut rest)) = part.split_first() else {
        return Vec::new();
    };
    let wanted = METHODS[usize::from(*first) % METHODS.len()];
    let mut writer = Writer::new(Class::Request, wanted, [7; 12])
        .with(attribute::USERNAME, username.as_bytes())
        .with(attribute::REALM, b"nest")
        .with(attribute::NONCE, nonce.as_bytes());
    while let [high, low, length, value @ ..] = rest {
        let (value, after) = value.split_at(usize::from(*length).min(value.len()));
        writer = writer.with(u16::from_be_bytes([*high, *low]), value);
        rest = after;
    }
    writer.signed(key).finish()
}
