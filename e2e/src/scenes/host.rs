//! The native host: not there, for each reason; there with nothing to do; and there with nests and files, of which some are on
//! their way. The views are told of it as the engine would tell.

use anyhow::Result;
use serde_json::{Value, json};

use super::Place;
use crate::browser::Browser;

fn absent(why: Value) -> Value {
    json!({ "is": "absent", "why": why })
}

pub(super) fn present() -> Value {
    json!({ "is": "present", "version": "0.1.0", "pid": 4711 })
}

fn status(busy: bool) -> Value {
    let some = |amount: u64| if busy { amount } else { 0 };
    json!({
        "is": "status",
        "version": "0.1.0",
        "pid": 4711,
        "since": 1_795_467_600_000_u64,
        "data": "/users/ann/.local/share/catnest/daemon",
        "name": "Ann",
        "channels": some(2),
        "links": { "direct": some(3), "relayed": some(1) },
        "disk": {
            "used": some(12_400_000_000),
            "quota": busy.then_some(20_000_000_000_u64),
            "free": 312_000_000_000_u64,
        },
        "whole": some(4),
        "partial": some(2),
        "bytes": some(11_000_000_000),
        "receiving": some(3_400_000),
        "sending": some(250_000),
        "sent": some(41_000_000_000),
    })
}

/// A nest of the host's.
fn channel(id: &Value, name: &str, seeds: &str, server: &str) -> Value {
    json!({
        "id": id,
        "name": name,
        "address": "webrtc://cat.example/nest",
        "private": false,
        "server": server,
        "members": 4,
        "links": 3,
        "retention": { "keep": "forever" },
        "burning": false,
        "seeds": seeds,
    })
}

/// A file of the host's: name, media type, length, state, hundredths that are here.
fn file(number: usize, channel: &Value, what: (&str, &str, u64, &str, u64), chosen: bool) -> Value {
    let (name, media_type, length, state, hundredths) = what;
    let state = match state {
        "stopped" => json!({ "is": state, "problem": { "problem": "store_full" } }),
        _ => json!({ "is": state }),
    };
    let moves = state["is"] == "fetching";
    json!({
        "file": {
            "id": format!("{number:064x}"),
            "length": length,
            "md5": format!("{number:032x}"),
            "name": name,
            "media_type": media_type,
        },
        "channels": [channel],
        "state": state,
        "chosen": chosen,
        "have_bytes": length / 100 * hundredths,
        "holders": if moves { 3 } else { 0 },
        "receiving": if moves { 3_400_000 } else { 0 },
        "sending": if hundredths == 100 { 250_000 } else { 0 },
        "received": 0,
        "sent": if hundredths == 100 { 7_000_000 } else { 0 },
        "added": number,
    })
}

/// What a host has that two of the browser's nests are seeded by, and one that the browser is not in.
fn answers(ours: &Value) -> Value {
    let foreign = json!("f".repeat(64));
    let film = "a-film-with-a-name-that-is-far-too-long-for-one-line.mkv";
    json!({
        "status": status(true),
        "channels": { "is": "channels", "channels": [
            channel(&ours[0], "屋顶", "all", "online"),
            channel(&ours[1], "猫窝", "chosen", "offline"),
            channel(&foreign, "A nest that was joined from a terminal", "all", "online"),
        ] },
        "resources": { "is": "resources", "more": false, "resources": [
            file(1, &ours[0], (film, "video/x-matroska", 1_400_000_000, "fetching", 35), false),
            file(2, &ours[0], ("song.flac", "audio/flac", 31_000_000, "complete", 100), true),
            file(3, &ours[0], ("disk.img", "application/octet-stream", 64_000_000_000, "stopped", 10), false),
            file(4, &ours[1], ("book.pdf", "application/pdf", 12_300_000, "complete", 100), true),
        ] },
    })
}

pub(super) fn nothing() -> Value {
    json!({
        "status": status(false),
        "channels": { "is": "channels", "channels": [] },
        "resources": { "is": "resources", "more": false, "resources": [] },
    })
}

/// Before there is any nest.
pub(super) async fn nobody(
    ann: &Browser,
    page: &impl Fn(&str) -> String,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    let begun = ann.begin_pretending().await?;
    ann.open_ready(&page("host")).await?;
    // No browser of these tests has one installed.
    ann.find("host-line").await?;
    visit(ann, Place::Page, "host-none").await?;
    ann.pretend_host(present(), nothing()).await?;
    ann.find("host-disk").await?;
    visit(ann, Place::Page, "host-no-nests").await?;
    ann.end_pretending(begun).await
}

/// `ann` is in two nests.
pub(super) async fn play(
    ann: &Browser,
    page: &impl Fn(&str) -> String,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    ann.open_ready(&page("settings")).await?;
    ann.install_view().await?;
    let ids = "testView.overview()?.channels.map(({ id }) => id) ?? null";
    ann.js_is(&format!("({ids}) !== null"), json!(true)).await?;
    let ours = ann.js(&format!("return {ids}")).await?;
    let begun = ann.begin_pretending().await?;
    ann.open_ready(&page("host")).await?;
    ann.find("host-line").await?;
    for (scene, state) in [
        ("host-looking", json!({ "is": "looking" })),
        ("host-forbidden", absent(json!("forbidden"))),
        ("host-exited", absent(json!("exited"))),
        (
            "host-no-daemon",
            absent(json!({ "no_daemon": { "detail": "a newer Catnest has written it" } })),
        ),
        ("host-stopped", absent(json!("stopped"))),
        (
            "host-older",
            json!({ "is": "incompatible", "oldest": 0, "newest": 0 }),
        ),
    ] {
        ann.pretend_host(state, Value::Null).await?;
        visit(ann, Place::Page, scene).await?;
    }
    ann.pretend_host(present(), nothing()).await?;
    ann.find("host-disk").await?;
    ann.find("seeded-nest").await?;
    visit(ann, Place::Page, "host-idle").await?;

    ann.pretend_host(json!({ "is": "looking" }), Value::Null)
        .await?;
    ann.pretend_host(present(), answers(&ours)).await?;
    ann.js_is(
        "document.querySelectorAll('[data-testid=seeded-files]').length",
        json!(2),
    )
    .await?;
    ann.js("document.querySelectorAll('[data-testid=seeded-files]').forEach((files) => (files.open = true))")
        .await?;
    ann.js_is(
        "document.querySelectorAll('[data-testid=seeded-file]').length",
        json!(4),
    )
    .await?;
    visit(ann, Place::Page, "host").await?;
    ann.js("[...document.querySelectorAll('[data-testid=seed-nest]')].at(-1).click()")
        .await?;
    ann.find("question-no").await?;
    visit(ann, Place::Page, "host-leave").await?;
    ann.answer_question(false).await?;

    // Where a nest is.
    ann.open_ready(&page("settings")).await?;
    ann.pretend_host(present(), answers(&ours)).await?;
    ann.find("seed-nest").await?;
    visit(ann, Place::Page, "settings-host").await?;
    ann.open_ready(&page("popup")).await?;
    ann.pretend_host(present(), answers(&ours)).await?;
    ann.click("more").await?;
    ann.find("seed-nest").await?;
    visit(ann, Place::Popup, "more-host").await?;
    ann.press(thirtyfour::Key::Escape).await?;
    ann.end_pretending(begun).await
}
