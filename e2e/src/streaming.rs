//! Files that are read and played while they come, without a player's page; and music made of nothing.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::browser::Browser;

/// Bytes of a second of [`song`]: two channels of 44,100 samples of 16 bits.
pub const SECOND: usize = 44_100 * 2 * 2;

/// What was answered to a request for part of a file.
#[derive(Clone, Debug, Deserialize)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// By their names in lower case.
    pub headers: Map<String, Value>,
    /// How many bytes came.
    pub length: u64,
    /// Their hash, as [`hash`] makes it.
    pub hash: u32,
    /// How many bytes of the file were here when the first of them came.
    pub here: Option<u64>,
}

impl Browser {
    /// Lets the page, one of the extension's, read and play files by the commands below, and those of
    /// [`Browser::install_files`].
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn install_streams(&self) -> Result<()> {
        self.install_files().await?;
        self.js(include_str!("streaming.js")).await?;
        Ok(())
    }

    /// Asks for a file of a channel, or part of it.
    ///
    /// # Errors
    /// When nothing is answered.
    pub async fn asks_for(
        &self,
        channel: &Value,
        file: &str,
        method: &str,
        range: Option<&str>,
    ) -> Result<Answer> {
        let arguments = [json!(file), channel.clone(), json!(range), json!(method)];
        let said = self.streams("get", &arguments).await?;
        serde_json::from_value(said.clone()).with_context(|| format!("asking for {file}: {said}"))
    }

    /// Tells the page's player something, and gives what comes of it: `play`, `seek`, `playOn`, `stop` or `glance`.
    ///
    /// # Errors
    /// When it does not work; the error says why.
    pub async fn streams(&self, function: &str, arguments: &[Value]) -> Result<Value> {
        let script = format!(
            "const done = arguments[1];
            testStreams.{function}(...arguments[0]).then(done, error => done({{ failed: `${{error}}` }}))"
        );
        let said = self
            .driver
            .execute_async(&script, vec![json!(arguments)])
            .await
            .with_context(|| format!("{function} of streams"))?;
        let said = said.json().clone();
        ensure!(said["failed"].is_null(), "{function}: {said}");
        Ok(said)
    }

    /// Ends the service worker, as the browser does after half a minute without work.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn stop_service_worker(&self) -> Result<()> {
        let cdp = self.driver.cdp();
        cdp.send_raw("ServiceWorker.enable", json!({})).await?;
        cdp.send_raw("ServiceWorker.stopAllWorkers", json!({}))
            .await?;
        cdp.send_raw("ServiceWorker.disable", json!({})).await?;
        Ok(())
    }
}

/// A WAV file (RIFF, PCM) of so many seconds: a tone that no second has like another, so that no piece is like another.
#[must_use]
pub fn song(seconds: usize) -> Vec<u8> {
    let bytes = u32::try_from(seconds * SECOND).unwrap_or(u32::MAX);
    let mut file = Vec::with_capacity(seconds * SECOND + 44);
    file.extend(b"RIFF");
    file.extend((bytes + 36).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    // PCM, two channels.
    file.extend(1_u16.to_le_bytes());
    file.extend(2_u16.to_le_bytes());
    file.extend(44_100_u32.to_le_bytes());
    file.extend((SECOND as u32).to_le_bytes());
    file.extend(4_u16.to_le_bytes());
    file.extend(16_u16.to_le_bytes());
    file.extend(b"data");
    file.extend(bytes.to_le_bytes());
    let mut phase = 0_u32;
    for second in 0..seconds {
        // Some hundred hertz, a little higher each second.
        let step = 97_391 * (220 + second as u32);
        for _ in 0..44_100 {
            phase = phase.wrapping_add(step);
            // A sawtooth, not too loud; the highest bits are what is heard.
            let sample = ((phase >> 18) as i16) - 8192;
            file.extend(sample.to_le_bytes());
            file.extend(sample.to_le_bytes());
        }
    }
    file
}

/// FNV-1a, 32 bits: what the page can compute of many megabytes while it reads them.
#[must_use]
pub fn hash(bytes: &[u8]) -> u32 {
    let step = |state: u32, byte: &u8| (state ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    bytes.iter().fold(0x811c_9dc5, step)
}
