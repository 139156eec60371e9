//! A download from many holders, in virtual time: complete and correct, whatever some of them do.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what fails fails the test"
)]

#[path = "swarm/world.rs"]
mod world;

use std::time::Duration;

use catnest::{limits, swarm::HolderKey};

use crate::world::{Habit, RATE, World};

const MIB: u64 = 1024 * 1024;
const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn one_holder_is_enough_and_its_uplink_is_full() {
    let mut world = World::new(1, 16 * MIB, &[Habit::Honest]);
    let began = world.now;
    assert!(world.run(HOUR));
    world.expect_complete();
    assert_eq!(world.download.received(), 16 * MIB, "each byte came once");
    let least = 16 * MIB * 1000 / RATE;
    let took = world.now.since(began).as_millis() as u64;
    assert!(took < least * 11 / 10 + 200, "{took} ms, at least {least}");
}

#[test]
fn ten_holders_are_nearly_ten_times_as_fast() {
    let mut world = World::new(2, 64 * MIB, &[Habit::Honest; 10]);
    let began = world.now;
    assert!(world.run(HOUR));
    world.expect_complete();
    let least = 64 * MIB * 100 / RATE;
    let took = world.now.since(began).as_millis() as u64;
    assert!(took < least * 13 / 10 + 200, "{took} ms, at least {least}");
    let twice = world.download.received() - 64 * MIB;
    let endgame = limits::ENDGAME_PIECES as u64 * limits::MIN_PIECE_BYTES;
    assert!(twice <= endgame, "{twice} bytes came twice");
}

#[test]
fn of_twenty_holders_five_lie_stall_or_vanish() {
    for seed in 0..10 {
        println!("seed {seed}");
        let mut habits = vec![Habit::Honest; 10];
        habits.extend([Habit::Has(2), Habit::Has(3), Habit::Has(5)]);
        habits.extend([Habit::Has(7), Habit::Slow(50_000)]);
        let liars = [Habit::Lies, Habit::LiesAboutTheOutline];
        habits.extend(liars);
        habits.push(Habit::Unasked);
        habits.extend([Habit::Stalls(5), Habit::Vanishes(5)]);
        let mut world = World::new(seed, 32 * MIB, &habits);
        assert!(world.run(HOUR), "stuck at {:?}", world.download.have());
        world.expect_complete();
        for (key, lie) in &world.liars {
            let habit = world.holders[key].habit;
            assert!(liars.contains(&habit), "{habit:?} is blamed: {lie}");
        }
        // One may lie about the outline and not have been asked for it; a bad piece is seen at once.
        let caught: Vec<Habit> = world.liars.keys().map(|k| world.holders[k].habit).collect();
        assert!(caught.contains(&Habit::Lies));
    }
}

/// Complete with one honest holder and one of these; who is blamed, and for what.
fn check(habit: Habit, blamed: Option<&str>) {
    let mut world = World::new(3, 8 * MIB, &[habit, Habit::Honest]);
    assert!(world.run(HOUR), "{habit:?}");
    world.expect_complete();
    let lie = world.liars.get(&HolderKey(0)).copied();
    assert_eq!(lie, blamed, "{habit:?}");
    assert!(!world.liars.contains_key(&HolderKey(1)), "{habit:?}");
}

#[test]
fn bad_holders_are_told_from_poor_ones() {
    check(Habit::Lies, Some("a piece is not what it should be"));
    check(Habit::Repeats, Some("it sends a piece more than twice"));
    check(Habit::Overflows, Some("it sends more than a piece has"));
    check(Habit::Crumbles, Some("part of its outline is not whole"));
    // What nobody asked for is counted by the node, for each link.
    for poor in [
        Habit::Unasked,
        Habit::Stalls(3),
        Habit::Vanishes(3),
        Habit::Slow(1000),
        Habit::Boasts,
        Habit::Busy,
        Habit::Has(2),
    ] {
        check(poor, None);
    }
}

#[test]
fn a_liar_about_the_outline_is_gone_before_anything_is_stored() {
    let mut world = World::new(4, 8 * MIB, &[Habit::LiesAboutTheOutline]);
    assert!(!world.run(HOUR));
    assert_eq!(
        world.liars[&HolderKey(0)],
        "its outline is not of this resource"
    );
    assert!(world.stored.is_empty());
    world.join(Habit::Honest);
    assert!(world.run(HOUR));
    world.expect_complete();
}

#[test]
fn what_nobody_has_is_waited_for() {
    let mut world = World::new(5, 8 * MIB, &[Habit::Has(2)]);
    assert!(!world.run(HOUR));
    assert_eq!(world.download.have().count(), 64);
    world.join(Habit::Honest);
    assert!(world.run(HOUR));
    world.expect_complete();
    assert_eq!(world.download.received(), 8 * MIB);
}

#[test]
fn a_pause_asks_for_nothing_and_goes_on_where_it_was() {
    let mut world = World::new(6, 8 * MIB, &[Habit::Honest]);
    assert!(!world.run(Duration::from_secs(2)));
    let now = world.now;
    world.download.pause(now, true);
    world.carry_out();
    let had = world.download.have().count();
    assert!(!world.run(HOUR));
    assert!(world.download.have().count() < had + 20);
    let now = world.now;
    world.download.pause(now, false);
    world.carry_out();
    assert!(world.run(HOUR));
    world.expect_complete();
}

#[test]
fn a_store_that_cannot_keep_up_holds_up_the_rest() {
    let mut world = World::new(7, 8 * MIB, &[Habit::Honest; 10]);
    assert!(world.run(HOUR));
    let most = limits::MAX_UNDURABLE_BYTES / limits::MIN_PIECE_BYTES;
    let window = limits::MIN_PIPELINE_BYTES / limits::MIN_PIECE_BYTES * 10;
    assert!(world.most_undurable as u64 <= most + window);
}

#[test]
fn who_sends_slowly_for_ever_holds_up_nothing() {
    // At first, or after it was seen to be fast; alone, or two that are asked for the same.
    for (drips, length) in [
        (&[Habit::Drips(0)][..], 1),
        (&[Habit::Drips(0); 2], 8),
        (&[Habit::Drips(200); 2], 32),
        (&[Habit::Drips(100); 6], 32),
    ] {
        let mut habits = drips.to_vec();
        habits.push(Habit::Honest);
        let mut world = World::new(8, length * MIB, &habits);
        let alone = Duration::from_millis(length * MIB * 1000 / RATE);
        let soon = alone * 2 + limits::HOLDER_PATIENCE;
        assert!(world.run(soon), "{drips:?}: {:?}", world.download.have());
        world.expect_complete();
        assert!(world.liars.is_empty(), "{:?}", world.liars);
    }
}

#[test]
fn a_slow_holder_is_asked_all_the_time() {
    let mut world = World::new(9, 2 * MIB, &[Habit::Slow(20_000)]);
    let began = world.now;
    assert!(world.run(HOUR));
    world.expect_complete();
    assert_eq!(world.download.received(), 2 * MIB, "each byte came once");
    let least = 2 * MIB * 1000 / 20_000;
    let took = world.now.since(began).as_millis() as u64;
    assert!(took < least * 11 / 10, "{took} ms, at least {least}");
}
