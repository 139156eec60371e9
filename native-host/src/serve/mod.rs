//! `catnest-host serve`: the signalling server's routes and its life from the first socket to the last.
//!
//! ```text
//!   TCP ── connections.rs ── TLS, HTTP ── this file
//!    │
//!   WebSocket ── socket.rs ── text ──▶ hub.rs ── catnest::signal::hub::Hub (every rule)
//!       ▲                                 │
//!       └───────── queue.rs ◀── outputs ──┘   (one bounded queue a socket)
//! ```

mod connections;
mod hub;
mod proxy;
mod queue;
mod socket;
pub(crate) mod tls;

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Extension, Router,
    extract::{
        Request, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use catnest::{
    address::ChannelName,
    signal::{
        SUBPROTOCOL,
        guard::{self, HubLimits},
    },
};
use ipnet::IpNet;
use tokio::{net::TcpListener, sync::mpsc, time::timeout};

use self::{
    connections::{Connection, Connections},
    hub::SharedHub,
};
use crate::{entropy, signals::Signals, turn};

pub(crate) use self::{proxy::parse as parse_proxy, queue::QUEUE_BYTES};

/// How long a stopping server waits for its sockets. Service managers send SIGKILL after 10 s (docker) or 90 s
/// (systemd), and whoever has not answered a close within three seconds is not going to.
const STOP_GRACE: Duration = Duration::from_secs(3);
/// Where a channel's WebSocket is: this and its name.
const CHANNEL_PATH: &str = "/webrtc/";

/// What the command line chose.
pub(crate) struct Options {
    /// Where to listen, `HOST:PORT`.
    pub(crate) listen: String,
    /// What everyone may ask of the server, and how often a socket is pinged.
    pub(crate) limits: HubLimits,
    /// What may wait to be sent to one socket.
    pub(crate) queue_bytes: usize,
    /// Whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// How long a connection may take to become a WebSocket.
    pub(crate) header_timeout: Duration,
    /// Without it the server speaks plain HTTP.
    pub(crate) tls: Option<tls::Files>,
    /// Without it there are no relays.
    pub(crate) turn: Option<turn::Options>,
}

/// How the server ended.
pub(crate) enum Ending {
    /// Everyone was told.
    Clean,
    /// A second signal did not want to wait for that.
    Forced,
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error("cannot listen on {address}")]
    Listen { address: String, source: io::Error },
    #[error("cannot wait for signals")]
    Signals(#[source] io::Error),
    #[error(
        "queue-bytes has to be at least {needed} for so many sockets in one channel: who joins hears of all of them"
    )]
    QueueTooSmall { needed: usize },
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    #[error(transparent)]
    Turn(#[from] turn::TurnError),
    #[error("the operating system gives no random numbers")]
    Entropy(#[from] getrandom::Error),
}

/// What every request sees.
#[derive(Clone)]
struct App {
    hub: Arc<SharedHub>,
    ping_interval: Duration,
    trusted_proxies: Arc<[IpNet]>,
}

/// Serves until a signal comes.
pub(crate) async fn run(options: Options) -> Result<Ending, ServeError> {
    // Before anybody can know that we listen, so that no signal meets the default handler.
    let mut signals = Signals::new().map_err(ServeError::Signals)?;
    let needed = queue::needed(options.limits.sockets_per_channel);
    if options.queue_bytes < needed {
        return Err(ServeError::QueueTooSmall { needed });
    }
    #[cfg(unix)]
    let turn_files = options.turn.as_ref().map_or(0, turn::Options::open_files);
    allow_open_files(options.limits.connections().saturating_add(turn_files));
    // WebSockets need HTTP/1.1, and nothing else is spoken here; TURN has no name to agree on.
    let acceptor = |protocols: &[&str]| {
        let files = options.tls.as_ref();
        files
            .map(|files| tls::acceptor(files, protocols))
            .transpose()
    };
    let (tls, turn_tls) = (acceptor(&["http/1.1"])?, acceptor(&[])?);
    let scheme = if tls.is_some() { "https" } else { "http" };
    let entropy = entropy::from_system()?;
    let failed = |source| ServeError::Listen {
        address: options.listen.clone(),
        source,
    };
    let listener = TcpListener::bind(&options.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let listening_port = address.port();

    let turn = match options.turn {
        Some(options) => Some(turn::listen(options, turn_tls).await?),
        None => None,
    };
    let mint = turn.as_ref().map(turn::Listening::mint).transpose()?;
    let hub = SharedHub::new(entropy, options.limits, options.queue_bytes, mint);
    let hub = Arc::new(hub);
    let (open, mut all_closed) = mpsc::channel(1);
    let trusted_proxies: Arc<[IpNet]> = options.trusted_proxies.into();
    let router = router(App {
        hub: hub.clone(),
        ping_interval: options.limits.ping,
        trusted_proxies: trusted_proxies.clone(),
    });
    let connections = Connections {
        router,
        tls,
        deadline: options.header_timeout,
        counts: Arc::new(Mutex::new(guard::Connections::new(options.limits))),
        trusted_proxies,
        open,
    };
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    announce(&format!("listening on {scheme}://{address}"));
    if let Some(turn) = turn {
        let address = turn.address;
        turn.start(hub.clone(), vec![listening_port]).await?;
        tracing::info!(%address, "TURN is on");
        announce(&format!("turn on {address}"));
    }

    let signal = tokio::select! {
        signal = signals.next() => signal,
        never = connections.serve(listener) => match never {},
    };
    let (sockets, channels) = hub.load();
    tracing::info!(signal, sockets, channels, "stopping");
    hub.stop();
    tokio::select! {
        in_time = timeout(STOP_GRACE, all_closed.recv()) => {
            tracing::info!(all_sockets_closed = in_time.is_ok(), "stopped");
            Ok(Ending::Clean)
        }
        signal = signals.next() => {
            tracing::warn!(signal, "stopped at once by a second signal");
            Ok(Ending::Forced)
        }
    }
}

/// What the process has open besides connections: a dozen, and some to be on the safe side.
#[cfg(unix)]
const OTHER_FILES: u64 = 50;

/// Linux lets a process open 1024 files unless it asks for more, and a connection beyond them would wait unheard.
#[cfg(unix)]
fn allow_open_files(connections: usize) {
    let wanted = u64::try_from(connections)
        .unwrap_or(u64::MAX)
        .saturating_add(OTHER_FILES);
    match rlimit::Resource::NOFILE.get() {
        Ok((soft, _)) if soft >= wanted => {}
        _ => match rlimit::increase_nofile_limit(wanted) {
            Ok(limit) if limit >= wanted => {}
            Ok(limit) => {
                let problem = "the operating system allows fewer open files than max-sockets and turn-max-allocations need";
                tracing::warn!(limit, wanted, "{problem}");
            }
            Err(error) => {
                tracing::warn!(%error, wanted, "the number of open files cannot be raised");
            }
        },
    }
}

/// Tells people and scripts where the server is.
fn announce(what: &str) {
    // Not `println`, which panics: that nobody reads standard output is no reason not to serve.
    let mut stdout = io::stdout().lock();
    let told = writeln!(stdout, "{what}").and_then(|()| stdout.flush());
    if let Err(error) = told {
        tracing::debug!(%error, "standard output is closed");
    }
}

fn router(app: App) -> Router {
    Router::new()
        .route("/webrtc/{channel}", get(join))
        .route("/healthz", get(health))
        .with_state(app)
}

/// `GET /webrtc/{channel}`: a device joins a channel.
async fn join(
    State(app): State<App>,
    Extension(connection): Extension<Arc<Connection>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Response {
    // Axum's own decoding would pass on what is not percent-encoding, and name no part.
    let segment = request
        .uri()
        .path()
        .strip_prefix(CHANNEL_PATH)
        .unwrap_or_default();
    let channel = match ChannelName::from_path_segment(segment) {
        Ok(channel) => channel,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    let asks_for_websocket = request
        .headers()
        .get(header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    match upgrade {
        Ok(upgrade) => {
            let upgrade = socket::limit(upgrade).protocols([SUBPROTOCOL]);
            let catnest = upgrade.selected_protocol().is_some();
            let client = proxy::client(connection.peer, request.headers(), &app.trusted_proxies);
            // Before the answer, so that whoever comes after it finds this device present. Should the upgrade fail
            // nevertheless, the seat is dropped with the closure, and thereby left.
            let (seat, queue) = app.hub.join(client, &channel, catnest);
            upgrade.on_upgrade(async move |websocket| {
                socket::run(websocket, seat, queue, app.ping_interval).await;
                // Only now: the server waits for what this socket still has to say.
                drop(connection);
            })
        }
        Err(_) if !asks_for_websocket => {
            let headers = [
                (header::UPGRADE, "websocket"),
                (header::CONNECTION, "upgrade"),
            ];
            (
                StatusCode::UPGRADE_REQUIRED,
                headers,
                "a channel is reached by WebSocket\n",
            )
                .into_response()
        }
        Err(rejection) => rejection.into_response(),
    }
}

/// `GET /healthz`: for load balancers, service managers and people.
async fn health(State(app): State<App>) -> impl IntoResponse {
    let (sockets, channels) = app.hub.load();
    let body = serde_json::json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "sockets": sockets,
        "channels": channels,
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, body.to_string())
}
