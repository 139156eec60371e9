//! A row of the queue, or of what was played.

use catnest::{
    music::{
        player::{Activity, Intent},
        queue::Entry,
    },
    node::MusicCommand,
    resource::ResourceId,
};
use leptos::prelude::*;

use super::{
    drag::Drags,
    list::{List, row_id},
};
use crate::{
    amount,
    i18n::{isolated, t, t_with},
    icon::{Drawing, Icon},
    panel::{
        bars::Bars,
        cover::{Cover, Face},
        library::present,
    },
    state::{State, music::Known},
};

/// What is read of a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) title: String,
    /// Who plays; or that nothing is known.
    pub(super) artist: String,
    /// How long it plays.
    length: String,
    face: Face,
    /// It is not on any list here.
    unknown: bool,
    /// It is passed over.
    banned: bool,
}

impl Words {
    /// Those of a resource, in the language of the view this is called in.
    pub(super) fn of(state: State, resource: ResourceId) -> Self {
        let known = state.music.known(state.current.get(), resource);
        let row = state.music.rows.with(|rows| rows.get(&resource).cloned());
        let banned = row.as_ref().is_some_and(|row| row.banned);
        let holders = row.map_or(0, |row| present(&row));
        match known {
            Some(known) => Self {
                banned,
                ..Self::known(&known, holders)
            },
            None => Self {
                title: t("queue_unknown"),
                artist: t("queue_unknown_hint"),
                length: String::new(),
                face: Face::default(),
                unknown: true,
                banned,
            },
        }
    }

    fn known(known: &Known, holders: usize) -> Self {
        let Known { track, channel } = known;
        Self {
            title: track.shown_title(),
            artist: track.artist.clone(),
            length: track
                .play_ms
                .map(|ms| amount::play_time(ms.into()))
                .unwrap_or_default(),
            face: Face::of(track, Some(*channel), holders),
            unknown: false,
            banned: false,
        }
    }
}

/// An entry of the queue.
#[component]
pub(super) fn EntryRow(
    entry: Entry,
    list: List,
    /// The place of the entry that plays, or would.
    current_at: Memo<Option<usize>>,
    /// Which rows are in the page: the place of the first, and all of them.
    places: Memo<(usize, Vec<Entry>)>,
) -> impl IntoView {
    let state = list.state;
    let drags = expect_context::<Drags>();
    let Entry { id, resource } = entry;
    let words = Memo::new(move |_| Words::of(state, resource));
    let place = Memo::new(move |_| {
        places.with(|(first, rows)| {
            let at = rows.iter().position(|row| row.id == id)?;
            Some(first + at)
        })
    });
    let is_current = Memo::new(move |_| place.get().is_some() && place.get() == current_at.get());
    // What lies before the current one.
    let passed = Memo::new(move |_| {
        let both = place.get().zip(current_at.get());
        both.is_some_and(|(place, current)| place < current)
    });
    let plays = Signal::derive(move || state.music.activity() == Activity::Playing);
    let is_active = move || list.active.get() == Some(id);
    let title = move || isolated(&words.read().title);
    let click = move |_| {
        if drags.clicked() {
            list.active.set(Some(id));
            list.jump(id);
        }
    };
    view! {
        <div
            class="queue-row"
            role="row"
            id=row_id(id)
            data-testid="queue-row"
            data-entry=id.0.to_string()
            data-current=move || is_current.get().to_string()
            data-active=move || is_active().to_string()
            data-passed=move || passed.get().to_string()
            class:unknown=move || words.read().unknown
            class:banned=move || words.read().banned
            class:dragged=move || list.drag.get().is_some_and(|drag| drag.entry.id == id)
            aria-rowindex=move || place.get().map(|place| (place + 1).to_string())
            aria-current=move || is_current.get().then_some("true")
        >
            <span class="grip" title=move || t("queue_drag") aria-hidden="true"><Drawing icon=Icon::Grip small=true /></span>
            <span class="tile-place">
                <Cover face=Signal::derive(move || words.read().face.clone()) />
                {move || is_current.get().then(|| view! { <Bars moving=plays /> })}
            </span>
            <span class="row-words" role="gridcell">
                <button
                    type="button"
                    class="queue-jump"
                    tabindex="-1"
                    data-testid="queue-jump"
                    title=move || t_with("queue_play", &[&title()])
                    on:click=click
                >
                    <bdi class="title">{move || words.get().title}</bdi>
                    <bdi class="artist">
                        {move || if words.read().banned { t("queue_banned") } else { words.get().artist }}
                    </bdi>
                </button>
            </span>
            <span class="row-length" role="gridcell">{move || words.get().length}</span>
            <span class="row-acts" role="gridcell">
                <Act
                    icon=Icon::PlayNext
                    name="queue_play_next"
                    title=Signal::derive(title)
                    on_act=move |()| { list.play_next(id); list.focus(); }
                />
                <Act
                    icon=Icon::Close
                    name="queue_remove"
                    title=Signal::derive(title)
                    on_act=move |()| { list.remove(id); list.focus(); }
                />
            </span>
        </div>
    }
}

/// A small button at the end of a row.
#[component]
fn Act(
    icon: Icon,
    /// The key of its words, of which `$1` is the title; its test id.
    name: &'static str,
    title: Signal<String>,
    #[prop(into)] on_act: Callback<()>,
) -> impl IntoView {
    let words = move || t_with(name, &[&title.get()]);
    view! {
        <button
            type="button"
            class="row-act quiet"
            tabindex="-1"
            data-testid=name
            aria-label=words
            title=words
            on:click=move |_| on_act.run(())
        >
            <Drawing icon small=true />
        </button>
    }
}

/// What was played, at its place from the latest.
#[component]
pub(super) fn PlayedRow(entry: Entry) -> impl IntoView {
    let state = State::expect();
    let resource = entry.resource;
    let words = Memo::new(move |_| Words::of(state, resource));
    let title = move || isolated(&words.read().title);
    let again = move |_| {
        let queued = state
            .music
            .queue
            .with_untracked(|queue| queue.contains(&entry));
        if queued {
            state.play(Intent::Jump(entry.id));
        } else {
            // It comes back in front of what follows, which stays.
            for intent in [Intent::PlayNext(vec![resource]), Intent::Next] {
                state.ask_music(MusicCommand::Play { intent });
            }
        }
    };
    view! {
        <li class="queue-row" data-testid="played-row" class:unknown=move || words.read().unknown>
            <span class="tile-place"><Cover face=Signal::derive(move || words.read().face.clone()) /></span>
            <button
                type="button"
                class="queue-jump row-words"
                data-testid="played-again"
                title=move || t_with("queue_play", &[&title()])
                on:click=again
            >
                <bdi class="title">{move || words.get().title}</bdi>
                <bdi class="artist">{move || words.get().artist}</bdi>
            </button>
            <span class="row-length">{move || words.get().length}</span>
            <span class="row-acts">
                <button
                    type="button"
                    class="row-act quiet"
                    data-testid="played-next"
                    aria-label=move || t_with("queue_play_next", &[&title()])
                    title=move || t_with("queue_play_next", &[&title()])
                    on:click=move |_| state.play(Intent::PlayNext(vec![resource]))
                >
                    <Drawing icon=Icon::PlayNext small=true />
                </button>
            </span>
        </li>
    }
}
