//! The lines of lyrics.

use std::sync::Arc;

use catnest::music::{TrackTime, lyrics::Line, player::Intent};
use leptos::{
    ev::{KeyboardEvent, PointerEvent},
    html::{Div, Ol},
    prelude::*,
    task::tick,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::sheet::{self, Sheet, Verse};
use crate::{
    i18n::t,
    icon::{Drawing, Icon},
    state::State,
};

/// Words without times.
#[component]
pub(super) fn Plain(sheet: Arc<Sheet>) -> impl IntoView {
    view! {
        <div class="lyrics-scroll plain" tabindex="0" role="region" aria-label=move || t("lyrics_words") data-testid="lyrics-plain">
            <Untimed sheet />
        </div>
    }
}

/// What has no times, a paragraph a verse.
#[component]
fn Untimed(sheet: Arc<Sheet>) -> impl IntoView {
    let verses = sheet.untimed.split(|line| line.is_empty());
    verses
        .filter(|lines| !lines.is_empty())
        .map(|lines| view! { <p class="untimed" dir="auto">{lines.join("\n")}</p> })
        .collect_view()
}

/// Words with times.
#[component]
pub(super) fn Timed(
    sheet: Arc<Sheet>,
    /// Where the track is, as of the last change.
    #[prop(into)]
    position: Signal<u32>,
    #[prop(into)] seen: Signal<bool>,
) -> impl IntoView {
    let scroll = NodeRef::<Div>::new();
    let list = NodeRef::<Ol>::new();
    let follows = RwSignal::new(true);
    let count = sheet.verses.len();
    let (reads, has_notes) = (sheet.clone(), !sheet.untimed.is_empty());
    let current = Memo::new(move |_| reads.verse_at(position.get()));
    // The one that Tab goes to: where somebody went, or what is sung.
    let gone_to = RwSignal::new(None::<usize>);
    let stop = move || current.get().unwrap_or(0);
    let stop = Memo::new(move |_| gone_to.get().unwrap_or_else(stop));
    let is_current = Selector::new(move || current.get());
    let is_stop = Selector::new(move || stop.get());
    Effect::new(move |_| {
        let (verse, follows) = (current.get(), follows.get());
        if seen.get() && follows {
            spawn_local(async move {
                // It is on the screen by then.
                tick().await;
                middle(scroll, list, verse);
            });
        }
    });
    let stops = move || follows.set(false);
    let on_key = move |event: KeyboardEvent| {
        let at = gone_to
            .get_untracked()
            .unwrap_or_else(|| stop.get_untracked());
        let next = match event.key().as_str() {
            "ArrowDown" => at + 1,
            "ArrowUp" => at.saturating_sub(1),
            "Home" => 0,
            "End" => count - 1,
            "PageUp" | "PageDown" => return stops(),
            _ => return,
        };
        event.prevent_default();
        // Arrows mean something else to the player.
        event.stop_propagation();
        stops();
        let next = next.min(count - 1);
        gone_to.set(Some(next));
        if let Some(button) = line(list, next) {
            let _focused = button.focus();
        }
    };
    let state = State::expect();
    // Whoever follows is where the leader is.
    let led = Memo::new(move |_| state.music.leader().is_some());
    let seek = Callback::new(move |(index, at): (usize, u32)| {
        if !led.get_untracked() {
            gone_to.set(Some(index));
            follows.set(true);
            state.play(Intent::Seek(TrackTime(at.into())));
        }
    });
    let verses = sheet.verses.clone().into_iter().enumerate();
    let verses = verses.map(|(index, verse)| {
        let (is_current, is_stop) = (is_current.clone(), is_stop.clone());
        view! {
            <VerseLine
                verse
                position
                current=Signal::derive(move || is_current.selected(&Some(index)))
                stop=Signal::derive(move || is_stop.selected(&index))
                led
                on_seek=move |at| seek.run((index, at))
            />
        }
    });
    let verses = verses.collect_view();
    view! {
        <div
            class="lyrics-scroll timed"
            node_ref=scroll
            data-testid="lyrics-scroll"
            data-follows=move || follows.get().to_string()
            on:wheel=move |_| stops()
            on:touchmove=move |_| stops()
            // The scroll bar is no part of what is in it.
            on:pointerdown=move |event: PointerEvent| {
                if event.target() == event.current_target() {
                    stops();
                }
            }
        >
            {has_notes.then(|| view! { <div class="lyrics-notes"><Untimed sheet=sheet.clone() /></div> })}
            <ol
                class="verses"
                class:long={count > MANY}
                aria-label=move || t("lyrics_words")
                node_ref=list
                on:keydown=on_key
            >
                {verses}
            </ol>
        </div>
        <Show when=move || !follows.get()>
            <button
                type="button"
                class="lyrics-follow small primary"
                data-testid="lyrics-follow"
                on:click=move |_| { gone_to.set(None); follows.set(true); }
            >
                <Drawing icon=Icon::Here small=true />
                {move || t("lyrics_follow")}
            </button>
        </Show>
    }
}

/// From so many verses on, those that are not seen are not laid out.
const MANY: usize = 300;

/// A verse's button.
fn line(list: NodeRef<Ol>, verse: usize) -> Option<web_sys::HtmlElement> {
    let list = list.try_get_untracked().flatten()?;
    let item = list.children().item(u32::try_from(verse).ok()?)?;
    item.first_element_child()?.dyn_into().ok()
}

/// Scrolls so that a verse is in the middle; to the beginning before the first.
fn middle(scroll: NodeRef<Div>, list: NodeRef<Ol>, verse: Option<usize>) {
    let Some(scroll) = scroll.try_get_untracked().flatten() else {
        return;
    };
    let Some(verse) = verse else {
        return scroll.set_scroll_top(0);
    };
    if let Some(line) = line(list, verse) {
        let (whole, part) = (
            scroll.get_bounding_client_rect(),
            line.get_bounding_client_rect(),
        );
        let off = part.top() + part.height() / 2.0 - whole.top() - whole.height() / 2.0;
        scroll.set_scroll_top(scroll.scroll_top() + off.round() as i32);
    }
}

/// The lines that are sung at one time.
#[component]
fn VerseLine(
    verse: Verse,
    position: Signal<u32>,
    current: Signal<bool>,
    /// Tab goes to it.
    stop: Signal<bool>,
    /// It can be read, and not gone to.
    #[prop(into)]
    led: Signal<bool>,
    #[prop(into)] on_seek: Callback<u32>,
) -> impl IntoView {
    let (at, pause) = (verse.at, verse.is_pause());
    let lines = verse.lines.into_iter().filter(|line| !line.text.is_empty());
    let lines = lines.map(|line| view! { <SungLine line position current /> });
    let words = if pause {
        view! {
            <span class="pause" role="img" aria-label=move || t("lyrics_pause")><i></i><i></i><i></i></span>
        }
        .into_any()
    } else {
        lines.collect_view().into_any()
    };
    view! {
        <li>
            <button
                type="button"
                class="verse"
                data-testid="verse"
                data-current=move || current.get().to_string()
                aria-current=move || current.get().then_some("true")
                aria-disabled=move || led.get().then_some("true")
                tabindex=move || if stop.get() { "0" } else { "-1" }
                on:click=move |_| on_seek.run(at)
            >
                {words}
            </button>
        </li>
    }
}

/// A line; in its words while it is sung, if they have times.
#[component]
fn SungLine(line: Line, position: Signal<u32>, current: Signal<bool>) -> impl IntoView {
    if line.words.is_empty() {
        return view! { <span class="line" dir="auto">{line.text}</span> }.into_any();
    }
    let line = Arc::new(line);
    view! {
        <span class="line worded" dir="auto">
            {move || {
                if !current.get() {
                    return line.text.clone().into_any();
                }
                let words = sheet::words(&line).into_iter().map(|(word, range)| {
                    let text = line.text.get(range).unwrap_or_default();
                    let sung_text = text.trim_end().to_owned();
                    // No line under the space after it.
                    let space = text.get(sung_text.len()..).unwrap_or_default().to_owned();
                    let line = line.clone();
                    let sung = move || sheet::sung(&line, word, position.get()).name();
                    view! { <span class="word" data-sung=sung>{sung_text}</span>{space} }
                });
                words.collect_view().into_any()
            }}
        </span>
    }
    .into_any()
}
