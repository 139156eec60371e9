//! What people do with what a nest keeps: mark, recall, choose how much stays. And logs that are torn.

use anyhow::{Result, ensure};
use catnest::{
    address::Address,
    channel::{ChannelId, ChannelKey},
    chat::record::{Body, Record},
    entropy::Entropy,
    identity::{AuthorKey, DeviceSeed},
    time::Millis,
};
use serde_json::json;
use thirtyfour::prelude::*;

use crate::{browser::Browser, wait};

/// Who writes what is torn.
const AUTHOR: &str = "Mo";

/// Two messages of somebody who had the first when the second was written.
pub struct Torn {
    channel: ChannelId,
    missing: Record,
    after: Record,
}

impl Torn {
    /// Both, for the channel of an address. The second says `text` at `time`, the first said `missing` just before.
    ///
    /// # Errors
    /// When the address is none.
    pub fn write(address: &str, time: Millis, missing: &str, text: &str) -> Result<Self> {
        let (channel, key) = stranger(address)?;
        let before = Millis(time.0 - 1);
        let missing = Record::write(&key, channel, before, AUTHOR, missing);
        let body = Body {
            after: Some(missing.position()),
            ..Body::new(key.author(), channel, time, AUTHOR, text)
        };
        Ok(Self {
            channel,
            missing,
            after: Record::sign(&key, body),
        })
    }
}

/// The channel of an address, and the key of somebody there who is no device of the test's.
fn stranger(address: &str) -> Result<(ChannelId, AuthorKey)> {
    let channel = ChannelKey::of(&address.parse::<Address>()?).id();
    let entropy = &mut Entropy::from_seed([7; 32]);
    Ok((channel, DeviceSeed::generate(entropy).author_key(channel)))
}

impl Browser {
    /// Imports the second of two messages, without the first. The page needs [`Browser::install_view`].
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn import_torn(&self, torn: &Torn) -> Result<()> {
        self.import_records(torn.channel, std::slice::from_ref(&torn.after))
            .await
    }

    /// Imports the first.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn import_missing(&self, torn: &Torn) -> Result<()> {
        self.import_records(torn.channel, std::slice::from_ref(&torn.missing))
            .await
    }

    /// Imports what somebody said at these times into the channel of an address. The page needs [`Browser::install_view`].
    ///
    /// # Errors
    /// When the address is none, or the engine refuses.
    pub async fn import_said(&self, address: &str, said: &[(Millis, &str)]) -> Result<()> {
        let (channel, key) = stranger(address)?;
        let write =
            |(time, text): &(Millis, &str)| Record::write(&key, channel, *time, AUTHOR, text);
        let records: Vec<Record> = said.iter().map(write).collect();
        self.import_records(channel, &records).await
    }

    /// Says so many things at once in the only channel. The page needs [`Browser::install_view`].
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn say_many(&self, count: usize) -> Result<()> {
        let said = self
            .promise(include_str!("say_many.js"), json!(count))
            .await?;
        ensure!(said == true, "not all of {count} were said");
        Ok(())
    }

    /// Waits until so many messages are kept of the only channel. The page needs [`Browser::install_view`].
    ///
    /// # Errors
    /// When there are not so many; the error says how many.
    pub async fn keeps(&self, count: usize) -> Result<()> {
        let mut kept = json!(null);
        let waited = wait::until("what is kept", async || {
            kept = self
                .promise(include_str!("count_kept.js"), json!(null))
                .await?;
            Ok((kept == count).then_some(()))
        })
        .await;
        waited.map_err(|error| error.context(format!("expected {count}, kept are {kept}")))
    }

    /// Marks the oldest message of the only channel to be kept. The page needs [`Browser::install_view`].
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn mark_oldest(&self) -> Result<()> {
        let marked = self
            .promise(include_str!("mark_oldest.js"), json!(null))
            .await?;
        ensure!(marked["event"] == "done", "{marked}");
        Ok(())
    }

    /// Points at the message that says this, and presses one of the buttons beside it.
    ///
    /// # Errors
    /// When there is no such message, or no such button.
    pub async fn act_on(&self, text: &str, button: &str) -> Result<()> {
        // A page behind another has no pointer over it.
        self.to_front().await?;
        let script =
            "const text = (row) => row.querySelector('[data-testid=message-text]')?.textContent;
            const row = [...document.querySelectorAll('[data-testid=message]')]
                .find((row) => text(row) === arguments[0]);
            row?.scrollIntoView({ block: 'center' });
            return row ?? null;";
        let button = By::Css(format!(".actions [data-testid={button}]"));
        let button = wait::until(text, async || {
            let row = self.driver.execute(script, vec![text.into()]).await?;
            let row = row.element()?;
            let chain = self.driver.action_chain();
            chain.move_to_element_center(&row).perform().await?;
            Ok(row.find(button.clone()).await.ok())
        })
        .await?;
        Ok(button.click().await?)
    }

    /// Opens an entry of the menu of the nest that the chat shows.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open_from_menu(&self, entry: &str) -> Result<()> {
        self.click("more").await?;
        self.click(entry).await
    }

    /// Waits until no dialog is open, and the keyboard is where it was opened from.
    ///
    /// # Errors
    /// When it does not come to that.
    pub async fn is_back_at(&self, id: &str) -> Result<()> {
        self.js_is("document.querySelector('dialog[open]')", json!(null))
            .await?;
        self.js_is("document.activeElement.dataset.testid ?? null", id.into())
            .await
    }
}
