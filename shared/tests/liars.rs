//! A neighbour that breaks the rules loses its link, and costs nobody else anything.

mod common;

use std::{collections::BTreeMap, time::Duration};

use catnest::{
    channel::ChannelId,
    limits,
    sim::{DeviceId, Lie, Network, Sim},
    wire::{Frame, VERSION},
};
use common::{MINUTE, NEST, SECOND, channel_of, counts, heard, join, nest, online, say};

#[test]
fn a_bad_frame_costs_its_sender_the_link_and_nobody_else() {
    for frame in [
        &[][..],
        &[VERSION + 1, 1],
        &[VERSION, 1, 0xff],
        &[VERSION, 2],
        &[VERSION, 2, 0x82, 0x40, 0x58, 0x40],
        &[0; 70_000],
    ] {
        let (mut sim, devices, channel) = nest(5, &["Ann", "Bo", "liar"]);
        assert_eq!(sim.open_connections(devices[2]), 4);
        sim.forge_frame(devices[2], frame);
        sim.run_for(Duration::from_millis(500));
        assert_eq!(sim.open_connections(devices[2]), 0, "{frame:?}");
        assert_eq!(sim.open_connections(devices[0]), 2);

        say(&mut sim, devices[0], channel, "undisturbed");
        sim.run_for(MINUTE);
        assert_eq!(heard(&sim, devices[1]), ["undisturbed"]);
    }
}

/// Each lie by itself, told all the time: an honest pair with the liar between them notices nothing.
#[test]
fn no_lie_costs_anybody_but_the_liar() {
    for lie in Lie::ALL {
        let (mut sim, devices, channel) = nest(6, &["Ann", "Bo", "liar"]);
        sim.make_liar(devices[2], channel, &[lie], 100);
        for number in 0..50 {
            say(&mut sim, devices[number % 3], channel, &number.to_string());
            sim.run_for(SECOND);
        }
        sim.run_for(MINUTE);
        for &honest in &devices[..2] {
            let counts = counts(&sim, honest);
            for number in (0..50).filter(|number| number % 3 != 2) {
                assert_eq!(counts.get(&number.to_string()), Some(&1), "{lie:?}");
            }
            assert!(counts.values().all(|&count| count == 1), "{lie:?}");
        }
        assert_eq!(online(&sim, devices[0])[..2], ["Ann", "Bo"], "{lie:?}");
    }
}

/// Fifty devices on two servers, of which ten lie in every way they can and ten come and go; one server dies in the
/// middle. Who was there throughout has heard every message of the others who were, once.
#[test]
fn fifty_devices_hear_everything_once_among_liars_and_churn() {
    const BOTH: &str = "webrtc://one.example/nest?via=two.example";
    for seed in 0..1 {
        let mut sim = Sim::new(seed, Network::default());
        let channel = channel_of(BOTH);
        let devices: Vec<DeviceId> = (0..50).map(|i| sim.add(&format!("cat {i}"))).collect();
        sim.run_for(SECOND);
        for &device in &devices {
            join(&mut sim, device, BOTH);
            sim.run_for(Duration::from_millis(200));
        }
        let (liars, rest) = devices.split_at(10);
        let (restless, constant) = rest.split_at(10);
        for &liar in liars {
            sim.make_liar(liar, channel, &Lie::ALL, 20);
        }
        sim.run_for(20 * SECOND);
        sim.forget_events();
        let mut expected = BTreeMap::new();
        for round in 0..30 {
            let comes_or_goes = restless[round / 2 % restless.len()];
            if round % 2 == 0 {
                sim.crash(comes_or_goes);
            } else {
                sim.restart(comes_or_goes);
            }
            match round {
                10 => sim.set_server_up("one.example", false),
                20 => sim.set_server_up("one.example", true),
                _ => {}
            }
            for &speaker in &[
                constant[round % constant.len()],
                liars[round % 10],
                restless[round % 10],
            ] {
                let text = format!("{round} of {speaker:?}");
                say(&mut sim, speaker, channel, &text);
                if constant.contains(&speaker) {
                    expected.insert(text, 1);
                }
            }
            sim.run_for(2 * SECOND);
        }
        sim.run_for(MINUTE);
        for &device in constant {
            let mut counts = counts(&sim, device);
            assert!(
                counts.values().all(|&count| count == 1),
                "seed {seed}: nothing comes twice"
            );
            counts.retain(|text, _| expected.contains_key(text));
            assert_eq!(counts, expected, "seed {seed}, {device:?}");
            assert!(sim.open_connections(device) <= 2 * limits::MAX_LINKS);
        }
    }
}

