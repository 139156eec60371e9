//! Files without a person: for what is measured, and for what is long.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{browser::Browser, wait};

/// How long a file of the tests may take: the largest is 256 MiB, and debug builds carry 10 MB/s.
pub(crate) const DEADLINE: Duration = Duration::from_secs(180);

/// A file that came.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Fetched {
    /// From asking for it until all of it was there, in milliseconds.
    pub took: f64,
    /// Bytes that came.
    pub received: u64,
}

impl Browser {
    /// Lets the page, one of the extension's, talk to the engine by the commands below.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn install_files(&self) -> Result<()> {
        self.driver.set_script_timeout(DEADLINE).await?;
        self.js(include_str!("file_view.js")).await?;
        Ok(())
    }

    /// Shares a file of so many random bytes with a channel. Gives its descriptor.
    ///
    /// # Errors
    /// When the engine cannot take it in.
    pub async fn share_at_once(&self, channel: &Value, name: &str, length: u64) -> Result<Value> {
        let file = self
            .files("share", &[channel.clone(), name.into(), length.into()])
            .await?;
        ensure!(file["failed"].is_null(), "{name} is not shared: {file}");
        Ok(file)
    }

    /// Gets a file, by its descriptor.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn fetch_at_once(&self, channel: &Value, file: &Value) -> Result<Fetched> {
        let fetched = self
            .files("fetch", &[channel.clone(), file.clone()])
            .await?;
        serde_json::from_value(fetched.clone())
            .with_context(|| format!("getting {file}: {fetched}"))
    }

    /// Begins to get a file, by its descriptor.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn begin_to_fetch(&self, channel: &Value, file: &Value) -> Result<()> {
        let begun = self
            .files("begin", &[channel.clone(), file.clone()])
            .await?;
        ensure!(begun == true, "{file} is not got: {begun}");
        Ok(())
    }

    /// Waits until so many bytes of a file are here. Gives the transfer.
    ///
    /// # Errors
    /// When they do not come.
    pub async fn file_reaches(&self, file: &Value, bytes: u64) -> Result<Value> {
        self.files("reaches", &[file["id"].clone(), bytes.into()])
            .await
    }

    /// Says so many things, one after the other. Gives how long each took until another device had stored it, in
    /// milliseconds.
    ///
    /// # Errors
    /// When one is not stored.
    pub async fn chat_at_once(&self, channel: &Value, count: usize) -> Result<Vec<f64>> {
        let times = self.files("chat", &[channel.clone(), count.into()]).await?;
        serde_json::from_value(times.clone()).with_context(|| format!("chatting: {times}"))
    }

    /// Forgets a file, by its descriptor.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn remove_at_once(&self, file: &Value) -> Result<()> {
        self.files("remove", &[file["id"].clone()]).await?;
        Ok(())
    }

    /// Waits until a file is in a state (`complete`, `fetching` …). Gives the transfer.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn file_is(&self, file: &Value, state: &str) -> Result<Value> {
        self.files("state", &[file["id"].clone(), state.into()])
            .await
    }

    /// The transfer as it is now.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn file_now(&self, file: &Value) -> Result<Value> {
        self.files("now", &[file["id"].clone()]).await
    }

    /// Waits until so many messages have come to this page. Gives the ids of all, in their order.
    ///
    /// # Errors
    /// When they do not come.
    pub async fn heard(&self, count: usize) -> Result<Vec<String>> {
        let ids = self.files("heard", &[count.into()]).await?;
        serde_json::from_value(ids.clone()).with_context(|| format!("what was heard: {ids}"))
    }

    /// Saves a file, by its descriptor, in a folder, as the browser saves what is downloaded. Gives the path.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn save_at_once(&self, file: &Value, folder: &Path) -> Result<PathBuf> {
        let folder_text = folder.to_str().context("a path that is text")?;
        let allow = json!({ "behavior": "allow", "downloadPath": folder_text });
        let cdp = self.driver.cdp();
        cdp.send_raw("Browser.setDownloadBehavior", allow).await?;
        let name = file["id"].as_str().context("an id")?;
        self.files("save", &[name.into()]).await?;
        let path = folder.join(name);
        let length = file["length"].as_u64();
        wait::until("the saved file", async || {
            let saved = std::fs::metadata(&path).map(|metadata| metadata.len()).ok();
            Ok((saved == length).then_some(()))
        })
        .await?;
        Ok(path)
    }

    async fn files(&self, function: &str, arguments: &[Value]) -> Result<Value> {
        let script = format!(
            "const done = arguments[1];
            testFiles.{function}(...arguments[0]).then(done, error => done({{ failed: `${{error}}` }}))"
        );
        let arguments = json!(arguments);
        let said = self.driver.execute_async(&script, vec![arguments]).await;
        let said = said.with_context(|| format!("{function} of files"))?;
        Ok(said.json().clone())
    }
}

/// The channel of an address, as the engine names it.
///
/// # Errors
/// When it is none.
pub fn channel_of(address: &str) -> Result<Value> {
    let address: catnest::address::Address = address.parse()?;
    let id = catnest::channel::ChannelKey::of(&address).id();
    Ok(id.to_string().into())
}
