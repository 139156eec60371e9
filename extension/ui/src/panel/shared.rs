//! What the parts of the panel share beside the engine's news: which part is shown, and what is open.

use catnest::{music::track::Track, resource::ResourceId};
use leptos::prelude::*;

use super::tabs::Tab;
use crate::js;

/// A menu of the panel. One is open at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    Nests,
    Add,
    More,
    Rate,
    Together,
    Row(RowMenu),
}

/// The menu of a row, and where its button is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowMenu {
    pub(crate) track: ResourceId,
    /// From the page's left edge to the button's right one, and from the page's top to the button's upper and lower edges, in
    /// pixels.
    pub(crate) right: i32,
    pub(crate) top: i32,
    pub(crate) bottom: i32,
}

impl Open {
    /// The id of the button that opens it; that of a row has none.
    fn opener(self) -> Option<&'static str> {
        match self {
            Open::Nests => Some("nests"),
            Open::Add => Some("add-music"),
            Open::More => Some("more"),
            Open::Rate => Some("rate"),
            Open::Together => Some("together"),
            Open::Row(_) => None,
        }
    }
}

/// The signals.
#[derive(Clone, Copy)]
pub(crate) struct Shared {
    /// The part that is shown.
    pub(crate) tab: RwSignal<Tab>,
    pub(crate) open: RwSignal<Option<Open>>,
    /// A track that somebody wants to ban: the ban table begins an entry for it, and takes it out of here.
    pub(crate) ban_wish: RwSignal<Option<Track>>,
    /// A track whose bytes somebody wants to forget, though nobody else who is here has them.
    pub(crate) dropping: RwSignal<Option<Track>>,
    /// The list has the keyboard, or gets it.
    pub(crate) to_list: Trigger,
}

impl Shared {
    pub(crate) fn provide() -> Self {
        let shared = Self {
            tab: RwSignal::new(Tab::Library),
            open: RwSignal::new(None),
            ban_wish: RwSignal::new(None),
            dropping: RwSignal::new(None),
            to_list: Trigger::new(),
        };
        provide_context(shared);
        shared
    }

    pub(crate) fn expect() -> Self {
        expect_context()
    }

    pub(crate) fn is_open(self, menu: Open) -> bool {
        self.open.get() == Some(menu)
    }

    pub(crate) fn toggle(self, menu: Open) {
        if self.open.get_untracked() == Some(menu) {
            self.close();
        } else {
            self.open.set(Some(menu));
        }
    }

    /// Closes what is open; the keyboard goes back to where it was opened.
    pub(crate) fn close(self) {
        let Some(open) = self.open.get_untracked() else {
            return;
        };
        self.open.set(None);
        match open.opener() {
            Some(opener) => js::focus(opener),
            None => self.to_list.notify(),
        }
    }

    /// Closes what is open; the keyboard is somewhere else already.
    pub(crate) fn dismiss(self) {
        if self.open.get_untracked().is_some() {
            self.open.set(None);
        }
    }
}
