//! Play, pause, next, previous, shuffle, repeat.

use catnest::music::{
    player::{Activity, Intent},
    queue::Repeat,
};
use leptos::prelude::*;

use super::Now;
use crate::{
    i18n::t,
    icon::{Drawing, Icon},
    state::State,
};

/// What the button of repeating leads to.
pub(in crate::panel) fn after(repeat: Repeat) -> Repeat {
    match repeat {
        Repeat::Off => Repeat::All,
        Repeat::All => Repeat::One,
        Repeat::One => Repeat::Off,
    }
}

#[component]
pub(super) fn Transport(now: Now) -> impl IntoView {
    let state = State::expect();
    let player = state.music.player;
    let shuffle =
        Memo::new(move |_| player.with(|player| player.is_some_and(|player| player.shuffle)));
    let repeat = Memo::new(move |_| {
        player.with(|player| player.map_or(Repeat::Off, |player| player.repeat))
    });
    let wants =
        Memo::new(move |_| matches!(now.activity.get(), Activity::Playing | Activity::Waiting));
    let repeat_words = move || match repeat.get() {
        Repeat::Off => t("repeat_off"),
        Repeat::All => t("repeat_all"),
        Repeat::One => t("repeat_single"),
    };
    let repeat_name = move || match repeat.get() {
        Repeat::Off => "off",
        Repeat::All => "all",
        Repeat::One => "one",
    };
    let toggle_words = move || {
        if wants.get() {
            t("player_pause")
        } else {
            t("player_play")
        }
    };
    let none = Memo::new(move |_| !now.some.get() && state.music.queue.with(Vec::is_empty));
    view! {
        <div class="transport" role="group" aria-label=move || t("player")>
            <button
                type="button"
                class="quiet icon-button mode"
                data-testid="shuffle"
                title=move || t("player_shuffle")
                aria-label=move || t("player_shuffle")
                aria-pressed=move || shuffle.get().to_string()
                aria-keyshortcuts="S"
                on:click=move |_| state.play(Intent::Shuffle(!shuffle.get_untracked()))
            >
                <Drawing icon=Icon::Shuffle small=true />
            </button>
            <button
                type="button"
                class="quiet icon-button"
                data-testid="previous"
                title=move || t("player_previous")
                aria-label=move || t("player_previous")
                aria-keyshortcuts="P"
                disabled=none
                on:click=move |_| state.play(Intent::Previous)
            >
                <Drawing icon=Icon::Previous />
            </button>
            <button
                type="button"
                class="primary play"
                data-testid="toggle"
                title=toggle_words
                aria-label=toggle_words
                aria-keyshortcuts="Space"
                disabled=none
                on:click=move |_| state.play(Intent::Toggle)
            >
                {move || view! { <Drawing icon=if wants.get() { Icon::Pause } else { Icon::Play } /> }}
            </button>
            <button
                type="button"
                class="quiet icon-button"
                data-testid="next"
                title=move || t("player_next")
                aria-label=move || t("player_next")
                aria-keyshortcuts="N"
                disabled=none
                on:click=move |_| state.play(Intent::Next)
            >
                <Drawing icon=Icon::Next />
            </button>
            <button
                type="button"
                class="quiet icon-button mode"
                data-testid="repeat"
                data-repeat=repeat_name
                title=repeat_words
                aria-label=repeat_words
                aria-pressed=move || (repeat.get() != Repeat::Off).to_string()
                aria-keyshortcuts="R"
                on:click=move |_| state.play(Intent::Repeat(after(repeat.get_untracked())))
            >
                {move || view! {
                    <Drawing icon=if repeat.get() == Repeat::One { Icon::RepeatOne } else { Icon::Repeat } small=true />
                }}
            </button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_button_goes_through_all_ways_to_repeat() {
        let mut at = Repeat::Off;
        let seen = [(); 3].map(|()| {
            at = after(at);
            at
        });
        assert_eq!(seen, [Repeat::All, Repeat::One, Repeat::Off]);
    }
}
