//! The engine's music without a person: for what is measured.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::{browser::Browser, file_view::DEADLINE};

impl Browser {
    /// Lets the page, one of the extension's, talk to the engine by the commands below.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn install_music(&self) -> Result<()> {
        self.driver.set_script_timeout(DEADLINE).await?;
        self.js(include_str!("music_remote.js")).await?;
        Ok(())
    }

    /// Shares files with a channel, and puts them on this device's list there. Gives their ids, in their order.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn add_music_at_once(&self, channel: &Value, files: &[&Path]) -> Result<Vec<String>> {
        let script = "document.querySelector('#test-music')?.remove();
            const input = Object.assign(document.createElement('input'), { type: 'file', multiple: true, id: 'test-music' });
            document.body.append(input)";
        self.js(script).await?;
        let mut paths = Vec::new();
        for file in files {
            // The driver takes no other.
            let path = file.canonicalize();
            let path = path.with_context(|| file.display().to_string())?;
            paths.push(path.to_string_lossy().into_owned());
        }
        let input = self.driver.find(By::Id("test-music")).await?;
        input.send_keys(paths.join("\n")).await?;
        let call = "add(...arguments[0], document.querySelector('#test-music'), {})";
        let ids = self.music(call, json!([channel])).await?;
        serde_json::from_value(ids.clone()).with_context(|| format!("adding music: {ids}"))
    }

    /// The rows of a channel's merged list, once there are so many.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn music_rows(&self, channel: &Value, count: usize) -> Result<Vec<Value>> {
        let rows = self
            .music("rows(...arguments[0])", json!([channel, count]))
            .await?;
        serde_json::from_value(rows).context("rows")
    }

    /// Has the player do something ([`catnest::music::player::Intent`]). Gives when it was asked to, in milliseconds
    /// since 1970.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn player_does(&self, intent: Value) -> Result<f64> {
        let at = self.music("play(arguments[0])", intent).await?;
        at.as_f64().with_context(|| format!("a time: {at}"))
    }

    /// Asks something of the music ([`catnest::node::MusicCommand`]).
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn ask_music(&self, command: Value) -> Result<Value> {
        let reply = self.music("music(arguments[0])", command.clone()).await?;
        ensure!(reply["event"] != "refused", "{command}: {reply}");
        Ok(reply)
    }

    /// What a promise of the page's driver comes to.
    ///
    /// # Errors
    /// When it fails.
    pub async fn music(&self, call: &str, argument: Value) -> Result<Value> {
        let script = format!(
            "const done = arguments[1];
            testMusic.{call}.then(done, error => done({{ failed: `${{error}}` }}))"
        );
        let said = self.driver.execute_async(&script, vec![argument]).await;
        let said = said.with_context(|| format!("{call} of music"))?;
        let said = said.json().clone();
        ensure!(said["failed"].is_null(), "{call}: {said}");
        Ok(said)
    }
}
