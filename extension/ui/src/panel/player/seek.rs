//! The seek bar: a slider (WAI-ARIA `slider`) over three layers, of what is here, what is here without a gap, and what was played.

use catnest::music::{TrackTime, player::Intent};
use leptos::{
    ev::{KeyboardEvent, PointerEvent},
    html::Div,
    prelude::*,
};

use super::{
    Now, STEP,
    layers::{Layers, WIDTH, shape},
};
use crate::{
    amount,
    i18n::{t, t_with},
    state::State,
};

/// How far other keys go than arrows, in milliseconds.
const PAGE: i64 = 30_000;

#[component]
pub(super) fn SeekBar(now: Now) -> impl IntoView {
    let state = State::expect();
    let music = state.music;
    let bar = NodeRef::<Div>::new();
    // Where the bar is dragged to. Nothing is sought before it is let go: what plays goes on until then.
    let dragged = RwSignal::new(None::<TrackTime>);
    // What the pointer is over.
    let pointed = RwSignal::new(None::<TrackTime>);
    let place = Memo::new(move |_| dragged.get().unwrap_or_else(|| music.position.get()));
    let end = move || now.duration.get();
    let whole = Memo::new(move |_| {
        let playing = music.playing();
        music.rows.with(|rows| {
            playing
                .and_then(|id| rows.get(&id))
                .is_some_and(|row| row.mine)
        })
    });
    let layers = Memo::new(move |_| {
        let playing = music.playing();
        music.pieces.with(|pieces| {
            let pieces = pieces
                .as_ref()
                .filter(|pieces| Some(pieces.track) == playing);
            let here = match (whole.get(), pieces) {
                (true, _) => None,
                (false, Some(pieces)) => Some((&pieces.here[..], pieces.count)),
                (false, None) => Some((&[][..], 0)),
            };
            Layers::of(place.get(), end(), here)
        })
    });
    let held = Memo::new(move |_| layers.with(|layers| shape(&layers.held)));
    let ahead = Memo::new(move |_| layers.with(|layers| shape(layers.ahead.as_slice())));
    let percent = move |part: f64| format!("{:.2}%", part * 100.0);
    let played = move || percent(layers.with(|layers| layers.played));
    // A reader is told seconds, and not tenths.
    let seconds = Memo::new(move |_| place.get().0 / 1000);
    let time = |place: TrackTime| amount::play_time(place.0);
    let said = move || {
        let at = amount::play_time(seconds.get() * 1000);
        match end() {
            Some(end) => t_with("player_position", &[&at, &time(end)]),
            None => at,
        }
    };
    let at = move |event: &PointerEvent| {
        let end = now.duration.get_untracked()?.0 as f64;
        let bar = bar.get_untracked()?.get_bounding_client_rect();
        let part = (f64::from(event.client_x()) - bar.left()) / bar.width().max(1.0);
        Some(TrackTime((part.clamp(0.0, 1.0) * end) as u64))
    };
    // Whoever follows is where the leader is.
    let takes = Memo::new(move |_| now.some.get() && now.leader.with(Option::is_none));
    let down = move |event: PointerEvent| {
        if event.button() != 0 || !takes.get_untracked() {
            return;
        }
        if let (Some(place), Some(bar)) = (at(&event), bar.get_untracked()) {
            // A pointer that is gone cannot be followed.
            let _captured = bar.set_pointer_capture(event.pointer_id());
            dragged.set(Some(place));
        }
    };
    let moved = move |event: PointerEvent| {
        let place = at(&event);
        pointed.set(place);
        if dragged.get_untracked().is_some() {
            dragged.set(place);
        }
    };
    let up = move |_: PointerEvent| {
        let place = dragged.get_untracked();
        dragged.set(None);
        if let Some(place) = place.filter(|_| takes.get_untracked()) {
            // Until the player tells where it is.
            music.position.set(place);
            state.play(Intent::Seek(place));
        }
    };
    let key = move |event: KeyboardEvent| {
        let with = event.ctrl_key() || event.alt_key() || event.meta_key();
        if with || !takes.get_untracked() {
            return;
        }
        let intent = match event.key().as_str() {
            "ArrowRight" | "ArrowUp" => Intent::SeekBy(STEP),
            "ArrowLeft" | "ArrowDown" => Intent::SeekBy(-STEP),
            "PageUp" => Intent::SeekBy(PAGE),
            "PageDown" => Intent::SeekBy(-PAGE),
            "Home" => Intent::Seek(TrackTime::START),
            "End" => match now.duration.get_untracked() {
                Some(end) => Intent::Seek(end.moved(-STEP)),
                None => return,
            },
            _ => return,
        };
        event.prevent_default();
        state.play(intent);
    };
    view! {
        <div class="seek">
            <div
                class="seek-bar"
                role="slider"
                tabindex="0"
                data-testid="seek"
                aria-label=move || t("player_seek")
                aria-valuemin="0"
                aria-valuemax=move || end().map_or(0, |end| end.0 / 1000).to_string()
                aria-valuenow=move || seconds.get().to_string()
                aria-valuetext=said
                aria-disabled=move || (!takes.get() || end().is_none()).then_some("true")
                node_ref=bar
                on:pointerdown=down
                on:pointermove=moved
                on:pointerup=up
                on:pointercancel=move |_| dragged.set(None)
                on:pointerleave=move |_| pointed.set(None)
                on:keydown=key
            >
                <svg class="layers" viewBox=format!("0 0 {WIDTH} 1") preserveAspectRatio="none" aria-hidden="true">
                    <path class="held" data-testid="seek-held" d=move || held.get() />
                    <path class="ahead" data-testid="seek-ahead" d=move || ahead.get() />
                </svg>
                <span class="played" data-testid="seek-played" style:width=played></span>
                <span class="thumb" style:inset-inline-start=played></span>
                {move || pointed.get().zip(end()).map(|(place, end)| {
                    let part = place.0 as f64 / end.0.max(1) as f64;
                    view! {
                        <span class="pointed" aria-hidden="true" style:inset-inline-start=percent(part)>{time(place)}</span>
                    }
                })}
            </div>
            <div class="times" aria-hidden="true">
                <span data-testid="player-position">{move || amount::play_time(seconds.get() * 1000)}</span>
                <span data-testid="player-duration">{move || end().map_or_else(|| "–:––".to_owned(), time)}</span>
            </div>
        </div>
    }
}
