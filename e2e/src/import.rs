//! A log of thousands, without thousands of people: records are written and signed here, and imported.

use anyhow::{Result, ensure};
use base64ct::{Base64, Encoding};
use catnest::{
    address::Address, channel::ChannelKey, chat::record::Record, entropy::Entropy,
    identity::DeviceSeed, limits, time::Millis,
};
use serde_json::{Value, json};

use crate::browser::Browser;

/// Those who write the log, in turns.
const AUTHORS: [&str; 3] = ["咪咪", "Tom", "Mo"];
/// The first message: 2026-11-01, 08:00 UTC.
const FIRST: u64 = 1_793_520_000_000;
/// Between two messages.
const PAUSE: u64 = 97_000;

impl Browser {
    /// Imports so many messages into the channel of an address, of one to some ten lines each, and over days. The page has
    /// to be one of the extension's, with [`Browser::install_view`].
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn import_log(&self, address: &str, count: u64) -> Result<()> {
        let key = ChannelKey::of(&address.parse::<Address>()?);
        let channel = key.id();
        let authors = AUTHORS.map(|name| {
            let seed = Entropy::from_seed([name.len() as u8; 32]);
            (
                name,
                DeviceSeed::generate(&mut { seed }).author_key(channel),
            )
        });
        let records: Vec<Value> = (0..count)
            .map(|number| {
                // Runs of three, so that there are groups.
                let (name, key) = &authors[(number / 3) as usize % AUTHORS.len()];
                let time = Millis(FIRST + number * PAUSE);
                let text = text(number);
                let record = Record::write(key, channel, time, name, &text);
                json!({ "record": Base64::encode_string(&record.bytes) })
            })
            .collect();
        for records in records.chunks(limits::MAX_PAGE) {
            let command = json!({ "do": "import", "channel": channel, "records": records });
            let reply = self.ask(command).await?;
            // Some may have come from others already.
            ensure!(reply["taken"]["refused"] == 0, "{reply}");
        }
        Ok(())
    }
}

/// Of every length that people write, with a number to find it by.
fn text(number: u64) -> String {
    let sentence = "The nest is warm, and the cat is in it. ";
    let length = [0, 1, 0, 3, 0, 0, 9, 1][(number % 8) as usize];
    format!("#{number} {}", sentence.repeat(length))
}
