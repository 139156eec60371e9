//! People talk: through the extension, the server and WebRTC between their browsers.

use catnest_e2e::stage::on_stage;

#[tokio::test]
async fn two_people_talk_and_see_each_other_online() {
    on_stage("two_people_talk", async |stage| {
        stage.join("Ann", "猫窝").await?;
        stage.join("Bo", "猫窝").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        ann.sees_online(&["Ann", "Bo"]).await?;
        bo.sees_online(&["Bo", "Ann"]).await?;
        ann.say("Hello Bo").await?;
        bo.sees(&["Hello Bo"]).await?;
        bo.say("你好，Ann").await?;
        for person in [ann, bo] {
            person.sees(&["Hello Bo", "你好，Ann"]).await?;
        }
        let seen = bo.messages().await?;
        anyhow::ensure!(
            (seen[0].name.as_str(), seen[0].mine) == ("Ann", false),
            "{seen:?}"
        );
        anyhow::ensure!(
            (seen[1].name.as_str(), seen[1].mine) == ("Bo", true),
            "{seen:?}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn three_people_talk_and_one_leaves() {
    on_stage("three_people_talk", async |stage| {
        for name in ["Ann", "Bo", "Cy"] {
            stage.join(name, "nest").await?;
        }
        for (name, online) in [
            ("Ann", ["Ann", "Bo", "Cy"]),
            ("Bo", ["Bo", "Ann", "Cy"]),
            ("Cy", ["Cy", "Ann", "Bo"]),
        ] {
            stage.browser(name)?.sees_online(&online).await?;
        }
        stage.browser("Cy")?.say("I have to go").await?;
        for name in ["Ann", "Bo"] {
            stage.browser(name)?.sees(&["I have to go"]).await?;
        }
        stage.take_browser("Cy")?.quit().await?;
        stage.browser("Ann")?.sees_online(&["Ann", "Bo"]).await?;
        stage.browser("Bo")?.sees_online(&["Bo", "Ann"]).await?;
        stage.browser("Ann")?.say("bye").await?;
        stage.browser("Bo")?.sees(&["I have to go", "bye"]).await
    })
    .await;
}

#[tokio::test]
async fn leaving_a_channel_is_seen_by_the_others_and_forgets_its_log() {
    on_stage("leaving", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        stage.browser("Ann")?.say("one").await?;
        let bo = stage.browser("Bo")?;
        bo.sees(&["one"]).await?;
        bo.leave().await?;
        bo.find("no-channel").await?;
        let ann = stage.browser("Ann")?;
        ann.sees_online(&["Ann"]).await?;
        // As long as Ann is there, she tells Bo again what was lately said.
        ann.leave().await?;
        ann.find("no-channel").await?;
        bo.fill("join-address", &stage.host.channel("nest")).await?;
        bo.click("join-submit").await?;
        bo.sees_online(&["Bo"]).await?;
        bo.sees(&[]).await
    })
    .await;
}

#[tokio::test]
async fn markup_stays_text() {
    on_stage("markup", async |stage| {
        let texts = [
            "<b>bold</b><script>document.title = 'owned'</script>",
            "<img src=x onerror=\"document.title='owned'\">",
            "[link](javascript:alert(1)) &amp; &lt;",
        ];
        stage.join("<i>Ann</i>", "nest").await?;
        stage.join("Bo", "nest").await?;
        let (ann, bo) = (stage.browser("<i>Ann</i>")?, stage.browser("Bo")?);
        bo.sees_online(&["Bo", "<i>Ann</i>"]).await?;
        for text in texts {
            ann.say(text).await?;
        }
        for person in [ann, bo] {
            person.sees(&texts).await?;
            person.shows_no_markup().await?;
            anyhow::ensure!(person.js("return document.title").await? == "Catnest");
        }
        Ok(())
    })
    .await;
}
