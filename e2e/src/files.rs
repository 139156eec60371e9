//! What people do with files, and what they see of them, in the chat and in the list of transfers.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{browser::Browser, wait};

/// A file's card, as it is shown in the chat or in the list of transfers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The whole name.
    pub name: String,
    /// `absent`, `seeking`, `fetching`, `paused`, `stopped`, `checking` or `complete`.
    pub state: String,
    /// As people read it: `4.2 MB`.
    pub size: String,
    /// What is said of it.
    pub facts: String,
    /// Hundredths of it that are here, while it is on its way.
    pub percent: Option<u64>,
    /// Its picture is on the screen; nothing where it is none.
    pub picture: Option<bool>,
}

/// What can be pressed on a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// Get it.
    Download,
    /// Wait with it.
    Pause,
    /// Go on.
    Resume,
    /// Try once more, after it has stopped.
    Retry,
    /// Do without it.
    Cancel,
    /// Show it in a page of its own.
    Open,
    /// Save it where the browser puts downloads.
    Save,
    /// Remove it from the device; a question follows, see [`Browser::answer_question`].
    Remove,
}

impl Press {
    fn id(self) -> &'static str {
        match self {
            Press::Download => "file-download",
            Press::Pause => "file-pause",
            Press::Resume => "file-resume",
            Press::Retry => "file-retry",
            Press::Cancel => "file-cancel",
            Press::Open => "file-open",
            Press::Save => "file-save",
            Press::Remove => "file-remove",
        }
    }
}

/// Cards from above to below.
const CARDS: &str = "return [...document.querySelectorAll('[data-testid=file]')].map((card) => {
    const text = (id) => card.querySelector(`[data-testid=${id}]`)?.textContent ?? '';
    const bar = card.querySelector('[data-testid=file-progress]');
    const picture = card.querySelector('[data-testid=picture]');
    return {
        name: card.dataset.name,
        state: card.dataset.state,
        size: text('file-size'),
        facts: text('file-facts'),
        percent: bar && Math.floor(bar.value * 100),
        picture: picture && picture.dataset.shown === 'true',
    };
})";

/// A button of the last card with a name.
const BUTTON: &str = "return [...document.querySelectorAll('[data-testid=file]')]
    .findLast((card) => card.dataset.name === arguments[0])
    ?.querySelector(`[data-testid=${arguments[1]}]`) ?? null";

/// Files that stand above the text field.
const ATTACHED: &str =
    "[...document.querySelectorAll('[data-testid=attached]')].map((chip) => chip.dataset.name)";

impl Browser {
    /// Picks files for the next message, and waits until they stand above the text field.
    ///
    /// # Errors
    /// When they do not come there, as when they are too many.
    pub async fn attach(&self, files: &[&Path]) -> Result<()> {
        let mut names = self.js(&format!("return {ATTACHED}")).await?;
        self.pick(files).await?;
        let all = names.as_array_mut().context("a list")?;
        for file in files {
            let name = file.file_name().context("a file's path")?;
            all.push(name.to_string_lossy().into());
        }
        self.js_is(ATTACHED, names).await
    }

    /// Picks files for the next message, whatever becomes of that.
    ///
    /// # Errors
    /// When the files or the composer are not there.
    pub async fn pick(&self, files: &[&Path]) -> Result<()> {
        let mut paths = Vec::new();
        for file in files {
            // The driver takes no other.
            let path = file.canonicalize();
            let path = path.with_context(|| file.display().to_string())?;
            paths.push(path.to_string_lossy().into_owned());
        }
        let input = self.find("attach-input").await?;
        Ok(input.send_keys(paths.join("\n")).await?)
    }

    /// Waits until exactly these files stand above the text field.
    ///
    /// # Errors
    /// When they do not.
    pub async fn sees_attached(&self, names: &[&str]) -> Result<()> {
        self.js_is(ATTACHED, json!(names)).await
    }

    /// Takes a file out of the next message again.
    ///
    /// # Errors
    /// When it is not in it.
    pub async fn detach(&self, name: &str) -> Result<()> {
        let script = "const chip = [...document.querySelectorAll('[data-testid=attached]')]
            .find((chip) => chip.dataset.name === arguments[0]);
            chip?.querySelector('[data-testid=attached-remove]').click();
            return chip !== undefined";
        let done = self.driver.execute(script, vec![name.into()]).await?;
        anyhow::ensure!(done.json() == &json!(true), "{name} is not attached");
        Ok(())
    }

    /// Presses the button that sends, and waits until text and files are taken.
    ///
    /// # Errors
    /// When they are not.
    pub async fn send(&self) -> Result<()> {
        self.click("send").await?;
        self.sees_attached(&[]).await?;
        let value = "document.querySelector('[data-testid=composer]').value";
        self.js_is(value, json!("")).await
    }

    /// Sends files with a text, which may be empty.
    ///
    /// # Errors
    /// When they are not taken.
    pub async fn share(&self, text: &str, files: &[&Path]) -> Result<()> {
        self.put("composer", text).await?;
        self.attach(files).await?;
        self.send().await
    }

