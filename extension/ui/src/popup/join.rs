//! Joining by invitation.

use catnest::node::{Command, Event};
use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    engine,
    i18n::t,
    invitation::{AddressField, Pasted},
    problem::{ProblemBox, Trouble},
    state::State,
};

/// An address and a button.
#[component]
pub(super) fn Join(on_joined: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let state = State::expect();
    let pasted = Pasted::new();
    let problem = RwSignal::new(None::<Trouble>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        problem.set(None);
        let address = match pasted.address.get_untracked() {
            Ok(address) => address.to_string(),
            Err(error) => return problem.set(Some(error.into())),
        };
        engine::ask(Command::Join { address }, move |reply| match reply {
            Event::Done { channel, .. } => {
                pasted.clear();
                state.show(channel);
                on_joined();
            }
            Event::Refused { problem: why, .. } => problem.set(Some(why.into())),
            _ => {}
        });
    };
    view! {
        <form class="stack" on:submit=submit>
            <AddressField id="join-address" pasted />
            <ProblemBox problem />
            <button class="primary" data-testid="join-submit">{move || t("join")}</button>
        </form>
    }
}
