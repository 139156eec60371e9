//! Looking for something that was said: typed in parts, found in the whole log, and gone to where it stands.

mod day;
mod marks;
mod query;

use std::sync::Arc;

use catnest::{channel::ChannelId, limits, node::Message};
use leptos::{ev::KeyboardEvent, html, prelude::*, task::tick};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use self::{
    day::Day,
    marks::{Part, excerpt},
    query::{Found, Search},
};
use super::{
    chat::Chat,
    fold::Fold,
    person::{KeyMark, hue},
};
use crate::{
    i18n::{lang, t, t_count, t_with},
    icon::{Drawing, Icon},
    parts::follow_dialog,
    problem::ProblemBox,
    state::State,
    time,
};

/// The dialog, while it is open.
#[component]
pub(super) fn SearchDialog() -> impl IntoView {
    let state = State::expect();
    let open = Chat::expect().search;
    let dialog = NodeRef::<html::Dialog>::new();
    let shown = move || {
        let open = open.get();
        // Which channel it was opened for: another one may come on view behind it.
        let channel = untrack(|| state.with_channel(|c| (c.id, c.name.clone())));
        channel.filter(|_| open)
    };
    // After what is in it: the dialog gives the focus to its field as it opens.
    let inside = move || shown().map(|(channel, name)| view! { <Looking channel name /> });
    follow_dialog(dialog, open);
    // What comes meanwhile is not seen, and what burns has to be.
    Effect::new(move |_| state.covered.set(open.get()));
    view! {
        <dialog
            node_ref=dialog
            class="search"
            data-testid="search-dialog"
            aria-labelledby="search-title"
            on:close=move |_| open.set(false)
            on:keydown=step
        >
            {inside}
        </dialog>
    }
}

/// The arrows go from the field to what was found, and through it.
fn step(event: KeyboardEvent) {
    let by = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => return,
    };
    let stops = document().query_selector_all(".search input[type=search], .search .result");
    let (Ok(stops), Some(active)) = (stops, document().active_element()) else {
        return;
    };
    let stops: Vec<web_sys::HtmlElement> = (0..stops.length())
        .filter_map(|at| stops.item(at)?.dyn_into().ok())
        .collect();
    let at = stops
        .iter()
        .position(|stop| AsRef::<web_sys::Element>::as_ref(stop) == &active);
    if let Some(next) = at.and_then(|at| stops.get(at.checked_add_signed(by)?)) {
        event.prevent_default();
        let _focused = next.focus();
    }
}

#[component]
fn Looking(channel: ChannelId, name: String) -> impl IntoView {
    let open = Chat::expect().search;
    let search = Search::new(channel);
    let field = NodeRef::<html::Input>::new();
    field.on_load(|field| {
        // After the dialog, which takes the focus itself where it opens before this is in it.
        spawn_local(async move {
            tick().await;
            let _focused = field.focus();
        });
    });
    let on_composition_end = move |event: web_sys::CompositionEvent| {
        search.composing.set(false);
        search.typed.set(event_target_value(&event));
    };
    view! {
        <h2 id="search-title" class="visually-hidden">{t_with("search_title", &[&name])}</h2>
        <div class="search-bar" role="search">
            <Drawing icon=Icon::Search />
            <input
                type="search"
                node_ref=field
                data-testid="search-input"
                aria-label=move || t("search_open")
                aria-describedby="search-says"
                placeholder=move || t("search_placeholder")
                maxlength=limits::MAX_QUERY_BYTES
                // What is looked for is nobody else's: the browser would keep it, and offer it again.
                autocomplete="off"
                spellcheck="false"
                dir="auto"
                prop:value=search.typed
                on:compositionstart=move |_| search.composing.set(true)
                on:compositionend=on_composition_end
                on:input=move |event| search.typed.set(event_target_value(&event))
            />
            <button
                type="button"
                class="quiet icon-button"
                data-testid="search-close"
                title=move || t("close")
                aria-label=move || t("close")
                on:click=move |_| open.set(false)
            >
                <Drawing icon=Icon::Close />
            </button>
        </div>
        <ProblemBox problem=search.problem />
        <Says search />
        <Results search />
        <Day />
    }
}

