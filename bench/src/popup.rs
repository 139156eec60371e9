//! How long the popup takes from opening to where a person can read and write, in a nest with a long log.

use anyhow::{Context, Result, ensure};
use catnest_e2e::{
    browser::{Browser, Window},
    stage::Stage,
    target_dir, wait,
};
use serde_json::json;

const OPENINGS: usize = 20;
const LOG: u64 = 10_000;

/// The newest messages are on the screen and the composer takes text: when that was, in milliseconds since the page was
/// opened, or nothing.
const INTERACTIVE: &str =
    "return performance.getEntriesByName('interactive')[0]?.startTime ?? null";

/// Measures, and prints what it found.
pub(crate) async fn run(wasm_gz_bytes: u64, json: bool) -> Result<()> {
    let mut stage = Stage::set(target_dir("bench").join("popup"), Window::Headless)?;
    stage.join("咪咪", "nest").await?;
    let browser = stage.browser("咪咪")?;
    browser.to_front().await?;
    browser.install_view().await?;
    let address = format!("webrtc://{}/nest", stage.host.address);
    browser.import_log(&address, LOG).await?;
    let mut times = Vec::new();
    for _ in 0..OPENINGS {
        browser.open("about:blank").await.ok();
        times.push(open_once(browser).await?);
    }
    times.sort_by(f64::total_cmp);
    let percentile = |percent: usize| times[(OPENINGS * percent).div_ceil(100) - 1].round();
    let (p50, p95) = (percentile(50), percentile(95));
    println!(
        "popup over {LOG} messages: interactive after {p50} ms (median), {p95} ms (95 % of {OPENINGS})"
    );
    println!("views: {wasm_gz_bytes} bytes of compressed wasm");
    if json {
        let line = json!({
            "interactive_ms_p50": p50,
            "interactive_ms_p95": p95,
            "wasm_gz_bytes": wasm_gz_bytes,
        });
        println!("{line}");
    }
    Ok(())
}

async fn open_once(browser: &Browser) -> Result<f64> {
    browser.open("popup.html").await?;
    let time = wait::until("the popup is interactive", async || {
        Ok(browser.js(INTERACTIVE).await?.as_f64())
    })
    .await
    .context("opening the popup")?;
    let newest = format!("#{} ", LOG - 1);
    let shown = browser
        .js(&format!(
            "return document.querySelector('[data-testid=log]').textContent.includes({newest:?})"
        ))
        .await?;
    ensure!(shown == true, "the newest message is not on the screen");
    Ok(time)
}
