//! What clients ask, and what they get.

use std::time::Duration;

use catnest::{
    limits,
    turn::{
        Client, Transport,
        allocation::{AllocationId, Family},
        credential::{self, Secret},
        quota::TurnLimits,
        server::{Framing, NoRelay, Step},
        stun::{Class, Message, Writer, attribute, method},
    },
};

use crate::helpers::{Answer, MEMBER, NOW, RELAY, World, at, client};

const UDP: (u16, &[u8]) = (attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);

/// One with an allocation.
fn allocated() -> World {
    let mut world = World::new();
    assert_eq!(world.allocate(), Answer::Success);
    world
}

#[test]
fn an_allocation_is_made_by_two_round_trips() {
    let mut world = World::new();
    // Who proves nothing is told how to.
    let bytes = world.writer(method::ALLOCATE).with(UDP.0, UDP.1).finish();
    assert_eq!(world.answer(&bytes), Answer::Error(401));
    let bytes = world.writer(method::ALLOCATE).with(UDP.0, UDP.1);
    let bytes = world.signed(bytes);
    let Step::Reply(reply) = world.give(&bytes) else {
        panic!("an answer was expected");
    };
    let message = Message::parse(&reply).unwrap();
    let address = |kind| message.address(message.attribute(kind).unwrap());
    assert_eq!(address(attribute::XOR_RELAYED_ADDRESS), Some(at(RELAY)));
    assert_eq!(
        address(attribute::XOR_MAPPED_ADDRESS),
        Some(world.client.address)
    );
    assert_eq!(
        message.attribute(attribute::LIFETIME),
        Some(&600_u32.to_be_bytes()[..])
    );
    assert!(message.is_signed_by(&world.key()));
    // Its answer was lost.
    assert_eq!(world.give(&bytes), Step::Reply(reply.clone()));
    assert_eq!(world.server.allocations(), 1);
}

#[test]
fn answers_have_these_bytes() {
    let mut world = World::new();
    let mut answers = Vec::new();
    let mut keep = |world: &mut World, writer: Writer, sign: bool| {
        let bytes = if sign {
            world.signed(writer)
        } else {
            writer.finish()
        };
        let answer = match world.give(&bytes) {
            Step::Reply(reply) | Step::Close { reply, .. } => reply,
            step => panic!("an answer was expected: {step:?}"),
        };
        answers.push(
            answer
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>(),
        );
        world.answer(&bytes)
    };
    let writer = world.writer(method::BINDING);
    keep(&mut world, writer, false);
    let writer = world.writer(method::ALLOCATE).with(UDP.0, UDP.1);
    keep(&mut world, writer, false);
    let writer = world.writer(method::ALLOCATE).with(UDP.0, UDP.1);
    keep(&mut world, writer, true);
    let writer = world
        .writer(method::CREATE_PERMISSION)
        .with_address(attribute::XOR_PEER_ADDRESS, at(MEMBER));
    keep(&mut world, writer, true);
    let writer = world
        .writer(method::CREATE_PERMISSION)
        .with_address(attribute::XOR_PEER_ADDRESS, at("10.0.0.1:9999"));
    keep(&mut world, writer, true);
    let writer = world.writer(method::REFRESH).with(0x7777, &[]);
    keep(&mut world, writer, true);
    let writer = world.writer(method::REFRESH);
    keep(&mut world, writer, true);
    let indication = world.server.indication(at(MEMBER), b"meow");
    answers.push(
        indication
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
    );
    insta::assert_snapshot!("turn_answers", answers.join("\n"));
}

#[test]
fn forged_expired_and_foreign_credentials_are_refused() {
    let mut world = World::new();
    world.answer(&Writer::new(Class::Request, method::ALLOCATE, [9; 12]).finish());
    let good = world.credential.clone();
    let minted = |secret: &str, seconds: u64| {
        credential::mint(&Secret::new(secret), NOW, Duration::from_secs(seconds), "a")
    };
    let mut with = |username: &str, password: &str| {
        world.credential.username = username.to_owned();
        world.credential.password = password.to_owned();
        world.allocate()
    };
    let expired = minted("north", 0);
    let foreign = minted("south", 60);
    for (username, password) in [
        (&*expired.username, &*expired.password),
        (&foreign.username, &foreign.password),
        (&good.username, "forged"),
        (&good.username, ""),
        // A later expiry under the password of the earlier one.
        ("9999999999:a", &good.password),
        ("", ""),
        ("a", &credential::password(&Secret::new("north"), "a")),
    ] {
        assert_eq!(
            with(username, password),
            Answer::Error(401),
            "{username} {password}"
        );
    }
    let long = "9".repeat(600);
    assert_eq!(with(&long, ""), Answer::Error(400));
    assert_eq!(with(&good.username, &good.password), Answer::Success);
}

