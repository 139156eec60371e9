//! A history on each device's own terms: how much of it stays, what is marked, and what an author takes back.

use anyhow::{Result, ensure};
use catnest::time::Millis;
use catnest_e2e::{browser::Browser, history::Torn, stage::on_stage, wait};
use serde_json::json;
use thirtyfour::prelude::*;

const FOCUSED: &str =
    "document.activeElement.querySelector('[data-testid=message-text]')?.textContent ?? null";

/// What an element in a dialog says.
fn says(id: &str) -> String {
    format!("document.querySelector('dialog[open] [data-testid={id}]')?.textContent ?? null")
}

/// How many elements there are.
fn count(id: &str) -> String {
    format!("document.querySelectorAll('[data-testid={id}]').length")
}

/// Waits until the dialog says in words what would become of the messages, and whether anything would go.
async fn foresees(person: &Browser, words: &str, button: &str) -> Result<()> {
    let outlook = format!("({})?.startsWith('{words}')", says("retention-outlook"));
    person.js_is(&outlook, json!(true)).await?;
    let ready = "document.querySelector('[data-testid=retention-save]').disabled";
    person.js_is(ready, json!(false)).await?;
    person.js_is(&says("retention-save"), json!(button)).await
}

/// A day of the device, so many days after today, as a field has it.
async fn day(person: &Browser, later: i32) -> Result<String> {
    let script = format!(
        "const day = new Date(); day.setDate(day.getDate() + ({later}));
        return day.toLocaleDateString('sv')"
    );
    let day = person.js(&script).await?;
    Ok(day.as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn marks_outlive_a_limit_of_ten() {
    on_stage("history_limit", async |stage| {
        stage.join("Ann", "nest").await?;
        // What nobody has received yet is not discarded.
        stage.join("Bo", "nest").await?;
        stage.join("Cy", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.sees_online(&["Ann", "Bo", "Cy"]).await?;
        let all: Vec<String> = (1..=15).map(|number| format!("message {number}")).collect();
        for text in &all {
            ann.say(text).await?;
        }
        let held = "document.querySelectorAll('[data-testid=delivery][data-state=held]').length";
        ann.js_is(held, json!(15)).await?;
        ann.act_on("message 2", "keep").await?;
        ann.find("kept").await?;
        ann.open_from_menu("retention-open").await?;
        foresees(
            ann,
            "15 messages are kept. This would discard none of them.",
            "Save",
        )
        .await?;
        // By days: today is kept whole, and of yesterday there is nothing but the mark.
        ann.click("retention-between").await?;
        let (yesterday, today) = (day(ann, -1).await?, day(ann, 0).await?);
        for (from, to, words, button) in [
            (&yesterday, &today, "none", "Save"),
            (&yesterday, &yesterday, "14", "Discard 14 and save"),
        ] {
            ann.put("retention-from", from).await?;
            ann.put("retention-to", to).await?;
            let words = format!("15 messages are kept. This would discard {words} of them");
            foresees(ann, &words, button).await?;
        }
        ann.put("retention-from", &today).await?;
        let state = "document.querySelector('[data-testid=retention-outlook]').dataset.state";
        ann.js_is(state, json!("invalid")).await?;
        let disabled = "document.querySelector('[data-testid=retention-save]').disabled";
        ann.js_is(disabled, json!(true)).await?;
        // By number.
        ann.fill("retention-count-number", "10").await?;
        foresees(
            ann,
            "15 messages are kept. This would discard 4 of them for good. Messages you marked to keep stay.",
            "Discard 4 and save",
        )
        .await?;
        ann.click("retention-save").await?;
        ann.is_back_at("more").await?;
        let mut left: Vec<&str> = vec![&all[1]];
        left.extend(all[5..].iter().map(String::as_str));
        ann.sees(&left).await?;
        ann.open_chat().await?;
        ann.sees(&left).await?;
        ann.js_is(&count("kept"), json!(1)).await?;
        // It goes on: the newest ten, and the mark.
        ann.say("message 16").await?;
        left.remove(1);
        left.push("message 16");
        ann.sees(&left).await?;
        // The dialog shows what was chosen.
        ann.open_from_menu("retention-open").await?;
        let checked = "document.querySelector('[data-testid=retention-count]')?.checked";
        ann.js_is(checked, json!(true)).await?;
        let number = "document.querySelector('[data-testid=retention-count-number]').value";
        ann.js_is(number, json!("10")).await?;
        ann.press(Key::Escape).await?;
        ann.is_back_at("more").await?;
        // Others keep what they want.
        let mut all: Vec<&str> = all.iter().map(String::as_str).collect();
        all.push("message 16");
        for name in ["Bo", "Cy"] {
            stage.browser(name)?.sees(&all).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_recalled_message_folds_and_does_not_reach_who_comes_later() {
    on_stage("history_recall", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        ann.sees_online(&["Ann", "Bo"]).await?;
        ann.say("hello").await?;
        ann.say("my secret").await?;
        bo.sees(&["hello", "my secret"]).await?;
        // Not what others said.
        bo.act_on("my secret", "keep").await?;
        bo.find("kept").await?;
        bo.js_is(&count("recall"), json!(0)).await?;
        ann.act_on("my secret", "recall").await?;
        // It comes in gently: WebDriver reads no text of what cannot be seen yet.
        let quoted = "document.querySelector('[data-testid=question-quote]').textContent";
        ann.js_is(quoted, json!("my secret")).await?;
        ann.answer_question(false).await?;
        ann.sees(&["hello", "my secret"]).await?;
        ann.act_on("my secret", "recall").await?;
        ann.answer_question(true).await?;
        for person in [ann, bo] {
            person.find("recalled").await?;
            person.sees(&["hello", ""]).await?;
            person.hides("my secret").await?;
        }
        let expanded =
            "document.querySelector('[data-testid=recalled-show]').getAttribute('aria-expanded')";
        bo.js_is(expanded, json!("false")).await?;
        bo.click("recalled-show").await?;
        bo.sees(&["hello", "my secret"]).await?;
        bo.js_is(expanded, json!("true")).await?;
        bo.click("recalled-show").await?;
        bo.sees(&["hello", ""]).await?;
        // It stays folded, also when it is read from the store.
        bo.open_chat().await?;
        bo.sees(&["hello", ""]).await?;
        stage.take_browser("Ann")?.quit().await?;
        stage.browser("Bo")?.sees_online(&["Bo"]).await?;
        stage.join("Cy", "nest").await?;
        let (bo, cy) = (stage.browser("Bo")?, stage.browser("Cy")?);
        cy.sees_online(&["Cy", "Bo"]).await?;
        bo.say("Ann is gone").await?;
        cy.sees(&["hello", "Ann is gone"]).await?;
        cy.hides("my secret").await?;
        cy.open_chat().await?;
        cy.sees(&["hello", "Ann is gone"]).await?;
        cy.hides("my secret").await
    })
    .await;
}

#[tokio::test]
async fn what_is_marked_is_listed_exported_and_unmarked() {
    on_stage("history_marked", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.open_from_menu("marked-open").await?;
        ann.find("marked-empty").await?;
        ann.press(Key::Escape).await?;
        ann.is_back_at("more").await?;
        for text in ["one", "two", "three"] {
            ann.say(text).await?;
        }
        for text in ["one", "two"] {
            ann.act_on(text, "keep").await?;
        }
        ann.js_is(&count("kept"), json!(2)).await?;
        let listed = "[...document.querySelectorAll('[data-testid=marked-text]')].map((text) => text.textContent)";
        ann.open_from_menu("marked-open").await?;
        ann.js_is(listed, json!(["two", "one"])).await?;
        let folder = tempfile::tempdir()?;
        ann.downloads_to(folder.path()).await?;
        ann.click("marked-export").await?;
        let file = folder.path().join("nest.jsonl");
        let exported = wait::until("the file", async || {
            let text = std::fs::read_to_string(&file)?;
            Ok(Some(text).filter(|text| !text.is_empty()))
        })
        .await?;
        let lines: Vec<serde_json::Value> = exported
            .lines()
            .map(serde_json::from_str)
            .collect::<Result<_, _>>()?;
        ensure!(lines.len() == 4 && lines[0]["part"] == "marked", "{exported}");
        ensure!(lines[1]["text"] == "two" && lines[2]["text"] == "one", "{exported}");
        ensure!(lines[1]["name"] == "Ann", "{exported}");
        ann.js("document.querySelectorAll('[data-testid=marked-go]')[1].click()")
            .await?;
        ann.js_is("document.querySelector('dialog[open]')", json!(null))
            .await?;
        ann.js_is(FOCUSED, json!("one")).await?;
        ann.open_from_menu("marked-open").await?;
        ann.click("marked-unmark").await?;
        ann.js_is(listed, json!(["one"])).await?;
        ann.click("marked-unmark").await?;
        ann.find("marked-empty").await?;
        ann.click("marked-close").await?;
        ann.js_is(&count("kept"), json!(0)).await
    })
    .await;
}

#[tokio::test]
async fn a_mark_leads_to_where_it_stands_however_far_back() {
    on_stage("history_far_back", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.open_ready("welcome.html?lang=en").await?;
        ann.install_view().await?;
        ann.import_log(&stage.host.channel("nest"), 900).await?;
        ann.mark_oldest().await?;
        ann.open_chat().await?;
        ann.to_front().await?;
        ann.open_from_menu("marked-open").await?;
        ann.click("marked-go").await?;
        let first = format!("({FOCUSED})?.startsWith('#0 ')");
        ann.js_is(&first, json!(true)).await?;
        let seen =
            "(() => { const { top, bottom } = document.activeElement.getBoundingClientRect();
            const log = document.querySelector('[data-testid=log]').getBoundingClientRect();
            return top >= log.top && bottom <= log.bottom; })()";
        ann.js_is(seen, json!(true)).await
    })
    .await;
}

#[tokio::test]
async fn a_gap_is_shown_until_what_was_missing_comes() {
    on_stage("history_gap", async |stage| {
        let time = Millis(1_793_520_000_000);
        let torn = Torn::write(
            &stage.host.channel("nest"),
            time,
            "So it begins",
            "And so it ends",
        )?;
        stage.join("Bo", "nest").await?;
        let bo = stage.browser("Bo")?;
        bo.install_view().await?;
        bo.import_missing(&torn).await?;
        stage.take_browser("Bo")?.quit().await?;
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.install_view().await?;
        ann.import_torn(&torn).await?;
        ann.open_chat().await?;
        ann.sees(&["And so it ends"]).await?;
        ann.find("gap").await?;
        // Somebody comes who has it.
        stage.start_browser("Bo").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        bo.open_chat().await?;
        ann.sees(&["So it begins", "And so it ends"]).await?;
        ann.js_is(&count("gap"), json!(0)).await?;
        let late = "[...document.querySelectorAll('[data-testid=message]')]
            .map((row) => row.querySelector('[data-testid=late]') !== null)";
        ann.js_is(late, json!([true, false])).await?;
        // Who opens the chat anew finds it where it belongs, and nothing that is new.
        ann.open_chat().await?;
        ann.js_is(late, json!([false, false])).await?;
        ann.js_is(&count("gap"), json!(0)).await
    })
    .await;
}
