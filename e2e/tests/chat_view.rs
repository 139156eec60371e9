//! The chat as people read and write in it: what is read stays, what is new is told, what is half written is kept.

use anyhow::{Context, Result, ensure};
use catnest_e2e::{browser::Browser, stage::on_stage, wait};
use serde_json::json;
use thirtyfour::prelude::*;

const DRAFT: &str = "document.querySelector('[data-testid=composer]')?.value";
const COUNT: &str = "document.querySelector('[data-testid=jump-newest]')?.dataset.count ?? null";
const AT_END: &str = "(() => { const log = document.querySelector('[data-testid=log]');
    return log.scrollHeight - log.clientHeight - log.scrollTop < 3; })()";
const NAME: &str = "document.querySelector('[data-testid=channel-name] bdi')?.textContent";
const FOCUSED: &str =
    "document.activeElement.querySelector('[data-testid=message-text]')?.textContent ?? null";

/// The text of an element, in a dialog that comes in softly as well.
fn shown(id: &str) -> String {
    format!("document.querySelector('dialog[open] [data-testid={id}]').textContent")
}

/// What the engine counts as unread in the only channel.
async fn unread(person: &Browser) -> Result<i64> {
    let script = "const done = arguments[0];
        testView.ask({ do: 'overview' }).then(() => setTimeout(() => done(testView.overview().channels[0].unread.count)))";
    let said = person.driver.execute_async(script, vec![]).await?;
    said.json().as_i64().context("a number")
}

/// Where the first whole message on the screen stands, and what it says.
async fn first_on_screen(person: &Browser) -> Result<(String, i64)> {
    let script = "const edge = document.querySelector('[data-testid=log]').getBoundingClientRect().top;
        const row = [...document.querySelectorAll('[data-testid=message]')]
            .find(row => row.getBoundingClientRect().top >= edge);
        return [row.querySelector('[data-testid=message-text]').textContent, Math.round(row.getBoundingClientRect().top)]";
    let said = person.js(script).await?;
    let text = said[0].as_str().context("a text")?.to_owned();
    Ok((text, said[1].as_i64().context("a number")?))
}

async fn scroll_up(person: &Browser, pixels: i64) -> Result<()> {
    let script = format!("document.querySelector('[data-testid=log]').scrollTop -= {pixels}");
    person.js(&script).await?;
    // Two frames: one in which the view hears of it, one more to be sure that it has done what it does.
    let frames =
        "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(arguments[0], 50)))";
    person.driver.execute_async(frames, vec![]).await?;
    Ok(())
}

/// A log of so many messages in the only nest, and the chat open on it.
async fn with_log(person: &Browser, address: &str, count: u64) -> Result<()> {
    person.open_ready("welcome.html?lang=en").await?;
    person.install_view().await?;
    person.import_log(address, count).await?;
    person.open_chat().await?;
    person.to_front().await?;
    let last = format!(
        "[...document.querySelectorAll('[data-testid=message-text]')].at(-1)?.textContent.startsWith('#{} ')",
        count - 1
    );
    person.js_is(&last, json!(true)).await?;
    person.js_is(AT_END, json!(true)).await
}

#[tokio::test]
async fn every_nest_keeps_its_draft_over_switching_and_closing() {
    on_stage("chat_drafts", async |stage| {
        stage.join("Ann", "one").await?;
        let ann = stage.browser("Ann")?;
        ann.join_another(&stage.host.channel("two")).await?;
        ann.js_is(NAME, json!("two")).await?;
        ann.fill("composer", "half of two").await?;
        ann.press(Key::Alt + Key::Up).await?;
        ann.js_is(NAME, json!("one")).await?;
        ann.js_is(DRAFT, json!("")).await?;
        ann.js_is("document.activeElement.id", json!("composer"))
            .await?;
        ann.fill("composer", "half of one").await?;
        // Back and forth at once, without a pause between.
        let keys = "for (const key of ['ArrowDown', 'ArrowUp', 'ArrowDown'])
            dispatchEvent(new KeyboardEvent('keydown', { key, altKey: true, bubbles: true }))";
        ann.js(keys).await?;
        ann.js_is(NAME, json!("two")).await?;
        ann.js_is(DRAFT, json!("half of two")).await?;
        // Closed and opened, it begins where it was left.
        ann.open_ready("welcome.html").await?;
        ann.open_chat().await?;
        ann.js_is(NAME, json!("two")).await?;
        ann.js_is(DRAFT, json!("half of two")).await?;
        ann.click("channel-name").await?;
        ann.press(Key::Up).await?;
        ann.press(Key::Enter).await?;
        ann.js_is(NAME, json!("one")).await?;
        ann.js_is(DRAFT, json!("half of one")).await?;
        // What is sent leaves the other one alone.
        ann.press(Key::Enter).await?;
        ann.js_is(DRAFT, json!("")).await?;
        ann.sees(&["half of one"]).await?;
        ann.press(Key::Alt + Key::Down).await?;
        ann.js_is(DRAFT, json!("half of two")).await
    })
    .await;
}

