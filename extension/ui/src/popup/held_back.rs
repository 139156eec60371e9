//! Members who said too much: said above the composer, with what can be done about it.

use catnest::{identity::Author, node::Command};
use leptos::prelude::*;

use super::person::KeyMark;
use crate::{
    i18n::{isolated, t, t_with},
    icon::{Drawing, Icon},
    state::State,
};

/// One line for each of them.
#[component]
pub(super) fn HeldBack() -> impl IntoView {
    let state = State::expect();
    let held_back = Memo::new(move |_| {
        let held_back = state.with_channel(|channel| {
            let people = &channel.people;
            let mut held_back = people.held_back.clone();
            // About those there is nothing to decide.
            held_back.retain(|author, _| !people.blocked.contains_key(author));
            held_back
        });
        held_back.unwrap_or_default()
    });
    view! {
        // Always in the page: only then is what comes into it read out.
        <div role="status" class="held-back">
            <For
                each=move || held_back.get()
                key=|(author, _)| *author
                children=|(author, name)| view! { <HeldBackLine author name /> }
            />
        </div>
    }
}

/// The line of one member.
#[component]
pub(super) fn HeldBackLine(author: Author, name: String) -> impl IntoView {
    let state = State::expect();
    let let_through = move |_| {
        if let Some(channel) = state.current.get_untracked() {
            state.carry_out(Command::LetThrough { channel, author });
        }
    };
    let label = t_with("let_through_label", &[&isolated(&name)]);
    view! {
        <div class="held-back-line" data-testid="held-back">
            <Drawing icon=Icon::Info small=true />
            <span>{t_with("held_back", &[&isolated(&name)])}<KeyMark author /></span>
            <button type="button" class="small" data-testid="let-through" aria-label=label on:click=let_through>
                {t("let_through")}
            </button>
        </div>
    }
}
