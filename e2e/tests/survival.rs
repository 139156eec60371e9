//! What must outlive a killed browser, a closed page and a lost engine.

use catnest_e2e::{stage::on_stage, wait};

#[tokio::test]
async fn a_killed_browser_keeps_log_and_name_and_talks_on() {
    on_stage("killed_browser", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        stage.browser("Ann")?.sees_online(&["Ann", "Bo"]).await?;
        stage.browser("Ann")?.say("one").await?;
        stage.browser("Bo")?.say("two").await?;
        stage.browser("Ann")?.sees(&["one", "two"]).await?;
        stage.take_browser("Ann")?.kill();
        stage.browser("Bo")?.sees_online(&["Bo"]).await?;

        stage.start_browser("Ann").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        ann.open_chat().await?;
        ann.sees(&["one", "two"]).await?;
        ann.sees_online(&["Ann", "Bo"]).await?;
        bo.sees_online(&["Bo", "Ann"]).await?;
        ann.say("three").await?;
        bo.say("four").await?;
        for person in [ann, bo] {
            wait::until("all four messages", async || {
                Ok((person.messages().await?.len() == 4).then_some(()))
            })
            .await?;
        }
        let (mine, names): (Vec<bool>, Vec<String>) = ann
            .messages()
            .await?
            .into_iter()
            .map(|seen| (seen.mine, seen.name))
            .unzip();
        anyhow::ensure!(
            mine[..2] == [true, false] && names[0] == "Ann",
            "{mine:?} {names:?}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_draft_outlives_its_page() {
    on_stage("draft", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.fill("composer", "half a thou").await?;
        let draft = "return document.querySelector('[data-testid=composer]').value";
        ann.open("welcome.html").await?;
        ann.open_chat().await?;
        wait::until("the draft", async || {
            Ok((ann.js(draft).await? == "half a thou").then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test]
async fn an_engine_that_is_gone_is_brought_back() {
    on_stage("engine_gone", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        bo.say("before").await?;
        ann.sees(&["before"]).await?;
        ann.js("return chrome.offscreen.closeDocument()").await?;
        // The page notices by itself, without being opened again.
        ann.sees_online(&["Ann", "Bo"]).await?;
        bo.sees_online(&["Bo", "Ann"]).await?;
        bo.say("after").await?;
        ann.sees(&["before", "after"]).await
    })
    .await;
}
