//! Joining by address.

use catnest::node::{Command, Event, Problem};
use leptos::{ev::SubmitEvent, prelude::*};

use crate::{engine, i18n::t, problem::ProblemBox, state::State};

/// An address and a button.
#[component]
pub(super) fn Join(on_joined: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let state = State::expect();
    let address = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Problem>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        problem.set(None);
        engine::ask(
            Command::Join {
                address: address.get_untracked(),
            },
            move |reply| match reply {
                Event::Done { channel, .. } => {
                    address.set(String::new());
                    state.show(channel);
                    on_joined();
                }
                Event::Refused { problem: why, .. } => problem.set(Some(why)),
                _ => {}
            },
        );
    };
    view! {
        <form class="stack" on:submit=submit>
            <label class="field">
                <span>{move || t("address_label")}</span>
                <input
                    data-testid="join-address"
                    placeholder="webrtc://…"
                    autocomplete="off"
                    spellcheck="false"
                    bind:value=address
                />
            </label>
            <ProblemBox problem />
            <button class="primary" data-testid="join-submit">{move || t("join")}</button>
        </form>
    }
}
