//! The figures, for people and for programs.

use serde_json::{Value, json};

use crate::load::{Figures, Plan};

/// What one idle socket may cost.
const GOAL_BYTES: f64 = 24.0 * 1024.0;

/// The figures of PeerServer.
pub(crate) struct Beside {
    /// Its version.
    pub(crate) version: String,
    /// What was measured.
    pub(crate) figures: Figures,
}

/// The one in the middle of several; nothing of none.
pub(crate) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.get(sorted.len().saturating_sub(1) / 2..=sorted.len() / 2);
    middle.map_or(0.0, |middle| {
        middle.iter().sum::<f64>() / middle.len() as f64
    })
}

/// The largest of several; nothing of none.
pub(crate) fn worst(figures: &[f64]) -> f64 {
    figures.iter().copied().fold(0.0, f64::max)
}

/// A table, and whether the goal is met.
pub(crate) fn table(ours: &Figures, beside: Option<&Beside>) -> String {
    let mut text = format!(
        "{:20}  {:>12}  {:>12}\n",
        "server", "KiB a socket", "relayed a s"
    );
    let mut row = |name: &str, figures: &Figures| {
        let kib = figures.rss_bytes_per_socket / 1024.0;
        text += &format!("{name:20}  {kib:>12.1}  {:>12.0}\n", figures.relayed_per_s);
    };
    row("catnest-host", ours);
    if let Some(Beside { version, figures }) = beside {
        row(&format!("peer {version}"), figures);
    }
    let verdict = if ours.rss_bytes_per_socket <= GOAL_BYTES {
        "met"
    } else {
        "MISSED"
    };
    text += &format!("goal: {} KiB a socket: {verdict}\n", GOAL_BYTES / 1024.0);
    text
}

/// One object. Ratios are ours by theirs.
pub(crate) fn json(plan: &Plan, ours: &Figures, beside: Option<&Beside>) -> Value {
    let mut value = json!({
        "sockets": plan.sockets(),
        "rss_bytes_per_socket": ours.rss_bytes_per_socket.round() as u64,
        "relayed_per_s": ours.relayed_per_s.round() as u64,
    });
    if let Some(Beside { version, figures }) = beside {
        value["beside"] = json!({
            "name": "peer",
            "version": version,
            "rss_bytes_per_socket": figures.rss_bytes_per_socket.round() as u64,
            "relayed_per_s": figures.relayed_per_s.round() as u64,
            "ratio_rss": ours.rss_bytes_per_socket / figures.rss_bytes_per_socket,
            "ratio_relayed": ours.relayed_per_s / figures.relayed_per_s,
        });
    }
    value
}
