//! How much one user, one address and all together get.

use std::time::Duration;

use catnest::{
    limits,
    rate::Rate,
    time::Millis,
    turn::{
        credential,
        quota::TurnLimits,
        server::Step,
        stun::{self, Class, Writer, attribute, method},
    },
};

use crate::helpers::{Answer, MEMBER, NOW, World, at, client};

#[test]
fn one_user_gets_so_many_allocations_and_each_that_ends_makes_room() {
    let limits = TurnLimits {
        allocations_per_user: 3,
        ..TurnLimits::default()
    };
    let mut world = World::with(limits, |_| {});
    for port in 0..5 {
        world.client = client(&format!("1.1.1.{port}:1"));
        world.allocate();
        let expected = if port < 3 {
            Answer::Error(437)
        } else {
            Answer::Error(486)
        };
        assert_eq!(world.allocate(), expected, "{port}");
    }
    world.server.client_gone(&client("1.1.1.0:1")).unwrap();
    world.client = client("1.1.1.9:1");
    world.allocate();
    assert_eq!(world.allocate(), Answer::Error(437));
    assert_eq!(world.server.allocations(), 3);
}

#[test]
fn one_address_gets_so_many_allocations_whoever_asks() {
    let limits = TurnLimits {
        allocations_per_address: 2,
        allocations: 3,
        ..TurnLimits::default()
    };
    let mut world = World::with(limits, |_| {});
    let mut ask = |number: u64, address: &str| {
        let name = format!("user{number}");
        world.credential = credential::mint(&world.secret, NOW, Duration::from_secs(60), &name);
        world.client = client(address);
        world.allocate();
        world.allocate()
    };
    let (there, full, no_room) = (Answer::Error(437), Answer::Error(486), Answer::Error(508));
    assert_eq!(ask(1, "1.1.1.1:1"), there);
    assert_eq!(ask(2, "1.1.1.1:2"), there);
    assert_eq!(ask(3, "1.1.1.1:3"), full);
    // A customer's network of IPv6 is one address.
    assert_eq!(ask(4, "[2a00::1]:1"), there);
    assert_eq!(ask(5, "[2a00::2]:1"), no_room);
    assert_eq!(ask(6, "9.9.9.9:1"), no_room);
}

#[test]
fn an_allocation_carries_so_many_bytes_a_second() {
    let limits = TurnLimits {
        bytes_per_allocation: 1000,
        ..TurnLimits::default()
    };
    let mut world = World::with(limits, |_| {});
    world.allocate();
    world.allocate();
    assert_eq!(world.bind(0x4000, MEMBER), Answer::Success);
    let relay = world.relay.unwrap();
    assert!(world.channel_data(0x4000, &[0; 600]).is_some());
    // Both ways together.
    assert!(world.channel_data(0x4000, &[0; 600]).is_none());
    assert!(
        world
            .server
            .from_peer(world.now, relay, at(MEMBER), 600)
            .is_none()
    );
    assert!(world.send(MEMBER, &[0; 600]).is_none());
    assert!(
        world
            .server
            .from_peer(world.now, relay, at(MEMBER), 400)
            .is_some()
    );
    world.now = world.now + Duration::from_millis(500);
    assert!(world.channel_data(0x4000, &[0; 500]).is_some());
}

#[test]
fn all_allocations_of_one_address_carry_so_many_bytes_a_second_whatever_their_users() {
    let limits = TurnLimits {
        bytes_per_address: 1000,
        ..TurnLimits::default()
    };
    let mut world = World::with(limits, |_| {});
    let mut carried = 0;
    for number in 0..5 {
        let tag = credential::channel_tag(&world.secret, [number; 8], "nest");
        world.credential = credential::mint(&world.secret, NOW, Duration::from_secs(60), &tag);
        // Those of a customer's network are one.
        world.client = client(&format!("[2a00::{number}]:1"));
        world.allocate();
        world.allocate();
        assert_eq!(world.bind(0x4000, MEMBER), Answer::Success);
        carried += usize::from(world.channel_data(0x4000, &[0; 400]).is_some());
    }
    assert_eq!(carried, 2);
    let relay = world.relay.unwrap();
    let from_peer = world.server.from_peer(world.now, relay, at(MEMBER), 400);
    assert!(from_peer.is_none());
    // Another address has its own; after an end and a beginning it is the same account.
    let end = [(attribute::LIFETIME, &[0; 4][..])];
    assert_eq!(world.ask(method::REFRESH, &end), Answer::Success);
    world.allocate();
    assert_eq!(world.bind(0x4000, MEMBER), Answer::Success);
    assert!(world.channel_data(0x4000, &[0; 400]).is_none());
    world.client = client("9.9.9.9:1");
    world.allocate();
    world.allocate();
    assert_eq!(world.bind(0x4000, MEMBER), Answer::Success);
    assert!(world.channel_data(0x4000, &[0; 400]).is_some());
}

