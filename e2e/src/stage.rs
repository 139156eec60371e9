//! A test's server and browsers, and what is left of them when it fails.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::sync::RwLock;

use crate::{
    browser::{Browser, LOOPBACK, Window},
    host::{Host, NativeHost, Place},
    islands::{self, Islands},
};

/// The file with the server's log.
const LOG: &str = "host.log";

/// Tests share the machine, but for those that measure.
static MACHINE: RwLock<()> = RwLock::const_new(());

/// One server, and browsers by the names of the people who use them.
pub struct Stage {
    /// The server.
    pub host: Host,
    window: Window,
    /// Browsers use the loopback for WebRTC.
    loopback: bool,
    browsers: BTreeMap<String, Browser>,
    profiles: TempDir,
    folder: PathBuf,
    /// After the browsers and the server, which are in them.
    islands: Option<Islands>,
}

impl Stage {
    /// A server, and no browser yet. Logs go to `target/<folder>/`.
    ///
    /// # Errors
    /// When the server does not start.
    pub fn set(folder: PathBuf, window: Window) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let host = Host::start(&folder.join(LOG))?;
        Self::with(host, None, folder, window)
    }

    /// As [`Stage::set`], with everybody's browser on an island of its own: what they reach is the server, which gets
    /// these flags.
    ///
    /// # Errors
    /// When the server does not start, or the system does not let us divide networks.
    fn divided(folder: PathBuf, window: Window, flags: &[&str]) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let mut islands = Islands::rise()?;
        let place = Place {
            network: Some(islands.sea()),
            flags: flags.iter().map(|&flag| flag.to_owned()).collect(),
        };
        let host = Host::start_at(place, &folder.join(LOG))?;
        let (_, port) = host.address.rsplit_once(':').context("a port")?;
        islands.lead_to_server(port.parse()?)?;
        Self::with(host, Some(islands), folder, window)
    }

    fn with(host: Host, islands: Option<Islands>, folder: PathBuf, window: Window) -> Result<Self> {
        Ok(Self {
            host,
            window,
            loopback: true,
            browsers: BTreeMap::new(),
            profiles: tempfile::tempdir()?,
            folder,
            islands,
        })
    }

    /// Starts somebody's browser, on the profile that they used before on this stage.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_browser(&mut self, name: &str) -> Result<()> {
        let log = format!("chromedriver-{}.log", file_name(name));
        let log = self.folder.join(log);
        let (profile, number) = (self.profile(name), self.browsers.len());
        let island = self.islands.as_mut().map(|islands| (islands, number));
        let flags: &[&str] = if self.loopback { &[LOOPBACK] } else { &[] };
        let browser = Browser::start_on(island, &profile, &log, self.window, flags).await?;
        self.browsers.insert(name.to_owned(), browser);
        Ok(())
    }

    /// From now on browsers are as people have them: WebRTC does not use the loopback.
    pub fn without_loopback(&mut self) {
        self.loopback = false;
    }

    /// Starts somebody's browser and takes them through the welcome page into a channel.
    ///
    /// # Errors
    /// When it does not work.
    pub async fn join(&mut self, name: &str, channel: &str) -> Result<()> {
        self.start_browser(name).await?;
        self.browser(name)?
            .settle_in(name, &self.host.address, channel)
            .await
    }

    /// Somebody's browser.
    ///
    /// # Errors
    /// When it was not started.
    pub fn browser(&self, name: &str) -> Result<&Browser> {
        self.browsers
            .get(name)
            .with_context(|| format!("{name} has no browser"))
    }

    /// The browsers of several people.
    ///
    /// # Errors
    /// When one was not started.
    pub fn browsers<const N: usize>(&self, names: [&str; N]) -> Result<[&Browser; N]> {
        let browsers: Result<Vec<&Browser>> =
            names.map(|name| self.browser(name)).into_iter().collect();
        browsers?
            .try_into()
            .map_err(|_| anyhow::anyhow!("as many browsers as names"))
    }

    /// Has several people join a channel, until the first sees all of them.
    ///
    /// # Errors
    /// When it does not work.
    pub async fn gather<const N: usize>(
        &mut self,
        names: [&str; N],
        channel: &str,
    ) -> Result<[&Browser; N]> {
        for name in names {
            self.join(name, channel).await?;
        }
        let browsers = self.browsers(names)?;
        browsers[0].sees_online(&names).await?;
        Ok(browsers)
    }

    /// The folder in which somebody's browser keeps everything that it keeps.
    #[must_use]
    pub fn profile(&self, name: &str) -> PathBuf {
        self.profiles.path().join(file_name(name))
    }

    /// The native host that somebody's browser would start.
    #[must_use]
    pub fn native_host(&self, name: &str) -> NativeHost {
        NativeHost::of(&self.profile(name))
    }

    /// What the server has written about its work.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.join(LOG)
    }

    /// Takes somebody's browser off the stage.
    ///
    /// # Errors
    /// When it was not started.
    pub fn take_browser(&mut self, name: &str) -> Result<Browser> {
        self.browsers
            .remove(name)
            .with_context(|| format!("{name} has no browser"))
    }

    /// Saves a picture of every browser's page.
    async fn leave_pictures(&self) {
        for (name, browser) in &self.browsers {
            // A browser that does not answer any more leaves none.
            let _picture = browser
                .picture(&self.folder.join(format!("{}.png", file_name(name))))
                .await;
        }
    }
}

