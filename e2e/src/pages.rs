//! What people do with the welcome page and the settings, and what they see there.

use anyhow::Result;
use thirtyfour::prelude::*;

use crate::{browser::Browser, wait};

impl Browser {
    /// Waits until the welcome page says that the nest's server is `connecting`, `online` or `offline`.
    ///
    /// # Errors
    /// When it does not come to that.
    pub async fn sees_meeting(&self, state: &str) -> Result<()> {
        self.js_is(
            "document.querySelector('[data-testid=meeting]')?.dataset.state",
            state.into(),
        )
        .await
    }

    /// Waits until the settings list servers in these states, in whatever order.
    ///
    /// # Errors
    /// When they do not.
    pub async fn sees_servers(&self, states: &[&str]) -> Result<()> {
        let shown = "[...new Set([...document.querySelectorAll('[data-testid=server]')]
            .map(server => server.dataset.state))].sort()";
        let mut states = states.to_vec();
        states.sort_unstable();
        self.js_is(shown, states.into()).await
    }

    /// Waits until an expression in the page has this value.
    ///
    /// # Errors
    /// When it does not come to that; the error says what it is instead.
    pub async fn js_is(&self, expression: &str, value: serde_json::Value) -> Result<()> {
        let script = format!("return {expression}");
        let mut found = serde_json::Value::Null;
        wait::until(expression, async || {
            found = self.js(&script).await?;
            Ok((found == value).then_some(()))
        })
        .await
        .map_err(|error| error.context(format!("expected {value}, it is {found}")))
    }

    /// Answers the question that is open.
    ///
    /// # Errors
    /// When none is.
    pub async fn answer_question(&self, yes: bool) -> Result<()> {
        let id = if yes { "question-yes" } else { "question-no" };
        let button = By::Css(format!("dialog[open] [data-testid={id}]"));
        let button = wait::until("a question", async || {
            Ok(self.driver.find(button.clone()).await.ok())
        })
        .await?;
        Ok(button.click().await?)
    }

    /// Presses a key where the focus is.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn press(&self, key: impl Into<TypingData>) -> Result<()> {
        let focused = self.driver.active_element().await?;
        Ok(focused.send_keys(key).await?)
    }

    /// Presses Tab until the focus is on the element with this `data-testid`, or in it.
    ///
    /// # Errors
    /// When it does not come there in fifty steps.
    pub async fn tab_to(&self, id: &str) -> Result<()> {
        let script =
            format!("return document.activeElement?.closest('[data-testid=\"{id}\"]') !== null");
        for _ in 0..50 {
            self.press(Key::Tab).await?;
            if self.js(&script).await? == true {
                return Ok(());
            }
        }
        anyhow::bail!("Tab does not lead to {id}")
    }
}
