//! What all tests share: the real binary on a port of its own, and WebSocket clients that know nothing but JSON.
//!
//! Everything that waits has [`DEADLINE`]. That something does *not* arrive is never waited for: a client's messages
//! come in order, so the test sends one more and sees that it is the next.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

pub(crate) mod daemon;
pub(crate) mod pairing;
pub(crate) mod person;

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpSocket, TcpStream},
    process::{Child, Command},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message, client::IntoClientRequest, http::HeaderValue, protocol::CloseFrame,
    },
};

/// No wait lasts longer; a busy machine needs far less.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
/// The subprotocol of our own clients, written out: changing it would lock out those already installed.
pub(crate) const CATNEST: &str = "catnest.1";

/// Waits, but not for ever.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(DEADLINE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {DEADLINE:?} for {what}"),
    }
}

/// The binary, not yet started, in a directory of its own.
pub(crate) fn binary(directory: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_catnest-host"));
    command
        .current_dir(directory.path())
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Runs the binary to its end: exit code, standard output, standard error.
pub(crate) async fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let directory = TempDir::new().unwrap();
    let output = within("the end", binary(&directory).args(arguments).output())
        .await
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A running server, killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Where TURN listens, if it does.
    pub(crate) turn: Option<SocketAddr>,
    /// Whether it says that it speaks TLS.
    pub(crate) tls: bool,
    log: PathBuf,
    _directory: TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts `serve` with further flags and waits until it says where it listens.
    pub(crate) async fn start_with(flags: &[&str]) -> Self {
        let directory = TempDir::new().unwrap();
        Self::start_as(binary(&directory), directory, flags).await
    }

    /// Starts `serve` by a command that ends in the binary.
    pub(crate) async fn start_as(mut command: Command, directory: TempDir, flags: &[&str]) -> Self {
        let log = directory.path().join("stderr");
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        within("the address", stdout.read_line(&mut line))
            .await
            .unwrap();
        let plain = line.strip_prefix("listening on http://");
        let encrypted = line.strip_prefix("listening on https://");
        let Some(address) = plain.or(encrypted) else {
            panic!("{line:?}; stderr: {}", fs::read_to_string(&log).unwrap());
        };
        let address = address.trim_end().parse().unwrap();
        let mut turn = None;
        if flags.iter().any(|flag| flag.starts_with("--turn-listen")) {
            let mut line = String::new();
            within("the address of TURN", stdout.read_line(&mut line))
                .await
                .unwrap();
            turn = Some(
                line.trim_end()
                    .strip_prefix("turn on ")
                    .unwrap()
                    .parse()
                    .unwrap(),
            );
        }
        Self {
            child,
            address,
            turn,
            tls: encrypted.is_some(),
            log,
            _directory: directory,
        }
    }

    /// The process's number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Sends a signal, by the name that `kill` knows it by.
    pub(crate) async fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let status = Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status()
            .await
            .unwrap();
        assert!(status.success());
    }

    /// Waits for the end of the process.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        within("the server's end", self.child.wait()).await.unwrap()
    }

    /// All that the server has logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// A predecessor's client: it announces nothing.
    pub(crate) async fn predecessor(&self, channel: &str) -> Client {
        Client::connect(self.address, channel, None).await
    }

    /// One of our clients.
    pub(crate) async fn catnest(&self, channel: &str) -> Client {
        Client::connect(self.address, channel, Some(CATNEST)).await
    }

    /// One of ours that the server does not take: it hears no welcome.
    pub(crate) async fn catnest_unwelcome(&self, channel: &str) -> Client {
        let stream = TcpStream::connect(self.address).await.unwrap();
        Client::upgrade(stream, channel, Some(CATNEST))
            .await
            .unwrap()
    }

    /// Two predecessors' clients who have heard of each other, and know each other's ids.
    pub(crate) async fn pair(&self, channel: &str) -> (Peer, Peer) {
        let mut first = self.predecessor(channel).await;
        let mut second = self.predecessor(channel).await;
        let of_second = first.push().await;
        let of_first = second.push().await;
        (
            Peer {
                client: first,
                id: of_first,
            },
            Peer {
                client: second,
                id: of_second,
            },
        )
    }

    /// Asks for a WebSocket, and vanishes when the answer begins. (Before that the server might not even have looked at
    /// the request: a connection that ends first is dropped unheard.)
    pub(crate) async fn join_and_vanish(&self, channel: &str) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "GET /webrtc/{channel} HTTP/1.1\r\nHost: nest\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        within("the answer", stream.read_u8()).await.unwrap();
    }

    /// A plain HTTP request: status line and headers, then the body.
    pub(crate) async fn get(&self, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: nest\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        within("an answer", stream.read_to_string(&mut answer))
            .await
            .unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_ascii_lowercase(), body.to_owned())
    }

    /// What `/healthz` says.
    pub(crate) async fn health(&self) -> Value {
        let (head, body) = self.get("/healthz").await;
        assert!(head.starts_with("http/1.1 200 "), "{head}");
        serde_json::from_str(&body).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the server's stderr ---\n{}", self.log());
        }
    }
}

