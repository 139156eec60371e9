//! Every view in every state a person meets, one after another: for pictures, and for who checks all of them.

mod files;
mod history;
mod host;
mod music;
mod panes;
mod people;
mod talk;

use anyhow::Result;
use catnest::limits::MAX_TEXT_BYTES;
use serde_json::json;
use thirtyfour::prelude::*;

use crate::{browser::Browser, host::Host, wait};

/// The language and the theme of a view.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// As `_locales` calls it.
    pub lang: &'static str,
    /// `light` or `dark`.
    pub theme: &'static str,
}

/// Every language in every theme.
pub const LOOKS: [Look; 4] = [
    Look {
        lang: "en",
        theme: "light",
    },
    Look {
        lang: "en",
        theme: "dark",
    },
    Look {
        lang: "zh_CN",
        theme: "light",
    },
    Look {
        lang: "zh_CN",
        theme: "dark",
    },
];

/// Where a scene is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the popup, which has a size of its own.
    Popup,
    /// In the browser's side panel, which people make wider.
    Panel,
    /// In a tab, as high as what it shows.
    Page,
}

impl Place {
    /// The widths at which it is seen, in pixels: at the least, and as usual.
    #[must_use]
    pub fn widths(self) -> [u64; 2] {
        match self {
            Place::Popup => [320, 400],
            Place::Panel => [320, 480],
            Place::Page => [320, 1000],
        }
    }
}

/// Nobody listens on port 9 (discard, RFC 863) of this machine.
const NOBODY: &str = "127.0.0.1:9";

/// The public nest in which the other member waits.
pub const MEETING: &str = "客厅";

/// Too long for one line anywhere.
const LONG_LINE: &str =
    "And this is a line that goes on for a while, as lines do when somebody has a story to tell. ";

/// Takes a member through all scenes in a look, and calls `visit` with the name of each. `ann` is in no nest, before and
/// after; `bo` is in the public nest [`MEETING`] of the same server, with the chat open.
///
/// # Errors
/// When a view does not show what it should, or the visit fails.
pub async fn play(
    host: &Host,
    ann: &Browser,
    bo: &Browser,
    look: Look,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    let Look { lang, theme } = look;
    let page = |page: &str| format!("{page}.html?lang={lang}&theme={theme}");
    // A page behind another draws no frames.
    ann.to_front().await?;
    nobody(ann, &page, visit).await?;
    music::nobody(ann, &page, visit).await?;
    host::nobody(ann, &page, visit).await?;
    welcome(host, ann, &page, visit).await?;
    settings(ann, &page, visit).await?;
    host::play(ann, &page, visit).await?;
    alone(ann, &page, visit).await?;
    together(host, ann, bo, &page, visit).await?;
    talk::play(ann, bo, visit).await?;
    history::play(host, ann, bo, &page, visit).await?;
    people::play(ann, visit).await?;
    files::play(ann, &page, visit).await?;
    music::play(ann, &page, visit).await?;
    // Back to where it began.
    ann.open_ready(&page("welcome")).await?;
    ann.install_view().await?;
    ann.leave_all().await
}

/// Before there is any nest.
async fn nobody(
    ann: &Browser,
    page: &impl Fn(&str) -> String,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    ann.open_ready(&page("popup")).await?;
    ann.find("no-channel").await?;
    visit(ann, Place::Popup, "no-nest").await?;
    ann.fill("join-address", "webrtc://cat.example:99999/nest")
        .await?;
    ann.click("join-submit").await?;
    ann.find("problem").await?;
    visit(ann, Place::Popup, "no-nest-problem").await?;
    ann.open_ready(&page("settings")).await?;
    ann.find("storage-used").await?;
    visit(ann, Place::Page, "settings-no-nest").await
}

