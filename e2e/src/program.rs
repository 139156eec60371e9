//! A program that tells in lines of JSON what it does, as `catnest-host share` and `get` do.

use std::{process::Stdio, time::Duration};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::peak;

/// Nothing takes so long, even on a busy machine.
const DEADLINE: Duration = Duration::from_secs(240);

/// A program that speaks in lines of JSON; killed when dropped.
pub struct Program {
    process: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// Starts a subcommand of `catnest-host`.
    ///
    /// # Errors
    /// When it does not start.
    pub fn host(subcommand: &str, arguments: impl FnOnce(&mut Command)) -> Result<Self> {
        let binary = crate::path_from_env("CATNEST_HOST", "target/debug/catnest-host");
        let mut command = Command::new(binary);
        command.arg(subcommand);
        arguments(&mut command);
        Self::start(command)
    }

    /// Starts a program.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(mut command: Command) -> Result<Self> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot run {command:?}"))?;
        let input = process.stdin.take().context("a piped input")?;
        let output = process.stdout.take().context("a piped output")?;
        Ok(Self {
            process,
            input,
            lines: BufReader::new(output).lines(),
        })
    }

    /// Says something to it.
    ///
    /// # Errors
    /// When it has ended.
    pub async fn tell(&mut self, order: &Value) -> Result<()> {
        self.input
            .write_all(format!("{order}\n").as_bytes())
            .await?;
        Ok(())
    }

    /// The next line that is as wanted.
    ///
    /// # Errors
    /// When it ends without, or it takes too long.
    pub async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let look = async {
            while let Some(line) = self.lines.next_line().await? {
                let line: Value = serde_json::from_str(&line)?;
                if wanted(&line) {
                    return Ok(line);
                }
            }
            bail!("a program has ended before its time")
        };
        timeout(DEADLINE, look)
            .await
            .context("waiting for a program")?
    }

    /// The most memory that it has held, in bytes.
    ///
    /// # Errors
    /// When it has ended.
    pub fn peak(&self) -> Result<u64> {
        peak::of(self.process.id().context("it has ended")?)
    }

    /// Ends it as `kill -9` does.
    ///
    /// # Errors
    /// When it has ended already.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }
}
