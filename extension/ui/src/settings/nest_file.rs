//! A nest's log as a file: saved, and taken in.

use catnest::{
    channel::ChannelId,
    chat::retention::Retention,
    house::channel_file::{Ending, Part},
    node::{Command, Event},
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use crate::{
    engine,
    house::{self, Begun, Report},
    i18n::{grouped, t, t_count, t_with},
    icon::{Drawing, Icon},
    parts::{FilePick, Question},
    problem::{ProblemBox, Trouble},
    state::State,
};

/// How far the writing of a file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writing {
    Nothing,
    /// So many messages are written.
    Under(u64),
    Done(u64),
}

/// A button that saves a nest's log, and what comes of it.
#[derive(Clone, Copy)]
pub(super) struct SavingNest {
    writing: RwSignal<Writing>,
    problem: RwSignal<Option<Trouble>>,
    /// It is asked whether a private nest's secret is to be in a file.
    asking: RwSignal<bool>,
}

impl SavingNest {
    pub(super) fn new() -> Self {
        Self {
            writing: RwSignal::new(Writing::Nothing),
            problem: RwSignal::new(None),
            asking: RwSignal::new(false),
        }
    }

    fn is_busy(self) -> bool {
        matches!(self.writing.get(), Writing::Under(_))
    }

    fn save(self, channel: ChannelId, name: String) {
        self.problem.set(None);
        self.writing.set(Writing::Under(0));
        spawn_local(async move {
            let written = |messages| {
                self.writing.try_set(Writing::Under(messages));
            };
            let saved = house::save_channel(channel, Part::All, &name, written).await;
            let messages = match self.writing.try_get_untracked() {
                Some(Writing::Under(messages)) => messages,
                _ => return,
            };
            let done = saved.is_ok();
            self.problem.set(saved.err());
            self.writing.set(if done {
                Writing::Done(messages)
            } else {
                Writing::Nothing
            });
        });
    }
}

#[component]
pub(super) fn SaveButton(
    saving: SavingNest,
    channel: ChannelId,
    name: Signal<String>,
    private: Signal<bool>,
) -> impl IntoView {
    let press = move |_| {
        if private.get_untracked() {
            saving.asking.set(true);
        } else {
            saving.save(channel, name.get_untracked());
        }
    };
    view! {
        <button
            type="button"
            class="small"
            data-testid="nest-save"
            title=move || t("nest_save_title")
            disabled=move || saving.is_busy()
            on:click=press
        >
            <Drawing icon=Icon::Save small=true />
            {move || t("nest_save")}
        </button>
    }
}

/// What comes of [`SaveButton`], and its question.
#[component]
pub(super) fn SavingState(
    saving: SavingNest,
    channel: ChannelId,
    name: Signal<String>,
) -> impl IntoView {
    let count = |messages: u64| usize::try_from(messages).unwrap_or(usize::MAX);
    let words = move || match saving.writing.get() {
        Writing::Nothing => None,
        Writing::Under(messages) => Some(t_count("nest_saving", count(messages))),
        Writing::Done(messages) => Some(t_count("nest_saved", count(messages))),
    };
    view! {
        <ProblemBox problem=saving.problem />
        <p class="hint" role="status" data-testid="nest-saving">{words}</p>
        <Question
            id=format!("save-{channel}")
            open=saving.asking
            title=Signal::derive(move || t_with("nest_save_private_title", &[&name.get()]))
            text=Signal::derive(|| t("nest_save_private_text"))
            yes=Signal::derive(|| t("nest_save_private_yes"))
            on_yes=move |()| saving.save(channel, name.get_untracked())
        />
    }
}

