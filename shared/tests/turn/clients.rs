//! What tells clients apart, and what time it is for them.

use std::{net::SocketAddr, time::Duration};

use catnest::{
    limits,
    time::Millis,
    turn::{Client, Transport},
};

use crate::helpers::{Answer, MEMBER, NOW, RELAY, World, at, client};

#[test]
fn who_comes_to_two_ports_from_one_is_two_clients() {
    let mut world = World::new();
    let here = |port| Client {
        transport: Transport::Tcp,
        local: Some(SocketAddr::new(at(RELAY).ip(), port)),
        ..client("1.1.1.1:1000")
    };
    world.client = here(3478);
    assert_eq!(world.allocate(), Answer::Success);
    let first = world.relay;
    world.client = here(5349);
    assert_eq!(world.allocate(), Answer::Success);
    assert_eq!(world.server.allocations(), 2);
    assert_ne!(world.relay, first);
    // The end of one is not the other's.
    assert_eq!(world.server.client_gone(&here(3478)), first);
    assert!(world.server.serves(&here(5349)));
}

#[test]
fn a_clock_on_the_wall_that_leaps_back_stops_nothing() {
    let mut world = World::new();
    // An hour back, as when a machine finds out what time it is.
    assert_eq!(world.allocate(), Answer::Success);
    world.wall = Some(Millis(NOW.0 - 3_600_000));
    assert_eq!(world.permit(MEMBER), Answer::Success);
    // What was granted ends in its time.
    assert_eq!(world.send(MEMBER, b"x"), Some(at(MEMBER)));
    world.now = world.now + limits::PERMISSION_LIFETIME;
    assert_eq!(world.send(MEMBER, b"x"), None);
    world.now = world.now + limits::NONCE_LIFETIME;
    assert!(world.server.expired(world.now).is_some());
    // Credentials hold by the wall's time alone.
    world.client = client("1.1.1.1:1002");
    world.wall = Some(NOW + Duration::from_secs(3600));
    assert_eq!(world.allocate(), Answer::Error(401));
}
