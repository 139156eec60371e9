//! A person takes their identity and the log of a nest to another device, and is the same member there.

use anyhow::{Result, ensure};
use catnest_e2e::{browser::Browser, stage::on_stage};
use serde_json::json;
use thirtyfour::prelude::*;

const PASSPHRASE: &str = "nine lives are enough";

/// What is shown, and whether this member wrote it.
const SHOWN: &str = "[...document.querySelectorAll('[data-testid=message]')].map((row) => [
    row.querySelector('[data-testid=message-text]')?.textContent ?? '',
    row.dataset.mine === 'true'])";

async fn settings(person: &Browser) -> Result<()> {
    person.open_ready("settings.html?lang=en").await?;
    person.to_front().await
}

#[tokio::test]
async fn who_moves_is_the_same_member_with_the_whole_log() {
    on_stage("moving_house", async |stage| {
        let folder = tempfile::tempdir()?;
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        ann.sees_online(&["Ann", "Bo"]).await?;
        for text in ["one", "two", "taken back"] {
            ann.say(text).await?;
        }
        bo.sees(&["one", "two", "taken back"]).await?;
        bo.say("hello Ann").await?;
        ann.sees(&["one", "two", "taken back", "hello Ann"]).await?;
        ann.act_on("two", "keep").await?;
        ann.find("kept").await?;
        ann.act_on("taken back", "recall").await?;
        ann.answer_question(true).await?;
        ann.sees(&["one", "two", "", "hello Ann"]).await?;

        // She packs.
        settings(ann).await?;
        ann.downloads_to(folder.path()).await?;
        ann.click("nest-save").await?;
        let log = ann.gets_file(folder.path(), "nest.jsonl").await?;
        let state = "document.querySelector('[data-testid=nest-saving]').textContent";
        ann.js_is(
            state,
            json!("Saved: 4 messages. Whoever has the file can read them."),
        )
        .await?;
        for (first, second, wrong) in [
            (PASSPHRASE, "nine lives", "The two passphrases"),
            (
                "too short",
                "too short",
                "The passphrase is too short: take at least 12",
            ),
        ] {
            ann.fill("leave-passphrase", first).await?;
            ann.fill("leave-again", second).await?;
            ann.click("leave-save").await?;
            ann.is_told("moving", wrong).await?;
        }
        ann.fill("leave-passphrase", PASSPHRASE).await?;
        ann.fill("leave-again", PASSPHRASE).await?;
        // By keyboard.
        ann.press(Key::Enter).await?;
        let done = "document.querySelector('[data-testid=leaving_done]').textContent";
        ann.js_is(
            done,
            json!("Saved. Keep the file and the passphrase apart."),
        )
        .await?;
        let identity = ann
            .gets_file(folder.path(), "catnest-identity.json")
            .await?;
        let sealed = std::fs::read_to_string(&identity)?;
        ensure!(
            !sealed.contains("Ann") && !sealed.contains("nest\""),
            "{sealed}"
        );
        // Nobody is there from whom the log could come.
        stage.take_browser("Ann")?.quit().await?;
        stage.take_browser("Bo")?.quit().await?;

        // She arrives, on a device that is nobody's.
        stage.start_browser("Anns other").await?;
        let other = stage.browser("Anns other")?;
        settings(other).await?;
        other.click("arrive-open").await?;
        other
            .is_told("moving", "Choose the identity file first")
            .await?;
        other
            .opens_identity(&identity, "ten lives are too many")
            .await?;
        other
            .is_told("moving", "The passphrase is wrong, or the file was damaged")
            .await?;
        other.fill("arrive-passphrase", PASSPHRASE).await?;
        other.click("arrive-open").await?;
        let done = "document.querySelector('[data-testid=arriving_done]').textContent";
        other
            .js_is(
                done,
                json!("This device is now yours: the same name, the same nests."),
            )
            .await?;
        let name = "document.querySelector('[data-testid=name]').value";
        other.js_is(name, json!("Ann")).await?;
        other.picks("take-in", &log).await?;
        other.took_in(&["4 messages were taken in."]).await?;
        other.open_chat().await?;
        other.sees(&["one", "two", "", "hello Ann"]).await?;
        let mine = [
            ("one", true),
            ("two", true),
            ("", true),
            ("hello Ann", false),
        ];
        let expected: Vec<_> = mine.map(|(text, mine)| json!([text, mine])).into();
        other.js_is(SHOWN, json!(expected)).await?;
        let kept = "document.querySelectorAll('[data-testid=kept]').length";
        other.js_is(kept, json!(1)).await?;
        other.click("recalled-show").await?;
        other
            .sees(&["one", "two", "taken back", "hello Ann"])
            .await?;

        // Both devices are Ann to who looks on.
        stage.start_browser("Ann").await?;
        stage.start_browser("Bo").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        let other = stage.browser("Anns other")?;
        for person in [ann, bo] {
            person.open_chat().await?;
        }
        bo.sees_online(&["Bo", "Ann"]).await?;
        ann.sees_online(&["Ann", "Bo"]).await?;
        other.sees_online(&["Ann", "Bo"]).await?;
        ann.say("from the old one").await?;
        other
            .sees(&["one", "two", "taken back", "hello Ann", "from the old one"])
            .await?;
        other.say("from the new one").await?;
        let last = format!("({SHOWN}).slice(-2)");
        for (person, mine) in [(ann, true), (other, true), (bo, false)] {
            let both = json!([["from the old one", mine], ["from the new one", mine]]);
            person.js_is(&last, both).await?;
        }
        // What was said on one is taken back on the other.
        other.act_on("from the old one", "recall").await?;
        other.answer_question(true).await?;
        bo.hides_soon("from the old one").await
    })
    .await;
}

