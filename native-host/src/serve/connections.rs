//! Connections before they are WebSockets: each is counted, does its TLS handshake and sends its request, all of it
//! before one deadline, and whatever it is by then but a WebSocket is cut.
//!
//! Only HTTP/1 is spoken: HTTP/2 has ways of its own to keep a server busy, and no WebSocket here needs it.

use std::{
    convert::Infallible,
    io,
    net::IpAddr,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Extension, Router};
use catnest::signal::guard::{self, AddressKey};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use ipnet::IpNet;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::proxy;

/// What hyper reads ahead, and so the longest request. Browsers send less than 1 KiB, a proxy adds some; hyper's default of
/// 400 KiB would let ten thousand connections take 4 GB.
const REQUEST_BYTES: usize = 16 * 1024;
/// What a stopping server leaves for answers that are under way. Making one takes no time, so the rest is half requests.
const LAST_ANSWERS: Duration = Duration::from_millis(500);
/// How long to wait when the operating system has no room for another connection: until some have ended.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// One connection, as its requests see it. It lives as long as the TCP connection, or as the WebSocket that it became.
pub(super) struct Connection {
    /// Who is at the other end: the client, or a reverse proxy.
    pub(super) peer: IpAddr,
    counts: Arc<Mutex<guard::Connections>>,
    counted_for: Option<AddressKey>,
    /// When the last of these is dropped, the server is empty. Nothing is ever sent.
    _open: mpsc::Sender<Infallible>,
}

impl Connection {
    /// One that has come, unless there are too many already.
    fn open(server: &Connections, peer: IpAddr) -> Option<Self> {
        let is_proxy = proxy::is_trusted(peer, &server.trusted_proxies);
        let counted_for = (!is_proxy).then(|| peer.into());
        // Whole even if a thread panicked with it in hand: every change to it is one call.
        let mut counts = server.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.open(counted_for).then(|| Self {
            peer,
            counts: server.counts.clone(),
            counted_for,
            _open: server.open.clone(),
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.closed(self.counted_for);
    }
}

/// How connections are served.
#[derive(Clone)]
pub(super) struct Connections {
    /// What answers the requests.
    pub(super) router: Router,
    /// Without it, plain HTTP is spoken.
    pub(super) tls: Option<TlsAcceptor>,
    /// How long a connection may take to become a WebSocket.
    pub(super) deadline: Duration,
    /// How many there are, and may be.
    pub(super) counts: Arc<Mutex<guard::Connections>>,
    /// Who connects on behalf of others.
    pub(super) trusted_proxies: Arc<[IpNet]>,
    /// Held by every connection.
    pub(super) open: mpsc::Sender<Infallible>,
}

impl Connections {
    /// Serves all that come. When this is dropped, those who have not sent a request yet are cut.
    pub(super) async fn serve(self, listener: TcpListener) -> Infallible {
        let (_stop, stopped) = watch::channel(());
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let Some(connection) = Connection::open(&self, peer.ip()) else {
                        // Without a reason, which would cost what this is to save.
                        tracing::debug!("too many connections");
                        continue;
                    };
                    let connection = Arc::new(connection);
                    tokio::spawn(self.clone().run(stream, connection, stopped.clone()));
                }
                // It had ended before we looked.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept connections");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    async fn run(
        self,
        stream: TcpStream,
        connection: Arc<Connection>,
        mut stopped: watch::Receiver<()>,
    ) {
        // Signalling is many small messages, each of which somebody waits for.
        let _ = stream.set_nodelay(true);
        let deadline = self.deadline;
        let all = async {
            match self.tls.clone() {
                None => self.answer(stream, connection, stopped).await,
                Some(tls) => {
                    let encrypted = tokio::select! {
                        encrypted = tls.accept(stream) => encrypted,
                        _ = stopped.changed() => return,
                    };
                    match encrypted {
                        Ok(stream) => self.answer(stream, connection, stopped).await,
                        Err(error) => tracing::debug!(%error, "no TLS"),
                    }
                }
            }
        };
        if timeout(deadline, all).await.is_err() {
            tracing::debug!("cut a connection that became no WebSocket in time");
        }
    }

    async fn answer(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        connection: Arc<Connection>,
        mut stopped: watch::Receiver<()>,
    ) {
        let service = TowerToHyperService::new(self.router.layer(Extension(connection)));
        let mut http = pin!(
            http1::Builder::new()
                // Hyper's own would need a timer; there is a deadline for all of it.
                .header_read_timeout(None)
                .max_buf_size(REQUEST_BYTES)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades()
        );
        let ended = tokio::select! {
            biased;
            ended = http.as_mut() => ended,
            _ = stopped.changed() => {
                http.as_mut().graceful_shutdown();
                timeout(LAST_ANSWERS, http).await.unwrap_or(Ok(()))
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "connection broken");
        }
    }
}
