//! `catnest-host serve` on a free port.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// A running server; killed when dropped.
pub struct Host {
    process: Child,
    log: PathBuf,
    /// Its address, as `127.0.0.1:port`.
    pub address: String,
}

impl Host {
    /// Starts a server on a port of its own, logging to a file.
    ///
    /// # Errors
    /// When the binary is missing or does not come up.
    pub fn start(log: &Path) -> Result<Self> {
        let (process, address) = serve("127.0.0.1:0", log)?;
        Ok(Self {
            process,
            log: log.to_owned(),
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
        (self.process, _) = serve(&self.address, &self.log)?;
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
fn serve(listen: &str, log: &Path) -> Result<(Child, String)> {
    let binary = crate::path_from_env("CATNEST_HOST", "target/debug/catnest-host");
    let log = OpenOptions::new().create(true).append(true).open(log)?;
    let mut process = Command::new(&binary)
        .args(["--log", "debug", "serve", "--listen", listen])
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
