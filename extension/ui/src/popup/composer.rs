//! Writing a message. What stands here is kept by the engine with every keystroke, so that a popup may close anytime.

use catnest::{
    channel::ChannelId,
    node::{Command, Event, Problem},
};
use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    prelude::*,
};

use crate::{engine, i18n::t, problem::ProblemBox, state::State};

/// What browsers report for a key that an input method takes (UI Events §5.2.3), beside `isComposing`.
const COMPOSING_KEY_CODE: u32 = 229;

/// The text field and its button.
#[component]
pub(super) fn Composer() -> impl IntoView {
    let state = State::expect();
    let text = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Problem>);
    let sending = RwSignal::new(false);

    Effect::new(move |_| {
        let current = state.current.get();
        let draft = state.overview.with_untracked(|overview| {
            let channels = &overview.as_ref()?.channels;
            channels
                .iter()
                .find(|channel| Some(channel.id) == current)
                .map(|channel| channel.draft.clone())
        });
        text.set(draft.unwrap_or_default());
        problem.set(None);
    });
    let keep = move |channel: ChannelId, draft: String| {
        // The engine does not tell a draft back, but this view may come back to the channel.
        state.overview.update_untracked(|overview| {
            let channels = overview
                .iter_mut()
                .flat_map(|overview| &mut overview.channels);
            for shown in channels.filter(|shown| shown.id == channel) {
                shown.draft.clone_from(&draft);
            }
        });
        // At once, and not after a pause: this page may be gone by then.
        engine::ask(
            Command::Draft {
                channel,
                text: draft,
            },
            move |reply| {
                if let Event::Refused { problem: why, .. } = reply {
                    problem.set(Some(why));
                }
            },
        );
    };
    let on_input = move |_| {
        if let Some(channel) = state.current.get_untracked() {
            keep(channel, text.get_untracked());
        }
    };
    let say = move || {
        let said = text.get_untracked();
        let Some(channel) = state.current.get_untracked() else {
            return;
        };
        if sending.get_untracked() || said.trim().is_empty() {
            return;
        }
        sending.set(true);
        problem.set(None);
        engine::ask(
            Command::Say {
                channel,
                text: said.clone(),
            },
            move |reply| {
                sending.set(false);
                match reply {
                    // Only now is it kept. What was typed since then stays.
                    Event::Done { .. }
                        if state.current.get_untracked() == Some(channel)
                            && text.get_untracked() == said =>
                    {
                        text.set(String::new());
                        keep(channel, String::new());
                    }
                    Event::Refused { problem: why, .. } => problem.set(Some(why)),
                    _ => {}
                }
            },
        );
    };
    let on_key = move |event: KeyboardEvent| {
        let composing = event.is_composing() || event.key_code() == COMPOSING_KEY_CODE;
        if event.key() == "Enter" && !event.shift_key() && !composing {
            event.prevent_default();
            say();
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
            <label class="visually-hidden" for="composer">{move || t("composer_label")}</label>
            <textarea
                id="composer"
                data-testid="composer"
                rows="1"
                dir="auto"
                autofocus
                placeholder=move || t("composer_placeholder")
                title=move || t("composer_hint")
                bind:value=text
                on:input=on_input
                on:keydown=on_key
            ></textarea>
            <button
                class="primary"
                data-testid="send"
                disabled=move || sending.get() || text.with(|text| text.trim().is_empty())
            >
                {move || t("send")}
            </button>
        </form>
    }
}
