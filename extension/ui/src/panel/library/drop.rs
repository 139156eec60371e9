//! The question before the last copy of a track that is here is forgotten (M15).

use catnest::node::MusicCommand;
use leptos::prelude::*;

use crate::{
    i18n::{t, t_with},
    panel::shared::Shared,
    parts::Question,
    state::State,
};

#[component]
pub(super) fn DropQuestion() -> impl IntoView {
    let state = State::expect();
    let shared = Shared::expect();
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if shared.dropping.with(Option::is_some) {
            open.set(true);
        }
    });
    let title = move || {
        shared.dropping.with(|track| {
            track
                .as_ref()
                .map(catnest::music::track::Track::shown_title)
        })
    };
    let drop = move |()| {
        if let Some(track) = shared
            .dropping
            .with_untracked(|track| Some(track.as_ref()?.id))
        {
            state.ask_music(MusicCommand::Drop { track });
        }
    };
    view! {
        <Question
            id="drop-question"
            open
            title=Signal::derive(move || t_with("drop_title", &[&title().unwrap_or_default()]))
            text=Signal::derive(|| t("drop_text"))
            yes=Signal::derive(|| t("track_drop"))
            on_yes=drop
        />
    }
}
