//! What the player tells others: the element's settings, Media Session, views, stores, whoever fetches, and what becomes of
//! its own track while it listens with a leader.

#[path = "player/bench.rs"]
mod bench;

use catnest::{
    entropy::Entropy,
    limits,
    music::{
        Speed, TrackTime,
        player::{
            Activity, Fact, GuestCommand, Intent, LoadKey, PauseReason, Place, Player, PlayerError,
            PlayerOutput, SessionState,
        },
        queue::Queue,
    },
    time::Millis,
};

use crate::bench::{Bench, MINUTE, track};

const PAUSED: Activity = Activity::Paused(PauseReason::Person);

#[test]
fn volume_speed_and_what_a_load_forgets() {
    let mut bench = Bench::playing(3);
    bench.told.clear();
    bench.wants(Intent::Volume(130));
    bench.wants(Intent::Mute(true));
    bench.wants(Intent::Volume(40));
    let volumes: Vec<(u8, bool)> = bench
        .told
        .iter()
        .filter_map(|output| match output {
            PlayerOutput::Volume { percent, muted } => Some((*percent, *muted)),
            _ => None,
        })
        .collect();
    assert_eq!(volumes, [(100, false), (100, true), (40, false)]);
    bench.wants(Intent::Speed(Speed::new(1500)));
    bench.passes(2000);
    assert_eq!(bench.position(), 3000);
    bench.told.clear();
    bench.wants(Intent::Next);
    assert!(bench.told.contains(&PlayerOutput::Speed(Speed::new(1500))));
}

#[test]
fn media_session_is_told_what_it_needs() {
    let mut bench = Bench::new();
    bench.click(2, 0);
    bench.sounds();
    bench.plays(10_000);
    let about_session = |output: &&PlayerOutput| {
        matches!(
            output,
            PlayerOutput::Metadata(_) | PlayerOutput::Session(_) | PlayerOutput::Position(_)
        )
    };
    let told: Vec<&PlayerOutput> = bench.told.iter().filter(about_session).collect();
    let position = |position| {
        PlayerOutput::Position(Some(Place {
            duration: TrackTime(MINUTE),
            position: TrackTime(position),
            speed: Speed::NORMAL,
        }))
    };
    let expected = [
        PlayerOutput::Metadata(Some(track(1))),
        PlayerOutput::Session(SessionState::Playing),
        position(0),
        position(0),
    ];
    assert_eq!(
        told,
        expected.iter().collect::<Vec<_>>(),
        "and nothing while it just plays"
    );
    bench.told.clear();
    bench.wants(Intent::Stop);
    assert!(
        bench
            .told
            .contains(&PlayerOutput::Session(SessionState::Paused))
    );
    let entry = bench.player.queue().current().unwrap().id;
    bench.wants(Intent::Remove(vec![entry]));
    bench.wants(Intent::Clear);
    assert!(bench.told.contains(&PlayerOutput::Metadata(Some(track(2)))));
    // How long the next one is, nobody knows yet.
    assert!(bench.told.contains(&PlayerOutput::Position(None)));
}

#[test]
fn views_and_stores_hear_of_what_is_news() {
    let mut bench = Bench::playing(2);
    bench.told.clear();
    bench.plays(30_000);
    let count = |bench: &Bench, wanted: fn(&PlayerOutput) -> bool| {
        bench.told.iter().filter(|output| wanted(output)).count()
    };
    let states = |output: &PlayerOutput| matches!(output, PlayerOutput::State(_));
    assert_eq!(count(&bench, states), 0, "they extrapolate");
    assert_eq!(count(&bench, |o| *o == PlayerOutput::KeepPlayer), 3);
    assert_eq!(count(&bench, |o| *o == PlayerOutput::KeepQueue), 0);
    bench.passes(250);
    bench.says(Fact::Time, 29_000);
    assert_eq!(count(&bench, states), 1, "it was slower than expected");
    bench.wants(Intent::PlayNext(vec![track(7)]));
    assert_eq!(count(&bench, |o| *o == PlayerOutput::KeepQueue), 1);
}

#[test]
fn the_next_track_is_asked_for_near_the_end() {
    let mut bench = Bench::new();
    bench.click(3, 0);
    let duration = Some(TrackTime(3 * MINUTE));
    bench.says(Fact::Loaded { duration }, 0);
    bench.says(Fact::Playing, 0);
    let asked_for = |bench: &Bench| -> Vec<PlayerOutput> {
        let is_one = |output: &&PlayerOutput| matches!(output, PlayerOutput::Prefetch(_));
        bench.told.iter().filter(is_one).cloned().collect()
    };
    bench.plays(2 * MINUTE - 500);
    assert_eq!(asked_for(&bench), []);
    bench.plays(5000);
    bench.wants(Intent::PlayNext(vec![track(9)]));
    let expected = [track(2), track(9)].map(PlayerOutput::Prefetch);
    assert_eq!(
        asked_for(&bench),
        expected,
        "once each, and another one if another comes next"
    );
    let left = 3 * MINUTE - bench.position();
    assert!(left < limits::PREFETCH_AHEAD.as_millis() as u64);
}

