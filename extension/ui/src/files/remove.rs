//! The question before a file that is here is removed: others may not have it any more.

use catnest::{
    node::{Command, Event},
    resource::Descriptor,
};
use leptos::prelude::*;

use crate::{
    engine,
    i18n::{t, t_with},
    parts::Question,
    state::State,
};

/// Which file is asked about.
#[derive(Clone, Copy)]
pub(crate) struct Removing {
    file: RwSignal<Option<Descriptor>>,
    open: RwSignal<bool>,
}

impl Removing {
    pub(crate) fn provide() {
        provide_context(Self {
            file: RwSignal::new(None),
            open: RwSignal::new(false),
        });
    }

    pub(super) fn ask(self, file: Descriptor) {
        self.file.set(Some(file));
        self.open.set(true);
    }
}

/// The question; one for the page.
#[component]
pub(crate) fn RemoveQuestion() -> impl IntoView {
    let state = State::expect();
    let removing = expect_context::<Removing>();
    let name = move || {
        removing
            .file
            .with(|file| file.as_ref().map(|file| file.name.clone()))
    };
    let remove = move |()| {
        let Some(file) = removing.file.with_untracked(|file| Some(file.as_ref()?.id)) else {
            return;
        };
        engine::ask(Command::Remove { file }, move |reply| {
            if let Event::Refused { problem, .. } = reply {
                state.trouble.try_set(Some(problem));
            }
        });
    };
    view! {
        <Question
            id="remove-question"
            open=removing.open
            title=Signal::derive(move || t_with("remove_title", &[&name().unwrap_or_default()]))
            text=Signal::derive(|| t("remove_text"))
            yes=Signal::derive(|| t("remove_yes"))
            on_yes=remove
        />
    }
}
