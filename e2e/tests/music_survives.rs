//! A song that plays on whatever becomes of the service worker.

use std::time::Duration;

use anyhow::{Result, ensure};
use catnest_e2e::{
    browser::Browser,
    ear::{Ear, Sounding},
    long_runs,
    music::{self, Song},
    stage::{Stage, on_stage},
};

/// Nothing is heard of less than this, in seconds: positions are told about so often.
const GAP: f64 = 0.25;

/// Ann has a long song, and Bo plays it. Gives Bo and what hears it.
async fn plays<'a>(stage: &'a mut Stage, song: &Song) -> Result<(&'a Browser, Ear)> {
    stage.gather(["Ann", "Bo"], "nest").await?;
    let [ann, bo] = stage.browsers(["Ann", "Bo"])?;
    ann.open_panel().await?;
    ann.add_songs(&[song]).await?;
    bo.open_panel().await?;
    bo.click_track(&song.title).await?;
    bo.player_is("playing", &song.title).await?;
    let ear = bo.ear().await?;
    Ok((bo, ear))
}

/// It plays for so many seconds, as fast as time goes by.
async fn without_a_gap(ear: &mut Ear, from: &Sounding, seconds: f64) -> Result<()> {
    let until = from.place + seconds;
    let then = ear
        .until(&format!("({{ place }}) => place >= {until}"))
        .await?;
    let real = (then.at - from.at) / 1000.0;
    let off = real - (then.place - from.place);
    ensure!(
        off.abs() < GAP,
        "{off} s are missing: {from:?}, then {then:?}"
    );
    let said = ear.said().await?;
    ensure!(said.is_empty(), "it said {said:?}");
    Ok(())
}

#[tokio::test]
async fn a_worker_that_is_stopped_twice_interrupts_nothing() {
    on_stage("music_worker", async |stage| {
        let song = music::long()?;
        let (bo, mut ear) = plays(stage, &song).await?;
        for _ in 0..2 {
            ear.forget().await?;
            let from = ear.now().await?;
            bo.stop_service_worker().await?;
            without_a_gap(&mut ear, &from, 8.0).await?;
        }
        // And it gives what is not read yet.
        bo.stop_service_worker().await?;
        bo.seek_to(0.75).await?;
        ear.until("({ place, seeking }) => place > 100 && !seeking")
            .await?;
        ear.hears_tone(music::LONG_SECOND_HALF_HERTZ).await
    })
    .await;
}

/// Longer than a worker is kept for anything.
const PAUSE: Duration = Duration::from_secs(6 * 60);

#[tokio::test]
async fn after_a_pause_of_six_minutes_it_plays_on() {
    if !long_runs() {
        return;
    }
    on_stage("music_pause", async |stage| {
        let song = music::long()?;
        let (bo, mut ear) = plays(stage, &song).await?;
        bo.click("toggle").await?;
        bo.player_is("paused", &song.title).await?;
        let paused = ear.now().await?;
        // Time is what this is about.
        tokio::time::sleep(PAUSE).await;
        ensure!(ear.now().await?.place == paused.place, "it did not pause");
        ear.watch(&song.id()?, paused.place).await?;
        bo.click("toggle").await?;
        let from = ear.watched().await?;
        ensure!(from.place - paused.place < 1.0, "{paused:?}, then {from:?}");
        ear.forget().await?;
        without_a_gap(&mut ear, &from, 30.0).await
    })
    .await;
}
