//! Each setting changed as a person does, and seen where it takes effect.

use anyhow::{Result, ensure};
use catnest_e2e::{browser::Browser, stage::on_stage};
use serde_json::json;
use thirtyfour::prelude::*;

const NAME: &str = "document.querySelector('[data-testid=name]')?.value";
const THEME: &str = "document.documentElement.dataset.theme ?? null";
const LANG: &str = "document.documentElement.lang";
const GROUND: &str = "getComputedStyle(document.body).backgroundColor";

/// What is chosen of a group of radio buttons.
fn chosen(group: &str) -> String {
    format!("document.querySelector('input[name={group}]:checked')?.value")
}

/// The saying that something is kept, which soon goes.
async fn sees_saved(browser: &Browser, section: &str) -> Result<()> {
    let saved =
        format!("document.querySelector('#{section} [data-testid=saved]').textContent !== ''");
    browser.js_is(&saved, json!(true)).await
}

#[tokio::test]
async fn language_and_theme_change_in_every_view_that_is_open() {
    on_stage("settings_look", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.open_ready("popup.html").await?;
        let chat = ann.driver.window().await?;
        ann.js_is(LANG, json!("en")).await?;
        ann.js_is(THEME, json!(null)).await?;
        let settings = ann.driver.new_tab().await?;
        ann.driver.switch_to_window(settings.clone()).await?;
        ann.open_ready("settings.html").await?;
        ann.to_front().await?;

        ann.click("language-zh").await?;
        sees_saved(ann, "language").await?;
        ann.click("theme-dark").await?;
        sees_saved(ann, "theme").await?;
        for view in [&chat, &settings] {
            ann.driver.switch_to_window(view.clone()).await?;
            ann.js_is(LANG, json!("zh-CN")).await?;
            ann.js_is(THEME, json!("dark")).await?;
            ann.js_is(GROUND, json!("rgb(28, 23, 20)")).await?;
        }
        ann.js_is(
            "document.querySelector('h1').textContent",
            json!("猫窝设置"),
        )
        .await?;
        ann.js_is("document.title", json!("猫窝设置")).await?;

        // By keyboard: one step back is the light one.
        ann.click("theme-dark").await?;
        ann.press(Key::Left).await?;
        ann.driver.switch_to_window(chat.clone()).await?;
        ann.js_is(THEME, json!("light")).await?;
        ann.js_is(GROUND, json!("rgb(250, 245, 238)")).await?;

        // The next opening knows it before the engine answers.
        ann.js_is("localStorage.getItem('theme')", json!("light"))
            .await?;
        ann.open_ready("welcome.html").await?;
        ann.js_is(LANG, json!("zh-CN")).await?;

        ann.driver.switch_to_window(settings).await?;
        ann.click("language-browser").await?;
        ann.click("theme-system").await?;
        ann.driver.switch_to_window(chat).await?;
        ann.js_is(LANG, json!("en")).await?;
        ann.js_is(THEME, json!(null)).await
    })
    .await;
}

#[tokio::test]
async fn a_new_name_is_kept_and_seen_by_others_and_a_bad_one_is_refused() {
    on_stage("settings_name", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        bo.sees_online(&["Bo", "Ann"]).await?;
        ann.open_ready("settings.html?lang=en").await?;
        ann.fill("name", "Anna").await?;
        ann.press(Key::Enter).await?;
        sees_saved(ann, "profile").await?;
        bo.sees_online(&["Bo", "Anna"]).await?;
        ann.fill("name", " ").await?;
        ann.press(Key::Tab).await?;
        let problem = ann.text("problem").await?;
        ensure!(problem.contains("choose a name"), "{problem}");
        ann.open_ready("settings.html?lang=en").await?;
        ann.js_is(NAME, json!("Anna")).await
    })
    .await;
}

#[tokio::test]
async fn notifications_and_mute_stay_as_they_were_set() {
    on_stage("settings_notices", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.open_ready("settings.html?lang=en").await?;
        ann.js_is(&chosen("notifications"), json!("sender")).await?;
        ann.click("notify-hidden").await?;
        sees_saved(ann, "notifications").await?;
        ann.click("nest-mute").await?;
        sees_saved(ann, "nests").await?;
        ann.open_ready("settings.html?lang=en").await?;
        ann.js_is(&chosen("notifications"), json!("hidden")).await?;
        let muted = "document.querySelector('[data-testid=nest-mute]').checked";
        ann.js_is(muted, json!(true)).await
    })
    .await;
}

#[tokio::test]
async fn a_nest_is_left_only_after_a_yes() {
    on_stage("settings_leave", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.open_ready("settings.html?lang=en").await?;
        let nests = "document.querySelectorAll('[data-testid=nest]').length";
        ann.js_is(nests, json!(1)).await?;
        ann.click("nest-leave").await?;
        ann.answer_question(false).await?;
        // Enter right after asking changes nothing either, and Escape closes.
        ann.click("nest-leave").await?;
        ann.press(Key::Escape).await?;
        ann.js_is(
            "document.querySelector('dialog[open]') === null",
            json!(true),
        )
        .await?;
        ann.click("nest-leave").await?;
        ann.press(Key::Enter).await?;
        ann.js_is(nests, json!(1)).await?;
        ann.click("nest-leave").await?;
        ann.answer_question(true).await?;
        ann.js_is(nests, json!(0)).await?;
        ann.js_is("document.activeElement.id", json!("nests-title"))
            .await?;
        ann.open_ready("popup.html?lang=en").await?;
        ann.find("no-channel").await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn servers_are_shown_as_they_come_and_go() {
    on_stage("settings_servers", async |stage| {
        stage.join("Ann", "nest").await?;
        let address = stage.host.address.clone();
        stage
            .browser("Ann")?
            .open_ready("settings.html?lang=en")
            .await?;
        stage.browser("Ann")?.sees_servers(&["online"]).await?;
        stage.host.kill()?;
        let ann = stage.browser("Ann")?;
        ann.sees_servers(&["offline"]).await?;
        let line = ann.text("run-server").await?;
        ensure!(
            line == format!("catnest-host serve --listen {address}"),
            "{line}"
        );
        ann.to_front().await?;
        ann.set_clipboard("").await?;
        ann.click("run-server-copy").await?;
        ann.js_is(
            "document.querySelector('[data-testid=run-server-copy]').textContent",
            json!("Copied"),
        )
        .await?;
        ensure!(ann.clipboard().await? == line, "the line is copied");
        stage.host.start_again()?;
        stage.browser("Ann")?.sees_servers(&["online"]).await
    })
    .await;
}

#[tokio::test]
async fn the_rest_is_told_and_keys_lead_to_the_browsers_page() {
    on_stage("settings_rest", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.open_ready("settings.html?lang=en#about").await?;
        let version = ann.text("version").await?;
        ensure!(version == env!("CARGO_PKG_VERSION"), "{version}");
        ann.js_is("scrollY > 0", json!(true)).await?;
        let used = ann.text("storage-used").await?;
        ensure!(used.contains("used of"), "{used}");
        let keys = "document.querySelector('[data-testid=popup-keys]').textContent.trim()";
        ann.js_is(keys, json!("Ctrl Shift Y")).await?;
        let before = ann.driver.windows().await?;
        ann.click("change-keys").await?;
        let opened = catnest_e2e::wait::until("a new tab", async || {
            let now = ann.driver.windows().await?;
            Ok(now.into_iter().find(|window| !before.contains(window)))
        })
        .await?;
        ann.driver.switch_to_window(opened).await?;
        ann.js_is("location.href", json!("chrome://extensions/shortcuts"))
            .await
    })
    .await;
}
