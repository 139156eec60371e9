//! WebSockets to signalling servers.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use catnest::{
    limits,
    node::{ServerInput, ServerKey},
    signal::SUBPROTOCOL,
};
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio::{net::TcpStream, sync::mpsc, time::timeout};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        error::{ProtocolError, SubProtocolError},
        http::HeaderValue,
        protocol::WebSocketConfig,
    },
};

use super::feed::{Feed, Gone};

/// Texts that may wait to be sent: a dozen links with their candidates. A server that takes none for so long is gone.
const QUEUE: usize = 256;
/// How long a server may take to open a WebSocket. The system itself would wait for minutes.
const OPENING: Duration = Duration::from_secs(20);
/// How long a server may take to say goodbye.
const CLOSING: Duration = Duration::from_secs(1);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// One WebSocket; closed when dropped.
pub(super) struct Server {
    texts: mpsc::Sender<String>,
}

/// The server takes nothing, or is gone.
#[derive(Debug)]
pub(super) struct Stuck;

impl Server {
    /// A WebSocket that is being opened, and the task that serves it until it is dropped or closed.
    pub(super) fn open(
        feed: Feed,
        key: ServerKey,
        url: String,
    ) -> (Self, impl Future<Output = ()> + use<>) {
        let (texts, queue) = mpsc::channel(QUEUE);
        let task = async move {
            if let Err(error) = serve(&feed, key, &url, queue).await {
                tracing::debug!("{url}: {error}");
            }
            // To an engine that is gone nothing needs to be told, and one that has let go of the socket does not listen.
            let _gone = feed.server(key, ServerInput::Closed).await;
        };
        (Self { texts }, task)
    }

    pub(super) fn send(&self, text: String) -> Result<(), Stuck> {
        self.texts.try_send(text).map_err(|_| Stuck)
    }
}

/// Why a WebSocket ended.
#[derive(Debug, thiserror::Error)]
enum Ending {
    #[error("not open within {} s", OPENING.as_secs())]
    Slow,
    #[error(transparent)]
    Broken(#[from] Box<Error>),
    #[error("closed by the server")]
    Closed,
    #[error("closed here")]
    ClosedHere,
}

impl From<Error> for Ending {
    fn from(error: Error) -> Self {
        Self::Broken(Box::new(error))
    }
}

impl From<Gone> for Ending {
    fn from(Gone: Gone) -> Self {
        Self::ClosedHere
    }
}

async fn serve(
    feed: &Feed,
    key: ServerKey,
    url: &str,
    queue: mpsc::Receiver<String>,
) -> Result<(), Ending> {
    let socket = timeout(OPENING, open(url))
        .await
        .map_err(|_| Ending::Slow)??;
    feed.server(key, ServerInput::Opened).await?;
    let (sink, stream) = socket.split();
    // Side by side: a server that waits for us to read may well be the one that does not read.
    tokio::select! {
        ending = write(sink, queue) => ending,
        ending = read(stream, feed, key) => ending,
    }
}

async fn write(
    mut sink: SplitSink<Socket, Message>,
    mut queue: mpsc::Receiver<String>,
) -> Result<(), Ending> {
    while let Some(text) = queue.recv().await {
        sink.send(Message::text(text)).await?;
    }
    match timeout(CLOSING, sink.close()).await {
        Ok(closed) => Ok(closed?),
        Err(_) => Err(Ending::ClosedHere),
    }
}

async fn read(mut stream: SplitStream<Socket>, feed: &Feed, key: ServerKey) -> Result<(), Ending> {
    while let Some(message) = stream.next().await {
        // The library answers pings and closes itself; a binary message is no signalling.
        if let Message::Text(text) = message? {
            let text = text.as_str().to_owned();
            feed.server(key, ServerInput::Text(text)).await?;
        }
    }
    Err(Ending::Closed)
}

async fn open(url: &str) -> Result<Socket, Error> {
    match connect(url, true).await {
        // Of a server that knows no subprotocols, browsers think nothing; the library does.
        Err(Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(
            SubProtocolError::NoSubProtocol,
        ))) => connect(url, false).await,
        opened => opened,
    }
}

async fn connect(url: &str, subprotocol: bool) -> Result<Socket, Error> {
    let mut request = url.into_client_request()?;
    if subprotocol {
        let value = HeaderValue::from_static(SUBPROTOCOL);
        request
            .headers_mut()
            .insert("sec-websocket-protocol", value);
    }
    let config = WebSocketConfig::default()
        // For thousands of servers' sake a client need not be ready: texts are small, and few.
        .read_buffer_size(8 * 1024)
        .max_message_size(Some(limits::MAX_SIGNAL_BYTES))
        .max_frame_size(Some(limits::MAX_SIGNAL_BYTES));
    let secure = request.uri().scheme_str() == Some("wss");
    let connector = if secure {
        Connector::Rustls(tls()?)
    } else {
        Connector::Plain
    };
    let (socket, _) =
        connect_async_tls_with_config(request, Some(config), true, Some(connector)).await?;
    Ok(socket)
}

/// How servers are checked: by the certificates that the system trusts, read once.
fn tls() -> Result<Arc<ClientConfig>, Error> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!("certificates of the system: {error}");
    }
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable == 0 {
        tracing::warn!("the system trusts no certificates: no server can be reached by wss");
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Io(std::io::Error::other(error)))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(CONFIG.get_or_init(|| Arc::new(config)).clone())
}
