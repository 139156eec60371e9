//! Joining by invitation.

use catnest::{
    chat::retention::Retention,
    node::{Command, Event},
};
use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    engine,
    i18n::t,
    invitation::{AddressField, Pasted},
    js,
    problem::{ProblemBox, Trouble},
    state::State,
};

/// An address and a button, and where there is something else to go back to, another.
#[component]
pub(super) fn Join(
    on_joined: impl Fn() + Copy + Send + Sync + 'static,
    #[prop(optional, into)] on_cancel: Option<Callback<()>>,
) -> impl IntoView {
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
        let join = Command::Join {
            address,
            retention: Retention::Forever,
        };
        engine::ask(join, move |reply| match reply {
            Event::Done { channel, .. } => {
                pasted.clear();
                if let Some(channel) = channel {
                    state.choose(channel);
                }
                on_joined();
            }
            Event::Refused { problem: why, .. } => problem.set(Some(why.into())),
            _ => {}
        });
    };
    // Who opens this wants to paste.
    Effect::new(|_| js::focus("join-address"));
    view! {
        <form class="stack" on:submit=submit>
            <AddressField id="join-address" pasted />
            <ProblemBox problem />
            <div class="row">
                <button class="primary grow" data-testid="join-submit">{move || t("join")}</button>
                {on_cancel.map(|cancel| view! {
                    <button type="button" data-testid="join-cancel" on:click=move |_| cancel.run(())>
                        {move || t("cancel")}
                    </button>
                })}
            </div>
        </form>
    }
}
