//! The side panel: a nest's music, and the player. It also works as a page in a tab.
//!
//! Nothing is played here: the engine plays, and goes on when the panel is closed.

mod add;
mod bans;
mod bars;
mod clock;
mod cover;
mod header;
mod intakes;
mod keys;
mod library;
mod lyrics;
mod menu;
mod player;
mod queue;
#[cfg(feature = "styleguide")]
mod samples;
mod shared;
mod size;
#[cfg(feature = "styleguide")]
mod specimens;
mod tabs;
mod together;

use leptos::prelude::*;

pub(crate) use self::shared::Shared;
use self::{
    add::{Adding, DropTarget, Inputs},
    bans::Bans,
    header::Header,
    intakes::Intakes,
    library::LibraryPane,
    lyrics::Lyrics,
    player::PlayerBar,
    queue::Queue,
    tabs::{Tab, TabPane, Tabs},
    together::Together,
};
#[cfg(feature = "styleguide")]
pub(crate) use self::{
    bans::BanSpecimens, lyrics::LyricsSpecimens, queue::QueueSpecimens, specimens::PanelSpecimens,
    together::TogetherSpecimens,
};
use crate::{engine::Link, i18n::t, problem::ProblemBox, state::State};

/// Its page.
pub(crate) const PAGE: &str = "panel.html";

/// The panel's view.
#[component]
pub(crate) fn Panel() -> impl IntoView {
    let state = State::expect();
    let shared = Shared::provide();
    let adding = Adding::provide(state);
    state.music.follow(state);
    clock::follow(state);
    keys::follow(state, shared);
    let loaded = Memo::new(move |_| state.overview.with(Option::is_some));
    let in_a_channel = Memo::new(move |_| state.current.get().is_some());
    view! {
        <main
            class="music-panel"
            on:dragenter=move |event| adding.over(&event)
            on:dragover=move |event| adding.over(&event)
            on:dragleave=move |event| adding.leave(&event)
            on:drop=move |event| adding.dropped(&event)
        >
            <Show when=move || state.link.get() == Link::Lost>
                <p class="status" role="status">{move || t("reconnecting")}</p>
            </Show>
            <ProblemBox problem=state.trouble />
            <Show
                when=move || loaded.get()
                fallback=|| view! {
                    <p class="empty progress" role="status">
                        <span class="spinner" aria-hidden="true"></span>
                        {move || t("starting")}
                    </p>
                }
            >
                <Show when=move || in_a_channel.get() fallback=|| view! { <NoNest /> }>
                    <Parts />
                </Show>
            </Show>
        </main>
    }
}

/// What there is in a nest.
#[component]
fn Parts() -> impl IntoView {
    let adding = Adding::expect();
    view! {
        <Header />
        <ProblemBox problem=adding.trouble />
        <Intakes />
        <Together />
        <Tabs />
        <TabPane tab=Tab::Library><LibraryPane /></TabPane>
        <TabPane tab=Tab::Queue><Queue /></TabPane>
        <TabPane tab=Tab::Lyrics><Lyrics /></TabPane>
        <TabPane tab=Tab::Bans><Bans /></TabPane>
        <PlayerBar />
        <Inputs />
        <DropTarget />
    }
}

/// This device is in no nest.
#[component]
fn NoNest() -> impl IntoView {
    view! {
        <div class="empty" data-testid="no-nest">
            <img class="mark" src="icons/icon.svg" alt="" />
            <h1>{move || t("music_no_nest_title")}</h1>
            <p>{move || t("music_no_nest")}</p>
            <div><a class="button primary" href="welcome.html" target="_blank">{move || t("open_welcome")}</a></div>
        </div>
    }
}
