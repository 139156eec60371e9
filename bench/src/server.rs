//! The servers that are measured, each a process of its own on a free port.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// Limits that the server sets to one address, where all of the load comes from; a server may have them or not.
const LIMITS: [&str; 5] = [
    "--max-sockets-per-address",
    "--socket-rate",
    "--socket-burst",
    "--address-rate",
    "--address-burst",
];
/// More than the load ever reaches.
const UNLIMITED: &str = "1000000";

/// What a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Ours.
    Catnest,
    /// That of PeerServer.
    Peer,
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    process: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What it speaks.
    pub(crate) dialect: Dialect,
}

/// PeerServer as npm installed it.
pub(crate) struct PeerServer {
    package: PathBuf,
    /// Its version.
    pub(crate) version: String,
}

impl PeerServer {
    /// Looks into its package.
    ///
    /// # Errors
    /// When it is not one.
    pub(crate) fn find(package: PathBuf) -> Result<Self> {
        let path = package.join("package.json");
        let manifest =
            std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let manifest: Value = serde_json::from_slice(&manifest)?;
        let version = manifest["version"].as_str().context("a version")?;
        Ok(Self {
            version: version.to_owned(),
            package,
        })
    }
}

impl Server {
    /// Starts ours.
    ///
    /// # Errors
    /// When the binary is missing or does not come up.
    pub(crate) async fn start_catnest(binary: &Path) -> Result<Self> {
        let help = Command::new(binary)
            .args(["serve", "--help"])
            .output()
            .await;
        let help = help.with_context(|| format!("cannot run {}", binary.display()))?;
        let help = String::from_utf8_lossy(&help.stdout).into_owned();
        let mut command = Command::new(binary);
        command.args(["serve", "--listen", "127.0.0.1:0", "--log", "warn"]);
        for limit in LIMITS.iter().filter(|limit| help.contains(**limit)) {
            command.args([limit, UNLIMITED]);
        }
        let address = |line: &str| line.strip_prefix("listening on http://")?.parse().ok();
        Self::start(command, Dialect::Catnest, address).await
    }

    /// Starts PeerServer, by the command that it installs.
    ///
    /// # Errors
    /// When Node is missing or it does not come up.
    pub(crate) async fn start_peer(peer: &PeerServer) -> Result<Self> {
        let mut command = Command::new("node");
        command
            .arg(peer.package.join("dist/bin/peerjs.js"))
            .args(["--host", "127.0.0.1", "--concurrent_limit", "5000"])
            // Our sockets send no heartbeat; in a minute it would drop them.
            .args(["--alive_timeout", "3600000"])
            // The flag does not take 0, which stands for any free port.
            .env("PORT", "0");
        let address = |line: &str| {
            let (_, rest) = line.split_once("port: ")?;
            let port = rest.split(',').next()?.parse().ok()?;
            Some(SocketAddr::from(([127, 0, 0, 1], port)))
        };
        Self::start(command, Dialect::Peer, address).await
    }

    async fn start(
        mut command: Command,
        dialect: Dialect,
        address: impl Fn(&str) -> Option<SocketAddr>,
    ) -> Result<Self> {
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot run {}", command.as_std().get_program().display()))?;
        let stdout = process.stdout.take().context("a piped stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = lines.next_line().await?.unwrap_or_default();
        let address = address(&line).with_context(|| format!("the server said {line:?}"))?;
        // Read on, so that the server never blocks on a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self {
            process,
            address,
            dialect,
        })
    }

    /// The memory it holds, in bytes.
    ///
    /// # Errors
    /// When the system does not tell; only Linux does, in this way.
    pub(crate) fn rss(&self) -> Result<u64> {
        rss(self.process.id())
    }
}

/// The memory that a process holds, in bytes.
///
/// # Errors
/// When it has ended, or the system does not tell; only Linux does, in this way.
pub(crate) fn rss(process: Option<u32>) -> Result<u64> {
    let id = process.context("the server has ended")?;
    let path = format!("/proc/{id}/status");
    let status = std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let kib: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"))
        .with_context(|| format!("no VmRSS in {path}"))?
        .parse()?;
    ensure!(kib > 0, "the server has ended");
    Ok(kib * 1024)
}