async fn welcome(
    host: &Host,
    ann: &Browser,
    page: &impl Fn(&str) -> String,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    ann.open_ready(&page("welcome")).await?;
    ann.fill("name", "咪咪").await?;
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
        ann.click(&format!("way-{way}")).await?;
        ann.fill(field, text).await?;
        // The field of an address hides the secret when it is left.
        ann.js("document.activeElement.blur()").await?;
        visit(ann, Place::Page, &format!("welcome-{way}")).await?;
    }
    ann.click("way-passphrase").await?;
    ann.fill("passphrase", "short").await?;
    ann.click("submit").await?;
    ann.find("problem").await?;
    visit(ann, Place::Page, "welcome-problem").await?;
    ann.click("way-private").await?;
    ann.fill("channel", "屋顶").await?;
    ann.fill("server", NOBODY).await?;
    ann.get_in().await?;
    ann.sees_meeting("offline").await?;
    visit(ann, Place::Page, "welcome-offline").await?;
    ann.open_ready(&page("welcome")).await?;
    ann.fill("channel", "猫窝").await?;
    ann.fill("server", &host.address).await?;
    ann.get_in().await?;
    ann.sees_meeting("online").await?;
    ann.click("show-qr").await?;
    ann.find("qr").await?;
    visit(ann, Place::Page, "welcome-done").await
}

/// With a nest whose server is there, and one whose server is not.
async fn settings(
    ann: &Browser,
    page: &impl Fn(&str) -> String,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    ann.open_ready(&page("settings")).await?;
    ann.sees_servers(&["online", "offline"]).await?;
    ann.find("storage-used").await?;
    visit(ann, Place::Page, "settings").await?;
    ann.click("nest-invite").await?;
    ann.click("show-qr").await?;
    ann.find("qr").await?;
    visit(ann, Place::Page, "settings-invite").await?;
    ann.click("nest-leave").await?;
    ann.find("question-no").await?;
    visit(ann, Place::Page, "settings-leave").await?;
    ann.answer_question(false).await
}

/// The chat of a nest in which nobody else is.
async fn alone(
    ann: &Browser,
    page: &impl Fn(&str) -> String,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    ann.open_ready(&page("popup")).await?;
    ann.find("lock").await?;
    ann.sees_server("online").await?;
    visit(ann, Place::Popup, "alone").await?;
    for (button, opened, scene) in [
        ("invite", "invite-panel", "invite"),
        ("channel-name", "nests-menu", "nests"),
        ("more", "more-menu", "more"),
    ] {
        ann.click(button).await?;
        ann.find(opened).await?;
        visit(ann, Place::Popup, scene).await?;
        ann.press(Key::Escape).await?;
    }
    ann.click("channel-name").await?;
    ann.click("join-another").await?;
    ann.find("join-address").await?;
    visit(ann, Place::Popup, "join").await?;
    ann.click("join-cancel").await?;
    ann.click("more").await?;
    ann.click("leave").await?;
    ann.find("question-no").await?;
    visit(ann, Place::Popup, "leave").await?;
    ann.answer_question(false).await?;
    // The other nest's server is not there.
    ann.press(Key::Alt + Key::Up).await?;
    ann.sees_server("offline").await?;
    ann.say("Is anybody there?").await?;
    ann.sees_delivery("queued").await?;
    visit(ann, Place::Popup, "offline").await?;
    ann.js("document.querySelector('[data-testid=server-state] summary').click()")
        .await?;
    visit(ann, Place::Popup, "offline-help").await
}