/// A client and the id under which the others know it.
pub(crate) struct Peer {
    pub(crate) client: Client,
    pub(crate) id: String,
}

/// A WebSocket that speaks JSON.
pub(crate) struct Client<S = TcpStream> {
    websocket: WebSocketStream<S>,
    /// The id that the server's welcome named; only ours are welcomed.
    pub(crate) welcomed: Option<String>,
}

impl Client {
    /// Joins a channel, given as it stands in the path.
    pub(crate) async fn connect(
        address: SocketAddr,
        channel: &str,
        protocol: Option<&str>,
    ) -> Self {
        Self::open(
            TcpStream::connect(address).await.unwrap(),
            channel,
            protocol,
        )
        .await
        .unwrap()
    }

    /// Joins a channel as if through a reverse proxy, which says for whom.
    pub(crate) async fn connect_forwarded(
        address: SocketAddr,
        channel: &str,
        forwarded_for: &str,
    ) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let url = format!("ws://{address}/webrtc/{channel}");
        let mut request = url.into_client_request().unwrap();
        let value = HeaderValue::from_str(forwarded_for).unwrap();
        request.headers_mut().insert("x-forwarded-for", value);
        let (websocket, _) = within("the upgrade", client_async(request, stream))
            .await
            .unwrap();
        Self::of(websocket)
    }

    /// Joins a channel with the smallest receive buffer there is.
    pub(crate) async fn connect_narrow(address: SocketAddr, channel: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(1).unwrap();
        Self::open(socket.connect(address).await.unwrap(), channel, None)
            .await
            .unwrap()
    }

    async fn open(
        stream: TcpStream,
        channel: &str,
        protocol: Option<&str>,
    ) -> Result<Self, Box<Error>> {
        let mut client = Self::upgrade(stream, channel, protocol).await?;
        if protocol.is_some_and(|protocol| protocol.contains(CATNEST)) {
            let welcome = client.next().await;
            let id = welcome["id"].as_str().unwrap().to_owned();
            let ping = &welcome["ping"];
            let mut expected = json!({"type": "welcome", "id": id, "ping": ping});
            if welcome["relay"] == true {
                expected["relay"] = true.into();
            }
            assert_eq!(welcome, expected);
            client.welcomed = Some(id);
        }
        Ok(client)
    }

    async fn upgrade(
        stream: TcpStream,
        channel: &str,
        protocol: Option<&str>,
    ) -> Result<Self, Box<Error>> {
        let address = stream.peer_addr().unwrap();
        let url = format!("ws://{address}/webrtc/{channel}");
        let mut request = url.into_client_request().unwrap();
        if let Some(protocol) = protocol {
            let value = HeaderValue::from_str(protocol).unwrap();
            request
                .headers_mut()
                .insert("sec-websocket-protocol", value);
        }
        let (websocket, response) = within("the upgrade", client_async(request, stream))
            .await
            .map_err(Box::new)?;
        let selected = response.headers().get("sec-websocket-protocol");
        let expected = protocol
            .filter(|protocol| protocol.contains(CATNEST))
            .map(|_| CATNEST);
        assert_eq!(selected.map(|value| value.to_str().unwrap()), expected);
        Ok(Self::of(websocket))
    }

    /// Tries to join, and is refused: status and text.
    pub(crate) async fn refused(address: SocketAddr, channel: &str) -> (u16, String) {
        let stream = TcpStream::connect(address).await.unwrap();
        match Self::open(stream, channel, None)
            .await
            .map_err(|error| *error)
        {
            Err(Error::Http(response)) => {
                let text = response.body().clone().unwrap_or_default();
                (response.status().as_u16(), String::from_utf8(text).unwrap())
            }
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("{channel:?} was let in"),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Client<S> {
    /// What speaks through a stream of its own.
    pub(crate) fn of(websocket: WebSocketStream<S>) -> Self {
        Self {
            websocket,
            welcomed: None,
        }
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.send_raw(Message::text(message.to_string())).await;
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        within("room to send", self.websocket.send(message))
            .await
            .unwrap();
    }

    /// Sends something that the server may refuse before it has come through, while reading: the close it gets.
    pub(crate) async fn send_to_be_closed(self, message: Message) -> (u16, String) {
        let (mut sink, mut stream) = self.websocket.split();
        // Whether it comes through is the server's business.
        let sending = tokio::spawn(async move {
            let _ = sink.send(message).await;
            sink
        });
        let close = within("a close", close_of(&mut stream)).await;
        sending.abort();
        close
    }

    /// Sends the same again and again, until the server has enough: the close it gets.
    pub(crate) async fn send_on_until_closed(self, message: Message) -> (u16, String) {
        let (mut sink, mut stream) = self.websocket.split();
        let sending =
            tokio::spawn(async move { while sink.send(message.clone()).await.is_ok() {} });
        let close = within("a close", close_of(&mut stream)).await;
        sending.abort();
        close
    }

    /// Sends something that the server refuses: the code of the close it gets, after which the connection must live on
    /// for a while.
    pub(crate) async fn send_and_stay_connected(self, message: Message, stays: Duration) -> u16 {
        let (mut sink, mut stream) = self.websocket.split();
        let sending = tokio::spawn(async move { sink.send(message).await });
        let code = match within("a close", stream.next()).await {
            Some(Ok(Message::Close(Some(CloseFrame { code, .. })))) => code.into(),
            other => panic!("a close was expected: {other:?}"),
        };
        let end = tokio::time::timeout(stays, stream.next()).await;
        assert!(end.is_err(), "the connection ended at once: {end:?}");
        sending.abort();
        code
    }

    /// The next text.
    pub(crate) async fn text(&mut self) -> String {
        // The deadline is for all of it: the server's pings would renew one for each message.
        within("a message", async {
            loop {
                match self.websocket.next().await {
                    Some(Ok(Message::Text(text))) => return text.to_string(),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    other => panic!("a text was expected: {other:?}"),
                }
            }
        })
        .await
    }

    /// The next text, as JSON.
    pub(crate) async fn next(&mut self) -> Value {
        serde_json::from_str(&self.text().await).unwrap()
    }

    /// The next text, which is a push: the id in it.
    pub(crate) async fn push(&mut self) -> String {
        let message = self.next().await;
        assert_eq!(message["type"], "push", "{message}");
        message["id"].as_str().unwrap().to_owned()
    }

    /// The next text, or the close that comes in its place.
    pub(crate) async fn next_or_close(&mut self) -> Result<Value, (u16, String)> {
        match within("a message", self.websocket.next()).await {
            Some(Ok(Message::Text(text))) => Ok(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                Err((code.into(), reason.to_string()))
            }
            other => panic!("a text or a close was expected: {other:?}"),
        }
    }

    /// Reads on until the server closes, and answers that: the code and the reason.
    pub(crate) async fn closed(mut self) -> (u16, String) {
        within("a close", async {
            let close = close_of(&mut self.websocket).await;
            while let Some(Ok(_)) = self.websocket.next().await {}
            close
        })
        .await
    }

    /// Says goodbye.
    pub(crate) async fn leave(mut self) {
        within("the server's answer", async {
            self.websocket.close(None).await.unwrap();
            while let Some(Ok(_)) = self.websocket.next().await {}
        })
        .await;
    }

    /// Vanishes.
    pub(crate) fn drop_connection(self) {
        drop(self);
    }
}

/// Reads to the close frame.
async fn close_of(
    stream: &mut (impl StreamExt<Item = Result<Message, Error>> + Unpin),
) -> (u16, String) {
    loop {
        match stream.next().await {
            Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                return (code.into(), reason.to_string());
            }
            Some(Ok(Message::Close(None))) => panic!("a close without a code"),
            Some(Ok(_)) => {}
            other => panic!("a close was expected: {other:?}"),
        }
    }
}

/// Two members talk, and what each hears next is what the other said.
pub(crate) async fn talk(a: &mut Peer, b: &mut Peer) {
    let offer = json!({"type": "offer", "sdp": "v=0 from a"});
    let answer = json!({"type": "answer", "sdp": "v=0 from b"});
    a.client.send(json!({"id": b.id, "offer": offer})).await;
    assert_eq!(b.client.next().await, json!({"id": a.id, "offer": offer}));
    b.client.send(json!({"id": a.id, "answer": answer})).await;
    assert_eq!(a.client.next().await, json!({"id": b.id, "answer": answer}));
}
