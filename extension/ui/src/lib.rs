//! The extension's views, in one wasm module.
//!
//! A page names its view in `<body data-view="…">`. Views hold no truth: [`engine`] connects to the engine, [`state`]
//! keeps what it last told, the others show it.
#![expect(
    unreachable_pub,
    reason = "Leptos's component macro makes every component's properties `pub`"
)]

mod amount;
mod engine;
mod file_page;
mod files;
mod host;
mod house;
mod i18n;
mod icon;
mod invitation;
mod js;
mod log;
mod look;
mod menu;
mod panel;
mod parts;
mod popup;
mod problem;
mod qr;
mod server;
mod settings;
mod state;
#[cfg(feature = "styleguide")]
mod styleguide;
mod time;
mod transfers;
mod welcome;

use leptos::prelude::*;
use wasm_bindgen::prelude::*;

/// Shows the view that the page names.
///
/// # Errors
/// When the page is not one of the extension's.
#[wasm_bindgen]
pub fn start() -> Result<(), JsValue> {
    console_error_panic_hook::set_once();
    let body = document().body().ok_or("the page has no body")?;
    match body.get_attribute("data-view").as_deref() {
        Some("popup") => show("app_name", || view! { <popup::Popup /> }),
        Some("welcome") => show("welcome_title", || view! { <welcome::Welcome /> }),
        Some("settings") => show("settings_title", || view! { <settings::Settings /> }),
        Some("transfers") => show("transfers_title", || view! { <transfers::Transfers /> }),
        Some("panel") => show("music_title", || view! { <panel::Panel /> }),
        Some("host") => show("host_title", || view! { <host::HostPage /> }),
        Some("file") => show("file_title", || view! { <file_page::FilePage /> }),
        #[cfg(feature = "styleguide")]
        Some("styleguide") => show("app_name", || view! { <styleguide::Guide /> }),
        _ => return Err("the page names no view".into()),
    }
    Ok(())
}

fn show<V: IntoView + 'static>(title: &'static str, view: impl FnOnce() -> V + 'static) {
    mount_to_body(move || {
        frame(title);
        view()
    });
}

/// What every view stands in: its connection to the engine, its language and theme.
fn frame(title: &'static str) {
    let state = state::State::provide();
    look::follow(state, title);
    engine::connect(state);
    Effect::new(move |_| {
        if state.link.get() == engine::Link::Up
            && state.overview.with(Option::is_some)
            && let Some(body) = document().body()
        {
            // The tests' sign that the view shows what is.
            let _set = body.set_attribute("data-ready", "true");
        }
    });
}
