//! What the member sees of the engine while no view is open: the badge on the toolbar, and notifications. The service
//! worker shows them; only it has the browser's interfaces for that.

use catnest::{channel::ChannelId, node::Notice};
use catnest_words::{Lang, plural, text};
use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::js;

/// The most that fits on a badge.
const MAX_BADGE: usize = 99;

#[wasm_bindgen]
extern "C" {
    /// From `engine.js`.
    #[wasm_bindgen(js_name = tellShell)]
    fn tell_shell(message: &JsValue);
}

/// Shows so many unread messages.
pub(crate) fn badge(unread: usize) {
    let count = match unread {
        0 => String::new(),
        1..=MAX_BADGE => unread.to_string(),
        _ => format!("{MAX_BADGE}+"),
    };
    tell(&[("ask", "badge"), ("text", &count)]);
}

/// Shows a notification.
pub(crate) fn notify(notice: &Notice) {
    let lang = notice.language.map_or_else(browser_lang, Lang::from);
    let (title, message) = words(lang, notice);
    tell(&[
        ("ask", "notify"),
        ("channel", &notice.channel.to_string()),
        ("title", &title),
        ("message", &message),
    ]);
}

/// Takes a channel's notification away.
pub(crate) fn withdraw(channel: ChannelId) {
    tell(&[("ask", "withdraw"), ("channel", &channel.to_string())]);
}

fn words(lang: Lang, notice: &Notice) -> (String, String) {
    let count = plural(lang, "notice_hidden", notice.unread);
    let title = match (&notice.sender, &notice.nest) {
        (Some(sender), Some(nest)) => text(lang, "notice_title_sender", &[sender, nest]),
        _ => text(lang, "extension_name", &[]),
    };
    // A message may have files and no text.
    let said = notice.text.as_deref().map(|said| match said {
        "" => text(lang, "notice_file", &[]),
        said => said.to_owned(),
    });
    let message = match said {
        Some(said) if notice.unread > 1 => {
            let more = plural(lang, "notice_more", notice.unread - 1);
            format!("{said}\n{more}")
        }
        Some(said) => said,
        None => count,
    };
    (title, message)
}

fn browser_lang() -> Lang {
    let tag = js::window()
        .ok()
        .and_then(|window| window.navigator().language());
    Lang::of_tag(&tag.unwrap_or_default())
}

fn tell(members: &[(&str, &str)]) {
    let message = Object::new();
    for (name, value) in members {
        // A new object takes every member.
        let _set = Reflect::set(
            &message,
            &JsValue::from_str(name),
            &JsValue::from_str(value),
        );
    }
    tell_shell(&message);
}
