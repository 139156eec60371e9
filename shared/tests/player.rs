//! The player: what a person wants, what the element says, and what comes of both.

#[path = "player/bench.rs"]
mod bench;

use catnest::{
    music::{
        TrackTime,
        player::{
            Activity, Fact, Failure, Intent, LoadKey, PauseReason, PlayerOutput, SessionState,
        },
        queue::Repeat,
    },
    resource::ResourceId,
};

use crate::bench::{Bench, MINUTE, track};

const PAUSED: Activity = Activity::Paused(PauseReason::Person);

#[test]
fn m8_a_click_plays_and_views_know_the_row() {
    let mut bench = Bench::new();
    assert_eq!(bench.state().activity, Activity::Stopped);
    bench.click(3, 1);
    let expected = [
        PlayerOutput::Load {
            key: LoadKey(1),
            resource: track(2),
            start: TrackTime::START,
        },
        PlayerOutput::Play,
    ];
    assert_eq!(bench.done, expected);
    bench.is(Activity::Waiting, 2);
    bench.sounds();
    bench.is(Activity::Playing, 2);
    let entry = bench.player.queue().current().map(|entry| entry.id);
    assert_eq!(bench.state().track.and_then(|track| track.entry), entry);
    bench.passes(1234);
    assert_eq!(bench.position(), 1234, "without a tick");
}

#[test]
fn m13_asking_twice_loads_once() {
    let mut bench = Bench::new();
    bench.click(3, 1);
    bench.click(3, 1);
    bench.wants(Intent::Play);
    let entry = bench.player.queue().current().unwrap();
    bench.wants(Intent::Jump(entry.id));
    assert_eq!(bench.loads(), [track(2)]);
    bench.sounds();
    bench.plays(5000);
    bench.click(3, 1);
    bench.wants(Intent::Pause);
    bench.click(5, 1);
    assert_eq!(bench.loads(), [], "what is loaded is played on");
    bench.says(Fact::Playing, 5000);
    assert_eq!(bench.position(), 5000);
    bench.is(Activity::Playing, 2);
}

#[test]
fn m13_what_an_earlier_load_says_is_left_out() {
    let mut bench = Bench::playing(3);
    let old = bench.load;
    bench.wants(Intent::Next);
    let before = bench.state();
    for fact in [
        Fact::Ended,
        Fact::Error(Failure::Source),
        Fact::Paused,
        Fact::Time,
    ] {
        bench.says_of(old, fact, 30_000);
    }
    bench.says_of(LoadKey(99), Fact::Ended, 0);
    assert_eq!(bench.state(), before);
    assert_eq!(bench.loads(), [track(2)]);
}

#[test]
fn the_same_track_twice_in_a_row_begins_again_without_a_load() {
    let mut bench = Bench::playing(1);
    bench.wants(Intent::Append(vec![track(1)]));
    bench.plays(MINUTE);
    bench.ends();
    assert_eq!(
        bench.done,
        [PlayerOutput::Seek(TrackTime::START), PlayerOutput::Play]
    );
    assert_eq!(bench.player.queue().position(), Some(1));
}

#[test]
fn m16_an_element_that_waits_locks_nothing() {
    let mut bench = Bench::playing(3);
    bench.plays(2000);
    bench.says(Fact::Waiting, 2000);
    bench.is(Activity::Waiting, 1);
    bench.passes(600_000);
    assert_eq!(bench.position(), 2000, "it does not move while it waits");
    bench.wants(Intent::Pause);
    bench.is(PAUSED, 1);
    bench.wants(Intent::Play);
    bench.is(Activity::Waiting, 1);
    bench.wants(Intent::Seek(TrackTime(40_000)));
    bench.wants(Intent::Next);
    bench.is(Activity::Waiting, 2);
    assert_eq!(bench.loads(), [track(2)]);
    bench.sounds();
    bench.is(Activity::Playing, 2);
}

#[test]
fn m18_what_becomes_of_lists_changes_nothing() {
    let mut bench = Bench::playing(3);
    bench.plays(2000);
    let before = bench.state();
    // No list knows the track any more: it plays on, and so does what is here.
    bench.banned = vec![track(1)];
    bench.wants(Intent::Append(vec![track(9)]));
    bench.says(Fact::Time, 2000);
    assert_eq!(bench.state(), before);
    assert_eq!(bench.done, []);
}