#[tokio::test]
async fn what_comes_while_the_chat_is_closed_is_unread_until_it_was_seen() {
    on_stage("chat_unread", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        ann.sees_online(&["Ann", "Bo"]).await?;
        bo.say("seen").await?;
        ann.to_front().await?;
        ann.sees(&["seen"]).await?;
        ann.open_ready("welcome.html").await?;
        ann.install_view().await?;
        for text in ["one", "two", "three"] {
            bo.say(text).await?;
        }
        wait::until("three are unread", async || {
            Ok((unread(ann).await? == 3).then_some(()))
        })
        .await?;
        ann.open_chat().await?;
        ann.to_front().await?;
        ann.sees(&["seen", "one", "two", "three"]).await?;
        let after = "document.querySelector('[data-testid=unread-divider]')?.closest('[data-testid=message]')
            .querySelector('[data-testid=message-text]').textContent";
        ann.js_is(after, json!("one")).await?;
        ann.install_view().await?;
        wait::until("none is unread", async || {
            Ok((unread(ann).await? == 0).then_some(()))
        })
        .await?;
        // Where it began stays shown until the nest is opened again.
        ann.js_is(after, json!("one")).await?;
        ann.open_chat().await?;
        ann.sees(&["seen", "one", "two", "three"]).await?;
        ann.js_is("document.querySelector('[data-testid=unread-divider]')", json!(null))
            .await
    })
    .await;
}

