//! What was said before somebody came, and while they were away, reaches them from whoever keeps it.

mod common;

use std::collections::BTreeSet;

use catnest::sim::Sim;
use common::{
    HOUR, MINUTE, NEST, counts, devices, heard, join, log, nest, numbered, page, say_all,
};

#[test]
fn a_newcomer_gets_all_that_was_said_each_once() {
    for seed in 0..5 {
        let (mut sim, devices) = devices(seed, &["Ann", "Bo", "Cy"]);
        let channel = common::channel_of(NEST);
        join(&mut sim, devices[0], NEST);
        join(&mut sim, devices[1], NEST);
        sim.run_for(MINUTE);
        let said = numbered(600);
        say_all(&mut sim, devices[0], channel, &said);
        sim.run_for(HOUR);
        sim.forget_events();
        join(&mut sim, devices[2], NEST);
        sim.run_for(MINUTE);
        let mut came = heard(&sim, devices[2]);
        came.sort();
        assert_eq!(came, said, "seed {seed}");
        assert_eq!(log(&mut sim, devices[2], channel), said, "seed {seed}");
        // What others said before is no news to a newcomer.
        assert_eq!(sim.badge(devices[2]), 0);
    }
}

#[test]
fn what_was_said_while_somebody_was_away_is_unread_and_comes_from_whoever_is_there() {
    for seed in 0..5 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo", "Cy"]);
        sim.crash(devices[2]);
        sim.run_for(MINUTE);
        let said = numbered(100);
        say_all(&mut sim, devices[0], channel, &said);
        sim.run_for(HOUR);
        // Its author is not there any more.
        sim.crash(devices[0]);
        sim.restart(devices[2]);
        sim.run_for(2 * MINUTE);
        assert_eq!(page(&mut sim, devices[2], channel), said, "seed {seed}");
        assert_eq!(sim.badge(devices[2]), said.len());
    }
}

#[test]
fn halves_that_were_apart_agree_after_one_of_each_met() {
    for seed in 0..5 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo", "Cy", "Di"]);
        let halves = [[devices[0], devices[1]], [devices[2], devices[3]]];
        for away in [1, 0] {
            for device in halves[away] {
                sim.crash(device);
            }
            for device in halves[1 - away] {
                sim.restart(device);
            }
            sim.run_for(2 * MINUTE);
            let texts: Vec<String> = (0..50).map(|n| format!("{away} {n:02}")).collect();
            say_all(&mut sim, halves[1 - away][0], channel, &texts);
            sim.run_for(HOUR);
        }
        // The first half is away again, and one of each half meets before the others come.
        sim.crash(devices[0]);
        sim.restart(devices[2]);
        sim.run_for(5 * MINUTE);
        for device in [devices[0], devices[1], devices[3]] {
            sim.restart(device);
        }
        sim.run_for(5 * MINUTE);
        let logs: BTreeSet<Vec<String>> = devices
            .iter()
            .map(|device| log(&mut sim, *device, channel))
            .collect();
        assert_eq!(logs.len(), 1, "seed {seed}");
        assert_eq!(logs.first().map(Vec::len), Some(100), "seed {seed}");
    }
}

#[test]
fn a_link_that_breaks_under_the_history_loses_and_repeats_nothing() {
    for seed in 0..5 {
        let (mut sim, devices) = devices(seed, &["Ann", "Bo"]);
        let channel = common::channel_of(NEST);
        join(&mut sim, devices[0], NEST);
        sim.run_for(MINUTE);
        let said = numbered(600);
        say_all(&mut sim, devices[0], channel, &said);
        sim.run_for(HOUR);
        join(&mut sim, devices[1], NEST);
        let some = |sim: &Sim| heard(sim, devices[1]).len() > 50;
        assert!(sim.run_until(MINUTE, some), "seed {seed}");
        sim.cut(devices[0], devices[1]);
        sim.run_for(5 * MINUTE);
        let twice = counts(&sim, devices[1]).into_iter().find(|(_, n)| *n > 1);
        assert_eq!(twice, None, "seed {seed}");
        assert_eq!(log(&mut sim, devices[1], channel), said, "seed {seed}");
    }
}
