//! The TURN servers that are measured, each a process of its own.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::{sleep, timeout},
};

use crate::server;

/// Coturn says nowhere that it listens.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A running server; killed when dropped.
pub(crate) struct TurnServer {
    process: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    _directory: TempDir,
}

impl TurnServer {
    /// Starts ours, without a limit that the load could reach.
    pub(crate) async fn start_ours(binary: &Path, secret: &str) -> Result<Self> {
        let directory = TempDir::new()?;
        let file = directory.path().join("secret");
        std::fs::write(&file, secret)?;
        let unlimited = u32::MAX.to_string();
        let mut process = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn"])
            .args(["--turn-listen", "127.0.0.1:0", "--turn-secret-file"])
            .arg(&file)
            .args(["--turn-allocation-rate", &unlimited])
            .args(["--turn-total-rate", &unlimited])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot run {}", binary.display()))?;
        let stdout = process.stdout.take().context("a piped stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let address = loop {
            let line = lines.next_line().await?.context("the server ended")?;
            if let Some(address) = line.strip_prefix("turn on ") {
                break address.parse()?;
            }
        };
        Ok(Self {
            process,
            address,
            _directory: directory,
        })
    }

    /// Starts the distribution's coturn, with the same secret and on the same interface.
    pub(crate) async fn start_coturn(secret: &str) -> Result<Self> {
        let directory = TempDir::new()?;
        // It takes no port 0.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let file = |name: &str| directory.path().join(name);
        let process = Command::new("turnserver")
            .args([
                "-n",
                "--no-cli",
                "--no-tls",
                "--no-dtls",
                "--no-stdout-log",
                "--simple-log",
            ])
            .args(["--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1"])
            .args(["-p", &free.port().to_string(), "--allow-loopback-peers"])
            .args([
                "--use-auth-secret",
                "--static-auth-secret",
                secret,
                "-r",
                "catnest",
            ])
            .arg("--userdb")
            .arg(file("users"))
            .arg("--pidfile")
            .arg(file("pid"))
            .arg("--log-file")
            .arg(file("log"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("cannot run turnserver, of the package coturn")?;
        let listens = async {
            while TcpStream::connect(free).await.is_err() {
                sleep(LOOK_AGAIN).await;
            }
        };
        timeout(PATIENCE, listens)
            .await
            .context("coturn does not listen")?;
        Ok(Self {
            process,
            address: free,
            _directory: directory,
        })
    }

    /// The memory it holds, in bytes.
    pub(crate) fn rss(&self) -> Result<u64> {
        server::rss(self.process.id())
    }
}