#[tokio::test]
async fn files_that_are_not_whole_or_not_theirs_say_so() {
    on_stage("moving_wrong_files", async |stage| {
        let folder = tempfile::tempdir()?;
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        for text in ["one", "two", "three"] {
            ann.say(text).await?;
        }
        settings(ann).await?;
        ann.downloads_to(folder.path()).await?;
        ann.click("nest-save").await?;
        let log = ann.gets_file(folder.path(), "nest.jsonl").await?;
        ann.fill("leave-passphrase", PASSPHRASE).await?;
        ann.fill("leave-again", PASSPHRASE).await?;
        ann.click("leave-save").await?;
        let identity = ann.gets_file(folder.path(), "catnest-identity.json").await?;

        let text = std::fs::read_to_string(&log)?;
        let lines: Vec<&str> = text.lines().collect();
        let file = |name: &str, text: &str| -> Result<_> {
            let path = folder.path().join(name);
            std::fs::write(&path, text)?;
            Ok(path)
        };
        let cut = file("cut.jsonl", &text[..text.len() - lines[4].len() - 30])?;
        let none = file("none.jsonl", "meow\n")?;
        let damaged = [lines[0], "damaged", lines[2], lines[3], lines[4]].join("\n");
        let damaged = file("damaged.jsonl", &damaged)?;
        let half = file("half.json", &std::fs::read_to_string(&identity)?[..200])?;

        stage.start_browser("Bo").await?;
        let bo = stage.browser("Bo")?;
        bo.settle_in("Bo", &stage.host.address, "elsewhere").await?;
        settings(bo).await?;
        bo.picks("take-in", &none).await?;
        bo.is_told("nests", "This is not a file that was saved from a nest").await?;
        // He is not in that nest: only after a yes is it entered.
        bo.picks("take-in", &cut).await?;
        bo.answer_question(false).await?;
        let nests = "document.querySelectorAll('[data-testid=nest]').length";
        bo.js_is(nests, json!(1)).await?;
        bo.picks("take-in", &cut).await?;
        bo.answer_question(true).await?;
        let first = "document.querySelector('[data-testid=taken-in] p:last-child')?.textContent.slice(0, 22)";
        bo.js_is(first, json!("The file was cut off: ")).await?;
        bo.js_is(nests, json!(2)).await?;
        bo.picks("take-in", &damaged).await?;
        let bad = "[...document.querySelectorAll('[data-testid=taken-in] p')].some((p) => p.textContent.startsWith(
            'Lines that are damaged, changed or not of this nest: 1, the first is line 2.'))";
        bo.js_is(bad, json!(true)).await?;
        bo.picks("arrive-file", &half).await?;
        bo.is_told("moving", "This is not an identity file").await?;

        // He has an identity already: it is replaced after a yes only.
        bo.opens_identity(&identity, PASSPHRASE).await?;
        let asked = "document.querySelector('dialog[open] h2')?.textContent";
        bo.js_is(asked, json!("Make this device Ann?")).await?;
        bo.answer_question(false).await?;
        let name = "document.querySelector('[data-testid=name]').value";
        bo.js_is(name, json!("Bo")).await?;
        bo.click("arrive-open").await?;
        bo.answer_question(true).await?;
        bo.js_is(name, json!("Ann")).await?;
        bo.js_is(nests, json!(2)).await
    })
    .await;
}
