//! Pages that know only the predecessor's protocol still meet through our server, and our extension, on the same
//! channel, leaves them in peace.

use anyhow::{Context, Result, ensure};
use catnest_e2e::{
    browser::Browser,
    stage::{Stage, on_stage},
    wait,
};
use serde_json::Value;

const CLIENT: &str = include_str!("../src/predecessor.js");

/// Starts a browser with a page of the predecessor on channel `nest`.
async fn start(stage: &mut Stage, name: &str, by_id: bool) -> Result<()> {
    stage.start_browser(name).await?;
    let url = format!("ws://{}/webrtc/nest", stage.host.address);
    let browser = stage.browser(name)?;
    // Any page from this machine: one from elsewhere would have to ask its user before it may connect here.
    browser
        .driver
        .goto(&format!("http://{}/healthz", stage.host.address))
        .await?;
    browser
        .driver
        .execute(CLIENT, vec![url.into(), by_id.into()])
        .await?;
    Ok(())
}

async fn heard(browser: &Browser) -> Result<Vec<Value>> {
    browser
        .js("return page.heard")
        .await?
        .as_array()
        .cloned()
        .context("a list")
}

/// Waits for a message of the server or of the other page.
async fn hears(browser: &Browser, what: &str, is: impl Fn(&Value) -> bool) -> Result<Value> {
    wait::until(what, async || {
        Ok(heard(browser)
            .await?
            .into_iter()
            .find(|message| is(message)))
    })
    .await
}

#[tokio::test]
async fn pages_of_the_predecessor_meet_and_our_extension_leaves_them_in_peace() {
    on_stage("predecessor", async |stage| {
        // Two of ours are there first, and talk.
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        stage.browser("Ann")?.sees_online(&["Ann", "Bo"]).await?;

        start(stage, "addresser", true).await?;
        let present: Vec<Value> =
            wait::until("both of ours", async || Ok(Some(heard(stage.browser("addresser")?).await?).filter(|h| h.len() == 2)))
                .await?;
        for push in &present {
            ensure!(push["type"] == "push" && push["channel"] == "nest", "{push}");
            ensure!(push.as_object().is_some_and(|push| push.len() == 3), "only what the predecessor knows: {push}");
        }
        start(stage, "broadcaster", false).await?;
        let (addresser, broadcaster) = (stage.browser("addresser")?, stage.browser("broadcaster")?);
        let known: Vec<Value> = present.iter().map(|push| push["id"].clone()).collect();
        let push = hears(addresser, "the broadcaster", |m| m["type"] == "push" && !known.contains(&m["id"])).await?;

        // The one calls by id; the other answers to all.
        addresser.js(&format!("return page.call({})", push["id"])).await?;
        for page in [addresser, broadcaster] {
            let said = async || Ok((page.js("return page.said").await? == "meow").then_some(()));
            wait::until("the data channel between the two pages", said).await?;
        }
        hears(broadcaster, "a candidate", |m| m["candidate"].is_object()).await?;

        // To somebody who is not there.
        addresser.js("page.socket.send(JSON.stringify({ id: 'nobody', offer: page.peer.localDescription }))").await?;
        let error = hears(addresser, "an error", |m| m["type"] == "error").await?;
        ensure!(error["id"] == "nobody", "{error}");

        // A broadcast offer reaches ours, too, and they do not answer it.
        broadcaster.js("page.socket.send(JSON.stringify({ offer: { type: 'offer', sdp: 'v=0' } }))").await?;
        stage.browser("Ann")?.say("still talking").await?;
        stage.browser("Bo")?.sees(&["still talking"]).await?;
        stage.browser("Ann")?.sees_online(&["Ann", "Bo"]).await?;
        for (page, others) in [(addresser, &known), (broadcaster, &known)] {
            let of_ours = heard(page).await?.into_iter().find(|m| m["type"].is_null() && others.contains(&m["id"]));
            ensure!(of_ours.is_none(), "our extension spoke to a predecessor's page: {of_ours:?}");
        }

        stage.take_browser("broadcaster")?.quit().await?;
        let pull = hears(stage.browser("addresser")?, "the broadcaster leaving", |m| m["type"] == "pull").await?;
        ensure!(pull["id"] == push["id"], "{pull}");
        Ok(())
    })
    .await;
}
