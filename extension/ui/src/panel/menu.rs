//! The panel's menus.

use leptos::prelude::*;

use super::shared::{Open, Shared};
use crate::{
    icon::Icon,
    menu::{MenuEntry, MenuList},
};

/// The entries, while the menu is open.
#[component]
pub(super) fn Menu(
    open: Open,
    id: &'static str,
    #[prop(into)] label: Signal<String>,
    children: ChildrenFn,
) -> impl IntoView {
    let shared = Shared::expect();
    view! {
        <Show when=move || shared.is_open(open)>
            <MenuList
                id
                label
                on_leave=move |()| shared.close()
                on_outside=move |()| shared.dismiss()
                children=children.clone()
            />
        </Show>
    }
}

/// An entry that does something and closes the menu.
#[component]
pub(super) fn Entry(
    id: &'static str,
    #[prop(into)] icon: Signal<Icon>,
    #[prop(into)] words: Signal<String>,
    #[prop(optional)] class: &'static str,
    run: impl Fn() + 'static,
) -> impl IntoView {
    let shared = Shared::expect();
    view! { <MenuEntry id icon words class close=move |()| shared.close() run /> }
}