#[tokio::test]
async fn what_is_read_stays_while_others_write_and_older_messages_come() {
    on_stage("chat_reading", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        with_log(ann, &stage.host.channel("nest"), 600).await?;
        ann.sees_online(&["Ann", "Bo"]).await?;
        // Upwards, through several pages: what is on the screen never jumps.
        for _ in 0..30 {
            let (text, top) = first_on_screen(ann).await?;
            scroll_up(ann, 200).await?;
            let find = format!(
                "Math.round([...document.querySelectorAll('[data-testid=message]')]
                    .find(row => row.querySelector('[data-testid=message-text]').textContent === '{text}')
                    ?.getBoundingClientRect().top)"
            );
            let now = ann.js(&format!("return {find}")).await?;
            let moved = now.as_i64().context(text)? - top;
            ensure!((199..=201).contains(&moved), "scrolled by 200, it moved by {moved}");
        }
        let before = first_on_screen(ann).await?;
        bo.say("news").await?;
        ann.js_is(COUNT, json!("1")).await?;
        ensure!(first_on_screen(ann).await? == before, "it moved: {before:?}");
        bo.say("more news").await?;
        ann.js_is(COUNT, json!("2")).await?;
        // Another width: the same message at the top.
        ann.viewport(330, 600).await?;
        wait::until("the same message", async || {
            Ok((first_on_screen(ann).await?.0 == before.0).then_some(()))
        })
        .await?;
        ann.click("jump-newest").await?;
        ann.js_is(AT_END, json!(true)).await?;
        ann.js_is(COUNT, json!(null)).await?;
        // At the end, what comes is followed.
        bo.say("at the end").await?;
        let last = "[...document.querySelectorAll('[data-testid=message-text]')].at(-1)?.textContent";
        ann.js_is(last, json!("at the end")).await?;
        ann.js_is(AT_END, json!(true)).await?;
        // It stays the end in a page of another size, which the browser scrolls by itself.
        for (width, height) in [(320, 600), (500, 600), (500, 400), (500, 700), (330, 600)] {
            ann.viewport(width, height).await?;
            ann.is_still().await?;
            let at_end = ann.js(&format!("return {AT_END}")).await?;
            ensure!(at_end == true, "not at the end at {width} × {height}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_messages_scroll_from_end_to_end_with_few_rows_at_a_time() {
    on_stage("chat_ten_thousand", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.driver
            .set_script_timeout(std::time::Duration::from_secs(180))
            .await?;
        with_log(ann, &stage.host.channel("nest"), 10_000).await?;
        let scrolled = ann.scroll_through("log", "message", false).await?;
        let first = "document.querySelector('[data-testid=message-text]').textContent";
        ann.js_is(first, json!("#0 ")).await?;
        ensure!(
            scrolled.rows < 150,
            "few rows are in the page: {scrolled:?}"
        );
        let few = (1..100).contains(&scrolled.most);
        ensure!(few, "few rows are added in a frame: {scrolled:?}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_link_says_where_it_leads_before_it_is_followed() {
    on_stage("chat_links", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        let typed = "https://cat.example@evil.example/a?b";
        ann.say(&format!("see {typed}, and javascript:alert(1)"))
            .await?;
        ann.js_is(
            "[...document.querySelectorAll('[data-testid=link]')].map(link => link.textContent)",
            json!([typed]),
        )
        .await?;
        ann.click("link").await?;
        ann.js_is(&shown("link-host"), json!("evil.example"))
            .await?;
        ann.js_is(&shown("link-address"), json!("https://evil.example/a?b"))
            .await?;
        ann.find("link-user").await?;
        let open = ann.find("link-open").await?;
        ensure!(open.attr("href").await?.as_deref() == Some("https://evil.example/a?b"));
        ensure!(open.attr("rel").await?.as_deref() == Some("noopener noreferrer"));
        ann.set_clipboard("").await?;
        ann.click("link-copy").await?;
        wait::until("the address is copied", async || {
            Ok((ann.clipboard().await? == "https://evil.example/a?b").then_some(()))
        })
        .await?;
        ann.press(Key::Escape).await?;
        ann.js_is("document.querySelector('dialog[open]')", json!(null))
            .await?;
        ann.say("https://аpple.example").await?;
        ann.js("document.querySelectorAll('[data-testid=link]')[1].click()")
            .await?;
        ann.find("link-punycode").await?;
        let host = format!("{}.slice(0, 4)", shown("link-host"));
        ann.js_is(&host, json!("xn--")).await?;
        ann.click("link-cancel").await
    })
    .await;
}

#[tokio::test]
async fn messages_are_copied_one_by_one_and_together() {
    on_stage("chat_copy", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        for text in ["one", "two", "three"] {
            ann.say(text).await?;
        }
        ann.sees(&["one", "two", "three"]).await?;
        ann.set_clipboard("").await?;
        // By keyboard: into the log, to the last message, to its first button.
        ann.js("document.querySelector('[data-testid=log]').focus()")
            .await?;
        ann.press(Key::Up).await?;
        ann.js_is(FOCUSED, json!("three")).await?;
        ann.press(Key::Up).await?;
        ann.js_is(FOCUSED, json!("two")).await?;
        ann.press(Key::Tab).await?;
        ann.press(Key::Enter).await?;
        wait::until("it is copied", async || {
            Ok((ann.clipboard().await? == "two").then_some(()))
        })
        .await?;
        // Past keeping and recalling it.
        for _ in 0..3 {
            ann.press(Key::Tab).await?;
        }
        ann.press(Key::Enter).await?;
        ensure!(ann.text("selection").await?.contains("1 selected"));
        ann.press(Key::Down).await?;
        ann.js_is(FOCUSED, json!("three")).await?;
        ann.press(Key::Space).await?;
        ann.js_is(
            "document.querySelectorAll('[data-testid=pick]:checked').length",
            json!(2),
        )
        .await?;
        ann.click("copy-selected").await?;
        let copied = wait::until("both are copied", async || {
            Ok(Some(ann.clipboard().await?).filter(|copied| copied.lines().count() == 2))
        })
        .await?;
        let lines: Vec<_> = copied.lines().collect();
        ensure!(
            lines[0].ends_with("] Ann: two") && lines[1].ends_with("] Ann: three"),
            "{copied}"
        );
        ann.press(Key::Escape).await?;
        ann.js_is(
            "document.querySelector('[data-testid=selection]')",
            json!(null),
        )
        .await?;
        ann.js_is("document.activeElement.id", json!("composer"))
            .await
    })
    .await;
}

#[tokio::test]
async fn the_chat_goes_into_a_tab_and_a_window() {
    on_stage("chat_pop_out", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.to_front().await?;
        // ChromeDriver lists no windows that extensions open.
        let open = "const done = arguments[0];
            chrome.runtime.getContexts({ contextTypes: ['TAB'], documentUrls: [location.origin + '/popup.html'] })
                .then(chats => done([chats.length, new Set(chats.map(chat => chat.windowId)).size]))";
        for (entry, tabs_and_windows) in [("to-tab", [1, 1]), ("to-window", [2, 2])] {
            ann.click("more").await?;
            ann.click(entry).await?;
            wait::until(entry, async || {
                let found = ann.driver.execute_async(open, vec![]).await?;
                Ok((found.json() == &json!(tabs_and_windows)).then_some(()))
            })
            .await?;
            ann.to_front().await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn escape_closes_what_is_open_and_gives_the_focus_back() {
    on_stage("chat_escape", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.sees_itself_alone("Ann").await?;
        for (opener, opened) in [
            ("channel-name", "nests-menu"),
            ("members-toggle", "member"),
            ("invite", "invite-panel"),
            ("more", "more-menu"),
        ] {
            ann.click(opener).await?;
            ann.find(opened).await?;
            ann.press(Key::Escape).await?;
            let focused = "document.activeElement.dataset.testid ?? null";
            ann.js_is(focused, json!(opener)).await?;
            let expanded = format!(
                "document.querySelector('[data-testid={opener}]').getAttribute('aria-expanded')"
            );
            ann.js_is(&expanded, json!("false")).await?;
        }
        // The address is shown once, however it is asked for.
        let addresses = "document.querySelectorAll('[data-testid=invitation]').length";
        ann.js_is(addresses, json!(1)).await?;
        ann.click("invite").await?;
        ann.js_is(addresses, json!(1)).await
    })
    .await;
}
