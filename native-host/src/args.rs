//! The flags of `serve`, each with its default and its bounds. Each is also a key of the configuration file.

use std::{num::NonZero, path::PathBuf, time::Duration};

use catnest::{limits, rate::Rate, signal::guard::HubLimits};
use clap::{Args, builder::RangedU64ValueParser};
use ipnet::IpNet;

use crate::{
    serve::{self, Options, tls},
    turn::{NoTurn, TurnArgs},
};

// Not a doc comment: clap would show it in place of the command's own.
#[derive(Args)]
pub(crate) struct ServeArgs {
    /// A TOML file whose keys are the flags below without their dashes, such as `max-sockets = 500`.
    ///
    /// A flag on the command line wins over the file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Where to listen, as HOST:PORT; an IPv6 address stands in brackets, port 0 takes any free port.
    ///
    /// Browsers reach a server without TLS on this machine only: for other machines use --tls-cert and --tls-key, or
    /// put a reverse proxy with TLS in front of it.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7979")]
    listen: String,

    /// How often each socket is pinged; one that is silent for three times as long is dropped.
    ///
    /// Shorten it when a proxy in between cuts quiet connections sooner.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = limits::SERVER_PING.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=3600),
    )]
    ping_interval: u64,

    /// Sockets in all; further ones are closed with code 1013.
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = limits::SERVER_SOCKETS,
        value_parser = count(),
    )]
    max_sockets: usize,

    /// Sockets from one address, which is an IPv4 address or a /64 network of IPv6.
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = limits::SERVER_ADDRESS_SOCKETS,
        value_parser = count(),
    )]
    max_sockets_per_address: usize,

    /// Sockets in one channel.
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = limits::MAX_CHANNEL_SOCKETS,
        value_parser = count(),
    )]
    max_sockets_per_channel: usize,

    /// Messages a second from one socket. One that sends more is warned, and closed with code 1008 if it goes on.
    ///
    /// A message counts once for each 4 KiB of it, and for each sixteen of those who hear it.
    #[arg(long, value_name = "MESSAGES", default_value_t = nonzero(limits::SERVER_SOCKET_RATE.per_second))]
    socket_rate: NonZero<u32>,

    /// Messages from one socket at once, after a rest.
    #[arg(long, value_name = "MESSAGES", default_value_t = nonzero(limits::SERVER_SOCKET_RATE.burst))]
    socket_burst: NonZero<u32>,

    /// Messages a second from all sockets of one address. Opening a socket counts as a message to its channel.
    #[arg(long, value_name = "MESSAGES", default_value_t = nonzero(limits::SERVER_ADDRESS_RATE.per_second))]
    address_rate: NonZero<u32>,

    /// Messages from all sockets of one address at once, after a rest.
    #[arg(long, value_name = "MESSAGES", default_value_t = nonzero(limits::SERVER_ADDRESS_RATE.burst))]
    address_burst: NonZero<u32>,

    /// What may wait to be sent to one socket; who is behind by more does not read, and is closed with code 1013.
    #[arg(
        long,
        value_name = "BYTES",
        default_value_t = serve::QUEUE_BYTES,
        value_parser = RangedU64ValueParser::<usize>::new()
            .range(2 * limits::MAX_SIGNAL_BYTES as u64..=1 << 30),
    )]
    queue_bytes: usize,

    /// How long a connection may take to become a WebSocket, TLS included; then it is cut.
    ///
    /// Long enough for a slow mobile network, short enough that idle connections do not pile up.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 10,
        value_parser = clap::value_parser!(u64).range(1..=3600),
    )]
    header_timeout: u64,

    /// A reverse proxy whose X-Forwarded-For is believed, as an IP address or a network such as 10.0.0.0/8.
    ///
    /// May be given several times. Without it, everyone who comes through a proxy counts as one address. [default:
    /// none]
    #[arg(long, value_name = "NETWORK", value_parser = serve::parse_proxy)]
    trusted_proxy: Vec<IpNet>,

    /// The server's certificate in PEM, followed by those that vouch for it: the server then speaks TLS itself.
    ///
    /// It is read once, at the start. [default: none, which is plain HTTP]
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<PathBuf>,

    /// The certificate's private key in PEM. [default: none, which is plain HTTP]
    #[arg(long, value_name = "FILE")]
    tls_key: Option<PathBuf>,

    #[command(flatten)]
    turn: TurnArgs,
}

fn count() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=1_000_000)
}

/// A default is never zero; clap would show it if it were.
fn nonzero(number: u32) -> NonZero<u32> {
    NonZero::new(number).unwrap_or(NonZero::<u32>::MIN)
}

/// Flags that do not go together.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArgsError {
    #[error("tls-cert and tls-key go together: {missing} is missing")]
    HalfTls { missing: &'static str },
    #[error(transparent)]
    NoTurn(#[from] NoTurn),
}

impl TryFrom<ServeArgs> for Options {
    type Error = ArgsError;

    fn try_from(args: ServeArgs) -> Result<Self, ArgsError> {
        // Not by clap, which knows the file's half too late.
        let tls = match (args.tls_cert, args.tls_key) {
            (Some(certificate), Some(key)) => Some(tls::Files { certificate, key }),
            (None, None) => None,
            (Some(_), None) => return Err(ArgsError::HalfTls { missing: "tls-key" }),
            (None, Some(_)) => {
                return Err(ArgsError::HalfTls {
                    missing: "tls-cert",
                });
            }
        };
        let rate = |per_second: NonZero<u32>, burst: NonZero<u32>| Rate {
            per_second: per_second.get(),
            burst: burst.get(),
        };
        Ok(Self {
            listen: args.listen,
            limits: HubLimits {
                sockets: args.max_sockets,
                sockets_per_address: args.max_sockets_per_address,
                sockets_per_channel: args.max_sockets_per_channel,
                socket_rate: rate(args.socket_rate, args.socket_burst),
                address_rate: rate(args.address_rate, args.address_burst),
                ping: Duration::from_secs(args.ping_interval),
                // Until TURN listens.
                relays: false,
            },
            queue_bytes: args.queue_bytes,
            trusted_proxies: args.trusted_proxy,
            header_timeout: Duration::from_secs(args.header_timeout),
            tls,
            turn: args.turn.try_into()?,
        })
    }
}