#[test]
fn all_allocations_together_carry_so_many_bytes_a_second() {
    let limits = TurnLimits {
        bytes: 1000,
        ..TurnLimits::default()
    };
    let mut world = World::with(limits, |_| {});
    for address in ["1.1.1.1:1", "1.1.1.1:2"] {
        world.client = client(address);
        world.allocate();
        world.allocate();
        assert_eq!(world.bind(0x4000, MEMBER), Answer::Success);
    }
    assert!(world.channel_data(0x4000, &[0; 600]).is_some());
    world.client = client("1.1.1.1:1");
    assert!(world.channel_data(0x4000, &[0; 600]).is_none());
    assert!(world.channel_data(0x4000, &[0; 400]).is_some());
}

#[test]
fn an_allocation_has_so_many_peers_and_forgets_those_that_have_expired() {
    let mut world = World::with(TurnLimits::default(), |peers| {
        peers.allowed = vec!["7.0.0.0/8".parse().unwrap()];
    });
    world.allocate();
    world.allocate();
    for peer in 0..limits::MAX_PERMISSIONS {
        assert_eq!(world.permit(&format!("7.0.0.{peer}:1024")), Answer::Success);
    }
    assert_eq!(world.permit("7.0.1.0:1024"), Answer::Error(508));
    assert_eq!(world.permit("7.0.0.0:1024"), Answer::Success);
    world.now = world.now + limits::PERMISSION_LIFETIME;
    for number in 0..limits::MAX_TURN_CHANNELS as u16 {
        assert_eq!(
            world.bind(0x4000 + number, &format!("7.0.2.1:{}", 2000 + number)),
            Answer::Success
        );
    }
    assert_eq!(world.bind(0x5000, "7.0.2.2:1024"), Answer::Error(508));
    let again = world.now + (limits::CHANNEL_LIFETIME - Duration::from_secs(1));
    world.now = again;
    world.ask(method::REFRESH, &[]);
    world.now = again + Duration::from_secs(1);
    assert_eq!(world.bind(0x5000, "7.0.2.2:1024"), Answer::Success);
    assert_eq!(world.bind(0x4000, "7.0.2.3:1024"), Answer::Success);
}

#[test]
fn of_several_peers_all_find_room_or_none_does() {
    let mut world = World::with(TurnLimits::default(), |peers| {
        peers.allowed = vec!["7.0.0.0/8".parse().unwrap()];
    });
    world.allocate();
    world.allocate();
    for peer in 1..limits::MAX_PERMISSIONS {
        assert_eq!(world.permit(&format!("7.0.0.{peer}:1024")), Answer::Success);
    }
    let mut ask = |peers: &[&str]| world.about(method::CREATE_PERMISSION, peers, None);
    assert_eq!(ask(&["7.0.1.1:1024", "7.0.1.2:1024"]), Answer::Error(508));
    // There is room for one still, however often it is named and whoever else is in already.
    let one = ["7.0.1.2:1024", "7.0.1.2:1025", "7.0.0.1:1024"];
    assert_eq!(ask(&one), Answer::Success);
    assert_eq!(ask(&["7.0.1.1:1024"]), Answer::Error(508));
    assert_eq!(world.send("7.0.1.1:1024", b"x"), None);
    let sent = world.send("7.0.1.2:1024", b"x");
    assert_eq!(sent, Some(at("7.0.1.2:1024")));
}

#[test]
fn who_proves_nothing_gets_so_many_answers_each_to_its_own_account() {
    let limits = TurnLimits {
        stranger_rate: Rate {
            per_second: 1,
            burst: 10,
        },
        ..TurnLimits::default()
    };
    let mut world = World::with(limits, |_| {});
    let ask = |world: &mut World, address: &str, method| {
        world.client = client(address);
        let bytes = Writer::new(Class::Request, method, [1; 12]).finish();
        (0..50)
            .filter(|_| world.give(&bytes) != Step::Nothing)
            .count()
    };
    assert_eq!(ask(&mut world, "1.1.1.1:1", method::ALLOCATE), 10);
    assert_eq!(ask(&mut world, "1.1.1.1:2", method::BINDING), 0);
    assert_eq!(ask(&mut world, "2.2.2.2:1", method::BINDING), 10);
    assert_eq!(ask(&mut world, "3.3.3.3:1", 0x00b), 10);
    // Who has proved something is not hindered, from whatever port.
    let mut world = World::with(TurnLimits::default(), |_| {});
    world.allocate();
    world.allocate();
    ask(&mut world, "1.1.1.1:1", method::BINDING);
    world.client = client("1.1.1.1:1000");
    assert_eq!(world.permit(MEMBER), Answer::Success);
    world.now = Millis(world.now.0 + 1);
    assert_eq!(world.bind(*stun::CHANNELS.start(), MEMBER), Answer::Success);
}

#[test]
fn who_begins_and_ends_allocations_again_and_again_has_to_wait() {
    let mut world = World::new();
    let mut begin = |now| {
        world.now = now;
        let mut begun = 0;
        while world.allocate() == Answer::Success {
            begun += 1;
            let end = [(attribute::LIFETIME, &[0; 4][..])];
            assert_eq!(world.ask(method::REFRESH, &end), Answer::Success);
        }
        begun
    };
    assert_eq!(begin(NOW), limits::TURN_ALLOCATING_RATE.burst);
    assert_eq!(begin(NOW + Duration::from_secs(5)), 20);
}
