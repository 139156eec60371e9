//! The popup's menus: one is open at a time.

use leptos::prelude::*;

use super::chat::{Chat, Panel};
use crate::menu::MenuList;

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
            <MenuList
                id
                label
                on_leave=move |()| { chat.close(); }
                on_outside=move |()| chat.panel.set(Panel::Closed)
                children=children.clone()
            />
        </Show>
    }
}
