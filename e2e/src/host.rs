//! `catnest-host serve` on a free port.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

/// A running server; killed when dropped.
pub struct Host {
    process: std::process::Child,
    /// Its address, as `127.0.0.1:port`.
    pub address: String,
}

impl Host {
    /// Starts a server on a port of its own, logging to a file.
    ///
    /// # Errors
    /// When the binary is missing or does not come up.
    pub fn start(log: &Path) -> Result<Self> {
        let binary = crate::path_from_env("CATNEST_HOST", "target/debug/catnest-host");
        let mut process = Command::new(&binary)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(log)?)
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
        let address = line
            .trim()
            .strip_prefix("listening on http://")
            .map(str::to_owned);
        let host = Self {
            process,
            address: address.clone().unwrap_or_default(),
        };
        address.with_context(|| format!("the server said {line:?}"))?;
        Ok(host)
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
