//! Long lists, of which a page has few rows at a time.

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::browser::Browser;

/// What a list did while it was scrolled. How long a frame takes is the machine's business; what it costs is what it adds
/// to the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Scrolled {
    /// So many rows were in the page at most.
    pub rows: u64,
    /// So many rows were added in one frame at most.
    pub most: u64,
    /// In so many frames nothing was seen in the middle of the list.
    pub empty: u64,
}

impl Browser {
    /// Scrolls a list to its end, downwards or upwards, by a step in each frame; both by their test ids.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn scroll_through(&self, list: &str, row: &str, down: bool) -> Result<Scrolled> {
        let step = if down { 600 } else { -600 };
        let arguments = vec![list.into(), row.into(), step.into()];
        let scrolled = self
            .driver
            .execute_async(include_str!("scrolling.js"), arguments)
            .await?;
        let scrolled = scrolled.json();
        serde_json::from_value(scrolled.clone()).with_context(|| scrolled.to_string())
    }
}
