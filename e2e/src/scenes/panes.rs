//! The queue, lyrics, ban table and listening together, as the engine would tell the panel of them.

use anyhow::Result;
use serde_json::{Value, json};

use super::{
    Place,
    music::{id, music, player},
};
use crate::{browser::Browser, music::lrc};

/// Sung while [`player`] is where it is.
const LYRICS: [(u64, &str); 6] = [
    (0, "The lamp is out, the house is still,"),
    (20_000, "a shadow sits upon the sill."),
    (50_000, "猫在窗台上看月亮，"),
    (60_000, "and purrs of fish, and thinks of mice,"),
    (80_000, "and says the same thing once or twice,"),
    (100_000, "and then it sleeps."),
];

fn queue() -> Value {
    let entries = |tracks: &[usize], first: usize| -> Vec<Value> {
        let numbered = tracks.iter().zip(first..);
        numbered
            .map(|(track, entry)| json!({ "id": entry, "resource": id(*track) }))
            .collect()
    };
    // The current one, what follows, and one that is on no list any more.
    music(
        json!({ "entries": entries(&[5, 4, 7, 0, 1, 99, 8], 0), "history": entries(&[5, 2], 100) }),
        "queue",
    )
}

fn bans() -> Value {
    let entry =
        |scope, kind, text, off| json!({ "scope": scope, "kind": kind, "text": text, "off": off });
    let entries = [
        entry("any", "plain", "nightcore", false),
        entry("title", "pattern", r"\b(live|demo|re-?mix)\b", false),
        entry("artist", "plain", "一支很吵的乐队", true),
        entry("md5", "plain", "9e107d9d372bb6826bd81d3542a419d6", false),
    ];
    music(json!({ "entries": entries }), "bans")
}

fn together(channel: &Value, part: &Value) -> Value {
    let lead = |number: usize, name: &str, track: usize| json!({ "channel": channel, "leader": leader(number), "name": name, "resource": id(track) });
    let mine = (part != "alone").then_some(channel);
    music(
        json!({ "part": part, "channel": mine, "leads": [lead(1, "博", 4), lead(2, "小白", 0)] }),
        "together",
    )
}

fn leader(number: usize) -> Value {
    json!({ "author": format!("{number:064x}"), "session": format!("{number:032x}") })
}

/// All of them; the panel has its rows.
pub(super) async fn play(
    ann: &Browser,
    channel: &Value,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    ann.open_pane("queue").await?;
    visit(ann, Place::Panel, "music-queue-empty").await?;
    ann.pretend(queue()).await?;
    ann.pretend(player(&json!("playing"), 4)).await?;
    ann.find("queue-row").await?;
    visit(ann, Place::Panel, "music-queue").await?;
    ann.click("queue-played").await?;
    visit(ann, Place::Panel, "music-played").await?;
    ann.click("queue-next").await?;

    ann.open_pane("lyrics").await?;
    ann.find("lyrics-none").await?;
    visit(ann, Place::Panel, "music-no-lyrics").await?;
    let words = lrc(&LYRICS);
    for (scene, words, shown) in [
        ("music-lyrics", words.as_str(), "verse"),
        ("music-plain-lyrics", "猫\nand nothing else", "lyrics-plain"),
    ] {
        let answer = "const real = window.fetch, words = arguments[0];
            window.fetch = (address, options) =>
                `${address}`.includes('/stream/') ? Promise.resolve(new Response(words)) : real(address, options)";
        ann.driver.execute(answer, vec![words.into()]).await?;
        // As one that has just been given its lyrics.
        let mut row = super::music::row(4);
        row["track"]["lyrics"] = json!(id(words.len()));
        let rows = json!({ "channel": channel, "rows": [row], "gone": [] });
        ann.pretend(music(rows, "rows")).await?;
        ann.find(shown).await?;
        visit(ann, Place::Panel, scene).await?;
    }

    ann.open_pane("bans").await?;
    visit(ann, Place::Panel, "music-no-bans").await?;
    ann.pretend(bans()).await?;
    ann.find("ban").await?;
    ann.fill("ban-text", "(live|demo").await?;
    ann.click("ban-pattern").await?;
    ann.click("ban-save").await?;
    ann.find("ban-fault").await?;
    visit(ann, Place::Panel, "music-bans").await?;

    ann.open_pane("library").await?;
    for (scene, part, shown) in [
        ("music-invited", json!("alone"), "together-along"),
        ("music-leads", json!("leads"), "together-stop"),
        (
            "music-follows",
            json!({ "follows": leader(1) }),
            "together-leave",
        ),
    ] {
        ann.pretend(together(channel, &part)).await?;
        ann.find(shown).await?;
        visit(ann, Place::Panel, scene).await?;
    }
    ann.click("together").await?;
    ann.find("together-menu").await?;
    visit(ann, Place::Panel, "music-together-menu").await?;
    ann.press(thirtyfour::Key::Escape).await?;
    ann.pretend(music(json!({ "why": "silent" }), "left_together"))
        .await?;
    let alone = music(
        json!({ "part": "alone", "channel": null, "leads": [] }),
        "together",
    );
    ann.pretend(alone).await?;
    ann.find("together-dismiss").await?;
    visit(ann, Place::Panel, "music-left").await?;
    ann.click("together-dismiss").await
}
