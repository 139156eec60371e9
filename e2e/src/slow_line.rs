//! A line to others that is slow: what is on its way takes as long as it takes people, however quick the machine.

use anyhow::Result;
use serde_json::json;

use crate::{browser::Browser, devtools::DevTools, stage::Stage};

/// Bytes a second of a line on which a long song takes some ten seconds.
pub const SLOW: u32 = 2_500_000;

/// A line that is slow as long as this is kept.
pub struct SlowLine {
    _held: DevTools,
}

impl Browser {
    /// Slows the connections that the engine makes from now on, each way, to so many bytes a second.
    ///
    /// # Errors
    /// When the browser does not do it.
    pub async fn slow_line(&self, bytes_per_second: u32) -> Result<SlowLine> {
        let mut engine = self.engine().await?;
        engine.send("Network.enable", json!({})).await?;
        let conditions = json!({
            "offline": false,
            "latency": 0,
            "downloadThroughput": bytes_per_second,
            "uploadThroughput": bytes_per_second,
            // With one of these, Chromium slows WebRTC as well.
            "packetLoss": 0,
            "packetQueueLength": 0,
            "packetReordering": false,
        });
        engine
            .send("Network.emulateNetworkConditions", conditions)
            .await?;
        Ok(SlowLine { _held: engine })
    }
}

impl Stage {
    /// As [`Stage::join`], over a slow line.
    ///
    /// # Errors
    /// When it does not work.
    pub async fn join_slowly(
        &mut self,
        name: &str,
        channel: &str,
        bytes_per_second: u32,
    ) -> Result<SlowLine> {
        self.start_browser(name).await?;
        let browser = self.browser(name)?;
        let line = browser.slow_line(bytes_per_second).await?;
        let address = &self.host.address;
        browser.settle_in(name, address, channel).await?;
        Ok(line)
    }
}