#[test]
fn m6_a_ban_leaves_the_track() {
    let mut bench = Bench::playing(3);
    bench.banned = vec![track(1), track(2)];
    let banned = bench.banned.clone();
    let is_banned = |id: ResourceId| banned.contains(&id);
    bench.player.banned(bench.now, &is_banned, &|_| true);
    bench.drain();
    bench.is(Activity::Waiting, 3);
    bench.player.banned(bench.now, &|_| true, &|_| true);
    bench.drain();
    assert_eq!(bench.done.last(), Some(&PlayerOutput::Unload));
    bench.wants(Intent::Previous);
    bench.banned.push(track(3));
    bench.done.clear();
    bench.wants(Intent::Play);
    assert_eq!(bench.loads(), []);
}

#[test]
fn a_pause_at_the_end_is_no_pause() {
    let mut bench = Bench::playing(2);
    bench.plays(MINUTE);
    bench.says(Fact::Paused, MINUTE);
    bench.is(Activity::Waiting, 1);
    bench.says(Fact::Ended, MINUTE);
    bench.is(Activity::Waiting, 2);
    let paused = PlayerOutput::Session(SessionState::Paused);
    assert!(
        !bench.told.contains(&paused),
        "no flicker in the system's controls"
    );
}

#[test]
fn a_pause_at_the_end_of_what_has_no_length_is_none_either() {
    let mut bench = Bench::new();
    bench.click(2, 0);
    bench.says(Fact::Loaded { duration: None }, 0);
    bench.says(Fact::Playing, 0);
    bench.plays(5000);
    bench.says(Fact::Paused, 5000);
    bench.is(Activity::Paused(PauseReason::System), 1);
    bench.says(Fact::Ended, 5000);
    bench.is(Activity::Waiting, 2);
}

#[test]
fn the_platform_pauses_and_goes_on() {
    let mut bench = Bench::playing(2);
    bench.plays(5000);
    bench.says(Fact::Paused, 5000);
    bench.is(Activity::Paused(PauseReason::System), 1);
    bench.says(Fact::Playing, 5000);
    bench.is(Activity::Playing, 1);
}

#[test]
fn a_pause_that_was_asked_for_comes_late() {
    let mut bench = Bench::playing(2);
    bench.plays(5000);
    bench.wants(Intent::Pause);
    bench.wants(Intent::Play);
    bench.says(Fact::Paused, 5000);
    bench.is(Activity::Waiting, 1);
    bench.says(Fact::Playing, 5000);
    bench.is(Activity::Playing, 1);
}

#[test]
fn seeking_waits_until_the_element_is_there() {
    let mut bench = Bench::playing(2);
    bench.plays(5000);
    bench.wants(Intent::Seek(TrackTime(40_000)));
    assert_eq!(bench.done, [PlayerOutput::Seek(TrackTime(40_000))]);
    bench.is(Activity::Waiting, 1);
    bench.says(Fact::Time, 5250);
    bench.says(Fact::Seeking, 40_000);
    bench.says(Fact::Waiting, 40_000);
    bench.passes(3000);
    assert_eq!(bench.position(), 40_000);
    bench.says(Fact::Seeked, 40_000);
    bench.is(Activity::Waiting, 1);
    bench.says(Fact::Playing, 40_000);
    bench.is(Activity::Playing, 1);
    bench.wants(Intent::SeekBy(-50_000));
    bench.wants(Intent::SeekBy(2 * MINUTE as i64));
    let ends = [TrackTime::START, TrackTime(MINUTE)].map(PlayerOutput::Seek);
    assert_eq!(bench.done[1..], ends, "no further than the track goes");
}

#[test]
fn a_seek_before_the_track_is_known_is_made_up_for() {
    let mut bench = Bench::new();
    bench.click(2, 0);
    bench.done.clear();
    bench.wants(Intent::Seek(TrackTime(10_000)));
    bench.wants(Intent::Seek(TrackTime(20_000)));
    assert_eq!(bench.done, []);
    let duration = Some(TrackTime(MINUTE));
    bench.says(Fact::Loaded { duration }, 0);
    assert_eq!(bench.done, [PlayerOutput::Seek(TrackTime(20_000))]);
}

