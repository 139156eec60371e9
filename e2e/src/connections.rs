//! The peer connections of an engine, closed under its hands.
//!
//! They are noted as they are made. `DevTools::on_live` finds those of before as well, but walks the whole heap for that,
//! and a Chromium in the middle of a conversation was seen to crash at it.

use anyhow::{Context, Result};

use crate::devtools::DevTools;

const NOTE: &str = "void (globalThis.made ??= (all => {
    globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
        construct(real, given) {
            const one = Reflect.construct(real, given);
            all.push(one);
            return one;
        },
    });
    return all;
})([]))";
const OPEN: &str = "made.filter(one => one.connectionState === 'connected')";

impl DevTools {
    /// Notes the connections that the target makes from now on.
    ///
    /// # Errors
    /// When the target is gone.
    pub async fn note_connections(&mut self) -> Result<()> {
        self.evaluate(NOTE).await?;
        Ok(())
    }

    /// How many of those that were noted are connected.
    ///
    /// # Errors
    /// When the target is gone, or none were to be noted.
    pub async fn connected(&mut self) -> Result<u64> {
        let count = self.evaluate(&format!("{OPEN}.length")).await?;
        count.as_u64().context("a number")
    }

    /// Closes a connected one that was noted, by its place among them.
    ///
    /// # Errors
    /// When there is none.
    pub async fn close_connection(&mut self, place: u64) -> Result<()> {
        let close = format!("{OPEN}[{place}].close()");
        self.evaluate(&close).await?;
        Ok(())
    }

    /// Closes all connected ones that were noted, and says how many.
    ///
    /// # Errors
    /// When the target is gone, or none were to be noted.
    pub async fn close_connections(&mut self) -> Result<u64> {
        let close = format!("{OPEN}.map(one => one.close()).length");
        let count = self.evaluate(&close).await?;
        count.as_u64().context("a number")
    }

    /// How many bytes have come over the data channels of those that were noted.
    ///
    /// # Errors
    /// When the target is gone, or none were to be noted.
    pub async fn received_by_channels(&mut self) -> Result<u64> {
        let sum = "Promise.all(made.map(one => one.getStats())).then(all => all
            .flatMap(stats => [...stats.values()])
            .filter(({ type }) => type === 'data-channel')
            .reduce((sum, { bytesReceived }) => sum + bytesReceived, 0))";
        let bytes = self.evaluate(sum).await?;
        bytes.as_u64().context("a number")
    }
}
