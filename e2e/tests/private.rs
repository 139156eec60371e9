//! Private nests: who has the invitation or the passphrase is in, and nobody else sees or hears anything.

use anyhow::{Context, Result, ensure};
use catnest_e2e::{
    browser::Browser,
    stage::{Stage, on_stage},
};

const PHRASE: &str = "nine lives are enough";

/// Starts browsers.
async fn come(stage: &mut Stage, names: &[&str]) -> Result<()> {
    for name in names {
        stage.start_browser(name).await?;
    }
    Ok(())
}

/// Two who are in the same nest find each other, and talk both ways.
async fn meet(ann: &Browser, bo: &Browser) -> Result<()> {
    ann.sees_online(&["Ann", "Bo"]).await?;
    bo.sees_online(&["Bo", "Ann"]).await?;
    ann.say("Hello Bo").await?;
    bo.sees(&["Hello Bo"]).await?;
    bo.say("你好，Ann").await?;
    for person in [ann, bo] {
        person.sees(&["Hello Bo", "你好，Ann"]).await?;
        person.find("lock").await?;
    }
    Ok(())
}

fn secret_of(invitation: &str) -> Result<&str> {
    let (_, secret) = invitation.split_once('#').context("a private nest")?;
    ensure!(secret.len() >= 22, "{invitation}");
    Ok(secret)
}

#[tokio::test]
async fn two_people_meet_by_invitation_and_the_screen_hides_the_secret() {
    on_stage("private_invitation", async |stage| {
        come(stage, &["Ann", "Bo"]).await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        let server = &stage.host.address;
        let invitation = ann.found_private("Ann", server, "猫窝 1/2").await?;
        bo.enter_by_invitation("Bo", &invitation).await?;
        meet(ann, bo).await?;
        for person in [ann, bo] {
            person.hides(secret_of(&invitation)?).await?;
            let copied = person.copy_invitation().await?;
            ensure!(copied == invitation, "{copied} and {invitation}");
            person.click("invite").await?;
            let shown = person.text("invitation").await?;
            ensure!(shown.ends_with("#…"), "{shown}");
            person.hides(secret_of(&invitation)?).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_pasted_into_the_chat_as_it_came() {
    on_stage("private_paste", async |stage| {
        come(stage, &["Ann", "Bo"]).await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        let server = &stage.host.address;
        let invitation = ann.found_private("Ann", server, "nest").await?;
        bo.settle_in("Bo", server, "lobby").await?;
        // As a mail program breaks it.
        let (start, end) = invitation.split_at(invitation.len() - 9);
        bo.join_another(&format!("Come in!\n\n  {start}\n  {end}\n\nAnn\n"))
            .await?;
        meet(ann, bo).await?;
        bo.hides(secret_of(&invitation)?).await
    })
    .await;
}

#[tokio::test]
async fn two_people_meet_by_passphrase_and_see_that_it_takes_a_moment() {
    on_stage("private_passphrase", async |stage| {
        come(stage, &["Ann", "Bo"]).await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        let server = &stage.host.address;
        ann.to_front().await?;
        ann.choose_way("Ann", "way-passphrase").await?;
        ann.fill("server", server).await?;
        ann.fill("channel", "nest").await?;
        ann.fill("passphrase", PHRASE).await?;
        // What stands there before a frame is drawn is on the screen after it.
        let watch = "const look = () => {
                window.drawn ||= document.querySelector('[data-testid=deriving]') !== null;
                requestAnimationFrame(look);
            };
            look()";
        ann.js(watch).await?;
        ann.get_in().await?;
        ensure!(
            ann.js("return window.drawn").await? == true,
            "no progress was drawn"
        );
        ann.open_chat().await?;
        bo.enter_by_passphrase("Bo", server, "nest", &format!(" {PHRASE} "))
            .await?;
        meet(ann, bo).await
    })
    .await;
}

#[tokio::test]
async fn strangers_on_the_same_server_and_name_see_nobody_and_hear_nothing() {
    on_stage("private_strangers", async |stage| {
        come(stage, &["Ann", "Bo", "Eve", "Mo"]).await?;
        let person = |name| stage.browser(name);
        let (ann, bo, eve, mo) = (person("Ann")?, person("Bo")?, person("Eve")?, person("Mo")?);
        let server = &stage.host.address;
        eve.enter_by_passphrase("Eve", server, "nest", "ten lives are enough")
            .await?;
        mo.settle_in("Mo", server, "nest").await?;
        ann.enter_by_passphrase("Ann", server, "nest", PHRASE)
            .await?;
        bo.enter_by_passphrase("Bo", server, "nest", PHRASE).await?;
        meet(ann, bo).await?;
        for (stranger, name) in [(eve, "Eve"), (mo, "Mo")] {
            stranger.sees_itself_alone(name).await?;
            stranger.sees(&[]).await?;
            // They can talk, to themselves.
            stranger.say("anybody here?").await?;
            stranger.sees(&["anybody here?"]).await?;
        }
        // Time enough for that to have come, had it a way.
        ann.say("still us").await?;
        for member in [ann, bo] {
            member.sees(&["Hello Bo", "你好，Ann", "still us"]).await?;
        }
        ann.sees_online(&["Ann", "Bo"]).await?;
        bo.sees_online(&["Bo", "Ann"]).await
    })
    .await;
}
