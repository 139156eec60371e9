//! A nest without music, or of which nothing is known yet: what to do next.

use leptos::prelude::*;

use crate::{
    i18n::{t, t_plural, t_with},
    icon::{Drawing, Icon},
    panel::add::Adding,
    state::State,
};

#[component]
pub(super) fn Empty() -> impl IntoView {
    let state = State::expect();
    let loaded = state.music.loaded;
    view! {
        <Show
            when=move || loaded.get()
            fallback=|| view! {
                <p class="empty progress" role="status">
                    <span class="spinner" aria-hidden="true"></span>
                    {move || t("music_reading")}
                </p>
            }
        >
            <NoMusic />
        </Show>
    }
}

/// Nobody who is here has any.
#[component]
pub(crate) fn NoMusic() -> impl IntoView {
    let state = State::expect();
    let adding = Adding::expect();
    let others = Memo::new(move |_| {
        let others = state.with_channel(|channel| channel.members.len().saturating_sub(1));
        others.unwrap_or(0)
    });
    let name = move || state.channel_name();
    let who = move || match others.get() {
        0 => t("music_empty_alone"),
        others => t_plural("music_empty_others", others),
    };
    view! {
        <div class="empty no-music" data-testid="no-music">
            <span class="record" aria-hidden="true"><Drawing icon=Icon::Music /></span>
            <h2 dir="auto">{move || t_with("music_empty_title", &[&name()])}</h2>
            <p>{move || t("music_empty")}</p>
            <div class="row wrap">
                <button
                    type="button"
                    class="primary large"
                    data-testid="add-first"
                    on:click=move |_| adding.pick_files()
                >
                    <Drawing icon=Icon::Plus small=true />
                    {move || t("music_add")}
                </button>
                <button type="button" class="quiet" on:click=move |_| adding.pick_folder()>
                    <Drawing icon=Icon::Folder small=true />
                    {move || t("music_add_folder")}
                </button>
            </div>
            <p class="hint">{who}</p>
        </div>
    }
}
