//! Where the track is now: while it plays, the place is reckoned on from what the player told.

use std::time::Duration;

use catnest::music::player::Activity;
use leptos::prelude::*;

use crate::{state::State, time};

/// Often enough for words that are sung, and for a bar that moves.
const TICK: Duration = Duration::from_millis(100);

/// Keeps the place of the track up to date, while the page can be seen.
pub(super) fn follow(state: State) {
    let music = state.music;
    let look = move || {
        let place = music.player.with_untracked(|player| {
            player
                .as_ref()
                .map(|player| player.position_at(time::now()))
        });
        let place = place.unwrap_or_default();
        if music.position.get_untracked() != place {
            music.position.set(place);
        }
    };
    state.watch_page();
    let moves = Memo::new(move |_| music.activity() == Activity::Playing && state.visible.get());
    Effect::new(move |_| {
        music.player.track();
        state.visible.track();
        look();
    });
    Effect::new(move |_| {
        if moves.get()
            && let Ok(ticking) = set_interval_with_handle(look, TICK)
        {
            on_cleanup(move || ticking.clear());
        }
    });
}
