//! A file is read and played while it comes: from anywhere, with the right bytes, and whatever becomes of the worker.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use catnest::resource::ResourceHasher;
use catnest_e2e::{
    browser::Browser,
    file_view::channel_of,
    stage::{Stage, on_stage},
    streaming::{SECOND, hash, song},
};
use serde_json::{Value, json};

/// Of so many seconds: some 70 MB, which debug builds take seconds to carry.
const SECONDS: usize = 400;

/// The id of a file with these bytes.
fn id_of(bytes: &[u8]) -> Result<String> {
    let mut hasher = ResourceHasher::new(bytes.len() as u64);
    hasher.update(bytes)?;
    Ok(hasher.finish()?.id.to_string())
}

/// Ann attaches a song in the chat, and Bo reads the message; he has not asked for the song. Gives Bo, the channel, and
/// the song's bytes and id.
async fn attached<'a>(
    stage: &'a mut Stage,
    folder: &Path,
) -> Result<(&'a Browser, Value, Vec<u8>, String)> {
    stage.gather(["Ann", "Bo"], "nest").await?;
    let content = song(SECONDS);
    let path = folder.join("song.wav");
    std::fs::write(&path, &content)?;
    let id = id_of(&content)?;
    let channel = channel_of(&stage.host.channel("nest"))?;
    let [ann, bo] = stage.browsers(["Ann", "Bo"])?;
    ann.to_front().await?;
    ann.share("listen", &[&path]).await?;
    ann.has_taken_all_in().await?;
    bo.to_front().await?;
    bo.sees(&["listen"]).await?;
    bo.sees_file("song.wav", "absent").await?;
    bo.install_streams().await?;
    Ok((bo, channel, content, id))
}

#[tokio::test]
async fn any_part_of_a_file_is_given_before_the_rest_of_it_has_come() {
    on_stage("streaming_parts", async |stage| {
        let folder = tempfile::tempdir()?;
        let (bo, channel, content, id) = attached(stage, folder.path()).await?;
        let length = content.len();
        // Nobody asked for it before.
        let from = length / 5 * 4;
        let to = from + 3_000_000;
        let range = format!("bytes={from}-{}", to - 1);
        let part = bo.asks_for(&channel, &id, "GET", Some(&range)).await?;
        ensure!(part.status == 206, "{part:?}");
        let says = |name: &str| part.headers.get(name).and_then(Value::as_str);
        for (name, value) in [
            (
                "content-range",
                &*format!("bytes {from}-{}/{length}", to - 1),
            ),
            ("content-length", "3000000"),
            ("content-type", "audio/wav"),
            ("accept-ranges", "bytes"),
            ("x-content-type-options", "nosniff"),
        ] {
            ensure!(says(name) == Some(value), "{name}: {part:?}");
        }
        let here = part.here.context("something came")?;
        ensure!(here < length as u64 / 2, "{here} bytes came before");
        ensure!(part.length == 3_000_000 && part.hash == hash(&content[from..to]));

        // Who reads no further has not stopped the download, and all of it is right.
        let glanced = bo.streams("glance", &[json!(id), channel.clone()]).await?;
        ensure!(glanced == 200, "{glanced}");
        let whole = bo.asks_for(&channel, &id, "GET", None).await?;
        ensure!(whole.status == 200 && whole.length == length as u64);
        ensure!(whole.hash == hash(&content));
        bo.sees_file("song.wav", "complete").await?;
        let received = bo.file_now(&json!({ "id": id })).await?["received"].as_u64();
        let received = received.context("a transfer")?;
        let twice = received.saturating_sub(length as u64);
        ensure!(twice < 3_000_000, "{twice} bytes came twice");

        for (method, range, status, bytes) in [
            ("HEAD", None, 200, 0),
            ("GET", Some("bytes=-10"), 206, 10),
            ("GET", Some("bytes=999999999-"), 416, 0),
            ("GET", Some("bytes=9-1"), 416, 0),
            ("POST", None, 405, 0),
        ] {
            let said = bo.asks_for(&channel, &id, method, range).await?;
            ensure!(
                said.status == status && said.length == bytes,
                "{method} {range:?}: {said:?}"
            );
        }
        let nowhere = json!("f".repeat(64));
        for unknown in [&*"0".repeat(64), "..%2Fengine.html"] {
            let said = bo.asks_for(&nowhere, unknown, "GET", None).await?;
            ensure!(said.status == 404, "{unknown}: {said:?}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_song_plays_while_it_comes_and_the_worker_may_be_stopped() {
    on_stage("streaming_plays", async |stage| {
        let folder = tempfile::tempdir()?;
        let (bo, channel, content, id) = attached(stage, folder.path()).await?;
        let length = content.len() as u64;
        ensure!(content.len() == SECONDS * SECOND + 44);
        let played = bo.streams("play", &[json!(id), channel.clone()]).await?;
        let here = played["here"].as_u64().context("a transfer")?;
        ensure!(here < length, "all of it was here: {played}");
        let duration = played["duration"].as_f64().context("a duration")?;
        ensure!((duration - SECONDS as f64).abs() < 0.1, "{played}");

        let to = SECONDS / 5 * 4;
        let sought = bo.streams("seek", &[json!(id), json!(to)]).await?;
        println!("played: {played}, sought: {sought}, of {length} bytes");

        for stopped in 1..=2 {
            bo.stop_service_worker().await?;
            let back = SECONDS / 5 * stopped;
            let there = bo.streams("seek", &[json!(id), json!(back)]).await?;
            println!("the worker was stopped, and it plays on: {there}");
            bo.streams("playOn", &[json!(2)]).await?;
        }
        bo.sees_file("song.wav", "complete").await?;
        bo.streams("stop", &[]).await?;
        let all = bo.asks_for(&channel, &id, "GET", None).await?;
        ensure!(all.length == length && all.hash == hash(&content));
        Ok(())
    })
    .await;
}