/// The chat of a nest in which somebody else is.
async fn together(
    host: &Host,
    ann: &Browser,
    bo: &Browser,
    page: &impl Fn(&str) -> String,
    visit: &mut impl AsyncFnMut(&Browser, Place, &str) -> Result<()>,
) -> Result<()> {
    ann.join_another(&host.channel(MEETING)).await?;
    ann.js_is(MEMBERS, json!(2)).await?;
    visit(ann, Place::Popup, "quiet").await?;
    ann.open_ready(&page("welcome")).await?;
    ann.install_view().await?;
    ann.import_log(&host.channel(MEETING), 40).await?;
    ann.open_ready(&page("popup")).await?;
    ann.js_is(MEMBERS, json!(2)).await?;
    ann.put(
        "composer",
        "Hello! 大家好 🐟\nDid you see https://cat.example/fish?",
    )
    .await?;
    ann.click("send").await?;
    ann.sees_delivery("held").await?;
    visit(ann, Place::Popup, "conversation").await?;
    // What comes while the chat is closed.
    ann.open_ready(&page("welcome")).await?;
    for text in ["没看到。", "Fish?", LONG_LINE] {
        bo.say(text).await?;
    }
    ann.install_view().await?;
    let unread = "testView.overview()?.channels.some(({ unread }) => unread.count === 3)";
    ann.js_is(unread, json!(true)).await?;
    ann.open_ready(&page("popup")).await?;
    ann.find("unread-divider").await?;
    visit(ann, Place::Popup, "unread").await?;
    ann.click("members-toggle").await?;
    ann.js_is(
        "document.querySelectorAll('[data-contact=direct]').length",
        json!(1),
    )
    .await?;
    visit(ann, Place::Popup, "members").await?;
    ann.press(Key::Escape).await?;
    // From message to message, by keyboard.
    ann.js("document.querySelector('[data-testid=log]').focus()")
        .await?;
    ann.press(Key::End).await?;
    ann.press(Key::Up).await?;
    ann.find("copy-text").await?;
    visit(ann, Place::Popup, "actions").await?;
    ann.click("select").await?;
    ann.find("selection").await?;
    ann.press(Key::Up).await?;
    ann.press(Key::Space).await?;
    visit(ann, Place::Popup, "selecting").await?;
    ann.click("select-cancel").await?;
    ann.js("[...document.querySelectorAll('[data-testid=link]')].at(-1).click()")
        .await?;
    ann.find("link-open").await?;
    visit(ann, Place::Popup, "link").await?;
    ann.click("link-cancel").await?;
    ann.js("document.querySelector('[data-testid=log]').focus()")
        .await?;
    ann.press(Key::PageUp).await?;
    ann.press(Key::PageUp).await?;
    ann.find("jump-newest").await?;
    bo.say("News").await?;
    ann.js_is(
        "document.querySelector('[data-testid=jump-newest]').dataset.count",
        json!("1"),
    )
    .await?;
    visit(ann, Place::Popup, "reading").await?;
    ann.click("jump-newest").await?;
    ann.put(
        "composer",
        &LONG_LINE.repeat(MAX_TEXT_BYTES / LONG_LINE.len() + 1),
    )
    .await?;
    visit(ann, Place::Popup, "too-long").await?;
    ann.put("composer", "").await
}

/// How many members are known to be online.
const MEMBERS: &str = "document.querySelectorAll('[data-testid=member]').length";

impl Browser {
    /// Waits until the last own message came so far: `queued`, `sent` or `held`.
    ///
    /// # Errors
    /// When it does not.
    pub async fn sees_delivery(&self, state: &str) -> Result<()> {
        let last = "[...document.querySelectorAll('[data-testid=delivery]')].at(-1)?.dataset.state";
        self.js_is(last, state.into()).await
    }

    /// Waits until nothing sticks out at the side of the page.
    ///
    /// # Errors
    /// When something does.
    pub async fn fits(&self) -> Result<()> {
        let over = "document.documentElement.scrollWidth - innerWidth > 0";
        self.js_is(over, json!(false)).await
    }

    /// Waits until nothing moves, but for spinners, which never come to rest.
    ///
    /// # Errors
    /// When something goes on moving.
    pub async fn is_still(&self) -> Result<()> {
        // In the frame after a change the browser finds what is under the pointer now.
        let moving = "const done = arguments[0];
            requestAnimationFrame(() => requestAnimationFrame(() => done(document.getAnimations().some(
                (animation) => animation.playState === 'running'
                    && animation.effect.getComputedTiming().endTime !== Infinity))))";
        wait::until("nothing moves", async || {
            let said = self.driver.execute_async(moving, vec![]).await?;
            Ok((said.json() == &json!(false)).then_some(()))
        })
        .await
    }

    /// Leaves every nest; the page needs [`Browser::install_view`].
    async fn leave_all(&self) -> Result<()> {
        let ids = "testView.overview()?.channels.map(({ id }) => id) ?? null";
        self.js_is(&format!("({ids}) !== null"), json!(true))
            .await?;
        let ids = self.js(&format!("return {ids}")).await?;
        for channel in ids.as_array().map_or(&[][..], Vec::as_slice) {
            self.leave_at_once(channel).await?;
        }
        Ok(())
    }
}
