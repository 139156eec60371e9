//! How long a message stays that burns after reading.

use catnest::limits;
use leptos::prelude::*;

use super::preferences::Chosen;
use crate::{
    i18n::t,
    icon::Icon,
    parts::{Field, Outcome, SectionHead},
};

#[component]
pub(super) fn Burning(preferences: Chosen) -> impl IntoView {
    let outcome = Outcome::new();
    let seconds = move || preferences.get().burn_after().as_secs().to_string();
    let range = limits::BURN_AFTER_SECONDS;
    let choose = move |typed: String| {
        if let Ok(seconds) = typed.trim().parse() {
            preferences.change(outcome, |preferences| {
                preferences.burn_after = Some(seconds);
            });
        }
    };
    view! {
        <section class="card" id="burning" aria-labelledby="burning-title">
            <SectionHead id="burning-title" icon=Icon::Flame title="burning_title" outcome />
            <Field
                id="burn-after"
                label=Signal::derive(|| t("burn_after_label"))
                hint=Signal::derive(|| t("burn_after_hint"))
            >
                <input
                    id="burn-after"
                    data-testid="burn-after"
                    type="number"
                    class="number"
                    min=*range.start()
                    max=*range.end()
                    step="5"
                    inputmode="numeric"
                    aria-describedby="burn-after-hint"
                    prop:value=seconds
                    on:change=move |event| choose(event_target_value(&event))
                />
            </Field>
        </section>
    }
}
