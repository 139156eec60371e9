//! Devices of one machine meet through the daemon of its native host alone, and go on by a pipe where WebRTC leads nowhere.

mod common;

use std::time::Duration;

use catnest::{
    node::ServerState,
    signal::message::Sdp,
    sim::{DeviceId, MachineId, Sim},
};
use serde_json::json;

use common::{
    MINUTE, NEST, SECOND, channel_of, counts, devices, files, heard, join, log, numbered, online,
    problems, say, say_all, view_now,
};

const PRIVATE: &str = "webrtc://127.0.0.1/nest#aaaaaaaaaaaaaaaaaaaaaaaa";

/// Ann and the daemon's device on one machine; no signalling server is up.
fn machine(seed: u64, address: &str, webrtc: bool) -> (Sim, Vec<DeviceId>, MachineId) {
    let (mut sim, devices) = devices(seed, &["Ann", "Host"]);
    sim.set_server_up("127.0.0.1", false);
    if !webrtc {
        sim.divide(&devices[..1]);
    }
    let machine = sim.add_machine(&devices);
    for &device in &devices {
        join(&mut sim, device, address);
    }
    (sim, devices, machine)
}

/// Waits until a device has seen what another one says.
fn hears(sim: &mut Sim, by: DeviceId, to: DeviceId, address: &str, text: &str) -> bool {
    say(sim, by, channel_of(address), text);
    sim.run_until(MINUTE, |sim| counts(sim, to).contains_key(text))
}

#[test]
fn they_meet_talk_and_hand_over_a_file_with_no_server_at_all() {
    for (seed, address) in [(1, NEST), (2, PRIVATE), (3, NEST), (4, PRIVATE)] {
        let (mut sim, devices, machine) = machine(seed, address, true);
        sim.run_for(30 * SECOND);
        assert_eq!(online(&sim, devices[0]), ["Ann", "Host"], "seed {seed}");
        assert_eq!(sim.open_connections(devices[0]), 2, "both are WebRTC");
        assert_eq!(sim.daemon_load(machine), (2, 0));
        assert!(hears(&mut sim, devices[0], devices[1], address, "hello"));
        assert!(hears(&mut sim, devices[1], devices[0], address, "miaow"));
        hand_over(&mut sim, &devices, address, 300_000);
    }
}

#[test]
fn where_webrtc_leads_nowhere_there_is_a_pipe_after_three_seconds() {
    for (seed, address) in [(1, NEST), (2, PRIVATE), (3, NEST), (4, PRIVATE)] {
        let (mut sim, devices, machine) = machine(seed, address, false);
        sim.run_for(Duration::from_millis(2500));
        assert_eq!(online(&sim, devices[0]), ["Ann"], "seed {seed}");
        assert_eq!(sim.daemon_load(machine).1, 0, "WebRTC is tried first");
        assert!(
            sim.run_until(10 * SECOND, |sim| online(sim, devices[0]).len() == 2),
            "seed {seed}"
        );
        assert_eq!(sim.daemon_load(machine), (2, 1));
        assert_eq!(sim.open_connections(devices[0]), 0);
        assert!(hears(&mut sim, devices[0], devices[1], address, "hello"));
        assert!(hears(&mut sim, devices[1], devices[0], address, "miaow"));
        hand_over(&mut sim, &devices, address, 300_000);
        // There is one, also later.
        sim.run_for(5 * MINUTE);
        assert_eq!(sim.daemon_load(machine), (2, 1));
    }
}

#[test]
fn a_long_log_and_a_large_file_go_through_a_pipe_within_its_window() {
    let (mut sim, devices, machine) = machine(7, NEST, false);
    let texts = numbered(100);
    sim.run_for(10 * SECOND);
    say_all(&mut sim, devices[0], channel_of(NEST), &texts);
    hand_over(&mut sim, &devices, NEST, 6_000_000);
    assert_eq!(log(&mut sim, devices[1], channel_of(NEST)).len(), 101);
    assert_eq!(sim.daemon_load(machine), (2, 1), "it was never cut");
}

#[test]
fn the_daemons_restart_ends_nothing_but_its_own_connections() {
    for webrtc in [true, false] {
        let (mut sim, devices, machine) = machine(11, NEST, webrtc);
        sim.run_for(10 * SECOND);
        assert!(hears(&mut sim, devices[0], devices[1], NEST, "before"));
        sim.crash(devices[1]);
        sim.set_daemon_up(machine, false);
        sim.run_for(MINUTE);
        assert_eq!(online(&sim, devices[0]), ["Ann"], "webrtc: {webrtc}");
        say(&mut sim, devices[0], channel_of(NEST), "meanwhile");
        sim.run_for(SECOND);
        sim.set_daemon_up(machine, true);
        sim.restart(devices[1]);
        sim.forget_events();
        assert!(sim.run_until(30 * SECOND, |sim| heard(sim, devices[1]) == ["meanwhile"]));
        assert_eq!(view_now(&mut sim, devices[0]).members.len(), 2);
        assert_eq!(
            log(&mut sim, devices[1], channel_of(NEST)),
            ["before", "meanwhile"]
        );
        assert_eq!(sim.daemon_load(machine), (2, usize::from(!webrtc)));
    }
}

