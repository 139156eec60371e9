//! The one address form of the nest (N4): `webrtc://user@host:port/channel/resource?via=host#secret`.
//!
//! * `user` (optional): the member whose shelf is meant.
//! * `host[:port]`: the signalling server that the channel is named after; a name, an IPv4 address, or an IPv6 address
//!   in brackets.
//! * `channel`: the channel's name, percent-encoded (RFC 3986) or as it is in any script.
//! * `resource` (optional): the BLAKE3 hash of a resource, 64 hexadecimal digits.
//! * `via` (optional, repeatable): another server that carries the same channel.
//! * `#secret` (optional): what makes a channel private, 22 to 86 characters of base64url.
//!
//! [`Address`] prints the canonical form: parsing what it prints gives the same address.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::{limits, resource::ResourceId, secret::Secret};

/// What stays as it is inside a part: the unreserved characters of RFC 3986 §2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Where a channel, or a resource in it, is to be found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// The member whose shelf is meant.
    pub user: Option<String>,
    /// The signalling server the channel is named after.
    pub authority: Authority,
    /// The channel's name.
    pub channel: ChannelName,
    /// One resource of the channel.
    pub resource: Option<ResourceId>,
    /// Further servers that carry the channel.
    pub via: Vec<Authority>,
    /// What makes the channel private.
    pub secret: Option<Secret>,
}

/// A server: host and, where it is not the scheme's own, port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Authority {
    /// Name or number of the machine.
    pub host: Host,
    /// The port; without one, that of `wss` (443) or, on this machine, `ws` (80).
    pub port: Option<u16>,
}

/// A machine's name or number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// A host name in lower case (RFC 1123).
    Name(String),
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address, printed in brackets.
    V6(Ipv6Addr),
}

/// A channel's name: 1 to [`limits::MAX_CHANNEL_NAME_BYTES`] bytes without control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelName(String);

/// The part of an address that an [`AddressError`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The text as a whole.
    Address,
    /// `webrtc://`.
    Scheme,
    /// Before the `@`.
    User,
    /// Name or number of the server.
    Host,
    /// After the host's colon.
    Port,
    /// The first part of the path.
    Channel,
    /// The second part of the path.
    Resource,
    /// `?via=`.
    Via,
    /// After the `#`.
    Secret,
}

/// Why a text is not an address: which part, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{part}: {problem}")]
pub struct AddressError {
    /// The part that is wrong.
    pub part: Part,
    /// What is wrong, in English.
    pub problem: String,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Address => "address",
            Part::Scheme => "scheme",
            Part::User => "user",
            Part::Host => "host",
            Part::Port => "port",
            Part::Channel => "channel",
            Part::Resource => "resource",
            Part::Via => "via",
            Part::Secret => "secret",
        })
    }
}

fn wrong<T>(part: Part, problem: impl Into<String>) -> Result<T, AddressError> {
    Err(AddressError {
        part,
        problem: problem.into(),
    })
}

impl Address {
    /// The address of a public channel on one server.
    pub fn of_channel(authority: Authority, channel: ChannelName) -> Self {
        Self {
            user: None,
            authority,
            channel,
            resource: None,
            via: Vec::new(),
            secret: None,
        }
    }

    /// The same channel without user and resource: what a channel is remembered by.
    pub fn to_channel(&self) -> Self {
        Self {
            user: None,
            resource: None,
            ..self.clone()
        }
    }

    /// Adds the servers of another address of the same channel, as far as there is room. True if there were new ones.
    pub fn add_servers_of(&mut self, other: &Self) -> bool {
        let before = self.via.len();
        for authority in std::iter::once(&other.authority).chain(&other.via) {
            if self.via.len() < limits::MAX_VIA
                && *authority != self.authority
                && !self.via.contains(authority)
            {
                self.via.push(authority.clone());
            }
        }
        self.via.len() > before
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.len() > limits::MAX_ADDRESS_BYTES {
            return wrong(
                Part::Address,
                format!("longer than {} bytes", limits::MAX_ADDRESS_BYTES),
            );
        }
        let rest = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("webrtc") => rest,
            Some((scheme, _)) => return wrong(Part::Scheme, format!("“{scheme}” is not “webrtc”")),
            None => return wrong(Part::Scheme, "an address begins with webrtc://"),
        };
        let (rest, secret) = split_off(rest, '#');
        let (rest, query) = split_off(rest, '?');
        let (authority, path) = split_off(rest, '/');

