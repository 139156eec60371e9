//! Every shared component in every state, on light and on dark: for who changes how they look. Not in releases.

mod components;
mod things;

use leptos::prelude::*;

use self::components::{Choosing, Controls, Facts, Opening};
use self::things::{Going, Invitations, Tokens, Troubles};
use crate::{
    files::FileSpecimens,
    panel::{BanSpecimens, LyricsSpecimens, PanelSpecimens, QueueSpecimens, TogetherSpecimens},
    popup::{Specimens, WritingSpecimens},
};

/// One of the two sides; ids and names of groups are made unique by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Light,
    Dark,
}

impl Side {
    fn theme(self) -> &'static str {
        match self {
            Side::Light => "light",
            Side::Dark => "dark",
        }
    }

    /// A number of its own.
    fn number(self) -> u8 {
        match self {
            Side::Light => 0,
            Side::Dark => 1,
        }
    }

    /// The one of two texts that belongs to this side.
    fn pick(self, light: &'static str, dark: &'static str) -> &'static str {
        match self {
            Side::Light => light,
            Side::Dark => dark,
        }
    }
}

/// The page.
#[component]
pub(crate) fn Guide() -> impl IntoView {
    view! {
        <main class="guide">
            <h1>"Catnest: style guide"</h1>
            {[Side::Light, Side::Dark].map(|side| view! {
                <div class="pane" data-theme=side.theme() data-testid=format!("pane-{}", side.theme())>
                    <h2>{side.theme()}</h2>
                    <Tokens />
                    <Controls side />
                    <Choosing side />
                    <Facts />
                    <Opening side />
                    <Specimens side=side.number() />
                    <WritingSpecimens />
                    <FileSpecimens />
                    <PanelSpecimens />
                    <QueueSpecimens side=side.number() />
                    <LyricsSpecimens />
                    <BanSpecimens side=side.number() />
                    <TogetherSpecimens />
                    <Going side />
                    <Troubles />
                    <Invitations side />
                </div>
            }).collect_view()}
        </main>
    }
}
