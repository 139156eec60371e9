//! What all tests share: the real binary on a port of its own, and WebSocket clients that know nothing but JSON.
//!
//! Everything that waits has [`DEADLINE`]. That something does *not* arrive is never waited for: a client's messages
//! come in order, so the test sends one more and sees that it is the next.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

pub(crate) mod client;
pub(crate) mod daemon;
pub(crate) mod pairing;
pub(crate) mod person;
pub(crate) mod sharing;

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

pub(crate) use self::client::{Client, Peer};

/// No wait lasts longer; a busy machine needs far less.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
/// The subprotocol of our own clients, written out: changing it would lock out those already installed.
pub(crate) const CATNEST: &str = "catnest.1";

/// What a process has of the machine's memory, in KiB.
pub(crate) fn resident_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse().unwrap()
}

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
