//! A nest in which nothing was said yet: what to do next.

use leptos::prelude::*;

use super::chat::{Chat, Panel};
use crate::{i18n::t, invitation::Invitation, state::State};

#[component]
pub(super) fn Empty() -> impl IntoView {
    let state = State::expect();
    let chat = Chat::expect();
    let address = Memo::new(move |_| state.with_channel(|channel| channel.address.clone()));
    let alone = Memo::new(move |_| {
        state
            .with_channel(|channel| channel.members.len() < 2)
            .unwrap_or(true)
    });
    view! {
        <div class="empty" data-testid="empty">
            <img class="mark" src="icons/icon.svg" alt="" />
            <Show
                when=move || alone.get()
                fallback=|| view! {
                    <h2>{move || t("empty_title")}</h2>
                    <p class="hint">{move || t("no_messages")}</p>
                }
            >
                <h2>{move || t("empty_alone_title")}</h2>
                <p class="hint">{move || t("empty_alone")}</p>
                // The panel above shows the same.
                <Show when=move || !chat.is_open(Panel::Inviting)>
                    <Invitation address />
                </Show>
            </Show>
        </div>
    }
}
