//! What is looked for in the list, and how it lies.

use leptos::{ev::KeyboardEvent, prelude::*};

use super::{Library, arrange::Grouping, entries::Sort};
use crate::{
    i18n::{t, t_count},
    icon::{Drawing, Icon},
    panel::shared::Shared,
};

/// The id of the field.
pub(crate) const SEARCH: &str = "music-search";

fn sort_words(sort: Sort) -> String {
    match sort {
        Sort::Added => t("sort_added"),
        Sort::Title => t("sort_title"),
        Sort::Artist => t("sort_artist"),
        Sort::Album => t("sort_album"),
        Sort::Length => t("sort_length"),
    }
}

fn grouping_words(grouping: Grouping) -> String {
    match grouping {
        Grouping::None => t("group_none"),
        Grouping::Album => t("group_album"),
        Grouping::Artist => t("group_artist"),
        Grouping::Device => t("group_device"),
    }
}

#[component]
pub(super) fn Tools() -> impl IntoView {
    let library = Library::expect();
    let shared = Shared::expect();
    let typed = library.typed;
    let count = move || library.arranged.with(|arranged| arranged.list.len());
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" if !event.is_composing() && !typed.with_untracked(String::is_empty) => {
            event.prevent_default();
            typed.set(String::new());
        }
        "ArrowDown" | "Enter" if !event.is_composing() => {
            event.prevent_default();
            shared.to_list.notify();
        }
        _ => {}
    };
    let choose_sort = move |event| {
        let name = event_target_value(&event);
        if let Some(sort) = Sort::ALL.into_iter().find(|sort| sort.name() == name) {
            library.choose_sort(sort, false);
        }
    };
    let choose_grouping = move |event| {
        let name = event_target_value(&event);
        if let Some(grouping) = Grouping::ALL
            .into_iter()
            .find(|grouping| grouping.name() == name)
        {
            library.choose_grouping(grouping);
        }
    };
    view! {
        <div class="tools">
            <div class="search-box">
                <Drawing icon=Icon::Search small=true />
                <input
                    type="search"
                    id=SEARCH
                    data-testid="music-search"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=move || t("music_search")
                    aria-label=move || t("music_search")
                    aria-keyshortcuts="/"
                    bind:value=typed
                    on:keydown=on_key
                />
                <span class="hint" role="status" data-testid="music-count">
                    {move || t_count("music_tracks", count())}
                </span>
            </div>
            <div class="row">
                <label class="pick">
                    <Drawing icon=Icon::Sort small=true />
                    <span class="visually-hidden">{move || t("music_sort")}</span>
                    <select
                        data-testid="music-sort"
                        prop:value=move || library.sort.get().name()
                        on:change=choose_sort
                    >
                        {Sort::ALL.map(|sort| view! {
                            <option value=sort.name() selected=move || library.sort.get() == sort>
                                {move || sort_words(sort)}
                            </option>
                        }).collect_view()}
                    </select>
                </label>
                <button
                    type="button"
                    class="quiet icon-button turn"
                    class:turned=move || library.reverse.get()
                    data-testid="music-reverse"
                    title=move || t("music_reverse")
                    aria-label=move || t("music_reverse")
                    aria-pressed=move || library.reverse.get().to_string()
                    on:click=move |_| {
                        library.choose_sort(library.sort.get_untracked(), !library.reverse.get_untracked());
                    }
                >
                    <Drawing icon=Icon::Down small=true />
                </button>
                <label class="pick">
                    <Drawing icon=Icon::Group small=true />
                    <span class="visually-hidden">{move || t("music_group")}</span>
                    <select
                        data-testid="music-group"
                        prop:value=move || library.grouping.get().name()
                        on:change=choose_grouping
                    >
                        {Grouping::ALL.map(|grouping| view! {
                            <option value=grouping.name() selected=move || library.grouping.get() == grouping>
                                {move || grouping_words(grouping)}
                            </option>
                        }).collect_view()}
                    </select>
                </label>
            </div>
        </div>
    }
}
