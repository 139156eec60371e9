//! One line of the list.

use std::sync::Arc;

use catnest::{music::player::Activity, node::Row, resource::ResourceId};
use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    html,
    prelude::*,
};
use wasm_bindgen::prelude::*;

use super::{
    Library, TrackState,
    action::{Action, Why},
    arrange::{Group, Line},
    list::List,
    track_state::present,
};
use crate::{
    amount,
    files::status::Stage,
    i18n::{isolated, t, t_count, t_plural, t_with},
    icon::{Drawing, Icon},
    panel::{
        bars::Bars,
        cover::{Cover, Face},
        shared::{Open, RowMenu, Shared},
    },
    state::State,
};

/// A line, where it stands.
#[component]
pub(super) fn LineView(line: Line) -> impl IntoView {
    match line.clone() {
        Line::Head(group) => view! { <HeadLine line group /> }.into_any(),
        Line::Track(_, track) => view! { <TrackLine line track banned=false /> }.into_any(),
        Line::Banned(track) => view! { <TrackLine line track banned=true /> }.into_any(),
        Line::Folded => view! { <FoldedLine line /> }.into_any(),
    }
}

fn place(list: List, line: Line) -> impl Fn() -> String + Clone {
    move || list.place(&line).unwrap_or_default().to_string()
}

fn top(list: List, line: Line) -> impl Fn() -> String + Clone {
    move || format!("{}px", list.top(&line))
}

/// Takes the keyboard when the list says so.
fn follow_focus(
    list: List,
    line: Line,
    element: impl Fn() -> Option<web_sys::HtmlElement> + 'static,
) {
    Effect::new(move |_| {
        if list.wanted.with(|wanted| wanted.as_ref() == Some(&line))
            && let Some(element) = element()
        {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            let _focused = element.focus_with_options(&options);
            list.wanted.set(None);
        }
    });
}

#[component]
fn HeadLine(line: Line, group: Group) -> impl IntoView {
    let list = List::expect();
    let library = Library::expect();
    let of = group.clone();
    let head = Memo::new(move |_| {
        library
            .arranged
            .with(|arranged| arranged.heads.get(&of).cloned())
    });
    let known = move || {
        head.get()
            .map(|head| head.name)
            .filter(|name| !name.is_empty())
    };
    let name = move || {
        known().unwrap_or_else(|| match group {
            Group::Mine => t("music_this_device"),
            Group::Nobody => t("music_nobody"),
            Group::All | Group::Text(_) | Group::Device(_) => t("music_unknown"),
        })
    };
    let away = move || head.with(|head| head.as_ref().is_some_and(|head| head.away));
    view! {
        <div
            class="head-line"
            class:away=away
            role="row"
            data-testid="track-group"
            aria-rowindex=place(list, line.clone())
            style:top=top(list, line)
        >
            <span role="rowheader" class="head-name" dir="auto">{name}</span>
            <span role="gridcell" class="hint">
                {move || t_count("music_tracks", head.get().map_or(0, |head| head.tracks))}
            </span>
        </div>
    }
}

/// How many are banned.
#[component]
fn FoldedLine(line: Line) -> impl IntoView {
    let list = List::expect();
    let library = Library::expect();
    let button = NodeRef::<html::Button>::new();
    follow_focus(list, line.clone(), move || {
        button.get().map(|button| button.into())
    });
    let count = move || library.arranged.with(|arranged| arranged.banned);
    let (stop, focused) = (line.clone(), line.clone());
    view! {
        <div class="folded-line" role="row" aria-rowindex=place(list, line.clone()) style:top=top(list, line)>
            <span role="gridcell">
                <button
                    type="button"
                    class="quiet small"
                    data-testid="banned"
                    aria-expanded=move || library.unfolded.get().to_string()
                    tabindex=move || if list.stop.with(|at| at.as_ref() == Some(&stop)) { "0" } else { "-1" }
                    node_ref=button
                    on:focus=move |_| list.active.set(Some(focused.clone()))
                    on:click=move |_| library.unfolded.update(|unfolded| *unfolded = !*unfolded)
                >
                    <Drawing icon=Icon::Block small=true />
                    <span>{move || t_count("music_banned", count())}</span>
                    <Drawing icon=Icon::Chevron small=true />
                </button>
            </span>
        </div>
    }
}

