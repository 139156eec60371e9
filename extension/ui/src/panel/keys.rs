//! Keys that work wherever the focus is, as players have them. Whatever has the focus comes first: what is typed into a field
//! is text.

use catnest::music::player::Intent;
use leptos::{ev::KeyboardEvent, prelude::*};
use wasm_bindgen::prelude::*;

use super::{
    library::SEARCH,
    player::{STEP, after},
    shared::Shared,
    tabs::Tab,
};
use crate::{js, state::State};

/// How much louder an arrow makes it, in percent.
const LOUDER: u8 = 5;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Toggle,
    By(i64),
    Louder(bool),
    Next,
    Previous,
    Mute,
    Shuffle,
    Repeat,
    Search,
    Lyrics,
}

impl Key {
    /// Of a key as it was typed. Caps Lock makes no other one of it.
    fn of(typed: &str, shift: bool) -> Option<Self> {
        let lower = typed.to_ascii_lowercase();
        let letter = typed.len() == 1 && !shift;
        let key = if letter { lower.as_str() } else { typed };
        Some(match key {
            " " | "k" => Key::Toggle,
            "ArrowRight" => Key::By(STEP),
            "ArrowLeft" => Key::By(-STEP),
            "ArrowUp" => Key::Louder(true),
            "ArrowDown" => Key::Louder(false),
            "n" => Key::Next,
            "p" => Key::Previous,
            "m" => Key::Mute,
            "s" => Key::Shuffle,
            "r" => Key::Repeat,
            "l" => Key::Lyrics,
            "/" => Key::Search,
            _ => return None,
        })
    }

    /// Whether it goes on while it is held.
    fn repeats(self) -> bool {
        matches!(self, Key::By(_) | Key::Louder(_))
    }

    /// What it is to the player; none: it is about the panel, or nothing plays.
    fn intent(self, state: State) -> Option<Intent> {
        let player = state.music.player.get_untracked()?;
        Some(match self {
            Key::Toggle => Intent::Toggle,
            Key::By(milliseconds) => Intent::SeekBy(milliseconds),
            Key::Louder(true) => Intent::Volume(player.volume.saturating_add(LOUDER).min(100)),
            Key::Louder(false) => Intent::Volume(player.volume.saturating_sub(LOUDER)),
            Key::Next => Intent::Next,
            Key::Previous => Intent::Previous,
            Key::Mute => Intent::Mute(!player.muted),
            Key::Shuffle => Intent::Shuffle(!player.shuffle),
            Key::Repeat => Intent::Repeat(after(player.repeat)),
            Key::Search | Key::Lyrics => return None,
        })
    }
}

/// Listens.
pub(super) fn follow(state: State, shared: Shared) {
    let listener = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        let with = event.ctrl_key() || event.meta_key() || event.alt_key();
        let elsewhere = in_dialog() || shared.open.with_untracked(Option::is_some);
        if event.default_prevented() || event.is_composing() || with || elsewhere {
            return;
        }
        let Some(key) = Key::of(&event.key(), event.shift_key()) else {
            return;
        };
        if belongs_to_focus(&event, key) {
            return;
        }
        event.prevent_default();
        if event.repeat() && !key.repeats() {
            return;
        }
        match key {
            Key::Search => {
                shared.tab.set(Tab::Library);
                // It is hidden until then.
                request_animation_frame(|| js::focus(SEARCH));
            }
            Key::Lyrics => shared.tab.set(Tab::Lyrics),
            _ => {
                if let Some(intent) = key.intent(state) {
                    state.play(intent);
                }
            }
        }
    });
    on_cleanup(move || listener.remove());
}

fn in_dialog() -> bool {
    matches!(document().query_selector("dialog[open]"), Ok(Some(_)))
}

/// Whether what has the focus does something with the key itself.
fn belongs_to_focus(event: &KeyboardEvent, key: Key) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let Some(target) = target else {
        return false;
    };
    let is = |selector: &str| matches!(target.closest(selector), Ok(Some(_)));
    let arrows = matches!(key, Key::By(_) | Key::Louder(_));
    let space = key == Key::Toggle && event.key() == " ";
    // Such keys scroll it.
    let scrolls = is("[role=region][tabindex]");
    // A range takes arrows, and no letters.
    let types = is(
        "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]",
    );
    let chooses = is(
        "input[type=range], input[type=radio], [role=slider], [role=menu], [role=listbox], [role=tablist]",
    );
    let presses = is("button, a[href], summary, input[type=checkbox], input[type=radio]");
    types || (arrows && (chooses || scrolls)) || (space && (presses || scrolls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_players() {
        for (key, shift, expected) in [
            (" ", false, Some(Key::Toggle)),
            ("ArrowLeft", false, Some(Key::By(-5000))),
            ("ArrowUp", false, Some(Key::Louder(true))),
            ("n", false, Some(Key::Next)),
            ("/", false, Some(Key::Search)),
            // Caps Lock is on.
            ("N", false, Some(Key::Next)),
            ("N", true, None),
            ("É", false, None),
            ("Enter", false, None),
        ] {
            assert_eq!(Key::of(key, shift), expected, "{key}");
        }
    }

    #[test]
    fn what_is_held_seeks_and_is_no_other_command_again() {
        for (key, repeats) in [
            (Key::By(5000), true),
            (Key::Louder(false), true),
            (Key::Toggle, false),
            (Key::Mute, false),
            (Key::Next, false),
        ] {
            assert_eq!(key.repeats(), repeats, "{key:?}");
        }
    }
}