#[test]
fn refused_and_aborted_plays() {
    let mut bench = Bench::new();
    bench.click(2, 0);
    bench.says(Fact::Aborted, 0);
    bench.is(Activity::Waiting, 1);
    bench.says(Fact::Refused, 0);
    bench.is(Activity::Paused(PauseReason::Refused), 1);
    bench.done.clear();
    bench.wants(Intent::Toggle);
    assert_eq!(bench.done, [PlayerOutput::Play]);
}

#[test]
fn previous_is_the_beginning_first() {
    let mut bench = Bench::playing(3);
    bench.wants(Intent::Next);
    bench.sounds();
    bench.plays(3250);
    bench.done.clear();
    bench.wants(Intent::Previous);
    assert_eq!(bench.done, [PlayerOutput::Seek(TrackTime::START)]);
    bench.says(Fact::Playing, 0);
    bench.plays(2750);
    bench.wants(Intent::Previous);
    bench.is(Activity::Waiting, 1);
    bench.wants(Intent::Previous);
    bench.is(Activity::Waiting, 1);
}

#[test]
fn at_the_end_it_is_quiet_and_play_begins_again() {
    let mut bench = Bench::playing(1);
    bench.plays(MINUTE);
    bench.ends();
    bench.is(Activity::Paused(PauseReason::QueueEnd), 1);
    assert_eq!(bench.position(), 0);
    assert_eq!(bench.done, []);
    bench.wants(Intent::Play);
    assert_eq!(
        bench.done,
        [PlayerOutput::Seek(TrackTime::START), PlayerOutput::Play]
    );
    bench.says(Fact::Playing, 0);
    bench.wants(Intent::Next);
    bench.is(Activity::Paused(PauseReason::QueueEnd), 1);
}

#[test]
fn a_failed_track_is_passed_over() {
    let mut bench = Bench::playing(3);
    bench.says(Fact::Error(Failure::Decode), 4000);
    bench.is(Activity::Waiting, 2);
    bench.sounds();
    bench.plays(1000);
    bench.wants(Intent::Pause);
    bench.says(Fact::Error(Failure::Source), 1000);
    bench.is(Activity::Failed(Failure::Source), 2);
    bench.done.clear();
    bench.wants(Intent::Play);
    assert_eq!(
        bench.loads(),
        [track(2)],
        "who asks for it again has it tried again"
    );
}

#[test]
fn a_queue_that_fails_comes_to_rest() {
    for repeat in [Repeat::Off, Repeat::All, Repeat::One] {
        for shuffle in [false, true] {
            let mut bench = Bench::new();
            bench.wants(Intent::Repeat(repeat));
            bench.wants(Intent::Shuffle(shuffle));
            bench.click(5, 0);
            for _ in 0..50 {
                if bench.state().activity == Activity::Waiting {
                    bench.says(Fact::Error(Failure::Source), 0);
                }
            }
            assert_eq!(bench.loads().len(), 5, "{repeat:?}, {shuffle}");
            assert_eq!(bench.state().activity, Activity::Failed(Failure::Source));
        }
    }
}

#[test]
fn tracks_without_sound_do_not_spin() {
    let mut bench = Bench::new();
    bench.wants(Intent::Repeat(Repeat::All));
    bench.click(3, 0);
    for _ in 0..50 {
        let duration = Some(TrackTime::START);
        bench.says(Fact::Loaded { duration }, 0);
        bench.says(Fact::Playing, 0);
        bench.says(Fact::Paused, 0);
        bench.says(Fact::Ended, 0);
    }
    assert_eq!(bench.loads().len(), 3);
    assert_eq!(bench.state().activity, Activity::Failed(Failure::Empty));
}

#[test]
fn one_good_track_among_bad_ones_plays_for_ever() {
    let mut bench = Bench::new();
    bench.wants(Intent::Repeat(Repeat::All));
    bench.click(3, 0);
    for _ in 0..30 {
        let good = bench.state().track.unwrap().resource == track(2);
        if good {
            bench.sounds();
            bench.plays(MINUTE);
            bench.ends();
        } else {
            bench.says(Fact::Error(Failure::Decode), 0);
        }
    }
    assert_ne!(bench.state().activity, Activity::Failed(Failure::Decode));
}
