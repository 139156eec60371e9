//! Who is a member of a client's channel, and what is the machine's own.

use catnest::turn::{
    quota::TurnLimits,
    stun::{attribute, method},
};

use crate::helpers::{Answer, MEMBER, RELAY, World, at};

const RELAY_V6: &str = "[2a00:1::1]:50000";
const UDP: (u16, &[u8]) = (attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);

#[test]
fn a_members_network_is_not_a_member() {
    let mut world = World::with(TurnLimits::default(), |peers| {
        peers.relays.push(at(RELAY_V6).ip());
    });
    let members = vec!["1.1.1.1:1", "[2a00::1]:4000", "[::ffff:4.4.4.4]:4000"];
    world.members.0.insert("nest", members);
    let v6 = [
        UDP,
        (attribute::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0][..]),
    ];
    assert_eq!(world.ask(method::ALLOCATE, &v6), Answer::Success);
    assert_eq!(world.permit("[2a00::1]:4000"), Answer::Success);
    assert_eq!(world.bind(0x4000, "[2a00::1]:4000"), Answer::Success);
    for neighbour in ["[2a00::2]:4000", "[2a00::ffff:0:0:1]:4000"] {
        assert_eq!(world.permit(neighbour), Answer::Error(403), "{neighbour}");
        assert_eq!(world.bind(0x4001, neighbour), Answer::Error(403));
    }
}

#[test]
fn an_address_that_the_machine_gets_later_is_closed_too() {
    let mut world = World::new();
    assert_eq!(world.allocate(), Answer::Success);
    world.members.0.insert("nest", vec!["1.1.1.1:1", MEMBER]);
    assert_eq!(world.bind(0x4000, MEMBER), Answer::Success);
    world.server.set_own(vec![at(RELAY).ip(), at(MEMBER).ip()]);
    assert_eq!(world.bind(0x4000, MEMBER), Answer::Error(403));
    assert_eq!(world.permit(MEMBER), Answer::Error(403));
}
