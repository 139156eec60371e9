//! Tracks and a player that exist only in the style guide.

use std::sync::Arc;

use catnest::{
    channel::ChannelId,
    music::{
        Speed, TrackTime,
        player::{self, Activity},
        queue::Repeat,
        track::Track,
    },
    node::{HolderView, Row},
    resource::{Md5, ResourceId},
    time::Millis,
};
use leptos::{context::Provider, prelude::*};

use super::{add::Adding, shared::Shared};
use crate::{state::State, time};

/// Title, artist, album, seconds.
const TRACKS: [(&str, &str, &str, u32); 6] = [
    ("Nine lives", "The Tabbies", "Purr", 215),
    ("月光下的猫", "小白乐队", "夜行", 187),
    (
        "A title that goes on for so long that no panel has room for all of it",
        "An orchestra with a conductor, a choir, and two soloists",
        "Live",
        4_510,
    ),
    ("Windowsill", "Ann", "", 64),
    ("Étude in F", "咪咪", "Études", 301),
    ("Banned tune", "Nightcore Cats", "Fast", 142),
];

/// Where all of them are.
pub(crate) const CHANNEL: ChannelId = ChannelId([0; 32]);

/// The id of one of the samples.
pub(crate) fn id(number: u8) -> ResourceId {
    ResourceId([number + 1; 32])
}

/// One of the samples.
pub(crate) fn track(number: u8) -> Option<Track> {
    let (title, artist, album, seconds) = *TRACKS.get(usize::from(number))?;
    Some(made_up(number, [title, artist, album], seconds))
}

/// A track of these names, which plays so long. The one with the lowest number came last.
pub(crate) fn made_up(number: u8, names: [&str; 3], seconds: u32) -> Track {
    let [title, artist, album] = names.map(str::to_owned);
    Track {
        id: id(number),
        md5: Md5([number; 16]),
        length: 4_000_000,
        media_type: "audio/flac".to_owned(),
        name: "sample.flac".to_owned(),
        title,
        artist,
        album,
        number: None,
        disc: None,
        year: None,
        play_ms: Some(seconds * 1000),
        cover: None,
        lyrics: None,
        added: Millis(1_000_000 - u64::from(number)),
    }
}

/// Has a state know all samples.
pub(crate) fn fill(state: State) {
    state.current.set(Some(CHANNEL));
    let tracks = (0..).map_while(track);
    know(state, tracks.map(|track| row(track, true, Vec::new())));
}

/// A track as it is listed.
pub(crate) fn row(track: Track, mine: bool, holders: Vec<HolderView>) -> Row {
    Row {
        banned: track.title.starts_with("Banned"),
        track,
        mine,
        holders,
    }
}

/// Has a state know these rows, and no others.
pub(crate) fn know(state: State, rows: impl Iterator<Item = Row>) {
    let rows = rows.map(|row| (row.track.id, Arc::new(row)));
    state.music.rows.set(rows.collect());
    state.music.loaded.set(true);
}

/// A player that does this.
pub(crate) fn player(
    activity: Activity,
    track: Option<player::Track>,
    position: TrackTime,
) -> player::State {
    player::State {
        track,
        activity,
        position,
        at: time::now(),
        duration: Some(TrackTime(215_000)),
        speed: Speed::NORMAL,
        volume: 80,
        muted: false,
        shuffle: false,
        repeat: Repeat::Off,
    }
}

/// Something that is shown with a state of its own: the page's hears the engine.
#[component]
pub(crate) fn Scene(set: impl FnOnce(State) + 'static, children: Children) -> impl IntoView {
    let state = State::provide();
    Shared::provide();
    Adding::provide(state);
    set(state);
    // Whatever comes later in it finds this one, too.
    view! { <Provider value=state>{children()}</Provider> }
}
