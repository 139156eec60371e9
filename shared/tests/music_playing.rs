//! The player of a node: what is played comes from whoever has it, is kept over the end, and can be listened to together
//! (M6, M13, M16, L2).

mod common;

use std::time::Duration;

use catnest::{
    channel::ChannelId,
    music::{
        TrackTime, ban,
        player::{Activity, Fact, Intent, LoadKey, PauseReason, PlayerOutput, Report, State},
        queue::Repeat,
        together::Part,
        track::Track,
    },
    node::{Command, Event, MusicCommand, MusicEvent, ReadPart, ReadProblem, TransferState},
    sim::{DeviceId, Sim},
    store::{MusicPart, Request},
    wire::Run,
};

use common::{
    MINUTE, SECOND,
    music::{add, music, rows},
    nest,
};

fn play(sim: &mut Sim, by: DeviceId, intent: Intent) {
    music(sim, by, MusicCommand::Play { intent });
    sim.run_for(SECOND);
}

fn play_list(sim: &mut Sim, by: DeviceId, tracks: &[&Track]) {
    let list = tracks.iter().map(|track| track.id).collect();
    play(sim, by, Intent::PlayList { list, row: 0 });
}

/// What the element was given in this run: which track, and where it is got.
fn loads(sim: &Sim, of: DeviceId) -> Vec<(LoadKey, String, Option<ChannelId>)> {
    let known = rows(sim, of, common::channel_of(common::NEST));
    let loads = sim
        .played(of)
        .iter()
        .filter_map(|(output, channel)| match output {
            PlayerOutput::Load { key, resource, .. } => {
                let title = known.get(resource).map(|row| row.track.title.clone());
                Some((*key, title.unwrap_or_default(), *channel))
            }
            _ => None,
        });
    loads.collect()
}

fn titles(sim: &Sim, of: DeviceId) -> Vec<String> {
    loads(sim, of)
        .into_iter()
        .map(|(_, title, _)| title)
        .collect()
}

/// The element of a device says what it would if it were one.
fn reports(sim: &mut Sim, of: DeviceId, position: u64, fact: Fact) {
    let load = loads(sim, of).last().map(|(key, ..)| *key);
    let position = TrackTime(position);
    let load = load.unwrap_or(LoadKey(0));
    let report = Report {
        load,
        position,
        fact,
    };
    sim.player_reports(of, report);
}

fn starts(sim: &mut Sim, of: DeviceId) {
    let duration = Some(TrackTime(180_000));
    reports(sim, of, 0, Fact::Loaded { duration });
    reports(sim, of, 0, Fact::Playing);
}

fn state(sim: &Sim, of: DeviceId) -> Option<State> {
    sim.events(of).iter().rev().find_map(|event| match event {
        Event::Music(MusicEvent::Player { state, .. }) => Some(*state),
        _ => None,
    })
}

#[test]
fn m13_what_is_asked_for_twice_is_loaded_once_from_where_it_is() {
    let (mut sim, people, channel) = nest(1, &["Ann", "Ben"]);
    let (ann, ben) = (people[0], people[1]);
    let milk = add(&mut sim, ann, channel, "Milk", 100_000);
    play_list(&mut sim, ben, &[&milk]);
    play_list(&mut sim, ben, &[&milk]);
    assert_eq!(titles(&sim, ben), ["Milk"]);
    assert_eq!(loads(&sim, ben)[0].2, Some(channel));
    let shown = sim.now_playing(ben).map(|track| track.title.clone());
    assert_eq!(shown, Some("Milk".into()));
    starts(&mut sim, ben);
    assert_eq!(
        state(&sim, ben).map(|state| state.activity),
        Some(Activity::Playing)
    );
}

#[test]
fn m16_what_is_prefetched_comes_whatever_the_player_does() {
    let (mut sim, people, channel) = nest(2, &["Ann", "Ben"]);
    let (ann, ben) = (people[0], people[1]);
    let milk = add(&mut sim, ann, channel, "Milk", 100_000);
    let mice = add(&mut sim, ann, channel, "Mice", 2_000_000);
    play_list(&mut sim, ben, &[&milk, &mice]);
    starts(&mut sim, ben);
    reports(&mut sim, ben, 170_000, Fact::Time);
    play(&mut sim, ben, Intent::Pause);
    common::files::comes(&mut sim, ben, mice.id);
    sim.run_for(SECOND);
    assert!(rows(&sim, ben, channel)[&mice.id].mine);
}