#[component]
fn TrackLine(line: Line, track: ResourceId, banned: bool) -> impl IntoView {
    let state = State::expect();
    let shared = Shared::expect();
    let list = List::expect();
    let library = Library::expect();
    let it = TrackState::new(state, track);
    let element = NodeRef::<html::Div>::new();
    follow_focus(list, line.clone(), move || {
        element.get().map(|element| element.into())
    });
    let (stop, focused) = (line.clone(), line.clone());
    let tab = Memo::new(move |_| {
        let here = list.stop.with(|at| at.as_ref() == Some(&stop));
        if here { "0" } else { "-1" }
    });
    let play = move || {
        if !banned {
            it.play(library);
        }
    };
    let sounds = Signal::derive(move || it.activity.get() == Some(Activity::Playing));
    let failed = Memo::new(move |_| matches!(it.activity.get(), Some(Activity::Failed(_))));
    let with = move |read: fn(&Row) -> String| it.row.with(|row| row.as_deref().map(read));
    let title = move || isolated(&with(|row| row.track.shown_title()).unwrap_or_default());
    let away = Memo::new(move |_| {
        it.row.with(|row| {
            row.as_ref()
                .is_some_and(|row| !row.mine && present(row) == 0)
        })
    });
    let face = Signal::derive(move || {
        it.row.with(|row| {
            let face = |row: &Arc<Row>| Face::of(&row.track, state.current.get(), present(row));
            row.as_ref().map(face).unwrap_or_default()
        })
    });
    view! {
        <div
            class="track"
            class:away=move || away.get()
            class:banned=banned
            role="row"
            data-testid="track"
            data-track=track.to_string()
            data-action=move || it.action.get().name()
            data-stage=move || it.stage.get().name()
            aria-rowindex=place(list, line.clone())
            aria-current=move || it.current.get().then_some("true")
            tabindex=move || tab.get()
            style:top=top(list, line)
            node_ref=element
            on:focusin=move |_| list.active.set(Some(focused.clone()))
            on:click=move |event: MouseEvent| {
                if !within_button(&event) {
                    play();
                }
            }
            on:keydown=move |event: KeyboardEvent| {
                let plain = !event.ctrl_key() && !event.alt_key() && !event.meta_key();
                if event.key() == "Enter" && plain && event.target() == event.current_target() {
                    event.prevent_default();
                    play();
                }
            }
        >
            <div class="what" role="gridcell">
                <span class="cover-place">
                    <Cover face />
                    <Show when=move || it.current.get()><Bars moving=sounds /></Show>
                </span>
                <span class="words">
                    <span class="title" dir="auto" data-testid="track-title">
                        {move || with(|row| row.track.shown_title())}
                    </span>
                    <span class="by">
                        <Words it away failed />
                        <Marks it />
                    </span>
                </span>
            </div>
            <div role="gridcell"><ActionButton it tab /></div>
            <div role="gridcell">
                <button
                    type="button"
                    class="quiet icon-button"
                    data-testid="track-more"
                    tabindex=move || tab.get()
                    title=move || t("more")
                    aria-label=move || t_with("track_more", &[&title()])
                    aria-haspopup="menu"
                    aria-expanded=move || is_open(shared, track).to_string()
                    on:click=move |event| open_menu(shared, track, &event)
                >
                    <Drawing icon=Icon::More small=true />
                </button>
            </div>
        </div>
    }
}

fn within_button(event: &MouseEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| matches!(target.closest("button"), Ok(Some(_))))
}

fn is_open(shared: Shared, track: ResourceId) -> bool {
    matches!(shared.open.get(), Some(Open::Row(menu)) if menu.track == track)
}

fn open_menu(shared: Shared, track: ResourceId, event: &MouseEvent) {
    if matches!(shared.open.get_untracked(), Some(Open::Row(menu)) if menu.track == track) {
        return shared.close();
    }
    let button = event
        .current_target()
        .and_then(|button| button.dyn_into::<web_sys::Element>().ok());
    if let Some(button) = button {
        let place = button.get_bounding_client_rect();
        shared.open.set(Some(Open::Row(RowMenu {
            track,
            right: place.right() as i32,
            top: place.top() as i32,
            bottom: place.bottom() as i32,
        })));
    }
}

/// Who plays it and on which album; or what keeps it from being played.
#[component]
fn Words(it: TrackState, away: Memo<bool>, failed: Memo<bool>) -> impl IntoView {
    let by = move || {
        it.row.with(|row| {
            let track = &row.as_ref()?.track;
            let texts = [&track.artist, &track.album];
            let known: Vec<&str> = texts
                .into_iter()
                .map(String::as_str)
                .filter(|s| !s.is_empty())
                .collect();
            Some(known.join(" · "))
        })
    };
    view! {
        <span class="names" dir="auto">
            {move || {
                if failed.get() {
                    view! { <span class="wrong" data-testid="track-failed">{t("track_failed")}</span> }.into_any()
                } else if away.get() {
                    view! {
                        <span data-testid="track-away">{t("track_away")}</span>
                        {by().filter(|by| !by.is_empty()).map(|by| format!(" · {by}"))}
                    }.into_any()
                } else {
                    by().into_any()
                }
            }}
        </span>
    }
}

