//! Measures what is shipped: signalling servers under load, files on their way, music, relays, idle links, the popup.
//!
//! `cargo xtask bench` builds and runs this. Everything is on loopback, and the load comes from the same machine
//! as the server, so a rate is good for comparing two servers in one run and for little else.
#![expect(
    clippy::print_stdout,
    reason = "a command-line tool: printing is its job"
)]

mod idle;
mod load;
mod log;
mod music;
mod pair;
mod popup;
mod report;
mod server;
mod sync;
mod turn;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::{
    load::{Figures, Plan},
    report::Beside,
    server::{PeerServer, Server},
};

/// Rounds of each server when two are compared: an odd number has a middle.
const ROUNDS: usize = 3;
/// Sockets of one process, and some for everything else.
const OPEN_FILES: u64 = 8192;

/// Measures what is shipped.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The signalling server.
    Signal {
        /// The binary of catnest-host.
        #[arg(long)]
        host: PathBuf,
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
        /// Measure PeerServer too, whose npm package is in this folder.
        #[arg(long, value_name = "PACKAGE")]
        beside: Option<PathBuf>,
    },
    /// A file from one device to another.
    Pair {
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
        /// Only this pair, such as `chromium-host`.
        #[arg(long)]
        only: Option<String>,
    },
    /// One end of a bare data channel, for `pair`.
    #[command(hide = true)]
    Bare,
    /// Two long logs.
    Sync {
        /// What was measured elsewhere: an object in JSON.
        #[arg(long = "row")]
        rows: Vec<String>,
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// A long log beside an empty one.
    Log {
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Music that plays while it comes.
    Music {
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
        /// Only this case: `uncapped` or `10mbit`.
        #[arg(long)]
        only: Option<String>,
        /// Fewer starts than usual, to try it.
        #[arg(long)]
        starts: Option<u32>,
    },
    /// The device that plays, for `music`.
    #[command(hide = true)]
    MusicListener {
        /// The server, as `127.0.0.1:port`.
        #[arg(long)]
        server: String,
        /// The server is in another network.
        #[arg(long)]
        relay: bool,
        /// How many tracks there are.
        #[arg(long)]
        starts: usize,
        /// Where logs go.
        #[arg(long)]
        folder: PathBuf,
    },
    /// Relays, beside coturn's.
    Turn {
        /// The binary of catnest-host.
        #[arg(long)]
        host: PathBuf,
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// The daemon with idle links.
    Idle {
        /// The binary of catnest-host.
        #[arg(long)]
        host: PathBuf,
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// The popup.
    Popup {
        /// How large the views' wasm is, compressed.
        #[arg(long)]
        wasm_gz_bytes: u64,
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().what {
        What::Signal { host, json, beside } => signal(host, json, beside).await,
        What::Pair { json, only } => pair::run(json, only.as_deref()).await,
        What::Bare => pair::bare::run().await,
        What::Sync { rows, json } => sync::run(&rows, json).await,
        What::Log { json } => log::run(json).await,
        What::Music { json, only, starts } => music::run(json, only.as_deref(), starts).await,
        What::MusicListener {
            server,
            relay,
            starts,
            folder,
        } => music::listener::run(&server, relay, starts, &folder).await,
        What::Turn { host, json } => turn::run(&host, json).await,
        What::Idle { host, json } => idle::run(&host, json).await,
        What::Popup {
            wasm_gz_bytes,
            json,
        } => popup::run(wasm_gz_bytes, json).await,
    }
}

async fn signal(host: PathBuf, json: bool, beside: Option<PathBuf>) -> Result<()> {
    // The server inherits it.
    rlimit::increase_nofile_limit(OPEN_FILES).context("raising the limit of open files")?;
    let plan = Plan::full();
    let (ours, beside) = match beside {
        None => (round_of_ours(&host, &plan).await?, None),
        Some(package) => {
            let peer = PeerServer::find(package)?;
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            // In turns: whatever else the machine does meets both.
            for _ in 0..ROUNDS {
                ours.push(round_of_ours(&host, &plan).await?);
                theirs.push(load::measure(&Server::start_peer(&peer).await?, &plan).await?);
            }
            let beside = Beside {
                version: peer.version,
                figures: Figures::medians(&theirs),
            };
            (Figures::medians(&ours), Some(beside))
        }
    };
    print!("{}", report::table(&ours, beside.as_ref()));
    if json {
        println!("{}", report::json(&plan, &ours, beside.as_ref()));
    }
    Ok(())
}

async fn round_of_ours(host: &std::path::Path, plan: &Plan) -> Result<Figures> {
    load::measure(&Server::start_catnest(host).await?, plan).await
}
