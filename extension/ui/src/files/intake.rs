//! Files that the engine takes in: what a member sees between sending and the message.

use catnest_messages::{Intake, IntakeId};
use leptos::prelude::*;

use super::{FileName, Kind};
use crate::{
    amount, engine,
    i18n::{t, t_with},
    icon::{Drawing, Icon},
    problem,
    state::State,
};

/// How far it is, from 0 to 1: each byte is hashed, then stored.
fn progress(intake: &Intake) -> f64 {
    let twice: u64 = intake.files.iter().map(|file| file.length).sum::<u64>() * 2;
    (intake.done_bytes as f64 / twice.max(1) as f64).min(1.0)
}

/// The files of one handing over, with their progress, or with what went wrong.
#[component]
pub(crate) fn IntakeCard(id: IntakeId) -> impl IntoView {
    let state = State::expect();
    let of = id.clone();
    let intake = Memo::new(move |_| {
        let all = state.intakes.read();
        all.iter().find(|intake| intake.id == of).cloned()
    });
    let files = intake.with_untracked(|intake| intake.as_ref().map(|i| i.files.clone()));
    let wrong = Memo::new(move |_| intake.with(|intake| intake.as_ref()?.problem.clone()));
    let done = Memo::new(move |_| intake.with(|intake| intake.as_ref().map_or(0.0, progress)));
    let facts = move || {
        let percent = (done.get() * 100.0).floor().to_string();
        let percent = t_with("percent", &[&percent]);
        format!("{} · {percent}", t("intake_preparing"))
    };
    let stopped = Memo::new(move |_| wrong.with(Option::is_some));
    let words = move || wrong.with(|wrong| wrong.as_ref().map(problem::words));
    let drop = move |_| engine::drop_intake(id.clone());
    view! {
        <div class="intake" data-testid="intake" data-state=move || if stopped.get() { "stopped" } else { "going" }>
            <ul class="files" aria-label=move || t("files_label")>
                {files.unwrap_or_default().into_iter().map(|file| view! {
                    <li class="file brief">
                        <div class="file-head">
                            <span class="file-icon"><Drawing icon=Kind::of(&file.media_type).icon() /></span>
                            <p class="file-title">
                                <FileName name=file.name />
                                <span class="hint">{amount::bytes(file.length as f64)}</span>
                            </p>
                        </div>
                    </li>
                }).collect_view()}
            </ul>
            // Read out when it comes, and not with every percent.
            <div role="alert" class="alert">
                {move || words().map(|words| view! { <p class="problem" data-testid="intake-problem">{words}</p> })}
            </div>
            <div class="intake-foot">
                <Show when=move || !stopped.get()>
                    <span class="hint" data-testid="intake-facts">{facts}</span>
                </Show>
                <button type="button" class="small quiet" data-testid="intake-drop" on:click=drop>
                    <Drawing icon=Icon::Close small=true />
                    <span>{move || if stopped.get() { t("dismiss") } else { t("cancel") }}</span>
                </button>
            </div>
            <Show when=move || !stopped.get()>
                <progress
                    max="1"
                    data-testid="intake-progress"
                    aria-label=move || t("intake_preparing")
                    prop:value=done
                ></progress>
            </Show>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use catnest::channel::ChannelId;
    use catnest_messages::IntakeFile;

    use super::*;

    #[test]
    fn every_byte_counts_twice() {
        let mut intake = Intake {
            id: IntakeId("a".to_owned()),
            channel: ChannelId([0; 32]),
            text: String::new(),
            files: [30, 70]
                .map(|length| IntakeFile {
                    name: "cat.png".to_owned(),
                    length,
                    media_type: "image/png".to_owned(),
                })
                .into(),
            done_bytes: 50,
            problem: None,
        };
        assert_eq!(progress(&intake), 0.25);
        intake.done_bytes = 900;
        assert_eq!(progress(&intake), 1.0);
        intake.files.clear();
        intake.done_bytes = 0;
        assert_eq!(progress(&intake), 0.0);
    }
}