#[test]
fn m16_what_the_member_paused_goes_on_when_the_member_plays_it_and_not_before() {
    let (mut sim, people, channel) = nest(6, &["Ann", "Ben"]);
    let (ann, ben) = (people[0], people[1]);
    let milk = add(&mut sim, ann, channel, "Milk", 100_000);
    let mice = add(&mut sim, ann, channel, "Mice", 2_000_000);
    let (file, track) = (mice.id, mice.id);
    music(&mut sim, ben, MusicCommand::Keep { channel, track });
    sim.command(ben, Command::Pause { file, paused: true });
    let paused = |sim: &mut Sim| {
        sim.run_for(MINUTE);
        common::files::is(sim, ben, mice.id, &TransferState::Paused)
    };
    assert!(paused(&mut sim));
    play_list(&mut sim, ben, &[&milk, &mice]);
    starts(&mut sim, ben);
    reports(&mut sim, ben, 170_000, Fact::Time);
    assert!(paused(&mut sim), "it may be next");
    reports(&mut sim, ben, 180_000, Fact::Ended);
    assert_eq!(titles(&sim, ben), ["Milk", "Mice"]);
    let reader = sim.read(ben, mice.id, Some(channel), 0, 1000);
    assert!(paused(&mut sim), "it is its turn, and somebody reads it");
    assert_eq!(sim.parts(ben, reader).len(), 0);
    play_list(&mut sim, ben, &[&milk]);
    play_list(&mut sim, ben, &[&mice]);
    common::files::comes(&mut sim, ben, mice.id);
}

#[test]
fn what_is_dropped_while_it_plays_is_not_got_again_by_who_reads_it() {
    let (mut sim, people, channel) = nest(7, &["Ann", "Ben"]);
    let (ann, ben) = (people[0], people[1]);
    let milk = add(&mut sim, ann, channel, "Milk", 100_000);
    play_list(&mut sim, ben, &[&milk]);
    starts(&mut sim, ben);
    common::files::comes(&mut sim, ben, milk.id);
    music(&mut sim, ben, MusicCommand::Drop { track: milk.id });
    sim.run_for(SECOND);
    let unloads = sim.played(ben).iter();
    let unloads = unloads.filter(|(output, _)| *output == PlayerOutput::Unload);
    assert_eq!(unloads.count(), 1);
    let quiet = Some(Activity::Paused(PauseReason::Person));
    assert_eq!(state(&sim, ben).map(|state| state.activity), quiet);
    let pieces = sim.events(ben).iter().rev().find_map(|event| match event {
        Event::Music(MusicEvent::Pieces { here, .. }) => Some(here.clone()),
        _ => None,
    });
    assert_eq!(pieces, Some(Vec::new()));
    let reader = sim.read(ben, milk.id, Some(channel), 0, 1000);
    let gone = ReadPart::Failed(ReadProblem::Gone);
    assert_eq!(sim.parts(ben, reader), [&gone]);
    sim.forget_events();
    play(&mut sim, ben, Intent::Play);
    common::files::comes(&mut sim, ben, milk.id);
}

#[test]
fn nothing_joins_the_own_list_where_it_burns() {
    let (mut sim, people, channel) = nest(8, &["Ann", "Ben"]);
    let (ann, ben) = (people[0], people[1]);
    let milk = add(&mut sim, ann, channel, "Milk", 100_000);
    sim.command(ben, Command::Burn { channel, on: true });
    sim.run_for(SECOND);
    play_list(&mut sim, ben, &[&milk]);
    common::files::comes(&mut sim, ben, milk.id);
    sim.run_for(MINUTE);
    assert!(!rows(&sim, ben, channel)[&milk.id].mine);
}

#[test]
fn what_is_shown_of_the_track_that_plays_changes_with_its_row() {
    let (mut sim, people, channel) = nest(9, &["Ann"]);
    let ann = people[0];
    let milk = add(&mut sim, ann, channel, "Milk", 100_000);
    play_list(&mut sim, ann, &[&milk]);
    let title = "Cream".into();
    let tracks = vec![Track { title, ..milk }];
    music(&mut sim, ann, MusicCommand::Add { channel, tracks });
    sim.run_for(SECOND);
    let shown = sim.now_playing(ann).map(|track| track.title.clone());
    assert_eq!(shown, Some("Cream".into()));
}

#[test]
fn a_queue_and_its_place_survive_the_end_and_are_quiet_then() {
    let (mut sim, people, channel) = nest(3, &["Ann"]);
    let ann = people[0];
    let milk = add(&mut sim, ann, channel, "Milk", 100_000);
    let mice = add(&mut sim, ann, channel, "Mice", 100_001);
    play_list(&mut sim, ann, &[&milk, &mice]);
    starts(&mut sim, ann);
    play(&mut sim, ann, Intent::Next);
    starts(&mut sim, ann);
    play(&mut sim, ann, Intent::Seek(TrackTime(60_000)));
    reports(&mut sim, ann, 60_000, Fact::Seeked);
    play(&mut sim, ann, Intent::Pause);
    sim.crash(ann);
    sim.restart(ann);
    sim.forget_events();
    sim.run_for(SECOND);
    let after = state(&sim, ann);
    let playing = after
        .and_then(|state| state.track)
        .map(|track| track.resource);
    assert_eq!(playing, Some(mice.id));
    let place = after.map(|state| (state.position, state.activity));
    let quiet = Activity::Paused(PauseReason::Person);
    assert_eq!(place, Some((TrackTime(60_000), quiet)));
    assert_eq!(titles(&sim, ann), Vec::<String>::new());
    let queued = sim.events(ann).len();
    music(&mut sim, ann, MusicCommand::Tell);
    sim.run_for(SECOND);
    let told = sim.events(ann)[queued..]
        .iter()
        .find_map(|event| match event {
            Event::Music(MusicEvent::Queue { entries, history }) => {
                Some((entries.len(), history.len()))
            }
            _ => None,
        });
    assert_eq!(told, Some((2, 1)));
}

