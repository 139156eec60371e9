//! Which part of the panel is shown (WAI-ARIA `tabs`): arrows go from tab to tab.

use leptos::{ev::KeyboardEvent, prelude::*};

use super::Shared;
use crate::{
    i18n::t,
    icon::{Drawing, Icon},
    js,
};

/// A part of the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Library,
    Queue,
    Lyrics,
    Bans,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Library, Self::Queue, Self::Lyrics, Self::Bans];

    /// Its id; with it begin the ids of its tab and its pane.
    fn name(self) -> &'static str {
        match self {
            Tab::Library => "library",
            Tab::Queue => "queue",
            Tab::Lyrics => "lyrics",
            Tab::Bans => "bans",
        }
    }

    fn words(self) -> String {
        match self {
            Tab::Library => t("music_library"),
            Tab::Queue => t("music_queue"),
            Tab::Lyrics => t("music_lyrics"),
            Tab::Bans => t("music_bans"),
        }
    }

    fn icon(self) -> Icon {
        match self {
            Tab::Library => Icon::Music,
            Tab::Queue => Icon::Queue,
            Tab::Lyrics => Icon::Lyrics,
            Tab::Bans => Icon::Block,
        }
    }

    /// The one that the keyboard goes to from here.
    fn after(self, key: &str) -> Option<Self> {
        let at = Self::ALL.iter().position(|tab| *tab == self)?;
        let last = Self::ALL.len() - 1;
        let next = match key {
            "ArrowRight" => (at + 1) % Self::ALL.len(),
            "ArrowLeft" => at.checked_sub(1).unwrap_or(last),
            "Home" => 0,
            "End" => last,
            _ => return None,
        };
        Self::ALL.get(next).copied()
    }
}

/// The row of tabs.
#[component]
pub(super) fn Tabs() -> impl IntoView {
    let shared = Shared::expect();
    let on_key = move |event: KeyboardEvent| {
        if let Some(next) = shared.tab.get_untracked().after(&event.key()) {
            event.prevent_default();
            event.stop_propagation();
            shared.tab.set(next);
            js::focus(&format!("tab-{}", next.name()));
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=move || t("music_tabs") on:keydown=on_key>
            {Tab::ALL.map(|tab| {
                let chosen = move || shared.tab.get() == tab;
                view! {
                    <button
                        type="button"
                        role="tab"
                        id=format!("tab-{}", tab.name())
                        data-testid=format!("tab-{}", tab.name())
                        aria-controls=format!("pane-{}", tab.name())
                        aria-selected=move || chosen().to_string()
                        tabindex=move || if chosen() { "0" } else { "-1" }
                        on:click=move |_| shared.tab.set(tab)
                    >
                        <Drawing icon=tab.icon() small=true />
                        <span>{move || tab.words()}</span>
                    </button>
                }
            }).collect_view()}
        </div>
    }
}

/// What a tab shows. It stays in the page while another one is shown, and so where it was scrolled to.
#[component]
pub(super) fn TabPane(tab: Tab, children: Children) -> impl IntoView {
    let shared = Shared::expect();
    view! {
        <section
            class="tab-pane"
            role="tabpanel"
            id=format!("pane-{}", tab.name())
            data-testid=format!("pane-{}", tab.name())
            aria-labelledby=format!("tab-{}", tab.name())
            hidden=move || shared.tab.get() != tab
        >
            {children()}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_round() {
        for (from, key, to) in [
            (Tab::Library, "ArrowRight", Some(Tab::Queue)),
            (Tab::Library, "ArrowLeft", Some(Tab::Bans)),
            (Tab::Bans, "ArrowRight", Some(Tab::Library)),
            (Tab::Lyrics, "Home", Some(Tab::Library)),
            (Tab::Queue, "End", Some(Tab::Bans)),
            (Tab::Queue, "ArrowDown", None),
        ] {
            assert_eq!(from.after(key), to, "{from:?} {key}");
        }
    }
}
