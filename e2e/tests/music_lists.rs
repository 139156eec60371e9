//! Whose music is listed: the own one, that of those who are there, and that of those who were.

use anyhow::{Result, ensure};
use catnest_e2e::{
    browser::Browser,
    music::{self, Format, Song},
    stage::{Stage, on_stage},
};
use serde_json::json;
use thirtyfour::prelude::*;

/// These people are in a nest, each with the panel open; the first one has these songs, and all see them.
async fn with_songs<'a, const N: usize>(
    stage: &'a mut Stage,
    names: [&str; N],
    songs: &[Song],
) -> Result<[&'a Browser; N]> {
    stage.gather(names, "nest").await?;
    let people = stage.browsers(names)?;
    for person in people {
        person.open_panel().await?;
    }
    people[0].to_front().await?;
    let songs: Vec<&Song> = songs.iter().collect();
    people[0].add_songs(&songs).await?;
    let titles: Vec<&str> = songs.iter().map(|song| &*song.title).collect();
    for person in people {
        person.to_front().await?;
        person.lists(&titles).await?;
    }
    Ok(people)
}

fn some_songs() -> Result<[Song; 3]> {
    Ok([
        music::song(Format::Flac)?,
        music::song(Format::Mp3)?,
        music::song(Format::Opus)?,
    ])
}

#[tokio::test]
async fn m1_the_own_list_is_there_after_a_restart() {
    on_stage("m1", async |stage| {
        let songs = some_songs()?;
        with_songs(stage, ["Ann"], &songs).await?;
        stage.take_browser("Ann")?.quit().await?;
        stage.start_browser("Ann").await?;
        let ann = stage.browser("Ann")?;
        ann.open_panel().await?;
        for song in &songs {
            ann.track_that(&song.title, "here", |row| row.here && !row.away)
                .await?;
        }
        ann.click_track(&songs[0].title).await?;
        ann.player_is("playing", &songs[0].title).await?;
        // Titles are text, whatever they look like.
        let markup = "document.querySelectorAll('[data-testid=track-title] *').length";
        ann.js_is(markup, json!(0)).await
    })
    .await;
}

