//! What a relay may reach. A TURN server is a proxy into the network it stands in: everything there is denied that its
//! owner has not opened, in whatever form it is written.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    ops::RangeInclusive,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Blocks that are denied until one is opened: those of RFC 6890's registries that are not the public Internet.
const DENIED_V4: &[(Ipv4Addr, u8)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8), // this network (RFC 791); Linux takes 0.0.0.0 for itself
    (Ipv4Addr::new(10, 0, 0, 0), 8), // private (RFC 1918)
    (Ipv4Addr::new(100, 64, 0, 0), 10), // behind a provider's NAT (RFC 6598)
    (Ipv4Addr::new(127, 0, 0, 0), 8), // loopback (RFC 1122)
    (Ipv4Addr::new(169, 254, 0, 0), 16), // link-local (RFC 3927), clouds' metadata among it
    (Ipv4Addr::new(172, 16, 0, 0), 12), // private (RFC 1918)
    (Ipv4Addr::new(192, 0, 0, 0), 24), // protocol assignments (RFC 6890)
    (Ipv4Addr::new(192, 0, 2, 0), 24), // documentation (RFC 5737)
    (Ipv4Addr::new(192, 88, 99, 0), 24), // relays of 6to4 (RFC 7526)
    (Ipv4Addr::new(192, 168, 0, 0), 16), // private (RFC 1918)
    (Ipv4Addr::new(198, 18, 0, 0), 15), // measuring (RFC 2544)
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation (RFC 5737)
    (Ipv4Addr::new(203, 0, 113, 0), 24), // documentation (RFC 5737)
    (Ipv4Addr::new(224, 0, 0, 0), 4), // multicast (RFC 5771)
    (Ipv4Addr::new(240, 0, 0, 0), 4), // reserved (RFC 1112), broadcast among it
];

/// The same of IPv6. Those that carry an IPv4 address are in [`carried`], too.
const DENIED_V6: &[(Ipv6Addr, u8)] = &[
    (Ipv6Addr::UNSPECIFIED, 128), // nobody; Linux takes it for itself
    (Ipv6Addr::LOCALHOST, 128),   // loopback
    (Ipv6Addr::UNSPECIFIED, 96),  // IPv4-compatible (RFC 4291)
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48), // a network's own NAT64 (RFC 8215)
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64), // discard (RFC 6666)
    (Ipv6Addr::new(0x100, 0, 0, 1, 0, 0, 0, 0), 64), // dummy (RFC 9780)
    (Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48), // measuring (RFC 5180)
    (Ipv6Addr::new(0x2001, 0x10, 0, 0, 0, 0, 0, 0), 28), // hashes, not places (RFC 4843)
    (Ipv6Addr::new(0x2001, 0x20, 0, 0, 0, 0, 0, 0), 28), // the same, second version (RFC 7343)
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation (RFC 3849)
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation (RFC 9637)
    (Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0), 16), // segment routing (RFC 9602)
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7), // private (RFC 4193)
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10), // link-local (RFC 4291)
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10), // site-local (RFC 3879)
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8), // multicast (RFC 4291)
];

/// Ports that belong to the system's own services: name servers, mail, web servers.
const SYSTEM_PORTS: u16 = 1024;

/// Whether a relay reaches an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nobody's does.
    Denied,
    /// Those of whom it is a member of the same channel.
    Members,
    /// Everybody's: it is one of our own relays, or the owner has opened it.
    Open,
}

/// What relays may reach.
#[derive(Clone, Debug, Default)]
pub struct PeerPolicy {
    /// Where our relays are: each reaches the others, so that two clients can meet.
    pub relays: Vec<IpAddr>,
    /// The ports that they are at.
    pub relay_ports: Option<RangeInclusive<u16>>,
    /// The machine's own addresses: only one that is allowed by itself, not with a network, is reached.
    pub own: Vec<IpAddr>,
    /// Ports of the machine that are never reached: those of this program's own services, also where they are among the
    /// relays' ports.
    pub services: Vec<u16>,
    /// What the owner has opened. A denied block stays denied until part of it is named: `0.0.0.0/0` opens the public
    /// Internet, and nothing beside it.
    pub allowed: Vec<IpNet>,
}

