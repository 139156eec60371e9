//! Music of somebody else plays while it comes; what is heard is the file.

use anyhow::{Context, Result, ensure};
use catnest_e2e::{
    browser::Browser,
    ear::Ear,
    file_view::channel_of,
    music::{self, Format, LONG_SECOND_HALF_HERTZ, Song},
    slow_line::{SLOW, SlowLine},
    stage::{Stage, on_stage},
    streaming::hash,
};
use serde_json::{Value, json};

/// Ann has these songs, and Bo sees them in the panel. Gives Bo and what hears his <audio>.
async fn listed<'a>(stage: &'a mut Stage, songs: &[&Song]) -> Result<(&'a Browser, Ear)> {
    stage.gather(["Ann", "Bo"], "nest").await?;
    shown(stage, songs).await
}

/// As [`listed`], and Ann's line is slow as long as what is given is kept.
async fn listed_slowly<'a>(
    stage: &'a mut Stage,
    songs: &[&Song],
) -> Result<(&'a Browser, Ear, SlowLine)> {
    let line = stage.join_slowly("Ann", "nest", SLOW).await?;
    stage.join("Bo", "nest").await?;
    let (bo, ear) = shown(stage, songs).await?;
    Ok((bo, ear, line))
}

async fn shown<'a>(stage: &'a Stage, songs: &[&Song]) -> Result<(&'a Browser, Ear)> {
    let [ann, bo] = stage.browsers(["Ann", "Bo"])?;
    ann.open_panel().await?;
    ann.add_songs(songs).await?;
    sees(bo, songs).await
}

async fn sees<'a>(bo: &'a Browser, songs: &[&Song]) -> Result<(&'a Browser, Ear)> {
    bo.open_panel().await?;
    bo.install_streams().await?;
    for song in songs {
        bo.track_that(&song.title, "listed", |row| row.holders > 0)
            .await?;
    }
    let ear = bo.ear().await?;
    Ok((bo, ear))
}

/// Clicks a song, and waits until it sounds. Gives how much of it was here then.
async fn play(bo: &Browser, ear: &mut Ear, song: &Song) -> Result<u64> {
    let id = song.id()?;
    ear.watch(&id, 0.0).await?;
    bo.click_track(&song.title).await?;
    ear.watched().await?;
    here(bo, song).await
}

async fn here(bo: &Browser, song: &Song) -> Result<u64> {
    let now = bo.file_now(&json!({ "id": song.id()? })).await?;
    now["have_bytes"]
        .as_u64()
        .with_context(|| format!("a transfer: {now}"))
}

/// Waits until all of a song is here, as it is at its owner's. Gives what came for it.
async fn has_come(bo: &Browser, channel: &Value, song: &Song) -> Result<u64> {
    let file = json!({ "id": song.id()? });
    let transfer = bo.file_is(&file, "complete").await?;
    let content = std::fs::read(&song.path)?;
    let printed = std::process::Command::new("md5sum")
        .arg(&song.path)
        .output()?;
    let printed = String::from_utf8(printed.stdout)?;
    let md5 = printed.split_whitespace().next();
    ensure!(transfer["file"]["md5"].as_str() == md5, "{transfer}");
    let id = file["id"].as_str().context("an id")?;
    let all = bo.asks_for(channel, id, "GET", None).await?;
    ensure!(all.length == content.len() as u64 && all.hash == hash(&content));
    bo.track_that(&song.title, "here", |row| row.here).await?;
    transfer["received"].as_u64().context("what was received")
}

