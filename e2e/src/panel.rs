//! What people do with the music panel, and what they see there.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{browser::Browser, music::Song, wait};

/// A track, as its row shows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Shown {
    /// Its title.
    pub title: String,
    /// What the one button does: `play`, `pause`, `resume`, `retry`, `keep`, `drop`, `checking`, `away` or `banned`.
    pub action: String,
    /// All of it is on this device.
    pub here: bool,
    /// It is highlighted as what plays.
    pub current: bool,
    /// It is dimmed: nobody who has it is there.
    pub away: bool,
    /// How much of it is here, in hundredths, while it comes.
    pub percent: Option<u64>,
    /// How many others who are there have it.
    pub holders: u64,
}

/// The player, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Player {
    /// `playing`, `waiting`, `paused`, …
    pub activity: String,
    /// Of the track that it has.
    pub title: String,
}

/// Where somebody is in the list.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Place {
    /// How far it is scrolled, in CSS pixels.
    pub scrolled: f64,
    /// The track whose row has the keyboard.
    pub row: String,
    /// Where that row is on the screen, in CSS pixels.
    pub top: i64,
}

/// Rows from above to below; those that are scrolled away are in no page.
const ROWS: &str = "[...document.querySelectorAll('[data-testid=track]')]
    .sort((one, other) => one.ariaRowIndex - other.ariaRowIndex)
    .map((row) => {
        const find = (id) => row.querySelector(`[data-testid=${id}]`);
        const number = (text) => parseInt(text.match(/\\d+/)[0]);
        return {
            title: find('track-title').textContent,
            action: row.dataset.action,
            here: find('track-here') !== null,
            current: row.getAttribute('aria-current') === 'true',
            away: find('track-away') !== null,
            percent: find('track-percent') ? number(find('track-percent').textContent) : null,
            // What is read out says it once more.
            holders: number(find('track-holders')?.querySelector('span[aria-hidden]').textContent ?? '0'),
        };
    })";

const PLAYER: &str = "{
    activity: document.querySelector('[data-testid=player]').dataset.activity,
    title: document.querySelector('[data-testid=player-title]').textContent,
}";

