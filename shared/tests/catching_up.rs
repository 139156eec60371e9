//! Links that break, devices that sleep, change their network or restart: no message is lost, none comes twice.

mod common;

use std::time::Duration;

use catnest::{
    channel::ChannelId,
    node::{Command, Problem},
    sim::{DeviceId, Sim},
};
use common::{MINUTE, NEST, SECOND, channel_of, devices, heard, join, nest, online, page, say};

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number:03}")).collect()
}

/// Ann says 200 things in ten seconds; after the hundredth something happens.
fn two_hundred(
    sim: &mut Sim,
    devices: &[DeviceId],
    channel: ChannelId,
    happens: impl FnOnce(&mut Sim),
) {
    sim.forget_events();
    let mut happens = Some(happens);
    for (number, text) in numbered(200).iter().enumerate() {
        if number == 100
            && let Some(happens) = happens.take()
        {
            happens(sim);
        }
        say(sim, devices[0], channel, text);
        sim.run_for(Duration::from_millis(50));
    }
    sim.run_for(2 * MINUTE);
}

/// A device showed all 200 as they came, each once, and has them in order.
fn has_all(sim: &mut Sim, device: DeviceId, channel: ChannelId) {
    let mut came = heard(sim, device);
    came.sort();
    assert_eq!(came, numbered(200));
    assert_eq!(page(sim, device, channel), numbered(200));
}

#[test]
fn a_link_closed_under_two_hundred_messages_loses_and_repeats_none() {
    for seed in 0..10 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo"]);
        two_hundred(&mut sim, &devices, channel, |sim| {
            sim.cut(devices[0], devices[1]);
        });
        has_all(&mut sim, devices[1], channel);
        assert_eq!(sim.open_connections(devices[0]), 2);
    }
}

#[test]
fn a_link_closed_while_the_server_is_gone_is_made_again_when_that_returns() {
    let (mut sim, devices, channel) = nest(1, &["Ann", "Bo"]);
    two_hundred(&mut sim, &devices, channel, |sim| {
        sim.set_server_up("127.0.0.1", false);
        sim.cut(devices[0], devices[1]);
    });
    assert!(heard(&sim, devices[1]).len() <= 100);
    sim.set_server_up("127.0.0.1", true);
    sim.run_for(2 * MINUTE);
    has_all(&mut sim, devices[1], channel);
}

#[test]
fn a_lost_path_is_found_again_by_an_ice_restart() {
    for seed in 0..10 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo"]);
        two_hundred(&mut sim, &devices, channel, |sim| {
            sim.lose_paths(devices[1]);
        });
        has_all(&mut sim, devices[1], channel);
        assert_eq!(
            sim.connections_made(devices[1]),
            2,
            "they are still the same connections"
        );
    }
}

#[test]
fn who_changes_its_network_hears_everything_once() {
    for seed in 0..10 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo"]);
        two_hundred(&mut sim, &devices, channel, |sim| {
            sim.change_network(devices[1]);
        });
        has_all(&mut sim, devices[1], channel);
        assert_eq!(online(&sim, devices[1]), ["Bo", "Ann"]);
    }
}

#[test]
fn who_slept_hears_what_was_said_meanwhile() {
    for seed in 0..10 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo"]);
        two_hundred(&mut sim, &devices, channel, |sim| {
            sim.sleep(devices[1], 4 * MINUTE);
        });
        assert!(heard(&sim, devices[1]).len() <= 100);
        sim.run_for(4 * MINUTE);
        has_all(&mut sim, devices[1], channel);
    }
}

#[test]
fn what_was_said_to_nobody_is_heard_when_somebody_comes_restarts_or_not() {
    let (mut sim, devices) = devices(3, &["Ann", "Bo"]);
    let channel = channel_of(NEST);
    join(&mut sim, devices[0], NEST);
    sim.run_for(SECOND);
    for text in numbered(20) {
        say(&mut sim, devices[0], channel, &text);
    }
    // Far longer than recent records are offered.
    sim.run_for(60 * MINUTE);
    sim.crash(devices[0]);
    sim.restart(devices[0]);
    sim.run_for(MINUTE);
    join(&mut sim, devices[1], NEST);
    sim.run_for(MINUTE);
    assert_eq!(heard(&sim, devices[1]), numbered(20));

    // Bo has acknowledged them: to the next one to come they are history.
    sim.crash(devices[0]);
    sim.run_for(60 * MINUTE);
    sim.crash(devices[1]);
    sim.forget_events();
    let late = sim.add("late");
    sim.restart(devices[0]);
    sim.run_for(SECOND);
    join(&mut sim, late, NEST);
    sim.run_for(MINUTE);
    assert_eq!(online(&sim, late), ["late", "Ann"]);
    let mut came = heard(&sim, late);
    came.sort();
    assert_eq!(came, numbered(20));
    assert_eq!(sim.badge(late), 0);
}

#[test]
fn a_full_outbox_is_said_to_be_full_and_keeps_what_it_has() {
    let (mut sim, devices) = devices(3, &["Ann", "Bo"]);
    let channel = channel_of(NEST);
    join(&mut sim, devices[0], NEST);
    sim.run_for(SECOND);
    let long = "喵".repeat(5000);
    for _ in 0..200 {
        say(&mut sim, devices[0], channel, &long);
    }
    sim.run_for(SECOND);
    let said = heard(&sim, devices[0]).len();
    assert!((100..200).contains(&said), "{said}");
    let refused = common::problems(&sim, devices[0]);
    assert_eq!(refused.len(), 200 - said);
    assert!(
        refused
            .iter()
            .all(|problem| *problem == Problem::OutboxFull)
    );
    join(&mut sim, devices[1], NEST);
    sim.run_for(2 * MINUTE);
    assert_eq!(heard(&sim, devices[1]).len(), said);
    say(&mut sim, devices[0], channel, "there is room again");
    sim.run_for(MINUTE);
    assert_eq!(heard(&sim, devices[1]).len(), said + 1);
}

#[test]
fn a_member_that_joins_again_is_told_what_was_lately_said() {
    let (mut sim, devices, channel) = nest(4, &["Ann", "Bo"]);
    say(&mut sim, devices[0], channel, "before");
    sim.run_for(MINUTE);
    sim.command(devices[1], Command::Leave { channel });
    sim.run_for(SECOND);
    sim.forget_events();
    join(&mut sim, devices[1], NEST);
    sim.run_for(MINUTE);
    assert_eq!(heard(&sim, devices[1]), ["before"]);
}
