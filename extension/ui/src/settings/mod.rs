//! The settings: what a member can choose, and how things are. Every change is carried out at once.

mod about;
mod burn;
mod host;
mod identity;
mod look;
mod music;
mod nest_file;
mod nests;
mod notifications;
mod preferences;
mod profile;
mod servers;
mod shortcuts;
pub(crate) mod storage;

use leptos::prelude::*;

use crate::{
    i18n::t,
    icon::{Drawing, Icon},
    js,
    parts::EngineStatus,
    state::State,
};

/// The sections: anchor, drawing, key of the title.
const SECTIONS: [(&str, Icon, &str); 13] = [
    ("profile", Icon::Person, "profile_title"),
    ("nests", Icon::Nest, "nests_title"),
    ("moving", Icon::Key, "moving_title"),
    ("servers", Icon::Server, "servers_title"),
    ("storage", Icon::Disk, "storage_title"),
    ("host", Icon::Seed, "host_title"),
    ("music", Icon::Music, "music_title"),
    ("notifications", Icon::Bell, "notifications_title"),
    ("burning", Icon::Flame, "burning_title"),
    ("language", Icon::Globe, "language_title"),
    ("theme", Icon::Moon, "theme_title"),
    ("shortcuts", Icon::Keyboard, "shortcuts_title"),
    ("about", Icon::Info, "about_title"),
];

/// The page.
#[component]
pub(crate) fn Settings() -> impl IntoView {
    let state = State::expect();
    let loaded = Memo::new(move |_| state.overview.with(Option::is_some));
    view! {
        <div class="settings">
            <header class="page-head">
                <img src="icons/icon.svg" alt="" />
                <div>
                    <h1>{move || t("settings_title")}</h1>
                    <p>{move || t("settings_lead")}</p>
                </div>
            </header>
            <nav aria-label=move || t("settings_sections")>
                <ul>
                    {SECTIONS.map(|(anchor, icon, title)| view! {
                        <li><a href=format!("#{anchor}")><Drawing icon small=true />{move || t(title)}</a></li>
                    }).collect_view()}
                </ul>
            </nav>
            <main class="sections">
                <EngineStatus />
                <Show
                    when=move || loaded.get()
                    fallback=|| view! {
                        <p class="progress" role="status">
                            <span class="spinner" aria-hidden="true"></span>
                            {move || t("starting")}
                        </p>
                    }
                >
                    <Sections />
                </Show>
            </main>
        </div>
    }
}

#[component]
fn Sections() -> impl IntoView {
    let preferences = preferences::Chosen::new();
    Effect::new(|_| js::scroll_to_hash());
    view! {
        <profile::Profile />
        <nests::Nests />
        <identity::Moving />
        <servers::Servers />
        <storage::Storage />
        <host::Host />
        <music::Lists preferences />
        <notifications::Notices preferences />
        <burn::Burning preferences />
        <look::LanguageChoice preferences />
        <look::ThemeChoice preferences />
        <shortcuts::Shortcuts />
        <about::About />
    }
}
