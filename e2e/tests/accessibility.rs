//! Nobody is kept out: axe-core finds nothing in any view in any state, and at 320 pixels everything is reached.

use anyhow::{Context, Result, ensure};
use catnest_e2e::{
    scenes::{self, Look, MEETING},
    stage::{Stage, on_stage},
};
use serde_json::json;
use thirtyfour::prelude::*;

/// Every language once, and every theme.
const PLAYED: [Look; 2] = [
    Look {
        lang: "en",
        theme: "light",
    },
    Look {
        lang: "zh_CN",
        theme: "dark",
    },
];

async fn check(stage: &mut Stage) -> Result<()> {
    stage.join("博", MEETING).await?;
    stage.start_browser("Ann").await?;
    let (ann, bo) = (stage.browser("Ann")?, stage.browser("博")?);
    for look in PLAYED {
        scenes::play(
            &stage.host,
            ann,
            bo,
            look,
            &mut async |browser, place, scene| {
                let state = format!("{scene}, {look:?}");
                let [narrow, usual] = place.widths();
                for width in [usual, narrow] {
                    browser.viewport(width, 600).await?;
                    let state = || format!("{state}, {width} px");
                    browser.fits().await.with_context(state)?;
                }
                // Where it is tight, and once with room.
                browser
                    .is_accessible(&format!("{state}, {narrow} px"))
                    .await?;
                if look.lang == PLAYED[0].lang {
                    browser.viewport(usual, 600).await?;
                    browser
                        .is_accessible(&format!("{state}, {usual} px"))
                        .await?;
                }
                // Themes differ in nothing but colours.
                browser.is_seen_in_the_other_theme(&state).await
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
    // As is a text that can be read in the dark only. (What has no contrast at all, axe-core takes for hidden.)
    let here = "const text = document.body.appendChild(document.createElement('p'));
        text.textContent = 'Here';
        text.style.color = '#eee';
        text.style.background = 'light-dark(#fff, #000)';";
    ann.js(here).await?;
    ensure!(
        ann.is_seen_in_the_other_theme("control").await.is_err(),
        "axe-core misses what cannot be seen"
    );
    Ok(())
}

#[tokio::test]
async fn every_scene_keeps_nobody_out_in_light_and_dark() {
    on_stage("accessibility", check).await;
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
