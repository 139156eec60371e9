//! The top of the panel: which nest's music it is, the way to add some, and the ways to the other pages.

use catnest::channel::ChannelId;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{
    PAGE,
    add::Adding,
    menu::{Entry, Menu},
    shared::{Open, Shared},
    together::TogetherControl,
};
use crate::{
    i18n::t,
    icon::{Drawing, Icon},
    js,
    state::State,
    transfers,
};

/// The chat, as a page of its own.
const CHAT: &str = "popup.html";

#[component]
pub(super) fn Header() -> impl IntoView {
    let shared = Shared::expect();
    let adding = Adding::expect();
    let settings = || {
        spawn_local(async {
            if let Err(error) = js::open_options_page().await {
                js::warn("the settings do not open", &error);
            }
        });
    };
    view! {
        <header class="bar">
            <Nests />
            <TogetherControl />
            <div class="more">
                <button
                    type="button"
                    class="small primary"
                    id="add-music"
                    data-testid="add-music"
                    aria-haspopup="menu"
                    aria-expanded=move || shared.is_open(Open::Add).to_string()
                    on:click=move |_| shared.toggle(Open::Add)
                >
                    <Drawing icon=Icon::Plus small=true />
                    {move || t("music_add")}
                </button>
                <Menu open=Open::Add id="add-menu" label=Signal::derive(|| t("music_add"))>
                    <Entry
                        id="add-files"
                        icon=Icon::Music
                        words=Signal::derive(|| t("music_add_files"))
                        run=move || adding.pick_files()
                    />
                    <Entry
                        id="add-folder"
                        icon=Icon::Folder
                        words=Signal::derive(|| t("music_add_folder"))
                        run=move || adding.pick_folder()
                    />
                </Menu>
            </div>
            <div class="more">
                <button
                    type="button"
                    class="quiet icon-button"
                    id="more"
                    data-testid="more"
                    title=move || t("more")
                    aria-label=move || t("more")
                    aria-haspopup="menu"
                    aria-expanded=move || shared.is_open(Open::More).to_string()
                    on:click=move |_| shared.toggle(Open::More)
                >
                    <Drawing icon=Icon::More />
                </button>
                <Menu open=Open::More id="more-menu" label=Signal::derive(|| t("more"))>
                    <Entry
                        id="to-chat"
                        icon=Icon::Letter
                        words=Signal::derive(|| t("open_chat"))
                        run=|| spawn_local(js::open_tab(CHAT))
                    />
                    <Entry
                        id="transfers"
                        icon=Icon::Swap
                        words=Signal::derive(|| t("transfers_title"))
                        run=|| spawn_local(js::open_tab(transfers::PAGE))
                    />
                    <Entry
                        id="to-tab"
                        icon=Icon::External
                        words=Signal::derive(|| t("open_in_tab"))
                        run=|| spawn_local(js::open_tab(PAGE))
                    />
                    <Entry
                        id="settings"
                        icon=Icon::Settings
                        words=Signal::derive(|| t("open_settings"))
                        run=settings
                    />
                </Menu>
            </div>
        </header>
    }
}

/// Whose music: a heading, and where there are several nests a button to choose another.
#[component]
fn Nests() -> impl IntoView {
    let state = State::expect();
    let shared = Shared::expect();
    let nests = Memo::new(move |_| {
        let overview = state.overview.read();
        let channels = overview.iter().flat_map(|overview| &overview.channels);
        channels
            .map(|channel| (channel.id, channel.name.clone()))
            .collect::<Vec<_>>()
    });
    let several = Memo::new(move |_| nests.with(|nests| nests.len() > 1));
    let name = move || state.channel_name();
    view! {
        <div class="switch-nest">
            <h1>
                <Show
                    when=move || several.get()
                    fallback=move || view! {
                        <bdi class="name" data-testid="channel-name" title=move || t("music_title")>{name}</bdi>
                    }
                >
                    <button
                        type="button"
                        class="quiet"
                        id="nests"
                        data-testid="channel-name"
                        aria-haspopup="menu"
                        aria-expanded=move || shared.is_open(Open::Nests).to_string()
                        on:click=move |_| shared.toggle(Open::Nests)
                    >
                        <bdi class="name">{name}</bdi>
                        <Drawing icon=Icon::Chevron small=true />
                    </button>
                </Show>
            </h1>
            <Menu open=Open::Nests id="nests-menu" label=Signal::derive(|| t("switch_nest"))>
                <For each=move || nests.get() key=|nest| nest.clone() let((id, name))>
                    <Nest id name />
                </For>
            </Menu>
        </div>
    }
}

#[component]
fn Nest(id: ChannelId, name: String) -> impl IntoView {
    let state = State::expect();
    let shared = Shared::expect();
    let shown = move || state.current.get() == Some(id);
    view! {
        <button
            type="button"
            role="menuitemradio"
            tabindex="-1"
            data-testid="nest"
            aria-checked=move || shown().to_string()
            on:click=move |_| {
                shared.close();
                if state.current.get_untracked() != Some(id) {
                    state.choose(id);
                }
            }
        >
            <span class="mark">{move || shown().then(|| view! { <Drawing icon=Icon::Check small=true /> })}</span>
            <bdi class="name">{name}</bdi>
        </button>
    }
}
