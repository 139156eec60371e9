//! Pictures of the views, at the sizes people see them.

use std::path::Path;

use anyhow::Result;
use thirtyfour::prelude::*;

use crate::{
    browser::Browser,
    host::Host,
    scenes::{self, LOOKS, Look, Place},
};

/// The height of the popup.
const POPUP: u64 = 600;

/// Draws every scene in every look; `ann` and `bo` as [`scenes::play`] needs them.
///
/// # Errors
/// When a view does not show what it should, or the pictures cannot be written.
pub async fn draw(host: &Host, ann: &Browser, bo: &Browser, folder: &Path) -> Result<()> {
    for look in LOOKS {
        let Look { lang, theme } = look;
        let folder = folder.join(format!("{lang}-{theme}"));
        std::fs::create_dir_all(&folder)?;
        scenes::play(host, ann, bo, look, &mut async |browser, place, scene| {
            draw_scene(browser, place, &folder, scene).await
        })
        .await?;
    }
    for lang in ["en", "zh_CN"] {
        // It shows both themes side by side.
        ann.open_ready(&format!("styleguide.html?lang={lang}&theme=light"))
            .await?;
        for button in ["light", "dark"] {
            let button = format!("[data-testid=pane-{button}] [data-testid=show-qr]");
            ann.driver.find(By::Css(button)).await?.click().await?;
        }
        draw_scene(ann, Place::Page, folder, &format!("styleguide-{lang}")).await?;
    }
    Ok(())
}

/// A picture of each width at which the scene is seen.
async fn draw_scene(browser: &Browser, place: Place, folder: &Path, scene: &str) -> Result<()> {
    for width in place.widths() {
        browser.viewport(width, POPUP).await?;
        if place == Place::Page {
            let height = browser
                .js("return document.documentElement.scrollHeight")
                .await?;
            browser
                .viewport(width, height.as_u64().unwrap_or(POPUP))
                .await?;
        }
        browser.fits().await?;
        browser.is_still().await?;
        browser
            .picture(&folder.join(format!("{scene}-{width}.png")))
            .await?;
    }
    Ok(())
}
