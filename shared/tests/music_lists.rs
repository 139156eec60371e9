//! Lists of music: each device keeps its own, asks others for theirs, and shows all of them as one (M1, M2, M7, M10, M11,
//! M14, M15).

mod common;

use catnest::{
    music::ban,
    node::{Command, MusicCommand, Problem},
    preferences::Preferences,
    resource::ResourceId,
    sim::{DeviceId, Sim},
};

use common::{
    MINUTE, NEST, SECOND,
    files::comes,
    join,
    music::{add, library, lines, music, rows, track},
    nest, problems,
};

const SHORT: usize = 100_000;

fn shows(sim: &mut Sim, device: DeviceId, channel: catnest::channel::ChannelId, expected: &[&str]) {
    let shown = library(sim, device, channel);
    assert_eq!(lines(&shown), expected);
    // What views were told is what they are told when they ask.
    let told: Vec<_> = rows(sim, device, channel).into_values().collect();
    assert_eq!(told, shown);
}

fn set_caching(sim: &mut Sim, device: DeviceId, cache_lists: bool) {
    let preferences = Preferences {
        cache_lists,
        ..Preferences::default()
    };
    sim.command(device, Command::SetPreferences { preferences });
    sim.run_for(SECOND);
}

#[test]
fn m1_what_is_added_is_on_the_own_list_and_survives_the_end() {
    let (mut sim, people, channel) = nest(1, &["Ann"]);
    let ann = people[0];
    add(&mut sim, ann, channel, "Milk", SHORT);
    shows(&mut sim, ann, channel, &["+Milk"]);
    sim.crash(ann);
    sim.restart(ann);
    sim.forget_events();
    sim.run_for(SECOND);
    shows(&mut sim, ann, channel, &["+Milk"]);
}

#[test]
fn m2_a_neighbour_has_the_list_and_hears_what_changes() {
    let (mut sim, people, channel) = nest(2, &["Ann", "Ben"]);
    let (ann, ben) = (people[0], people[1]);
    let milk = add(&mut sim, ann, channel, "Milk", SHORT);
    shows(&mut sim, ben, channel, &["Milk Ann"]);
    add(&mut sim, ann, channel, "Mice", SHORT);
    shows(&mut sim, ben, channel, &["Mice Ann", "Milk Ann"]);
    music(&mut sim, ann, MusicCommand::Drop { track: milk.id });
    sim.run_for(SECOND);
    shows(&mut sim, ben, channel, &["Mice Ann"]);
    shows(&mut sim, ann, channel, &["+Mice"]);
}

#[test]
fn m7_who_comes_later_has_all_lists_as_one() {
    let (mut sim, people, channel) = nest(3, &["Ann", "Ben"]);
    add(&mut sim, people[0], channel, "Milk", SHORT);
    add(&mut sim, people[1], channel, "Mice", SHORT);
    // The same bytes.
    add(&mut sim, people[1], channel, "Milk", SHORT);
    let cat = sim.add("Cat");
    join(&mut sim, cat, NEST);
    sim.run_for(MINUTE);
    shows(&mut sim, cat, channel, &["Mice Ben", "Milk Ann Ben"]);
}

#[test]
fn m10_only_who_asks_is_told() {
    let (mut sim, people, channel) = nest(4, &["Ann", "Ben", "Cat"]);
    let shelf = |frames: Vec<Vec<u8>>| frames.iter().filter(|frame| frame[1] == 32).count();
    let before: Vec<usize> = people
        .iter()
        .map(|id| shelf(sim.frames_heard(*id)))
        .collect();
    // A question and an answer each way, for each of two neighbours.
    assert_eq!(before, [4, 4, 4]);
    add(&mut sim, people[0], channel, "Milk", SHORT);
    sim.run_for(SECOND);
    let after: Vec<usize> = people
        .iter()
        .map(|id| shelf(sim.frames_heard(*id)))
        .collect();
    // Two questions to Ann; news and one part to each of the others, and nothing between them.
    assert_eq!(after, [6, 6, 6]);
}

#[test]
fn m11_a_list_goes_with_its_device_or_stays_as_what_was_kept() {
    for (cached, there) in [(false, &[][..]), (true, &["Milk (Ann)"][..])] {
        let (mut sim, people, channel) = nest(5, &["Ann", "Ben"]);
        let (ann, ben) = (people[0], people[1]);
        set_caching(&mut sim, ben, cached);
        add(&mut sim, ann, channel, "Milk", SHORT);
        shows(&mut sim, ben, channel, &["Milk Ann"]);
        sim.crash(ann);
        sim.run_for(MINUTE);
        shows(&mut sim, ben, channel, there);
        sim.crash(ben);
        sim.restart(ben);
        sim.forget_events();
        sim.run_for(SECOND);
        shows(&mut sim, ben, channel, there);
        sim.restart(ann);
        sim.run_for(2 * MINUTE);
        shows(&mut sim, ben, channel, &["Milk Ann"]);
    }
}

