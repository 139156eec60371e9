//! The way to the native host's own page.

use leptos::prelude::*;

use crate::{host::PAGE, i18n::t, icon::Icon, parts::SectionHead, state::State};

#[component]
pub(super) fn Host() -> impl IntoView {
    let state = State::expect();
    let words = move || {
        if state.host.present() {
            t("host_settings_on")
        } else {
            t("host_settings_off")
        }
    };
    view! {
        <section class="card" id="host" aria-labelledby="host-title">
            <SectionHead id="host-title" icon=Icon::Seed title="host_title" />
            <p class="hint">{words}</p>
            <div><a class="button" data-testid="host-open" href=PAGE>{move || t("host_open")}</a></div>
        </section>
    }
}
