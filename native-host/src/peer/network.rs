//! The machine's own addresses: where a peer may find it, and when they change.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs},
    time::Duration,
    vec,
};

use tokio::time::{Interval, MissedTickBehavior};

/// Addresses that a connection has a socket on, beside the machine's own loopback: each costs a buffer of 100 KB, and a
/// machine with many containers has dozens that nobody can reach.
const MAX_ADDRESSES: usize = 8;
/// How often it is looked whether they changed. A link that lost its path is noticed after five seconds as well.
const LOOK: Duration = Duration::from_secs(5);

/// Every address a peer could reach, port 0 of each.
///
/// They are looked up anew whenever sockets are bound, so that an ICE restart finds the addresses of a new network.
/// The library's own way, an unspecified address, leaves out the loopback, which is all that two programs on a machine
/// without a network have.
pub(super) struct Interfaces;

impl ToSocketAddrs for Interfaces {
    type Iter = vec::IntoIter<SocketAddr>;

    fn to_socket_addrs(&self) -> io::Result<Self::Iter> {
        let loopback = IpAddr::from(Ipv4Addr::LOCALHOST);
        let all: Vec<SocketAddr> = addresses()
            .into_iter()
            .take(MAX_ADDRESSES)
            .chain([loopback])
            .map(|address| SocketAddr::new(address, 0))
            .collect();
        Ok(all.into_iter())
    }
}

/// The addresses of this machine that others may reach, in the order of its interfaces.
fn addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!("the machine's addresses are not known: {error}");
        Vec::new()
    });
    let mut addresses: Vec<IpAddr> = Vec::new();
    for interface in interfaces {
        let address = interface.ip();
        // A link-local one means nothing without its interface, which a candidate cannot name.
        let usable = !interface.is_loopback() && !interface.is_link_local();
        if usable && !address.is_unspecified() && !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}

/// Notices when the machine has other addresses than before.
pub(super) struct Watch {
    known: BTreeSet<IpAddr>,
    looks: Interval,
}

impl Watch {
    pub(super) fn new() -> Self {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            known: addresses().into_iter().collect(),
            looks,
        }
    }

    /// Waits until they have changed, and there are any.
    pub(super) async fn changed(&mut self) {
        loop {
            self.looks.tick().await;
            let now: BTreeSet<IpAddr> = addresses().into_iter().collect();
            if now != self.known {
                self.known = now;
                if !self.known.is_empty() {
                    return;
                }
            }
        }
    }
}