#[test]
fn that_webrtc_leads_nowhere_is_remembered_until_the_network_changes() {
    let (mut sim, devices, machine) = machine(12, NEST, false);
    sim.run_for(10 * SECOND);
    let tried = sim.connections_made(devices[0]);
    for _ in 0..3 {
        sim.set_daemon_up(machine, false);
        sim.set_daemon_up(machine, true);
        assert!(sim.run_until(3 * SECOND, |sim| sim.daemon_load(machine).1 == 1));
        sim.run_for(SECOND);
    }
    assert_eq!(sim.connections_made(devices[0]), tried);
    sim.change_network(devices[0]);
    sim.change_network(devices[1]);
    sim.run_for(SECOND);
    assert_eq!(
        sim.daemon_load(machine),
        (2, 1),
        "a pipe does not leave the machine"
    );
    sim.set_daemon_up(machine, false);
    sim.set_daemon_up(machine, true);
    sim.run_for(10 * SECOND);
    assert_eq!(sim.daemon_load(machine), (2, 1));
    let made = sim.connections_made(devices[0]) + sim.connections_made(devices[1]);
    assert!(made > tried, "WebRTC was tried again");
}

#[test]
fn no_view_shows_the_host_and_its_going_is_no_lost_server() {
    let (mut sim, devices) = devices(13, &["Ann", "Host"]);
    let machine = sim.add_machine(&devices);
    for &device in &devices {
        join(&mut sim, device, NEST);
    }
    sim.run_for(20 * SECOND);
    for up in [true, false, true] {
        sim.set_daemon_up(machine, up);
        sim.run_for(MINUTE);
        let view = view_now(&mut sim, devices[0]);
        assert_eq!(view.server, ServerState::Online);
        assert_eq!(view.servers.len(), 1);
        assert_eq!(view.servers[0].authority, "127.0.0.1");
        assert_eq!(view.members.len(), 2);
    }
    // The other way round, a server that is lost is shown as such, whoever is there.
    sim.set_server_up("127.0.0.1", false);
    sim.run_for(MINUTE);
    let view = view_now(&mut sim, devices[0]);
    assert_eq!(view.server, ServerState::Offline);
    assert_eq!(view.members.len(), 2);
    assert!(problems(&sim, devices[0]).is_empty());
}

#[test]
fn two_browsers_of_one_machine_meet_each_other_too() {
    let (mut sim, devices) = devices(14, &["Ann", "Bo", "Host"]);
    sim.set_server_up("127.0.0.1", false);
    sim.divide(&devices[..1]);
    let machine = sim.add_machine(&devices);
    for &device in &devices {
        join(&mut sim, device, NEST);
    }
    sim.run_for(MINUTE);
    assert_eq!(sim.daemon_load(machine).0, 3);
    // Ann reaches both by pipes, and they each other by WebRTC.
    assert_eq!(sim.daemon_load(machine).1, 2);
    for &device in &devices {
        assert_eq!(online(&sim, device).len(), 3);
    }
    assert_eq!(sim.neighbours(devices[1]), 1);
}

#[test]
fn a_pipe_that_is_offered_through_a_server_of_the_web_is_declined_and_costs_nobody_else() {
    let (mut sim, devices) = devices(15, &["Ann", "Host", "Liar"]);
    let machine = sim.add_machine(&devices[..2]);
    for &device in &devices {
        join(&mut sim, device, NEST);
    }
    sim.run_for(MINUTE);
    let before: Vec<usize> = devices.iter().map(|&d| sim.open_connections(d)).collect();
    let Sdp(sdp) = Sdp::of_pipe(&[7; 32]);
    for connection in ["one", "two"] {
        let offer = json!({
            "connection": connection,
            "offer": { "type": "offer", "sdp": sdp },
        });
        sim.say_to_servers(devices[2], &offer.to_string());
    }
    sim.run_for(MINUTE);
    // Everybody heard it, and said so.
    assert!(sim.seen_by_servers().matches("decline").count() >= 4);
    assert_eq!(sim.daemon_load(machine), (2, 0));
    let after: Vec<usize> = devices.iter().map(|&d| sim.open_connections(d)).collect();
    assert_eq!(before, after);
    assert!(hears(&mut sim, devices[0], devices[1], NEST, "undisturbed"));
}

/// The first device shares a file, and the second one gets it.
fn hand_over(sim: &mut Sim, devices: &[DeviceId], address: &str, length: usize) {
    let channel = channel_of(address);
    let bytes = files::bytes(length, 3);
    let file = files::describe("song.flac", "audio/flac", &bytes);
    files::share(sim, devices[0], channel, &file, &bytes);
    files::fetch(sim, devices[1], channel, &file);
    files::comes(sim, devices[1], file.id);
}
