//! One channel on several servers at once: each member is there once, and one server is enough.

mod common;

use catnest::node::{Command, ServerState};
use common::{MINUTE, SECOND, channel_of, devices, heard, join, online, say, view};

const BOTH: &str = "webrtc://one.example/nest?via=two.example";
const ONE: &str = "webrtc://one.example/nest";

#[test]
fn members_on_two_servers_have_one_link_and_hear_once() {
    for seed in 0..20 {
        let (mut sim, devices) = devices(seed, &["Ann", "Bo", "Cy"]);
        for &device in &devices {
            join(&mut sim, device, BOTH);
        }
        sim.run_for(2 * MINUTE);
        for &device in &devices {
            assert_eq!(online(&sim, device).len(), 3, "seed {seed}");
            assert_eq!(sim.open_connections(device), 4, "seed {seed}");
        }
        sim.forget_events();
        say(&mut sim, devices[0], channel_of(BOTH), "once");
        sim.run_for(MINUTE);
        for &device in &devices {
            assert_eq!(heard(&sim, device), ["once"]);
        }
    }
}

#[test]
fn either_server_may_be_down() {
    for down in ["one.example", "two.example"] {
        let (mut sim, devices) = devices(2, &["Ann", "Bo"]);
        sim.set_server_up(down, false);
        for &device in &devices {
            join(&mut sim, device, BOTH);
        }
        sim.run_for(MINUTE);
        assert_eq!(online(&sim, devices[0]), ["Ann", "Bo"]);
        assert_eq!(view(&sim, devices[0]).server, ServerState::Online);
        sim.set_server_up(down, true);
        sim.run_for(2 * MINUTE);
        assert_eq!(online(&sim, devices[0]), ["Ann", "Bo"]);
        assert_eq!(sim.open_connections(devices[0]), 2);
        // Each of the two may go now.
        for gone in ["one.example", "two.example"] {
            sim.set_server_up(gone, false);
            sim.forget_events();
            say(&mut sim, devices[1], channel_of(BOTH), gone);
            sim.run_for(MINUTE);
            assert_eq!(heard(&sim, devices[0]), [gone]);
        }
    }
}

#[test]
fn a_mirror_learnt_later_is_used_and_leads_to_who_is_only_there() {
    let (mut sim, devices) = devices(5, &["Ann", "Bo"]);
    sim.set_server_up("one.example", false);
    join(&mut sim, devices[0], ONE);
    join(&mut sim, devices[1], BOTH);
    sim.run_for(MINUTE);
    assert_eq!(online(&sim, devices[0]), ["Ann"]);
    join(&mut sim, devices[0], BOTH);
    sim.run_for(MINUTE);
    assert_eq!(online(&sim, devices[0]), ["Ann", "Bo"]);
    // It is remembered.
    sim.crash(devices[0]);
    sim.restart(devices[0]);
    sim.run_for(MINUTE);
    assert_eq!(online(&sim, devices[0]), ["Ann", "Bo"]);
}

#[test]
fn members_linked_through_one_server_are_reached_through_the_other_when_it_dies() {
    let (mut sim, devices) = devices(6, &["Ann", "Bo"]);
    for &device in &devices {
        join(&mut sim, device, BOTH);
    }
    sim.run_for(MINUTE);
    sim.set_server_up("one.example", false);
    sim.cut(devices[0], devices[1]);
    sim.run_for(MINUTE);
    assert_eq!(sim.open_connections(devices[0]), 2);
    sim.command(
        devices[1],
        Command::SetName {
            name: "Bodo".into(),
        },
    );
    sim.run_for(5 * SECOND);
    assert_eq!(online(&sim, devices[0]), ["Ann", "Bodo"]);
}
