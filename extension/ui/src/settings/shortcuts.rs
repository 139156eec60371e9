//! What keys do.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    i18n::t,
    icon::{Drawing, Icon},
    js,
    parts::SectionHead,
};

/// Where the browser lets people change the keys of extensions.
const BROWSER_PAGE: &str = "chrome://extensions/shortcuts";

/// What is fixed: the keys, and the key of the words for what they do.
const KEYS: [(&[&str], &str); 6] = [
    (&["Enter"], "keys_send"),
    (&["Shift", "Enter"], "keys_line"),
    (&["↑", "↓"], "keys_messages"),
    (&["Alt", "↑", "↓"], "keys_nests"),
    (&["Tab"], "keys_tab"),
    (&["Esc"], "keys_close"),
];

/// The keys of the music panel.
const PANEL_KEYS: [(&[&str], &str); 9] = [
    (&["Space"], "keys_toggle"),
    (&["N", "P"], "keys_next"),
    (&["←", "→"], "keys_seek"),
    (&["↑", "↓"], "keys_volume"),
    (&["M"], "keys_mute"),
    (&["S"], "keys_shuffle"),
    (&["R"], "keys_repeat"),
    (&["L"], "keys_lyrics"),
    (&["/"], "keys_search"),
];

/// Keys and what they do, one a row.
#[component]
fn Keys(keys: &'static [(&'static [&'static str], &'static str)]) -> impl IntoView {
    let row = |(keys, words): &'static (&[&str], &'static str)| {
        view! {
            <tr>
                <th scope="row">{move || t(words)}</th>
                <td>{keys.iter().map(|key| view! { <kbd>{*key}</kbd>" " }).collect_view()}</td>
            </tr>
        }
    };
    keys.iter().map(row).collect_view()
}

#[component]
pub(super) fn Shortcuts() -> impl IntoView {
    let popup = RwSignal::new(None::<String>);
    let look = move || {
        spawn_local(async move {
            let keys = js::popup_keys().await;
            popup.try_set(keys);
        });
    };
    look();
    // They are changed in another tab.
    let on_focus = window_event_listener(leptos::ev::focus, move |_| look());
    on_cleanup(move || on_focus.remove());
    let popup_keys = move || match popup.get() {
        Some(keys) => keys
            .split('+')
            .map(|key| view! { <kbd>{key.to_owned()}</kbd>" " })
            .collect_view()
            .into_any(),
        None => view! { <span class="hint">{t("keys_none")}</span> }.into_any(),
    };
    view! {
        <section class="card" id="shortcuts" aria-labelledby="shortcuts-title">
            <SectionHead id="shortcuts-title" icon=Icon::Keyboard title="shortcuts_title" />
            <table aria-labelledby="shortcuts-title">
                <tbody>
                    <tr>
                        <th scope="row">{move || t("keys_popup")}</th>
                        <td data-testid="popup-keys">{popup_keys}</td>
                    </tr>
                    <Keys keys=&KEYS />
                </tbody>
            </table>
            <h3 id="panel-keys-title">{move || t("keys_panel")}</h3>
            <table aria-labelledby="panel-keys-title" data-testid="panel-keys">
                <tbody><Keys keys=&PANEL_KEYS /></tbody>
            </table>
            <div class="row">
                <button
                    type="button"
                    data-testid="change-keys"
                    on:click=move |_| spawn_local(js::open_tab(BROWSER_PAGE))
                >
                    <Drawing icon=Icon::External small=true />
                    {move || t("keys_change")}
                </button>
            </div>
        </section>
    }
}
