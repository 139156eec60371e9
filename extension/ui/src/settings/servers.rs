//! The servers that introduce this device to others: whether they are reached, and for which nests.

use leptos::prelude::*;

use crate::{
    i18n::{t, t_with},
    icon::Icon,
    parts::SectionHead,
    server::{Advice, Server, StateChip, servers, state_name},
    state::State,
};

#[component]
pub(super) fn Servers() -> impl IntoView {
    let state = State::expect();
    let all = Memo::new(move |_| {
        let overview = state.overview.read();
        overview
            .as_ref()
            .map(|o| servers(&o.channels))
            .unwrap_or_default()
    });
    let authorities = move || {
        all.get()
            .into_iter()
            .map(|server| server.authority)
            .collect::<Vec<_>>()
    };
    view! {
        <section class="card" id="servers" aria-labelledby="servers-title">
            <SectionHead id="servers-title" icon=Icon::Server title="servers_title" />
            <p class="hint">{move || t("servers_lead")}</p>
            <Show
                when=move || !all.read().is_empty()
                fallback=|| view! { <p class="hint">{move || t("no_servers")}</p> }
            >
                <ul class="entries">
                    <For each=authorities key=Clone::clone let:authority>
                        <Entry authority all />
                    </For>
                </ul>
            </Show>
        </section>
    }
}

#[component]
fn Entry(authority: String, all: Memo<Vec<Server>>) -> impl IntoView {
    let sought = authority.clone();
    let server = Memo::new(move |_| {
        let mut servers = all.get().into_iter();
        servers.find(|server| server.authority == sought)
    });
    let state = Signal::derive(move || {
        server
            .get()
            .map_or(catnest::node::ServerState::Connecting, |server| {
                server.state
            })
    });
    let nests = move || {
        let nests = server.get().map(|server| server.nests).unwrap_or_default();
        t_with("server_nests", &[&nests.join(&t("list_comma"))])
    };
    let relay = move || server.read().as_ref().is_some_and(|server| server.relay);
    let shown = authority.clone();
    let authority = Signal::stored(authority);
    view! {
        <li class="entry" data-testid="server" data-state=move || state_name(state.get())>
            <div class="row wrap">
                <div class="grow">
                    <h3 class="name">{shown}</h3>
                    <p class="hint">{nests}</p>
                    <Show when=relay>
                        <p class="hint" data-testid="server-relays">{move || t("server_relays")}</p>
                    </Show>
                </div>
                <StateChip state />
            </div>
            <Show when=move || state.get() == catnest::node::ServerState::Offline>
                <div class="notice"><Advice authority /></div>
            </Show>
        </li>
    }
}
