//! Music that is being taken in: how far it is, and what could not be.

use catnest::{channel::ChannelId, music::tags::TagsError};
use catnest_messages::{IntakeId, MusicIntake, SongProblem, SongTrouble};
use leptos::prelude::*;

use super::add::Adding;
use crate::{
    engine,
    i18n::{grouped, t, t_count, t_with},
    icon::{Drawing, Icon},
    problem,
    state::State,
};

/// What is left to say of an intake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It goes on.
    Goes,
    /// All of it is on the list, where it can be seen: nothing.
    Done,
    /// It is over, and not all of it is there.
    Lacks,
}

fn stage(intake: &MusicIntake) -> Stage {
    let lacks = intake.failed > 0 || intake.problem.is_some() || intake.added == 0;
    match (intake.is_over, lacks) {
        (false, _) => Stage::Goes,
        (true, false) => Stage::Done,
        (true, true) => Stage::Lacks,
    }
}

/// How far it is, from 0 to 1.
fn progress(intake: &MusicIntake) -> f64 {
    (intake.done_bytes as f64 / intake.total_bytes.max(1) as f64).min(1.0)
}

/// What came of an intake that is over. Files that are no music are not counted among the songs.
fn outcome(intake: &MusicIntake) -> String {
    let problem = intake.problem.as_ref().map(problem::words);
    let of = match problem {
        None => intake.added + intake.failed,
        // What was not seen yet may be songs.
        Some(_) => intake.songs,
    };
    let added = match (intake.added + intake.failed, &problem) {
        (0, None) => Some(t("music_adding_none")),
        (0, Some(_)) => None,
        _ => {
            let (added, of) = (grouped(intake.added), grouped(of));
            Some(t_with("music_added", &[&added, &of]))
        }
    };
    let said: Vec<String> = added.into_iter().chain(problem).collect();
    said.join(" ")
}

/// The name of a file without its folders.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn trouble_words(trouble: &SongTrouble) -> String {
    match &trouble.why {
        SongProblem::Tags(TagsError::Empty) => t("song_empty"),
        SongProblem::Tags(TagsError::NotMusic) => t("song_not_music"),
        SongProblem::Tags(TagsError::CutOff) => t("song_cut_off"),
        SongProblem::Problem(problem) => problem::words(problem),
    }
}

/// All that is taken in for the nest that is shown.
#[component]
pub(super) fn Intakes() -> impl IntoView {
    let state = State::expect();
    let shown = Memo::new(move |_| {
        let current: Option<ChannelId> = state.current.get();
        let all = state.music_intakes.read();
        let here = all.iter().filter(|intake| Some(intake.channel) == current);
        here.filter(|intake| stage(intake) != Stage::Done)
            .map(|intake| intake.id.clone())
            .collect::<Vec<_>>()
    });
    // What is on the list is news enough.
    Effect::new(move |_| {
        let done: Vec<IntakeId> = state.music_intakes.with(|all| {
            let done = all.iter().filter(|intake| stage(intake) == Stage::Done);
            done.map(|intake| intake.id.clone()).collect()
        });
        for intake in done {
            engine::drop_intake(intake);
        }
    });
    let adding = Adding::expect();
    view! {
        <Show when=move || { adding.looking.get() > 0 }>
            <p class="music-intake" role="status" data-testid="music-looking">
                <span class="spinner" aria-hidden="true"></span>
                {move || t("music_looking")}
            </p>
        </Show>
        <For each=move || shown.get() key=|id| id.clone() let:id>
            <IntakeLine id />
        </For>
    }
}

