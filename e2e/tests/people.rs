//! People of a nest: how they appear, who is told apart, who is blocked, and who says too much.

use anyhow::{Result, ensure};
use catnest_e2e::{browser::Browser, stage::on_stage};
use serde_json::json;

/// What is drawn for the members, the own one first.
const AVATARS: &str = "[...document.querySelectorAll('#members [data-testid=avatar]')]
    .map((avatar) => avatar.textContent)";

/// How many marks of keys stand beside the names of members.
const MARKS: &str = "document.querySelectorAll('#members [data-testid=key-mark]').length";

async fn appear(person: &Browser, name: &str, avatar: &str) -> Result<()> {
    person.to_front().await?;
    person.click("members-toggle").await?;
    person.click("profile-open").await?;
    person.fill("profile-name", name).await?;
    person.put("avatar-typed", avatar).await?;
    person.click("profile-save").await?;
    person.is_back_at("profile-open").await?;
    person.click("members-toggle").await
}

#[tokio::test]
async fn names_and_avatars_are_seen_by_all_and_the_same_name_is_told_apart() {
    on_stage("people_names", async |stage| {
        let [ann, bo, cy] = stage.gather(["Ann", "Bo", "Cy"], "nest").await?;
        bo.js_is(AVATARS, json!(["B", "A", "C"])).await?;
        appear(ann, "Mia", "🐈").await?;
        for (person, names, avatars) in [
            (bo, ["Bo", "Cy", "Mia"], ["B", "C", "🐈"]),
            (cy, ["Cy", "Bo", "Mia"], ["C", "B", "🐈"]),
        ] {
            person.sees_online(&names).await?;
            person.js_is(AVATARS, json!(avatars)).await?;
            person.js_is(MARKS, json!(0)).await?;
        }
        ann.say("I was here first").await?;
        // Everywhere else the name is as before.
        ann.open_ready("settings.html?lang=en").await?;
        let name = "document.querySelector('[data-testid=name]').value";
        ann.js_is(name, json!("Ann")).await?;
        ann.open_chat().await?;
        // A Cyrillic letter.
        appear(cy, "M\u{456}a", "").await?;
        for person in [ann, bo, cy] {
            person.js_is(MARKS, json!(2)).await?;
        }
        cy.say("So was I").await?;
        bo.sees(&["I was here first", "So was I"]).await?;
        let said = "[...new Set([...document.querySelectorAll('.message [data-testid=key-mark]')]
            .map((mark) => mark.textContent))].length";
        bo.js_is(said, json!(2)).await
    })
    .await;
}

#[tokio::test]
async fn what_is_said_by_who_is_blocked_is_folded() {
    on_stage("people_blocked", async |stage| {
        let [ann, bo, cy] = stage.gather(["Ann", "Bo", "Cy"], "nest").await?;
        bo.say("spam").await?;
        ann.sees(&["spam"]).await?;
        ann.click("members-toggle").await?;
        // Bo is the first of the others.
        ann.click("block").await?;
        ann.find("blocked-member").await?;
        ann.click("members-toggle").await?;
        ann.find("blocked").await?;
        ann.sees(&[""]).await?;
        bo.say("more spam").await?;
        ann.sees(&["", ""]).await?;
        let read_out = "document.querySelector('[data-testid=arrived]').textContent";
        ann.js_is(read_out, json!("")).await?;
        cy.sees(&["spam", "more spam"]).await?;
        ann.click("blocked-show").await?;
        ann.sees(&["spam", ""]).await?;
        // It stays so.
        ann.open_chat().await?;
        ann.sees(&["", ""]).await?;
        ann.click("members-toggle").await?;
        ann.click("unblock").await?;
        ann.click("members-toggle").await?;
        ann.sees(&["spam", "more spam"]).await
    })
    .await;
}

#[tokio::test]
async fn who_says_too_much_is_held_back_until_let_through() {
    on_stage("people_flood", async |stage| {
        let [ann, bo, cy] = stage.gather(["Ann", "Bo", "Cy"], "nest").await?;
        bo.install_view().await?;
        // In two minutes at most: in one of them more than anybody may say.
        for _ in 0..13 {
            bo.say_many(100).await?;
        }
        for person in [ann, cy] {
            let words = person.text("held-back").await?;
            ensure!(words.contains("Bo"), "{words}");
        }
        // Whoever is not Bo is heard as before.
        cy.say("hello").await?;
        let newest = "[...document.querySelectorAll('[data-testid=message-text]')]
            .at(-1)?.textContent ?? null";
        ann.open_chat().await?;
        // She begins with what she has not read.
        ann.click("jump-newest").await?;
        ann.js_is(newest, json!("hello")).await?;
        ann.click("let-through").await?;
        let line = "document.querySelector('[data-testid=held-back]')";
        ann.js_is(line, json!(null)).await?;
        cy.find("held-back").await?;
        // What was held back comes with the history.
        ann.install_view().await?;
        ann.keeps(1301).await
    })
    .await;
}
