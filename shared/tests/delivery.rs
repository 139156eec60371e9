//! How far one's own messages came, as the member sees it, and by which path others are reached.
#![cfg(feature = "sim")]

mod common;

use catnest::{
    chat::record::RecordId,
    node::{Command, Contact, Delivery, Event},
    sim::{DeviceId, Sim},
};
use common::{MINUTE, NEST, SECOND, channel_of, devices, join, nest, say, view};

/// The newest message that a device said, and what it told of its way since.
fn story(sim: &Sim, device: DeviceId) -> (RecordId, Vec<Option<Delivery>>) {
    let mut story = None;
    for event in sim.events(device) {
        match event {
            Event::Message { message, .. } if message.mine => {
                story = Some((message.id, vec![message.delivery]));
            }
            Event::Delivered {
                message, delivery, ..
            } => {
                if let Some((id, steps)) = &mut story
                    && id == message
                {
                    steps.push(Some(*delivery));
                }
            }
            _ => {}
        }
    }
    story.unwrap_or_else(|| panic!("{device:?} said nothing"))
}

fn held(devices: usize) -> Option<Delivery> {
    Some(Delivery::Held { devices })
}

#[test]
fn from_queued_to_held_by_each_device() {
    let (mut sim, devices, channel) = nest(1, &["Mimi", "Tom", "Mo"]);
    say(&mut sim, devices[0], channel, "hello");
    sim.run_for(MINUTE);
    let (_, steps) = story(&sim, devices[0]);
    let queued = Some(Delivery::Queued);
    let sent = Some(Delivery::Sent);
    assert_eq!(steps, [queued, sent, held(1), held(2)]);
}

#[test]
fn it_waits_until_somebody_comes_and_is_still_known_after_a_restart() {
    let (mut sim, devices) = devices(2, &["Mimi", "Tom"]);
    let [mimi, tom] = devices[..] else { panic!() };
    let channel = channel_of(NEST);
    join(&mut sim, mimi, NEST);
    sim.run_for(SECOND);
    say(&mut sim, mimi, channel, "anybody?");
    sim.run_for(MINUTE);
    assert_eq!(story(&sim, mimi).1, [Some(Delivery::Queued)]);

    join(&mut sim, tom, NEST);
    sim.run_for(MINUTE);
    assert_eq!(story(&sim, mimi).1.last(), Some(&held(1)));

    sim.crash(mimi);
    sim.forget_events();
    sim.restart(mimi);
    sim.run_for(SECOND);
    let page = Command::Page {
        channel,
        before: None,
        limit: 10,
    };
    sim.command(mimi, page);
    sim.run_for(SECOND);
    let deliveries = sim.events(mimi).iter().find_map(|event| match event {
        Event::Page { messages, .. } => Some(messages.iter().map(|m| m.delivery).collect()),
        _ => None,
    });
    assert_eq!(deliveries, Some(vec![held(1)]));
    // Tom acknowledges it again, and is still one device.
    sim.run_for(MINUTE);
    let again = |event: &&Event| matches!(event, Event::Delivered { delivery: Delivery::Held { devices }, .. } if *devices > 1);
    assert_eq!(sim.events(mimi).iter().find(again), None);
}

#[test]
fn links_are_measured_when_somebody_asks() {
    let (mut sim, devices, channel) = nest(3, &["Mimi", "Tom"]);
    let [mimi, _] = devices[..] else { panic!() };
    let contacts = |sim: &Sim| {
        let members = view(sim, mimi).members;
        let contacts = members.iter().map(|member| member.contact);
        contacts.collect::<Vec<Contact>>()
    };
    assert_eq!(
        contacts(&sim),
        [Contact::Here, Contact::Link { path: None }]
    );
    sim.command(mimi, Command::Measure { channel });
    sim.run_for(SECOND);
    let [Contact::Here, Contact::Link { path: Some(path) }] = contacts(&sim)[..] else {
        panic!("{:?}", contacts(&sim));
    };
    assert!(!path.relayed);
    assert!(path.round_trip_ms.is_some_and(|ms| ms > 0));
}
