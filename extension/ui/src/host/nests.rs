//! The nests of this browser and of the host, and what of them is seeded.

use catnest::{
    channel::ChannelId,
    host::{ChannelStatus, Seeds},
    node::{ChannelView, ServerState},
};
use leptos::prelude::*;

use super::nest::Nest;
use crate::{i18n::t, icon::Icon, parts::SectionHead, state::State};

/// A nest in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: ChannelId,
    pub(super) name: String,
    pub(super) private: bool,
    /// This browser is in it.
    pub(super) here: bool,
    /// What the host keeps of it; none: it is not in it.
    pub(super) there: Option<Seeds>,
    /// The host does not reach its server.
    pub(super) offline: bool,
    /// How many are online there, as the host sees it.
    pub(super) members: usize,
}

/// Those of this browser in its order, then those that only the host is in.
pub(super) fn entries(ours: &[ChannelView], theirs: &[ChannelStatus]) -> Vec<Entry> {
    let entry = |id, name: &str, private, here| {
        let there = theirs.iter().find(|channel| channel.id == id);
        Entry {
            id,
            name: name.to_owned(),
            private,
            here,
            there: there.map(|channel| channel.seeds),
            offline: there.is_some_and(|channel| channel.server == ServerState::Offline),
            members: there.map_or(0, |channel| channel.members),
        }
    };
    let here = ours.iter().map(|channel| {
        let private = channel.address.secret.is_some();
        entry(channel.id, &channel.name, private, true)
    });
    let only_there = theirs
        .iter()
        .filter(|channel| ours.iter().all(|ours| ours.id != channel.id))
        .map(|channel| entry(channel.id, &channel.name, channel.private, false));
    here.chain(only_there).collect()
}

/// The card.
#[component]
pub(super) fn Nests() -> impl IntoView {
    let state = State::expect();
    let host = state.host;
    let all = Memo::new(move |_| {
        let overview = state.overview.read();
        let ours = overview.as_ref().map_or(&[][..], |o| &o.channels);
        host.channels.with(|theirs| {
            let theirs = theirs.as_deref()?;
            Some(entries(ours, theirs))
        })
    });
    let ids = Memo::new(move |_| {
        all.with(|all| {
            let all = all.iter().flatten();
            all.map(|entry| entry.id).collect::<Vec<_>>()
        })
    });
    let known = Memo::new(move |_| all.with(Option::is_some));
    let none = Memo::new(move |_| ids.with(Vec::is_empty));
    let idle =
        Memo::new(move |_| all.with(|all| all.iter().flatten().all(|entry| entry.there.is_none())));
    view! {
        <section class="card" aria-labelledby="seeded-title">
            <SectionHead id="seeded-title" icon=Icon::Nest title="host_nests_title" />
            <Show when=move || known.get()>
                <Show
                    when=move || !none.get()
                    fallback=|| view! {
                        <p>{move || t("host_no_nests")}</p>
                        <div><a class="button primary" href="welcome.html">{move || t("another_nest")}</a></div>
                    }
                >
                    <p class="hint" data-testid="host-advice">
                        {move || if idle.get() { t("host_nothing_yet") } else { t("host_nests_lead") }}
                    </p>
                    <ul class="entries">
                        <For each=move || ids.get() key=|id| *id let:id>
                            <Nest id all />
                        </For>
                    </ul>
                </Show>
            </Show>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use catnest::chat::retention::Retention;

    use super::*;

    fn theirs(id: u8, seeds: Seeds) -> ChannelStatus {
        ChannelStatus {
            id: ChannelId([id; 32]),
            name: id.to_string(),
            address: "webrtc://cat.example/nest".to_owned(),
            private: false,
            server: ServerState::Online,
            members: 2,
            links: 1,
            retention: Retention::Forever,
            burning: false,
            seeds,
            sought: BTreeSet::new(),
        }
    }

    #[test]
    fn what_only_the_host_is_in_is_shown_too() {
        let all = entries(&[], &[theirs(1, Seeds::All), theirs(2, Seeds::Chosen)]);
        let seen: Vec<_> = all.iter().map(|e| (e.id.0[0], e.here, e.there)).collect();
        assert_eq!(
            seen,
            [
                (1, false, Some(Seeds::All)),
                (2, false, Some(Seeds::Chosen))
            ]
        );
        assert_eq!(entries(&[], &[]), []);
    }
}
