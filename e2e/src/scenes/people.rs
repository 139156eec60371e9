//! People of a nest: oneself, somebody with the same name, and somebody who is blocked.

use anyhow::{Context, Result};
use serde_json::json;

use super::Place;
use crate::browser::Browser;

const MARKS: &str = "document.querySelectorAll('#members [data-testid=key-mark]').length";

/// In the chat of a nest in which `bo` is, too, and has said something. Everything is as before in the end.
pub(super) async fn play(
    ann: &Browser,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    ann.click("members-toggle").await?;
    let name = "document.querySelectorAll('[data-testid=member-name]')[1].textContent";
    let name = ann.js(&format!("return {name}")).await?;
    let name = name.as_str().context("a name")?;
    ann.click("profile-open").await?;
    ann.click("avatar-🐧").await?;
    visit(ann, Place::Popup, "profile").await?;
    ann.fill("profile-name", "\u{202e}").await?;
    ann.click("profile-save").await?;
    ann.find("problem").await?;
    visit(ann, Place::Popup, "profile-problem").await?;
    ann.fill("profile-name", name).await?;
    ann.click("profile-save").await?;
    ann.js_is(MARKS, json!(2)).await?;
    visit(ann, Place::Popup, "same-name").await?;
    ann.click("block").await?;
    ann.find("blocked-member").await?;
    visit(ann, Place::Popup, "blocked").await?;
    ann.click("members-toggle").await?;
    ann.find("blocked").await?;
    visit(ann, Place::Popup, "blocked-messages").await?;
    ann.click("members-toggle").await?;
    ann.click("unblock").await?;
    ann.click("profile-open").await?;
    ann.fill("profile-name", "").await?;
    ann.click("avatar-none").await?;
    ann.click("profile-save").await?;
    ann.is_back_at("profile-open").await?;
    ann.click("members-toggle").await
}