#[tokio::test]
async fn m2_a_cached_list_stays_and_is_dimmed_while_its_device_is_away() {
    on_stage("m2", async |stage| {
        let songs = some_songs()?;
        let [_, bo] = with_songs(stage, ["Ann", "Bo"], &songs).await?;
        // One of them is Bo's as well now.
        bo.click_track(&songs[0].title).await?;
        bo.track_that(&songs[0].title, "here", |row| row.here)
            .await?;
        stage.take_browser("Ann")?.kill();
        let bo = stage.browser("Bo")?;
        for song in &songs[1..] {
            bo.track_that(&song.title, "away", |row| row.away && !row.here)
                .await?;
        }
        bo.track_that(&songs[0].title, "here", |row| row.here && !row.away)
            .await?;
        // Kept on the device.
        stage.take_browser("Bo")?.quit().await?;
        stage.start_browser("Bo").await?;
        let bo = stage.browser("Bo")?;
        bo.open_panel().await?;
        for song in &songs[1..] {
            bo.track_that(&song.title, "away", |row| row.away && !row.here)
                .await?;
        }
        // Her device is back, with nothing to tell that is new.
        stage.start_browser("Ann").await?;
        let bo = stage.browser("Bo")?;
        for song in &songs[1..] {
            bo.track_that(&song.title, "there again", |row| {
                !row.away && row.holders == 1
            })
            .await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn m11_a_list_goes_with_its_device() {
    on_stage("m11", async |stage| {
        let songs = some_songs()?;
        let [_, bo] = with_songs(stage, ["Ann", "Bo"], &songs).await?;
        bo.keeps_no_lists().await?;
        bo.click_track(&songs[0].title).await?;
        bo.track_that(&songs[0].title, "here", |row| row.here)
            .await?;
        stage.take_browser("Ann")?.kill();
        // What Bo has remains, the others go.
        stage.browser("Bo")?.lists(&[&songs[0].title]).await
    })
    .await;
}

#[tokio::test]
async fn m10_who_asks_for_a_list_is_answered_and_nobody_else() {
    on_stage("m10", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        // A list that is seen on the wire: some ten kilobytes.
        let folder = tempfile::tempdir()?;
        let mut song = catnest_e2e::streaming::song(1);
        song.truncate(4096);
        let mut paths = Vec::new();
        for number in 0..LONG_LIST {
            let path = folder
                .path()
                .join(format!("{number:03} {}.wav", "x".repeat(180)));
            std::fs::write(&path, [&*song, &number.to_le_bytes()].concat())?;
            paths.push(path);
        }
        ann.open_panel().await?;
        let paths: Vec<_> = paths.iter().map(std::path::PathBuf::as_path).collect();
        ann.give("add-files-input", &paths).await?;
        ann.counts_tracks(LONG_LIST).await?;
        stage.start_browser("Cy").await?;
        let cy = stage.browser("Cy")?;
        let mut engine = cy.engine().await?;
        engine.note_connections().await?;
        cy.settle_in("Cy", &stage.host.address, "nest").await?;
        cy.open_panel().await?;
        cy.counts_tracks(LONG_LIST).await?;
        let alone = engine.received_by_channels().await?;
        ensure!(alone > 20_000, "a long list has {alone} bytes");
        stage.join("Bo", "nest").await?;
        let bo = stage.browser("Bo")?;
        bo.open_panel().await?;
        bo.counts_tracks(LONG_LIST).await?;
        let both = engine.received_by_channels().await?;
        println!(
            "a list: {alone} bytes, and {} while it went to somebody else",
            both - alone
        );
        ensure!(both - alone < alone / 4, "{alone} bytes, then {both}");
        Ok(())
    })
    .await;
}

/// So many tracks are in a list that is long.
const LONG_LIST: u32 = 100;

#[tokio::test]
async fn m15_what_is_dropped_stays_listed_while_somebody_else_has_it() {
    on_stage("m15", async |stage| {
        let songs = some_songs()?;
        let [ann, bo] = with_songs(stage, ["Ann", "Bo"], &songs).await?;
        let title = &songs[1].title;
        bo.click_track(title).await?;
        bo.track_that(title, "here", |row| row.here && row.action == "drop")
            .await?;
        bo.press_on_track(title).await?;
        bo.track_that(title, "with Ann only", |row| {
            !row.here && row.holders == 1 && row.action == "play"
        })
        .await?;
        // Nobody else has this one: that is asked first, and then it is gone for all.
        ann.to_front().await?;
        ann.track_that(title, "with Ann only", |row| row.here && row.holders == 0)
            .await?;
        ann.press_on_track(title).await?;
        ann.answer_question(true).await?;
        let left = [&*songs[0].title, &songs[2].title];
        ann.lists(&left).await?;
        bo.to_front().await?;
        bo.lists(&left).await
    })
    .await;
}

#[tokio::test]
async fn m18_a_refreshed_list_disturbs_neither_sound_nor_place_nor_focus() {
    on_stage("m18", async |stage| {
        let songs = some_songs()?;
        let long = music::long()?;
        let mut all = songs.to_vec();
        all.push(long.clone());
        let [ann, bo] = with_songs(stage, ["Ann", "Bo"], &all).await?;
        bo.keeps_no_lists().await?;
        // So low that the list is scrolled.
        bo.viewport(320, 420).await?;
        bo.click_track(&long.title).await?;
        bo.player_is("playing", &long.title).await?;
        bo.track_that(&long.title, "here", |row| row.here).await?;
        let mut ear = bo.ear().await?;
        bo.js("document.querySelector('[data-testid=track][tabindex=\"0\"]').focus()")
            .await?;
        bo.press(Key::End).await?;
        bo.js_is("document.activeElement.ariaRowIndex", json!("4"))
            .await?;
        let place = bo.place_in_list().await?;
        ear.forget().await?;
        let before = ear.now().await?;
        // Somebody comes with a list of their own, somebody's list changes, and somebody goes.
        ann.to_front().await?;
        ann.add_songs(&[&music::song(Format::Wav)?]).await?;
        stage.join("Cy", "nest").await?;
        let cy = stage.browser("Cy")?;
        cy.open_panel().await?;
        cy.add_songs(&[&music::song(Format::M4a)?]).await?;
        let bo = stage.browser("Bo")?;
        bo.to_front().await?;
        bo.counts_tracks(6).await?;
        stage.take_browser("Cy")?.kill();
        let bo = stage.browser("Bo")?;
        bo.counts_tracks(5).await?;
        let after = ear.now().await?;
        let said = ear.said().await?;
        ensure!(said.is_empty(), "the <audio> said {said:?}");
        let real = (after.at - before.at) / 1000.0;
        let off = (after.place - before.place - real).abs();
        ensure!(off < 0.3, "{before:?}, then {after:?}");
        let still = bo.place_in_list().await?;
        ensure!(
            still.row == place.row && still.top.abs_diff(place.top) <= 1,
            "it was at {place:?}, and is at {still:?}"
        );
        bo.player_is("playing", &long.title).await
    })
    .await;
}
