//! Whose request it is when a reverse proxy passes it on.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// An address or a network (`192.0.2.7`, `192.0.2.0/24`) whose word about others is believed.
pub(crate) fn parse(text: &str) -> Result<IpNet, ipnet::AddrParseError> {
    text.parse()
        .or_else(|error| text.parse::<IpAddr>().map(IpNet::from).map_err(|_| error))
}

/// The address a request came from. Every proxy appends to `X-Forwarded-For` whom it heard from, so the entries are
/// believed from the right, as long as trusted proxies wrote them: what is further left anybody can have made up.
pub(super) fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut client = peer.to_canonical();
    // Several headers are one list (RFC 9110 §5.3).
    let entries = headers
        .get_all(FORWARDED_FOR)
        .into_iter()
        .rev()
        .flat_map(|value| value.as_bytes().rsplit(|&byte| byte == b','));
    for entry in entries {
        if !is_trusted(client) {
            break;
        }
        let Some(address) = address(entry) else {
            // Then the last one who is known answers for it.
            break;
        };
        client = address;
    }
    client
}

/// An entry: an address, by some proxies with a port.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim();
    let address = text
        .parse()
        .or_else(|_| text.parse().map(|address: SocketAddr| address.ip()))
        .ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// Who it is, when 10.0.0.0/8 and ::1 are trusted.
    fn client_of(peer: &str, headers: &[&'static str]) -> String {
        let mut map = HeaderMap::new();
        for value in headers {
            map.append(FORWARDED_FOR, HeaderValue::from_static(value));
        }
        let trusted = ["10.0.0.0/8", "::1"].map(|text| parse(text).unwrap());
        client(peer.parse().unwrap(), &map, &trusted).to_string()
    }

    #[test]
    fn strangers_are_not_believed() {
        assert_eq!(client_of("192.0.2.1", &["198.51.100.1"]), "192.0.2.1");
        assert_eq!(client_of("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn the_rightmost_that_no_trusted_proxy_vouches_for_is_it() {
        for peer in ["10.0.0.1", "::1", "::ffff:10.9.9.9"] {
            assert_eq!(client_of(peer, &["198.51.100.1"]), "198.51.100.1");
            assert_eq!(client_of(peer, &["6.6.6.6, 198.51.100.1"]), "198.51.100.1");
            assert_eq!(
                client_of(peer, &["6.6.6.6 ,198.51.100.1,10.0.0.2"]),
                "198.51.100.1"
            );
            assert_eq!(
                client_of(peer, &["6.6.6.6", "198.51.100.1", "10.0.0.2"]),
                "198.51.100.1"
            );
            assert_eq!(client_of(peer, &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
            assert_eq!(client_of(peer, &["198.51.100.1:443"]), "198.51.100.1");
            assert_eq!(client_of(peer, &["[2001:db8::1]:443"]), "2001:db8::1");
            assert_eq!(client_of(peer, &["::ffff:198.51.100.1"]), "198.51.100.1");
        }
    }

    #[test]
    fn what_is_no_address_is_the_proxy_that_wrote_it() {
        for entry in ["unknown", "", ",", "198.51.100.1, nonsense"] {
            assert_eq!(client_of("10.0.0.1", &[entry]), "10.0.0.1");
        }
        assert_eq!(client_of("10.0.0.1", &["nonsense, 10.0.0.2"]), "10.0.0.2");
    }
}
