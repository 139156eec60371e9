//! What burns after reading, and what is looked for.

use anyhow::Result;
use serde_json::json;

use super::Place;
use crate::browser::Browser;

const BURNING: &str = "document.querySelectorAll('[data-testid=burning]').length";

/// In the chat of a nest that has a log and in which `bo` is, too.
pub(super) async fn play(
    ann: &Browser,
    bo: &Browser,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    search(ann, visit).await?;
    ann.open_from_menu("burn-toggle").await?;
    ann.find("burn-confirm").await?;
    visit(ann, Place::Popup, "burn-question").await?;
    ann.click("burn-cancel").await?;
    bo.open_from_menu("burn-toggle").await?;
    bo.click("burn-confirm").await?;
    ann.find("burn-banner").await?;
    bo.say("这句话不会留下。").await?;
    ann.say("Then I can tell you where the fish is: on the roof, behind the chimney.")
        .await?;
    ann.js_is(BURNING, json!(2)).await?;
    visit(ann, Place::Popup, "burning").await?;
    ann.click("attach").await?;
    ann.find("problem").await?;
    visit(ann, Place::Popup, "burning-files").await?;
    ann.put("composer", "Behind the chimney, did I say?")
        .await?;
    bo.open_from_menu("burn-toggle").await?;
    ann.js_is(BURNING, json!(0)).await?;
    ann.find("burn-ended").await?;
    visit(ann, Place::Popup, "burn-ended").await?;
    ann.click("send").await?;
    ann.find("question-no").await?;
    visit(ann, Place::Popup, "burn-over").await?;
    ann.answer_question(false).await?;
    ann.put("composer", "").await?;
    ann.open_chat().await
}

async fn search(
    ann: &Browser,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    ann.click("search-open").await?;
    ann.find("search-empty").await?;
    visit(ann, Place::Popup, "search-empty").await?;
    ann.fill("search-input", "fish").await?;
    ann.find("search-result").await?;
    visit(ann, Place::Popup, "search").await?;
    ann.fill("search-input", "#").await?;
    ann.find("search-more").await?;
    visit(ann, Place::Popup, "search-more").await?;
    ann.fill("search-input", "dog").await?;
    ann.find("search-none").await?;
    visit(ann, Place::Popup, "search-none").await?;
    ann.put("search-date", "2999-01-01").await?;
    ann.click("search-date-go").await?;
    let says = "document.querySelector('[data-testid=search-date-says]').textContent === ''";
    ann.js_is(says, json!(false)).await?;
    visit(ann, Place::Popup, "search-no-day").await?;
    ann.put("search-date", "2026-11-01").await?;
    ann.click("search-date-go").await?;
    ann.find("jump-newest").await?;
    visit(ann, Place::Popup, "far-back").await?;
    ann.click("jump-newest").await
}
