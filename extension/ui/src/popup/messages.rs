//! The log of a channel as a feed of messages (WAI-ARIA `feed`): newest at the bottom, older ones as one scrolls up.

use catnest::{
    node::{Message, Place, TransferState},
    resource::ResourceId,
};
use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::*,
    task::tick,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{
    chat::Chat,
    empty::Empty,
    message::MessageRow,
    pending::{self, Pending},
    said,
    scroller::{Scroller, row_id},
    seen,
};
use crate::{
    engine::Link,
    i18n::{lang, t, t_plural},
    icon::{Drawing, Icon},
    js,
    state::State,
};

/// A page key goes almost a screen, so that the last line is still there.
const PAGE: f64 = 0.9;

/// How long a row may take to come into the page before the focus.
const MAX_TICKS: usize = 40;

/// The messages, and what stands there while there are none.
#[component]
pub(super) fn Messages() -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let scroller = Scroller::new(state);
    let active = RwSignal::new(None::<Place>);
    scroller.follow();
    Effect::new(move |before: Option<()>| {
        // Words, checkboxes and what is unfolded change the heights of rows.
        lang();
        chat.selected.with(Option::is_some);
        chat.unfolded.track();
        if before.is_some() {
            scroller.refresh();
        }
    });
    Effect::new(move |before: Option<()>| {
        chat.said.track();
        if before.is_some() {
            scroller.to_end();
        }
    });
    Effect::new(move |_| {
        if state.visible.get() && !state.covered.get() && state.link.get() == Link::Up {
            seen::look(state, scroller.on_screen().map(|(_, last)| last));
        } else {
            seen::forget();
        }
    });
    Effect::new(move |_| {
        if let Some(place) = chat.wanted.get() {
            chat.wanted.set(None);
            state.load_around(place, move || {
                scroller.show(place);
                focus_when_there(place);
            });
        }
    });
    let intakes = Memo::new(move |_| pending::here(state));
    let stopped = Memo::new(move |_| stopped(state));
    Effect::new(move |before: Option<()>| {
        // What stands below the messages, and files whose cards say at length why they stopped.
        intakes.track();
        stopped.track();
        if before.is_some() {
            scroller.refresh();
        }
    });
    let empty = Memo::new(move |_| {
        !state.opening.get() && state.log.with(|log| log.is_empty()) && intakes.with(Vec::is_empty)
    });
    let on_key = move |event: KeyboardEvent| {
        if event.alt_key() || event.ctrl_key() || event.meta_key() {
            return;
        }
        match event.key().as_str() {
            "PageUp" => scroller.by_screens(-PAGE),
            "PageDown" => scroller.by_screens(PAGE),
            "Home" => scroller.to_start(),
            "End" => scroller.to_end(),
            "ArrowUp" => step(state, scroller, -1),
            "ArrowDown" => step(state, scroller, 1),
            " " if chat.selected.with_untracked(Option::is_some) => {
                match focused(state, scroller) {
                    Some(place) => chat.toggle_selected(place),
                    None => return,
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let point = move |target: Option<web_sys::EventTarget>| {
        let place = target.and_then(|target| place_of(scroller, &target));
        if active.get_untracked() != place {
            active.set(place);
        }
    };
    let on_click = move |event: MouseEvent| {
        if chat.selected.with_untracked(Option::is_none) {
            return;
        }
        let Some(target) = event.target() else {
            return;
        };
        let control = target
            .dyn_ref::<web_sys::Element>()
            .is_some_and(|element| matches!(element.closest("input, button, a"), Ok(Some(_))));
        if let Some(place) = place_of(scroller, &target).filter(|_| !control) {
            chat.toggle_selected(place);
        }
    };
    view! {
        <div class="log-frame">
            <div
                class="log"
                node_ref=scroller.log
                role=move || if empty.get() { "region" } else { "feed" }
                aria-label=move || t("messages_label")
                aria-busy=move || state.loading.get().to_string()
                tabindex="0"
                data-testid="log"
                on:scroll=move |_| scroller.scrolled()
                on:keydown=on_key
                on:click=on_click
                on:pointerover=move |event| point(event.target())
                on:focusin=move |event| point(event.target())
                on:pointerleave=move |_| point(None)
            >
                <Show when=move || empty.get()><Empty /></Show>
                <div class="above" node_ref=scroller.above></div>
                <div class="rows" role="presentation" node_ref=scroller.body>
                    <For
                        each=move || {
                            let lang = lang();
                            scroller.rows.get().into_iter().map(move |row| (row, lang)).collect::<Vec<_>>()
                        }
                        key=|(row, lang)| (row.key(), lang.tag())
                        let:entry
                    >
                        <MessageRow row=entry.0 lang=entry.1 active />
                    </For>
                </div>
                <div class="below" node_ref=scroller.below></div>
                <div class="pending" role="presentation" node_ref=scroller.tail><Pending intakes /></div>
            </div>
            <Jump scroller />
            <Arrived />
        </div>
    }
}

/// The files that have stopped.
fn stopped(state: State) -> Vec<ResourceId> {
    state.transfers.with(|all| {
        let stopped = all
            .values()
            .filter(|transfer| matches!(transfer.state, TransferState::Stopped { .. }));
        stopped.map(|transfer| transfer.file.id).collect()
    })
}

/// The message whose element this is, or is in.
fn place_of(scroller: Scroller, target: &web_sys::EventTarget) -> Option<Place> {
    let element = target.dyn_ref::<web_sys::Element>()?;
    let id = element.closest("[data-testid=message]").ok()??.id();
    scroller.rows.with_untracked(|rows| {
        let mut places = rows.iter().map(|row| row.message.place());
        places.find(|place| row_id(*place) == id)
    })
}

fn focused(state: State, scroller: Scroller) -> Option<Place> {
    let place = place_of(scroller, document().active_element()?.as_ref())?;
    state
        .log
        .with_untracked(|log| log.get(place).map(|_| place))
}

/// Moves the keyboard's place by a message; into the messages, if it was not there.
fn step(state: State, scroller: Scroller, by: isize) {
    let next = match focused(state, scroller) {
        Some(place) => state.log.with_untracked(|log| {
            let at = log.index_from(place).checked_add_signed(by)?;
            Some(log.slice(at..at + 1).first()?.place())
        }),
        None => scroller
            .on_screen()
            .map(|(first, last)| if by < 0 { last } else { first }),
    };
    let Some(next) = next else {
        return;
    };
    scroller.reveal(next);
    focus_when_there(next);
}

/// Moves the keyboard to a message once its row is in the page.
fn focus_when_there(place: Place) {
    let id = row_id(place);
    spawn_local(async move {
        for _ in 0..MAX_TICKS {
            if document().get_element_by_id(&id).is_some() {
                break;
            }
            tick().await;
        }
        js::focus_without_scrolling(&id);
    });
}

/// Whether somebody else says it whom the member listens to.
fn is_heard(state: State, message: &Message) -> bool {
    !message.mine && !state.blocks(message.author)
}

/// Back to the newest message, with the number of those that came meanwhile.
#[component]
fn Jump(scroller: Scroller) -> impl IntoView {
    let state = State::expect();
    let count = Memo::new(move |_| {
        if state.later.get() {
            // What came last is not loaded.
            return state
                .with_channel(|channel| channel.unread.count)
                .unwrap_or(0);
        }
        let known = scroller.known.get();
        state.log.with(|log| {
            let news = known.map_or(&[][..], |known| log.after(known));
            news.iter()
                .filter(|message| is_heard(state, message))
                .count()
        })
    });
    let to_end = move |_| {
        scroller.to_end();
        js::focus(super::chat::COMPOSER);
    };
    view! {
        <Show when=move || !scroller.at_end.get()>
            <button
                type="button"
                class="jump"
                class:primary=move || { count.get() > 0 }
                data-testid="jump-newest"
                data-count=move || count.get().to_string()
                on:click=to_end
            >
                <Drawing icon=Icon::Down small=true />
                <span>
                    {move || match count.get() {
                        0 => t("jump_newest"),
                        count => t_plural("jump_new", count),
                    }}
                </span>
            </button>
        </Show>
    }
}

/// Reads out what others say as it comes, and is not folded. The feed cannot: its rows come and go as one scrolls.
#[component]
fn Arrived() -> impl IntoView {
    let state = State::expect();
    let line = move || {
        let arrived = state.arrived.get()?;
        is_heard(state, &arrived).then(|| said::spoken(&arrived))
    };
    view! { <p class="visually-hidden" role="status" data-testid="arrived">{line}</p> }
}
