//! Devices that come, go, crash and return: who is seen online, and that the log outlives its process.

use std::time::Duration;

use catnest::{
    channel::ChannelId,
    node::{ChannelView, Command, Event, ServerState},
    sim::{DeviceId, Network, Sim},
};

const NEST: &str = "webrtc://127.0.0.1/nest";
const MINUTE: Duration = Duration::from_secs(60);

fn view(sim: &Sim, device: DeviceId) -> ChannelView {
    let view = sim
        .events(device)
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::Overview(overview) => overview.channels.first().cloned(),
            _ => None,
        });
    view.unwrap_or_else(|| panic!("the device is in no channel"))
}

fn online(sim: &Sim, device: DeviceId) -> Vec<String> {
    view(sim, device)
        .members
        .into_iter()
        .map(|member| member.name)
        .collect()
}

fn nest(seed: u64, names: &[&str]) -> (Sim, Vec<DeviceId>, ChannelId) {
    let mut sim = Sim::new(seed, Network::default());
    let devices: Vec<DeviceId> = names.iter().map(|name| sim.add(name)).collect();
    sim.run_for(Duration::from_secs(1));
    for &device in &devices {
        sim.command(
            device,
            Command::Join {
                address: NEST.into(),
            },
        );
    }
    sim.run_for(MINUTE);
    let channel = view(&sim, devices[0]).id;
    (sim, devices, channel)
}

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
                .all(|&device| sim.open_connections(device) == 2),
            "one link to each other device"
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
        sim.run_until(Duration::from_secs(10), |sim| online(sim, devices[0])
            == ["Ann"])
    );
}

#[test]
fn a_crashed_device_returns_with_its_name_and_log() {
    for seed in 0..10 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo"]);
        for text in ["one", "two"] {
            sim.command(
                devices[0],
                Command::Say {
                    channel,
                    text: text.into(),
                },
            );
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

        sim.command(
            devices[1],
            Command::Say {
                channel,
                text: "still here".into(),
            },
        );
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
        sim.set_server_up(false);
        sim.run_for(MINUTE);
        assert_eq!(view(&sim, devices[0]).server, ServerState::Offline);
        sim.forget_events();
        sim.command(
            devices[0],
            Command::Say {
                channel,
                text: "without a server".into(),
            },
        );
        let heard = |sim: &Sim| {
            let heard = |event: &&Event| matches!(event, Event::Message { .. });
            sim.events(devices[1]).iter().filter(heard).count()
        };
        assert!(sim.run_until(MINUTE, |sim| heard(sim) == 1));
        sim.set_server_up(true);
        sim.run_for(2 * MINUTE);
        assert_eq!(view(&sim, devices[0]).server, ServerState::Online);
        assert_eq!(online(&sim, devices[0]), ["Ann", "Bo"]);
        sim.command(
            devices[0],
            Command::Say {
                channel,
                text: "with a server".into(),
            },
        );
        sim.run_for(MINUTE);
        assert_eq!(heard(&sim), 2);
        assert_eq!(
            sim.open_connections(devices[0]),
            1,
            "the second link to the same device was closed"
        );
    }
}
