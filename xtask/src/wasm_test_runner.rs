//! What cargo calls for each wasm test file: wasm-bindgen's test runner, driving headless Chromium.
//!
//! The runner takes its settings from the environment. `cargo xtask test` sets it for all files at
//! once; called by a plain `cargo test --target wasm32-unknown-unknown`, this calls itself once more
//! with the environment set, because a process cannot safely change its own.

use std::{
    env,
    ffi::OsString,
    fs, iter,
    path::PathBuf,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};
use serde_json::json;
use wasm_bindgen_cli::wasm_bindgen_test_runner;

use crate::{
    paths,
    setup::{self, Chromium},
};

/// The variable that names the file of WebDriver capabilities. Its presence means: configured.
const CAPABILITIES: &str = "WASM_BINDGEN_TEST_WEBDRIVER_JSON";

/// The variable that says how long all tests of one file may take, in seconds.
pub(crate) const TIMEOUT: &str = "WASM_BINDGEN_TEST_TIMEOUT";

/// Seconds for all tests of one file. The runner's own 20 are too few on two busy cores.
const TEST_TIMEOUT: &str = "300";

/// Seconds for ChromeDriver to listen, likewise.
const DRIVER_TIMEOUT: &str = "60";

/// Runs one file of tests, given with the harness' arguments.
///
/// # Errors
/// When a test fails or the browser cannot start.
pub(crate) fn command(args: Vec<OsString>) -> Result<ExitCode> {
    if env::var_os(CAPABILITIES).is_some() {
        let name = OsString::from("wasm-bindgen-test-runner");
        wasm_bindgen_test_runner::run_cli_with_args(iter::once(name).chain(args))?;
        return Ok(ExitCode::SUCCESS);
    }
    let own = env::current_exe().context("where is xtask?")?;
    let mut again = Command::new(own);
    again.arg("wasm-test-runner").args(args);
    configure(&mut again, &setup::chromium()?)?;
    let status = again.status().context("cannot run the wasm test runner")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Sets the environment in which the runner, and whatever calls it, finds its browser.
///
/// # Errors
/// When the file of capabilities cannot be written.
pub(crate) fn configure(command: &mut Command, chromium: &Chromium) -> Result<()> {
    command
        .env("CHROMEDRIVER", &chromium.driver)
        // For tests that do not say where they run; these are all for a browser.
        .env("WASM_BINDGEN_USE_BROWSER", "1")
        .env(TIMEOUT, TEST_TIMEOUT)
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", DRIVER_TIMEOUT)
        .env(CAPABILITIES, write_capabilities(chromium)?)
        // A GeckoDriver named here would be taken first.
        .env_remove("GECKODRIVER");
    Ok(())
}

fn write_capabilities(chromium: &Chromium) -> Result<PathBuf> {
    let capabilities = json!({
        "goog:chromeOptions": {
            "binary": chromium.browser,
            "args": [
                "--headless=new",
                // As root, which CI is, Chromium starts in no other way.
                "--no-sandbox",
                "--disable-gpu",
                // As in the extension's offscreen document, which nobody clicks in.
                "--autoplay-policy=no-user-gesture-required",
                // A test talks to nobody, and neither does the browser around it.
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-quic",
                "--disable-sync",
                "--no-first-run",
            ],
        },
    });
    let folder = paths::scratch("xtask");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let path = folder.join("webdriver.json");
    fs::write(&path, capabilities.to_string())
        .with_context(|| format!("writing {}", path.display()))?;
    Ok(path)
}
