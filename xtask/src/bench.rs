//! `cargo xtask bench`: figures of the release build. The measuring itself is the crate `catnest-bench`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};
use clap::Subcommand;

use crate::{
    extension::{self, Mode},
    paths,
    process::{self, cargo},
};

/// What can be measured.
#[derive(Subcommand)]
pub(crate) enum What {
    /// The signalling server: memory for each socket, and messages passed on per second.
    Signal {
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
        /// Measure PeerServer in turns with ours; it is installed by npm into target/bench/peer.
        #[arg(long)]
        beside: bool,
    },
}

/// Builds what is measured and what measures, then runs it.
///
/// # Errors
/// When something does not build, cannot be installed or is not measured.
pub(crate) fn command(what: &What) -> Result<ExitCode> {
    let What::Signal { json, beside } = *what;
    let host = extension::build_host(Mode::Release)?;
    process::run(cargo("build").args(["--release", "-p", "catnest-bench"]))?;
    let mut command =
        Command::new(host.with_file_name(format!("catnest-bench{}", std::env::consts::EXE_SUFFIX)));
    command.arg("signal").arg("--host").arg(&host);
    if json {
        command.arg("--json");
    }
    if beside {
        command.arg("--beside").arg(peer_server()?);
    }
    process::run(&mut command)?;
    Ok(ExitCode::SUCCESS)
}

/// Installs PeerServer, unless it is there: its package folder.
fn peer_server() -> Result<PathBuf> {
    let folder = paths::scratch("bench").join("peer");
    let package: &Path = &folder.join("node_modules").join("peer");
    if !package.is_dir() {
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--prefix"]);
        process::run(npm.arg(&folder).arg("peer"))?;
    }
    Ok(package.to_owned())
}
