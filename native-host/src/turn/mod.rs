//! TURN for `serve`: sockets for the rules in `catnest::turn`.
//!
//! ```text
//!   clients ── UDP ── udp.rs ──┐                                 ┌── relay.rs ── UDP ── peers
//!   clients ── TCP, TLS ───────┼── state.rs ── TurnServer ───────┤
//!              tcp.rs          │   (every rule)                  └── ports.rs: which port a relay gets
//!                              └── answers, and what peers say
//! ```
//!
//! Each reads many datagrams at once, asks the rules about all of them under one lock, and sends what they say with as
//! few system calls ([`outgoing`]). What does not fit a socket's or a connection's buffer is dropped, as routers do.
//!
//! All of it is one thread's: what comes is asked about under one lock, so that two threads would wait for each other and
//! wake each other up, and do less than one (on two cores beside coturn's client: 203 Mbit/s, and 293 with one). However
//! busy it is, signalling goes on beside it.

mod args;
mod datagrams;
mod mint;
mod outbox;
mod outgoing;
mod ports;
mod relay;
mod state;
mod tcp;
mod udp;

use std::{
    future, io,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::PathBuf,
    sync::Arc,
    thread,
    time::Duration,
};

use catnest::turn::{
    credential::Secret,
    peers::PeerPolicy,
    quota::TurnLimits,
    server::{Nests, TurnConfig},
};
use ipnet::IpNet;
use tokio::{
    net::{TcpListener, UdpSocket},
    runtime,
    sync::oneshot,
};
use tokio_rustls::TlsAcceptor;

use self::{datagrams::Datagrams, state::Turn};
use crate::entropy;

pub(crate) use self::{
    args::{NoTurn, TurnArgs},
    mint::Mint,
};

/// What the command line chose.
pub(crate) struct Options {
    /// Where to listen, by UDP and by TCP, `HOST:PORT`.
    pub(crate) listen: String,
    /// Where to listen by TLS.
    pub(crate) tls_listen: Option<String>,
    /// What devices are told to reach it by; without it the first of the relays' addresses.
    pub(crate) host: Option<String>,
    /// Where relays are; without any, where it listens.
    pub(crate) relays: Vec<IpAddr>,
    /// Their ports.
    pub(crate) relay_ports: RangeInclusive<u16>,
    /// What the server calls itself.
    pub(crate) realm: String,
    /// Where the secret is; without it nobody else knows it, and it ends with the process.
    pub(crate) secret: Option<PathBuf>,
    /// What relays may reach besides each other and members.
    pub(crate) allowed: Vec<IpNet>,
    /// How much everybody may have.
    pub(crate) limits: TurnLimits,
}

impl Options {
    /// How many files it may have open at once: relays, and connections of clients.
    pub(crate) fn open_files(&self) -> usize {
        let connections = tcp::most_connections(self.limits);
        self.limits.allocations.saturating_add(connections)
    }
}

