//! The flags of TURN, which are keys of the configuration file, too.

use std::{net::IpAddr, num::NonZero, ops::RangeInclusive, path::PathBuf};

use catnest::{limits, turn::quota::TurnLimits};
use clap::{Args, builder::RangedU64ValueParser};
use ipnet::IpNet;

use super::Options;

/// Ports that no system gives to anything else by itself (RFC 6335 §6).
const RELAY_PORTS: &str = "49152-65535";

// Not a doc comment: clap would show it in place of the command's own.
#[derive(Args)]
pub(crate) struct TurnArgs {
    /// Relay for members that reach each other no other way, and tell devices their address: where TURN and STUN listen,
    /// by UDP and TCP, as HOST:PORT. The usual port is 3478.
    ///
    /// Relays reach each other, the addresses that a channel's members have at this server, and nothing else. [default:
    /// none, which is no TURN]
    #[arg(long, value_name = "ADDR")]
    turn_listen: Option<String>,

    /// Where TURN listens by TLS, too, with --tls-cert and --tls-key, for networks that let nothing else through. The
    /// usual port is 5349. [default: none]
    #[arg(long, value_name = "ADDR")]
    turn_tls_listen: Option<String>,

    /// A name or address by which devices reach TURN; TLS needs the name of the certificate. [default: the first
    /// --turn-relay-address]
    #[arg(long, value_name = "HOST")]
    turn_host: Option<String>,

    /// An address of this machine where relays are; devices' peers have to reach it. May be given twice, for IPv4 and
    /// IPv6. [default: that of --turn-listen]
    #[arg(long, value_name = "IP")]
    turn_relay_address: Vec<IpAddr>,

    /// The ports of relays; a firewall has to let UDP through to them.
    #[arg(long, value_name = "FIRST-LAST", default_value = RELAY_PORTS, value_parser = parse_ports)]
    turn_relay_ports: RangeInclusive<u16>,

    /// What the server calls itself; only people see it.
    #[arg(long, value_name = "TEXT", default_value = "catnest", value_parser = parse_realm)]
    turn_realm: String,

    /// A file with a secret of 16 bytes or more, such as `openssl rand -hex 32` makes, that credentials are made and
    /// checked with.
    ///
    /// Another TURN server with the same secret takes them, too (coturn: use-auth-secret). [default: a new secret at each
    /// start]
    #[arg(long, value_name = "FILE")]
    turn_secret_file: Option<PathBuf>,

    /// A network that relays reach besides, as an IP address or a network such as 192.168.7.0/24. May be given several
    /// times.
    ///
    /// Addresses of this machine are opened each by itself only, and 0.0.0.0/0 opens the public Internet only. Ports below
    /// 1024 stay closed. [default: none]
    #[arg(long, value_name = "NETWORK", value_parser = crate::serve::parse_proxy)]
    turn_allow_peer: Vec<IpNet>,

    /// Allocations in all: relays that are in use.
    #[arg(long, value_name = "COUNT", default_value_t = limits::TURN_ALLOCATIONS, value_parser = count())]
    turn_max_allocations: usize,

    /// Allocations with the same credentials, which each device gets for itself.
    #[arg(long, value_name = "COUNT", default_value_t = limits::TURN_USER_ALLOCATIONS, value_parser = count())]
    turn_max_allocations_per_user: usize,

    /// Allocations from one address, which is an IPv4 address or a /64 network of IPv6.
    #[arg(long, value_name = "COUNT", default_value_t = limits::TURN_ADDRESS_ALLOCATIONS, value_parser = count())]
    turn_max_allocations_per_address: usize,

    /// Bytes a second that one allocation carries, both ways together, and a quarter of what those of one address do; what
    /// is more is dropped.
    #[arg(long, value_name = "BYTES", default_value_t = nonzero(limits::TURN_ALLOCATION_BYTES))]
    turn_allocation_rate: NonZero<u32>,

    /// Bytes a second that all allocations carry together.
    #[arg(long, value_name = "BYTES", default_value_t = nonzero(limits::TURN_ALL_BYTES))]
    turn_total_rate: NonZero<u32>,
}

fn count() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=16_384)
}

/// A default is never zero; clap would show it if it were.
fn nonzero(number: u32) -> NonZero<u32> {
    NonZero::new(number).unwrap_or(NonZero::<u32>::MIN)
}

/// `FIRST-LAST`.
fn parse_ports(text: &str) -> Result<RangeInclusive<u16>, String> {
    let parsed = text
        .split_once('-')
        .and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    match parsed {
        Some((first, last)) if first >= 1024 && first <= last => Ok(first..=last),
        Some(_) => Err("ports go from 1024 to 65535, the lower one first".into()),
        None => {
            Err("two ports with a hyphen between them were expected, such as 49152-65535".into())
        }
    }
}

/// RFC 8489 §14.9 allows 127 characters.
fn parse_realm(text: &str) -> Result<String, String> {
    if text.is_empty() || text.chars().count() > 127 || text.contains(':') {
        return Err("a realm has 1 to 127 characters, none of them a colon".into());
    }
    Ok(text.to_owned())
}

/// Flags of TURN without TURN.
#[derive(Debug, thiserror::Error)]
#[error("{0} is of use with turn-listen only")]
pub(crate) struct NoTurn(&'static str);

impl TryFrom<TurnArgs> for Option<Options> {
    type Error = NoTurn;

    fn try_from(args: TurnArgs) -> Result<Self, NoTurn> {
        // Not by clap, which knows the file's half too late.
        let Some(listen) = args.turn_listen else {
            let in_vain = [
                ("turn-tls-listen", args.turn_tls_listen.is_some()),
                ("turn-host", args.turn_host.is_some()),
                ("turn-relay-address", !args.turn_relay_address.is_empty()),
                ("turn-secret-file", args.turn_secret_file.is_some()),
                ("turn-allow-peer", !args.turn_allow_peer.is_empty()),
            ];
            return match in_vain.into_iter().find(|(_, given)| *given) {
                Some((flag, _)) => Err(NoTurn(flag)),
                None => Ok(None),
            };
        };
        Ok(Some(Options {
            listen,
            tls_listen: args.turn_tls_listen,
            host: args.turn_host,
            relays: args.turn_relay_address,
            relay_ports: args.turn_relay_ports,
            realm: args.turn_realm,
            secret: args.turn_secret_file,
            allowed: args.turn_allow_peer,
            limits: TurnLimits {
                allocations: args.turn_max_allocations,
                allocations_per_user: args.turn_max_allocations_per_user,
                allocations_per_address: args.turn_max_allocations_per_address,
                bytes_per_allocation: args.turn_allocation_rate.get(),
                bytes_per_address: args
                    .turn_allocation_rate
                    .get()
                    .saturating_mul(limits::TURN_ADDRESS_BUSY_ALLOCATIONS),
                bytes: args.turn_total_rate.get(),
                stranger_rate: limits::TURN_STRANGER_RATE,
            },
        }))
    }
}
