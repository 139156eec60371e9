//! A TURN server (RFC 8656), which is a STUN server (RFC 8489) too: relays for devices that reach each other no other
//! way. The rules only; the driver owns the sockets.
//!
//! ```text
//!   client ── datagram or TCP frame ──▶ server.rs ── Step ──▶ the driver sends, binds, closes
//!                                        │    │
//!             authentication.rs, requests.rs, refusal.rs
//!            stun.rs (the form of messages)   allocation.rs (whom a relay serves, and whom it reaches)
//!            credential.rs, nonce.rs (who asks)   peers.rs (what may be reached at all)   quota.rs (how much)
//! ```
//!
//! * Credentials are those of `draft-uberti-behave-turn-rest-00`, as coturn's `use-auth-secret` checks them: another
//!   server with the same secret can take over.
//! * Nothing is kept of who has not proved that it has some: nonces carry their own proof ([`nonce`]).
//! * Relays are for UDP; those of RFC 6062 for TCP are refused.

pub mod allocation;
mod authentication;
pub mod credential;
pub mod nonce;
pub mod peers;
pub mod quota;
mod refusal;
mod requests;
pub mod server;
pub mod stun;

use std::net::SocketAddr;

use crate::time::Millis;

/// What time it is, by two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// Since whenever, never backwards: what all rules go by but one.
    pub now: Millis,
    /// Since 1970, as whoever makes credentials reckons: until when these hold. It may leap.
    pub wall: Millis,
}

/// How a client reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A connection, with TLS or without.
    Tcp,
}

/// A client: the 5-tuple of RFC 8656 §3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client {
    /// How it reaches us.
    pub transport: Transport,
    /// Where it is, as the socket says it.
    pub address: SocketAddr,
    /// Which of our addresses and ports it speaks to, where the driver knows that: answers have to come from there, and who
    /// speaks to two of our ports from one of its own is two clients.
    pub local: Option<SocketAddr>,
}

impl Client {
    /// Where it is; an IPv4 address on an IPv6 socket is an IPv4 address.
    pub fn canonical(&self) -> SocketAddr {
        SocketAddr::new(self.address.ip().to_canonical(), self.address.port())
    }
}
