//! The daemon with links on which nothing is said: what each costs.
//!
//! The peers are devices of the native engine in this process, and all of them are in all channels: a device has one link to
//! each neighbour in each channel, so that a few are enough. The figures are those of the daemon's process alone, and each
//! link has its two connections, as links have.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, Result, ensure};
use catnest::{
    chat::retention::Retention, entropy::Entropy, node::Command as Order,
    store::memory::MemoryStore,
};
use catnest_host::peer::engine::Engine;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::{Instant, sleep},
};

use crate::server::{Server, rss};

/// Peers: as many as a device wants links in a channel, so that everybody is linked to everybody.
const PEERS: usize = 4;
/// Channels that all of them are in.
const CHANNELS: usize = 25;
const LINKS: usize = PEERS * CHANNELS;
/// How long the links may take to be there.
const LINKING: Duration = Duration::from_secs(300);
/// After that, until second connections are there and what was learned of each other is told.
const SETTLING: Duration = Duration::from_secs(30);
/// What is measured.
const IDLE: Duration = Duration::from_secs(60);
/// Between two questions to the daemon, of which none is asked while it is measured.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// Measures it.
///
/// # Errors
/// When something does not run, or not all links come up or stay.
pub(crate) async fn run(host: &Path, json: bool) -> Result<()> {
    let server = Server::start_catnest(host).await?;
    let daemon = Daemon::start(host).await?;
    let address = |channel: usize| format!("webrtc://{}/idle{channel}", server.address);
    for channel in 0..CHANNELS {
        daemon.ask(&["join", &address(channel)]).await?;
    }
    sleep(SETTLING).await;
    let alone = rss(daemon.process.id())?;

    let mut peers = Vec::new();
    for number in 0..PEERS {
        let mut seed = [0; 32];
        seed[0] = u8::try_from(number)?;
        let open = || Ok(MemoryStore::default());
        let peer = Engine::start(Entropy::from_seed(seed), open)?;
        let name = format!("peer {number}");
        peer.command(Order::SetName { name }).await?;
        for channel in 0..CHANNELS {
            let join = Order::Join {
                address: address(channel),
                retention: Retention::Forever,
            };
            peer.command(join).await?;
        }
        peers.push(peer);
    }
    let deadline = Instant::now() + LINKING;
    while daemon.links().await? < LINKS {
        ensure!(Instant::now() < deadline, "not all links came up");
        sleep(ASK_AGAIN).await;
    }
    sleep(SETTLING).await;
    ensure!(daemon.links().await? == LINKS, "links went again");

    let (before, began) = (daemon.cpu_seconds().await?, Instant::now());
    sleep(IDLE).await;
    let busy = daemon.cpu_seconds().await? - before;
    let cpu_percent = 100.0 * busy / began.elapsed().as_secs_f64();
    let linked = rss(daemon.process.id())?;
    ensure!(
        daemon.links().await? == LINKS,
        "links went while it was measured"
    );
    for peer in peers {
        peer.stop().await;
    }

    let per_link = linked.saturating_sub(alone) / LINKS as u64;
    println!("links                {LINKS}");
    println!("RSS without links    {:.1} MB", megabytes(alone));
    println!("RSS with them        {:.1} MB", megabytes(linked));
    println!("RSS for each link    {:.1} kB", per_link as f64 / 1e3);
    println!(
        "CPU                  {cpu_percent:.2} % of a core, for {} s",
        IDLE.as_secs()
    );
    if json {
        let figures = json!({
            "rss_per_link_bytes": per_link,
            "cpu_percent": (cpu_percent * 100.0).round() / 100.0,
        });
        println!("{figures}");
    }
    Ok(())
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// A daemon in a home of its own; killed when dropped.
struct Daemon<'a> {
    host: &'a Path,
    home: tempfile::TempDir,
    process: Child,
}

impl<'a> Daemon<'a> {
    async fn start(host: &'a Path) -> Result<Self> {
        let home = tempfile::tempdir()?;
        let mut process = command(host, &home)
            .args(["daemon", "--log", "warn"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot run {}", host.display()))?;
        let stdout = process.stdout.take().context("a piped stdout")?;
        let line = BufReader::new(stdout).lines().next_line().await?;
        let listens = line.is_some_and(|line| line.starts_with("listening on "));
        ensure!(listens, "the daemon did not come up");
        Ok(Self {
            host,
            home,
            process,
        })
    }

    fn id(&self) -> Result<u32> {
        self.process.id().context("the daemon has ended")
    }

    /// Asks it something by the command line.
    async fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let answer = command(self.host, &self.home)
            .args(arguments)
            .arg("--json")
            .output()
            .await?;
        let said = String::from_utf8_lossy(&answer.stderr);
        ensure!(answer.status.success(), "{arguments:?}: {said}");
        Ok(serde_json::from_slice(&answer.stdout)?)
    }

    async fn links(&self) -> Result<usize> {
        let status = self.ask(&["status"]).await?;
        let count = |way: &str| status["links"][way].as_u64().context("a number of links");
        Ok(usize::try_from(count("direct")? + count("relayed")?)?)
    }

    /// What it has computed since its start (`utime` and `stime` of proc(5), of all its threads).
    async fn cpu_seconds(&self) -> Result<f64> {
        let path = format!("/proc/{}/stat", self.id()?);
        let stat = tokio::fs::read_to_string(&path).await?;
        // The name before may have anything in it.
        let (_, rest) = stat.rsplit_once(") ").context("a line of proc(5)")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        let ticks = |at: usize| -> Result<u64> {
            let field = fields.get(at).context("a field of proc(5)")?;
            Ok(field.parse()?)
        };
        let output = Command::new("getconf").arg("CLK_TCK").output().await?;
        let a_second: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
        Ok((ticks(11)? + ticks(12)?) as f64 / a_second)
    }
}

/// The binary, in a home of its own.
fn command(host: &Path, home: &tempfile::TempDir) -> Command {
    let mut command = Command::new(host);
    command.env("HOME", home.path());
    for variable in [
        "RUST_LOG",
        "XDG_DATA_HOME",
        "XDG_CONFIG_HOME",
        "XDG_RUNTIME_DIR",
    ] {
        command.env_remove(variable);
    }
    command
}
