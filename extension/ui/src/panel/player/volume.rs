//! How loud, and how fast.

use catnest::music::{Speed, player::Intent};
use leptos::prelude::*;

use super::Now;
use crate::{
    i18n::{t, t_with},
    icon::{Drawing, Icon},
    panel::{
        menu::Menu,
        shared::{Open, Shared},
    },
    state::State,
};

/// Speeds to choose from, in thousandths.
const SPEEDS: [u16; 7] = [500, 750, 1000, 1250, 1500, 1750, 2000];

/// A speed as people write it: `1×`, `1.25×`.
fn speed_words(thousandths: u16) -> String {
    let (whole, rest) = (thousandths / 1000, thousandths % 1000 / 10);
    match rest {
        0 => format!("{whole}×"),
        tens if tens % 10 == 0 => format!("{whole}.{}×", tens / 10),
        hundredths => format!("{whole}.{hundredths:02}×"),
    }
}

#[component]
pub(super) fn Volume() -> impl IntoView {
    let state = State::expect();
    let player = state.music.player;
    let volume =
        Memo::new(move |_| player.with(|player| player.map_or(100, |player| player.volume)));
    let muted = Memo::new(move |_| player.with(|player| player.is_some_and(|player| player.muted)));
    let silent = Memo::new(move |_| muted.get() || volume.get() == 0);
    // Where the slider is held: what the player tells of the way there would pull it back.
    let dragged = RwSignal::new(None::<u8>);
    let shown = Memo::new(move |_| dragged.get().unwrap_or_else(|| volume.get()));
    let told = StoredValue::new(true);
    let drag = move |percent: u8| {
        dragged.set(Some(percent));
        // Once a frame is often enough to hear.
        if told.get_value() {
            told.set_value(false);
            request_animation_frame(move || {
                let gone = told.try_update_value(|told| *told = true).is_none();
                if let Some(percent) = dragged.try_get_untracked().flatten().filter(|_| !gone) {
                    state.play(Intent::Volume(percent));
                }
            });
        }
    };
    let let_go = move || {
        if let Some(percent) = dragged.get_untracked() {
            // Until the player tells it.
            player.update(|player| {
                if let Some(player) = player {
                    player.volume = percent;
                }
            });
            dragged.set(None);
            state.play(Intent::Volume(percent));
        }
    };
    // It says what the button does, so it is not pressed.
    let words = move || {
        if muted.get() {
            t("player_unmute")
        } else {
            t("player_mute")
        }
    };
    view! {
        <div class="volume">
            <button
                type="button"
                class="quiet icon-button"
                data-testid="mute"
                title=words
                aria-label=words
                aria-keyshortcuts="M"
                on:click=move |_| state.play(Intent::Mute(!muted.get_untracked()))
            >
                {move || view! {
                    <Drawing icon=if silent.get() { Icon::VolumeOff } else { Icon::Volume } small=true />
                }}
            </button>
            <input
                type="range"
                min="0"
                max="100"
                step="1"
                data-testid="volume"
                aria-label=move || t("player_volume")
                aria-valuetext=move || t_with("percent", &[&shown.get().to_string()])
                style:--part=move || format!("{}%", if muted.get() { 0 } else { shown.get() })
                prop:value=move || shown.get().to_string()
                on:input=move |event| {
                    if let Ok(percent) = event_target_value(&event).parse() {
                        drag(percent);
                    }
                }
                on:change=move |_| let_go()
                // What is brought back to where it was has not changed.
                on:pointerup=move |_| let_go()
                on:blur=move |_| let_go()
            />
        </div>
    }
}

#[component]
pub(super) fn Rate(now: Now) -> impl IntoView {
    let state = State::expect();
    let shared = Shared::expect();
    let player = state.music.player;
    let speed = Memo::new(move |_| {
        let speed = player.with(|player| player.map_or(Speed::NORMAL, |player| player.speed));
        speed.thousandths()
    });
    let label = move || t_with("player_rate", &[&speed_words(speed.get())]);
    // As fast as the leader, whoever that is.
    let title = move || match now.leader.get() {
        Some(leader) => t_with("together_following", &[&leader]),
        None => label(),
    };
    view! {
        <div class="more rate">
            <button
                type="button"
                id="rate"
                class="quiet small"
                class:on=move || speed.get() != Speed::NORMAL.thousandths()
                data-testid="rate"
                title=title
                disabled=move || now.leader.with(Option::is_some)
                aria-label=label
                aria-haspopup="menu"
                aria-expanded=move || shared.is_open(Open::Rate).to_string()
                on:click=move |_| shared.toggle(Open::Rate)
            >
                {move || speed_words(speed.get())}
            </button>
            <Menu open=Open::Rate id="rate-menu" label=Signal::derive(label)>
                {SPEEDS.map(|choice| view! {
                    <button
                        type="button"
                        role="menuitemradio"
                        tabindex="-1"
                        data-testid="rate-choice"
                        aria-checked=move || (speed.get() == choice).to_string()
                        on:click=move |_| {
                            shared.close();
                            state.play(Intent::Speed(Speed::new(choice)));
                        }
                    >
                        <span class="mark">
                            {move || (speed.get() == choice).then(|| view! { <Drawing icon=Icon::Check small=true /> })}
                        </span>
                        {speed_words(choice)}
                    </button>
                }).collect_view()}
            </Menu>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_short() {
        let words = SPEEDS.map(speed_words);
        assert_eq!(
            words,
            ["0.5×", "0.75×", "1×", "1.25×", "1.5×", "1.75×", "2×"]
        );
        assert_eq!(speed_words(1050), "1.05×");
        assert_eq!(speed_words(1031), "1.03×");
    }
}
