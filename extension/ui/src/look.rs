//! Language and theme of the page: what the member chose, as the engine tells it, and the moment before that from a
//! hint that an earlier view left. The page's own address (`?lang=`, `?theme=`) goes before both.

use catnest::preferences::Theme;
use catnest_words::Lang;
use leptos::prelude::*;

use crate::{i18n, js, state::State};

/// The hints, in `localStorage`; `static/theme.js` reads the second before the first paint.
const LANGUAGE_HINT: &str = "language";
const THEME_HINT: &str = "theme";

/// Lets the page follow the preferences. `title` is the key of its title.
pub(crate) fn follow(state: State, title: &'static str) {
    let hinted = js::remembered(LANGUAGE_HINT).map(|tag| Lang::of_tag(&tag));
    let lang = Memo::new(move |_| {
        if let Some(tag) = js::query("lang") {
            return Lang::of_tag(&tag);
        }
        let chosen = match &*state.overview.read() {
            Some(overview) => overview.preferences.language.map(Lang::from),
            None => hinted,
        };
        chosen.unwrap_or_else(|| Lang::of_tag(&js::ui_language()))
    });
    i18n::provide(lang);
    Effect::new(move |_| {
        set_root("lang", Some(lang.get().tag()));
        document().set_title(&i18n::t(title));
    });
    let preferences = Memo::new(move |_| Some(state.overview.read().as_ref()?.preferences));
    Effect::new(move |_| {
        let Some(preferences) = preferences.get() else {
            return;
        };
        let theme = preferences.theme.map(attribute);
        js::remember(
            LANGUAGE_HINT,
            preferences.language.map(|l| Lang::from(l).tag()),
        );
        js::remember(THEME_HINT, theme);
        if js::query("theme").is_none() {
            set_root("data-theme", theme);
        }
    });
}

fn attribute(theme: Theme) -> &'static str {
    match theme {
        Theme::Light => "light",
        Theme::Dark => "dark",
    }
}

/// Sets an attribute of the root element, or takes it away.
fn set_root(name: &str, value: Option<&str>) {
    let Some(root) = document().document_element() else {
        return;
    };
    // Only a name that is none is refused.
    let _done = match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    };
}
