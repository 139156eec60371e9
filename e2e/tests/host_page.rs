//! The native host as people meet it: not there, installed, told what to keep, ended and come back.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use catnest_e2e::{
    browser::Browser,
    host::NativeHost,
    stage::{Stage, on_stage},
    wait,
};
use serde_json::{Value, json};

const STATE: &str = "document.querySelector('[data-testid=host-state]')?.dataset.state";

/// Opens the host's page, and notes from then on every state that it shows.
async fn open_page(browser: &Browser) -> Result<()> {
    browser.open_ready("host.html?lang=en").await?;
    browser
        .js(
            "const place = document.querySelector('[data-testid=host-state]');
            window.states = [place.dataset.state];
            new MutationObserver(() => window.states.push(place.dataset.state))
                .observe(place, { attributes: true, attributeFilter: ['data-state'] })",
        )
        .await?;
    Ok(())
}

/// A browser with an installed host, which its page shows.
async fn with_host(stage: &mut Stage) -> Result<NativeHost> {
    let host = stage.native_host("Ann");
    host.install()?;
    stage.join("Ann", "nest").await?;
    let ann = stage.browser("Ann")?;
    open_page(ann).await?;
    ann.js_is(STATE, json!("present")).await?;
    Ok(host)
}

/// What the daemon says of its only channel.
async fn daemon_has(host: &NativeHost, what: &str, fits: impl Fn(&[Value]) -> bool) -> Result<()> {
    let mut said = Value::Null;
    let waited = wait::until(what, async || {
        said = host.json(&["channels"])?;
        let channels = said.as_array().context("a list")?;
        Ok(fits(channels).then_some(()))
    })
    .await;
    waited.with_context(|| format!("it has {said}"))
}

#[tokio::test]
async fn without_a_host_there_is_a_line_to_copy_and_look_again_finds_one() {
    on_stage("host_absent", async |stage| {
        let host = stage.native_host("Ann");
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        // Nothing speaks of it where it would be used.
        ann.click("more").await?;
        ann.find("retention-open").await?;
        ann.js_is(
            "document.querySelector('[data-testid=seed-nest]') === null",
            json!(true),
        )
        .await?;
        ann.open_ready("settings.html?lang=en").await?;
        ann.click("host-open").await?;
        ann.js_is(STATE, json!("absent")).await?;
        ann.js_is(
            "document.querySelector('[data-testid=host-absent]').dataset.why",
            json!("host_absent"),
        )
        .await?;
        let line = ann.text("host-line").await?;
        ensure!(line == "catnest-host install", "{line}");
        ann.to_front().await?;
        ann.set_clipboard("").await?;
        ann.click("host-line-copy").await?;
        ann.js_is(
            "document.querySelector('[data-testid=host-line-copy]').textContent",
            json!("Copied"),
        )
        .await?;
        ensure!(ann.clipboard().await? == line, "the line is copied");
        // Looking changes nothing by itself.
        ann.click("host-look").await?;
        ann.js_is(STATE, json!("absent")).await?;

        host.install()?;
        ann.click("host-look").await?;
        ann.js_is(STATE, json!("present")).await?;
        let version = ann.text("host-version").await?;
        ensure!(version == env!("CARGO_PKG_VERSION"), "{version}");
        // It was started by that, and by nothing else.
        host.pid()?;
        ann.find("host-disk").await?;
        ann.js_is(
            "document.querySelector('[data-testid=seeded-nest]')?.dataset.seeds",
            json!("none"),
        )
        .await
    })
    .await;
}

#[tokio::test]
async fn the_switch_of_a_nest_has_the_daemon_join_and_leave() {
    on_stage("host_nest", async |stage| {
        let host = with_host(stage).await?;
        let ann = stage.browser("Ann")?;
        ensure!(host.json(&["channels"])? == json!([]), "it is in no nest");
        ann.click("seed-nest").await?;
        let joined = |channels: &[Value]| matches!(channels, [nest] if nest["name"] == "nest" && nest["seeds"] == "all");
        daemon_has(&host, "the nest, all of it", joined).await?;
        let seeds = "document.querySelector('[data-testid=seeded-nest]')?.dataset.seeds";
        ann.js_is(seeds, json!("all")).await?;

        // The same switch stands where the nest's other settings are, and in its menu.
        ann.open_ready("settings.html?lang=en").await?;
        let on = "document.querySelector('[data-testid=seed-nest]')?.checked";
        ann.js_is(on, json!(true)).await?;
        ann.click("seed-nest").await?;
        daemon_has(&host, "no nest", <[Value]>::is_empty).await?;
        ann.js_is(on, json!(false)).await?;
        ann.open_chat().await?;
        ann.click("more").await?;
        ann.click("seed-nest").await?;
        daemon_has(&host, "the nest again", joined).await?;
        ann.click("more").await?;
        ann.js_is(
            "document.querySelector('[data-testid=seed-nest]')?.textContent.trim()",
            json!("Stop seeding after I close the browser"),
        )
        .await
    })
    .await;
}