#[test]
fn for_a_liar_that_loses_its_links_nobody_announces_itself() {
    let sent = |lies: bool| {
        let (mut sim, devices, _) = nest(5, &["Ann", "Bo", "liar"]);
        let [ann, bo, liar] = [devices[0], devices[1], devices[2]];
        if lies {
            sim.forge_frame(liar, &[0; 3]);
        }
        sim.run_for(Duration::from_millis(500));
        assert_eq!(sim.open_connections(liar) == 0, lies);
        sim.frames_sent(ann, bo)
    };
    // An announcement may be due at that time anyway.
    assert_eq!(sent(true), sent(false));
}

#[test]
fn a_neighbour_that_never_reads_is_dropped_and_holds_nobody_up() {
    let (mut sim, devices, channel) = nest(8, &["Ann", "Bo", "deaf"]);
    let made = sim.connections_made(devices[1]);
    sim.stop_reading(devices[2]);
    sim.forget_events();
    let long = "喵".repeat(5000);
    for number in 0..100 {
        say(&mut sim, devices[0], channel, &format!("{number} {long}"));
        sim.run_for(SECOND);
        assert_eq!(heard(&sim, devices[1]).len(), number + 1);
    }
    sim.run_for(MINUTE);
    // It was dropped, and given another chance, in which as little waits for it.
    assert!(sim.connections_made(devices[1]) > made);
    assert!(sim.held_bytes(devices[1]) <= limits::SEND_HIGH_WATER + limits::MAX_FRAME_BYTES);
}

#[test]
fn a_record_from_far_ahead_waits_and_does_not_push_others_aside() {
    let (mut sim, devices, channel) = nest(9, &["Ann", "Bo", "liar"]);
    let early = sim.now() + limits::EARLY_TOLERANCE + 5 * MINUTE;
    let forged = sim.forge_record(devices[2], channel, early, "from the future");
    sim.forge_frame(devices[2], &Frame::Record(forged).encode());
    sim.run_for(SECOND);
    say(&mut sim, devices[0], channel, "now");
    sim.run_for(MINUTE);
    assert_eq!(heard(&sim, devices[1]), ["now"]);
    sim.run_for(5 * MINUTE);
    assert_eq!(heard(&sim, devices[1]), ["now", "from the future"]);
}

#[test]
fn a_record_of_another_channel_costs_its_bearer_the_link() {
    let (mut sim, devices, _) = nest(9, &["Ann", "Bo", "liar"]);
    let forged = sim.forge_record(devices[2], ChannelId([1; 32]), sim.now(), "lost");
    sim.forge_frame(devices[2], &Frame::Record(forged).encode());
    sim.run_for(Duration::from_millis(500));
    assert_eq!(sim.open_connections(devices[2]), 0);
    assert_eq!(sim.open_connections(devices[0]), 2);
}

#[test]
fn asking_without_end_costs_the_link() {
    let (mut sim, devices, _) = nest(10, &["Ann", "Bo", "liar"]);
    let want = Frame::Want(vec![
        catnest::chat::record::RecordId([1; 32]);
        limits::MAX_IDS
    ]);
    for _ in 0..3 {
        sim.forge_frame(devices[2], &want.encode());
    }
    sim.run_for(Duration::from_millis(500));
    assert_eq!(sim.open_connections(devices[2]), 0);
    assert_eq!(sim.open_connections(devices[0]), 2);
}

#[test]
fn the_liars_link_is_not_the_end_of_its_device() {
    // Whoever was damaged on its way by a broken cable, say, may come back.
    let (mut sim, devices, _) = nest(11, &["Ann", "Bo"]);
    sim.forge_frame(devices[1], &[VERSION + 1, 1]);
    sim.run_for(SECOND);
    assert_eq!(sim.open_connections(devices[1]), 0);
    sim.run_for(2 * MINUTE);
    assert_eq!(online(&sim, devices[0]), ["Ann", "Bo"]);
    assert_eq!(channel_of(NEST), common::view(&sim, devices[0]).id);
}
