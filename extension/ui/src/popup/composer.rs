//! Writing a message. What stands here is kept by the engine with every keystroke, so that a popup may close anytime.

use std::collections::BTreeMap;

use catnest::{
    channel::ChannelId,
    limits::MAX_TEXT_BYTES,
    node::{Command, Event, Problem},
};
use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    html::Textarea,
    prelude::*,
};

use super::chat::{COMPOSER, Chat};
use crate::{
    engine,
    i18n::{t, t_plural},
    icon::{Drawing, Icon},
    js,
    problem::ProblemBox,
    state::State,
};

/// What browsers report for a key that an input method takes (UI Events §5.2.3), beside `isComposing`.
const COMPOSING_KEY_CODE: u32 = 229;

/// The room that is left is told from here on.
const COUNT_FROM: usize = MAX_TEXT_BYTES - 1024;

/// The text field and its button.
#[component]
pub(super) fn Composer() -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let field = NodeRef::<Textarea>::new();
    let text = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Problem>);
    let sending = RwSignal::new(false);
    // What was typed in this view goes before what the engine told: that may be of a moment earlier.
    let drafts = StoredValue::new(BTreeMap::<ChannelId, String>::new());

    Effect::new(move |_| {
        let current = state.current.get();
        let typed = current.and_then(|id| drafts.with_value(|drafts| drafts.get(&id).cloned()));
        let kept = || untrack(|| state.with_channel(|channel| channel.draft.clone()));
        text.set(typed.or_else(kept).unwrap_or_default());
        problem.set(None);
    });
    let keep = move |channel: ChannelId, draft: String| {
        drafts.update_value(|drafts| {
            drafts.insert(channel, draft.clone());
        });
        // At once, and not after a pause: this page may be gone by then.
        let command = Command::Draft {
            channel,
            text: draft,
        };
        engine::ask(command, move |reply| {
            if let Event::Refused { problem: why, .. } = reply {
                problem.try_set(Some(why));
            }
        });
    };
    let on_input = move |_| {
        if let Some(channel) = state.current.get_untracked() {
            keep(channel, text.get_untracked());
        }
    };
    let bytes = Memo::new(move |_| text.with(String::len));
    let too_long = Memo::new(move |_| bytes.get() > MAX_TEXT_BYTES);
    let nothing = Memo::new(move |_| text.with(|text| text.trim().is_empty()));
    let say = move || {
        let said = text.get_untracked();
        let Some(channel) = state.current.get_untracked() else {
            return;
        };
        if sending.get_untracked() || nothing.get_untracked() || too_long.get_untracked() {
            return;
        }
        sending.set(true);
        problem.set(None);
        chat.said.notify();
        let command = Command::Say {
            channel,
            text: said.clone(),
        };
        engine::ask(command, move |reply| {
            sending.try_set(false);
            let here = state.current.get_untracked() == Some(channel);
            match reply {
                // Only now is it kept. What was typed since then stays, here or in the other channel.
                Event::Done { .. } => {
                    let unchanged = drafts.try_with_value(|drafts| {
                        drafts.get(&channel).is_none_or(|draft| *draft == said)
                    });
                    if unchanged == Some(true) {
                        // The engine has cleared its draft itself.
                        drafts.try_update_value(|drafts| drafts.insert(channel, String::new()));
                        if here {
                            text.set(String::new());
                        }
                    }
                }
                Event::Refused { problem: why, .. } if here => {
                    problem.try_set(Some(why));
                }
                _ => {}
            }
        });
        js::focus(COMPOSER);
    };
    let on_key = move |event: KeyboardEvent| {
        let composing = event.is_composing() || event.key_code() == COMPOSING_KEY_CODE;
        if event.key() == "Enter" && !event.shift_key() && !composing {
            event.prevent_default();
            say();
        }
    };
    fit(field, text);
    let count = move || {
        let left = MAX_TEXT_BYTES.checked_sub(bytes.get());
        match left {
            Some(left) => t_plural("room_left", left),
            None => t_plural("too_long_by", bytes.get() - MAX_TEXT_BYTES),
        }
    };
    view! {
        <form
            class="composer"
            on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                say();
            }
        >
            <ProblemBox problem />
            <label class="visually-hidden" for=COMPOSER>{move || t("composer_label")}</label>
            <textarea
                id=COMPOSER
                node_ref=field
                data-testid="composer"
                rows="1"
                dir="auto"
                placeholder=move || t("composer_placeholder")
                title=move || t("composer_hint")
                aria-invalid=move || too_long.get().to_string()
                aria-describedby="composer-count"
                bind:value=text
                on:input=on_input
                on:keydown=on_key
            ></textarea>
            <button
                class="primary icon-button"
                data-testid="send"
                title=move || t("send")
                aria-label=move || t("send")
                disabled=move || sending.get() || nothing.get() || too_long.get()
            >
                <Drawing icon=Icon::Send />
            </button>
            <p
                class="hint count"
                id="composer-count"
                role="status"
                data-testid="room-left"
                class:too-long=move || too_long.get()
            >
                {move || (bytes.get() > COUNT_FROM).then(count)}
            </p>
        </form>
    }
}

/// Makes the field as high as its text; the style sheet says how high at most.
fn fit(field: NodeRef<Textarea>, text: RwSignal<String>) {
    Effect::new(move |_| {
        text.track();
        let Some(field) = field.get() else {
            return;
        };
        // After the field has the text.
        request_animation_frame(move || {
            let style = web_sys::HtmlElement::style(&field);
            let _shrunk = style.set_property("height", "0");
            let border = field.offset_height() - field.client_height();
            let height = format!("{}px", field.scroll_height() + border);
            let _set = style.set_property("height", &height);
        });
    });
}