#[test]
fn what_the_store_is_slow_to_give_is_not_taken_for_gone() {
    let (mut sim, people, channel) = nest(3, &["Ann"]);
    let ann = people[0];
    let milk = add(&mut sim, ann, channel, "Milk", 100_000);
    play_list(&mut sim, ann, &[&milk]);
    starts(&mut sim, ann);
    play(&mut sim, ann, Intent::Pause);
    sim.run_for(SECOND);
    for slow in [
        (|request| matches!(request, Request::LoadResources)) as fn(&Request) -> bool,
        |request| matches!(request, Request::LoadMusic(MusicPart::Queue)),
        |request| matches!(request, Request::LoadTracks { .. }),
    ] {
        sim.slow_store(ann, move |request| {
            if slow(request) {
                SECOND
            } else {
                Duration::ZERO
            }
        });
        sim.crash(ann);
        sim.restart(ann);
        sim.forget_events();
        sim.run_for(3 * SECOND);
        assert_eq!(rows(&sim, ann, channel).len(), 1);
        let playing = state(&sim, ann).and_then(|state| state.track);
        assert_eq!(playing.map(|track| track.resource), Some(milk.id));
    }
}

#[test]
fn m6_what_is_banned_is_passed_over_and_left_at_once() {
    let (mut sim, people, channel) = nest(4, &["Ann"]);
    let ann = people[0];
    let tracks = ["Milk", "Bark", "Mice"].map(|title| add(&mut sim, ann, channel, title, 90_000));
    let ban = |text: &str| MusicCommand::SetBans {
        entries: vec![ban::Entry {
            scope: ban::Scope::Title,
            kind: ban::Kind::Plain,
            text: text.into(),
            off: false,
        }],
    };
    music(&mut sim, ann, ban("bark"));
    sim.run_for(SECOND);
    play_list(&mut sim, ann, &tracks.each_ref());
    starts(&mut sim, ann);
    play(&mut sim, ann, Intent::Next);
    assert_eq!(titles(&sim, ann), ["Milk", "Mice"]);
    starts(&mut sim, ann);
    play(&mut sim, ann, Intent::Repeat(Repeat::All));
    // The one that plays is banned now, and the other one is not any more.
    music(&mut sim, ann, ban("mice"));
    sim.run_for(SECOND);
    assert_eq!(titles(&sim, ann).last().map(String::as_str), Some("Milk"));
}

/// What a device does when it listens together, and whom it could follow.
fn together(sim: &Sim, of: DeviceId) -> (Part, Vec<Run>) {
    let told = sim.events(of).iter().rev().find_map(|event| match event {
        Event::Music(MusicEvent::Together { part, leads, .. }) => {
            Some((*part, leads.iter().map(|lead| lead.leader).collect()))
        }
        _ => None,
    });
    told.unwrap_or((Part::Alone, Vec::new()))
}

#[test]
fn l2_who_follows_has_the_track_of_who_leads() {
    let (mut sim, people, channel) = nest(5, &["Ann", "Ben"]);
    let (ann, ben) = (people[0], people[1]);
    let milk = add(&mut sim, ann, channel, "Milk", 100_000);
    play_list(&mut sim, ann, &[&milk]);
    starts(&mut sim, ann);
    music(&mut sim, ann, MusicCommand::Lead { channel });
    sim.run_for(SECOND);
    assert_eq!(together(&sim, ann).0, Part::Leads);
    let leads = together(&sim, ben).1;
    let follow = MusicCommand::Follow {
        channel,
        leader: leads[0],
    };
    music(&mut sim, ben, follow);
    sim.run_for(2 * SECOND);
    assert_eq!(together(&sim, ben).0, Part::Follows(leads[0]));
    assert_eq!(titles(&sim, ben), ["Milk"]);
    // Somebody who leaves a nest leads and follows nobody.
    sim.command(ann, Command::Leave { channel });
    sim.run_for(MINUTE);
    assert_eq!(together(&sim, ben), (Part::Alone, Vec::new()));
}
