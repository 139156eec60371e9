//! What somebody waits for comes before everything else of a file, in its order and of the best holders, in virtual time.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what fails fails the test"
)]

#[path = "swarm/world.rs"]
mod world;

use std::{collections::BTreeSet, ops::Range, time::Duration};

use catnest::{limits, swarm::HolderKey};

use crate::world::{Habit, RATE, World};

const MIB: u64 = 1024 * 1024;
const HOUR: Duration = Duration::from_secs(3600);
/// Of a download of so many pieces.
const PIECES: u32 = 512;
const LENGTH: u64 = PIECES as u64 * limits::MIN_PIECE_BYTES;

impl World {
    fn hurry(&mut self, windows: &[Range<u32>]) {
        let now = self.now;
        self.download.hurry(now, windows);
        self.carry_out();
    }

    fn has_all(&self, mut pieces: Range<u32>) -> bool {
        pieces.all(|piece| self.download.have().contains(piece))
    }
}

/// A download that is well under way, of which nobody waits for anything yet.
fn begun(seed: u8, habits: &[Habit]) -> World {
    let mut world = World::new(seed, LENGTH, habits);
    assert!(world.run_until(HOUR, |world| world.download.have().count() > 60));
    world
}

/// Pieces far from everything that came or was asked for: those that come last of all.
fn untouched(world: &World, pieces: u32) -> Range<u32> {
    let asked: BTreeSet<u32> = world.asked.iter().map(|(piece, _)| *piece).collect();
    let free = |start: &u32| (*start..*start + pieces).all(|piece| !asked.contains(&piece));
    // From the first one on they are asked for in a row.
    let first = world.asked[0].0;
    let starts = (0..PIECES).map(|back| (first + PIECES - pieces - 8 - back) % PIECES);
    let start = starts.filter(|start| start + pieces < PIECES).find(free);
    start.unwrap()..start.unwrap() + pieces
}

/// As much as may come twice at the end.
const ENDGAME: u64 = limits::ENDGAME_PIECES as u64 * limits::MIN_PIECE_BYTES;

#[test]
fn a_window_is_asked_for_first_and_in_its_order_and_then_the_rest() {
    let mut world = begun(1, &[Habit::Honest; 3]);
    let window = untouched(&world, 48);
    let before = world.asked.len();
    world.hurry(std::slice::from_ref(&window));
    assert!(world.run(HOUR));
    world.expect_complete();
    let after: Vec<u32> = world.asked[before..]
        .iter()
        .map(|(piece, _)| *piece)
        .collect();
    assert_eq!(after[..48], window.collect::<Vec<u32>>());
    assert!(world.download.received() <= LENGTH + ENDGAME);
    assert!(world.asked_twice.len() <= limits::ENDGAME_PIECES);
}

#[test]
fn who_seeks_to_four_fifths_has_them_at_once() {
    let mut world = begun(2, &[Habit::Honest]);
    world.hurry(std::slice::from_ref(&(0..64)));
    assert!(!world.run(Duration::from_millis(100)));
    let began = world.now;
    let there = PIECES * 4 / 5;
    world.hurry(std::slice::from_ref(&(there..there + 64)));
    assert!(world.run_until(HOUR, |world| world.has_all(there..there + 1)));
    // What was asked for before, and the way there and back.
    let owed = limits::MIN_PIPELINE_BYTES.max(RATE / 5);
    let soon = owed * 1000 / RATE + 100;
    let took = world.now.since(began).as_millis() as u64;
    assert!(took < soon, "{took} ms, {soon} are enough");
    assert!(world.run_until(HOUR, |world| world.has_all(there..there + 64)));
    let others = (0..PIECES).filter(|p| !(there..there + 64).contains(p));
    let came = others.filter(|piece| world.download.have().contains(*piece));
    assert!(came.count() < 160, "the rest waits");
    assert!(world.run(HOUR));
    world.expect_complete();
    assert_eq!(world.download.received(), LENGTH, "each byte came once");
}

