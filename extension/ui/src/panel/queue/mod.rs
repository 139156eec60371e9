//! What is played, what comes next, and what was played.

mod drag;
mod list;
mod plan;
mod row;
#[cfg(feature = "styleguide")]
mod specimens;

use catnest::music::{player::Intent, queue::Entry};
use leptos::prelude::*;

#[cfg(feature = "styleguide")]
pub(crate) use self::specimens::QueueSpecimens;
use self::{list::Entries, row::PlayedRow};
use crate::{
    i18n::{grouped, t, t_count, t_with},
    icon::{Drawing, Icon},
    parts::{Question, Segmented},
    state::State,
};

/// What the pane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Next,
    Played,
}

/// The pane.
#[component]
pub(super) fn Queue(
    /// Unique in the page.
    #[prop(default = "queue")]
    name: &'static str,
) -> impl IntoView {
    let state = State::expect();
    let part = RwSignal::new(Part::Next);
    let clearing = RwSignal::new(false);
    let count = Memo::new(move |_| match part.get() {
        Part::Next => state.music.queue.with(Vec::len),
        Part::Played => state.music.history.with(Vec::len),
    });
    // What plays stays, so that alone is nothing to clear.
    let nothing = Memo::new(move |_| match part.get() {
        Part::Next => count.get() == 0 || count.get() == 1 && state.music.player.with(plays_entry),
        Part::Played => count.get() == 0,
    });
    // Somebody else's list may have what this one does not.
    Effect::new(move |_| {
        if part.get() == Part::Played {
            let resources =
                |entries: &Vec<Entry>| entries.iter().map(|entry| entry.resource).collect();
            state
                .music
                .look_for(state, state.music.history.with(resources));
        }
    });
    let place = move || {
        let current = state
            .music
            .player
            .with(|player| player.as_ref()?.track?.entry);
        state.music.queue.with(|queue| {
            let at = queue.iter().position(|entry| Some(entry.id) == current)?;
            Some(at + 1)
        })
    };
    let says = move || match (part.get(), count.get(), place()) {
        (_, 0, _) => String::new(),
        (Part::Next, count, Some(place)) => {
            t_with("queue_place", &[&grouped(place), &grouped(count)])
        }
        (_, count, _) => t_count("queue_tracks", count),
    };
    let clear = move |()| {
        state.play(match part.get_untracked() {
            Part::Next => Intent::Clear,
            Part::Played => Intent::ClearHistory,
        });
    };
    let by_part = move |next: &'static str, played: &'static str| {
        Signal::derive(move || match part.get() {
            Part::Next => t(next),
            Part::Played => t(played),
        })
    };
    view! {
        <div class="queue">
            <div class="pane-head">
                <Segmented
                    name=name
                    label=Signal::derive(|| t("queue_parts"))
                    choices=vec![
                        (Part::Next, "next", Signal::derive(|| t("queue_next"))),
                        (Part::Played, "played", Signal::derive(|| t("queue_played"))),
                    ]
                    chosen=part
                    on_choose=move |chosen| part.set(chosen)
                />
                <span class="hint says" data-testid="queue-says">{says}</span>
                <button
                    type="button"
                    class="quiet small"
                    data-testid="queue-clear"
                    disabled=nothing
                    on:click=move |_| clearing.set(true)
                >
                    {by_part("queue_clear", "queue_clear_played")}
                </button>
            </div>
            // Hidden, not gone: it stays where it was scrolled to.
            <div class="queue-part" hidden=move || part.get() != Part::Next>
                <Show
                    when=move || state.music.queue.with(|queue| !queue.is_empty())
                    fallback=|| view! { <Empty title="queue_empty" hint="queue_empty_hint" icon=Icon::Queue /> }
                >
                    <Entries />
                </Show>
            </div>
            <div class="queue-part" hidden=move || part.get() != Part::Played>
                <Show
                    when=move || state.music.history.with(|history| !history.is_empty())
                    fallback=|| view! { <Empty title="queue_none_played" hint="queue_none_played_hint" icon=Icon::History /> }
                >
                    <ol class="played" data-testid="played" aria-label=move || t("queue_played")>
                        <For each=move || numbered(state) key=|row| (row.0, row.1.id) let:row><PlayedRow entry=row.1 /></For>
                    </ol>
                </Show>
            </div>
            <Question
                id=format!("{name}-clear-question")
                open=clearing
                title=by_part("queue_clear_title", "queue_clear_played_title")
                text=by_part("queue_clear_text", "queue_clear_played_text")
                yes=by_part("queue_clear", "queue_clear_played")
                on_yes=clear
            />
        </div>
    }
}

fn plays_entry(player: &Option<catnest::music::player::State>) -> bool {
    let track = player.as_ref().and_then(|player| player.track);
    track.is_some_and(|track| track.entry.is_some())
}

/// What was played, each with its number from the first: something may have been played twice.
fn numbered(state: State) -> Vec<(usize, Entry)> {
    state.music.history.with(|history| {
        let numbers = (0..history.len()).rev();
        numbers.zip(history.iter().copied()).collect()
    })
}

/// Nothing is here, and what to do about it.
#[component]
fn Empty(title: &'static str, hint: &'static str, icon: Icon) -> impl IntoView {
    view! {
        <div class="empty">
            <Drawing icon />
            <h2>{move || t(title)}</h2>
            <p class="hint">{move || t(hint)}</p>
        </div>
    }
}
