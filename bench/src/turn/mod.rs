//! Relays: ours beside coturn's, under the load of coturn's own client.
//!
//! Clients come in pairs, whose relays reach each other: each message crosses the server twice. The client sends as fast as
//! it can, counts once a second what has come back, and takes a core for itself.

mod servers;

use std::{path::Path, process::Stdio, time::Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use self::servers::TurnServer;
use crate::report::median;

/// Rounds of each server: an odd number has a middle.
const ROUNDS: usize = 5;
/// Bytes of a message: what a browser's data channel sends at once.
const MESSAGE_BYTES: usize = 1200;
/// Messages of each client. The client begins slowly and ends when the last of them has come or was lost.
const MESSAGES: usize = 40_000;
/// Clients: two pairs, so that more than one relay is busy.
const CLIENTS: usize = 4;
/// The secret of both.
const SECRET: &str = "north-of-everything";

/// What one server does.
#[derive(Clone, Copy)]
struct Round {
    mbit: f64,
    rss_mb: f64,
    /// Of all messages, in percent.
    lost: f64,
}

/// Measures both in turns.
///
/// # Errors
/// When a server or the client does not run.
pub(crate) async fn run(host: &Path, json: bool) -> Result<()> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // In turns: whatever else the machine does meets both.
    for _ in 0..ROUNDS {
        ours.push(round(TurnServer::start_ours(host, SECRET).await?).await?);
        theirs.push(round(TurnServer::start_coturn(SECRET).await?).await?);
    }
    let middle = |rounds: &[Round], figure: fn(&Round) -> f64| {
        median(&rounds.iter().map(figure).collect::<Vec<_>>())
    };
    let figures = |rounds: &[Round]| Round {
        mbit: middle(rounds, |round| round.mbit),
        rss_mb: middle(rounds, |round| round.rss_mb),
        lost: middle(rounds, |round| round.lost),
    };
    let (ours, theirs) = (figures(&ours), figures(&theirs));
    println!(
        "{:14}  {:>10}  {:>8}  {:>8}",
        "server", "Mbit/s", "RSS MB", "lost %"
    );
    for (name, Round { mbit, rss_mb, lost }) in [("catnest-host", ours), ("coturn", theirs)] {
        println!("{name:14}  {mbit:>10.0}  {rss_mb:>8.1}  {lost:>8.2}");
    }
    let ratio = ours.mbit / theirs.mbit;
    if json {
        let figures = json!({
            "ours_mbit": ours.mbit.round(),
            "coturn_mbit": theirs.mbit.round(),
            "ratio": (ratio * 1000.0).round() / 1000.0,
            "ours_rss_mb": (ours.rss_mb * 10.0).round() / 10.0,
            "coturn_rss_mb": (theirs.rss_mb * 10.0).round() / 10.0,
        });
        println!("{figures}");
    } else {
        println!("ratio: {ratio:.2}");
    }
    Ok(())
}

/// One run of the client.
async fn round(server: TurnServer) -> Result<Round> {
    let mut client = Command::new("turnutils_uclient")
        .args(["-W", SECRET, "-u", "cat", "-y", "-c", "-z", "0"])
        .args([
            "-l",
            &MESSAGE_BYTES.to_string(),
            "-n",
            &MESSAGES.to_string(),
        ])
        .args(["-m", &CLIENTS.to_string()])
        .args([
            "-p",
            &server.address.port().to_string(),
            &server.address.ip().to_string(),
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("cannot run turnutils_uclient, of the package coturn")?;
    let stdout = client.stdout.take().context("a piped stdout")?;
    let mut lines = BufReader::new(stdout).lines();
    // What had come at the first and at the last look at it while messages were coming.
    let (mut first, mut last) = (None, None);
    let mut all = Vec::new();
    let mut lost = None;
    while let Some(line) = lines.next_line().await? {
        if let Some(bytes) = counted(&line)
            && bytes > 0.0
        {
            let look = (Instant::now(), bytes);
            first.get_or_insert(look);
            // The last looks see no more coming.
            if last.is_none_or(|(_, before)| before < bytes) {
                last = Some(look);
            }
        }
        lost = lost.or_else(|| percent_lost(&line));
        all.push(line);
    }
    let status = client.wait().await?;
    ensure!(
        status.success(),
        "coturn's client failed:\n{}",
        all.join("\n")
    );
    let said = || format!("coturn's client said:\n{}", all.join("\n"));
    let ((began, before), (ended, after)) = first.zip(last).with_context(said)?;
    let seconds = ended.duration_since(began).as_secs_f64();
    ensure!(seconds > 1.0, "too short to be measured; {}", said());
    Ok(Round {
        mbit: (after - before) * 8.0 / 1e6 / seconds,
        rss_mb: server.rss()? as f64 / 1e6,
        lost: lost.with_context(said)?,
    })
}

/// What one of the lines that come each second says has been received so far.
fn counted(line: &str) -> Option<f64> {
    if !line.contains("msz=") {
        return None;
    }
    let (_, bytes) = line.split_once("tot_recv_bytes ~ ")?;
    bytes.trim().parse().ok()
}

fn percent_lost(line: &str) -> Option<f64> {
    let (_, rest) = line.split_once("Total lost packets ")?;
    let (_, percent) = rest.split_once('(')?;
    percent.split('%').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_lines_are_read() {
        let second = "4: : start_mclient: msz=4, tot_send_msgs=20, tot_recv_msgs=19, tot_send_bytes ~ 4000, tot_recv_bytes ~ 3800";
        assert_eq!(counted(second), Some(3800.0));
        let end = "6: : start_mclient: tot_send_bytes ~ 16000, tot_recv_bytes ~ 16000";
        assert_eq!(counted(end), None);
        let lost = "6: : Total lost packets 2 (2.500000%), total send dropped 0 (0.000000%)";
        assert_eq!((percent_lost(lost), percent_lost(end)), (Some(2.5), None));
    }
}
