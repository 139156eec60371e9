//! How many connections a signalling server lets in before it knows anything of them.

use std::net::{IpAddr, Ipv4Addr};

use catnest::{
    limits,
    signal::guard::{AddressKey, Connections, HubLimits},
};

fn at(number: u32) -> Option<AddressKey> {
    Some(IpAddr::V4(Ipv4Addr::from_bits(number)).into())
}

#[test]
fn all_sockets_and_some_more_until_one_ends() {
    let limits = HubLimits {
        sockets: 5,
        ..HubLimits::default()
    };
    let mut connections = Connections::new(limits);
    let most = 5 + limits::SERVER_SPARE_CONNECTIONS;
    let mut let_in = 0;
    while connections.open(at(let_in)) {
        let_in += 1;
    }
    assert_eq!(let_in as usize, most);
    // Nothing is remembered of who was not let in.
    assert_eq!(connections.load(), (most, most));
    assert!(!connections.open(None));
    connections.closed(at(0));
    assert!(connections.open(at(let_in)));
    assert!(!connections.open(at(let_in)));
}

#[test]
fn one_address_takes_only_its_share() {
    let mut connections = Connections::new(HubLimits::default());
    let most = limits::SERVER_ADDRESS_SOCKETS + limits::SERVER_ADDRESS_SPARE_CONNECTIONS;
    let let_in = (0..2 * most).filter(|_| connections.open(at(7))).count();
    assert_eq!(let_in, most);
    assert!(connections.open(at(8)));
    connections.closed(at(7));
    assert!(connections.open(at(7)));
    assert!(!connections.open(at(7)));
}

#[test]
fn a_proxy_counts_in_all_only() {
    let mut connections = Connections::new(HubLimits::default());
    for _ in 0..HubLimits::default().connections() {
        assert!(connections.open(None));
    }
    assert!(!connections.open(at(7)));
    connections.closed(None);
    assert!(connections.open(at(7)));
}

#[test]
fn addresses_are_forgotten_with_their_last_connection() {
    let mut connections = Connections::new(HubLimits::default());
    for _ in 0..2 {
        for number in 0..300 {
            assert!(connections.open(at(number)));
            assert!(connections.open(at(number)));
        }
        assert_eq!(connections.load(), (600, 300));
        for number in (0..300).chain(0..300) {
            connections.closed(at(number));
        }
        assert_eq!(connections.load(), (0, 0));
    }
}