#[component]
fn IntakeLine(id: IntakeId) -> impl IntoView {
    let state = State::expect();
    let of = id.clone();
    let intake = Memo::new(move |_| {
        let all = state.music_intakes.read();
        all.iter().find(|intake| intake.id == of).cloned()
    });
    let with = move |read: fn(&MusicIntake) -> String| {
        intake.with(|intake| intake.as_ref().map(read).unwrap_or_default())
    };
    let goes =
        Memo::new(move |_| intake.with(|i| i.as_ref().is_some_and(|i| stage(i) == Stage::Goes)));
    let added = move || {
        with(|intake| {
            let (added, songs) = (grouped(intake.added), grouped(intake.songs));
            t_with("music_adding", &[&added, &songs])
        })
    };
    let now = move || {
        with(|intake| {
            intake
                .now
                .as_deref()
                .map(name)
                .unwrap_or_default()
                .to_owned()
        })
    };
    let troubles = Memo::new(move |_| {
        intake.with(|intake| {
            intake
                .as_ref()
                .map(|i| i.troubles.clone())
                .unwrap_or_default()
        })
    });
    let counted = move |count: fn(&MusicIntake) -> usize| {
        Memo::new(move |_| intake.with(|intake| intake.as_ref().map_or(0, count)))
    };
    let failed = counted(|intake| intake.failed);
    // Where there is no music at all, that is said already.
    let left_out = counted(|intake| match intake.added + intake.failed {
        0 => 0,
        _ => intake.left_out,
    });
    let drop = move |_| engine::drop_intake(id.clone());
    view! {
        <div class="music-intake" data-testid="music-intake" data-state=move || if goes.get() { "going" } else { "over" }>
            <Show
                when=move || goes.get()
                fallback=move || view! {
                    <div class="words">
                        <p role="alert" data-testid="music-intake-said">{move || with(outcome)}</p>
                        <Show when=move || { left_out.get() > 0 }>
                            <p class="hint" data-testid="music-left-out">{move || t_count("music_left_out", left_out.get())}</p>
                        </Show>
                        <Show when=move || troubles.with(|troubles| !troubles.is_empty())>
                            <details>
                                <summary>{move || t_count("music_failed", failed.get())}</summary>
                                <div
                                    class="troubles"
                                    role="region"
                                    tabindex="0"
                                    aria-label=move || t_count("music_failed", failed.get())
                                >
                                    <ul>
                                        {move || troubles.get().iter().map(|trouble| view! {
                                            <li>
                                                <bdi title=trouble.path.clone()>{name(&trouble.path).to_owned()}</bdi>
                                                <span class="hint">{trouble_words(trouble)}</span>
                                            </li>
                                        }).collect_view()}
                                    </ul>
                                </div>
                            </details>
                        </Show>
                    </div>
                }
            >
                <div class="words">
                    <p>{added}</p>
                    <p class="hint" dir="auto">{now}</p>
                </div>
            </Show>
            <button
                type="button"
                class="small quiet icon-button"
                data-testid="music-intake-drop"
                title=move || if goes.get() { t("cancel") } else { t("dismiss") }
                aria-label=move || if goes.get() { t("cancel") } else { t("dismiss") }
                on:click=drop
            >
                <Drawing icon=Icon::Close small=true />
            </button>
            <Show when=move || goes.get()>
                <progress
                    max="1"
                    aria-label=move || t("intake_preparing")
                    prop:value=move || intake.with(|intake| intake.as_ref().map_or(0.0, progress))
                ></progress>
            </Show>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use catnest::node::Problem;

    use super::*;

    fn intake() -> MusicIntake {
        MusicIntake {
            id: IntakeId("a".to_owned()),
            channel: ChannelId([0; 32]),
            songs: 4,
            added: 4,
            left_out: 1,
            failed: 0,
            troubles: Vec::new(),
            now: None,
            total_bytes: 200,
            done_bytes: 200,
            is_over: true,
            problem: None,
        }
    }

    #[test]
    fn only_what_lacks_something_stays() {
        type Change = fn(&mut MusicIntake);
        let cases: [(Change, Stage); 6] = [
            (|_| {}, Stage::Done),
            (|intake| intake.is_over = false, Stage::Goes),
            (|intake| intake.failed = 1, Stage::Lacks),
            (|intake| intake.added = 0, Stage::Lacks),
            // What is no music is missed by nobody, as long as there is some.
            (|intake| intake.left_out = 9, Stage::Done),
            (
                |intake| intake.problem = Some(Problem::StoreFull),
                Stage::Lacks,
            ),
        ];
        for (change, expected) in cases {
            let mut intake = intake();
            change(&mut intake);
            assert_eq!(stage(&intake), expected);
        }
        assert_eq!(progress(&intake()), 1.0);
    }

    #[test]
    fn what_came_of_it_counts_songs_alone() {
        type Change = fn(&mut MusicIntake);
        let full = || problem::words(&Problem::StoreFull);
        let cases: [(Change, String); 4] = [
            (|intake| intake.added = 0, t("music_adding_none")),
            (
                |intake| (intake.added, intake.failed) = (2, 1),
                t_with("music_added", &["2", "3"]),
            ),
            (
                |intake| (intake.added, intake.problem) = (1, Some(Problem::StoreFull)),
                format!("{} {}", t_with("music_added", &["1", "4"]), full()),
            ),
            (
                |intake| (intake.added, intake.problem) = (0, Some(Problem::StoreFull)),
                full(),
            ),
        ];
        for (change, expected) in cases {
            let mut intake = intake();
            change(&mut intake);
            assert_eq!(outcome(&intake), expected);
        }
    }

    #[test]
    fn a_file_is_called_by_its_name() {
        assert_eq!(name("Kind of Fish/01 Fish.flac"), "01 Fish.flac");
    }
}
