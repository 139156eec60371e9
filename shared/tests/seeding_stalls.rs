//! Files of which nothing comes any more keep nothing else from coming.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

mod common;

use catnest::{
    limits,
    resource::Descriptor,
    seeding::Seeds,
    sim::{DeviceId, Sim},
};

use common::{
    HOUR, MINUTE,
    files::{bytes, comes, describe, share},
    music::add,
    nest,
    seeding::{FILE, broken, quota, seed, transfers, whole},
};

/// Two pieces.
const SMALL: usize = limits::MIN_PIECE_BYTES as usize + 1;

/// How many files a device has a part of.
fn parts(sim: &mut Sim, device: DeviceId) -> usize {
    let all = transfers(sim, device).into_iter();
    all.filter(|of| (1..of.file.length).contains(&of.have_bytes))
        .count()
}

/// Something comes to a device by itself, sooner or later.
fn comes_within_hours(sim: &mut Sim, device: DeviceId, file: &Descriptor) {
    sim.run_for(2 * HOUR);
    let all = transfers(sim, device);
    let here = all.iter().find(|of| of.file.id == file.id);
    assert_eq!(
        here.map(|of| of.have_bytes),
        Some(file.length),
        "{}",
        file.name
    );
}

#[test]
fn what_nobody_has_more_of_takes_no_place() {
    let (mut sim, people, channel) = nest(1, &["Ann", "Ben", "Host"]);
    let (ann, ben, host) = (people[0], people[1], people[2]);
    let content = bytes(FILE, 200);
    let old = describe("old", "application/octet-stream", &content);
    share(&mut sim, ben, channel, &old, &content);
    for number in 0..2 * limits::OFFERS_AT_ONCE as u8 {
        broken(&mut sim, ann, channel, number, SMALL);
    }
    seed(&mut sim, host, channel, Seeds::All);
    sim.run_for(MINUTE);
    assert_eq!(parts(&mut sim, host), limits::OFFERS_AT_ONCE);
    comes_within_hours(&mut sim, host, &old);
}

#[test]
fn as_many_as_may_be_on_their_way_stop_nothing_when_who_had_them_is_gone() {
    const MOST: usize = limits::MAX_TRANSFERS / 2;
    let (mut sim, people, channel) = nest(2, &["Ann", "Ben", "Host"]);
    let (ann, ben, host) = (people[0], people[1], people[2]);
    let mut last = None;
    for number in 0..MOST + limits::OFFERS_AT_ONCE {
        last = Some(broken(&mut sim, ann, channel, number as u8, SMALL));
    }
    let last = last.unwrap();
    seed(&mut sim, host, channel, Seeds::All);
    sim.run_for(3 * HOUR);
    // One may just be giving way to another.
    let most = parts(&mut sim, host);
    assert!(
        (MOST - limits::OFFERS_AT_ONCE..=MOST).contains(&most),
        "{most}"
    );
    sim.crash(ann);
    sim.run_for(MINUTE);
    let content = bytes(FILE, 200);
    let new = describe("new", "application/octet-stream", &content);
    share(&mut sim, ben, channel, &new, &content);
    comes_within_hours(&mut sim, host, &new);
    assert!(parts(&mut sim, host) <= MOST);
    // It comes once somebody has it.
    let number = (MOST + limits::OFFERS_AT_ONCE - 1) as u8;
    share(&mut sim, ben, channel, &last, &bytes(SMALL, number));
    comes_within_hours(&mut sim, host, &last);
}

#[test]
fn two_that_are_stalled_do_not_take_turns() {
    const LENGTH: usize = 4 * limits::MIN_PIECE_BYTES as usize;
    let (mut sim, people, channel) = nest(4, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    // There is room for one of them, and not for as much as there is of both.
    quota(&mut sim, host, LENGTH * 5 / 4);
    for number in [1, 2] {
        broken(&mut sim, ann, channel, number, LENGTH);
    }
    seed(&mut sim, host, channel, Seeds::All);
    let mut here = Vec::new();
    for _ in 0..30 {
        sim.run_for(10 * MINUTE);
        let all = transfers(&mut sim, host).into_iter();
        here.extend(all.filter(|of| of.have_bytes > 0).map(|of| of.file.id));
    }
    here.dedup();
    assert!((1..=2).contains(&here.len()), "{here:?}");
    // One that comes has its room all the same.
    let content = bytes(LENGTH, 200);
    let new = describe("new", "application/octet-stream", &content);
    share(&mut sim, ann, channel, &new, &content);
    comes(&mut sim, host, new.id);
}

#[test]
fn what_comes_takes_the_room_of_what_is_stalled() {
    let (mut sim, people, channel) = nest(3, &["Ann", "Ben", "Host"]);
    let (ann, ben, host) = (people[0], people[1], people[2]);
    quota(&mut sim, host, FILE);
    let file = broken(&mut sim, ann, channel, 1, SMALL);
    seed(&mut sim, host, channel, Seeds::All);
    sim.run_for(MINUTE);
    assert_eq!(parts(&mut sim, host), 1);
    // A track pushes nothing out that was wanted at any time.
    let song = add(&mut sim, ben, channel, "Milk", FILE);
    sim.run_for(MINUTE);
    assert_eq!((parts(&mut sim, host), whole(&mut sim, host).len()), (1, 0));
    sim.run_for(HOUR);
    comes(&mut sim, host, song.id);
    assert_eq!(parts(&mut sim, host), 0);
    // What left comes again when there is room, and somebody has all of it.
    quota(&mut sim, host, 2 * FILE);
    share(&mut sim, ben, channel, &file, &bytes(SMALL, 1));
    comes_within_hours(&mut sim, host, &file);
}