/// Whether it is here, who has it, how much of it has come, how long it plays.
#[component]
fn Marks(it: TrackState) -> impl IntoView {
    let mine = Memo::new(move |_| it.row.with(|row| row.as_ref().is_some_and(|row| row.mine)));
    let holders = Memo::new(move |_| {
        it.row
            .with(|row| row.as_ref().map_or(0, |row| present(row)))
    });
    let names = move || {
        it.row.with(|row| {
            let all = row.iter().flat_map(|row| &row.holders);
            let names = all.map(|holder| {
                let name = isolated(&holder.name);
                if holder.cached {
                    t_with("track_holder_away", &[&name])
                } else {
                    name
                }
            });
            names.collect::<Vec<_>>().join(&t("list_separator"))
        })
    };
    let comes = Memo::new(move |_| match it.stage.get() {
        Stage::Seeking | Stage::Fetching | Stage::Paused => Some(it.percent.get()),
        _ => None,
    });
    let comes = move || comes.get().filter(|_| !mine.get());
    let length = move || it.row.with(|row| row.as_ref()?.track.play_ms);
    view! {
        <span class="marks">
            <Show when=move || mine.get()>
                <span class="here" data-testid="track-here" title=move || t("track_here")>
                    <Drawing icon=Icon::Here small=true />
                    <span class="visually-hidden">{move || t("track_here")}</span>
                </span>
            </Show>
            {move || comes().map(|percent| view! {
                <span class="comes" data-testid="track-percent">{t_with("percent", &[&percent.to_string()])}</span>
            })}
            <Show when=move || { holders.get() > 0 }>
                <span class="holders" data-testid="track-holders" title=names>
                    <Drawing icon=Icon::Person small=true />
                    <span aria-hidden="true">{move || holders.get()}</span>
                    <span class="visually-hidden">
                        {move || t_with("track_button", &[&t_plural("track_holders", holders.get()), &names()])}
                    </span>
                </span>
            </Show>
            {move || length().map(|length| view! { <span>{amount::play_time(length.into())}</span> })}
        </span>
    }
}

/// What the button says: words, and a drawing.
fn look(action: Action) -> (String, Icon) {
    let percent = |percent: u64| t_with("percent", &[&percent.to_string()]);
    match action {
        Action::Play => (t("track_play"), Icon::Play),
        Action::Pause(part) => (t_with("track_pause", &[&percent(part)]), Icon::Pause),
        Action::Resume(part) => (t_with("track_resume", &[&percent(part)]), Icon::Save),
        Action::Retry => (t("track_retry"), Icon::Retry),
        Action::Keep => (t("track_keep"), Icon::Save),
        Action::Drop { .. } => (t("track_drop"), Icon::Trash),
        Action::Wait(Why::Checking) => (t("track_checking"), Icon::Clock),
        Action::Wait(Why::Away) => (t("track_waits"), Icon::Clock),
        Action::Wait(Why::Banned) => (t("track_banned"), Icon::Block),
    }
}

/// The one button (M9). It stays the same button whatever it does, so that the keyboard stays on it.
#[component]
fn ActionButton(it: TrackState, tab: Memo<&'static str>) -> impl IntoView {
    let library = Library::expect();
    let shared = Shared::expect();
    let action = it.action;
    let words = move || look(action.get()).0;
    let title = move || {
        it.row
            .with(|row| row.as_ref().map(|row| row.track.shown_title()))
    };
    let ring = move || match action.get() {
        Action::Pause(percent) | Action::Resume(percent) => Some(percent),
        _ => None,
    };
    let icon = Memo::new(move |_| look(action.get()).1);
    view! {
        <button
            type="button"
            class="quiet icon-button action"
            data-testid="track-action"
            data-action=move || action.get().name()
            tabindex=move || tab.get()
            title=words
            aria-label=move || t_with("track_button", &[&words(), &isolated(&title().unwrap_or_default())])
            aria-disabled=move || matches!(action.get(), Action::Wait(_)).then_some("true")
            on:click=move |event: MouseEvent| {
                // The second press of a double click was not meant for a track that came with the first one.
                let again = event.detail() > 1;
                if !(again && matches!(action.get_untracked(), Action::Drop { .. })) {
                    it.act(library, shared);
                }
            }
        >
            {move || ring().map(|percent| view! { <Ring percent /> })}
            {move || view! { <Drawing icon=icon.get() small=true /> }}
        </button>
    }
}

/// How much has come, around the button.
#[component]
fn Ring(percent: u64) -> impl IntoView {
    view! {
        <svg class="ring" viewBox="0 0 32 32" aria-hidden="true">
            <circle cx="16" cy="16" r="14" />
            <circle cx="16" cy="16" r="14" pathLength="100" stroke-dasharray=format!("{percent} 100") />
        </svg>
    }
}