#[test]
fn credentials_that_expire_keep_an_allocation_no_longer_than_it_lasts_anyway() {
    let mut world = allocated();
    world.credential = credential::mint(&world.secret, NOW, Duration::from_secs(60), "a");
    world.client = client("2.2.2.2:1");
    assert_eq!(world.allocate(), Answer::Success);
    world.now = NOW + Duration::from_secs(59);
    assert_eq!(world.ask(method::REFRESH, &[]), Answer::Success);
    world.now = NOW + Duration::from_secs(60);
    assert_eq!(world.ask(method::REFRESH, &[]), Answer::Error(401));
    world.now = NOW + Duration::from_secs(59) + limits::ALLOCATION_LIFETIME;
    let expired: Vec<AllocationId> = std::iter::from_fn(|| world.server.expired(world.now))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(expired.len(), 2);
    assert_eq!(world.server.next_deadline(), None);
}

#[test]
fn a_nonce_is_for_one_client_and_a_while() {
    let mut world = World::new();
    let bytes = world.writer(method::ALLOCATE).with(UDP.0, UDP.1).finish();
    world.answer(&bytes);
    let signed = world.writer(method::ALLOCATE).with(UDP.0, UDP.1);
    let signed = world.signed(signed);
    let others = [
        client("1.1.1.1:1001"),
        client("1.1.1.2:1000"),
        Client {
            transport: Transport::Tcp,
            ..world.client
        },
    ];
    let own = world.client;
    for other in others {
        world.client = other;
        assert_eq!(world.answer(&signed), Answer::Error(438), "{other:?}");
    }
    world.client = own;
    world.now = NOW + limits::NONCE_LIFETIME;
    assert_eq!(world.answer(&signed), Answer::Error(438));
    world.now = NOW + (limits::NONCE_LIFETIME - Duration::from_millis(1));
    assert_eq!(world.answer(&signed), Answer::Success);
}

#[test]
fn odd_requests_are_refused_as_the_rfc_says() {
    let mut world = World::new();
    world.answer(&Writer::new(Class::Request, method::ALLOCATE, [9; 12]).finish());
    let mut check = |attributes: &[(u16, &[u8])], code| {
        assert_eq!(
            world.ask(method::ALLOCATE, attributes),
            Answer::Error(code),
            "{attributes:?}"
        );
    };
    let token: (u16, &[u8]) = (attribute::RESERVATION_TOKEN, &[0; 8]);
    let family = |number: &'static [u8]| (attribute::REQUESTED_ADDRESS_FAMILY, number);
    check(&[], 400);
    check(&[(attribute::REQUESTED_TRANSPORT, &[])], 400);
    // TCP to the peer, of RFC 6062.
    check(&[(attribute::REQUESTED_TRANSPORT, &[6, 0, 0, 0])], 442);
    check(&[UDP, family(&[2, 0, 0, 0])], 440);
    check(&[UDP, family(&[3, 0, 0, 0])], 440);
    check(&[UDP, family(&[])], 440);
    check(&[UDP, token], 508);
    check(&[UDP, token, (attribute::EVEN_PORT, &[0])], 400);
    // The port after it, too, which is for RTCP.
    check(&[UDP, (attribute::EVEN_PORT, &[0x80])], 508);
    check(&[UDP, (attribute::EVEN_PORT, &[])], 400);
    // DONT-FRAGMENT, and one that nobody knows.
    check(&[UDP, (0x001a, &[])], 420);
    check(&[UDP, (0x7fff, &[1, 2, 3])], 420);
    // What need not be understood is not looked at.
    assert_eq!(
        world.ask(method::ALLOCATE, &[UDP, (0xffff, &[1, 2, 3])]),
        Answer::Success
    );
}

