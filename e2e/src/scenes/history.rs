//! A history on this device's terms: a gap, what is marked and what was taken back, and the dialogs about them.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use catnest::time::Millis;
use serde_json::json;
use thirtyfour::prelude::*;

use super::{MEETING, Place};
use crate::{browser::Browser, history::Torn, host::Host};

/// Marked, recalled, and after a gap.
const MARKED: &str = "The fish is on the roof. 鱼在屋顶上。";
const RECALLED: &str = "And I am the one who put it there.";
const AFTER_A_GAP: &str = "That is what I wanted to say.";

/// In the chat of the nest [`MEETING`], in which somebody else is, and which has a log.
pub(super) async fn play(
    host: &Host,
    ann: &Browser,
    bo: &Browser,
    page: &impl Fn(&str) -> String,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    ann.open_from_menu("marked-open").await?;
    ann.find("marked-empty").await?;
    visit(ann, Place::Popup, "marked-empty").await?;
    ann.click("marked-close").await?;
    ann.open_ready(&page("welcome")).await?;
    ann.install_view().await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let now = Millis(u64::try_from(now.as_millis())?);
    let torn = Torn::write(&host.channel(MEETING), now, "…", AFTER_A_GAP)?;
    ann.import_torn(&torn).await?;
    ann.open_ready(&page("popup")).await?;
    ann.find("gap").await?;
    bo.say(MARKED).await?;
    ann.act_on(MARKED, "keep").await?;
    ann.find("kept").await?;
    ann.put("composer", RECALLED).await?;
    ann.click("send").await?;
    ann.act_on(RECALLED, "recall").await?;
    ann.find("question-no").await?;
    visit(ann, Place::Popup, "recall").await?;
    ann.answer_question(true).await?;
    ann.find("recalled").await?;
    visit(ann, Place::Popup, "history").await?;
    ann.click("recalled-show").await?;
    visit(ann, Place::Popup, "history-unfolded").await?;
    dialogs(ann, visit).await
}

async fn dialogs(
    ann: &Browser,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    ann.open_from_menu("marked-open").await?;
    ann.find("marked-go").await?;
    visit(ann, Place::Popup, "marked").await?;
    ann.press(Key::Escape).await?;
    ann.open_from_menu("retention-open").await?;
    is_foreseen(ann, "keeps").await?;
    visit(ann, Place::Popup, "retention").await?;
    ann.fill("retention-count-number", "10").await?;
    is_foreseen(ann, "discards").await?;
    visit(ann, Place::Popup, "retention-discards").await?;
    ann.fill("retention-days-number", "3").await?;
    is_foreseen(ann, "discards").await?;
    visit(ann, Place::Popup, "retention-days").await?;
    ann.click("retention-between").await?;
    ann.put("retention-from", "2026-11-01").await?;
    ann.put("retention-to", "2026-11-02").await?;
    is_foreseen(ann, "discards").await?;
    visit(ann, Place::Popup, "retention-dates").await?;
    ann.put("retention-to", "2026-10-31").await?;
    is_foreseen(ann, "invalid").await?;
    visit(ann, Place::Popup, "retention-invalid").await?;
    ann.click("retention-cancel").await
}

async fn is_foreseen(ann: &Browser, state: &str) -> Result<()> {
    let shown = "document.querySelector('[data-testid=retention-outlook]')?.dataset.state ?? null";
    ann.js_is(shown, json!(state)).await
}
