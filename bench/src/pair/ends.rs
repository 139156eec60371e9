//! The two ends of a pair, and what is sent from one to the other.

use std::{fmt, time::Instant};

use anyhow::{Context, Result, bail, ensure};
use catnest_e2e::{browser::Browser, file_view::channel_of, peak, program::Program, stage::Stage};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

/// What is at an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The extension.
    Chromium,
    /// `catnest-host share` or `get`.
    Host,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chromium => "chromium",
            Self::Host => "host",
        })
    }
}

/// Two ends on a stage.
pub(crate) struct Pair<'a> {
    stage: &'a mut Stage,
    from: End,
    to: End,
    folder: TempDir,
    nest: String,
    /// What the processes of both have held so far.
    peaks: (u64, u64),
}

const NAMES: (&str, &str) = ("from", "to");

impl<'a> Pair<'a> {
    pub(crate) async fn set_up(stage: &'a mut Stage, from: End, to: End) -> Result<Self> {
        for (end, name) in [(from, NAMES.0), (to, NAMES.1)] {
            if end == End::Chromium {
                stage.join(name, "nest").await?;
                let browser = stage.browser(name)?;
                browser.open_ready("welcome.html").await?;
                browser.to_front().await?;
                browser.install_files().await?;
                browser.js(include_str!("bare.js")).await?;
            }
        }
        if (from, to) == (End::Chromium, End::Chromium) {
            let person = stage.browser(NAMES.0)?;
            person.install_view().await?;
            person.counts_online(2).await?;
        }
        let nest = stage.host.channel("nest");
        Ok(Self {
            stage,
            from,
            to,
            folder: TempDir::new()?,
            nest,
            peaks: (0, 0),
        })
    }

    /// The most that the process at each end has held while files went.
    pub(crate) fn peaks(&self) -> Result<(u64, u64)> {
        ensure!(self.peaks.0 > 0 && self.peaks.1 > 0, "nothing was sent");
        Ok(self.peaks)
    }

    /// Sends a file: seconds from asking for it until all of it is checked and kept.
    pub(crate) async fn send_file(&mut self, round: usize, bytes: u64) -> Result<f64> {
        let channel = channel_of(&self.nest)?;
        let mut browsers = Vec::new();
        for (end, name) in [(self.from, NAMES.0), (self.to, NAMES.1)] {
            browsers.push(match end {
                End::Host => None,
                End::Chromium => {
                    let browser = self.stage.browser(name)?;
                    let process = peak::of_extension(&browser.processes().await?)?;
                    Some((browser, process))
                }
            });
        }
        let name = format!("round {round}");
        let (file, sharing) = match browsers[0] {
            Some((browser, _)) => {
                let file = browser.share_at_once(&channel, &name, bytes).await?;
                browser.file_is(&file, "complete").await?;
                (file, None)
            }
            None => {
                let (sharing, file) = self.share(&name, bytes).await?;
                (file, Some(sharing))
            }
        };
        for (_, process) in browsers.iter().flatten() {
            peak::forget(*process)?;
        }
        let (seconds, peak) = match browsers[1] {
            Some((browser, process)) => {
                let fetched = browser.fetch_at_once(&channel, &file).await?;
                (fetched.took / 1000.0, peak::of(process)?)
            }
            None => self.get(&file).await?,
        };
        self.peaks.1 = self.peaks.1.max(peak);
        let peak = match (&browsers[0], &sharing) {
            (Some((_, process)), _) => peak::of(*process)?,
            (None, Some(sharing)) => sharing.peak()?,
            (None, None) => bail!("nobody has shared it"),
        };
        self.peaks.0 = self.peaks.0.max(peak);
        for (browser, _) in browsers.iter().flatten() {
            // The next round is to find the disk as this one did.
            browser.file_is(&file, "complete").await?;
            browser.remove_at_once(&file).await?;
        }
        Ok(seconds)
    }

    /// Starts `catnest-host share` with a new file.
    async fn share(&self, name: &str, bytes: u64) -> Result<(Program, Value)> {
        let path = self.folder.path().join(name);
        let data = self.folder.path().join(format!("share {name}"));
        let mut urandom =
            tokio::io::AsyncReadExt::take(tokio::fs::File::open("/dev/urandom").await?, bytes);
        let mut file = tokio::fs::File::create(&path).await?;
        tokio::io::copy(&mut urandom, &mut file).await?;
        let mut program = Program::host("share", |command| {
            command.arg(&path).arg(&self.nest);
            command.arg("--json").arg("--data").arg(&data);
        })?;
        let shared = program.until(|line| line["event"] == "shared").await?;
        program.until(|line| line["event"] == "ready").await?;
        Ok((program, shared["file"].clone()))
    }

