//! `catnest-host serve`: the signalling server's routes and its life from the first socket to the last.
//!
//! ```text
//!   WebSocket ── socket.rs ── text ──▶ hub.rs ── catnest::signal::hub::Hub (every rule)
//!       ▲                                 │
//!       └───────── queue.rs ◀── outputs ──┘   (one bounded queue a socket)
//! ```

mod hub;
mod proxy;
mod queue;
mod signals;
mod socket;
pub(crate) mod tls;

use std::{
    convert::Infallible,
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::{
        ConnectInfo, Request, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_server::{Handle, accept::NoDelayAcceptor, tls_rustls::RustlsAcceptor};
use catnest::{
    address::ChannelName,
    entropy::Entropy,
    signal::{SUBPROTOCOL, guard::HubLimits},
};
use ipnet::IpNet;
use tokio::{net::TcpListener, sync::mpsc, time::timeout};

use self::{hub::SharedHub, signals::Signals};
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
    /// How long a request's head may take.
    pub(crate) header_timeout: Duration,
    /// Without it the server speaks plain HTTP.
    pub(crate) tls: Option<tls::Files>,
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
    #[error("the operating system gives no random numbers")]
    Entropy(#[from] getrandom::Error),
}

/// What every request sees.
#[derive(Clone)]
struct App {
    hub: Arc<SharedHub>,
    ping_interval: Duration,
    trusted_proxies: Arc<[IpNet]>,
    /// Held by the router and by each socket: when the last is dropped, the server is empty. Nothing is ever sent.
    open: mpsc::Sender<Infallible>,
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
    allow_open_files(options.limits.sockets);
    let tls = options.tls.as_ref().map(tls::config).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let failed = |source| ServeError::Listen {
        address: options.listen.clone(),
        source,
    };
    let listener = TcpListener::bind(&options.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;

    let entropy = Entropy::from_seed(seed);
    let hub = Arc::new(SharedHub::new(entropy, options.limits, options.queue_bytes));
    let (open, mut all_closed) = mpsc::channel(1);
    let router = router(App {
        hub: hub.clone(),
        ping_interval: options.limits.ping,
        trusted_proxies: options.trusted_proxies.into(),
        open,
    });
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::<SocketAddr>::new();
    let mut server = axum_server::Server::<SocketAddr>::from_listener(listener)
        .handle(handle.clone())
        // Signalling is many small messages, each of which somebody waits for.
        .acceptor(NoDelayAcceptor::new())
        .first_request_timeout(options.header_timeout)
        // The error may name an address.
        .accept_error_handler(|_, error| tracing::debug!(%error, "connection not accepted"));
    // Of the requests after the first.
    server
        .http_builder()
        .http1()
        .header_read_timeout(options.header_timeout);
    let server = match tls {
        None => tokio::spawn(server.serve(router)),
        Some(tls) => {
            let server = server.map(|tcp| {
                RustlsAcceptor::new(tls)
                    .handshake_timeout(options.header_timeout)
                    .acceptor(tcp)
            });
            tokio::spawn(server.serve(router))
        }
    };
    announce(scheme, address);

    let signal = signals.next().await;
    let (sockets, channels) = hub.load();
    tracing::info!(signal, sockets, channels, "stopping");
    hub.stop();
    handle.graceful_shutdown(None);
    let emptied = async {
        let _ = server.await;
        all_closed.recv().await;
    };
    tokio::select! {
        in_time = timeout(STOP_GRACE, emptied) => {
            tracing::info!(all_sockets_closed = in_time.is_ok(), "stopped");
            Ok(Ending::Clean)
        }
        signal = signals.next() => {
            tracing::warn!(signal, "stopped at once by a second signal");
            Ok(Ending::Forced)
        }
    }
}

/// What the process has open besides its sockets, and connections that are none yet.
#[cfg(unix)]
const OTHER_FILES: u64 = 200;

/// Linux lets a process open 1024 files unless it asks for more, and a connection beyond them would wait unheard.
#[cfg(unix)]
fn allow_open_files(sockets: usize) {
    let wanted = u64::try_from(sockets)
        .unwrap_or(u64::MAX)
        .saturating_add(OTHER_FILES);
    match rlimit::Resource::NOFILE.get() {
        Ok((soft, _)) if soft >= wanted => {}
        _ => match rlimit::increase_nofile_limit(wanted) {
            Ok(limit) if limit >= wanted => {}
            Ok(limit) => {
                let problem = "the operating system allows fewer open files than max-sockets needs";
                tracing::warn!(limit, wanted, "{problem}");
            }
            Err(error) => {
                tracing::warn!(%error, wanted, "the number of open files cannot be raised");
            }
        },
    }
}

/// Tells people and scripts where the server is.
fn announce(scheme: &str, address: SocketAddr) {
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    // Not `println`, which panics: that nobody reads standard output is no reason not to serve.
    let mut stdout = io::stdout().lock();
    let told = writeln!(stdout, "listening on {scheme}://{address}").and_then(|()| stdout.flush());
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
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
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
            let client = proxy::client(peer.ip(), request.headers(), &app.trusted_proxies);
            // Before the answer, so that whoever comes after it finds this device present. Should the upgrade fail
            // nevertheless, the seat is dropped with the closure, and thereby left.
            let (seat, queue) = app.hub.join(client.into(), &channel, catnest);
            upgrade.on_upgrade(async move |websocket| {
                socket::run(websocket, seat, queue, app.ping_interval).await;
                // Only now: the server waits for what this socket still has to say.
                drop(app.open);
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
