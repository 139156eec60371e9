//! What the parts of the popup share beside the engine's news: what is open, what is selected, what was asked for.

use std::collections::BTreeSet;

use catnest::node::Place;
use leptos::prelude::*;

use super::{actions::Recalling, links::Target};
use crate::{js, state::State};

/// What is open below or above the bar. One at a time: the popup is small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Panel {
    #[default]
    Closed,
    Nests,
    Members,
    Inviting,
    Joining,
    More,
}

impl Panel {
    /// The id of the button that opens it.
    fn opener(self) -> &'static str {
        match self {
            Panel::Closed => COMPOSER,
            Panel::Nests | Panel::Joining => "switcher",
            Panel::Members => "members-toggle",
            Panel::Inviting => "invite",
            Panel::More => "more",
        }
    }
}

/// The id of the field that messages are written in.
pub(super) const COMPOSER: &str = "composer";

/// The signals of the popup.
#[derive(Clone, Copy)]
pub(super) struct Chat {
    pub(super) panel: RwSignal<Panel>,
    /// The messages that are selected, while some are to be.
    pub(super) selected: RwSignal<Option<BTreeSet<Place>>>,
    /// The link that asks whether to be followed.
    pub(super) link: RwSignal<Option<Target>>,
    /// The question whether to leave.
    pub(super) leaving: RwSignal<bool>,
    /// The question whether to take a message back.
    pub(super) recalling: Recalling,
    /// The messages that were recalled, and are shown all the same.
    pub(super) unfolded: RwSignal<BTreeSet<Place>>,
    /// What to keep of the channel is being chosen.
    pub(super) retention: RwSignal<bool>,
    /// The question whether to turn burning on.
    pub(super) burning: RwSignal<bool>,
    /// How the member appears in the channel is being chosen.
    pub(super) profile: RwSignal<bool>,
    /// Something is looked for.
    pub(super) search: RwSignal<bool>,
    /// The messages that are marked are shown.
    pub(super) marked: RwSignal<bool>,
    /// A message that is to be shown where it stands.
    pub(super) wanted: RwSignal<Option<Place>>,
    /// Something was said here: one wants to see it.
    pub(super) said: Trigger,
}

impl Chat {
    pub(super) fn provide() -> Self {
        let chat = Self {
            panel: RwSignal::new(Panel::Closed),
            selected: RwSignal::new(None),
            link: RwSignal::new(None),
            leaving: RwSignal::new(false),
            recalling: Recalling::new(),
            unfolded: RwSignal::new(BTreeSet::new()),
            retention: RwSignal::new(false),
            burning: RwSignal::new(false),
            profile: RwSignal::new(false),
            search: RwSignal::new(false),
            marked: RwSignal::new(false),
            wanted: RwSignal::new(None),
            said: Trigger::new(),
        };
        provide_context(chat);
        chat
    }

    pub(super) fn expect() -> Self {
        expect_context()
    }

    pub(super) fn is_open(self, panel: Panel) -> bool {
        self.panel.get() == panel
    }

    pub(super) fn toggle(self, panel: Panel) {
        if self.panel.get_untracked() == panel {
            self.close();
        } else {
            self.panel.set(panel);
        }
    }

    /// Closes what is open; the keyboard goes back to where it was opened. Says whether something was open.
    pub(super) fn close(self) -> bool {
        let panel = self.panel.get_untracked();
        if panel == Panel::Closed {
            return false;
        }
        self.panel.set(Panel::Closed);
        js::focus(panel.opener());
        true
    }

    /// Ends selecting. Says whether it was under way.
    pub(super) fn stop_selecting(self) -> bool {
        let was = self.selected.get_untracked().is_some();
        if was {
            self.selected.set(None);
            // It is hidden until then.
            request_animation_frame(|| js::focus(COMPOSER));
        }
        was
    }

    pub(super) fn toggle_selected(self, place: Place) {
        self.selected.update(|selected| {
            let selected = selected.get_or_insert_default();
            if !selected.remove(&place) {
                selected.insert(place);
            }
        });
    }

    /// Whether a message that was recalled is shown all the same.
    pub(super) fn is_unfolded(self, place: Place) -> bool {
        self.unfolded.with(|unfolded| unfolded.contains(&place))
    }

    /// Shows a message that was recalled, or folds it again.
    pub(super) fn toggle_folded(self, place: Place) {
        self.unfolded.update(|unfolded| {
            if !unfolded.remove(&place) {
                unfolded.insert(place);
            }
        });
    }

    /// Shows the channel that is so many places after the current one in the list of nests.
    pub(super) fn step(self, state: State, by: isize) {
        let next = state.overview.with_untracked(|overview| {
            let channels = &overview.as_ref()?.channels;
            let current = state.current.get_untracked();
            let at = channels.iter().position(|c| Some(c.id) == current)?;
            let next = at.checked_add_signed(by)?;
            Some(channels.get(next)?.id)
        });
        if let Some(next) = next {
            self.panel.set(Panel::Closed);
            state.choose(next);
            js::focus(COMPOSER);
        }
    }
}
