//! The library and the player in every state, for the style guide.

use catnest::{
    identity::Author,
    music::{
        TrackTime,
        player::{self, Activity, Failure, PauseReason},
        queue::{EntryId, Repeat},
    },
    node::{HolderView, Problem, Row, Transfer, TransferState},
    time::Millis,
};
use leptos::prelude::*;

use super::{
    add::Adding,
    library::{LibraryPane, NoMusic},
    player::PlayerBar,
    samples::{self, CHANNEL},
    shared::Shared,
};
use crate::state::{State, music::Pieces};

/// Title, artist, album, whether it is here, who else has it, and whether these are away.
type Sample = (
    &'static str,
    &'static str,
    &'static str,
    bool,
    &'static [&'static str],
    bool,
);

const SAMPLES: [Sample; 9] = [
    ("夜曲", "咪咪", "十一月", false, &["Bo", "小白"], false),
    (
        "Blue in Green",
        "Tom & the Cats",
        "Kind of Fish",
        false,
        &["Bo"],
        false,
    ),
    (
        "So What",
        "Tom & the Cats",
        "Kind of Fish",
        false,
        &["Bo"],
        false,
    ),
    (
        "Stopped, since the disk is full",
        "Mo",
        "",
        false,
        &["Bo"],
        false,
    ),
    (
        "On this device, and nowhere else",
        "Ann",
        "Home",
        true,
        &[],
        false,
    ),
    (
        "Whoever has it is away",
        "小白",
        "月亮",
        false,
        &["小白"],
        true,
    ),
    (
        "A title that is a good deal longer than there is room for, wherever it stands",
        "A band with a long name",
        "And an album",
        true,
        &["Bo", "小白", "Cy"],
        false,
    ),
    ("Comes", "Ann", "Home", false, &["Bo"], false),
    ("Banned", "Nobody", "", false, &["Bo"], false),
];

fn row(number: u8, sample: &Sample) -> Row {
    let (title, artist, album, mine, holders, away) = *sample;
    let seconds = 151 + 17 * u32::from(number);
    let track = samples::made_up(number, [title, artist, album], seconds);
    let holder = |(name, who): (&&str, u8)| HolderView {
        author: Author([who; 32]),
        name: (*name).to_owned(),
        cached: away,
    };
    let holders = holders.iter().zip(1..).map(holder);
    samples::row(track, mine, holders.collect())
}

fn transfer(row: &Row, state: TransferState, percent: u64) -> Transfer {
    Transfer {
        file: row.track.descriptor(),
        channels: vec![CHANNEL],
        state,
        have_bytes: row.track.length / 100 * percent,
        holders: 1,
        receiving: 400_000,
        sending: 0,
        received: 0,
        sent: 0,
        added: Millis(0),
        chosen: true,
    }
}

fn player(activity: Activity) -> player::State {
    let some = activity != Activity::Stopped;
    let track = some.then(|| player::Track {
        resource: samples::id(0),
        entry: Some(EntryId(1)),
    });
    let place = TrackTime(if some { 53_000 } else { 0 });
    player::State {
        duration: some.then_some(TrackTime(151_000)),
        shuffle: true,
        repeat: Repeat::All,
        ..samples::player(activity, track, place)
    }
}

/// A view's state with all samples in it.
fn filled(activity: Activity) -> State {
    let state = State::provide();
    state.current.set(Some(CHANNEL));
    let music = state.music;
    let rows: Vec<Row> = (0..)
        .zip(&SAMPLES)
        .map(|(number, sample)| row(number, sample))
        .collect();
    let stopped = TransferState::Stopped {
        problem: Problem::StoreFull,
    };
    let transfers = [
        (0, TransferState::Fetching, 62),
        (1, TransferState::Fetching, 20),
        (2, TransferState::Paused, 40),
        (3, stopped, 10),
        (7, TransferState::Checking, 100),
    ];
    state.transfers.set(
        transfers
            .into_iter()
            .filter_map(|(at, state, percent)| {
                let row: &Row = rows.get(at)?;
                Some((row.track.id, transfer(row, state, percent)))
            })
            .collect(),
    );
    samples::know(state, rows.into_iter());
    music.player.set(Some(player(activity)));
    music.position.set(player(activity).position);
    music.pieces.set(Some(Pieces {
        track: samples::id(0),
        here: vec![(0, 58), (70, 74)],
        count: 100,
    }));
    state
}

/// All of it.
#[component]
pub(crate) fn PanelSpecimens() -> impl IntoView {
    let activities = [
        Activity::Waiting,
        Activity::Paused(PauseReason::Refused),
        Activity::Failed(Failure::Decode),
        Activity::Stopped,
    ];
    // In closures, since each sample has signals of its own, also for rows that come into the page later.
    view! {
        <section>
            <h3>"Music"</h3>
            <div class="panel-sample">{move || view! { <Whole /> }}</div>
            {activities.map(|activity| view! {
                <div class="panel-sample brief">{move || view! { <Bar activity /> }}</div>
            }).collect_view()}
            <div class="panel-sample">{move || view! { <Nothing /> }}</div>
        </section>
    }
}

#[component]
fn Whole() -> impl IntoView {
    let state = filled(Activity::Playing);
    Shared::provide();
    Adding::provide(state);
    view! {
        <div class="music-panel">
            <div class="tab-pane"><LibraryPane /></div>
            <PlayerBar />
        </div>
    }
}

#[component]
fn Bar(activity: Activity) -> impl IntoView {
    filled(activity);
    Shared::provide();
    view! { <PlayerBar /> }
}

#[component]
fn Nothing() -> impl IntoView {
    let state = State::provide();
    Shared::provide();
    Adding::provide(state);
    view! { <div class="music-panel"><NoMusic /></div> }
}
