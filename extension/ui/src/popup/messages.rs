//! The log of a channel: newest at the bottom, older ones as one scrolls up.

use catnest::node::Message;
use leptos::{html::Div, prelude::*};

use crate::{i18n::t, invitation::Invitation, state::State, time};

/// This near to the end counts as at the end, in pixels.
const NEAR: i32 = 40;

/// The messages, and what stands there while there are none.
#[component]
pub(super) fn Messages() -> impl IntoView {
    let state = State::expect();
    let log = NodeRef::<Div>::new();
    let at_end = RwSignal::new(true);
    let unseen = RwSignal::new(false);
    let loading = StoredValue::new(false);
    let newest = Memo::new(move |_| {
        state
            .messages
            .with(|messages| messages.keys().next_back().copied())
    });

    let to_end = move || {
        if let Some(log) = log.get_untracked() {
            log.set_scroll_top(log.scroll_height());
        }
        unseen.set(false);
    };
    Effect::new(move |before: Option<Option<_>>| {
        let now = newest.get();
        if at_end.get_untracked() {
            // After the message has been laid out.
            request_animation_frame(to_end);
        } else if before.flatten().is_some() {
            unseen.set(true);
        }
        now
    });
    Effect::new(move |_| {
        // Another channel: from its end.
        state.current.track();
        at_end.set(true);
        unseen.set(false);
    });
    let on_scroll = move |_| {
        let Some(log) = log.get_untracked() else {
            return;
        };
        let end = log.scroll_height() - log.client_height() - log.scroll_top() <= NEAR;
        at_end.set(end);
        if end {
            unseen.set(false);
        }
        if log.scroll_top() <= NEAR && state.more.get_untracked() && !loading.get_value() {
            loading.set_value(true);
            let below = log.scroll_height() - log.scroll_top();
            state.load_older(move || {
                request_animation_frame(move || {
                    // What was read stays where it was: as far from the end as before.
                    log.set_scroll_top(log.scroll_height() - below);
                    loading.set_value(false);
                });
            });
        }
    };
    view! {
        <div class="log-frame">
            <div
                class="log"
                node_ref=log
                role="log"
                aria-live="polite"
                aria-label=move || t("messages_label")
                tabindex="0"
                on:scroll=on_scroll
            >
                <Show when=move || newest.get().is_none()><Empty /></Show>
                <For
                    each=move || state.messages.with(|messages| messages.values().cloned().collect::<Vec<_>>())
                    key=|message| message.id
                    let:message
                >
                    <Bubble message />
                </For>
            </div>
            <Show when=move || unseen.get()>
                <button class="jump primary" data-testid="jump-newest" on:click=move |_| to_end()>
                    {move || t("jump_newest")}
                </button>
            </Show>
        </div>
    }
}

#[component]
fn Bubble(message: Message) -> impl IntoView {
    let name = message.name.clone();
    view! {
        <article class="message" data-testid="message" data-mine=message.mine.to_string()>
            <p class="meta">
                <span dir="auto" data-testid="message-name" title=message.author.to_string()>{name}</span>
                <time title=time::full(message.time)>{time::clock(message.time)}</time>
            </p>
            // Always a text node: what others write is never markup.
            <p class="text" dir="auto" data-testid="message-text">{message.text}</p>
        </article>
    }
}

#[component]
fn Empty() -> impl IntoView {
    let state = State::expect();
    let address = Memo::new(move |_| state.channel().map(|channel| channel.address));
    let alone = move || {
        state
            .channel()
            .is_some_and(|channel| channel.members.len() < 2)
    };
    view! {
        <div class="empty">
            <p>{move || t("no_messages")}</p>
            <Show when=alone>
                <p class="hint">{move || t("alone")}</p>
                <Invitation address />
            </Show>
        </div>
    }
}