/// A person's name without what a path cannot hold.
fn file_name(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Runs a test on a stage of its own. On failure, pictures and logs stay in `target/e2e/<test>/`.
///
/// # Panics
/// When the test fails, with all that is known of why.
pub async fn on_stage(test: &str, play: impl AsyncFnOnce(&mut Stage) -> Result<()>) {
    let set = |folder| Stage::set(folder, Window::Headless);
    on_stage_as(test, set, play).await;
}

/// As [`on_stage`], with a server that has these flags, and everybody's browser in a network from which only the server
/// is reached.
///
/// # Panics
/// As there, and when the user is not root.
pub async fn on_islands(
    test: &str,
    flags: &[&str],
    play: impl AsyncFnOnce(&mut Stage) -> Result<()>,
) {
    assert!(islands::may_rise(), "{test}: only root may divide networks");
    let set = |folder| Stage::divided(folder, Window::Headless, flags);
    on_stage_as(test, set, play).await;
}

/// As [`on_stage`], while no other test of this program plays: for what is measured.
///
/// # Panics
/// As there.
pub async fn on_stage_undisturbed(test: &str, play: impl AsyncFnOnce(&mut Stage) -> Result<()>) {
    let _machine = MACHINE.write().await;
    play_on(test, |folder| Stage::set(folder, Window::Headless), play).await;
}

async fn on_stage_as(
    test: &str,
    set: impl FnOnce(PathBuf) -> Result<Stage>,
    play: impl AsyncFnOnce(&mut Stage) -> Result<()>,
) {
    let _shared = MACHINE.read().await;
    play_on(test, set, play).await;
}

async fn play_on(
    test: &str,
    set: impl FnOnce(PathBuf) -> Result<Stage>,
    play: impl AsyncFnOnce(&mut Stage) -> Result<()>,
) {
    let folder = crate::target_dir("e2e").join(test);
    let result = async {
        let mut stage = set(folder.clone())?;
        let result = play(&mut stage).await;
        if result.is_err() {
            stage.leave_pictures().await;
        }
        result
    }
    .await;
    match result {
        // Nobody needs the logs of what went well.
        Ok(()) => {
            let _removed = std::fs::remove_dir_all(&folder);
        }
        Err(error) => panic!("{test}: {error:#}; see {}", folder.display()),
    }
}
