//! The entries of a menu button (WAI-ARIA `menu button`): arrows go through them, Escape and Tab leave them.

use leptos::{
    ev::{KeyboardEvent, PointerEvent},
    html::Div,
    prelude::*,
    task::tick,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::icon::{Drawing, Icon};

/// The entries. Whoever shows them takes them away again.
#[component]
pub(crate) fn MenuList(
    id: &'static str,
    #[prop(into)] label: Signal<String>,
    /// Somebody left it by a key: the keyboard goes back to its button.
    #[prop(into)]
    on_leave: Callback<()>,
    /// Somebody pressed something else.
    #[prop(into)]
    on_outside: Callback<()>,
    children: ChildrenFn,
) -> impl IntoView {
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
            "Escape" => {
                // The browser would close the whole popup.
                event.prevent_default();
                on_leave.run(());
                return;
            }
            "Tab" => {
                on_leave.run(());
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
            on_outside.run(());
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

/// An entry that does something, after its menu is closed.
#[component]
pub(crate) fn MenuEntry(
    id: &'static str,
    icon: Signal<Icon>,
    words: Signal<String>,
    class: &'static str,
    #[prop(into)] close: Callback<()>,
    run: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button
            type="button"
            role="menuitem"
            tabindex="-1"
            class=class
            data-testid=id
            on:click=move |_| {
                close.run(());
                run();
            }
        >
            {move || view! { <Drawing icon=icon.get() small=true /> }}
            <span>{words}</span>
        </button>
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
