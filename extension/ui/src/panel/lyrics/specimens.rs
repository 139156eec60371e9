//! Lyrics in every state, for the style guide.

use std::sync::Arc;

use catnest::music::{
    TrackTime,
    lyrics::Lyrics,
    player::{Activity, PauseReason, Track},
};
use leptos::prelude::*;

use super::{Pane, Words, sheet::Sheet};
use crate::{
    panel::samples::{self, Scene},
    state::State,
};

const TIMED: &str = "Translated by 小白\n\
    [00:05.00]The window is open, the curtain is still\n\
    [00:05.00]窗开着，窗帘一动不动\n\
    [00:10.00]A cat on the windowsill counts every bird on the hill\n\
    [00:10.00]窗台上的猫数着山上的每一只鸟\n\
    [00:16.00]<00:16.00>Nine <00:16.40>lives <00:17.00>and <00:17.20>one <00:17.60>afternoon\n\
    [00:16.00]九条命，一个下午\n\
    [00:22.00]\n\
    [00:30.00]Purr\n\
    [00:34.00]A line that is far too long for any panel, and so it goes on and on over several lines, as lines of songs do\n\
    [00:41.00]The window is open, the curtain is still";

const PLAIN: &str =
    "The window is open\nthe curtain is still\n\nA cat on the windowsill\n数着山上的鸟";

/// All states.
#[component]
pub(crate) fn LyricsSpecimens() -> impl IntoView {
    let set = |state: State| {
        state.music.player.set(Some(samples::player(
            Activity::Paused(PauseReason::Person),
            Some(Track {
                resource: samples::id(0),
                entry: None,
            }),
            TrackTime(17_300),
        )));
    };
    let here = |text| Words::Here(Arc::new(Sheet::of(Lyrics::parse(text))));
    let all = [
        (here(TIMED), ""),
        (here(PLAIN), "low"),
        (Words::None, "low"),
        (Words::None, "low add"),
        (Words::Silence, "low"),
        (Words::Loading, "low"),
        (Words::Failed, "low"),
    ];
    view! {
        <section>
            <h3>"Lyrics"</h3>
            {all.map(|(words, height)| view! {
                <div class=format!("sample pane-sample {height}")>
                    <Scene set>
                        <Pane
                            words=RwSignal::new(words)
                            seen=true
                            can_add=height.ends_with("add")
                            on_add=|()| {}
                            on_retry=|()| {}
                        />
                    </Scene>
                </div>
            }).collect_view()}
        </section>
    }
}
