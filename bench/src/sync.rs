//! Two logs of 100,000 records that differ in every hundredth, compared at once.

use std::time::Instant;

use anyhow::{Context, Result};
use catnest::{
    limits,
    sync::rehearsal::{Case, Figures, fill, meet},
};
use catnest_host::store::SqliteStore;
use serde_json::{Value, json};

/// Measures over SQLite, and prints what it found beside the rows of others.
pub(crate) async fn run(rows: &[String], json: bool) -> Result<()> {
    let mut all = Vec::new();
    for case in Case::ALL {
        let (figures, seconds) = measure(case, usize::MAX).await?;
        all.push(serde_json::from_str(&figures.row(case, "native", seconds))?);
    }
    for row in rows {
        let row: Value = serde_json::from_str(row).with_context(|| format!("a row: {row}"))?;
        all.push(row);
    }
    for row in &all {
        print(row);
    }
    println!(
        "as devices compare them, {} at once:",
        limits::MAX_COMPARED_RECORDS
    );
    for case in Case::ALL {
        let (figures, seconds) = measure(case, limits::MAX_COMPARED_RECORDS).await?;
        print(&serde_json::from_str(
            &figures.row(case, "native", seconds),
        )?);
    }
    if json {
        println!("{}", json!({ "rows": all }));
    }
    Ok(())
}

fn print(row: &Value) {
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    println!(
        "{:8} {:10} {:>3} round trips, {:>8} bytes of which {:>7} are records, {:.2} s",
        text("case"),
        text("where"),
        row["round_trips"],
        row["bytes"],
        row["record_bytes"],
        row["seconds"].as_f64().unwrap_or_default(),
    );
}

async fn measure(case: Case, slice: usize) -> Result<(Figures, f64)> {
    let folders = [tempfile::tempdir()?, tempfile::tempdir()?];
    let [one, other] = &folders;
    let sides = [
        &SqliteStore::open(one.path())?,
        &SqliteStore::open(other.path())?,
    ];
    fill(sides, case).await?;
    let began = Instant::now();
    let figures = meet(sides, slice).await?;
    Ok((figures, began.elapsed().as_secs_f64()))
}