/// How much was found; read out when that changes.
#[component]
fn Says(search: Search) -> impl IntoView {
    let said = move || {
        let found = search.found.get();
        match found {
            None if search.busy.get() => t("search_busy"),
            Some(found) if found.messages.is_empty() => t("search_none"),
            Some(found) if found.more => t_count("search_newest", found.messages.len()),
            Some(found) => t_count("search_found", found.messages.len()),
            None => String::new(),
        }
    };
    let state = move || match search.found.get() {
        _ if search.busy.get() => "busy",
        None => "empty",
        Some(found) if found.messages.is_empty() => "none",
        Some(_) => "found",
    };
    view! {
        <p
            class="hint search-says"
            id="search-says"
            role="status"
            data-testid="search-says"
            data-state=state
        >
            {said}
        </p>
    }
}

#[component]
fn Results(search: Search) -> impl IntoView {
    let found = move || search.found.get();
    let empty = Memo::new(move |_| search.found.with(Option::is_none) && !search.busy.get());
    let none = Memo::new(move |_| {
        let found = search.found.read();
        found
            .as_ref()
            .is_some_and(|found| found.messages.is_empty())
    });
    let more = Memo::new(move |_| {
        search
            .found
            .with(|found| found.as_ref().is_some_and(|f| f.more))
    });
    let entries = move || {
        let lang = lang();
        let Some(Found {
            query, messages, ..
        }) = found()
        else {
            return Vec::new();
        };
        let entry = |message| (query.clone(), message, lang);
        messages.into_iter().map(entry).collect::<Vec<_>>()
    };
    view! {
        <div class="search-body">
            <Show when=move || empty.get()>
                <div class="empty" data-testid="search-empty">
                    <img class="mark" src="icons/icon.svg" alt="" />
                    <h3>{move || t("search_empty")}</h3>
                    <p class="hint">{move || t("search_empty_hint")}</p>
                </div>
            </Show>
            <Show when=move || none.get()>
                <div class="empty" data-testid="search-none">
                    <Drawing icon=Icon::Search />
                    <p class="hint">{move || t("search_none_hint")}</p>
                </div>
            </Show>
            <ul
                class="results"
                role="list"
                aria-labelledby="search-title"
                hidden=move || empty.get() || none.get()
            >
                <For
                    each=entries
                    key=|(query, message, lang)| (message.id, query.clone(), lang.tag())
                    let:entry
                >
                    <Entry query=entry.0 message=entry.1 />
                </For>
            </ul>
            <Show when=move || more.get()>
                <button
                    type="button"
                    class="older"
                    data-testid="search-more"
                    disabled=move || search.busy.get()
                    on:click=move |_| search.load_older()
                >
                    {move || t("search_more")}
                </button>
            </Show>
        </div>
    }
}

/// A message that was found; choosing it leads to where it stands.
#[component]
fn Entry(query: String, message: Arc<Message>) -> impl IntoView {
    let chat = Chat::expect();
    let lang = lang();
    let folded = Fold::of(State::expect(), message.author, message.recalled);
    let place = message.place();
    let go = move |_| {
        chat.search.set(false);
        chat.wanted.set(Some(place));
    };
    let files = message.files.iter().map(|file| {
        view! {
            <span class="file">
                <Drawing icon=Icon::Clip small=true />
                <bdi><Marked parts=excerpt(&file.name, &query) /></bdi>
            </span>
        }
    });
    let files = files.collect_view();
    view! {
        <li>
            <button type="button" class="result" data-testid="search-result" on:click=go>
                <span class="meta">
                    <bdi class="who" data-hue=hue(message.author)>{message.name.clone()}</bdi>
                    <KeyMark author=message.author />
                    <time datetime=time::machine(message.time) title=time::full(message.time, lang)>
                        {time::short(message.time, lang)}
                    </time>
                </span>
                {if let Some(fold) = folded {
                    view! { <span class="hint">{fold.words()}</span> }.into_any()
                } else {
                    view! {
                        {(!message.text.is_empty()).then(|| view! {
                            <span class="text" dir="auto" data-testid="search-text">
                                <Marked parts=excerpt(&message.text, &query) />
                            </span>
                        })}
                        {files}
                    }.into_any()
                }}
            </button>
        </li>
    }
}

/// Text and marked text: what others wrote is never markup.
#[component]
fn Marked(parts: Vec<Part>) -> impl IntoView {
    parts
        .into_iter()
        .map(|Part { text, hit }| {
            if hit {
                view! { <mark>{text}</mark> }.into_any()
            } else {
                text.into_any()
            }
        })
        .collect_view()
}
