//! Which port a relay gets: a random one of those that are free, so that nobody guesses it from another's (RFC 8656 §7.2).

use std::{
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    ops::RangeInclusive,
};

use catnest::{
    entropy::Entropy,
    turn::{allocation::Family, server::NoRelay},
};

/// Ports that are tried before a server is taken for full. Of a range that is half full 2^-32 of all attempts fail.
const TRIES: usize = 32;

pub(super) struct Ports {
    addresses: Vec<IpAddr>,
    range: RangeInclusive<u16>,
}

impl Ports {
    pub(super) fn new(addresses: Vec<IpAddr>, range: RangeInclusive<u16>) -> Self {
        Self { addresses, range }
    }

    /// A socket for a relay, and where it is.
    pub(super) fn bind(
        &self,
        family: Family,
        even: bool,
        entropy: &mut Entropy,
    ) -> Result<(UdpSocket, SocketAddr), NoRelay> {
        let mut addresses = self.addresses.iter();
        let Some(&ip) = addresses.find(|&&ip| Family::of(ip) == family) else {
            return Err(NoRelay);
        };
        let (first, count) = (*self.range.start(), self.range.len());
        for _ in 0..TRIES {
            // Less than 65,536.
            let mut port = first + entropy.below(count) as u16;
            if even && port % 2 == 1 {
                port -= 1;
            }
            if !self.range.contains(&port) {
                continue;
            }
            match bind(SocketAddr::new(ip, port)) {
                Ok(socket) => return Ok((socket, SocketAddr::new(ip, port))),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => {
                    tracing::warn!(%error, "no socket for a relay");
                    return Err(NoRelay);
                }
            }
        }
        Err(NoRelay)
    }
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn ports_are_of_the_range_even_if_asked_for_and_end_with_it() {
        let home = Ipv4Addr::LOCALHOST;
        // A port that is free, and even, with the next one.
        let first = loop {
            let port = UdpSocket::bind((home, 0))
                .unwrap()
                .local_addr()
                .unwrap()
                .port();
            if port.is_multiple_of(2) && UdpSocket::bind((home, port + 1)).is_ok() {
                break port;
            }
        };
        let ports = Ports::new(vec![home.into()], first..=first + 1);
        let mut entropy = Entropy::from_seed([1; 32]);
        let even = ports.bind(Family::V4, true, &mut entropy).unwrap();
        assert_eq!(even.1, SocketAddr::from((home, first)));
        assert!(ports.bind(Family::V4, true, &mut entropy).is_err());
        let odd = ports.bind(Family::V4, false, &mut entropy).unwrap();
        assert_eq!(odd.1.port(), first + 1);
        assert!(ports.bind(Family::V4, false, &mut entropy).is_err());
        assert!(ports.bind(Family::V6, false, &mut entropy).is_err());
    }
}
