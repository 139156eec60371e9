//! Every live message reaches every member exactly once, over a mesh in which nobody is linked to everybody.

mod common;

use std::{collections::BTreeMap, time::Duration};

use catnest::{
    channel::ChannelId,
    limits,
    sim::{DeviceId, Network, Sim},
};
use common::{MINUTE, NEST, channel_of, counts, join, say};

fn nest(seed: u64, size: usize) -> (Sim, Vec<DeviceId>, ChannelId) {
    let mut sim = Sim::new(seed, Network::default());
    let devices: Vec<DeviceId> = (0..size).map(|i| sim.add(&format!("cat {i}"))).collect();
    sim.run_for(Duration::from_secs(1));
    for &device in &devices {
        join(&mut sim, device, NEST);
        sim.run_for(Duration::from_millis(200));
    }
    sim.run_for(MINUTE);
    (sim, devices, channel_of(NEST))
}

#[test]
fn twenty_devices_hear_every_message_once() {
    for seed in 0..10 {
        let (mut sim, devices, channel) = nest(seed, 20);
        for &device in &devices {
            let links = sim.neighbours(device);
            assert!(
                links >= limits::WANTED_LINKS,
                "{device:?} has only {links} links"
            );
            assert!(links <= limits::MAX_LINKS, "{device:?} has {links} links");
        }
        let total: usize = devices.iter().map(|&device| sim.neighbours(device)).sum();
        assert!(total < 20 * 19, "everybody is linked to everybody");

        sim.forget_events();
        let mut expected = BTreeMap::new();
        for round in 0..5 {
            for &device in &devices {
                let text = format!("message {round} of {device:?}");
                expected.insert(text.clone(), 1);
                say(&mut sim, device, channel, &text);
            }
            sim.run_for(Duration::from_millis(30));
        }
        sim.run_for(MINUTE);
        for &device in &devices {
            assert_eq!(counts(&sim, device), expected, "{device:?}");
        }
    }
}

#[test]
fn a_full_neighbourhood_still_lets_newcomers_in() {
    // More than anybody may be linked to: newcomers are declined by some and taken by others.
    let (mut sim, devices, channel) = nest(3, 60);
    let late = sim.add("late");
    sim.run_for(Duration::from_secs(1));
    join(&mut sim, late, NEST);
    sim.run_for(MINUTE);
    sim.forget_events();
    say(&mut sim, late, channel, "hello");
    sim.run_for(MINUTE);
    for &device in &devices {
        assert_eq!(
            counts(&sim, device),
            BTreeMap::from([("hello".to_owned(), 1)]),
            "{device:?}"
        );
        assert!(sim.open_connections(device) <= 2 * limits::MAX_LINKS);
    }
}

#[test]
fn a_sender_hears_itself_once_and_a_repeated_text_twice() {
    let (mut sim, devices, channel) = nest(7, 3);
    sim.forget_events();
    for _ in 0..2 {
        say(&mut sim, devices[0], channel, "meow");
    }
    sim.run_for(MINUTE);
    for &device in &devices {
        assert_eq!(
            counts(&sim, device),
            BTreeMap::from([("meow".to_owned(), 2)])
        );
    }
}
