//! What this is, and what it protects.

use leptos::prelude::*;

use crate::{i18n::t, icon::Icon, js, parts::SectionHead};

#[component]
pub(super) fn About() -> impl IntoView {
    view! {
        <section class="card" id="about" aria-labelledby="about-title">
            <SectionHead id="about-title" icon=Icon::Info title="about_title" />
            <dl class="facts">
                <dt>{move || t("about_version")}</dt>
                <dd data-testid="version">{js::version()}</dd>
                <dt>{move || t("about_licence")}</dt>
                <dd>{move || t("about_licence_text")}</dd>
            </dl>
            <p>{move || t("about_protects")}</p>
            <p>{move || t("about_server_sees")}</p>
            <p>{move || t("about_protects_not")}</p>
        </section>
    }
}
