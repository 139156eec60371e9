//! How fast a file goes from one device to another, beside a bare data channel between the same two ends.
//!
//! The ends are Chromium with the extension, and `catnest-host`. In each round the file goes first, then as many bytes
//! over a data channel that only counts them, between pages of the same two browsers, or programs with the library that
//! the host uses; what else the machine does meets both.

pub(crate) mod bare;
mod ends;

use anyhow::Result;
use catnest_e2e::{browser::Window, stage::Stage, target_dir};
use serde_json::{Value, json};

use self::ends::{End, Pair};

/// What is sent in each round.
const BYTES: u64 = 64 * 1024 * 1024;
/// An odd number has a middle.
const ROUNDS: usize = 5;

const PAIRS: [(End, End); 4] = [
    (End::Chromium, End::Chromium),
    (End::Chromium, End::Host),
    (End::Host, End::Chromium),
    (End::Host, End::Host),
];

/// Measures, and prints what it found.
pub(crate) async fn run(json: bool, only: Option<&str>) -> Result<()> {
    let mut rows: Vec<Value> = Vec::new();
    for (from, to) in PAIRS {
        let name = format!("{from}-{to}");
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let folder = target_dir("bench").join("pair").join(&name);
        let mut stage = Stage::set(folder, Window::Headless)?;
        let mut pair = Pair::set_up(&mut stage, from, to).await?;
        let (mut times, mut bare) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            times.push(pair.send_file(round, BYTES).await?);
            bare.push(pair.send_bare(BYTES).await?);
        }
        let peaks = pair.peaks()?;
        let (seconds, raw_seconds) = (median(&mut times), median(&mut bare));
        let rate = |seconds: f64| BYTES as f64 / 1e6 / seconds;
        let (ours, raw) = (rate(seconds), rate(raw_seconds));
        println!(
            "{name:20}  {ours:6.1} MB/s, bare {raw:6.1} MB/s, ratio {:.2}; peak memory {:.0} and {:.0} MiB",
            ours / raw,
            mib(peaks.0),
            mib(peaks.1)
        );
        rows.push(json!({
            "pair": name,
            "bytes": BYTES,
            "seconds": seconds,
            "mb_per_s": ours,
            "raw_mb_per_s": raw,
            "ratio": ours / raw,
            "peak_bytes_from": peaks.0,
            "peak_bytes_to": peaks.1,
        }));
    }
    if json {
        println!("{}", json!({ "rows": rows }));
    }
    Ok(())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}