/// Takes a nest's file in; if this device is not in the nest, after it was asked.
#[component]
pub(super) fn TakeIn() -> impl IntoView {
    let state = State::expect();
    let problem = RwSignal::new(None::<Trouble>);
    let progress = RwSignal::new(None::<f64>);
    let report = RwSignal::new(None::<Report>);
    let found = RwSignal::new_local(None::<Begun>);
    let asking = RwSignal::new(false);
    // Of the nest that is asked about.
    let place = RwSignal::new((String::new(), String::new()));
    let take = move |begun: Begun| async move {
        let went = begun.take_in(|part| {
            progress.try_set(Some(part));
        });
        match went.await {
            Ok(became) => {
                report.try_set(Some(became));
            }
            Err(why) => {
                problem.try_set(Some(why));
            }
        }
        progress.try_set(None);
    };
    let begin = move |file: File| async move {
        let begun = match Begun::read(file).await {
            Ok(begun) => begun,
            Err(why) => {
                problem.try_set(Some(why));
                progress.try_set(None);
                return;
            }
        };
        let address = &begun.header.address;
        let joined = state.overview.with_untracked(|overview| {
            let mut channels = overview.iter().flat_map(|overview| &overview.channels);
            channels.any(|channel| channel.id == begun.header.channel)
        });
        if joined {
            return take(begun).await;
        }
        place.set((begun.header.name.clone(), address.authority.to_string()));
        found.set(Some(begun));
        progress.try_set(None);
        asking.set(true);
    };
    let picked = move |file: File| {
        problem.set(None);
        report.set(None);
        progress.set(Some(0.0));
        spawn_local(begin(file));
    };
    let join = move |()| {
        let Some(begun) = found.try_update(Option::take).flatten() else {
            return;
        };
        progress.set(Some(0.0));
        spawn_local(async move {
            let command = Command::Join {
                address: begun.header.address.to_string(),
                retention: Retention::Forever,
            };
            if let Event::Refused { problem: why, .. } = engine::answer(command).await {
                problem.try_set(Some(why.into()));
                progress.try_set(None);
            } else {
                take(begun).await;
            }
        });
    };
    view! {
        <FilePick
            id="take-in"
            label=Signal::derive(|| t("take_in"))
            accept=".jsonl"
            disabled=Signal::derive(move || progress.read().is_some())
            on_pick=picked
        />
        <p class="hint">{move || t("take_in_hint")}</p>
        <ProblemBox problem />
        <Show when=move || progress.read().is_some()>
            <progress
                aria-label=move || t("taking_in")
                max="1"
                prop:value=move || progress.get().unwrap_or(0.0)
            ></progress>
        </Show>
        <div role="status" data-testid="taken-in">
            {move || report.get().map(|report| {
                words(&report).into_iter().map(|line| view! { <p>{line}</p> }).collect_view()
            })}
        </div>
        <Question
            id="take-in-join"
            open=asking
            title=Signal::derive(move || t_with("take_in_join_title", &[&place.read().0]))
            text=Signal::derive(move || t_with("take_in_join_text", &[&place.read().1]))
            yes=Signal::derive(|| t("take_in_join_yes"))
            on_yes=join
        />
    }
}

/// What became of a file, in a person's words.
fn words(report: &Report) -> Vec<String> {
    let Report {
        taken,
        summary,
        ending,
    } = report;
    let mut words = vec![t_count("taken_new", taken.new)];
    for (key, count) in [
        ("taken_known", taken.known),
        ("taken_outside", taken.outside),
    ] {
        if count > 0 {
            words.push(t_count(key, count));
        }
    }
    let damaged = usize::try_from(summary.damaged).unwrap_or(usize::MAX);
    let bad = taken.refused.saturating_add(damaged);
    let first = [taken.first_refused, summary.first_damaged];
    if let Some(first) = first.into_iter().flatten().min() {
        let first = first.to_string();
        words.push(t_with("taken_bad", &[&grouped(bad), &first]));
    }
    match ending {
        Ending::Complete => {}
        Ending::Cut => words.push(t("taken_cut")),
        Ending::Miscounted(_) => words.push(t("taken_miscounted")),
    }
    words
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_keys_that_are_not_literals_exist() {
        for key in ["taken_known", "taken_outside"] {
            assert!(catnest_words::has(&format!("{key}_other")), "{key}");
        }
    }
}
