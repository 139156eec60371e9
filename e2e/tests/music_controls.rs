//! The player is driven by keys, by its buttons and by the system, and what is heard follows.

use anyhow::ensure;
use catnest_e2e::{
    music::{self, Format},
    stage::on_stage,
};
use serde_json::json;
use thirtyfour::prelude::*;

fn pressed(button: &str) -> String {
    format!("document.querySelector('[data-testid={button}]').ariaPressed")
}

#[tokio::test]
async fn keys_and_buttons_do_what_they_say() {
    on_stage("music_controls", async |stage| {
        let songs = [music::long()?, music::song(Format::Flac)?];
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.open_panel().await?;
        ann.add_songs(&[&songs[0], &songs[1]]).await?;
        ann.click_track(&songs[0].title).await?;
        ann.player_is("playing", &songs[0].title).await?;
        let mut ear = ann.ear().await?;
        // Where nothing takes keys for itself.
        ann.js("document.activeElement.blur()").await?;
        ann.press(" ").await?;
        ear.until("({ paused }) => paused").await?;
        ann.press(" ").await?;
        ear.until("({ paused }) => !paused").await?;
        let before = ear.now().await?.place;
        for _ in 0..4 {
            ann.press(Key::Right).await?;
        }
        let further = before + 19.0;
        ear.until(&format!("({{ place }}) => place > {further}"))
            .await?;
        ann.press("m").await?;
        ear.until("({ muted }) => muted").await?;
        ann.press("m").await?;
        ear.until("({ muted }) => !muted").await?;
        let loud = ear.now().await?.volume;
        ann.press(Key::Down).await?;
        ear.until(&format!("({{ volume }}) => volume < {loud}"))
            .await?;
        ann.press("s").await?;
        ann.js_is(&pressed("shuffle"), json!("true")).await?;
        ann.press("r").await?;
        ann.js_is(&pressed("repeat"), json!("true")).await?;
        ann.press("l").await?;
        ann.js_is(
            "document.querySelector('[data-testid=pane-lyrics]').hidden",
            json!(false),
        )
        .await?;
        // What is typed is text.
        ann.press("/").await?;
        ann.js_is(
            "document.activeElement.dataset.testid",
            json!("music-search"),
        )
        .await?;
        ann.press("m").await?;
        ann.js_is("document.activeElement.value", json!("m"))
            .await?;
        ensure!(!ear.now().await?.muted, "a letter in a field is no command");
        ann.click("rate").await?;
        ann.js("[...document.querySelectorAll('[data-testid=rate-choice]')].at(-1).click()")
            .await?;
        ear.until("({ rate }) => rate > 1.4").await?;
        // The system's own controls know what plays.
        let title = ear
            .evaluate("navigator.mediaSession.metadata.title")
            .await?;
        ensure!(title == json!(songs[0].title), "{title}");
        ear.evaluate("navigator.mediaSession.playbackState")
            .await
            .and_then(|state| {
                ensure!(state == "playing", "{state}");
                Ok(())
            })
    })
    .await;
}