#[test]
fn a_relay_is_bound_as_it_was_asked_for_or_not_at_all() {
    let mut world = World::with(TurnLimits::default(), |peers| {
        peers.relays.push(at("[2a00::1]:1").ip());
    });
    world.answer(&Writer::new(Class::Request, method::ALLOCATE, [9; 12]).finish());
    let writer = world
        .writer(method::ALLOCATE)
        .with(UDP.0, UDP.1)
        .with(attribute::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0])
        .with(attribute::EVEN_PORT, &[0]);
    let bytes = world.signed(writer);
    let step = world
        .server
        .from_client(world.time(), world.client, &bytes, &world.members);
    let Step::Bind {
        allocation,
        family: Family::V6,
        even: true,
    } = step
    else {
        panic!("{step:?}");
    };
    // The same request comes again before it is bound.
    assert_eq!(world.give(&bytes), Step::Nothing);
    let (_, reply) = world.server.bound(allocation, Err(NoRelay)).unwrap();
    let code = Message::parse(&reply).unwrap();
    assert_eq!(code.attribute(attribute::ERROR_CODE).unwrap()[2..4], [5, 8]);
    assert_eq!(
        (world.server.allocations(), world.server.next_deadline()),
        (0, None)
    );
    assert_eq!(world.server.bound(allocation, Ok(at(RELAY))), None);
}

#[test]
fn data_goes_both_ways_by_channels_and_by_indications() {
    let mut world = allocated();
    let relay = world.relay.unwrap();
    // Nobody is let in who was not asked in.
    assert_eq!(world.server.from_peer(NOW, relay, at(MEMBER), 4), None);
    assert_eq!(world.send(MEMBER, b"meow"), None);
    assert_eq!(world.permit(MEMBER), Answer::Success);
    let from_peer = |world: &mut World, peer: &str| {
        world
            .server
            .from_peer(NOW, relay, at(peer), 4)
            .map(|(_, framing)| framing)
    };
    assert_eq!(from_peer(&mut world, MEMBER), Some(Framing::Indication));
    assert_eq!(world.send(MEMBER, b"meow"), Some(at(MEMBER)));
    assert_eq!(world.channel_data(0x4001, b"meow"), None);
    assert_eq!(world.bind(0x4001, MEMBER), Answer::Success);
    assert_eq!(
        from_peer(&mut world, MEMBER),
        Some(Framing::Channel(0x4001))
    );
    assert_eq!(world.channel_data(0x4001, b"meow"), Some(at(MEMBER)));
    assert_eq!(world.channel_data(0x4001, b""), Some(at(MEMBER)));
    // A permission is for an address with all its ports, a channel for one of them.
    let other_port = "93.184.216.34:4001";
    assert_eq!(from_peer(&mut world, other_port), Some(Framing::Indication));
    assert_eq!(from_peer(&mut world, "93.184.216.34:53"), None);
    assert_eq!(world.send("93.184.216.34:53", b"meow"), None);
    assert_eq!(from_peer(&mut world, "93.184.216.35:4000"), None);
    let indication = world.server.indication(at(MEMBER), b"meow");
    let message = Message::parse(&indication).unwrap();
    assert_eq!(
        (message.class(), message.method()),
        (Class::Indication, method::DATA)
    );
    assert_eq!(message.attribute(attribute::DATA), Some(&b"meow"[..]));
}

