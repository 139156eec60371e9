//! A Chromium with the extension, in a profile of its own, driven over WebDriver.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::{
    host::data_home,
    islands::{self, Islands},
};

/// Follows from `key` in the manifest.
pub const EXTENSION_ID: &str = "pnpkmekembamgbadefiddfiodipbgpph";

/// Background services of the browser that would look for the network are off; so is the hiding of local addresses,
/// which needs multicast.
const FLAGS: &[&str] = &[
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=DisableLoadExtensionCommandLineSwitch,WebRtcHideLocalIpsWithMdns",
    "--window-size=400,600",
];

/// With it, loopback counts as an interface.
pub(crate) const LOOPBACK: &str = "--allow-loopback-in-peer-connection";

/// What ChromeDriver adds and people do not have: with these, a page that nobody sees would run as fast as any other.
const NOT_AS_PEOPLE_HAVE_IT: &[&str] = &[
    "disable-background-timer-throttling",
    "disable-backgrounding-occluded-windows",
];

/// Ports that are tried for a ChromeDriver.
const CHROMEDRIVER_PORTS: usize = 5;

/// How a browser is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// No window.
    Headless,
    /// A window on the display.
    Headed,
}

/// Starts a ChromeDriver, which listens on a port that the system chooses for IPv4. The same port may be taken for IPv6: it
/// ends then, and says so, and another one is chosen.
fn start_chromedriver(profile: &Path, log: &Path, network: Option<&str>) -> Result<(Child, u16)> {
    let program = std::env::var("CATNEST_CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".into());
    let mut said = Vec::new();
    for _ in 0..CHROMEDRIVER_PORTS {
        let mut chromedriver = islands::command(network, &program)
            .arg("--port=0")
            // The browser has it from the driver, and the native host from the browser.
            .env("XDG_DATA_HOME", data_home(profile))
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(log)?)
            .spawn()
            .with_context(|| format!("start {program}"))?;
        let stdout = chromedriver.stdout.take().context("a piped stdout")?;
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        for line in lines.by_ref() {
            if let Some((_, port)) = line.split_once("successfully on port ") {
                let port = port.trim_end_matches('.').parse()?;
                // Read on, so that the driver never blocks on a full pipe.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok((chromedriver, port));
            }
            said.push(line);
        }
        let _reaped = chromedriver.wait();
        if !said.iter().any(|line| line.contains("port not available")) {
            break;
        }
    }
    anyhow::bail!("chromedriver did not say its port: {}", said.join("\n"))
}

/// A running browser with its driver. Dropped, both are killed.
pub struct Browser {
    /// For what [`crate::person`] has no words.
    pub driver: WebDriver,
    chromedriver: Child,
    profile: PathBuf,
}

impl Browser {
    /// Starts a browser on a profile folder, which may have been used before.
    ///
    /// # Errors
    /// When Chromium or its driver is missing or does not start.
    pub async fn start(profile: &Path, log: &Path, window: Window) -> Result<Self> {
        Self::start_on(None, profile, log, window, &[LOOPBACK]).await
    }

    /// As [`Browser::start`], on one of several islands, if there are any, and with these flags in place of the one by
    /// which WebRTC uses the loopback.
    ///
    /// # Errors
    /// As there.
    pub(crate) async fn start_on(
        island: Option<(&mut Islands, usize)>,
        profile: &Path,
        log: &Path,
        window: Window,
        flags: &[&str],
    ) -> Result<Self> {
        let network = island
            .as_ref()
            .map(|(islands, number)| islands.home(*number));
        let (mut chromedriver, mut port) = start_chromedriver(profile, log, network.as_deref())?;
        if let (Some((islands, _)), Some(network)) = (island, network) {
            port = islands.lead_to_island(&network, port)?;
        }

        let extension = crate::path_from_env("CATNEST_EXTENSION", "dist/chromium");
        let extension = extension
            .canonicalize()
            .with_context(|| format!("{}", extension.display()))?;
        let mut capabilities = DesiredCapabilities::chrome();
        if let Ok(chromium) = std::env::var("CATNEST_CHROMIUM") {
            capabilities.set_binary(&chromium)?;
        }
        for flag in FLAGS.iter().chain(flags) {
            capabilities.add_arg(flag)?;
        }
        for switch in NOT_AS_PEOPLE_HAVE_IT {
            capabilities.add_exclude_switch(switch)?;
        }
        if window == Window::Headless {
            capabilities.add_arg("--headless=new")?;
            // The screen is 800 × 600 otherwise, with no room for a whole popup.
            capabilities.add_arg("--screen-info={1600x1200}")?;
        }
        capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
        capabilities.add_arg(&format!("--load-extension={}", extension.display()))?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await;
        let driver = match driver {
            Ok(driver) => driver,
            Err(error) => {
                kill_browser(profile);
                let _killed = chromedriver.kill();
                let _reaped = chromedriver.wait();
                return Err(error).context("start Chromium");
            }
        };
        Ok(Self {
            driver,
            chromedriver,
            profile: profile.to_owned(),
        })
    }

