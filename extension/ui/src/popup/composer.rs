//! Writing a message. What stands here is kept by the engine with every keystroke, so that a popup may close anytime.
//! Files that go with it are handed over when it is sent; from then on the engine has them.

use std::collections::BTreeMap;

use catnest::{
    channel::ChannelId,
    limits::MAX_TEXT_BYTES,
    node::{Command, Event},
};
use catnest_messages::IntakeId;
use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    html::Textarea,
    prelude::*,
};
use wasm_bindgen_futures::spawn_local;

use super::{
    attach::Attached,
    burn::{BANNER, KeepQuestion, MeantToBurn},
    chat::{COMPOSER, Chat},
    chips::{AttachButton, Chips},
};
use crate::{
    engine,
    files::carry,
    i18n::{t, t_plural},
    icon::{Drawing, Icon},
    js,
    problem::{ProblemBox, Trouble},
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
    let attached = Attached::expect();
    let field = NodeRef::<Textarea>::new();
    let text = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Trouble>);
    let sending = RwSignal::new(false);
    let meant_to_burn = MeantToBurn::new();
    // What was typed in this view goes before what the engine told: that may be of a moment earlier.
    let drafts = StoredValue::new(BTreeMap::<ChannelId, String>::new());

    Effect::new(move |_| {
        let current = state.current.get();
        let typed = current.and_then(|id| drafts.with_value(|drafts| drafts.get(&id).cloned()));
        let kept = || untrack(|| state.with_channel(|channel| channel.draft.clone()));
        text.set(typed.or_else(kept).unwrap_or_default());
        problem.set(None);
        attached.trouble.set(None);
        meant_to_burn.asking.set(false);
    });
    let burns = Memo::new(move |_| state.burns());
    Effect::new(move |_| {
        if !burns.get() {
            attached.trouble.set(None);
        }
    });
    Effect::new(move |_| {
        // What stands here when burning begins, and what was typed in an earlier view, was not typed in this one.
        if let (Some(channel), true) = (state.current.get(), burns.get()) {
            meant_to_burn.typed(state, channel, &text.read_untracked());
        }
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
            // What was wrong before is of what stood here before.
            problem.try_set(match reply {
                Event::Refused { problem: why, .. } => Some(why.into()),
                _ => None,
            });
        });
    };
    let on_input = move |_| {
        if let Some(channel) = state.current.get_untracked() {
            let draft = text.get_untracked();
            meant_to_burn.typed(state, channel, &draft);
            if meant_to_burn.holds(state, channel) {
                problem.set(None);
                drafts.update_value(|drafts| {
                    drafts.insert(channel, draft);
                });
            } else {
                keep(channel, draft);
            }
        }
    };
    let bytes = Memo::new(move |_| text.with(String::len));
    let too_long = Memo::new(move |_| bytes.get() > MAX_TEXT_BYTES);
    let no_text = Memo::new(move |_| text.with(|text| text.trim().is_empty()));
    let no_files = Memo::new(move |_| attached.of(state.current.get()).is_empty());
    let nothing = move || no_text.get() && no_files.get();
    // What was sent goes from the field, unless something else was typed since, here or in the other channel.
    let clear = move |channel: ChannelId, said: &str| {
        let unchanged =
            drafts.try_with_value(|drafts| drafts.get(&channel).is_none_or(|draft| draft == said));
        if unchanged == Some(true) {
            meant_to_burn.settle(channel);
            drafts.try_update_value(|drafts| drafts.insert(channel, String::new()));
            if state.current.get_untracked() == Some(channel) {
                text.set(String::new());
            }
        }
        unchanged == Some(true)
    };
    let hand_over = move |channel: ChannelId, said: String| {
        let chosen = untrack(|| attached.of(Some(channel)));
        let keys: Vec<u32> = chosen.iter().map(|chip| chip.key).collect();
        let files: Vec<_> = keys.iter().filter_map(|key| attached.file(*key)).collect();
        let Some(intake) = js::random_name().map(IntakeId) else {
            return problem.set(Some(Trouble::Randomness));
        };
        sending.set(true);
        spawn_local(async move {
            let taken = carry::share(&intake, channel, &said, &files).await;
            if sending.try_set(false).is_some() {
                return;
            }
            if let Err(why) = taken {
                return problem.set(Some(why.into()));
            }
            attached.remove(channel, &keys);
            // The engine says it later, when all is stored: until then it would be the draft of the next view.
            if clear(channel, &said) {
                keep(channel, String::new());
            }
        });
    };
    let say = move || {
        let said = text.get_untracked();
        let Some(channel) = state.current.get_untracked() else {
            return;
        };
        if sending.get_untracked() || untrack(nothing) || too_long.get_untracked() {
            return;
        }
        if !no_files.get_untracked() && attached.refuses(state) {
            // Before the engine takes them in: that would store them.
            return;
        }
        if meant_to_burn.holds(state, channel) {
            return meant_to_burn.asking.set(true);
        }
        problem.set(None);
        chat.said.notify();
        js::focus(COMPOSER);
        if !no_files.get_untracked() {
            return hand_over(channel, said);
        }
        sending.set(true);
        let command = Command::Say {
            channel,
            text: said.clone(),
        };
        engine::ask(command, move |reply| {
            sending.try_set(false);
            let here = state.current.get_untracked() == Some(channel);
            match reply {
                // Only now is it kept, and the engine has cleared its draft itself.
                Event::Done { .. } => {
                    clear(channel, &said);
                }
                Event::Refused { problem: why, .. } if here => {
                    problem.try_set(Some(why.into()));
                }
                _ => {}
            }
        });
    };
    let say_and_keep = move |()| {
        if let Some(channel) = state.current.get_untracked() {
            meant_to_burn.settle(channel);
            say();
            // The question is closed by then.
            request_animation_frame(|| js::focus(COMPOSER));
        }
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
            <ProblemBox problem=attached.trouble />
            <Chips />
            <AttachButton />
            <label class="visually-hidden" for=COMPOSER>{move || t("composer_label")}</label>
            <textarea
                id=COMPOSER
                node_ref=field
                data-testid="composer"
                rows="1"
                // The browser would keep what stands here for when it opens its tabs again.
                autocomplete="off"
                dir="auto"
                placeholder=move || t("composer_placeholder")
                title=move || t("composer_hint")
                aria-invalid=move || too_long.get().to_string()
                aria-describedby=move || if burns.get() { format!("{BANNER} composer-count") } else { "composer-count".to_owned() }
                bind:value=text
                on:input=on_input
                on:keydown=on_key
            ></textarea>
            <button
                class="primary icon-button"
                data-testid="send"
                title=move || t("send")
                aria-label=move || t("send")
                disabled=move || sending.get() || nothing() || too_long.get()
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
        <KeepQuestion open=meant_to_burn.asking on_yes=say_and_keep />
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
