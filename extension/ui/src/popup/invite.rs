//! The invitation to the nest that is shown.

use leptos::prelude::*;

use crate::{
    i18n::{t, t_with},
    invitation::Invitation,
    state::State,
};

#[component]
pub(super) fn Inviting() -> impl IntoView {
    let state = State::expect();
    let channel = Memo::new(move |_| {
        state.with_channel(|channel| (channel.name.clone(), channel.address.clone()))
    });
    let title = move || {
        let name = channel.get().map(|(name, _)| name).unwrap_or_default();
        t_with("invite_title", &[&name])
    };
    let address = Memo::new(move |_| channel.get().map(|(_, address)| address));
    let words = move || {
        if address.with(|a| a.as_ref().is_some_and(|a| a.secret.is_some())) {
            t("invite_private")
        } else {
            t("invite_public")
        }
    };
    view! {
        <section class="panel stack" data-testid="invite-panel" aria-labelledby="invite-title">
            <h2 id="invite-title" dir="auto">{title}</h2>
            <p class="hint">{words}</p>
            <Invitation address />
        </section>
    }
}