#[test]
fn m11_lists_that_were_kept_go_when_the_member_wants_none() {
    let (mut sim, people, channel) = nest(6, &["Ann", "Ben"]);
    let (ann, ben) = (people[0], people[1]);
    add(&mut sim, ann, channel, "Milk", SHORT);
    sim.crash(ann);
    sim.run_for(MINUTE);
    shows(&mut sim, ben, channel, &["Milk (Ann)"]);
    set_caching(&mut sim, ben, false);
    shows(&mut sim, ben, channel, &[]);
    sim.crash(ben);
    sim.restart(ben);
    sim.forget_events();
    sim.run_for(SECOND);
    shows(&mut sim, ben, channel, &[]);
}

#[test]
fn m14_what_has_come_whole_is_on_the_own_list() {
    let (mut sim, people, channel) = nest(7, &["Ann", "Ben"]);
    let (ann, ben) = (people[0], people[1]);
    let milk = add(&mut sim, ann, channel, "Milk", 1_000_000);
    let keep = |track| MusicCommand::Keep { channel, track };
    music(&mut sim, ben, keep(milk.id));
    comes(&mut sim, ben, milk.id);
    sim.run_for(SECOND);
    shows(&mut sim, ben, channel, &["+Milk Ann"]);
    shows(&mut sim, ann, channel, &["+Milk Ben"]);
    music(&mut sim, ben, keep(ResourceId([7; 32])));
    sim.run_for(SECOND);
    assert_eq!(problems(&sim, ben), [Problem::NoTrack]);
}

#[test]
fn m15_what_is_dropped_stays_listed_while_another_member_has_it() {
    let (mut sim, people, channel) = nest(8, &["Ann", "Ben"]);
    let (ann, ben) = (people[0], people[1]);
    let milk = add(&mut sim, ann, channel, "Milk", SHORT);
    music(
        &mut sim,
        ben,
        MusicCommand::Keep {
            channel,
            track: milk.id,
        },
    );
    comes(&mut sim, ben, milk.id);
    sim.run_for(SECOND);
    music(&mut sim, ben, MusicCommand::Drop { track: milk.id });
    sim.run_for(SECOND);
    shows(&mut sim, ben, channel, &["Milk Ann"]);
    assert_eq!(sim.stored_file(ben, milk.id), None);
    // Now Ann alone has it.
    music(&mut sim, ann, MusicCommand::Drop { track: milk.id });
    sim.run_for(SECOND);
    shows(&mut sim, ann, channel, &[]);
    shows(&mut sim, ben, channel, &[]);
}

#[test]
fn m6_what_is_banned_stays_banned_after_the_end() {
    let (mut sim, people, channel) = nest(9, &["Ann"]);
    let ann = people[0];
    add(&mut sim, ann, channel, "Milk", SHORT);
    add(&mut sim, ann, channel, "Bark", SHORT);
    let bark = |kind, pattern: &str| ban::Entry {
        scope: ban::Scope::Title,
        kind,
        text: pattern.into(),
        off: false,
    };
    let entries = vec![bark(ban::Kind::Pattern, "^B.rk$")];
    music(&mut sim, ann, MusicCommand::SetBans { entries });
    sim.run_for(SECOND);
    shows(&mut sim, ann, channel, &["+Bark banned", "+Milk"]);
    sim.crash(ann);
    sim.restart(ann);
    sim.forget_events();
    sim.run_for(SECOND);
    shows(&mut sim, ann, channel, &["+Bark banned", "+Milk"]);
    let entries = vec![bark(ban::Kind::Pattern, "a(b")];
    music(&mut sim, ann, MusicCommand::SetBans { entries });
    sim.run_for(SECOND);
    assert!(matches!(problems(&sim, ann)[..], [Problem::Ban { .. }]));
}

#[test]
fn a_long_list_comes_whole_to_who_was_there_and_to_who_comes_later() {
    let (mut sim, people, channel) = nest(10, &["Ann", "Ben"]);
    let (ann, ben) = (people[0], people[1]);
    for number in 0..300 {
        add(
            &mut sim,
            ann,
            channel,
            &format!("Song {number}"),
            1000 + number,
        );
    }
    assert_eq!(library(&mut sim, ben, channel).len(), 300);
    let cat = sim.add("Cat");
    join(&mut sim, cat, NEST);
    sim.run_for(MINUTE);
    assert_eq!(library(&mut sim, cat, channel).len(), 300);
}

#[test]
fn what_is_not_here_is_not_added() {
    let (mut sim, people, channel) = nest(11, &["Ann"]);
    let content = common::files::bytes(SHORT, 3);
    let file = common::files::describe("ghost.flac", "audio/flac", &content);
    let tracks = vec![track(&file, "Ghost", "Nobody")];
    music(&mut sim, people[0], MusicCommand::Add { channel, tracks });
    sim.run_for(SECOND);
    assert_eq!(problems(&sim, people[0]), [Problem::NoFile]);
    shows(&mut sim, people[0], channel, &[]);
}