/// Why there can be no TURN.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TurnError {
    #[error("cannot listen for TURN on {address}")]
    Listen { address: String, source: io::Error },
    #[error("cannot read the secret from {}", .0.display())]
    Secret(PathBuf, #[source] io::Error),
    #[error("{}: a secret has at least {SECRET_BYTES} bytes", .0.display())]
    ShortSecret(PathBuf),
    #[error("turn-relay-address is missing: turn-listen names no address of its own")]
    NoRelayAddress,
    #[error("turn-relay-address: {0} is no address of this machine")]
    RelayAddress(IpAddr, #[source] io::Error),
    #[error("turn-tls-listen needs tls-cert and tls-key")]
    NoCertificate,
    #[error("cannot list the machine's own addresses")]
    OwnAddresses(#[source] io::Error),
    #[error("the operating system gives no random numbers")]
    Entropy(#[from] getrandom::Error),
    #[error("there is no thread for TURN")]
    Thread(#[source] io::Error),
}

/// Below, a secret can be guessed.
const SECRET_BYTES: usize = 16;
/// What may wait to be read from all clients that come by UDP: at a gigabit, what comes while we are not scheduled for
/// 30 ms.
const CLIENTS_ROOM: usize = 4 * 1024 * 1024;
/// How often it is looked whether the machine has other addresses.
const LOOK: Duration = Duration::from_secs(5);
/// Attempts to find a port that is free for UDP and TCP.
const SAME_PORT_TRIES: usize = 16;

/// A server that listens, and does nothing yet.
pub(crate) struct Listening {
    options: Options,
    secret: Secret,
    tcp: TcpListener,
    udp: UdpSocket,
    tls: Option<(TcpListener, TlsAcceptor)>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// Binds all that clients reach. `tls` is what TLS is spoken with.
pub(crate) async fn listen(
    mut options: Options,
    tls: Option<TlsAcceptor>,
) -> Result<Listening, TurnError> {
    let secret = secret(&options)?;
    let failed = |address: &str| {
        let address = address.to_owned();
        move |source| TurnError::Listen { address, source }
    };
    let (tcp, udp) = bind_both(&options.listen)
        .await
        .map_err(failed(&options.listen))?;
    let address = tcp.local_addr().map_err(failed(&options.listen))?;
    let tls = match (&options.tls_listen, tls) {
        (None, _) => None,
        (Some(_), None) => return Err(TurnError::NoCertificate),
        (Some(listen), Some(tls)) => {
            let listener = TcpListener::bind(listen).await.map_err(failed(listen))?;
            Some((listener, tls))
        }
    };
    if options.relays.is_empty() {
        if address.ip().is_unspecified() {
            return Err(TurnError::NoRelayAddress);
        }
        options.relays.push(address.ip());
    }
    for &ip in &options.relays {
        std::net::UdpSocket::bind((ip, 0)).map_err(|error| TurnError::RelayAddress(ip, error))?;
    }
    Ok(Listening {
        options,
        secret,
        tcp,
        udp,
        tls,
        address,
    })
}

/// A port for both, where any free one is asked for.
async fn bind_both(address: &str) -> io::Result<(TcpListener, UdpSocket)> {
    let mut tries = SAME_PORT_TRIES;
    loop {
        let tcp = TcpListener::bind(address).await?;
        let bound = tcp.local_addr()?;
        tries -= 1;
        match UdpSocket::bind(bound).await {
            Ok(udp) => return Ok((tcp, udp)),
            Err(error) if tries == 0 || address.ends_with(&bound.port().to_string()) => {
                return Err(error);
            }
            Err(_) => {}
        }
    }
}

fn secret(options: &Options) -> Result<Secret, TurnError> {
    let Some(path) = &options.secret else {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        return Ok(Secret::new(bytes));
    };
    let text = std::fs::read(path).map_err(|error| TurnError::Secret(path.clone(), error))?;
    // A text file ends in a line break, which coturn's configuration cannot have.
    let text = text.trim_ascii();
    if text.len() < SECRET_BYTES {
        return Err(TurnError::ShortSecret(path.clone()));
    }
    Ok(Secret::new(text))
}

impl Listening {
    /// What gives devices credentials.
    pub(crate) fn mint(&self) -> Result<Mint, TurnError> {
        let host = match (&self.options.host, self.options.relays.first()) {
            (Some(host), _) => host.clone(),
            (None, Some(IpAddr::V6(ip))) => format!("[{ip}]"),
            (None, Some(ip)) => ip.to_string(),
            (None, None) => return Err(TurnError::NoRelayAddress),
        };
        let port = self.address.port();
        let mut urls = ["udp", "tcp"]
            .map(|transport| format!("turn:{host}:{port}?transport={transport}"))
            .to_vec();
        if let Some((listener, _)) = &self.tls
            && let Ok(address) = listener.local_addr()
        {
            urls.push(format!("turns:{host}:{}?transport=tcp", address.port()));
        }
        Ok(Mint::new(
            self.secret.clone(),
            urls,
            entropy::from_system()?,
        ))
    }

    /// Serves in a thread of its own, as long as the process runs. `services` are ports of this machine that no relay may
    /// reach, besides its own.
    pub(crate) async fn start(
        self,
        nests: Arc<dyn Nests + Send + Sync>,
        services: Vec<u16>,
    ) -> Result<(), TurnError> {
        let (started, starts) = oneshot::channel();
        let run = move || {
            let runtime = runtime::Builder::new_current_thread()
                .enable_io()
                .enable_time()
                .build();
            // Who does not wait any more has ended.
            let runtime = match runtime {
                Ok(runtime) => runtime,
                Err(error) => {
                    let _heard = started.send(Err(TurnError::Thread(error)));
                    return;
                }
            };
            runtime.block_on(async {
                let serving = self.serve(nests, services);
                let serves = serving.is_ok();
                let _heard = started.send(serving);
                if serves {
                    future::pending::<()>().await;
                }
            });
        };
        thread::Builder::new()
            .name("turn".to_owned())
            .spawn(run)
            .map_err(TurnError::Thread)?;
        let ended = |_| TurnError::Thread(io::Error::other("it has ended"));
        starts.await.map_err(ended)?
    }

    /// The same, in tasks of the runtime that this is called in.
    fn serve(
        self,
        nests: Arc<dyn Nests + Send + Sync>,
        mut services: Vec<u16>,
    ) -> Result<(), TurnError> {
        services.push(self.address.port());
        if let Some((listener, _)) = &self.tls
            && let Ok(address) = listener.local_addr()
        {
            services.push(address.port());
        }
        let own = own_addresses(&self.options.relays).map_err(TurnError::OwnAddresses)?;
        let options = self.options;
        let config = TurnConfig {
            realm: options.realm,
            secret: self.secret,
            peers: PeerPolicy {
                relays: options.relays.clone(),
                relay_ports: Some(options.relay_ports.clone()),
                own: own.clone(),
                services,
                allowed: options.allowed,
            },
            limits: options.limits,
        };
        let failed = |source| TurnError::Listen {
            address: options.listen.clone(),
            source,
        };
        // They were bound in another runtime.
        let udp = self.udp.into_std().and_then(UdpSocket::from_std);
        let tcp = self.tcp.into_std().and_then(TcpListener::from_std);
        let (udp, tcp) = (udp.map_err(failed)?, tcp.map_err(failed)?);
        let udp = Arc::new(Datagrams::new(udp, CLIENTS_ROOM).map_err(failed)?);
        let relays = options.relays.clone();
        let ports = ports::Ports::new(options.relays, options.relay_ports);
        let entropy = entropy::from_system()?;
        let turn = Turn::new(config, entropy, udp, ports, nests);
        udp::start(turn.clone(), self.address.port());
        state::start_expiring(turn.clone());
        start_looking(turn.clone(), relays, own);
        let counts = tcp::counts(options.limits);
        tcp::start(turn.clone(), tcp, None, counts.clone());
        if let Some((listener, tls)) = self.tls {
            let listener = listener.into_std().and_then(TcpListener::from_std);
            let listener = listener.map_err(failed)?;
            tcp::start(turn, listener, Some(tls), counts);
        }
        Ok(())
    }
}

/// Which addresses are the machine's own: those of its interfaces, and those that relays are bound to.
fn own_addresses(relays: &[IpAddr]) -> io::Result<Vec<IpAddr>> {
    let interfaces = if_addrs::get_if_addrs()?;
    let own = interfaces.iter().map(if_addrs::Interface::ip);
    Ok(own.chain(relays.iter().copied()).collect())
}

/// Looks again and again which addresses are the machine's own: one that comes later is as closed as the first ones.
fn start_looking(turn: Arc<Turn>, relays: Vec<IpAddr>, mut own: Vec<IpAddr>) {
    tokio::spawn(async move {
        let mut look = tokio::time::interval(LOOK);
        loop {
            look.tick().await;
            match own_addresses(&relays) {
                Ok(found) if found == own => {}
                Ok(found) => {
                    own.clone_from(&found);
                    turn.set_own(found);
                }
                // Those that were found the last time stay closed.
                Err(error) => tracing::warn!(%error, "cannot list the machine's own addresses"),
            }
        }
    });
}
