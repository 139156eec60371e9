//! One is in: whether others can come, how to invite them, and on to the chat.

use catnest::node::ServerState;
use leptos::prelude::*;

use super::{Entered, way::Way};
use crate::{
    i18n::t,
    icon::{Drawing, Icon},
    invitation::Invitation,
    js,
    server::{Advice, state_name},
    state::{self, State},
};

#[component]
pub(super) fn Done(entered: Entered) -> impl IntoView {
    let private = entered.address.secret.is_some();
    let by = entered.by;
    let share = move || match (by, private) {
        (Way::Passphrase, _) => t("done_share_passphrase"),
        (_, true) => t("done_share_private"),
        (_, false) => t("done_share"),
    };
    let address = entered.address.clone();
    if let Some(channel) = entered.channel {
        state::prefer(channel);
    }
    // The form is gone, and the focus with it: on to what came instead.
    Effect::new(|_| js::focus("done-title"));
    view! {
        <section class="card done" data-testid="done" aria-labelledby="done-title">
            <h2 id="done-title" tabindex="-1">{move || t("done_title")}</h2>
            <Meeting entered />
            <p>{share}</p>
            <Invitation address=Some(address) can_show=true />
            <hr />
            <p>{move || t("done_text")}</p>
            <div class="row wrap">
                <a class="button primary large" data-testid="open-chat" href="popup.html">
                    {move || t("open_chat")}
                </a>
                <a class="button quiet" href="settings.html">
                    <Drawing icon=Icon::Settings small=true />
                    {move || t("open_settings")}
                </a>
            </div>
        </section>
    }
}

/// Whether the nest's server is reached, as it changes; and if not, what to do.
#[component]
fn Meeting(entered: Entered) -> impl IntoView {
    let state = State::expect();
    let Entered {
        address, channel, ..
    } = entered;
    let server = Memo::new(move |_| {
        let overview = state.overview.read();
        let mut channels = overview.as_ref()?.channels.iter();
        Some(channels.find(|known| Some(known.id) == channel)?.server)
    });
    let server = move || server.get().unwrap_or(ServerState::Connecting);
    let words = move || match server() {
        ServerState::Connecting => t("meeting_connecting"),
        ServerState::Online => t("meeting_online"),
        ServerState::Offline => t("meeting_offline"),
    };
    let authority = Signal::stored(address.authority.to_string());
    view! {
        <div class="notice" data-testid="meeting" data-state=move || state_name(server())>
            <strong role="status" class="row">
                {move || match server() {
                    ServerState::Connecting => view! { <span class="spinner" aria-hidden="true"></span> }.into_any(),
                    ServerState::Online => view! { <Drawing icon=Icon::Check small=true /> }.into_any(),
                    ServerState::Offline => view! { <Drawing icon=Icon::Server small=true /> }.into_any(),
                }}
                <span>{words}</span>
            </strong>
            <Show when=move || server() == ServerState::Offline>
                <Advice authority />
            </Show>
        </div>
    }
}