#[test]
fn two_readers_come_on_alike() {
    let mut world = begun(3, &[Habit::Honest; 2]);
    let late = untouched(&world, 40);
    let mut early = late.clone();
    while world.asked.iter().any(|(p, _)| early.contains(p)) || early.end > late.start {
        early = early.start - 1..early.end - 1;
    }
    let before = world.came.len();
    world.hurry(&[late.clone(), early.clone()]);
    assert!(world.run_until(HOUR, |world| world.has_all(late.clone())));
    let of = |window: &Range<u32>| {
        let came = world.came[before..].iter();
        came.filter(|piece| window.contains(piece)).count()
    };
    assert!(of(&early) >= 30, "{} of 40", of(&early));
}

#[test]
fn a_window_that_is_given_up_is_like_all_the_rest() {
    let mut world = begun(4, &[Habit::Honest]);
    let window = untouched(&world, 64);
    world.hurry(std::slice::from_ref(&window));
    world.hurry(&[]);
    let before = world.asked.len();
    assert!(world.run_until(HOUR, |world| world.download.have().count() > 200));
    let asked = world.asked[before..].iter();
    let within = asked.filter(|(piece, _)| window.contains(piece)).count();
    assert!(within < 16, "{within} were asked for all the same");
    assert!(world.run(HOUR));
    world.expect_complete();
}

#[test]
fn a_slow_holder_is_not_asked_for_what_somebody_waits_for() {
    let slow = HolderKey(0);
    let mut world = begun(5, &[Habit::Slow(50_000), Habit::Honest, Habit::Honest]);
    let window = untouched(&world, 100);
    let before = world.asked.len();
    world.hurry(std::slice::from_ref(&window));
    let began = world.now;
    assert!(world.run_until(HOUR, |world| world.has_all(window.clone())));
    let took = world.now.since(began).as_millis() as u64;
    let best = 100 * limits::MIN_PIECE_BYTES * 1000 / (2 * RATE);
    assert!(took < best * 3 / 2 + 500, "{took} ms of at least {best}");
    let asked = &world.asked[before..];
    let of_slow = asked
        .iter()
        .filter(|(p, of)| *of == slow && window.contains(p));
    assert_eq!(of_slow.count(), 0);
    assert!(asked.iter().any(|(_, of)| *of == slow), "it gives the rest");
    assert!(world.run(HOUR));
    world.expect_complete();
}

/// What only a slow one has is asked of it, and what the best ones owe when they go as well.
#[test]
fn who_is_left_is_asked_however_slow() {
    let vanishes = Habit::Vanishes(200);
    let mut world = begun(6, &[Habit::Slow(100_000), vanishes]);
    let window = untouched(&world, 40);
    world.hurry(std::slice::from_ref(&window));
    let soon = Duration::from_millis(window.len() as u64 * limits::MIN_PIECE_BYTES / 100);
    let soon = soon + limits::HOLDER_PATIENCE * 2;
    assert!(world.run_until(soon, |world| world.has_all(window.clone())));
}

#[test]
fn who_stalls_with_something_urgent_is_soon_replaced() {
    for seed in 0..5 {
        let mut world = begun(seed, &[Habit::Honest, Habit::Stalls(90), Habit::Honest]);
        let window = untouched(&world, 64);
        world.hurry(std::slice::from_ref(&window));
        let began = world.now;
        assert!(world.run_until(HOUR, |world| world.has_all(window.clone())));
        let took = world.now.since(began);
        assert!(took < limits::HOLDER_PATIENCE / 2, "seed {seed}: {took:?}");
        assert!(world.run(HOUR));
        world.expect_complete();
    }
}

#[test]
fn while_all_is_well_a_piece_is_asked_of_one_holder() {
    let mut world = World::new(7, 16 * MIB, &[Habit::Honest; 4]);
    let last = (16 * MIB / limits::MIN_PIECE_BYTES) as u32;
    let mut at = 0;
    while !world.download.have().is_complete() {
        world.hurry(&[at..at + 64, last / 2..last / 2 + 64]);
        world.run(Duration::from_millis(150));
        at = (at + 7) % last;
    }
    world.expect_complete();
    // But for the endgame.
    assert!(world.asked_twice.len() <= limits::ENDGAME_PIECES);
    let twice = world.download.received() - 16 * MIB;
    assert!(twice <= ENDGAME);
}
