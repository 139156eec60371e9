//! What plays next is a list in a person's own order, and it outlives the browser.

use anyhow::{Context, Result, ensure};
use catnest_e2e::{
    browser::Browser,
    music::{self, Format},
    stage::{Stage, on_stage},
};
use serde_json::json;
use thirtyfour::prelude::*;

/// Ann alone, with four songs and the panel open. Gives her, and the titles as they are listed.
async fn with_songs(stage: &mut Stage) -> Result<(&Browser, [String; 4])> {
    stage.join("Ann", "nest").await?;
    let ann = stage.browser("Ann")?;
    ann.open_panel().await?;
    let songs = [Format::Flac, Format::Mp3, Format::Opus, Format::Wav].map(music::song);
    let songs: Result<Vec<_>> = songs.into_iter().collect();
    let songs = songs?;
    ann.add_songs(&songs.iter().collect::<Vec<_>>()).await?;
    let titles: Vec<String> = ann
        .tracks()
        .await?
        .into_iter()
        .map(|row| row.title)
        .collect();
    let titles = titles
        .try_into()
        .map_err(|titles| anyhow::anyhow!("four, not {titles:?}"))?;
    Ok((ann, titles))
}

/// Drags a row of the queue onto the upper half of another one, by their places.
async fn drag(ann: &Browser, from: usize, to: usize) -> Result<()> {
    let grips = ".queue-row .grip";
    let grips = ann.driver.find_all(By::Css(grips)).await?;
    let (from, to) = (grips.get(from), grips.get(to));
    let (from, to) = (from.context("a row")?, to.context("a row")?);
    let chain = ann.driver.action_chain();
    let chain = chain.click_and_hold_element(from);
    let chain = chain.move_to_element_with_offset(to, 0, 0);
    let chain = chain.move_to_element_with_offset(to, 0, -12);
    Ok(chain.release().perform().await?)
}

#[tokio::test]
async fn the_queue_is_ordered_by_hand_and_outlives_a_restart() {
    on_stage("music_queue", async |stage| {
        let (ann, [a, b, c, d]) = with_songs(stage).await?;
        let [a, b, c, d] = [&*a, &*b, &*c, &*d];
        ann.click_track(a).await?;
        ann.player_is("playing", a).await?;
        ann.choose_for(d, "track-next").await?;
        ann.open_pane("queue").await?;
        ann.queue_is(&[a, d, b, c, d]).await?;
        // By keys: the second row goes down, the last one goes.
        ann.js("document.querySelector('[data-testid=queue-list]').focus()")
            .await?;
        ann.press(Key::Home).await?;
        ann.press(Key::Down).await?;
        ann.press(Key::Alt + Key::Down).await?;
        ann.queue_is(&[a, b, d, c, d]).await?;
        ann.press(Key::End).await?;
        ann.press(Key::Delete).await?;
        ann.queue_is(&[a, b, d, c]).await?;
        // By the pointer: the last one onto the second.
        drag(ann, 3, 1).await?;
        ann.queue_is(&[a, c, b, d]).await?;
        ann.click("next").await?;
        ann.player_is("playing", c).await?;
        ann.click("queue-played").await?;
        let played = "document.querySelector('[data-testid=played-row] .title').textContent";
        ann.js_is(played, json!(a)).await?;
        ann.click("queue-next").await?;
        // Repeat, and where it is.
        ann.click("repeat").await?;
        ann.seek_to(0.5).await?;
        ann.click("toggle").await?;
        ann.player_is("paused", c).await?;
        let place = ann.text("player-position").await?;
        stage.take_browser("Ann")?.quit().await?;
        stage.start_browser("Ann").await?;
        let ann = stage.browser("Ann")?;
        ann.open_panel().await?;
        ann.player_is("paused", c).await?;
        ann.js_is(
            "document.querySelector('[data-testid=player-position]').textContent",
            json!(place),
        )
        .await?;
        ann.js_is(
            "document.querySelector('[data-testid=repeat]').dataset.repeat",
            json!("all"),
        )
        .await?;
        ann.open_pane("queue").await?;
        ann.queue_is(&[a, c, b, d]).await?;
        ann.click("toggle").await?;
        ann.player_is("playing", c).await?;
        let mut ear = ann.ear().await?;
        let from = ear
            .until("({ place, paused }) => place > 0 && !paused")
            .await?;
        let half = from.duration.context("a duration")? / 2.0;
        ensure!(from.place > half - 1.0, "{from:?}");
        // Emptied after a question; what plays stays.
        ann.click("queue-clear").await?;
        ann.answer_question(true).await?;
        ann.queue_is(&[c]).await
    })
    .await;
}