#[tokio::test]
async fn the_switch_of_a_file_has_the_daemon_get_it_and_forget_it() {
    on_stage("host_file", async |stage| {
        let host = with_host(stage).await?;
        let ann = stage.browser("Ann")?;
        let picture =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../extension/static/icons/48.png");
        ann.open_chat().await?;
        ann.to_front().await?;
        ann.share("", &[&picture]).await?;
        ann.sees_file("48.png", "complete").await?;
        ann.click("seed-file").await?;
        let whole = |files: &Value| {
            let mut files = files.as_array().into_iter().flatten();
            files.any(|file| {
                file["file"]["name"] == "48.png"
                    && file["chosen"] == true
                    && file["state"]["is"] == "complete"
            })
        };
        wait::until("the daemon has the file", async || {
            Ok(whole(&host.json(&["resources"])?).then_some(()))
        })
        .await?;
        // It had to join for that, and does not get everything else.
        daemon_has(
            &host,
            "the nest",
            |channels| matches!(channels, [nest] if nest["seeds"] == "chosen"),
        )
        .await?;
        ann.js_is(
            "document.querySelector('[data-testid=seed-file]').getAttribute('aria-checked')",
            json!("true"),
        )
        .await?;

        open_page(ann).await?;
        ann.find("seeded-files").await?;
        ann.js("document.querySelector('[data-testid=seeded-files]').open = true")
            .await?;
        ann.js_is(
            "document.querySelector('[data-testid=seeded-file]')?.dataset.state",
            json!("complete"),
        )
        .await?;
        ann.click("seed-file").await?;
        wait::until("the daemon has forgotten it", async || {
            Ok((host.json(&["resources"])? == json!([])).then_some(()))
        })
        .await?;
        // With nothing to keep there, it has no business in the nest.
        daemon_has(&host, "no nest", <[Value]>::is_empty).await?;
        ann.js_is(
            "document.querySelector('[data-testid=seeded-file]') === null",
            json!(true),
        )
        .await?;

        // Where it was told to be there, with nothing to keep, it is told to go.
        let address = stage.host.channel("nest");
        let joined = host.command(&["join", &address]).status()?;
        ensure!(joined.success(), "{joined}");
        ann.click("host-leave").await?;
        ann.click("question-yes").await?;
        daemon_has(&host, "no nest any more", <[Value]>::is_empty).await?;
        ann.js_is(
            "document.querySelector('[data-testid=host-leave]') === null",
            json!(true),
        )
        .await
    })
    .await;
}

#[tokio::test]
async fn a_daemon_that_is_killed_is_missed_and_comes_back() {
    on_stage("host_killed", async |stage| {
        let host = with_host(stage).await?;
        let ann = stage.browser("Ann")?;
        let before = host.pid()?;
        host.kill()?;
        // The page said so, and found the next one by itself.
        ann.js_is(
            "window.states.slice(-3)",
            json!(["present", "absent", "present"]),
        )
        .await?;
        ensure!(host.pid()? != before, "another process");
        ann.find("host-disk").await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_daemon_that_was_stopped_stays_so_until_somebody_starts_it() {
    on_stage("host_stopped", async |stage| {
        let host = with_host(stage).await?;
        let ann = stage.browser("Ann")?;
        host.stop()?;
        ann.js_is(
            "document.querySelector('[data-testid=host-absent]')?.dataset.why",
            json!("host_stopped"),
        )
        .await?;
        ensure!(host.pid().is_err(), "nothing has started it");
        ann.click("host-look").await?;
        ann.js_is(STATE, json!("present")).await?;
        host.pid()?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_worker_may_be_stopped_and_the_host_is_found_again() {
    on_stage("host_worker", async |stage| {
        let host = with_host(stage).await?;
        let ann = stage.browser("Ann")?;
        let before = host.pid()?;
        ann.stop_service_worker().await?;
        ann.js_is(
            "window.states.slice(-3)",
            json!(["present", "absent", "present"]),
        )
        .await?;
        // Only what stood between them was gone.
        ensure!(host.pid()? == before, "the same process");
        Ok(())
    })
    .await;
}
