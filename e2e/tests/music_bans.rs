//! What the ban table has is folded away and never played.

use anyhow::ensure;
use catnest_e2e::{
    music::{self, Format},
    stage::on_stage,
};

#[tokio::test]
async fn m6_what_is_banned_is_folded_away_and_skipped() {
    on_stage("m6", async |stage| {
        let songs = [
            music::song(Format::Flac)?,
            music::song(Format::Mp3)?,
            music::song(Format::Opus)?,
        ];
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.open_panel().await?;
        ann.add_songs(&[&songs[0], &songs[1], &songs[2]]).await?;
        let [first, second, third] = [0, 1, 2].map(|at| &*songs[at].title);
        // A pattern that would take other engines for ever is refused or harmless, and one that is none says where.
        ann.open_pane("bans").await?;
        ann.fill("ban-text", "me(ow").await?;
        ann.click("ban-pattern").await?;
        ann.click("ban-save").await?;
        ann.find("ban-fault").await?;
        ann.fill("ban-text", "^me+ow .*$").await?;
        ann.click("ban-save").await?;
        ann.open_pane("library").await?;
        ann.lists(&[first, third]).await?;
        let folded = ann.text("banned").await?;
        ensure!(folded.contains('1'), "the counter says {folded:?}");
        ann.click("banned").await?;
        ann.track_that(second, "banned", |row| row.action == "drop")
            .await?;
        // Its row plays nothing.
        ann.click_track(second).await?;
        ann.click("banned").await?;
        ann.lists(&[first, third]).await?;
        let player = ann.player().await?;
        ensure!(player.activity == "stopped", "{player:?}");
        // What is in the queue and banned then, is passed over.
        ann.unban_all().await?;
        ann.lists(&[first, second, third]).await?;
        let rows = ann.tracks().await?;
        ann.click_track(&rows[0].title).await?;
        ann.player_is("playing", &rows[0].title).await?;
        ann.ban(&rows[1].title, false).await?;
        ann.click("next").await?;
        ann.player_is("playing", &rows[2].title).await?;
        ann.open_pane("queue").await?;
        ann.queue_is(&[&rows[0].title, &rows[1].title, &rows[2].title])
            .await?;
        ann.open_pane("library").await?;
        // What plays and is banned then, does not play on.
        ann.ban(&rows[2].title, false).await?;
        let mut ear = ann.ear().await?;
        ear.until(&format!(
            "({{ src, paused }}) => paused || !src.includes('{}')",
            songs
                .iter()
                .find(|song| song.title == rows[2].title)
                .map(music::Song::id)
                .transpose()?
                .unwrap_or_default()
        ))
        .await?;
        ann.lists(&[&rows[0].title]).await?;
        ann.unban_all().await?;
        ann.lists(&[first, second, third]).await
    })
    .await;
}