    /// Drags a made-up file over the chat; with `drop`, lets it go there.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn drag(&self, name: &str, text: &str, drop: bool) -> Result<()> {
        let script = "const data = new DataTransfer();
            data.items.add(new File([arguments[1]], arguments[0]));
            for (const kind of arguments[2] ? ['dragover', 'drop'] : ['dragover']) {
                const event = new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
                document.querySelector('main').dispatchEvent(event);
            }";
        let arguments = vec![name.into(), text.into(), drop.into()];
        self.driver.execute(script, arguments).await?;
        Ok(())
    }

    /// Drags what is over the chat away again.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn drag_away(&self) -> Result<()> {
        self.js("document.querySelector('main').dispatchEvent(new DragEvent('dragleave', { bubbles: true }))")
            .await?;
        Ok(())
    }

    /// All cards that are shown, from above to below: those of the chat's messages, or the rows of the list of
    /// transfers.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn cards(&self) -> Result<Vec<Card>> {
        let cards = self.js(CARDS).await?;
        let card = |card: &Value| {
            let text = |name: &str| card[name].as_str().map(str::to_owned);
            Some(Card {
                name: text("name")?,
                state: text("state")?,
                size: text("size")?,
                facts: text("facts")?,
                percent: card["percent"].as_u64(),
                picture: card["picture"].as_bool(),
            })
        };
        let cards = cards.as_array().context("a list")?;
        cards
            .iter()
            .map(|shown| card(shown).with_context(|| format!("a card: {shown}")))
            .collect()
    }

    /// Waits until the last card with this name is as `fits` wants it, and gives it.
    ///
    /// # Errors
    /// When it does not come to that; the error says which cards there are.
    pub async fn card_that(
        &self,
        name: &str,
        what: &str,
        fits: impl Fn(&Card) -> bool,
    ) -> Result<Card> {
        let mut shown = Vec::new();
        let waited = wait::until(what, async || {
            shown = self.cards().await?;
            let card = shown.iter().rfind(|card| card.name == name);
            Ok(card.filter(|card| fits(card)).cloned())
        })
        .await;
        waited.with_context(|| format!("expected {name} {what}, shown are {shown:#?}"))
    }

    /// Waits until the last card with this name is in this state, and gives it.
    ///
    /// # Errors
    /// When it does not come to that; the error says which cards there are.
    pub async fn sees_file(&self, name: &str, state: &str) -> Result<Card> {
        self.card_that(name, state, |card| card.state == state)
            .await
    }

    /// Waits until the picture of a file is on the screen, and drawn.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn sees_picture(&self, name: &str) -> Result<()> {
        self.card_that(name, "as a picture", |card| card.picture == Some(true))
            .await?;
        let drawn = "[...document.querySelectorAll('[data-testid=picture] img')]
            .every((image) => image.complete && image.naturalWidth > 0)";
        self.js_is(drawn, json!(true)).await
    }

    /// Presses a button of the last card with this name, once it is there.
    ///
    /// # Errors
    /// When it does not come, or cannot be pressed.
    pub async fn press_on_file(&self, name: &str, press: Press) -> Result<()> {
        let what = format!("{press:?} on {name}");
        let button = wait::until(&what, async || {
            let arguments = vec![name.into(), press.id().into()];
            let found = self.driver.execute(BUTTON, arguments).await?;
            if found.json().is_null() {
                return Ok(None);
            }
            Ok(Some(found.element()?))
        })
        .await?;
        button.scroll_into_view().await?;
        Ok(button.click().await?)
    }

    /// Opens a file, waits for the tab with its page, and opens the same page in this one: ChromeDriver lists no tabs that
    /// extensions open.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn open_file(&self, name: &str) -> Result<()> {
        let tabs = "const done = arguments[0];
            chrome.runtime.getContexts({ contextTypes: ['TAB'] }).then((tabs) => done(
                tabs.map((tab) => tab.documentUrl.split('/').at(-1)).filter((page) => page.startsWith('file.html'))))";
        let before = self.driver.execute_async(tabs, vec![]).await?;
        let before = before.json().as_array().map_or(0, Vec::len);
        self.press_on_file(name, Press::Open).await?;
        let page = wait::until("the file's page", async || {
            let now = self.driver.execute_async(tabs, vec![]).await?;
            let now = now.json().as_array().cloned().unwrap_or_default();
            let new = (now.len() > before).then(|| now.last().cloned()).flatten();
            Ok(new.and_then(|page| page.as_str().map(str::to_owned)))
        })
        .await?;
        self.to_front().await?;
        self.open_ready(&page).await
    }

    /// Opens the list of transfers in this page.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn open_transfers(&self) -> Result<()> {
        self.open_ready("transfers.html?lang=en").await
    }

    /// Waits until nothing is being taken in.
    ///
    /// # Errors
    /// When something still is.
    pub async fn has_taken_all_in(&self) -> Result<()> {
        self.js_is(
            "document.querySelectorAll('[data-testid=intake]').length",
            json!(0),
        )
        .await
    }

    /// Lets the browser put downloads into a folder, without asking.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn downloads_to(&self, folder: &Path) -> Result<()> {
        let behaviour = json!({ "behavior": "allow", "downloadPath": folder.to_string_lossy() });
        let cdp = self.driver.cdp();
        cdp.send_raw("Browser.setDownloadBehavior", behaviour)
            .await?;
        Ok(())
    }

    /// Saves a file, and waits until all of it is in the folder of [`Browser::downloads_to`]. Gives its path.
    ///
    /// # Errors
    /// When it does not come there.
    pub async fn save(&self, name: &str, folder: &Path) -> Result<PathBuf> {
        self.press_on_file(name, Press::Save).await?;
        self.gets_file(folder, name).await
    }
}