impl Browser {
    /// Opens the music panel as a page.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn open_panel(&self) -> Result<()> {
        // A page behind another draws no frames.
        self.to_front().await?;
        self.open_ready("panel.html?lang=en").await
    }

    /// Gives files to one of the panel's inputs, which are behind buttons and menus.
    ///
    /// # Errors
    /// When the files or the input are not there.
    pub async fn give(&self, input: &str, files: &[&Path]) -> Result<()> {
        let mut paths = Vec::new();
        for file in files {
            // The driver takes no other.
            let path = file.canonicalize();
            let path = path.with_context(|| file.display().to_string())?;
            paths.push(path.to_string_lossy().into_owned());
        }
        let input = self.find(input).await?;
        // Chromium's dialog is what a person sees; the driver fills in what it would.
        Ok(input.send_keys(paths.join("\n")).await?)
    }

    /// Drops files and folders into the middle of the page, as from the system's own windows.
    ///
    /// # Errors
    /// When one is not there, or the browser takes no drop.
    pub async fn drop_in_the_middle(&self, paths: &[&Path]) -> Result<()> {
        let mut files = Vec::new();
        for path in paths {
            files.push(path.canonicalize()?);
        }
        let middle = self.js("return [innerWidth / 2, innerHeight / 2]").await?;
        let cdp = self.driver.cdp();
        for step in ["dragEnter", "dragOver", "drop"] {
            let data = json!({ "items": [], "files": files, "dragOperationsMask": 1 });
            let event = json!({ "type": step, "x": middle[0], "y": middle[1], "data": data });
            cdp.send_raw("Input.dispatchDragEvent", event).await?;
        }
        Ok(())
    }

    /// Adds songs to the nest's music, and waits until they are on the list, as own ones.
    ///
    /// # Errors
    /// When they do not get there.
    pub async fn add_songs(&self, songs: &[&Song]) -> Result<()> {
        let paths: Vec<&Path> = songs.iter().map(|song| song.path.as_path()).collect();
        self.give("add-files-input", &paths).await?;
        for song in songs {
            self.track_that(&song.title, "here", |row| row.here).await?;
        }
        Ok(())
    }

    /// All rows that are shown, from above to below.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn tracks(&self) -> Result<Vec<Shown>> {
        let rows = self.js(&format!("return {ROWS}")).await?;
        serde_json::from_value(rows.clone()).with_context(|| rows.to_string())
    }

    /// Waits until the row with this title is as `fits` wants it, and gives it.
    ///
    /// # Errors
    /// When it does not come to that; the error says which rows there are.
    pub async fn track_that(
        &self,
        title: &str,
        what: &str,
        fits: impl Fn(&Shown) -> bool,
    ) -> Result<Shown> {
        let mut shown = Vec::new();
        let waited = wait::until(what, async || {
            shown = self.tracks().await?;
            let row = shown.iter().find(|row| row.title == title);
            Ok(row.filter(|row| fits(row)).cloned())
        })
        .await;
        waited.with_context(|| format!("expected {title} {what}, shown are {shown:#?}"))
    }

    /// Waits until exactly these titles are listed, in any order.
    ///
    /// # Errors
    /// When they are not.
    pub async fn lists(&self, titles: &[&str]) -> Result<()> {
        let mut wanted = titles.to_vec();
        wanted.sort_unstable();
        let titles = format!("({ROWS}).map(({{ title }}) => title).sort()");
        let mut shown = Value::Null;
        let waited = wait::until("the list", async || {
            shown = self.js(&format!("return {titles}")).await?;
            let mut shown: Vec<String> = serde_json::from_value(shown.clone())?;
            // As Rust sorts.
            shown.sort_unstable();
            Ok((shown == wanted).then_some(()))
        })
        .await;
        waited.with_context(|| format!("expected {wanted:?}, shown are {shown}"))
    }

    /// Clicks a row, which plays the list from there.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn click_track(&self, title: &str) -> Result<()> {
        self.on_track(title, "track-title").await
    }

    /// Presses the one button of a row.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn press_on_track(&self, title: &str) -> Result<()> {
        self.on_track(title, "track-action").await
    }

    /// Chooses an entry of a row's menu, by its id.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn choose_for(&self, title: &str, entry: &str) -> Result<()> {
        self.on_track(title, "track-more").await?;
        self.click(entry).await
    }

    /// Gives a file to a track: chooses the entry of its row's menu, and then the file in the browser's dialog.
    ///
    /// # Errors
    /// When they are not there.
    pub async fn gives_part(
        &self,
        title: &str,
        entry: &str,
        input: &str,
        file: &Path,
    ) -> Result<()> {
        // A dialog of the browser's is in nobody's way; the driver gives the file to the input that asked for it.
        let cdp = self.driver.cdp();
        let intercept = json!({ "enabled": true });
        cdp.send_raw("Page.setInterceptFileChooserDialog", intercept)
            .await?;
        self.choose_for(title, entry).await?;
        self.give(input, &[file]).await
    }

    async fn on_track(&self, title: &str, what: &str) -> Result<()> {
        self.track_that(title, "to be there", |_| true).await?;
        let script = "return [...document.querySelectorAll('[data-testid=track]')]
            .find((row) => row.querySelector('[data-testid=track-title]').textContent === arguments[0])
            .querySelector(`[data-testid=${arguments[1]}]`)";
        let found = self
            .driver
            .execute(script, vec![title.into(), what.into()])
            .await?;
        let element = found.element()?;
        element.scroll_into_view().await?;
        Ok(element.click().await?)
    }

    /// The player as it is shown.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn player(&self) -> Result<Player> {
        let player = self.js(&format!("return {PLAYER}")).await?;
        serde_json::from_value(player.clone()).with_context(|| player.to_string())
    }

    /// Waits until the player has a track and does something with it.
    ///
    /// # Errors
    /// When it does not.
    pub async fn player_is(&self, activity: &str, title: &str) -> Result<()> {
        let wanted = Player {
            activity: activity.into(),
            title: title.into(),
        };
        let mut shown = None;
        let waited = wait::until("the player", async || {
            let player = self.player().await?;
            let fits = player == wanted;
            shown = Some(player);
            Ok(fits.then_some(()))
        })
        .await;
        waited.with_context(|| format!("expected {wanted:?}, shown is {shown:?}"))
    }

    /// Clicks the seek bar at a part of it, from 0 to 1.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn seek_to(&self, part: f64) -> Result<()> {
        let bar = self.find("seek").await?;
        // In CSS pixels from the middle.
        let width = bar.rect().await?.width;
        let offset = ((part - 0.5) * width).round() as i64;
        let chain = self.driver.action_chain();
        let chain = chain.move_to_element_with_offset(&bar, offset, 0);
        Ok(chain.click().perform().await?)
    }

    /// What is drawn of the seek bar's layer: `held` (pieces that are here), or `ahead` (fetched in front of what plays).
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn seek_layer(&self, layer: &str) -> Result<String> {
        let script = format!(
            "return document.querySelector('[data-testid=seek-{layer}]').getAttribute('d') ?? ''"
        );
        let drawn = self.js(&script).await?;
        Ok(drawn.as_str().context("a path")?.to_owned())
    }

    /// Opens a part of the panel: `library`, `queue`, `lyrics` or `bans`.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn open_pane(&self, pane: &str) -> Result<()> {
        self.click(&format!("tab-{pane}")).await?;
        let hidden = format!("document.querySelector('[data-testid=pane-{pane}]').hidden");
        self.js_is(&hidden, json!(false)).await
    }

    /// Bans tracks by a plain text or by a pattern, in any of their words.
    ///
    /// # Errors
    /// When the table is not saved.
    pub async fn ban(&self, text: &str, pattern: bool) -> Result<()> {
        self.open_pane("bans").await?;
        let before = "document.querySelectorAll('[data-testid=ban]').length";
        let before = self.js(&format!("return {before}")).await?;
        let before = before.as_u64().context("a number")?;
        self.fill("ban-text", text).await?;
        if pattern {
            self.click("ban-pattern").await?;
        }
        self.click("ban-save").await?;
        self.js_is(
            "document.querySelectorAll('[data-testid=ban]').length",
            json!(before + 1),
        )
        .await?;
        self.open_pane("library").await
    }

    /// Takes everything out of the ban table.
    ///
    /// # Errors
    /// When something stays in it.
    pub async fn unban_all(&self) -> Result<()> {
        self.open_pane("bans").await?;
        let bans = "document.querySelectorAll('[data-testid=ban]').length";
        let count = self.js(&format!("return {bans}")).await?;
        for left in (0..count.as_u64().context("a number")?).rev() {
            self.click("ban-remove").await?;
            self.js_is(bans, json!(left)).await?;
        }
        self.open_pane("library").await
    }

    /// Chooses something in a list that drops down.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn choose_in(&self, list: &str, value: &str) -> Result<()> {
        let choose = "const [list, value] = arguments;
            const select = document.querySelector(`[data-testid=${list}]`);
            select.value = value;
            select.dispatchEvent(new Event('change', { bubbles: true }));";
        self.driver
            .execute(choose, vec![list.into(), value.into()])
            .await?;
        Ok(())
    }

    /// Waits until the list has so many rows, seen or scrolled away.
    ///
    /// # Errors
    /// When it has not.
    pub async fn counts_tracks(&self, count: u32) -> Result<()> {
        let rows = "Number(document.querySelector('[data-testid=tracks]')?.ariaRowCount ?? 0)";
        self.js_is(rows, json!(count)).await
    }

    /// Has the device keep no lists of others, by the switch in the settings. The panel is closed for it, and open again.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn keeps_no_lists(&self) -> Result<()> {
        self.open_ready("settings.html?lang=en").await?;
        self.click("cache-lists").await?;
        self.js_is(
            "document.querySelector('[data-testid=cache-lists]').checked",
            json!(false),
        )
        .await?;
        self.open_panel().await
    }

    /// Waits until exactly these titles are in the queue, in this order.
    ///
    /// # Errors
    /// When they are not.
    pub async fn queue_is(&self, titles: &[&str]) -> Result<()> {
        let queued = "[...document.querySelectorAll('[data-testid=queue-row]')]
            .sort((one, other) => one.ariaRowIndex - other.ariaRowIndex)
            .map((row) => row.querySelector('.title').textContent)";
        self.js_is(queued, json!(titles)).await
    }

    /// How far the list is scrolled, which row has the keyboard, and where that row is seen; for comparing.
    ///
    /// # Errors
    /// When it is not scrolled, or no row has the keyboard.
    pub async fn place_in_list(&self) -> Result<Place> {
        let place = self
            .js("const row = document.activeElement.closest('[data-track]');
                return {
                    scrolled: document.querySelector('[data-testid=tracks]').scrollTop,
                    row: row?.dataset.track ?? '',
                    top: Math.round(row?.getBoundingClientRect().top ?? 0),
                }")
            .await?;
        let place: Place = serde_json::from_value(place)?;
        ensure!(place.scrolled > 0.0 && !place.row.is_empty(), "{place:?}");
        Ok(place)
    }
}
