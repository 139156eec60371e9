//! `cargo xtask bench`: figures of the release build. The measuring itself is the crate `catnest-bench`.

use std::{
    fs,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, ensure};
use clap::Subcommand;

use crate::{
    e2e, extension,
    mode::Mode,
    npm, paths,
    process::{self, cargo},
    setup::{self, Chromium},
    size::Size,
    test, wasm_test_runner,
};

/// PeerServer's version; what it did is in README.md.
const PEER_SERVER: &str = "1.0.2";

/// What can be measured.
#[derive(Clone, Subcommand)]
pub(crate) enum What {
    /// The signalling server: memory for each socket, and messages passed on per second.
    Signal {
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
        /// Measure PeerServer in turns with ours; it is installed by npm.
        #[arg(long)]
        beside: bool,
    },
    /// A file from one device to another, beside a bare data channel between the same two: Chromium and the host in all
    /// four directions.
    Pair {
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
        /// Only this pair, such as `chromium-host`.
        #[arg(long)]
        only: Option<String>,
    },
    /// Two logs of 100,000 records that differ in every hundredth, compared at once: in this machine's own code over SQLite,
    /// and in Chromium over IndexedDB.
    Sync {
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// A log of 100,000 messages beside an empty one: how soon the popup shows the newest, how soon a search answers, and what
    /// a start and the engine's memory cost.
    Log {
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Music that plays while it comes: how soon after the click, and after a seek, at full speed and over ten megabits a
    /// second, for which it has to be root on Linux.
    Music {
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
        /// Only this case: `uncapped` or `10mbit`.
        #[arg(long)]
        only: Option<String>,
    },
    /// Relays under the load of coturn's client, beside coturn, in turns.
    Turn {
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// The daemon with a hundred idle links over a minute: memory for each of them, and what of a core it takes.
    Idle {
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// The popup: how long from opening it to writing, over a log of 10,000 messages.
    Popup {
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Builds what is measured and what measures, then runs it.
///
/// # Errors
/// When something does not build, cannot be installed or is not measured.
pub(crate) fn command(what: What) -> Result<ExitCode> {
    let (mut command, json) = match what {
        What::Signal { json, beside } => {
            let host = extension::build_host(Mode::Release)?;
            let mut command = bench("signal")?;
            command.arg("--host").arg(&host);
            if beside {
                let package = npm::install("peer", PEER_SERVER)?;
                command.arg("--beside").arg(package);
            }
            (command, json)
        }
        What::Pair { json, only } => {
            setup::wasm_target()?;
            let chromium = setup::chromium()?;
            let built = extension::build(Mode::Release)?;
            let mut command = bench("pair")?;
            if let Some(only) = only {
                command.arg("--only").arg(only);
            }
            e2e::environment(&mut command, &built, &chromium);
            (command, json)
        }
        What::Sync { json } => {
            setup::wasm_target()?;
            let rows = sync_in_chromium(&setup::chromium()?)?;
            let mut command = bench("sync")?;
            for row in rows {
                command.arg("--row").arg(row);
            }
            (command, json)
        }
        What::Log { json } => {
            setup::wasm_target()?;
            let chromium = setup::chromium()?;
            let built = extension::build(Mode::Release)?;
            let mut command = bench("log")?;
            e2e::environment(&mut command, &built, &chromium);
            (command, json)
        }
        What::Music { json, only } => {
            setup::wasm_target()?;
            let chromium = setup::chromium()?;
            let built = extension::build(Mode::Release)?;
            let mut command = bench("music")?;
            if let Some(only) = only {
                command.arg("--only").arg(only);
            }
            e2e::environment(&mut command, &built, &chromium);
            (command, json)
        }
        What::Turn { json } => {
            setup::coturn()?;
            let host = extension::build_host(Mode::Release)?;
            let mut command = bench("turn")?;
            command.arg("--host").arg(&host);
            (command, json)
        }
        What::Idle { json } => {
            let host = extension::build_host(Mode::Release)?;
            let mut command = bench("idle")?;
            command.arg("--host").arg(&host);
            (command, json)
        }
        What::Popup { json } => {
            setup::wasm_target()?;
            let chromium = setup::chromium()?;
            let built = extension::build(Mode::Release)?;
            let wasm = built.extension.join("ui").join("ui_bg.wasm");
            let bytes = fs::read(&wasm).with_context(|| format!("reading {}", wasm.display()))?;
            let gzip = Size::of("ui", &bytes)?.gzip;
            let mut command = bench("popup")?;
            command.arg("--wasm-gz-bytes").arg(gzip.to_string());
            e2e::environment(&mut command, &built, &chromium);
            (command, json)
        }
    };
    if json {
        command.arg("--json");
    }
    process::run(&mut command)?;
    Ok(ExitCode::SUCCESS)
}

/// Seconds: four logs of 100,000 records are written before anything is measured.
const FILLING_TIMEOUT: &str = "1800";

/// What the engine found in a browser: objects in JSON.
fn sync_in_chromium(chromium: &Chromium) -> Result<Vec<String>> {
    let mut command = test::in_chromium(chromium, Mode::Release)?;
    command
        .env(wasm_test_runner::TIMEOUT, FILLING_TIMEOUT)
        .args(["--features", "catnest-engine/measure"])
        .args(["--test", "sync_figures", "--", "--nocapture"]);
    let mut rows = Vec::new();
    process::run_lines(&mut command, |line| {
        let row = line.split_once("figures: ").map(|(_, row)| row.trim());
        rows.extend(row.map(str::to_owned));
    })?;
    ensure!(!rows.is_empty(), "Chromium gave no figures");
    Ok(rows)
}

/// The measuring program, built.
fn bench(what: &str) -> Result<Command> {
    process::run(cargo("build").args(["--release", "-p", "catnest-bench"]))?;
    let name = format!("catnest-bench{}", std::env::consts::EXE_SUFFIX);
    let mut command = Command::new(paths::cargo_target().join("release").join(name));
    command.arg(what);
    Ok(command)
}
