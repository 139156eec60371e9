//! The preferences while they are being changed.

use catnest::{node::Command, preferences::Preferences};
use leptos::prelude::*;

use crate::{parts::Outcome, state::State};

/// What is chosen here. It goes ahead of what the engine tells while the engine is asked: a command carries all
/// preferences, so two quick changes must know of each other.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    wanted: RwSignal<Preferences>,
    asked: StoredValue<u32>,
    state: State,
}

impl Chosen {
    pub(super) fn new() -> Self {
        let state = State::expect();
        let chosen = Self {
            wanted: RwSignal::new(Preferences::default()),
            asked: StoredValue::new(0),
            state,
        };
        Effect::new(move |_| {
            state.overview.track();
            chosen.follow();
        });
        chosen
    }

    /// Takes over what the engine told, unless it is about to tell something else.
    fn follow(self) {
        let told = self
            .state
            .overview
            .with_untracked(|overview| overview.as_ref().map(|o| o.preferences));
        if let Some(told) = told
            && self.asked.get_value() == 0
        {
            self.wanted.set(told);
        }
    }

    pub(super) fn get(self) -> Preferences {
        self.wanted.get()
    }

    /// Changes something.
    pub(super) fn change(self, outcome: Outcome, change: impl FnOnce(&mut Preferences)) {
        self.wanted.update(change);
        self.asked.update_value(|asked| *asked += 1);
        let command = Command::SetPreferences {
            preferences: self.wanted.get_untracked(),
        };
        outcome.ask(command, move |done| {
            self.asked.try_update_value(|asked| *asked -= 1);
            if !done {
                // What was pressed goes back to what is.
                self.follow();
            }
        });
    }
}
