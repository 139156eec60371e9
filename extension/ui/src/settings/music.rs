//! What becomes of the lists of music that others have.

use leptos::prelude::*;

use super::preferences::Chosen;
use crate::{
    i18n::t,
    icon::Icon,
    parts::{Outcome, SectionHead, Switch},
};

#[component]
pub(super) fn Lists(preferences: Chosen) -> impl IntoView {
    let outcome = Outcome::new();
    view! {
        <section class="card" id="music" aria-labelledby="music-title">
            <SectionHead id="music-title" icon=Icon::Music title="music_title" outcome />
            <Switch
                id="cache-lists"
                label=Signal::derive(|| t("cache_lists"))
                on=Signal::derive(move || preferences.get().cache_lists)
                on_change=move |on| preferences.change(outcome, |p| p.cache_lists = on)
            />
            <p class="hint">{move || t("cache_lists_hint")}</p>
        </section>
    }
}
