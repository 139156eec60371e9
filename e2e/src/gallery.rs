//! Pictures of the views, at the sizes people see them.

use std::path::Path;

use anyhow::Result;
use serde_json::Value;
use thirtyfour::prelude::*;

use crate::{browser::Browser, wait};

const LOOKS: [(&str, &str); 4] = [
    ("en", "light"),
    ("en", "dark"),
    ("zh_CN", "light"),
    ("zh_CN", "dark"),
];

/// A normal tab, and the narrowest panel.
const WIDTHS: [u64; 2] = [1000, 320];

/// Draws the welcome page and the popup in every look; each look makes a private nest of its own.
///
/// # Errors
/// When a view does not show what it should, or the pictures cannot be written.
pub async fn draw(browser: &Browser, server: &str, folder: &Path) -> Result<()> {
    for (lang, theme) in LOOKS {
        welcome(browser, server, folder, lang, theme).await?;
        popup(browser, folder, lang, theme).await?;
        settings(browser, folder, lang, theme).await?;
    }
    for lang in ["en", "zh_CN"] {
        // It shows both themes side by side.
        browser
            .open_ready(&format!("styleguide.html?lang={lang}&theme=light"))
            .await?;
        for button in ["light", "dark"] {
            let button = format!("[data-testid=pane-{button}] [data-testid=show-qr]");
            browser.driver.find(By::Css(button)).await?.click().await?;
        }
        whole_page(browser, folder, &format!("styleguide-{lang}")).await?;
    }
    Ok(())
}

/// The settings, with a nest whose server is not there beside the one whose server is.
async fn settings(browser: &Browser, folder: &Path, lang: &str, theme: &str) -> Result<()> {
    browser
        .open_ready(&format!("settings.html?lang={lang}&theme={theme}"))
        .await?;
    browser.sees_servers(&["online", "offline"]).await?;
    browser.find("storage-used").await?;
    whole_page(browser, folder, &format!("settings-{lang}-{theme}")).await?;
    browser.click("nest-invite").await?;
    browser.click("show-qr").await?;
    browser.find("qr").await?;
    whole_page(browser, folder, &format!("settings-invite-{lang}-{theme}")).await?;
    browser.viewport(1000, 700).await?;
    browser.click("nest-leave").await?;
    picture(browser, folder, &format!("settings-leave-{lang}-{theme}")).await?;
    browser.answer_question(false).await
}

async fn welcome(
    browser: &Browser,
    server: &str,
    folder: &Path,
    lang: &str,
    theme: &str,
) -> Result<()> {
    let page = format!("welcome.html?lang={lang}&theme={theme}");
    browser.open_ready(&page).await?;
    browser.fill("name", "咪咪").await?;
    for (way, field, text) in [
        ("private", "channel", "猫窝"),
        ("passphrase", "passphrase", "nine lives are enough"),
        ("public", "channel", "猫窝"),
        (
            "invitation",
            "address",
            "webrtc://cat.example/nest#lZVnaxTziEr0fdd3uBJbeW",
        ),
    ] {
        browser.click(&format!("way-{way}")).await?;
        browser.fill(field, text).await?;
        // The field of an address hides the secret when it is left.
        browser.js("document.activeElement.blur()").await?;
        whole_page(browser, folder, &format!("welcome-{way}-{lang}-{theme}")).await?;
    }
    browser.click("way-passphrase").await?;
    browser.fill("passphrase", "short").await?;
    browser.click("submit").await?;
    browser.find("problem").await?;
    whole_page(browser, folder, &format!("welcome-problem-{lang}-{theme}")).await?;
    browser.click("way-private").await?;
    browser.fill("server", server).await?;
    browser.get_in().await?;
    browser.sees_meeting("online").await?;
    whole_page(browser, folder, &format!("welcome-done-{lang}-{theme}")).await?;
    // Nobody listens on port 9 (discard, RFC 863) of this machine.
    browser.open_ready(&page).await?;
    browser.fill("channel", "屋顶").await?;
    browser.fill("server", "127.0.0.1:9").await?;
    browser.get_in().await?;
    browser.sees_meeting("offline").await?;
    browser.click("show-qr").await?;
    browser.find("qr").await?;
    whole_page(browser, folder, &format!("welcome-offline-{lang}-{theme}")).await
}

/// A picture of each width, as high as what the page shows.
async fn whole_page(browser: &Browser, folder: &Path, name: &str) -> Result<()> {
    for width in WIDTHS {
        browser.viewport(width, 600).await?;
        let height = browser
            .js("return document.documentElement.scrollHeight")
            .await?;
        let height = height.as_u64().unwrap_or(600);
        browser.viewport(width, height).await?;
        picture(browser, folder, &format!("{name}-{width}")).await?;
    }
    Ok(())
}

async fn popup(browser: &Browser, folder: &Path, lang: &str, theme: &str) -> Result<()> {
    for width in [400, 320] {
        browser.viewport(width, 600).await?;
        browser
            .open_ready(&format!("popup.html?lang={lang}&theme={theme}"))
            .await?;
        browser.find("lock").await?;
        let name = |what| format!("popup-{what}-{lang}-{theme}-{width}");
        picture(browser, folder, &name("private")).await?;
        browser.click("invite").await?;
        browser.find("invite-panel").await?;
        picture(browser, folder, &name("invite")).await?;
        browser.click("invite").await?;
        browser.click("channel-name").await?;
        picture(browser, folder, &name("nests")).await?;
        browser.click("join-another").await?;
        browser.find("join-address").await?;
        picture(browser, folder, &name("join")).await?;
        browser.click("join-cancel").await?;
    }
    Ok(())
}

/// Saves a picture once the page is drawn at its size.
async fn picture(browser: &Browser, folder: &Path, name: &str) -> Result<()> {
    let overflow = "return document.documentElement.scrollWidth - innerWidth";
    wait::until("nothing sticks out at the side", async || {
        let over: Value = browser.js(overflow).await?;
        Ok((over.as_i64() <= Some(0)).then_some(()))
    })
    .await?;
    // A spinner never comes to rest.
    let moving =
        "return document.getAnimations().some(animation => animation.playState === 'running'
        && animation.effect.getComputedTiming().endTime !== Infinity)";
    wait::until("nothing moves", async || {
        Ok((browser.js(moving).await? == false).then_some(()))
    })
    .await?;
    browser.picture(&folder.join(format!("{name}.png"))).await
}
