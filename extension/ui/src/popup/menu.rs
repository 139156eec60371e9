//! A menu below its button (WAI-ARIA `menu button`): arrows go through it, Escape and Tab leave it.

use leptos::{
    ev::{KeyboardEvent, PointerEvent},
    html::Div,
    prelude::*,
    task::tick,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::chat::{Chat, Panel};

/// The entries, while the panel is open. What they do closes it.
#[component]
pub(super) fn Menu(
    panel: Panel,
    id: &'static str,
    #[prop(into)] label: Signal<String>,
    children: ChildrenFn,
) -> impl IntoView {
    let chat = Chat::expect();
    view! {
        <Show when=move || chat.is_open(panel)>
            <Opened id label children=children.clone() />
        </Show>
    }
}

#[component]
fn Opened(id: &'static str, label: Signal<String>, children: ChildrenFn) -> impl IntoView {
    let chat = Chat::expect();
    let menu = NodeRef::<Div>::new();
    menu.on_load(|menu| {
        // Begins at what is chosen. The entries are in the page after this, and before the next key.
        spawn_local(async move {
            tick().await;
            let entries = entries(&menu);
            let chosen = entries
                .iter()
                .find(|entry| entry.get_attribute("aria-checked").as_deref() == Some("true"));
            if let Some(entry) = chosen.or(entries.first()) {
                let _focused = entry.focus();
            }
        });
    });
    let on_key = move |event: KeyboardEvent| {
        let Some(menu) = menu.get_untracked() else {
            return;
        };
        let entries = entries(&menu);
        let active = document().active_element();
        let at = entries
            .iter()
            .position(|entry| Some(entry.as_ref()) == active.as_ref());
        let last = entries.len().saturating_sub(1);
        let next = match event.key().as_str() {
            "ArrowDown" => at.map_or(0, |at| if at == last { 0 } else { at + 1 }),
            "ArrowUp" => at.map_or(last, |at| at.checked_sub(1).unwrap_or(last)),
            "Home" => 0,
            "End" => last,
            "Tab" => {
                chat.close();
                return;
            }
            _ => return,
        };
        event.prevent_default();
        if let Some(entry) = entries.get(next) {
            let _focused = entry.focus();
        }
    };
    let outside = window_event_listener(leptos::ev::pointerdown, move |event: PointerEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let within = target.is_some_and(|target| {
            // Its button closes it by itself.
            matches!(target.closest(".menu, [aria-haspopup]"), Ok(Some(_)))
        });
        if !within {
            chat.panel.set(Panel::Closed);
        }
    });
    on_cleanup(move || outside.remove());
    view! {
        <div
            class="menu"
            id=id
            role="menu"
            data-testid=id
            aria-label=label
            node_ref=menu
            on:keydown=on_key
        >
            {children()}
        </div>
    }
}

fn entries(menu: &web_sys::Element) -> Vec<web_sys::HtmlElement> {
    let Ok(found) = menu.query_selector_all("[role^=menuitem]") else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|at| found.item(at)?.dyn_into().ok())
        .collect()
}
