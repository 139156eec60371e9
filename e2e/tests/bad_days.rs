//! What goes wrong on bad days, and what people notice of it: nothing, or as little as can be.

use anyhow::ensure;
use catnest_e2e::{memory, stage::on_stage};

#[tokio::test]
async fn who_talks_goes_on_talking_without_the_server() {
    on_stage("server_killed", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        stage.browser("Ann")?.sees_online(&["Ann", "Bo"]).await?;
        stage.browser("Bo")?.sees_online(&["Bo", "Ann"]).await?;
        stage.host.kill()?;
        for name in ["Ann", "Bo"] {
            stage.browser(name)?.sees_server("offline").await?;
        }
        stage.browser("Ann")?.say("is it quiet?").await?;
        stage.browser("Bo")?.sees(&["is it quiet?"]).await?;
        stage.browser("Bo")?.say("very").await?;
        stage
            .browser("Ann")?
            .sees(&["is it quiet?", "very"])
            .await?;

        stage.host.start_again()?;
        for name in ["Ann", "Bo"] {
            stage.browser(name)?.sees_server("online").await?;
        }
        stage.join("Cy", "nest").await?;
        stage
            .browser("Cy")?
            .sees_online(&["Cy", "Ann", "Bo"])
            .await?;
        // What was lately said is told to who comes.
        stage.browser("Cy")?.sees(&["is it quiet?", "very"]).await?;
        stage.browser("Bo")?.say("welcome").await?;
        let all = ["is it quiet?", "very", "welcome"];
        for name in ["Ann", "Bo", "Cy"] {
            stage.browser(name)?.sees(&all).await?;
        }
        for (name, others) in [("Ann", ["Bo", "Cy"]), ("Bo", ["Ann", "Cy"])] {
            let [one, other] = others;
            stage
                .browser(name)?
                .sees_online(&[name, one, other])
                .await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn two_hundred_messages_survive_a_closed_link() {
    on_stage("closed_link", async |stage| {
        stage.join("Ann", "nest").await?;
        // Nobody is linked yet: every connection is noted.
        let mut engine = stage.browser("Ann")?.engine().await?;
        engine.note_connections().await?;
        stage.join("Bo", "nest").await?;
        let [ann, bo] = stage.browsers(["Ann", "Bo"])?;
        ann.sees_online(&["Ann", "Bo"]).await?;
        bo.sees_online(&["Bo", "Ann"]).await?;
        let texts: Vec<String> = (0..200).map(|number| format!("{number:03}")).collect();
        for (number, text) in texts.iter().enumerate() {
            if number == 100 {
                let closed = engine.close_connections().await?;
                ensure!(closed == 2, "there were {closed} connections to close");
            }
            ann.say(text).await?;
        }
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        bo.reads(&texts).await?;
        ann.reads(&texts).await?;
        ann.sees_online(&["Ann", "Bo"]).await
    })
    .await;
}

#[tokio::test]
async fn the_server_learns_neither_name_nor_text_of_a_private_nest() {
    const SECRET_NAME: &str = "moonlit-attic";
    const SECRET_TEXT: &str = "the key is under the third flowerpot";
    const PUBLIC_NAME: &str = "market-square";
    on_stage("server_memory", async |stage| {
        let server = stage.host.address.clone();
        stage.start_browser("Ann").await?;
        let invitation = stage
            .browser("Ann")?
            .found_private("Ann", &server, SECRET_NAME)
            .await?;
        stage.start_browser("Bo").await?;
        stage
            .browser("Bo")?
            .enter_by_invitation("Bo", &invitation)
            .await?;
        stage.browser("Bo")?.sees_online(&["Bo", "Ann"]).await?;
        stage.browser("Ann")?.say(SECRET_TEXT).await?;
        stage.browser("Bo")?.sees(&[SECRET_TEXT]).await?;
        // A public nest beside it: what the same eyes can see.
        stage.join("Cy", PUBLIC_NAME).await?;
        stage.join("Di", PUBLIC_NAME).await?;
        stage.browser("Di")?.sees_online(&["Di", "Cy"]).await?;

        let (_, secret) = invitation.split_once('#').unwrap_or_default();
        ensure!(secret.len() >= 22, "the secret is {secret:?}");
        let log = stage.host.logged()?;
        let texts = [PUBLIC_NAME, SECRET_NAME, SECRET_TEXT, secret];
        let memory = memory::search(stage.host.pid(), &texts)?;
        let seen = |number: usize| {
            let in_memory = memory.found.iter().any(|found| found.text == number);
            log.contains(texts[number]) || in_memory
        };
        ensure!(seen(0), "the search finds what is there");
        for (number, text) in texts.iter().enumerate().skip(1) {
            ensure!(!seen(number), "the server knows {text:?}");
        }
        Ok(())
    })
    .await;
}
