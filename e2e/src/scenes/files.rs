//! Files in every state, in the chat, in the list of transfers and in their own page. Most states are over in a moment:
//! the views are told of them as the engine would tell.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{LONG_LINE, Place};
use crate::browser::Browser;

/// Name, media type, length, and state, with the hundredths of it that are here.
const FILES: [(&str, &str, u64, &str, u64); 8] = [
    ("notes.txt", "text/plain", 1_234, "absent", 0),
    ("猫窝.mp3", "audio/mpeg", 4_200_000, "seeking", 0),
    (
        "a-film-with-a-name-that-is-far-too-long-for-one-line.mkv",
        "video/x-matroska",
        1_400_000_000,
        "fetching",
        35,
    ),
    ("photos.zip", "application/zip", 81_000_000, "paused", 60),
    (
        "disk.img",
        "application/octet-stream",
        64_000_000_000,
        "stopped",
        10,
    ),
    ("book.pdf", "application/pdf", 12_300_000, "checking", 100),
    ("song.flac", "audio/flac", 31_000_000, "complete", 100),
    ("cat.png", "image/png", 640_000, "complete", 100),
];

fn descriptor(at: usize) -> Value {
    let (name, media_type, length, ..) = FILES[at];
    json!({
        "id": format!("{:064x}", at + 1),
        "length": length,
        "md5": format!("{at:032x}"),
        "name": name,
        "media_type": media_type,
    })
}

/// What is told of a file; nothing of one that is not here.
fn transfer(at: usize, channel: &Value) -> Option<Value> {
    let (.., length, state, hundredths) = FILES[at];
    let moves = state == "fetching";
    let given = state == "complete" && at.is_multiple_of(2);
    let state = match state {
        "absent" => return None,
        "stopped" => json!({ "is": state, "problem": { "problem": "store_full" } }),
        _ => json!({ "is": state }),
    };
    Some(json!({
        "file": descriptor(at),
        "channels": [channel],
        "state": state,
        "chosen": true,
        "have_bytes": length / 100 * hundredths,
        "holders": if moves { 3 } else { 0 },
        "receiving": if moves { 3_400_000 } else { 0 },
        "sending": if given { 250_000 } else { 0 },
        "received": 0,
        "sent": if given { 7_000_000 } else { 0 },
        "added": at,
    }))
}

fn transfers(channel: &Value) -> Value {
    let all: Vec<_> = (0..FILES.len())
        .filter_map(|at| transfer(at, channel))
        .collect();
    json!({ "event": { "event": { "event": "transfers", "transfers": all } } })
}

fn intakes(channel: &Value) -> Value {
    let intake = |id: &str, text: &str, done: u64, problem: Value| {
        json!({
            "id": id,
            "channel": channel,
            "text": text,
            "files": [{ "name": "holiday.mp4", "length": 880_000_000, "media_type": "video/mp4" }],
            "done_bytes": done,
            "problem": problem,
        })
    };
    json!({ "intakes": [
        intake("a", "From the roof", 700_000_000, Value::Null),
        intake("b", "", 90_000_000, json!({ "problem": "store_full" })),
    ] })
}

/// A message with some of the files.
fn message(channel: &Value, number: u64, text: &str, mine: bool, files: &[usize]) -> Value {
    // Far in the future: after everything that was said.
    json!({ "event": { "event": {
        "event": "message",
        "channel": channel,
        "message": {
            "id": format!("{number:064x}"),
            "time": 4_000_000_000_000_u64 + number,
            "author": format!("{:064x}", u8::from(mine)),
            "name": if mine { "咪咪" } else { "博" },
            "mine": mine,
            "text": text,
            "files": files.iter().map(|at| descriptor(*at)).collect::<Vec<_>>(),
            "delivery": null,
            "kept": false,
            "recalled": false,
            "after": null,
            "gap": false,
            "burning": false,
        },
    } } })
}

/// A picture of the extension's own, to be attached.
fn picture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../extension/static/icons/128.png")
}

/// With files; `ann` is in a nest with somebody else.
pub(super) async fn play(
    ann: &Browser,
    page: &impl Fn(&str) -> String,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    let begun = ann.begin_pretending().await?;
    ann.open_ready(&page("popup")).await?;
    let channel = ann.js("return localStorage.getItem('channel')").await?;
    writing(ann, visit).await?;
    let files: [&[usize]; 4] = [&[0, 1], &[2, 3], &[4, 5, 6], &[7]];
    let show = async |shown: usize| -> Result<()> {
        ann.pretend(transfers(&channel)).await?;
        for (number, files) in (1..).zip(&files[..shown]) {
            let text = if number % 2 == 1 { LONG_LINE } else { "" };
            ann.pretend(message(&channel, number, text, number % 2 == 0, files))
                .await?;
        }
        Ok(())
    };
    for shown in 1..=files.len() {
        ann.open_ready(&page("popup")).await?;
        show(shown).await?;
        if shown == files.len() {
            // From here on with a native host.
            ann.pretend_host(super::host::present(), super::host::nothing())
                .await?;
        }
        let (name, .., state, _) = FILES[*files[shown - 1].last().context("a file")?];
        ann.sees_file(name, state).await?;
        if shown == files.len() {
            ann.sees_picture(name).await?;
        }
        visit(ann, Place::Popup, &format!("files-{shown}")).await?;
    }
    ann.pretend(intakes(&channel)).await?;
    ann.find("intake-problem").await?;
    visit(ann, Place::Popup, "intakes").await?;
    ann.press_on_file("cat.png", crate::files::Press::Remove)
        .await?;
    ann.find("question-no").await?;
    visit(ann, Place::Popup, "file-remove").await?;
    ann.answer_question(false).await?;
    ann.open_ready(&page("transfers")).await?;
    ann.pretend(json!({ "event": { "event": { "event": "transfers", "transfers": [] } } }))
        .await?;
    ann.find("no-transfers").await?;
    visit(ann, Place::Page, "transfers-empty").await?;
    ann.pretend_host(super::host::present(), super::host::nothing())
        .await?;
    ann.pretend(transfers(&channel)).await?;
    ann.pretend(intakes(&channel)).await?;
    ann.sees_file("disk.img", "stopped").await?;
    visit(ann, Place::Page, "transfers").await?;
    for (at, scene, shows) in [
        (7, "file", "content"),
        (6, "file-sound", "content"),
        (3, "file-coming", "file"),
        (0, "file-gone", "file-gone"),
    ] {
        let id = format!("{:064x}", at + 1);
        ann.open_ready(&format!("{}&file={id}", page("file")))
            .await?;
        ann.pretend(transfers(&channel)).await?;
        ann.find(shows).await?;
        visit(ann, Place::Page, scene).await?;
    }
    ann.end_pretending(begun).await?;
    ann.open_ready(&page("popup")).await
}

/// Files of the next message.
async fn writing(
    ann: &Browser,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    ann.attach(&[&picture()]).await?;
    ann.drag("a-story-with-a-name-that-is-too-long.txt", "Once…", true)
        .await?;
    ann.sees_attached(&["128.png", "a-story-with-a-name-that-is-too-long.txt"])
        .await?;
    visit(ann, Place::Popup, "attached").await?;
    ann.pick(&[&*picture(); 15]).await?;
    ann.find("problem").await?;
    visit(ann, Place::Popup, "too-many-files").await?;
    ann.drag("story.txt", "Once…", false).await?;
    ann.find("drop-target").await?;
    visit(ann, Place::Popup, "dropping").await?;
    ann.drag_away().await?;
    ann.detach("128.png").await?;
    ann.detach("a-story-with-a-name-that-is-too-long.txt").await
}
