//! The music panel in every state. Most are over in a moment: the view is told of them as the engine would tell.

use anyhow::Result;
use serde_json::{Value, json};

use super::{Place, panes};
use crate::browser::Browser;

/// Title, artist, album; whether it is here; who else has it; how far its bytes are, with the hundredths that are here.
type Track = (
    &'static str,
    &'static str,
    &'static str,
    bool,
    &'static [&'static str],
    &'static str,
    u64,
);

const TRACKS: [Track; 10] = [
    (
        "夜曲",
        "咪咪乐队",
        "十一月",
        false,
        &["博", "小白"],
        "fetching",
        62,
    ),
    (
        "Blue in Green",
        "Tom & the Cats",
        "Kind of Fish",
        false,
        &["博"],
        "fetching",
        20,
    ),
    (
        "So What",
        "Tom & the Cats",
        "Kind of Fish",
        false,
        &["博"],
        "paused",
        40,
    ),
    ("On the roof", "Mo", "", false, &["博"], "stopped", 10),
    ("Purr", "Ann", "Home", true, &[], "complete", 100),
    (
        "Over the hills, and a good deal further than there is room for",
        "A band with a long name",
        "And an album",
        true,
        &["博", "小白"],
        "complete",
        100,
    ),
    ("月亮", "小白", "窗台", false, &[], "away", 0),
    ("Nocturne", "小白", "窗台", false, &["小白"], "absent", 0),
    ("Dogs", "Nobody", "", false, &["博"], "absent", 0),
    ("More dogs", "Nobody", "", false, &["博"], "absent", 0),
];

pub(super) fn id(at: usize) -> String {
    format!("{:064x}", at + 0x10)
}

pub(super) fn row(at: usize) -> Value {
    let (title, artist, album, mine, holders, state, _) = TRACKS[at];
    let away = state == "away";
    let holders = if away { &["小白"][..] } else { holders };
    json!({
        "track": {
            "id": id(at),
            "md5": format!("{at:032x}"),
            "length": 24_000_000,
            "media_type": "audio/flac",
            "name": "track.flac",
            "title": title,
            "artist": artist,
            "album": album,
            "number": null,
            "disc": null,
            "year": null,
            "play_ms": 151_000 + 17_000 * at,
            "cover": null,
            "lyrics": null,
            "added": 1_000_000 - at,
        },
        "mine": mine,
        "holders": holders.iter().map(|name| json!({
            "author": format!("{:064x}", name.len()),
            "name": name,
            "cached": away,
        })).collect::<Vec<_>>(),
        "banned": artist == "Nobody",
    })
}

fn event(event: Value) -> Value {
    json!({ "event": { "event": event } })
}

pub(super) fn music(mut event: Value, kind: &str) -> Value {
    event["event"] = "music".into();
    event["music"] = kind.into();
    self::event(event)
}

fn transfers(channel: &Value) -> Value {
    let states = ["fetching", "paused", "stopped"];
    let moving = (0..TRACKS.len()).filter(|at| states.contains(&TRACKS[*at].5));
    let all = moving.map(|at| {
        let (.., state, hundredths) = TRACKS[at];
        let track = &row(at)["track"];
        let state = match state {
            "stopped" => json!({ "is": state, "problem": { "problem": "store_full" } }),
            _ => json!({ "is": state }),
        };
        json!({
            "file": {
                "id": track["id"],
                "length": track["length"],
                "md5": track["md5"],
                "name": track["name"],
                "media_type": track["media_type"],
            },
            "channels": [channel],
            "state": state,
            "chosen": true,
            "have_bytes": 240_000 * hundredths,
            "holders": 1,
            "receiving": 3_400_000,
            "sending": 0,
            "received": 0,
            "sent": 0,
            "added": at,
        })
    });
    event(json!({ "event": "transfers", "transfers": all.collect::<Vec<_>>() }))
}

pub(super) fn player(activity: &Value, at: usize) -> Value {
    let state = json!({
        "track": { "resource": id(at), "entry": 1 },
        "activity": activity,
        "position": 53_000,
        "at": 0,
        "duration": 151_000,
        "speed": 1000,
        "volume": 70,
        "muted": false,
        "shuffle": true,
        "repeat": "all",
    });
    music(json!({ "state": state, "channel": null }), "player")
}

/// The panel before there is any nest.
pub(super) async fn nobody(
    ann: &Browser,
    page: &impl Fn(&str) -> String,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    ann.open_ready(&page("panel")).await?;
    ann.find("no-nest").await?;
    visit(ann, Place::Panel, "music-no-nest").await
}

/// With music; `ann` is in a nest with somebody else.
pub(super) async fn play(
    ann: &Browser,
    page: &impl Fn(&str) -> String,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    let begun = ann.begin_pretending().await?;
    ann.open_ready(&page("panel")).await?;
    let channel = ann.js("return localStorage.getItem('channel')").await?;
    ann.find("no-music").await?;
    visit(ann, Place::Panel, "music-empty").await?;
    let rows: Vec<Value> = (0..TRACKS.len()).map(row).collect();
    let rows = json!({ "channel": channel, "rows": rows, "gone": [] });
    ann.pretend(music(rows, "rows")).await?;
    ann.pretend(transfers(&channel)).await?;
    ann.pretend(player(&json!({ "paused": "person" }), 4))
        .await?;
    ann.find("banned").await?;
    visit(ann, Place::Panel, "music").await?;
    panes::play(ann, &channel, visit).await?;
    visit(ann, Place::Panel, "music-playing").await?;
    let to_end = "document.querySelector('[data-testid=tracks]').scrollTop = 1e6";
    ann.js(to_end).await?;
    ann.click("banned").await?;
    ann.js(to_end).await?;
    visit(ann, Place::Panel, "music-bans-unfolded").await?;
    ann.click("banned").await?;
    // What plays comes: the layers of the seek bar.
    ann.pretend(player(&json!("waiting"), 0)).await?;
    let pieces = json!({ "track": id(0), "here": [[0, 58], [70, 74], [90, 91]], "pieces": 100 });
    ann.pretend(music(pieces, "pieces")).await?;
    ann.js("document.querySelector('[data-testid=tracks]').scrollTop = 0")
        .await?;
    visit(ann, Place::Panel, "music-fetching").await?;
    ann.pretend(player(&json!({ "failed": "decode" }), 0))
        .await?;
    ann.js("document.querySelector('[data-testid=track-more]').click()")
        .await?;
    ann.find("track-menu").await?;
    visit(ann, Place::Panel, "music-failed-menu").await?;
    ann.press(thirtyfour::Key::Escape).await?;
    ann.choose_in("music-group", "device").await?;
    ann.find("track-group").await?;
    visit(ann, Place::Panel, "music-devices").await?;
    ann.choose_in("music-group", "none").await?;
    ann.fill("music-search", "dog").await?;
    visit(ann, Place::Panel, "music-search").await?;
    ann.fill("music-search", "parrot").await?;
    ann.find("nothing-found").await?;
    visit(ann, Place::Panel, "music-nothing-found").await?;
    ann.end_pretending(begun).await?;
    ann.open_ready(&page("popup")).await
}
