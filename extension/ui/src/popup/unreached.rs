//! Who is in the nest and cannot be reached: how many they are, and why.

use catnest::node::Unreached;
use leptos::prelude::*;

use crate::{i18n::t_plural, state::State};

/// A line that is there while somebody is out of reach.
#[component]
pub(super) fn UnreachedLine() -> impl IntoView {
    let state = State::expect();
    let unreached = Memo::new(move |_| state.with_channel(|channel| channel.unreached).flatten());
    view! { <UnreachedWords unreached /> }
}

#[component]
pub(super) fn UnreachedWords(#[prop(into)] unreached: Signal<Option<Unreached>>) -> impl IntoView {
    let words = move || {
        let Unreached { devices, relay } = unreached.get()?;
        Some(if relay {
            t_plural("unreached_by_relay", devices)
        } else {
            t_plural("unreached_no_relay", devices)
        })
    };
    view! {
        <div
            class="server-line"
            class:visually-hidden=move || unreached.get().is_none()
            data-testid="unreached"
            data-state="connecting"
        >
            <p class="status" role="status">
                <span class="dot" aria-hidden="true"></span>
                {words}
            </p>
        </div>
    }
}
