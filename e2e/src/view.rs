//! The engine's commands without a person: for what is repeated hundreds of times.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::browser::Browser;

impl Browser {
    /// Lets the page, one of the extension's, talk to the engine by the commands below.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn install_view(&self) -> Result<()> {
        self.js(include_str!("view.js")).await?;
        Ok(())
    }

    /// Waits until so many members, the own one included, are online in the only channel. Gives the channel's id.
    ///
    /// # Errors
    /// When it does not come to that.
    pub async fn counts_online(&self, members: usize) -> Result<Value> {
        let channel = self
            .promise("testView.members(arguments[0])", members.into())
            .await
            .with_context(|| format!("waiting for {members} members"))?;
        Ok(channel["id"].clone())
    }

    /// Joins the channel of an address.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn join_at_once(&self, address: &str) -> Result<()> {
        self.command(json!({ "do": "join", "address": address }))
            .await
    }

    /// Leaves a channel.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn leave_at_once(&self, channel: &Value) -> Result<()> {
        self.command(json!({ "do": "leave", "channel": channel }))
            .await
    }

    /// Has it found out how this device is connected to the members.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn measure_at_once(&self, channel: &Value) -> Result<()> {
        self.command(json!({ "do": "measure", "channel": channel }))
            .await
    }

    /// Says something to a channel.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn say_at_once(&self, channel: &Value, text: &str) -> Result<()> {
        self.command(json!({ "do": "say", "channel": channel, "text": text }))
            .await
    }

    async fn command(&self, command: Value) -> Result<()> {
        let reply = self.ask(command.clone()).await?;
        ensure!(reply["event"] == "done", "{command}: {reply}");
        Ok(())
    }

    /// The engine's reply to a command.
    pub(crate) async fn ask(&self, command: Value) -> Result<Value> {
        self.promise("testView.ask(arguments[0])", command).await
    }

    /// What a promise in the page comes to.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn promise(&self, promise: &str, argument: Value) -> Result<Value> {
        let script = format!("{promise}.then(arguments[1])");
        let said = self.driver.execute_async(&script, vec![argument]).await?;
        Ok(said.json().clone())
    }
}