        let (user, authority) = match authority.rsplit_once('@') {
            Some((user, authority)) => (Some(parse_user(user)?), authority),
            None => (None, authority),
        };
        let (channel, resource) = match path {
            None | Some("") => return wrong(Part::Channel, "missing: webrtc://host/channel"),
            Some(path) => split_off(path, '/'),
        };
        Ok(Self {
            user,
            authority: authority.parse()?,
            channel: ChannelName::from_path_segment(channel)?,
            resource: resource
                .filter(|r| !r.is_empty())
                .map(parse_resource)
                .transpose()?,
            via: parse_via(query.unwrap_or_default())?,
            secret: secret.map(parse_secret).transpose()?,
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("webrtc://")?;
        if let Some(user) = &self.user {
            write!(f, "{}@", encode(user))?;
        }
        write!(f, "{}/{}", self.authority, encode(self.channel.as_str()))?;
        if let Some(resource) = &self.resource {
            write!(f, "/{resource}")?;
        }
        for (i, via) in self.via.iter().enumerate() {
            write!(f, "{}via={via}", if i == 0 { '?' } else { '&' })?;
        }
        if let Some(secret) = &self.secret {
            write!(f, "#{}", secret.as_str())?;
        }
        Ok(())
    }
}

impl Authority {
    /// Whether this is the machine we run on: the only place reached without encryption.
    pub fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Name(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::V4(ip) => ip.is_loopback(),
            Host::V6(ip) => ip.is_loopback(),
        }
    }

    /// The WebSocket URL of a topic on this server: `wss`, or `ws` on this machine.
    pub fn signal_url(&self, topic: &str) -> String {
        let scheme = if self.is_loopback() { "ws" } else { "wss" };
        format!("{scheme}://{self}/webrtc/{}", encode(topic))
    }
}

impl FromStr for Authority {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let Some((inside, after)) = rest.split_once(']') else {
                return wrong(Part::Host, "an IPv6 address ends with ]");
            };
            let Ok(ip) = inside.parse() else {
                return wrong(Part::Host, format!("“{inside}” is not an IPv6 address"));
            };
            match after.strip_prefix(':') {
                Some(port) => (Host::V6(ip), Some(port)),
                None if after.is_empty() => (Host::V6(ip), None),
                None => return wrong(Part::Host, format!("“{after}” after the ]")),
            }
        } else {
            let (name, port) = split_off(text, ':');
            if port.is_some_and(|port| port.contains(':')) {
                return wrong(Part::Host, "an IPv6 address stands in brackets: [::1]");
            }
            (parse_host(name)?, port)
        };
        Ok(Self {
            host,
            port: port.map(parse_port).transpose()?,
        })
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Name(name) => f.write_str(name)?,
            Host::V4(ip) => write!(f, "{ip}")?,
            Host::V6(ip) => write!(f, "[{ip}]")?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl ChannelName {
    /// Checks a name as people write it, without percent-encoding.
    pub fn new(name: impl Into<String>) -> Result<Self, AddressError> {
        let name = name.into();
        if name.trim().is_empty() {
            return wrong(Part::Channel, "empty");
        }
        if name.len() > limits::MAX_CHANNEL_NAME_BYTES {
            return wrong(
                Part::Channel,
                format!("longer than {} bytes", limits::MAX_CHANNEL_NAME_BYTES),
            );
        }
        if name.chars().any(char::is_control) {
            return wrong(Part::Channel, "contains a control character");
        }
        // A browser resolves these away even when percent-encoded (WHATWG URL, "double-dot path segment").
        if name == "." || name == ".." {
            return wrong(Part::Channel, "“.” and “..” are steps in a path, not names");
        }
        Ok(Self(name))
    }

    /// Reads a name from the path of an address or a URL, where it is percent-encoded.
    pub fn from_path_segment(segment: &str) -> Result<Self, AddressError> {
        Self::new(decode(Part::Channel, segment)?)
    }

    /// The name as people read it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is before and, if the separator occurs, after its first occurrence.
fn split_off(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn encode(text: &str) -> impl fmt::Display + '_ {
    utf8_percent_encode(text, ENCODED)
}

fn decode(part: Part, text: &str) -> Result<String, AddressError> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        if !(after.len() >= 2 && after.bytes().take(2).all(|b| b.is_ascii_hexdigit())) {
            return wrong(part, "% is not followed by two hexadecimal digits");
        }
        rest = after;
    }
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => wrong(part, "the percent-encoded bytes are not UTF-8"),
    }
}