#[test]
fn after_a_restart_it_is_quiet_at_the_same_place() {
    let mut bench = Bench::playing(3);
    bench.wants(Intent::Volume(30));
    bench.wants(Intent::Speed(Speed::new(1250)));
    bench.plays(42_000);
    let queue = Queue::from_bytes(&bench.player.queue().to_bytes()).unwrap();
    let player = bench.player.to_bytes(bench.now);

    let mut bench = Bench::new();
    bench
        .player
        .restore(bench.now, queue, Some(&player))
        .unwrap();
    bench.drain();
    assert_eq!(bench.done, [], "nothing is fetched");
    assert!(bench.told.contains(&PlayerOutput::Volume {
        percent: 30,
        muted: false
    }));
    bench.is(PAUSED, 1);
    let state = bench.state();
    assert_eq!(
        (state.position, state.duration),
        (TrackTime(42_000), Some(TrackTime(MINUTE)))
    );
    bench.wants(Intent::Seek(TrackTime(50_000)));
    bench.wants(Intent::Play);
    let load = PlayerOutput::Load {
        key: LoadKey(1),
        resource: track(1),
        start: TrackTime(50_000),
    };
    assert_eq!(bench.done, [load, PlayerOutput::Play]);
    let duration = Some(TrackTime(MINUTE));
    bench.says(Fact::Loaded { duration }, 0);
    assert_eq!(bench.done[2], PlayerOutput::Seek(TrackTime(50_000)));
}

#[test]
fn a_position_of_another_entry_is_not_believed() {
    let mut bench = Bench::playing(3);
    bench.plays(42_000);
    let player = bench.player.to_bytes(bench.now);
    bench.wants(Intent::Next);
    let queue = bench.player.queue().clone();
    let mut bench = Bench::new();
    bench
        .player
        .restore(bench.now, queue, Some(&player))
        .unwrap();
    assert_eq!(bench.state().position, TrackTime::START);
}

#[test]
fn a_player_has_these_bytes() {
    let mut bench = Bench::playing(3);
    bench.plays(42_000);
    let bytes = bench.player.to_bytes(bench.now);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    insta::assert_snapshot!(hex);
    let long = [0; limits::MAX_PLAYER_BYTES + 1];
    let mut player = Player::new(Entropy::from_seed([1; 32]));
    let refused = player.restore(Millis(0), Queue::default(), Some(&long));
    assert_eq!(refused, Err(PlayerError::TooLong(long.len())));
    let refused = player.restore(Millis(0), Queue::default(), Some(&[7]));
    assert!(matches!(refused, Err(PlayerError::Malformed(_))));
}

#[test]
fn l2_a_leaders_track_plays_beside_the_own_queue() {
    let mut bench = Bench::playing(3);
    bench.plays(20_000);
    bench.done.clear();
    let place = TrackTime(5000);
    let load = |n, position| GuestCommand::Load {
        resource: track(n),
        position,
    };
    bench.follows(load(9, place));
    bench.follows(GuestCommand::Play);
    bench.sounds();
    bench.is(Activity::Playing, 9);
    assert_eq!(bench.state().track.unwrap().entry, None);
    bench.wants(Intent::Next);
    bench.wants(Intent::Volume(10));
    bench.is(Activity::Playing, 9);
    bench.follows(GuestCommand::Speed(Speed::new(1010)));
    assert_eq!(bench.state().speed, Speed::new(1010));
    bench.plays(MINUTE);
    bench.ends();
    bench.is(Activity::Paused(PauseReason::Leader), 9);
    bench.follows(load(8, TrackTime::START));
    bench.follows(GuestCommand::Leave);
    bench.is(PAUSED, 1);
    let state = bench.state();
    assert_eq!(
        (state.position, state.speed),
        (TrackTime(20_000), Speed::NORMAL)
    );
    bench.done.clear();
    bench.wants(Intent::Play);
    assert_eq!(bench.loads(), [track(1)]);
    for command in [
        GuestCommand::Pause,
        GuestCommand::Leave,
        GuestCommand::Adopt,
    ] {
        bench.follows(command);
    }
    bench.is(Activity::Waiting, 1);
}

#[test]
fn l2_who_takes_the_lead_plays_on() {
    let mut bench = Bench::playing(3);
    bench.follows(GuestCommand::Load {
        resource: track(9),
        position: TrackTime::START,
    });
    bench.follows(GuestCommand::Play);
    bench.sounds();
    bench.plays(5000);
    bench.done.clear();
    bench.follows(GuestCommand::Adopt);
    assert_eq!(bench.done, []);
    bench.is(Activity::Playing, 9);
    assert_eq!(bench.position(), 5000);
    let queue = bench.player.queue();
    assert_eq!((queue.len(), queue.position()), (4, Some(1)));
    bench.wants(Intent::Next);
    bench.is(Activity::Waiting, 2);
}
