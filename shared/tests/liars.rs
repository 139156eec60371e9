//! A neighbour that breaks the rules loses its link, and costs nobody else anything.

use std::time::Duration;

use catnest::{
    node::{Command, Event},
    sim::{DeviceId, Network, Sim},
    wire::VERSION,
};

const MINUTE: Duration = Duration::from_secs(60);

fn heard(sim: &Sim, device: DeviceId) -> Vec<String> {
    let text = |event: &Event| match event {
        Event::Message { message, .. } => Some(message.text.clone()),
        _ => None,
    };
    sim.events(device).iter().filter_map(text).collect()
}

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
        let mut sim = Sim::new(5, Network::default());
        let devices: Vec<DeviceId> = ["Ann", "Bo", "liar"]
            .into_iter()
            .map(|name| sim.add(name))
            .collect();
        sim.run_for(Duration::from_secs(1));
        for &device in &devices {
            sim.command(
                device,
                Command::Join {
                    address: "webrtc://127.0.0.1/nest".into(),
                },
            );
        }
        sim.run_for(MINUTE);
        assert_eq!(sim.open_connections(devices[2]), 2);
        sim.forge_frame(devices[2], frame);
        sim.run_for(Duration::from_millis(500));
        assert_eq!(sim.open_connections(devices[2]), 0, "{frame:?}");
        assert_eq!(sim.open_connections(devices[0]), 1);

        let channel = sim
            .events(devices[0])
            .iter()
            .rev()
            .find_map(|event| match event {
                Event::Overview(overview) => overview.channels.first().map(|channel| channel.id),
                _ => None,
            });
        sim.command(
            devices[0],
            Command::Say {
                channel: channel.unwrap(),
                text: "undisturbed".into(),
            },
        );
        sim.run_for(MINUTE);
        assert_eq!(heard(&sim, devices[1]), ["undisturbed"]);
    }
}