#[test]
fn only_the_channels_own_members_and_our_relays_are_reached() {
    let mut world = allocated();
    world.members.0.insert("other", vec!["4.4.4.4:4"]);
    assert_eq!(world.permit(MEMBER), Answer::Success);
    // Its own address, as seen by the server, is a member's, too.
    assert_eq!(world.permit("1.1.1.1:4000"), Answer::Success);
    assert_eq!(world.permit("4.4.4.4:4000"), Answer::Error(403));
    assert_eq!(world.permit("8.8.8.8:4000"), Answer::Error(403));
    assert_eq!(world.bind(0x4000, "8.8.8.8:4000"), Answer::Error(403));
    assert_eq!(world.permit(RELAY), Answer::Success);
    assert_eq!(world.bind(0x4000, "198.51.100.1:3478"), Answer::Error(403));
    assert_eq!(world.bind(0x4000, "198.51.100.1:50001"), Answer::Success);
    assert_eq!(world.send("198.51.100.1:3478", b"x"), None);
    // All or none.
    let both = [MEMBER, "8.8.8.8:4000"];
    assert_eq!(
        world.about(method::CREATE_PERMISSION, &both, None),
        Answer::Error(403)
    );
    // Of who left, what was granted ends with its time.
    world.members.0.clear();
    assert_eq!(world.send(MEMBER, b"x"), Some(at(MEMBER)));
    assert_eq!(world.permit(MEMBER), Answer::Error(403));
    // Credentials that no member of ours asked for reach relays only.
    world.client = client("3.3.3.3:1");
    world.credential = credential::mint(&world.secret, NOW, Duration::from_secs(60), "elsewhere");
    assert_eq!(world.allocate(), Answer::Success);
    assert_eq!(world.permit(MEMBER), Answer::Error(403));
    assert_eq!(world.permit(RELAY), Answer::Success);
}

#[test]
fn channels_are_bound_once() {
    let mut world = World::with(TurnLimits::default(), |peers| {
        peers.allowed = vec!["7.0.0.0/8".parse().unwrap()];
    });
    world.allocate();
    world.allocate();
    assert_eq!(world.bind(0x4000, "7.0.0.1:2000"), Answer::Success);
    assert_eq!(world.bind(0x4000, "7.0.0.1:2000"), Answer::Success);
    assert_eq!(world.bind(0x4000, "7.0.0.1:2001"), Answer::Error(400));
    assert_eq!(world.bind(0x4001, "7.0.0.1:2000"), Answer::Error(400));
    for number in [0, 0x3fff, 0x7fff, 0x8000, 0xffff] {
        assert_eq!(
            world.bind(number, "7.0.0.1:2001"),
            Answer::Error(400),
            "{number:x}"
        );
    }
    assert_eq!(
        world.about(method::CHANNEL_BIND, &[], Some(0x4002)),
        Answer::Error(400)
    );
    assert_eq!(
        world.about(method::CHANNEL_BIND, &["7.0.0.2:2000"], None),
        Answer::Error(400)
    );
    assert_eq!(
        world.about(method::CREATE_PERMISSION, &[], None),
        Answer::Error(400)
    );
    assert_eq!(world.bind(0x4002, "[2a00::1]:2000"), Answer::Error(403));
}

#[test]
fn a_peer_whose_channel_expired_keeps_its_new_one_when_the_old_number_is_bound_to_another() {
    let mut world = World::with(TurnLimits::default(), |peers| {
        peers.allowed = vec!["7.0.0.0/8".parse().unwrap()];
    });
    world.allocate();
    world.allocate();
    let relay = world.relay.unwrap();
    assert_eq!(world.bind(0x4000, "7.0.0.1:2000"), Answer::Success);
    world.now = NOW + limits::CHANNEL_LIFETIME;
    assert_eq!(world.bind(0x4001, "7.0.0.1:2000"), Answer::Success);
    assert_eq!(world.bind(0x4000, "7.0.0.2:2000"), Answer::Success);
    for (peer, number) in [("7.0.0.1:2000", 0x4001), ("7.0.0.2:2000", 0x4000)] {
        let came = world.server.from_peer(world.now, relay, at(peer), 1);
        assert_eq!(came, Some((world.client, Framing::Channel(number))));
    }
}

#[test]
fn permissions_channels_and_allocations_end_in_time() {
    let mut world = allocated();
    let relay = world.relay.unwrap();
    assert_eq!(world.bind(0x4000, MEMBER), Answer::Success);
    world.now = NOW + limits::PERMISSION_LIFETIME;
    assert_eq!(world.channel_data(0x4000, b"x"), None);
    assert_eq!(
        world.server.from_peer(world.now, relay, at(MEMBER), 1),
        None
    );
    // A channel outlives its permission, and has a use again once that is renewed (RFC 8656 §12).
    assert_eq!(world.permit(MEMBER), Answer::Success);
    assert_eq!(world.channel_data(0x4000, b"x"), Some(at(MEMBER)));
    assert_eq!(world.ask(method::REFRESH, &[]), Answer::Success);
    world.now = NOW + limits::CHANNEL_LIFETIME;
    assert_eq!(world.permit(MEMBER), Answer::Success);
    assert_eq!(world.channel_data(0x4000, b"x"), None);
    assert_eq!(world.server.expired(world.now), None);
    world.now = world.server.next_deadline().unwrap();
    assert_eq!(world.server.expired(world.now), Some((relay, world.client)));
    assert_eq!(world.permit(MEMBER), Answer::Error(437));
}

