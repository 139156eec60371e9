//! What can be done with a file: get it, wait with it, give it up; once it is here open it, save it, remove it.

use catnest::{
    channel::ChannelId,
    node::{Command, Event},
    resource::Descriptor,
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{Removing, carry, opens, status::Stage};
use crate::{
    engine,
    host::ResourceSeeds,
    i18n::t,
    icon::{Drawing, Icon},
    js,
    problem::Trouble,
};

/// The page that shows a file.
const PAGE: &str = "file.html";

/// Shows a file in a page of its own, which outlives the popup.
pub(super) fn open(file: &Descriptor) {
    let page = format!("{PAGE}?file={}", file.id);
    spawn_local(async move { js::open_tab(&page).await });
}

/// What the first button does. One button for all of it, so that the keyboard stays on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Download,
    Pause,
    Resume,
    Retry,
}

impl Step {
    fn at(stage: Stage) -> Option<Self> {
        match stage {
            Stage::Absent => Some(Step::Download),
            Stage::Seeking | Stage::Fetching => Some(Step::Pause),
            Stage::Paused => Some(Step::Resume),
            Stage::Stopped => Some(Step::Retry),
            Stage::Checking | Stage::Complete => None,
        }
    }

    /// Its test id, words and drawing.
    fn look(self) -> (&'static str, String, Icon) {
        match self {
            Step::Download => ("file-download", t("file_download"), Icon::Save),
            Step::Pause => ("file-pause", t("file_pause"), Icon::Pause),
            Step::Resume => ("file-resume", t("file_resume"), Icon::Play),
            Step::Retry => ("file-retry", t("file_retry"), Icon::Retry),
        }
    }

    fn command(self, file: &Descriptor, channel: ChannelId) -> Command {
        let pause = |paused| Command::Pause {
            file: file.id,
            paused,
        };
        match self {
            Step::Download | Step::Retry => Command::Fetch {
                channel,
                file: file.id,
                descriptor: Some(file.clone()),
            },
            Step::Pause => pause(true),
            Step::Resume => pause(false),
        }
    }
}

/// It can be given up: some of it is here or asked for, and not all.
fn can_cancel(stage: Stage) -> bool {
    match stage {
        Stage::Seeking | Stage::Fetching | Stage::Paused | Stage::Stopped => true,
        Stage::Absent | Stage::Checking | Stage::Complete => false,
    }
}

/// The buttons for a file. What does not work is put into `trouble`.
#[component]
pub(super) fn FileActions(
    file: Descriptor,
    /// Where it is asked for; without one it cannot be.
    channel: Option<ChannelId>,
    stage: Memo<Stage>,
    trouble: RwSignal<Option<Trouble>>,
) -> impl IntoView {
    let removing = use_context::<Removing>();
    let opens = opens(&file.media_type);
    let complete = Memo::new(move |_| stage.get() == Stage::Complete);
    let first = Memo::new(move |_| Step::at(stage.get()));
    let has_first = Memo::new(move |_| first.get().is_some() && channel.is_some());
    let has_cancel = Memo::new(move |_| can_cancel(stage.get()));
    let file = StoredValue::new(file);
    let ask = move |command| {
        trouble.set(None);
        engine::ask(command, move |reply| {
            if let Event::Refused { problem, .. } = reply {
                trouble.try_set(Some(problem.into()));
            }
        });
    };
    let step = move |_| {
        if let (Some(step), Some(channel)) = (first.get_untracked(), channel) {
            ask(file.with_value(|file| step.command(file, channel)));
        }
    };
    let cancel = move |_| {
        ask(Command::Remove {
            file: file.with_value(|file| file.id),
        });
    };
    let remove = move |_| match removing {
        Some(removing) => removing.ask(file.get_value()),
        None => cancel(()),
    };
    view! {
        <Show when=move || has_first.get()>
            <button
                type="button"
                class="small"
                class:primary=move || stage.get() == Stage::Absent
                data-testid=move || first.get().map(|step| step.look().0)
                on:click=step
            >
                {move || first.get().map(|step| {
                    let (_, words, icon) = step.look();
                    view! { <Drawing icon small=true /><span>{words}</span> }
                })}
            </button>
        </Show>
        <Show when=move || has_cancel.get()>
            <button type="button" class="small quiet" data-testid="file-cancel" on:click=move |_| cancel(())>
                {move || t("cancel")}
            </button>
        </Show>
        <Show when=move || complete.get() && opens>
            <button
                type="button"
                class="small"
                data-testid="file-open"
                on:click=move |_| file.with_value(open)
            >
                <Drawing icon=Icon::External small=true />
                <span>{move || t("file_open")}</span>
            </button>
        </Show>
        <Show when=move || complete.get()>
            <SaveButton file=file.get_value() trouble class="small" />
            <button
                type="button"
                class="small quiet icon-button"
                data-testid="file-remove"
                title=move || t("file_remove")
                aria-label=move || t("file_remove")
                on:click=remove
            >
                <Drawing icon=Icon::Trash small=true />
            </button>
        </Show>
        {channel.map(|channel| view! {
            <ResourceSeeds resource=file.with_value(|file| file.id) channel trouble />
        })}
    }
}

/// Saves a file that is complete.
#[component]
pub(crate) fn SaveButton(
    file: Descriptor,
    trouble: RwSignal<Option<Trouble>>,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let save = move |_| {
        let (id, name) = (file.id, file.name.clone());
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            let saved = carry::save(id, &name).await;
            busy.try_set(false);
            if !saved {
                trouble.try_set(Some(Trouble::Unreadable));
            }
        });
    };
    view! {
        <button
            type="button"
            class=class
            data-testid="file-save"
            aria-busy=move || busy.get().to_string()
            disabled=busy
            on:click=save
        >
            <Drawing icon=Icon::Save small=true />
            <span>{move || t("file_save")}</span>
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_has_its_way_on_and_its_way_out() {
        for (stage, first, cancel) in [
            (Stage::Absent, Some(Step::Download), false),
            (Stage::Seeking, Some(Step::Pause), true),
            (Stage::Fetching, Some(Step::Pause), true),
            (Stage::Paused, Some(Step::Resume), true),
            (Stage::Stopped, Some(Step::Retry), true),
            (Stage::Checking, None, false),
            (Stage::Complete, None, false),
        ] {
            assert_eq!((Step::at(stage), can_cancel(stage)), (first, cancel));
        }
    }
}
