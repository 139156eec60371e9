//! Views that hear what no engine says: for states that are over in a moment, or come only after hours.

use anyhow::Result;
use serde_json::Value;

use crate::browser::Browser;

impl Browser {
    /// From now on, views that are opened also hear [`Browser::pretend`]. Gives what ends that.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn begin_pretending(&self) -> Result<Value> {
        self.before_each_page(include_str!("pretend.js")).await
    }

    /// Views that are opened hear only their engine again.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn end_pretending(&self, begun: Value) -> Result<()> {
        self.no_more_before_each_page(begun).await
    }

    /// Says something to the view, as the engine would (`FromEngine` of the messages crate).
    ///
    /// # Errors
    /// When the view was opened before [`Browser::begin_pretending`].
    pub async fn pretend(&self, message: Value) -> Result<()> {
        self.driver
            .execute("window.pretend(arguments[0])", vec![message])
            .await?;
        Ok(())
    }

    /// Says to the view that the native host is so (`HostState`), and gives these answers (`Answer`, by `for` of the
    /// requests) when it asks it for something.
    ///
    /// # Errors
    /// When the view was opened before [`Browser::begin_pretending`].
    pub async fn pretend_host(&self, state: Value, answers: Value) -> Result<()> {
        self.driver
            .execute(
                "window.pretendHost(arguments[0], arguments[1])",
                vec![state, answers],
            )
            .await?;
        Ok(())
    }
}
