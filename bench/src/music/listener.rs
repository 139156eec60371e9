//! The device that plays. It tells what each start came to in a line of JSON, and ends early if its input does.

use std::{io::Read as _, path::Path};

use anyhow::{Context, Result, bail};
use catnest_e2e::{
    browser::{Browser, Window},
    ear::{Ear, Said, Sounding},
    file_view::channel_of,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Start, narrow};

/// Where it is sent, of the whole.
const TO: f64 = 0.8;
/// How long it plays on at each place, in seconds: whoever stalls, does so soon.
const PLAYED: f64 = 2.0;

/// Plays so many tracks of the nest on a server.
pub(crate) async fn run(server: &str, relay: bool, starts: usize, folder: &Path) -> Result<()> {
    // Not tokio's: it would be waited for at the end.
    let (end, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // Nothing is said there.
        let _nothing = std::io::stdin().read(&mut [0]);
        let _played = end.send(());
    });
    tokio::select! {
        played = play(server, relay, starts, folder) => played,
        _ = ended => bail!("nobody listens any more"),
    }
}

async fn play(server: &str, relay: bool, starts: usize, folder: &Path) -> Result<()> {
    let _relay = if relay {
        Some(narrow::reach(server).await?)
    } else {
        None
    };
    let profile = TempDir::new()?;
    let log = folder.join("chromedriver-listener.log");
    let browser = Browser::start(profile.path(), &log, Window::Headless).await?;
    browser.settle_in("listener", server, "nest").await?;
    browser.open_ready("welcome.html").await?;
    browser.to_front().await?;
    browser.install_music().await?;
    let channel = channel_of(&format!("webrtc://{server}/nest"))?;
    let rows = browser.music_rows(&channel, starts).await?;
    let mut ear = browser.ear().await?;
    for row in rows {
        let start = start(&browser, &mut ear, &channel, &row["track"]).await;
        let start = start.with_context(|| format!("playing {}", row["track"]["name"]))?;
        println!("{}", serde_json::to_string(&start)?);
    }
    Ok(())
}

async fn start(browser: &Browser, ear: &mut Ear, channel: &Value, track: &Value) -> Result<Start> {
    ear.forget().await?;
    let id = track["id"].as_str().context("an id")?;
    ear.watch(id, 0.0).await?;
    let list = json!({ "play_list": { "list": [id], "row": 0 } });
    let asked = browser.player_does(list).await?;
    let first = heard(ear).await?;
    play_on(ear, &first).await?;

    let duration = first.duration.context("a duration")?;
    let to = duration * TO;
    ear.watch(id, to - 0.5).await?;
    let ms = (to * 1000.0).round();
    let sought = browser.player_does(json!({ "seek": ms as u64 })).await?;
    let there = heard(ear).await?;
    play_on(ear, &there).await?;

    let end = ear.now().await?;
    let said = ear.said().await?;
    browser.player_does(json!("pause")).await?;
    browser
        .ask_music(json!({ "music": "drop", "track": id }))
        .await?;
    browser
        .music(
            "row(arguments[0][0], arguments[0][1], (row) => row && !row.mine)",
            json!([channel, id]),
        )
        .await?;
    let waited = |from: f64, until: f64| {
        let waits = |said: &&Said| said.event == "waiting" && said.at > from && said.at < until;
        said.iter().filter(waits).count() as u32
    };
    Ok(Start {
        track: track["name"].as_str().context("a name")?.to_owned(),
        first_audio_ms: first.at - asked,
        seek_ms: there.at - sought,
        stalls: waited(first.at, sought) + waited(there.at, end.at),
    })
}

/// What is looked for, or why it does not come.
async fn heard(ear: &mut Ear) -> Result<Sounding> {
    match ear.watched().await {
        Ok(sounding) => Ok(sounding),
        Err(error) => {
            let (now, said) = (ear.now().await?, ear.said().await?);
            Err(error.context(format!("{now:?}; it said {said:#?}")))
        }
    }
}

async fn play_on(ear: &mut Ear, from: &Sounding) -> Result<()> {
    let place = from.place + PLAYED;
    ear.until(&format!(
        "({{ place, ended }}) => ended || place >= {place}"
    ))
    .await?;
    Ok(())
}
