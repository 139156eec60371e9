//! The member's name.

use catnest::node::Command;
use leptos::{ev::KeyboardEvent, prelude::*};

use crate::{
    i18n::t,
    icon::Icon,
    parts::{Field, Outcome, SectionHead},
    state::State,
};

#[component]
pub(super) fn Profile() -> impl IntoView {
    let state = State::expect();
    let outcome = Outcome::new();
    let name = RwSignal::new(String::new());
    let kept = Memo::new(move |_| Some(state.overview.read().as_ref()?.name.clone()));
    Effect::new(move |_| {
        if let Some(kept) = kept.get() {
            name.set(kept);
        }
    });
    let keep = move || {
        let name = name.get_untracked();
        if kept.get_untracked().as_ref() != Some(&name) {
            outcome.ask(Command::SetName { name }, |_| {});
        }
    };
    let on_key = move |event: KeyboardEvent| {
        // An input method takes Enter for itself.
        if event.key() == "Enter" && !event.is_composing() {
            keep();
        }
    };
    view! {
        <section class="card" id="profile" aria-labelledby="profile-title">
            <SectionHead id="profile-title" icon=Icon::Person title="profile_title" outcome />
            <Field
                id="name"
                label=Signal::derive(|| t("name_label"))
                hint=Signal::derive(|| t("name_change_hint"))
            >
                <input
                    id="name"
                    data-testid="name"
                    autocomplete="nickname"
                    aria-describedby="name-hint"
                    aria-invalid=move || outcome.problem.read().is_some().to_string()
                    bind:value=name
                    on:blur=move |_| keep()
                    on:keydown=on_key
                />
            </Field>
        </section>
    }
}
