//! What the browser shows while the chat is closed: the number on the icon, and notifications as private as one wants.

use anyhow::{Context, Result, ensure};
use catnest_e2e::{browser::Browser, devtools::DevTools, stage::on_stage, wait};
use serde_json::{Value, json};

/// Keeps what the service worker gives the browser to show, once it is shown; the browser itself tells only the ids.
const LISTEN: &str = "{
    const create = chrome.notifications.create;
    globalThis.notices = [];
    chrome.notifications.create = async (id, notice) => {
        const shown = await create.call(chrome.notifications, id, notice);
        notices.push([notice.title, notice.message]);
        return shown;
    };
}";
const SHOWN: &str = "chrome.notifications.getAll().then((shown) => Object.keys(shown))";

async fn badge(worker: &mut DevTools, expected: &str) -> Result<()> {
    let mut shown = Value::Null;
    wait::until("the number on the icon", async || {
        shown = worker.evaluate("chrome.action.getBadgeText({})").await?;
        Ok((shown == expected).then_some(()))
    })
    .await
    .with_context(|| format!("expected {expected}, it is {shown}"))
}

async fn withdrawn(worker: &mut DevTools) -> Result<()> {
    wait::until("no notification", async || {
        Ok((worker.evaluate(SHOWN).await? == json!([])).then_some(()))
    })
    .await
}

/// The title and the text of the notification that follows those before.
async fn notice(worker: &mut DevTools, number: usize) -> Result<(String, String)> {
    let said = wait::until("a notification", async || {
        let said = worker
            .evaluate(&format!("notices[{number}] ?? null"))
            .await?;
        Ok((!said.is_null()).then_some(said))
    })
    .await?;
    let text = |at: usize| said[at].as_str().map(str::to_owned).context("a text");
    Ok((text(0)?, text(1)?))
}

/// Chooses how much notifications tell, then leaves only a page from which nothing is seen of the nest.
async fn choose(ann: &Browser, level: &str) -> Result<()> {
    ann.open_ready("settings.html?lang=en").await?;
    ann.click(&format!("notify-{level}")).await?;
    ann.js_is(
        "document.querySelector('#notifications [data-testid=saved]').textContent !== ''",
        json!(true),
    )
    .await
}

#[tokio::test]
async fn what_comes_while_the_chat_is_closed_is_counted_and_told_as_far_as_one_wants() {
    on_stage("attention", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        ann.sees_online(&["Ann", "Bo"]).await?;
        let mut worker = ann.service_worker().await?;
        worker.evaluate(LISTEN).await?;
        // What is looked at is neither counted nor told.
        ann.to_front().await?;
        bo.say("looked at").await?;
        ann.sees(&["looked at"]).await?;
        badge(&mut worker, "").await?;
        // Each level tells what it says, and no more.
        let levels = [
            ("hidden", "Catnest", "1 new message"),
            ("sender", "Bo in nest", "1 new message"),
            ("text", "Bo in nest", "the fish"),
        ];
        let mut nest = String::new();
        for (number, (level, title, message)) in levels.iter().enumerate() {
            choose(ann, level).await?;
            bo.say("the fish").await?;
            let (shown_title, shown_message) = notice(&mut worker, number).await?;
            ensure!(
                shown_title.starts_with(title) && shown_message == *message,
                "{level}: {shown_title:?}, {shown_message:?}"
            );
            badge(&mut worker, "1").await?;
            let shown = worker.evaluate(SHOWN).await?;
            ensure!(shown.as_array().is_some_and(|shown| shown.len() == 1), "one for the nest: {shown}");
            shown[0].as_str().context("an id")?.clone_into(&mut nest);
            if *level != "text" {
                // What was seen is told no more.
                ann.open_chat().await?;
                badge(&mut worker, "").await?;
                withdrawn(&mut worker).await?;
            }
        }
        // With none, and in a muted nest, only the number goes on.
        choose(ann, "off").await?;
        bo.say("quietly").await?;
        badge(&mut worker, "2").await?;
        // A click leads to the nest, and there is nothing left to tell.
        let click = format!("chrome.notifications.onClicked.dispatch('{nest}')");
        worker.evaluate(&click).await?;
        let opened = "chrome.runtime.getContexts({ contextTypes: ['TAB'] }).then((pages) => pages.map(({ documentUrl }) => documentUrl).filter((url) => url.includes('popup.html?channel=')))";
        wait::until("the chat of the nest", async || {
            let tabs = worker.evaluate(opened).await?;
            let led = tabs[0].as_str().is_some_and(|url| url.ends_with(&nest));
            Ok(led.then_some(()))
        })
        .await?;
        badge(&mut worker, "").await?;
        withdrawn(&mut worker).await?;
        let said = worker.evaluate("notices.length").await?;
        ensure!(said == levels.len(), "nothing was told beside: {said}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_muted_nest_counts_for_itself_and_tells_nothing() {
    on_stage("attention_muted", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        ann.sees_online(&["Ann", "Bo"]).await?;
        ann.join_another(&stage.host.channel("other")).await?;
        let mut worker = ann.service_worker().await?;
        worker.evaluate(LISTEN).await?;
        ann.open_ready("settings.html?lang=en").await?;
        ann.click("nest-mute").await?;
        ann.js_is("document.querySelector('[data-testid=nest-mute]').checked", json!(true))
            .await?;
        ann.open_chat().await?;
        bo.say("quietly").await?;
        ann.click("channel-name").await?;
        let counts = "[...document.querySelectorAll('[data-testid=nest]')].map(({ dataset }) => dataset.unread)";
        ann.js_is(counts, json!(["1", "0"])).await?;
        badge(&mut worker, "").await?;
        let said = worker.evaluate("notices").await?;
        ensure!(said == json!([]), "{said}");
        Ok(())
    })
    .await;
}
