//! A place far back in a long log: it is shown with what stands around it, and the rest comes as one scrolls there.

use anyhow::{Result, ensure};
use catnest_e2e::{browser::Browser, stage::on_stage};
use serde_json::json;
use thirtyfour::prelude::*;

/// Pages of the log have a hundred messages.
const LOG: u64 = 700;

/// Counts how many pages of the log a view asks for.
const COUNT_PAGES: &str = "(() => {
    const connect = chrome.runtime.connect.bind(chrome.runtime);
    globalThis.pages = 0;
    chrome.runtime.connect = (options) => {
        const port = connect(options);
        return {
            onMessage: port.onMessage,
            onDisconnect: port.onDisconnect,
            postMessage(message) {
                if (message.ask?.command.do.startsWith('page')) globalThis.pages += 1;
                port.postMessage(message);
            },
        };
    };
})()";

/// The number that the message with the focus begins with.
const FOCUSED: &str = "(document.activeElement.querySelector('[data-testid=message-text]')
    ?.textContent.split(' ')[0] ?? null)";

/// Scrolls to the end of what there is, a part of a screen at a time, and gives the numbers that were on the way; beyond a
/// number, no further.
const SCROLL: &str = "const [last, done] = arguments;
    const log = document.querySelector('[data-testid=log]');
    const seen = new Set();
    const pause = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    (async () => {
        let highest = -1;
        while (highest < last) {
            for (const text of document.querySelectorAll('[data-testid=message-text]')) {
                // What was said since is not of the log.
                if (!text.textContent.startsWith('#')) continue;
                const number = Number(text.textContent.split(' ')[0].slice(1));
                seen.add(number);
                highest = Math.max(highest, number);
            }
            log.scrollTop += log.clientHeight / 2;
            await pause();
        }
        done([...seen].sort((one, other) => one - other));
    })();";

async fn pages(person: &Browser) -> Result<u64> {
    let pages = person.js("return pages").await?;
    Ok(pages.as_u64().unwrap_or(u64::MAX))
}

async fn scrolls_without_a_gap(person: &Browser, first: u64, last: u64) -> Result<()> {
    let seen = person
        .driver
        .execute_async(SCROLL, vec![last.into()])
        .await?;
    let seen: Vec<u64> = serde_json::from_value(seen.json().clone())?;
    let whole = seen.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    ensure!(
        whole && seen.first() <= Some(&first),
        "from {first} to {last}: {seen:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_jump_reads_what_is_there_and_the_rest_comes_as_one_scrolls() {
    on_stage("far_back", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        ann.to_front().await?;
        ann.install_view().await?;
        ann.import_log(&stage.host.channel("nest"), LOG).await?;
        ann.before_each_page(COUNT_PAGES).await?;
        ann.open_ready("popup.html").await?;
        let newest = format!("#{} ", LOG - 1);
        let at_end = format!(
            "[...document.querySelectorAll('[data-testid=message-text]')].at(-1)?.textContent.startsWith('{newest}')"
        );
        ann.js_is(&at_end, json!(true)).await?;

        // To the first day: not by way of everything that was said since.
        let before = pages(ann).await?;
        ann.click("search-open").await?;
        ann.put("search-date", "2026-11-01").await?;
        ann.click("search-date-go").await?;
        ann.js_is(FOCUSED, json!("#0")).await?;
        let asked = pages(ann).await? - before;
        ensure!(asked <= 5, "{asked} pages for a jump over {LOG} messages");
        scrolls_without_a_gap(ann, 0, 250).await?;

        // What is said meanwhile waits where it stands.
        bo.say("Are you still there?").await?;
        let count = "document.querySelector('[data-testid=jump-newest]')?.dataset.count ?? null";
        ann.js_is(count, json!("1")).await?;
        ann.click("jump-newest").await?;
        let last = "[...document.querySelectorAll('[data-testid=message-text]')].at(-1)?.textContent";
        ann.js_is(last, json!("Are you still there?")).await?;
        ann.js_is(
            "document.querySelector('[data-testid=jump-newest]')",
            json!(null),
        )
        .await?;

        // To a message in the middle, and from there on to the newest.
        ann.press(Key::Control + "f").await?;
        ann.fill("search-input", "#300").await?;
        ann.click("search-result").await?;
        ann.js_is(FOCUSED, json!("#300")).await?;
        scrolls_without_a_gap(ann, 300, LOG - 1).await?;
        ann.js("const log = document.querySelector('[data-testid=log]'); log.scrollTop = log.scrollHeight")
            .await?;
        ann.js_is(
            "document.querySelector('[data-testid=jump-newest]')",
            json!(null),
        )
        .await?;

        // Who says something wants to see it.
        ann.click("search-open").await?;
        ann.put("search-date", "2026-11-01").await?;
        ann.click("search-date-go").await?;
        ann.js_is(FOCUSED, json!("#0")).await?;
        ann.say("I was reading").await?;
        ann.js_is(last, json!("I was reading")).await
    })
    .await;
}
