//! Every live message reaches every member exactly once, over a mesh in which nobody is linked to everybody.

use std::{collections::BTreeMap, time::Duration};

use catnest::{
    channel::ChannelId,
    limits,
    node::{Command, Event},
    sim::{DeviceId, Network, Sim},
};

const NEST: &str = "webrtc://127.0.0.1/猫窝";
const MINUTE: Duration = Duration::from_secs(60);

fn channel(sim: &Sim, device: DeviceId) -> ChannelId {
    let overview = sim
        .events(device)
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::Overview(overview) if !overview.channels.is_empty() => {
                Some(overview.channels[0].id)
            }
            _ => None,
        });
    overview.unwrap_or_else(|| panic!("the device is in no channel"))
}

/// How often a device showed each text.
fn heard(sim: &Sim, device: DeviceId) -> BTreeMap<String, usize> {
    let mut texts = BTreeMap::new();
    for event in sim.events(device) {
        if let Event::Message { message, .. } = event {
            *texts.entry(message.text.clone()).or_default() += 1;
        }
    }
    texts
}

fn nest(seed: u64, size: usize) -> (Sim, Vec<DeviceId>, ChannelId) {
    let mut sim = Sim::new(seed, Network::default());
    let devices: Vec<DeviceId> = (0..size).map(|i| sim.add(&format!("cat {i}"))).collect();
    sim.run_for(Duration::from_secs(1));
    for &device in &devices {
        sim.command(
            device,
            Command::Join {
                address: NEST.into(),
            },
        );
        sim.run_for(Duration::from_millis(200));
    }
    sim.run_for(MINUTE);
    let channel = channel(&sim, devices[0]);
    (sim, devices, channel)
}

#[test]
fn twenty_devices_hear_every_message_once() {
    for seed in 0..10 {
        let (mut sim, devices, channel) = nest(seed, 20);
        for &device in &devices {
            let links = sim.open_connections(device);
            assert!(
                links >= limits::WANTED_LINKS,
                "{device:?} has only {links} links"
            );
            assert!(links <= limits::MAX_LINKS, "{device:?} has {links} links");
        }
        let total: usize = devices
            .iter()
            .map(|&device| sim.open_connections(device))
            .sum();
        assert!(total < 20 * 19, "everybody is linked to everybody");

        sim.forget_events();
        let mut expected = BTreeMap::new();
        for round in 0..5 {
            for &device in &devices {
                let text = format!("message {round} of {device:?}");
                expected.insert(text.clone(), 1);
                sim.command(device, Command::Say { channel, text });
            }
            sim.run_for(Duration::from_millis(30));
        }
        sim.run_for(MINUTE);
        for &device in &devices {
            assert_eq!(heard(&sim, device), expected, "{device:?}");
        }
    }
}

#[test]
fn a_full_neighbourhood_still_lets_newcomers_in() {
    // More than anybody may be linked to: newcomers are declined by some and taken by others.
    let (mut sim, devices, channel) = nest(3, 60);
    let late = sim.add("late");
    sim.run_for(Duration::from_secs(1));
    sim.command(
        late,
        Command::Join {
            address: NEST.into(),
        },
    );
    sim.run_for(MINUTE);
    sim.forget_events();
    sim.command(
        late,
        Command::Say {
            channel,
            text: "hello".into(),
        },
    );
    sim.run_for(MINUTE);
    for &device in &devices {
        assert_eq!(
            heard(&sim, device),
            BTreeMap::from([("hello".to_owned(), 1)]),
            "{device:?}"
        );
        assert!(sim.open_connections(device) <= limits::MAX_LINKS);
    }
}

#[test]
fn a_sender_hears_itself_once_and_a_repeated_text_twice() {
    let (mut sim, devices, channel) = nest(7, 3);
    sim.forget_events();
    for _ in 0..2 {
        sim.command(
            devices[0],
            Command::Say {
                channel,
                text: "meow".into(),
            },
        );
    }
    sim.run_for(MINUTE);
    for &device in &devices {
        assert_eq!(
            heard(&sim, device),
            BTreeMap::from([("meow".to_owned(), 2)])
        );
    }
}