    /// Opens a page of the extension.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn open(&self, page: &str) -> Result<()> {
        self.driver
            .goto(&format!("chrome-extension://{EXTENSION_ID}/{page}"))
            .await?;
        Ok(())
    }

    /// Makes the page's own area so large, whatever the window around it.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn viewport(&self, width: u64, height: u64) -> Result<()> {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        let cdp = self.driver.cdp();
        cdp.send_raw("Emulation.setDeviceMetricsOverride", size)
            .await?;
        Ok(())
    }

    /// Brings the page before the tab that the extension opens when it is installed. A page behind it draws no frames
    /// and gets no clipboard.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn to_front(&self) -> Result<()> {
        let cdp = self.driver.cdp();
        cdp.send_raw("Page.bringToFront", json!({})).await?;
        Ok(())
    }

    /// Runs a script in every page that is opened from now on, before the page's own. Gives what ends that.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn before_each_page(&self, script: &str) -> Result<Value> {
        let cdp = self.driver.cdp();
        let script = json!({ "source": script });
        let added = cdp
            .send_raw("Page.addScriptToEvaluateOnNewDocument", script)
            .await?;
        added
            .get("identifier")
            .cloned()
            .with_context(|| format!("the browser says {added}"))
    }

    /// Ends what [`Browser::before_each_page`] began.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn no_more_before_each_page(&self, script: Value) -> Result<()> {
        let cdp = self.driver.cdp();
        let script = json!({ "identifier": script });
        cdp.send_raw("Page.removeScriptToEvaluateOnNewDocument", script)
            .await?;
        Ok(())
    }

    /// What was copied last.
    ///
    /// # Errors
    /// When the browser does not answer, or nothing was copied.
    pub async fn clipboard(&self) -> Result<String> {
        let text = self
            .ask_clipboard("navigator.clipboard.readText()", "")
            .await?;
        text.as_str()
            .map(str::to_owned)
            .with_context(|| format!("the clipboard gives {text}"))
    }

    /// Copies a text.
    ///
    /// # Errors
    /// When the browser does not let us.
    pub async fn set_clipboard(&self, text: &str) -> Result<()> {
        let said = self
            .ask_clipboard("navigator.clipboard.writeText(arguments[0])", text)
            .await?;
        ensure!(said.is_null(), "the clipboard says {said}");
        Ok(())
    }

    async fn ask_clipboard(&self, promise: &str, argument: &str) -> Result<Value> {
        let allow = json!({
            "permissions": ["clipboardReadWrite"],
            "origin": format!("chrome-extension://{EXTENSION_ID}"),
        });
        let cdp = self.driver.cdp();
        cdp.send_raw("Browser.grantPermissions", allow).await?;
        self.to_front().await?;
        let script = format!(
            "const done = arguments[1]; {promise}.then(done, error => done({{ error: `${{error}}` }}))"
        );
        let said = self
            .driver
            .execute_async(&script, vec![argument.into()])
            .await?;
        Ok(said.json().clone())
    }

    /// Saves a picture of the page.
    ///
    /// # Errors
    /// When the browser does not answer or the file cannot be written.
    pub async fn picture(&self, file: &Path) -> Result<()> {
        Ok(self.driver.screenshot(file).await?)
    }

    /// Ends the browser as a power cut would: all of its processes at once, by SIGKILL.
    pub fn kill(self) {
        drop(self);
    }

    /// Ends the browser as its user would.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn quit(self) -> Result<()> {
        Ok(self.driver.clone().quit().await?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Its browser is killed, not asked to quit: the driver must not wait for an answer. An error says it has quit.
        let _left = self.driver.clone().leak();
        kill_browser(&self.profile);
        // Fails only when it is dead already.
        let _killed = self.chromedriver.kill();
        let _reaped = self.chromedriver.wait();
    }
}

/// Kills every process that was started for a profile.
fn kill_browser(profile: &Path) {
    // The brackets keep pkill from finding itself, the end of the argument keeps profile 1 apart from profile 11.
    let pattern = format!("--[u]ser-data-dir={}( |$)", profile.display());
    let _none_left = Command::new("pkill")
        .args(["-KILL", "-f", "--", &pattern])
        .status();
}
