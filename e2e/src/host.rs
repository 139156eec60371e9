//! `catnest-host`: the server on a free port, and the native host of a browser.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::islands;

/// Where the binary is.
fn binary() -> PathBuf {
    crate::path_from_env("CATNEST_HOST", "target/debug/catnest-host")
}

/// Where a server is, and what it is to do besides.
#[derive(Default)]
pub(crate) struct Place {
    /// The network that it is in, if not in ours.
    pub(crate) network: Option<String>,
    /// Its flags.
    pub(crate) flags: Vec<String>,
}

/// A running server; killed when dropped.
pub struct Host {
    process: Child,
    log: PathBuf,
    place: Place,
    /// Its address, as `127.0.0.1:port`.
    pub address: String,
}

impl Host {
    /// Starts a server on a port of its own, logging to a file.
    ///
    /// # Errors
    /// When the binary is missing or does not come up.
    pub fn start(log: &Path) -> Result<Self> {
        Self::start_at(Place::default(), log)
    }

    /// Starts a server somewhere, with flags of its own.
    pub(crate) fn start_at(place: Place, log: &Path) -> Result<Self> {
        let (process, address) = serve("127.0.0.1:0", log, &place)?;
        Ok(Self {
            process,
            log: log.to_owned(),
            place,
            address,
        })
    }

    /// Ends it as `kill -9` does.
    ///
    /// # Errors
    /// When it is dead already.
    pub fn kill(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Starts it again, on the port that it had.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start_again(&mut self) -> Result<()> {
        (self.process, _) = serve(&self.address, &self.log, &self.place)?;
        Ok(())
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// All it has logged.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn logged(&self) -> Result<String> {
        Ok(std::fs::read_to_string(&self.log)?)
    }

    /// The address of a channel on this server.
    pub fn channel(&self, name: &str) -> String {
        format!("webrtc://{}/{name}", self.address)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Fails only when it is dead already.
        let _killed = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// Starts the server, and gives the address that it says it listens on.
fn serve(listen: &str, log: &Path, place: &Place) -> Result<(Child, String)> {
    let binary = binary();
    let log = OpenOptions::new().create(true).append(true).open(log)?;
    let mut process = islands::command(place.network.as_deref(), &binary)
        .args(["--log", "debug", "serve", "--listen", listen])
        .args(&place.flags)
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .with_context(|| {
            format!(
                "start {}: build it with `cargo xtask build`",
                binary.display()
            )
        })?;
    let stdout = process.stdout.take().context("a piped stdout")?;
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line)?;
    let Some(address) = line.trim().strip_prefix("listening on http://") else {
        // Nobody else would.
        let _killed = process.kill();
        let _reaped = process.wait();
        bail!("the server said {line:?}");
    };
    Ok((process, address.to_owned()))
}

/// The native host of somebody's browser. What the browser starts, and the daemon that stays, keep everything beside the
/// browser's profile. Dropped, the daemon is stopped, and nothing is installed any more.
pub struct NativeHost {
    profile: PathBuf,
}

/// Where programs that a browser with this profile starts keep their data.
pub(crate) fn data_home(profile: &Path) -> PathBuf {
    profile.with_extension("data")
}

impl NativeHost {
    /// That of the browser with this profile.
    pub(crate) fn of(profile: &Path) -> Self {
        Self {
            profile: profile.to_owned(),
        }
    }

    /// Has the browser find it, as `catnest-host install` does.
    ///
    /// # Errors
    /// When it cannot.
    pub fn install(&self) -> Result<()> {
        self.in_profile("install")
    }

    /// Has the browser find it no more. A daemon that runs goes on.
    ///
    /// # Errors
    /// When it cannot.
    pub fn uninstall(&self) -> Result<()> {
        self.in_profile("uninstall")
    }

    fn in_profile(&self, command: &str) -> Result<()> {
        let ended = self
            .command(&[command, "--user-data-dir"])
            .arg(&self.profile)
            .stdout(Stdio::null())
            .status()?;
        ensure!(ended.success(), "{command} ended with {ended}");
        Ok(())
    }

    /// The binary with these arguments, where it finds this daemon.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .env("XDG_DATA_HOME", data_home(&self.profile))
            .stdin(Stdio::null());
        command
    }

    /// What a command answers with `--json`.
    ///
    /// # Errors
    /// When it fails: in particular, when no daemon runs.
    pub fn json(&self, arguments: &[&str]) -> Result<Value> {
        let output = self.command(arguments).arg("--json").output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{arguments:?}: {said}");
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// The daemon's process.
    ///
    /// # Errors
    /// When none runs.
    pub fn pid(&self) -> Result<u64> {
        let status = self.json(&["status"])?;
        status["pid"].as_u64().context("a pid")
    }

    /// Ends the daemon as `kill -9` does.
    ///
    /// # Errors
    /// When none runs.
    pub fn kill(&self) -> Result<()> {
        let pid = self.pid()?.to_string();
        let ended = Command::new("kill").args(["-KILL", &pid]).status()?;
        ensure!(ended.success(), "kill ended with {ended}");
        Ok(())
    }

    /// Has the daemon stop, and waits for it.
    ///
    /// # Errors
    /// When none runs.
    pub fn stop(&self) -> Result<()> {
        let ended = self.command(&["stop"]).output()?;
        let said = String::from_utf8_lossy(&ended.stderr);
        ensure!(ended.status.success(), "stop: {said}");
        Ok(())
    }
}

impl Drop for NativeHost {
    fn drop(&mut self) {
        let _uninstalled = self.uninstall();
        // There need not be one.
        let _stopped = self.command(&["stop"]).output();
    }
}
