//! Somebody and the native host of their machine: they meet by native messaging alone, and what the one gave the other
//! outlives the browser.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use catnest_e2e::{
    alone::alone,
    browser::Browser,
    files::Press,
    host::NativeHost,
    music::{self, Format},
    stage::{Stage, on_stage},
    wait,
};

/// A nest on a server that is not there: whoever meets in it meets otherwise.
const NOWHERE: &str = "webrtc://127.0.0.1:1/nest";
const FILE: &str = "notes.bin";

/// Ann's browser, which finds an installed host.
async fn with_host(stage: &mut Stage) -> Result<NativeHost> {
    let host = stage.native_host("Ann");
    host.install()?;
    stage.start_browser("Ann").await?;
    Ok(host)
}

/// Ann and the host enter the nest at an address, and see each other. Gives the host's name.
async fn meet(ann: &Browser, host: &NativeHost, address: &str) -> Result<String> {
    ann.enter_by_invitation("Ann", address).await?;
    wait::until("the daemon", async || Ok(host.pid().ok())).await?;
    host.json(&["join", address, "--seed", "all"])?;
    let status = host.json(&["status"])?;
    let name = status["name"].as_str().context("a name")?;
    ann.sees_online(&["Ann", name]).await?;
    Ok(name.to_owned())
}

/// Waits until the daemon has a file whole.
async fn has(host: &NativeHost, name: &str) -> Result<()> {
    wait::until(&format!("the daemon has {name}"), async || {
        let all = host.json(&["resources"])?;
        let mut all = all.as_array().into_iter().flatten();
        let whole = all.any(|row| row["file"]["name"] == name && row["state"]["is"] == "complete");
        Ok(whole.then_some(()))
    })
    .await
}

/// A file that no part of is like another.
fn file(stage: &Stage) -> Result<PathBuf> {
    let path = stage.profile("files").with_extension("d");
    fs::create_dir_all(&path)?;
    let path = path.join(FILE);
    let bytes: Vec<u8> = (0..400_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(&path, bytes)?;
    Ok(path)
}

/// Ann shares a file, the daemon gets it, Ann removes it and has it of the daemon.
async fn comes_back(ann: &Browser) -> Result<()> {
    ann.press_on_file(FILE, Press::Remove).await?;
    ann.answer_question(true).await?;
    ann.press_on_file(FILE, Press::Download).await?;
    ann.sees_file(FILE, "complete").await?;
    Ok(())
}

#[tokio::test]
async fn who_was_never_there_gets_log_and_track_of_the_host_alone() {
    on_stage("host_outlives", async |stage| {
        let song = music::song(Format::Opus)?;
        let nest = stage.host.channel("nest");
        let host = with_host(stage).await?;
        let ann = stage.browser("Ann")?;
        meet(ann, &host, &nest).await?;
        ann.say("one").await?;
        ann.say("two").await?;
        ann.open_panel().await?;
        ann.add_songs(&[&song]).await?;
        has(&host, &song.name()).await?;
        stage.take_browser("Ann")?.kill();

        stage.join("Cy", "nest").await?;
        let cy = stage.browser("Cy")?;
        cy.sees(&["one", "two"]).await?;
        cy.open_panel().await?;
        cy.lists(&[&song.title]).await?;
        cy.click_track(&song.title).await?;
        cy.player_is("playing", &song.title).await?;
        cy.track_that(&song.title, "here", |row| row.here).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_browsers_restart_finds_the_daemon_still_seeding() {
    on_stage("host_found_again", async |stage| {
        let host = with_host(stage).await?;
        let path = file(stage)?;
        let ann = stage.browser("Ann")?;
        let name = meet(ann, &host, NOWHERE).await?;
        ann.to_front().await?;
        ann.share("for later", &[&path]).await?;
        has(&host, FILE).await?;
        let pid = host.pid()?;
        stage.take_browser("Ann")?.kill();
        ensure!(host.pid()? == pid, "it stays");

        stage.start_browser("Ann").await?;
        let ann = stage.browser("Ann")?;
        ann.open_chat().await?;
        ann.sees_online(&["Ann", &name]).await?;
        ensure!(host.pid()? == pid, "it is the same one");
        ann.sees(&["for later"]).await?;
        comes_back(ann).await
    })
    .await;
}

#[tokio::test]
async fn where_there_is_a_loopback_only_they_talk_and_hand_over_files_all_the_same() {
    let play = on_stage("host_alone", async |stage| {
        stage.without_loopback();
        let host = with_host(stage).await?;
        let path = file(stage)?;
        let ann = stage.browser("Ann")?;
        let mut engine = ann.engine().await?;
        engine.note_connections().await?;
        meet(ann, &host, NOWHERE).await?;
        ann.to_front().await?;
        ann.share("by a pipe", &[&path]).await?;
        has(&host, FILE).await?;
        // Nothing of it goes by WebRTC: the browser finds no way to anybody.
        comes_back(ann).await?;
        let connected = engine.connected().await?;
        ensure!(connected == 0, "{connected} peer connections are open");
        Ok(())
    });
    alone(
        "host::where_there_is_a_loopback_only_they_talk_and_hand_over_files_all_the_same",
        play,
    )
    .await;
}
