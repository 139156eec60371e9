//! What can be done with one message: copied, kept, taken back, selected.

use catnest::node::{Command, Place};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{chat::Chat, said, scroller::row_id};
use crate::{
    i18n::t,
    icon::{Drawing, Icon},
    js,
    parts::Question,
    state::State,
};

/// What of a message is quoted: more than the style sheet shows.
const QUOTED_CHARS: usize = 200;

/// The message that the question is about whether to take it back.
#[derive(Clone, Copy)]
pub(super) struct Recalling {
    message: RwSignal<Option<Place>>,
    open: RwSignal<bool>,
}

impl Recalling {
    pub(super) fn new() -> Self {
        Self {
            message: RwSignal::new(None),
            open: RwSignal::new(false),
        }
    }

    fn ask(self, message: Place) {
        self.message.set(Some(message));
        self.open.set(true);
    }
}

/// The buttons beside the message that the pointer or the keyboard is on.
#[component]
pub(super) fn Actions(place: Place) -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let look = Memo::new(move |_| {
        state.log.with(|log| {
            let message = log.get(place)?;
            let unfolded = !message.recalled || chat.is_unfolded(place);
            Some(Look {
                copies: unfolded && !message.text.is_empty(),
                recalls: message.mine && !message.recalled && !message.burning,
                // What burns goes, whoever would keep it.
                keeps: !message.burning,
                kept: message.kept,
            })
        })
    });
    let look = move || look.get().unwrap_or_default();
    let keep = move || {
        if look().kept { t("unkeep") } else { t("keep") }
    };
    view! {
        <span class="actions" role="group" aria-label=t("message_actions")>
            <Show when=move || look().copies><Copy place /></Show>
            <Show when=move || look().keeps>
                <button
                    type="button"
                    class:on=move || look().kept
                    data-testid="keep"
                    title=keep
                    aria-label=keep
                    on:click=move |_| set_kept(state, place, !look().kept)
                >
                    <Drawing icon=Icon::Bookmark small=true />
                </button>
            </Show>
            <Show when=move || look().recalls>
                <button
                    type="button"
                    data-testid="recall"
                    title=t("recall")
                    aria-label=t("recall")
                    on:click=move |_| chat.recalling.ask(place)
                >
                    <Drawing icon=Icon::Recall small=true />
                </button>
            </Show>
            <button
                type="button"
                data-testid="select"
                title=t("select")
                aria-label=t("select")
                on:click=move |_| {
                    chat.toggle_selected(place);
                    js::focus(&row_id(place));
                }
            >
                <Drawing icon=Icon::Select small=true />
            </button>
        </span>
    }
}

/// What is offered for a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    copies: bool,
    recalls: bool,
    keeps: bool,
    kept: bool,
}

#[component]
fn Copy(place: Place) -> impl IntoView {
    let state = State::expect();
    let copied = RwSignal::new(None::<bool>);
    let copy = move |_| {
        let text = state
            .log
            .with_untracked(|log| Some(log.get(place)?.text.clone()));
        let Some(text) = text else {
            return;
        };
        spawn_local(async move {
            let done = js::copy(&text).await;
            copied.try_set(Some(done));
        });
    };
    let words = move || match copied.get() {
        None => t("copy_text"),
        Some(true) => t("copied"),
        Some(false) => t("copy_failed"),
    };
    let icon = move || match copied.get() {
        Some(true) => Icon::Check,
        _ => Icon::Copy,
    };
    view! {
        <button type="button" data-testid="copy-text" title=words aria-label=words on:click=copy>
            {move || view! { <Drawing icon=icon() small=true /> }}
        </button>
    }
}

/// Marks a message of the channel that is shown, or takes the mark away.
pub(super) fn set_kept(state: State, message: Place, kept: bool) {
    let Some(channel) = state.current.get_untracked() else {
        return;
    };
    let command = Command::Keep {
        channel,
        message,
        kept,
    };
    state.carry_out(command);
}

/// Says what a recall can do and what it cannot, before it is done.
#[component]
pub(super) fn RecallQuestion() -> impl IntoView {
    let state = State::expect();
    let Recalling { message, open } = Chat::expect().recalling;
    let recall = move |()| {
        if let (Some(channel), Some(message)) =
            (state.current.get_untracked(), message.get_untracked())
        {
            state.carry_out(Command::Recall { channel, message });
        }
    };
    Effect::new(move |was: Option<bool>| {
        let is = open.get();
        if let (Some(true), false, Some(message)) = (was, is, message.get_untracked()) {
            // The button that asked is gone with what it did, or because the pointer is elsewhere now.
            request_animation_frame(move || js::focus_without_scrolling(&row_id(message)));
        }
        is
    });
    let quote = move || {
        let place = message.get()?;
        let said = state
            .log
            .with(|log| log.get(place).map(|message| said::copied(message)))?;
        Some(said.chars().take(QUOTED_CHARS).collect::<String>())
    };
    view! {
        <Question
            id="recall-question"
            open
            quote=Signal::derive(move || quote().unwrap_or_default())
            title=Signal::derive(|| t("recall_title"))
            text=Signal::derive(|| t("recall_text"))
            yes=Signal::derive(|| t("recall_yes"))
            on_yes=recall
        />
    }
}
