//! What a relay may reach, in each of the ways to write it.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

use catnest::turn::peers::{PeerPolicy, Reach};

use crate::helpers::{Answer, World, at};

const RELAYS: std::ops::RangeInclusive<u16> = 49152..=65535;

fn policy(allowed: &[&str]) -> PeerPolicy {
    PeerPolicy {
        relays: vec!["5.6.7.8".parse().unwrap()],
        relay_ports: Some(RELAYS),
        own: [
            "5.6.7.8",
            "5.6.7.9",
            "2a00::9",
            "127.0.0.1",
            "::1",
            "192.168.7.1",
        ]
        .map(|ip| ip.parse().unwrap())
        .into(),
        services: vec![3478, 7979],
        allowed: allowed.iter().map(|net| net.parse().unwrap()).collect(),
    }
}

fn reach(allowed: &[&str], peer: &str) -> Reach {
    policy(allowed).reach_socket(at(peer))
}

/// The first and the last address of each block that is denied.
const DENIED: &[[&str; 2]] = &[
    ["0.0.0.0", "0.255.255.255"],
    ["10.0.0.0", "10.255.255.255"],
    ["100.64.0.0", "100.127.255.255"],
    ["127.0.0.0", "127.255.255.255"],
    ["169.254.0.0", "169.254.255.255"],
    ["172.16.0.0", "172.31.255.255"],
    ["192.0.0.0", "192.0.0.255"],
    ["192.0.2.0", "192.0.2.255"],
    ["192.88.99.0", "192.88.99.255"],
    ["192.168.0.0", "192.168.255.255"],
    ["198.18.0.0", "198.19.255.255"],
    ["198.51.100.0", "198.51.100.255"],
    ["203.0.113.0", "203.0.113.255"],
    ["224.0.0.0", "239.255.255.255"],
    ["240.0.0.0", "255.255.255.255"],
];
const DENIED_V6: &[[&str; 2]] = &[
    ["::", "::1"],
    ["64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"],
    ["100::", "100::1:ffff:ffff:ffff:ffff"],
    ["2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff"],
    ["2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
];

/// An IPv4 address as each kind of IPv6 address that carries one.
fn carriers(ip: &str) -> Vec<(&'static str, String)> {
    let ip: std::net::Ipv4Addr = ip.parse().unwrap();
    let bits = ip.to_bits();
    let (high, low) = (bits >> 16, bits & 0xffff);
    let (not_high, not_low) = (!bits >> 16, !bits & 0xffff);
    vec![
        ("mapped", format!("::ffff:{ip}")),
        (
            "mapped, in hexadecimal",
            format!("0:0:0:0:0:ffff:{high:x}:{low:x}"),
        ),
        ("compatible", format!("::{high:x}:{low:x}")),
        ("translated", format!("::ffff:0:{high:x}:{low:x}")),
        ("NAT64", format!("64:ff9b::{high:x}:{low:x}")),
        ("6to4", format!("2002:{high:x}:{low:x}::1")),
        (
            "Teredo",
            format!("2001:0:506:708:8000:63bf:{not_high:x}:{not_low:x}"),
        ),
    ]
}

#[test]
fn what_is_not_the_public_internet_is_denied() {
    for ip in DENIED.iter().flatten() {
        assert_eq!(reach(&[], &format!("{ip}:4000")), Reach::Denied, "{ip}");
        // Opening everything opens nothing of this.
        let all = ["0.0.0.0/0", "::/0"];
        assert_eq!(reach(&all, &format!("{ip}:4000")), Reach::Denied, "{ip}");
        for (kind, carrier) in carriers(ip) {
            for allowed in [&[][..], &all] {
                let carried = reach(allowed, &format!("[{carrier}]:4000"));
                assert_eq!(carried, Reach::Denied, "{ip} {kind} as {carrier}");
            }
        }
    }
    for ip in DENIED_V6.iter().flatten() {
        for allowed in [&[][..], &["::/0"]] {
            assert_eq!(
                reach(allowed, &format!("[{ip}]:4000")),
                Reach::Denied,
                "{ip}"
            );
        }
    }
}

#[test]
fn what_lies_beside_a_denied_block_is_not() {
    for ip in [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
    ] {
        assert_eq!(reach(&[], &format!("{ip}:4000")), Reach::Members, "{ip}");
        assert_eq!(
            reach(&[], &format!("[::ffff:{ip}]:4000")),
            Reach::Members,
            "{ip}"
        );
        assert_eq!(
            reach(&["0.0.0.0/0"], &format!("{ip}:4000")),
            Reach::Open,
            "{ip}"
        );
    }
    for ip in [
        "2a00:1450::1",
        "2001:4860::8888",
        "2003::1",
        "fbff::1",
        "2001:db7::1",
        "2001:db9::1",
    ] {
        assert_eq!(reach(&[], &format!("[{ip}]:4000")), Reach::Members, "{ip}");
    }
}

#[test]
fn an_address_that_carries_another_makes_nobody_a_member() {
    for (kind, carrier) in carriers("8.8.8.8").into_iter().skip(2) {
        let peer = format!("[{carrier}]:4000");
        assert_eq!(reach(&[], &peer), Reach::Denied, "{kind}");
        // Unless it was opened by itself. Compatible addresses have been given up (RFC 4291 §2.5.5.1).
        let net = format!("{carrier}/128");
        assert_eq!(reach(&[&net], &peer), Reach::Open, "{kind}");
    }
}

#[test]
fn a_private_network_is_opened_by_its_name() {
    let check = |allowed: &str, peer: &str, expected| {
        assert_eq!(reach(&[allowed], peer), expected, "{allowed} {peer}");
    };
    check("192.168.7.0/24", "192.168.7.20:4000", Reach::Open);
    check("192.168.7.0/24", "[::ffff:192.168.7.20]:4000", Reach::Open);
    check("192.168.7.0/24", "192.168.8.20:4000", Reach::Denied);
    check("192.168.0.0/16", "192.168.8.20:4000", Reach::Open);
    // More than the block is not its name.
    check("192.0.0.0/8", "192.168.8.20:4000", Reach::Denied);
    check("fd00::/64", "[fd00::5]:4000", Reach::Open);
    check("fd00::/64", "[fd01::5]:4000", Reach::Denied);
    check("8.8.8.0/24", "8.8.8.8:4000", Reach::Open);
    // Ports of the system stay closed.
    check("192.168.7.0/24", "192.168.7.20:53", Reach::Denied);
    check("192.168.7.0/24", "192.168.7.20:1023", Reach::Denied);
    check("192.168.7.0/24", "192.168.7.20:1024", Reach::Open);
}

#[test]
fn the_machine_itself_is_reached_at_its_relays_only() {
    for peer in [
        "5.6.7.8:4000",
        "5.6.7.8:3478",
        "5.6.7.8:49151",
        "5.6.7.9:50000",
        "[2a00::9]:50000",
        "127.0.0.1:50000",
        "[::1]:50000",
        "192.168.7.1:50000",
        "[::ffff:5.6.7.8]:3478",
        "[2002:506:708::]:4000",
    ] {
        for allowed in [
            &[][..],
            &["0.0.0.0/0", "::/0"],
            &["192.168.7.0/24"],
            &["127.0.0.0/8"],
        ] {
            assert_eq!(reach(allowed, peer), Reach::Denied, "{peer}");
        }
    }
    for peer in ["5.6.7.8:49152", "5.6.7.8:65535", "[::ffff:5.6.7.8]:50000"] {
        assert_eq!(reach(&[], peer), Reach::Open, "{peer}");
    }
    // One address of it is opened by itself, except for this program's own services.
    assert_eq!(reach(&["127.0.0.1/32"], "127.0.0.1:4000"), Reach::Open);
    assert_eq!(reach(&["127.0.0.1/32"], "127.0.0.1:7979"), Reach::Denied);
    assert_eq!(reach(&["127.0.0.1/32"], "127.0.0.2:4000"), Reach::Denied);
    assert_eq!(reach(&["5.6.7.8/32"], "5.6.7.8:3478"), Reach::Denied);
}

/// Through a relay the server would take a client for another one, whose relay leads to the server again, and so on.
#[test]
fn the_servers_own_ports_are_reached_by_no_relay_though_they_are_among_its_ports() {
    let policy = PeerPolicy {
        relay_ports: Some(1024..=65535),
        ..policy(&["5.6.7.8/32"])
    };
    for peer in ["5.6.7.8:3478", "[::ffff:5.6.7.8]:3478"] {
        assert_eq!(policy.reach_socket(at(peer)), Reach::Denied, "{peer}");
    }
    assert_eq!(policy.reach_socket(at("5.6.7.8:3479")), Reach::Open);
}

#[test]
fn each_is_refused_where_it_is_asked_for_and_where_it_is_used() {
    let mut world = World::new();
    world.allocate();
    assert_eq!(world.allocate(), Answer::Error(437));
    for ip in DENIED.iter().flatten() {
        let peer = format!("{ip}:4000");
        // The relay's own address is reached at its relays, and nowhere else.
        assert_eq!(world.permit(&peer), Answer::Error(403), "{peer}");
        assert_eq!(world.bind(0x4000, &peer), Answer::Error(403), "{peer}");
        assert_eq!(world.send(&peer, b"x"), None, "{peer}");
        for (kind, carrier) in carriers(ip) {
            let peer = format!("[{carrier}]:4000");
            assert_eq!(world.permit(&peer), Answer::Error(403), "{kind} {peer}");
            assert_eq!(
                world.bind(0x4000, &peer),
                Answer::Error(403),
                "{kind} {peer}"
            );
            assert_eq!(world.send(&peer, b"x"), None, "{kind} {peer}");
        }
    }
    for ip in DENIED_V6.iter().flatten() {
        let peer = format!("[{ip}]:4000");
        assert_eq!(world.permit(&peer), Answer::Error(403), "{peer}");
        assert_eq!(world.bind(0x4000, &peer), Answer::Error(403), "{peer}");
    }
}
