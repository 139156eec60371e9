//! A long list is searched, sorted, grouped and scrolled.

use std::time::Duration;

use anyhow::{Result, ensure};
use catnest_e2e::{browser::Browser, file_view::channel_of, stage::on_stage};
use serde_json::{Value, json};

const TRACKS: usize = 10_000;

/// A row of somebody else's list, as the engine tells it.
fn row(at: usize) -> Value {
    let album = ["North", "East", "South", "West"][at * 4 / TRACKS];
    json!({
        "track": {
            "id": format!("{at:064x}"),
            "md5": format!("{at:032x}"),
            "length": 1_000_000,
            "media_type": "audio/flac",
            "name": "track.flac",
            "title": format!("Song {at}"),
            "artist": format!("Artist {}", at % 100),
            "album": album,
            "number": null,
            "disc": null,
            "year": null,
            "play_ms": 60_000 + at,
            "cover": null,
            "lyrics": null,
            "added": at,
        },
        "mine": false,
        "holders": [{ "author": format!("{:064x}", 1), "name": "Bo", "cached": false }],
        "banned": false,
    })
}

/// Waits until this is the first row.
async fn first_is(ann: &Browser, title: &str) -> Result<()> {
    let first = "[...document.querySelectorAll('[data-testid=track]')]
        .find((row) => row.ariaRowIndex === '1')
        ?.querySelector('[data-testid=track-title]').textContent";
    ann.js_is(first, json!(title)).await
}

#[tokio::test]
async fn ten_thousand_tracks_are_found_and_scrolled_with_few_rows_at_a_time() {
    on_stage("music_finds", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.driver
            .set_script_timeout(Duration::from_secs(180))
            .await?;
        ann.begin_pretending().await?;
        ann.open_panel().await?;
        ann.find("no-music").await?;
        let channel = channel_of(&stage.host.channel("nest"))?;
        for first in (0..TRACKS).step_by(1000) {
            let rows: Vec<Value> = (first..first + 1000).map(row).collect();
            let rows = json!({
                "event": "music", "music": "rows", "channel": channel, "rows": rows, "gone": [],
            });
            ann.pretend(json!({ "event": { "event": rows } })).await?;
        }
        ann.counts_tracks(u32::try_from(TRACKS)?).await?;
        // The newest comes first.
        first_is(ann, "Song 9999").await?;
        let scrolled = ann.scroll_through("tracks", "track", true).await?;
        ensure!(
            scrolled.rows < 100,
            "few rows are in the page: {scrolled:?}"
        );
        let few = (1..60).contains(&scrolled.most);
        ensure!(few, "few rows are added in a frame: {scrolled:?}");
        ensure!(scrolled.empty == 0, "the list is never empty: {scrolled:?}");
        ann.js("document.querySelector('[data-testid=tracks]').scrollTop = 0")
            .await?;
        ann.choose_in("music-sort", "title").await?;
        // Numbers as people count.
        first_is(ann, "Song 0").await?;
        ann.click("music-reverse").await?;
        first_is(ann, "Song 9999").await?;
        ann.fill("music-search", "4242 song").await?;
        ann.lists(&["Song 4242"]).await?;
        // In any field, whatever its case and width.
        ann.fill("music-search", "ＷＥＳＴ artist").await?;
        ann.choose_in("music-group", "album").await?;
        // And the heading.
        ann.counts_tracks(2501).await?;
        let group =
            "document.querySelector('[data-testid=track-group]').textContent.includes('West')";
        ann.js_is(group, json!(true)).await?;
        ann.fill("music-search", "nothing of the kind").await?;
        ann.find("nothing-found").await?;
        Ok(())
    })
    .await;
}
