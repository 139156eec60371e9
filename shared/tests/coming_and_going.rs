//! Devices that come, go, crash and return: who is seen online, and that the log outlives its process.

mod common;

use std::time::Duration;

use catnest::node::{Command, Event, ServerState};
use common::{MINUTE, heard, nest, online, say, view};

#[test]
fn members_see_each_other_and_their_new_names() {
    // Joining at the very same time, so that devices dial each other at once.
    for seed in 0..20 {
        let (mut sim, devices, _) = nest(seed, &["Ann", "Bo", "Cy"]);
        assert_eq!(online(&sim, devices[0]), ["Ann", "Bo", "Cy"]);
        assert_eq!(online(&sim, devices[2]), ["Cy", "Ann", "Bo"]);
        assert!(
            devices
                .iter()
                .all(|&device| sim.open_connections(device) == 4),
            "one link to each other device, with two connections"
        );
        sim.command(devices[1], Command::SetName { name: "博".into() });
        sim.run_for(MINUTE);
        assert_eq!(online(&sim, devices[0]), ["Ann", "Cy", "博"]);
    }
}

#[test]
fn who_leaves_is_seen_to_leave_at_once_and_who_crashes_soon() {
    let (mut sim, devices, channel) = nest(1, &["Ann", "Bo", "Cy"]);
    sim.command(devices[1], Command::Leave { channel });
    assert!(
        sim.run_until(Duration::from_secs(1), |sim| online(sim, devices[0])
            == ["Ann", "Cy"])
    );
    sim.crash(devices[2]);
    assert!(
        sim.run_until(Duration::from_secs(15), |sim| online(sim, devices[0])
            == ["Ann"])
    );
}

#[test]
fn a_crashed_device_returns_with_its_name_and_log() {
    for seed in 0..10 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo"]);
        for text in ["one", "two"] {
            say(&mut sim, devices[0], channel, text);
        }
        sim.run_for(Duration::from_secs(2));
        sim.crash(devices[0]);
        sim.forget_events();
        sim.restart(devices[0]);
        sim.command(
            devices[0],
            Command::Page {
                channel,
                before: None,
                limit: 10,
            },
        );
        sim.run_for(MINUTE);
        let page = sim.events(devices[0]).iter().find_map(|event| match event {
            Event::Page { messages, more, .. } => Some((messages.clone(), *more)),
            _ => None,
        });
        let (messages, more) = page.expect("a page");
        let texts: Vec<(&str, bool)> = messages.iter().map(|m| (m.text.as_str(), m.mine)).collect();
        assert_eq!((texts, more), (vec![("one", true), ("two", true)], false));
        assert_eq!(online(&sim, devices[0]), ["Ann", "Bo"]);

        say(&mut sim, devices[1], channel, "still here");
        assert!(sim.run_until(MINUTE, |sim| {
            sim.events(devices[0]).iter().any(
            |event| matches!(event, Event::Message { message, .. } if message.text == "still here")
        )
        }));
    }
}

#[test]
fn links_outlive_the_server_and_members_are_not_doubled_when_it_returns() {
    for seed in 0..10 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo"]);
        sim.set_server_up("127.0.0.1", false);
        sim.run_for(MINUTE);
        assert_eq!(view(&sim, devices[0]).server, ServerState::Offline);
        sim.forget_events();
        say(&mut sim, devices[0], channel, "without a server");
        assert!(sim.run_until(MINUTE, |sim| heard(sim, devices[1]).len() == 1));
        sim.set_server_up("127.0.0.1", true);
        sim.run_for(2 * MINUTE);
        assert_eq!(view(&sim, devices[0]).server, ServerState::Online);
        assert_eq!(online(&sim, devices[0]), ["Ann", "Bo"]);
        say(&mut sim, devices[0], channel, "with a server");
        sim.run_for(MINUTE);
        assert_eq!(heard(&sim, devices[1]).len(), 2);
        assert_eq!(
            sim.open_connections(devices[0]),
            2,
            "the second link to the same device was closed"
        );
    }
}

#[test]
fn a_server_that_falls_silent_is_taken_for_gone_and_tried_again() {
    let (mut sim, devices, channel) = nest(1, &["Ann", "Bo"]);
    sim.set_server_silent("127.0.0.1", true);
    sim.run_for(2 * MINUTE);
    assert_eq!(view(&sim, devices[0]).server, ServerState::Offline);
    say(&mut sim, devices[0], channel, "without a server");
    sim.run_for(MINUTE);
    assert_eq!(heard(&sim, devices[1]), ["without a server"]);
    sim.set_server_silent("127.0.0.1", false);
    sim.run_for(2 * MINUTE);
    assert_eq!(view(&sim, devices[0]).server, ServerState::Online);
}

#[test]
fn a_server_that_gives_signs_of_life_is_not_tried_again() {
    let (mut sim, devices, _) = nest(1, &["Ann", "Bo"]);
    let seen = sim.seen_by_servers().len();
    sim.run_for(60 * MINUTE);
    assert_eq!(view(&sim, devices[0]).server, ServerState::Online);
    assert_eq!(sim.seen_by_servers().len(), seen, "nobody said anything");
}