#[test]
fn an_allocation_ends_when_its_client_wants_it_or_is_gone() {
    let mut world = allocated();
    let relay = world.relay.unwrap();
    assert_eq!(
        world.ask(method::REFRESH, &[(attribute::LIFETIME, &[0; 3])]),
        Answer::Error(400)
    );
    let family = |number| [number, 0, 0, 0];
    let v6 = family(2);
    assert_eq!(
        world.ask(
            method::REFRESH,
            &[(attribute::REQUESTED_ADDRESS_FAMILY, &v6)]
        ),
        Answer::Error(443)
    );
    assert_eq!(
        world.ask(method::REFRESH, &[(attribute::LIFETIME, &[0; 4])]),
        Answer::Success
    );
    assert_eq!(world.server.allocations(), 0);
    assert_eq!(world.ask(method::REFRESH, &[]), Answer::Error(437));
    assert_eq!(world.server.client_gone(&world.client), None);
    assert_eq!(world.allocate(), Answer::Success);
    assert_ne!(world.relay, Some(relay));
    assert_eq!(world.server.client_gone(&world.client), world.relay);
    assert_eq!(
        (world.server.allocations(), world.server.next_deadline()),
        (0, None)
    );
}

#[test]
fn an_allocation_is_its_users_alone() {
    let mut world = allocated();
    let first = world.credential.clone();
    world.credential = credential::mint(&world.secret, NOW, Duration::from_secs(60), "another");
    assert_eq!(world.permit(MEMBER), Answer::Error(441));
    assert_eq!(
        world.ask(method::REFRESH, &[(attribute::LIFETIME, &[0; 4])]),
        Answer::Error(441)
    );
    assert_eq!(world.allocate(), Answer::Error(441));
    world.credential = first;
    assert_eq!(world.permit(MEMBER), Answer::Success);
}

#[test]
fn an_ipv4_client_of_an_ipv6_socket_is_told_its_ipv4_address() {
    let mut world = World::new();
    world.client = client("[::ffff:1.2.3.4]:1000");
    let bytes = world.writer(method::BINDING).finish();
    let Step::Reply(reply) = world.give(&bytes) else {
        panic!("an answer was expected");
    };
    let message = Message::parse(&reply).unwrap();
    let value = message.attribute(attribute::XOR_MAPPED_ADDRESS).unwrap();
    assert_eq!(message.address(value), Some(at("1.2.3.4:1000")));
}

#[test]
fn garbage_and_answers_are_not_answered() {
    let mut world = allocated();
    let others = [Class::Success, Class::Error, Class::Indication];
    let mut silent: Vec<Vec<u8>> = others
        .map(|class| Writer::new(class, method::ALLOCATE, [1; 12]).finish())
        .into();
    silent.extend([
        vec![],
        vec![0; 3],
        vec![0; 20],
        vec![0x40, 0, 0, 9, 1],
        vec![0xff; 100],
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
    ]);
    // Send indications without a peer, without data, and with what is not understood.
    let send = || Writer::new(Class::Indication, method::SEND, [1; 12]);
    let peer = |writer: Writer| writer.with_address(attribute::XOR_PEER_ADDRESS, at(MEMBER));
    silent.push(send().with(attribute::DATA, b"x").finish());
    silent.push(peer(send()).finish());
    silent.push(
        peer(send())
            .with(attribute::DATA, b"x")
            .with(0x7777, b"")
            .finish(),
    );
    silent.push(
        send()
            .with(attribute::XOR_PEER_ADDRESS, &[0; 3])
            .with(attribute::DATA, b"x")
            .finish(),
    );
    assert_eq!(world.permit(MEMBER), Answer::Success);
    for bytes in silent {
        assert_eq!(world.give(&bytes), Step::Nothing, "{bytes:02x?}");
    }
}