fn parse_user(text: &str) -> Result<String, AddressError> {
    if text.contains(':') {
        return wrong(
            Part::User,
            "an address holds no password: write %3A for a colon",
        );
    }
    let user = decode(Part::User, text)?;
    if user.trim().is_empty() {
        return wrong(Part::User, "empty before the @");
    }
    if user.len() > limits::MAX_NAME_BYTES {
        return wrong(
            Part::User,
            format!("longer than {} bytes", limits::MAX_NAME_BYTES),
        );
    }
    if user.chars().any(char::is_control) {
        return wrong(Part::User, "contains a control character");
    }
    Ok(user)
}

fn parse_host(text: &str) -> Result<Host, AddressError> {
    if text.is_empty() {
        return wrong(Part::Host, "empty");
    }
    if let Ok(ip) = text.parse() {
        return Ok(Host::V4(ip));
    }
    if !text.is_ascii() {
        return wrong(
            Part::Host,
            format!("“{text}” is not ASCII: use its xn-- form"),
        );
    }
    let name = text.to_ascii_lowercase();
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.len() > 253 || !name.split('.').all(label_ok) {
        return wrong(Part::Host, format!("“{text}” is not a host name"));
    }
    // RFC 1123 §2.1: what ends in a number can only be an IPv4 address, and this is none.
    if name
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()))
    {
        return wrong(Part::Host, format!("“{text}” is not an IPv4 address"));
    }
    Ok(Host::Name(name))
}

fn parse_port(text: &str) -> Result<u16, AddressError> {
    match text.parse() {
        // `u16::from_str` would also take "+80".
        Ok(port) if port != 0 && text.bytes().all(|b| b.is_ascii_digit()) => Ok(port),
        _ => wrong(
            Part::Port,
            format!("“{text}” is not a number from 1 to 65535"),
        ),
    }
}

fn parse_resource(text: &str) -> Result<ResourceId, AddressError> {
    match text.parse() {
        Ok(id) => Ok(id),
        Err(_) => wrong(
            Part::Resource,
            "a resource is named by 64 hexadecimal digits",
        ),
    }
}

fn parse_secret(text: &str) -> Result<Secret, AddressError> {
    Secret::new(text).or_else(|error| wrong(Part::Secret, error.to_string()))
}

/// The `via` parameters; others are left to later versions.
fn parse_via(query: &str) -> Result<Vec<Authority>, AddressError> {
    let mut via = Vec::new();
    for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        if key != "via" {
            continue;
        }
        if via.len() == limits::MAX_VIA {
            return wrong(Part::Via, format!("more than {} servers", limits::MAX_VIA));
        }
        match decode(Part::Via, value)?.parse() {
            Ok(authority) => via.push(authority),
            Err(AddressError { part, problem }) => {
                return wrong(Part::Via, format!("{part}: {problem}"));
            }
        }
    }
    Ok(via)
}

impl Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
