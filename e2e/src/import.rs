//! A log of thousands, without thousands of people: records are written and signed here, and imported.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use base64ct::{Base64, Encoding};
use catnest::{
    address::Address,
    channel::{ChannelId, ChannelKey},
    chat::record::Record,
    entropy::Entropy,
    identity::{AuthorKey, DeviceSeed},
    limits,
    time::Millis,
};
use serde_json::{Value, json};

use crate::browser::Browser;

/// Those who write the log, in turns.
const AUTHORS: [&str; 3] = ["咪咪", "Tom", "Mo"];
/// The first message: 2026-11-01, 08:00 UTC.
const FIRST: u64 = 1_793_520_000_000;
/// Between two messages.
const PAUSE: u64 = 97_000;

/// A message that is to be in a log.
pub struct Line {
    /// When it was written.
    pub time: Millis,
    /// By whom. Who has the same name is the same.
    pub author: &'static str,
    /// What it says.
    pub text: String,
}

impl Browser {
    /// Imports so many messages into the channel of an address, of one to some ten lines each, and over days. The page has
    /// to be one of the extension's, with [`Browser::install_view`].
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn import_log(&self, address: &str, count: u64) -> Result<()> {
        let line = |number| Line {
            time: Millis(FIRST + number * PAUSE),
            // Runs of three, so that there are groups.
            author: AUTHORS[(number / 3) as usize % AUTHORS.len()],
            text: text(number),
        };
        self.import_lines(address, (0..count).map(line)).await
    }

    /// Imports messages into the channel of an address. The page has to be one of the extension's, with
    /// [`Browser::install_view`].
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn import_lines(
        &self,
        address: &str,
        lines: impl Iterator<Item = Line>,
    ) -> Result<()> {
        let channel = ChannelKey::of(&address.parse::<Address>()?).id();
        let mut keys = BTreeMap::new();
        let mut records = lines.map(|Line { time, author, text }| {
            let key = keys.entry(author).or_insert_with(|| key(author, channel));
            Record::write(key, channel, time, author, &text)
        });
        loop {
            let records: Vec<Record> = records.by_ref().take(limits::MAX_PAGE).collect();
            if records.is_empty() {
                return Ok(());
            }
            self.import_records(channel, &records).await?;
        }
    }

    /// Imports records, at most [`limits::MAX_PAGE`].
    pub(crate) async fn import_records(
        &self,
        channel: ChannelId,
        records: &[Record],
    ) -> Result<()> {
        let entry = |record: &Record| json!({ "record": Base64::encode_string(&record.bytes) });
        let records: Vec<Value> = records.iter().map(entry).collect();
        let command = json!({ "do": "import", "channel": channel, "records": records });
        let reply = self.ask(command).await?;
        // Some may have come from others already.
        ensure!(reply["taken"]["refused"] == 0, "{reply}");
        Ok(())
    }
}

/// Whom an author signs as.
fn key(author: &str, channel: ChannelId) -> AuthorKey {
    let mut seed = [0; 32];
    for (to, from) in seed.iter_mut().zip(author.bytes()) {
        *to = from;
    }
    DeviceSeed::generate(&mut Entropy::from_seed(seed)).author_key(channel)
}

/// Of every length that people write, with a number to find it by.
fn text(number: u64) -> String {
    let sentence = "The nest is warm, and the cat is in it. ";
    let length = [0, 1, 0, 3, 0, 0, 9, 1][(number % 8) as usize];
    format!("#{number} {}", sentence.repeat(length))
}
