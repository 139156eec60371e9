//! What a row shows of its track, and what its one button does.

use anyhow::{Result, ensure};
use catnest_e2e::{
    browser::Browser,
    music::{self, Format, Song},
    slow_line::{SLOW, SlowLine},
    stage::{Stage, on_stage},
};

/// Ann has these songs, and Bo sees them in the panel. Gives Bo.
async fn listed<'a>(stage: &'a mut Stage, songs: &[&Song]) -> Result<&'a Browser> {
    stage.gather(["Ann", "Bo"], "nest").await?;
    shown(stage, songs).await
}

/// As [`listed`], and Ann's line is slow as long as what is given is kept.
async fn listed_slowly<'a>(
    stage: &'a mut Stage,
    songs: &[&Song],
) -> Result<(&'a Browser, SlowLine)> {
    let line = stage.join_slowly("Ann", "nest", SLOW).await?;
    stage.join("Bo", "nest").await?;
    Ok((shown(stage, songs).await?, line))
}

async fn shown<'a>(stage: &'a Stage, songs: &[&Song]) -> Result<&'a Browser> {
    let [ann, bo] = stage.browsers(["Ann", "Bo"])?;
    ann.open_panel().await?;
    ann.add_songs(songs).await?;
    bo.open_panel().await?;
    for song in songs {
        bo.track_that(&song.title, "listed", |row| row.holders == 1)
            .await?;
    }
    Ok(bo)
}

#[tokio::test]
async fn m8_the_row_that_plays_is_highlighted() {
    on_stage("m8", async |stage| {
        let songs = [music::song(Format::Flac)?, music::song(Format::Mp3)?];
        let bo = listed(stage, &[&songs[0], &songs[1]]).await?;
        for song in [&songs[0], &songs[1], &songs[0]] {
            bo.click_track(&song.title).await?;
            bo.track_that(&song.title, "highlighted", |row| row.current)
                .await?;
            bo.player_is("playing", &song.title).await?;
            let rows = bo.tracks().await?;
            let lit = rows.iter().filter(|row| row.current).count();
            ensure!(lit == 1, "{rows:#?}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn m9_the_one_button_follows_the_state() {
    on_stage("m9", async |stage| {
        let song = music::long()?;
        let (bo, _line) = listed_slowly(stage, &[&song]).await?;
        let title = &song.title;
        bo.track_that(title, "to be played", |row| row.action == "play")
            .await?;
        bo.press_on_track(title).await?;
        let comes = bo
            .track_that(title, "fetching", |row| {
                row.action == "pause" && row.percent > Some(0)
            })
            .await?;
        ensure!(!comes.here, "{comes:?}");
        bo.press_on_track(title).await?;
        let held = bo
            .track_that(title, "held", |row| row.action == "resume")
            .await?;
        ensure!(
            held.percent.is_some_and(|percent| percent < 100),
            "{held:?}"
        );
        bo.press_on_track(title).await?;
        bo.track_that(title, "here", |row| row.here && row.action == "drop")
            .await?;
        bo.press_on_track(title).await?;
        bo.track_that(title, "gone", |row| !row.here && row.holders == 1)
            .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn m14_what_is_here_says_so_once_it_is_whole() {
    on_stage("m14", async |stage| {
        let songs = [music::long()?, music::song(Format::Wav)?];
        let (bo, _line) = listed_slowly(stage, &[&songs[0], &songs[1]]).await?;
        let title = &songs[0].title;
        // Kept without being played, beside a track that is not.
        bo.choose_for(title, "track-keep").await?;
        bo.track_that(title, "coming, and not here", |row| {
            row.percent.is_some() && !row.here
        })
        .await?;
        bo.track_that(title, "here", |row| row.here && row.percent.is_none())
            .await?;
        bo.track_that(&songs[1].title, "not here", |row| {
            !row.here && row.action == "play"
        })
        .await?;
        // It stays here while nobody else is there.
        stage.take_browser("Ann")?.kill();
        let bo = stage.browser("Bo")?;
        bo.track_that(title, "here", |row| row.here && row.holders == 0)
            .await?;
        bo.track_that(&songs[1].title, "away", |row| row.away && !row.here)
            .await?;
        Ok(())
    })
    .await;
}
