//! A history that is everyone's: what comes to whom, and what does not.

use std::time::{Duration, SystemTime};

use anyhow::Result;
use catnest::time::Millis;
use catnest_e2e::{browser::Browser, stage::on_stage};
use serde_json::json;

/// So many hours before now.
fn ago(hours: u64) -> Result<Millis> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let then = now.saturating_sub(Duration::from_secs(hours * 3600));
    Ok(Millis(u64::try_from(then.as_millis())?))
}

/// Has the device keep so many days of the nest that the chat shows.
async fn keep_days(person: &Browser, days: &str) -> Result<()> {
    person.open_from_menu("retention-open").await?;
    person.click("retention-days").await?;
    person.fill("retention-days-number", days).await?;
    // Once it is counted what that would discard.
    let waits = "document.querySelector('[data-testid=retention-save]').disabled";
    person.js_is(waits, json!(false)).await?;
    person.click("retention-save").await?;
    person.is_back_at("more").await
}

#[tokio::test]
async fn everybody_keeps_all_and_a_newcomer_with_one_day_gets_exactly_that_day() {
    on_stage("history_one_day", async |stage| {
        let address = stage.host.channel("nest");
        let all = [
            "two days ago",
            "25 hours ago",
            "23 hours ago",
            "an hour ago",
        ];
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.install_view().await?;
        let times = [ago(48)?, ago(25)?, ago(23)?, ago(1)?];
        let said: Vec<_> = times.into_iter().zip(all).collect();
        ann.import_said(&address, &said).await?;
        stage.join("Bo", "nest").await?;
        stage.browser("Bo")?.sees(&all).await?;
        for name in ["Ann", "Bo"] {
            stage.take_browser(name)?.quit().await?;
        }
        // Cy is there first, and says how much of it is wanted.
        stage.join("Cy", "nest").await?;
        keep_days(stage.browser("Cy")?, "1").await?;
        for name in ["Ann", "Bo"] {
            stage.start_browser(name).await?;
            stage.browser(name)?.open_chat().await?;
        }
        let [ann, bo, cy] = stage.browsers(["Ann", "Bo", "Cy"])?;
        cy.sees(&all[2..]).await?;
        ann.sees_online(&["Ann", "Bo", "Cy"]).await?;
        bo.say("hello").await?;
        cy.sees(&[all[2], all[3], "hello"]).await?;
        cy.open_chat().await?;
        cy.sees(&[all[2], all[3], "hello"]).await?;
        let whole = [all.as_slice(), &["hello"]].concat();
        for person in [ann, bo] {
            person.open_chat().await?;
            person.sees(&whole).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_recall_is_met_apart_from_its_message_and_all_agree() {
    on_stage("history_recall_apart", async |stage| {
        let [ann, ..] = stage.gather(["Ann", "Bo", "Cy"], "nest").await?;
        ann.say("hello").await?;
        ann.say("my secret").await?;
        for name in ["Bo", "Cy"] {
            stage.browser(name)?.sees(&["hello", "my secret"]).await?;
        }
        // Bo has the message, and is away when it is recalled.
        stage.take_browser("Bo")?.quit().await?;
        let ann = stage.browser("Ann")?;
        ann.act_on("my secret", "recall").await?;
        ann.answer_question(true).await?;
        stage.browser("Cy")?.find("recalled").await?;
        stage.take_browser("Ann")?.quit().await?;
        stage.browser("Cy")?.sees_online(&["Cy"]).await?;
        // Di comes while its author is away, and meets the recall alone.
        stage.join("Di", "nest").await?;
        let di = stage.browser("Di")?;
        di.sees_online(&["Di", "Cy"]).await?;
        di.sees(&["hello"]).await?;
        stage.start_browser("Bo").await?;
        let [bo, cy, di] = stage.browsers(["Bo", "Cy", "Di"])?;
        bo.open_chat().await?;
        bo.sees_online(&["Bo", "Cy", "Di"]).await?;
        bo.find("recalled").await?;
        bo.say("I am back").await?;
        for person in [bo, cy] {
            person.sees(&["hello", "", "I am back"]).await?;
        }
        di.sees(&["hello", "I am back"]).await?;
        for person in [bo, cy, di] {
            person.open_chat().await?;
            person.hides("my secret").await?;
        }
        di.sees(&["hello", "I am back"]).await?;
        let recalled = "document.querySelectorAll('[data-testid=recalled]').length";
        di.js_is(recalled, json!(0)).await
    })
    .await;
}