impl PeerPolicy {
    /// Whether a relay reaches a peer. Without a port it is asked whether it reaches any of the address's ports.
    pub fn reach(&self, ip: IpAddr, port: Option<u16>) -> Reach {
        let ip = ip.to_canonical();
        if port.is_some_and(|port| port < SYSTEM_PORTS) {
            return Reach::Denied;
        }
        let is_relay = self.relays.iter().any(|relay| relay.to_canonical() == ip);
        let is_relay_port = |port| match &self.relay_ports {
            Some(ports) => ports.contains(&port),
            None => false,
        };
        let is_own = is_relay || self.own.iter().any(|own| own.to_canonical() == ip);
        // Who reached the server itself through a relay would be one more client there, and could go on from relay to
        // relay.
        if is_own && port.is_some_and(|port| self.services.contains(&port)) {
            return Reach::Denied;
        }
        if is_relay && port.is_none_or(is_relay_port) {
            return Reach::Open;
        }
        if is_own {
            let is_named = self
                .allowed
                .iter()
                .any(|net| net.prefix_len() == net.max_prefix_len() && net.addr() == ip);
            return if is_named { Reach::Open } else { Reach::Denied };
        }
        if let Some(block) = denied_block(ip)
            && !self.allows(ip, Some(block))
        {
            return Reach::Denied;
        }
        if let IpAddr::V6(ip) = ip
            && let Some(inner) = carried(ip)
        {
            // Where it arrives decides. It is nobody's own address, so that it makes nobody a member.
            let inner_denied = self.reach(inner.into(), port) == Reach::Denied;
            return if !inner_denied && self.allows(ip.into(), None) {
                Reach::Open
            } else {
                Reach::Denied
            };
        }
        if self.allows(ip, None) {
            Reach::Open
        } else {
            Reach::Members
        }
    }

    /// As [`Self::reach`], for an address with its port.
    pub fn reach_socket(&self, peer: SocketAddr) -> Reach {
        self.reach(peer.ip(), Some(peer.port()))
    }

    /// Whether the owner has opened an address, by naming no more than `within`.
    fn allows(&self, ip: IpAddr, within: Option<IpNet>) -> bool {
        self.allowed
            .iter()
            .any(|net| net.contains(&ip) && within.is_none_or(|block| block.contains(net)))
    }
}

/// The denied block that an address is in. Smaller ones come first.
fn denied_block(ip: IpAddr) -> Option<IpNet> {
    match ip {
        IpAddr::V4(ip) => DENIED_V4
            .iter()
            .filter_map(|&(block, bits)| Ipv4Net::new(block, bits).ok())
            .find(|block| block.contains(&ip))
            .map(IpNet::V4),
        IpAddr::V6(ip) => DENIED_V6
            .iter()
            .filter_map(|&(block, bits)| Ipv6Net::new(block, bits).ok())
            .find(|block| block.contains(&ip))
            .map(IpNet::V6),
    }
}

/// The IPv4 address that packets to an IPv6 address end at, where it carries one.
fn carried(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = ip.to_bits();
    // Each fits: what is left is cut to 32 bits on purpose.
    let at = |shift: u32| Ipv4Addr::from_bits((bits >> shift) as u32);
    match ip.segments() {
        // IPv4-compatible (RFC 4291 §2.5.5.1).
        [0, 0, 0, 0, 0, 0, _, _] => Some(at(0)),
        // Translated (RFC 2765, IPv4-translated).
        [0, 0, 0, 0, 0xffff, 0, _, _] => Some(at(0)),
        // NAT64 (RFC 6052 §2.1).
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => Some(at(0)),
        // 6to4 (RFC 3056 §2).
        [0x2002, ..] => Some(at(80)),
        // Teredo (RFC 4380 §4): the client's address is inverted.
        [0x2001, 0, ..] => Some(Ipv4Addr::from_bits(!at(0).to_bits())),
        _ => None,
    }
}