#[tokio::test]
async fn m17_every_format_is_heard_as_it_is() {
    on_stage("m17", async |stage| {
        let songs: Result<Vec<Song>> = Format::ALL.map(music::song).into_iter().collect();
        let songs = songs?;
        let songs: Vec<&Song> = songs.iter().collect();
        let channel = channel_of(&stage.host.channel("nest"))?;
        let (bo, mut ear) = listed(stage, &songs).await?;
        for song in songs {
            let name = song.name();
            play(bo, &mut ear, song).await.context(name.clone())?;
            bo.player_is("playing", &song.title).await?;
            ear.hears_tone(song.hertz).await.context(name.clone())?;
            let duration = ear.now().await?.duration.context("a duration")?;
            // Codecs pad.
            let off = (duration - f64::from(song.seconds)).abs();
            ensure!(off < 0.1, "{name} plays {duration} s");
            has_come(bo, &channel, song).await.context(name)?;
        }
        // After the last one there is silence.
        bo.click("toggle").await?;
        ear.until("({ paused }) => paused").await?;
        let heard = ear.hears().await?;
        ensure!(heard.hertz.is_none(), "{heard:?}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn m12_a_long_song_plays_before_a_tenth_of_it_is_here() {
    on_stage("m12", async |stage| {
        let song = music::long()?;
        let length = std::fs::metadata(&song.path)?.len();
        let channel = channel_of(&stage.host.channel("nest"))?;
        let (bo, mut ear, _line) = listed_slowly(stage, &[&song]).await?;
        let first = play(bo, &mut ear, &song).await?;
        println!("{first} of {length} bytes are here when it sounds");
        let to = f64::from(song.seconds) * 0.8;
        ear.watch(&song.id()?, to - 2.0).await?;
        bo.seek_to(0.8).await?;
        let there = ear.watched().await?;
        let then = here(bo, &song).await?;
        println!(
            "{then} of {length} bytes are here when it sounds at {:.1} s",
            there.place
        );
        ensure!(first < length / 10, "{first} bytes were here");
        ensure!(then < length * 4 / 5, "most of it had come: {then}");
        ear.hears_tone(LONG_SECOND_HALF_HERTZ).await?;
        let received = has_come(bo, &channel, &song).await?;
        let twice = received.saturating_sub(length);
        ensure!(twice < length / 20, "{twice} bytes came twice");
        bo.seek_to(0.1).await?;
        ear.until("({ place, seeking }) => !seeking && place < 60")
            .await?;
        ear.hears_tone(song.hertz).await
    })
    .await;
}

#[tokio::test]
async fn m3_md5_says_that_all_is_right() {
    on_stage("m3", async |stage| {
        let song = music::song(Format::Wav)?;
        let channel = channel_of(&stage.host.channel("nest"))?;
        let (bo, mut ear) = listed(stage, &[&song]).await?;
        play(bo, &mut ear, &song).await?;
        has_come(bo, &channel, &song).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn m7_of_two_who_have_it_each_piece_is_asked_once() {
    on_stage("m7", async |stage| {
        let song = music::long()?;
        let length = std::fs::metadata(&song.path)?.len();
        let channel = channel_of(&stage.host.channel("nest"))?;
        stage.gather(["Ann", "Cy"], "nest").await?;
        for name in ["Ann", "Cy"] {
            let person = stage.browser(name)?;
            person.open_panel().await?;
            person.add_songs(&[&song]).await?;
        }
        stage.join("Bo", "nest").await?;
        let bo = stage.browser("Bo")?;
        let (bo, mut ear) = sees(bo, &[&song]).await?;
        // One row, with both.
        bo.track_that(&song.title, "with both", |row| row.holders == 2)
            .await?;
        bo.lists(&[&song.title]).await?;
        play(bo, &mut ear, &song).await?;
        let received = has_come(bo, &channel, &song).await?;
        let twice = received.saturating_sub(length);
        println!("{twice} of {length} bytes came twice");
        // At the end the last pieces are asked of both, and on a busy machine most of those come from both.
        ensure!(twice < length / 20, "{twice} bytes came twice");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn m13_who_asks_twice_loads_once() {
    on_stage("m13", async |stage| {
        let song = music::long()?;
        let length = std::fs::metadata(&song.path)?.len();
        let channel = channel_of(&stage.host.channel("nest"))?;
        let (bo, mut ear) = listed(stage, &[&song]).await?;
        ear.forget().await?;
        let click = "const title = [...document.querySelectorAll('[data-testid=track-title]')][0];
            for (let count = 0; count < 10; count += 1) title.click()";
        bo.js(click).await?;
        ear.until("({ place, paused }) => place > 1 && !paused")
            .await?;
        bo.js(click).await?;
        let received = has_come(bo, &channel, &song).await?;
        let said = ear.said().await?;
        let loads = said.iter().filter(|said| said.event == "loadstart").count();
        ensure!(loads == 1, "it was loaded {loads} times: {said:#?}");
        ensure!(received < length + length / 50, "{received} bytes came");
        ear.hears_tone(song.hertz).await
    })
    .await;
}

#[tokio::test]
async fn m16_fetching_and_playing_leave_each_other_alone() {
    on_stage("m16", async |stage| {
        let (long, short) = (music::long()?, music::song(Format::Mp3)?);
        let channel = channel_of(&stage.host.channel("nest"))?;
        let (bo, mut ear, _line) = listed_slowly(stage, &[&long, &short]).await?;
        // What is held back does not keep the player from anything.
        bo.click_track(&long.title).await?;
        bo.track_that(&long.title, "coming", |row| {
            row.action == "pause" && row.percent > Some(0)
        })
        .await?;
        bo.press_on_track(&long.title).await?;
        let held = bo
            .track_that(&long.title, "held", |row| row.action == "resume")
            .await?;
        bo.click("toggle").await?;
        bo.player_is("paused", &long.title).await?;
        bo.click_track(&short.title).await?;
        bo.player_is("playing", &short.title).await?;
        ear.hears_tone(short.hertz).await?;
        let still = bo
            .track_that(&long.title, "held", |row| row.action == "resume")
            .await?;
        // What was under way when it was held is kept.
        let more = still.percent.zip(held.percent).map(|(then, at)| then - at);
        ensure!(
            more.is_some_and(|more| more < 10),
            "{held:?}, then {still:?}"
        );
        // A pause of the player does not keep it from coming.
        bo.click("toggle").await?;
        bo.player_is("paused", &short.title).await?;
        bo.press_on_track(&long.title).await?;
        has_come(bo, &channel, &long).await?;
        bo.player_is("paused", &short.title).await
    })
    .await;
}
