//! Nobody is kept out: axe-core finds nothing in any view in any state, and at 320 pixels everything is reached.

use anyhow::{Context, Result, ensure};
use catnest_e2e::{
    scenes::{self, LOOKS, Look, MEETING},
    stage::{Stage, on_stage},
};

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
