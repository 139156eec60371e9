//! What people do with the extension, and what they see.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use thirtyfour::prelude::*;

use crate::{browser::Browser, wait};

/// What a shown message looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Who wrote it.
    pub name: String,
    /// What they wrote.
    pub text: String,
    /// It stands on the own side.
    pub mine: bool,
}

impl Browser {
    /// An element by its `data-testid`, once it is there.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn find(&self, id: &str) -> Result<WebElement> {
        let by = || By::Css(format!("[data-testid='{id}']"));
        wait::until(id, async || Ok(self.driver.find(by()).await.ok())).await
    }

    /// Replaces what stands in a field.
    ///
    /// # Errors
    /// When the field is not there.
    pub async fn fill(&self, id: &str, text: &str) -> Result<()> {
        let field = self.find(id).await?;
        field.send_keys(Key::Control + "a").await?;
        field.send_keys(Key::Delete + "").await?;
        field.send_keys(text).await?;
        Ok(())
    }

    /// Replaces what stands in a field at once: WebDriver types no emoji, and its line breaks are Enter.
    ///
    /// # Errors
    /// When the field is not there.
    pub async fn put(&self, id: &str, text: &str) -> Result<()> {
        let field = self.find(id).await?;
        let script = "arguments[0].value = arguments[1];
            arguments[0].dispatchEvent(new Event('input', { bubbles: true }))";
        let arguments = vec![field.to_json()?, text.into()];
        self.driver.execute(script, arguments).await?;
        Ok(())
    }

    /// Clicks an element.
    ///
    /// # Errors
    /// When it is not there or cannot be clicked.
    pub async fn click(&self, id: &str) -> Result<()> {
        Ok(self.find(id).await?.click().await?)
    }

    /// What an element shows.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn text(&self, id: &str) -> Result<String> {
        Ok(self.find(id).await?.text().await?)
    }

    /// Runs JavaScript in the page.
    ///
    /// # Errors
    /// When it throws.
    pub async fn js(&self, script: &str) -> Result<Value> {
        Ok(self
            .driver
            .execute(script, Vec::new())
            .await?
            .json()
            .clone())
    }

    /// Opens a page of the extension and waits until it shows what is.
    ///
    /// # Errors
    /// When it does not get there.
    pub async fn open_ready(&self, page: &str) -> Result<()> {
        self.open(page).await?;
        let ready = "return document.body?.dataset.ready === 'true'";
        wait::until(page, async || {
            Ok((self.js(ready).await? == true).then_some(()))
        })
        .await
    }

    /// Opens the welcome page, gives a name, and takes one of the ways in by its `data-testid`.
    ///
    /// # Errors
    /// When it does not work.
    pub async fn choose_way(&self, name: &str, way: &str) -> Result<()> {
        self.open_ready("welcome.html?lang=en").await?;
        self.fill("name", name).await?;
        self.click(way).await
    }

    /// Sends the welcome page's form, and waits until one is in.
    ///
    /// # Errors
    /// When one does not get in; the error says what the page says.
    pub async fn get_in(&self) -> Result<()> {
        self.click("submit").await?;
        let script = "return document.querySelector('[data-testid=done]') ? ''
            : document.querySelector('[data-testid=problem]')?.textContent";
        let problem = wait::until("in, or a problem", async || {
            Ok(self.js(script).await?.as_str().map(str::to_owned))
        })
        .await?;
        ensure!(problem.is_empty(), "the welcome page says: {problem}");
        Ok(())
    }

    /// Goes through the welcome page into a public nest, by server and channel.
    ///
    /// # Errors
    /// When it does not work.
    pub async fn settle_in(&self, name: &str, server: &str, channel: &str) -> Result<()> {
        self.choose_way(name, "way-public").await?;
        self.fill("server", server).await?;
        self.fill("channel", channel).await?;
        self.get_in().await?;
        self.open_chat().await
    }

    /// Makes a new private nest, and gives its invitation as the welcome page shows it.
    ///
    /// # Errors
    /// When it does not work.
    pub async fn found_private(&self, name: &str, server: &str, channel: &str) -> Result<String> {
        self.choose_way(name, "way-private").await?;
        self.fill("server", server).await?;
        self.fill("channel", channel).await?;
        self.get_in().await?;
        self.click("show-invitation").await?;
        let invitation = self.text("invitation").await?;
        self.open_chat().await?;
        Ok(invitation)
    }

    /// Goes through the welcome page into the private nest of a passphrase.
    ///
    /// # Errors
    /// When it does not work.
    pub async fn enter_by_passphrase(
        &self,
        name: &str,
        server: &str,
        channel: &str,
        passphrase: &str,
    ) -> Result<()> {
        self.choose_way(name, "way-passphrase").await?;
        self.fill("server", server).await?;
        self.fill("channel", channel).await?;
        self.fill("passphrase", passphrase).await?;
        self.get_in().await?;
        self.open_chat().await
    }

    /// Goes through the welcome page by an invitation.
    ///
    /// # Errors
    /// When it does not work.
    pub async fn enter_by_invitation(&self, name: &str, invitation: &str) -> Result<()> {
        self.choose_way(name, "way-invitation").await?;
        self.fill("address", invitation).await?;
        self.get_in().await?;
        self.open_chat().await
    }

    /// Opens the chat's form for joining another nest, pastes an invitation there, and joins.
    ///
    /// # Errors
    /// When it does not work.
    pub async fn join_another(&self, invitation: &str) -> Result<()> {
        self.click("channel-name").await?;
        self.click("join-another").await?;
        self.paste("join-address", invitation).await?;
        self.click("join-submit").await?;
        let form = "return document.querySelector('[data-testid=join-address]') === null";
        wait::until("the form is gone", async || {
            Ok((self.js(form).await? == true).then_some(()))
        })
        .await
    }

    /// Leaves the nest that the chat shows.
    ///
    /// # Errors
    /// When it does not work.
    pub async fn leave(&self) -> Result<()> {
        self.click("more").await?;
        self.click("leave").await?;
        self.answer_question(true).await
    }

    /// Replaces what stands in a field by what is on the clipboard, which is this text.
    ///
    /// # Errors
    /// When the field is not there, or the browser does not let us.
    pub async fn paste(&self, id: &str, text: &str) -> Result<()> {
        let field = self.find(id).await?;
        self.set_clipboard(text).await?;
        field.send_keys(Key::Control + "a").await?;
        field.send_keys(Key::Control + "v").await?;
        Ok(())
    }

    /// Copies the invitation to the channel that the chat shows.
    ///
    /// # Errors
    /// When it does not work.
    pub async fn copy_invitation(&self) -> Result<String> {
        self.click("invite").await?;
        self.find("invite-panel").await?;
        self.click("copy-invitation").await?;
        // Copying takes a moment; the button says when it is done.
        wait::until("the button says so", async || {
            let says = self.text("copy-invitation").await?;
            Ok((says == "Copied").then_some(()))
        })
        .await?;
        let copied = self.clipboard().await?;
        self.click("invite").await?;
        Ok(copied)
    }

    /// Opens the chat as a page.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn open_chat(&self) -> Result<()> {
        self.open_ready("popup.html?lang=en").await
    }

    /// Writes a message and presses Enter.
    ///
    /// # Errors
    /// When the message is not taken.
    pub async fn say(&self, text: &str) -> Result<()> {
        self.fill("composer", text).await?;
        self.find("composer")
            .await?
            .send_keys(Key::Enter + "")
            .await?;
        let value = "return document.querySelector('[data-testid=composer]').value";
        wait::until("the message is taken", async || {
            Ok((self.js(value).await? == "").then_some(()))
        })
        .await
    }

    /// All messages that are shown, from top to bottom.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn messages(&self) -> Result<Vec<Seen>> {
        let script =
            "return [...document.querySelectorAll('[data-testid=message]')].map(message => [
            message.querySelector('[data-testid=message-name]').textContent,
            message.querySelector('[data-testid=message-text]')?.textContent ?? '',
            message.dataset.mine === 'true'])";
        let rows = self.js(script).await?;
        let row = |row: &Value| {
            let text = |i: usize| row[i].as_str().map(str::to_owned);
            Some(Seen {
                name: text(0)?,
                text: text(1)?,
                mine: row[2].as_bool()?,
            })
        };
        rows.as_array()
            .context("a list")?
            .iter()
            .map(|r| row(r).context("a message"))
            .collect()
    }

    /// Waits until exactly these texts are shown, in this order.
    ///
    /// # Errors
    /// When they are not; the error says what is shown.
    pub async fn sees(&self, texts: &[&str]) -> Result<()> {
        let mut shown = Vec::new();
        let waited = wait::until("the messages", async || {
            shown = self
                .messages()
                .await?
                .into_iter()
                .map(|seen| seen.text)
                .collect();
            Ok((shown == texts).then_some(()))
        })
        .await;
        waited.with_context(|| format!("expected {texts:?}, shown are {shown:?}"))
    }

    /// Waits until the log, read from its beginning to its end by scrolling, has exactly these texts in this order.
    ///
    /// # Errors
    /// When it has not; the error says how many there are.
    pub async fn reads(&self, texts: &[&str]) -> Result<()> {
        // A page behind another draws no frames, and tells nobody that it was scrolled.
        self.to_front().await?;
        let mut read = Value::Null;
        let waited = wait::until("the whole log", async || {
            let said = self.driver.execute_async(include_str!("read.js"), vec![]);
            read = said.await?.json().clone();
            Ok((read == Value::from(texts)).then_some(()))
        })
        .await;
        waited.with_context(|| format!("expected {} messages, there are {read}", texts.len()))
    }

    /// Waits until exactly these members are shown as online, the own one first.
    ///
    /// # Errors
    /// When they are not; the error says who is.
    pub async fn sees_online(&self, names: &[&str]) -> Result<()> {
        let script = "return [...document.querySelectorAll('[data-testid=member-name]')].map(member => member.textContent)";
        let mut expected: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        expected[0] += " (you)";
        let mut shown = Value::Null;
        let waited = wait::until("who is online", async || {
            shown = self.js(script).await?;
            Ok((shown == Value::from(expected.clone())).then_some(()))
        })
        .await;
        waited.with_context(|| format!("expected {expected:?}, shown are {shown}"))
    }

    /// Waits until the server is reached and nobody else is there.
    ///
    /// # Errors
    /// When it is not so; the error says who is there.
    pub async fn sees_itself_alone(&self, name: &str) -> Result<()> {
        self.sees_server("online").await?;
        self.sees_online(&[name]).await
    }

    /// Waits until the chat shows its server in this state: `connecting`, `online` or `offline`.
    ///
    /// # Errors
    /// When it does not get there.
    pub async fn sees_server(&self, state: &str) -> Result<()> {
        let script = "return document.querySelector('[data-testid=server-state]')?.dataset.state";
        wait::until(&format!("the server is {state}"), async || {
            Ok((self.js(script).await? == state).then_some(()))
        })
        .await
    }

    /// Checks that a text stands nowhere in the page, seen or unseen.
    ///
    /// # Errors
    /// When it does.
    pub async fn hides(&self, text: &str) -> Result<()> {
        ensure!(!self.shows(text).await?, "“{text}” is on the page");
        Ok(())
    }

    /// Waits until a text stands nowhere in the page, seen or unseen.
    ///
    /// # Errors
    /// When it goes on to.
    pub async fn loses(&self, text: &str) -> Result<()> {
        wait::until(&format!("“{text}” to leave the page"), async || {
            Ok((!self.shows(text).await?).then_some(()))
        })
        .await
    }

    /// Whether a text stands anywhere in the page.
    async fn shows(&self, text: &str) -> Result<bool> {
        let script = "return document.documentElement.outerHTML.includes(arguments[0])
            || [...document.querySelectorAll('input, textarea')].some(field => field.value.includes(arguments[0]))";
        let found = self.driver.execute(script, vec![text.into()]).await?;
        Ok(found.json() != &Value::Bool(false))
    }

    /// Checks that nothing on the page came from a message's markup.
    ///
    /// # Errors
    /// When an element stands inside of a message's text.
    pub async fn shows_no_markup(&self) -> Result<()> {
        let script = "return document.querySelectorAll('[data-testid=message-text] *').length";
        ensure!(self.js(script).await? == 0, "a message's text has elements");
        Ok(())
    }
}
