//! Language and theme.

use catnest::preferences::{Language, Theme};
use leptos::prelude::*;

use super::preferences::Chosen;
use crate::{
    i18n::t,
    icon::Icon,
    parts::{Outcome, SectionHead, Segmented},
};

#[component]
pub(super) fn LanguageChoice(preferences: Chosen) -> impl IntoView {
    let outcome = Outcome::new();
    let choose = move |language| preferences.change(outcome, |p| p.language = language);
    // A language is called by its own name: who cannot read the page finds it.
    let choices = vec![
        (None, "browser", Signal::derive(|| t("language_browser"))),
        (
            Some(Language::English),
            "en",
            Signal::stored("English".to_owned()),
        ),
        (
            Some(Language::Chinese),
            "zh",
            Signal::stored("简体中文".to_owned()),
        ),
    ];
    view! {
        <section class="card" id="language" aria-labelledby="language-title">
            <SectionHead id="language-title" icon=Icon::Globe title="language_title" outcome />
            <div>
                <Segmented
                    name="language"
                    label=Signal::derive(|| t("language_title"))
                    choices
                    chosen=Signal::derive(move || preferences.get().language)
                    on_choose=choose
                />
            </div>
        </section>
    }
}

#[component]
pub(super) fn ThemeChoice(preferences: Chosen) -> impl IntoView {
    let outcome = Outcome::new();
    let choose = move |theme| preferences.change(outcome, |p| p.theme = theme);
    let choices = vec![
        (None, "system", Signal::derive(|| t("theme_system"))),
        (
            Some(Theme::Light),
            "light",
            Signal::derive(|| t("theme_light")),
        ),
        (
            Some(Theme::Dark),
            "dark",
            Signal::derive(|| t("theme_dark")),
        ),
    ];
    view! {
        <section class="card" id="theme" aria-labelledby="theme-title">
            <SectionHead id="theme-title" icon=Icon::Moon title="theme_title" outcome />
            <div>
                <Segmented
                    name="theme"
                    label=Signal::derive(|| t("theme_title"))
                    choices
                    chosen=Signal::derive(move || preferences.get().theme)
                    on_choose=choose
                />
            </div>
        </section>
    }
}
