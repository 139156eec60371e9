//! Nobody is kept out: axe-core finds nothing in any view in any state, and at 320 pixels everything is reached.

use anyhow::{Context, Result, ensure};
use catnest_e2e::{
    scenes::{self, LOOKS, Look, MEETING},
    stage::{Stage, on_stage},
};
use serde_json::json;
use thirtyfour::prelude::*;

async fn check(stage: &mut Stage, looks: &[Look]) -> Result<()> {
    stage.join("博", MEETING).await?;
    stage.start_browser("Ann").await?;
    let (ann, bo) = (stage.browser("Ann")?, stage.browser("博")?);
    for look in looks {
        scenes::play(
            &stage.host,
            ann,
            bo,
            *look,
            &mut async |browser, place, scene| {
                for width in place.widths() {
                    let state = format!("{scene}, {look:?}, {width} px");
                    browser.viewport(width, 600).await?;
                    browser.fits().await.with_context(|| state.clone())?;
                    browser.is_accessible(&state).await?;
                }
                Ok(())
            },
        )
        .await?;
    }
    // The control: a picture without words is found.
    ann.js("document.body.append(Object.assign(new Image(), { src: 'icons/32.png' }))")
        .await?;
    ensure!(
        ann.is_accessible("control").await.is_err(),
        "axe-core misses what is wrong"
    );
    Ok(())
}

#[tokio::test]
async fn every_scene_keeps_nobody_out_in_light_and_dark() {
    on_stage("accessibility", async |stage| check(stage, &LOOKS).await).await;
}

#[tokio::test]
async fn at_double_zoom_the_chat_is_read_and_written_in() {
    on_stage("double_zoom", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.to_front().await?;
        ann.say("first").await?;
        // The browser gives a popup 800 × 600 pixels at most.
        ann.viewport(400, 300).await?;
        ann.say("second").await?;
        ann.sees(&["first", "second"]).await?;
        ann.fits().await?;
        for panel in ["members-toggle", "invite"] {
            ann.click(panel).await?;
            ann.is_still().await?;
            let within = "[...document.querySelectorAll('[data-testid=composer], [data-testid=more]')].every((element) => {
                const { top, bottom } = element.getBoundingClientRect();
                return top >= 0 && bottom <= innerHeight;
            })";
            ann.js_is(within, json!(true)).await?;
        }
        ann.press(Key::Escape).await?;
        let last = "(() => {
            const row = [...document.querySelectorAll('[data-testid=message]')].at(-1).getBoundingClientRect();
            const log = document.querySelector('[data-testid=log]').getBoundingClientRect();
            return row.top >= log.top && row.bottom <= log.bottom;
        })()";
        ann.js_is(last, json!(true)).await
    })
    .await;
}