    /// Runs `catnest-host get`: how long it took from finding somebody who has the file until all of it was kept, and what
    /// it held.
    async fn get(&self, file: &Value) -> Result<(f64, u64)> {
        let id = file["id"].as_str().context("an id")?;
        let target = self.folder.path().join(id);
        let data = self.folder.path().join(format!("get {id}"));
        let mut program = Program::host("get", |command| {
            command.arg(format!("{}/{id}", self.nest));
            command.arg("-o").arg(&target);
            command.arg("--json").arg("--data").arg(&data);
        })?;
        program.until(|line| line["event"] == "found").await?;
        let began = Instant::now();
        program
            .until(|line| line["event"] == "progress" && line["have"] == file["length"])
            .await?;
        let seconds = began.elapsed().as_secs_f64();
        let peak = program.peak()?;
        program.until(|line| line["event"] == "got").await?;
        tokio::fs::remove_file(&target).await?;
        Ok((seconds, peak))
    }

    /// Sends as many bytes over a bare data channel: seconds from the first to the last.
    pub(crate) async fn send_bare(&self, bytes: u64) -> Result<f64> {
        let mut from = self.bare(self.from, NAMES.0)?;
        let mut to = self.bare(self.to, NAMES.1)?;
        // A browser offers to a program, whichever way the bytes go.
        let (offering, answering) = if self.from == End::Host && self.to == End::Chromium {
            (&mut to, &mut from)
        } else {
            (&mut from, &mut to)
        };
        let offer = offering.describe("offer", bytes, None).await?;
        let answer = answering.describe("answer", bytes, Some(&offer)).await?;
        offering.accept(&answer).await?;
        from.opened().await?;
        to.opened().await?;
        from.send(bytes).await?;
        to.seconds().await
    }

    fn bare(&self, end: End, name: &str) -> Result<Bare<'_>> {
        Ok(match end {
            End::Chromium => Bare::Page(self.stage.browser(name)?),
            End::Host => {
                let mut command = Command::new(std::env::current_exe()?);
                command.arg("bare");
                Bare::Program(Box::new(Program::start(command)?))
            }
        })
    }
}

/// One end of a bare data channel.
enum Bare<'a> {
    Page(&'a Browser),
    Program(Box<Program>),
}

impl Bare<'_> {
    async fn describe(&mut self, kind: &str, bytes: u64, sdp: Option<&str>) -> Result<String> {
        let said = match self {
            Self::Page(browser) => {
                let call = format!("bare.{kind}(...arguments[0])");
                let arguments = [Some(json!(bytes)), sdp.map(|sdp| json!(sdp))];
                let arguments: Vec<Value> = arguments.into_iter().flatten().collect();
                browser.promise(&call, json!(arguments)).await?
            }
            Self::Program(program) => {
                program.tell(&json!({ kind: bytes, "sdp": sdp })).await?;
                let line = program.until(|line| line["sdp"].is_string()).await?;
                line["sdp"].clone()
            }
        };
        let text = said.as_str().with_context(|| format!("{kind}: {said}"))?;
        Ok(text.to_owned())
    }

    async fn accept(&mut self, sdp: &str) -> Result<()> {
        match self {
            Self::Page(browser) => {
                browser
                    .promise("bare.accept(arguments[0])", json!(sdp))
                    .await?;
            }
            Self::Program(program) => program.tell(&json!({ "accept": sdp })).await?,
        }
        Ok(())
    }

    async fn opened(&mut self) -> Result<()> {
        match self {
            Self::Page(browser) => {
                browser.promise("bare.opened()", Value::Null).await?;
            }
            Self::Program(program) => {
                program.until(|line| line["opened"] == true).await?;
            }
        }
        Ok(())
    }

    async fn send(&mut self, bytes: u64) -> Result<()> {
        match self {
            Self::Page(browser) => {
                browser
                    .promise("bare.send(arguments[0])", json!(bytes))
                    .await?;
            }
            Self::Program(program) => program.tell(&json!({ "send": bytes })).await?,
        }
        Ok(())
    }

    async fn seconds(&mut self) -> Result<f64> {
        let said = match self {
            Self::Page(browser) => browser.promise("bare.time()", Value::Null).await?,
            Self::Program(program) => {
                let line = program.until(|line| line["seconds"].is_f64()).await?;
                line["seconds"].clone()
            }
        };
        said.as_f64().with_context(|| format!("the time: {said}"))
    }
}
