//! A member on two devices: one author to everybody, whichever of the two speaks, and online while one of them is.
#![cfg(feature = "sim")]

mod common;

use catnest::{
    channel::ChannelId,
    node::{Command, Delivery, Event, Member, Message},
    sim::{DeviceId, Sim},
};
use common::{
    HOUR, MINUTE, NEST, SECOND, counts,
    house::{identity_file, move_in},
    join, log, messages, nest, online, page, say, view,
};

/// Ann on two devices, and others with whom she is in the nest.
fn two_devices(seed: u64, others: &[&str]) -> (Sim, [DeviceId; 2], Vec<DeviceId>, ChannelId) {
    let (mut sim, mut devices, channel) = nest(seed, &[&["Ann"], others].concat());
    let second = sim.add("");
    sim.run_for(SECOND);
    let file = identity_file(&mut sim, devices[0]);
    let moved = move_in(&mut sim, second, &file, false);
    assert_eq!(moved, Ok(()));
    sim.run_for(MINUTE);
    let first = devices.remove(0);
    (sim, [first, second], devices, channel)
}

fn members(sim: &Sim, device: DeviceId) -> Vec<Member> {
    view(sim, device).members
}

/// What a device showed as it came.
fn told(sim: &Sim, device: DeviceId) -> Vec<Message> {
    let message = |event: &Event| match event {
        Event::Message { message, .. } => Some(message.clone()),
        _ => None,
    };
    sim.events(device).iter().filter_map(message).collect()
}

#[test]
fn both_speak_and_are_one_member() {
    let (mut sim, ann, others, channel) = two_devices(1, &["Bo", "Cy"]);
    let author = members(&sim, ann[0])[0].author;
    assert_eq!(members(&sim, ann[1])[0].author, author);
    for device in ann {
        assert_eq!(online(&sim, device), ["Ann", "Bo", "Cy"]);
    }
    for (&device, names) in others
        .iter()
        .zip([["Bo", "Ann", "Cy"], ["Cy", "Ann", "Bo"]])
    {
        assert_eq!(online(&sim, device), names);
        assert_eq!(members(&sim, device)[1].author, author);
    }
    sim.forget_events();
    say(&mut sim, ann[0], channel, "from the first");
    say(&mut sim, ann[1], channel, "from the second");
    sim.run_for(MINUTE);
    for device in ann {
        let told = told(&sim, device);
        assert_eq!(told.len(), 2);
        assert!(told.iter().all(|message| message.mine));
        assert_eq!(sim.badge(device), 0);
        assert!(sim.notices(device).is_empty());
    }
    for &device in &others {
        let told = told(&sim, device);
        assert!(told.iter().all(|message| message.author == author));
        assert_eq!(counts(&sim, device).len(), 2);
        assert_eq!(sim.badge(device), 2);
    }
    for device in ann.into_iter().chain(others) {
        let mut texts = log(&mut sim, device, channel);
        texts.sort();
        assert_eq!(texts, ["from the first", "from the second"]);
    }
}

#[test]
fn what_both_say_at_once_comes_once_and_in_one_order() {
    let (mut sim, ann, others, channel) = two_devices(2, &["Bo"]);
    for round in 0..20 {
        for device in ann {
            say(&mut sim, device, channel, &format!("{device:?} {round}"));
            say(&mut sim, device, channel, "the same");
        }
    }
    sim.run_for(MINUTE);
    let logs = [ann[0], ann[1], others[0]].map(|device| messages(&mut sim, device, channel));
    let ids = |log: &[Message]| log.iter().map(|message| message.id).collect::<Vec<_>>();
    assert_eq!(ids(&logs[0]), ids(&logs[1]));
    assert_eq!(ids(&logs[0]), ids(&logs[2]));
    let distinct = |log: &[Message]| log.iter().filter(|m| m.text != "the same").count();
    assert_eq!(distinct(&logs[0]), 40);
}

#[test]
fn two_devices_alone_have_a_link_and_each_keeps_what_the_other_says() {
    let (mut sim, ann, _, channel) = two_devices(3, &[]);
    for device in ann {
        assert_eq!(sim.neighbours(device), 1);
        assert_eq!(online(&sim, device), ["Ann"]);
    }
    sim.forget_events();
    say(&mut sim, ann[0], channel, "a note to myself");
    sim.run_for(SECOND);
    let held = Event::Delivered {
        channel,
        message: told(&sim, ann[0])[0].id,
        delivery: Delivery::Held { devices: 1 },
    };
    assert!(sim.events(ann[0]).contains(&held));
    assert_eq!(page(&mut sim, ann[1], channel), ["a note to myself"]);
    // What it is to others: that reached nobody but the second device, and comes from there.
    sim.crash(ann[0]);
    let late = sim.add("Bo");
    sim.run_for(SECOND);
    join(&mut sim, late, NEST);
    sim.run_for(MINUTE);
    assert_eq!(page(&mut sim, late, channel), ["a note to myself"]);
}

#[test]
fn each_passes_on_that_the_other_is_there() {
    // Nobody is linked to all: of many of its members a device hears through the others.
    let names: Vec<String> = (0..20).map(|i| format!("cat {i:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (mut sim, ann, others, _) = two_devices(4, &names);
    sim.run_for(10 * MINUTE);
    for leaves in [ann[0], ann[1]] {
        for &device in &others {
            let ann = online(&sim, device)
                .iter()
                .filter(|name| *name == "Ann")
                .count();
            assert_eq!(ann, 1, "{device:?}");
        }
        sim.crash(leaves);
        sim.run_for(10 * MINUTE);
    }
    for &device in &others {
        assert!(!online(&sim, device).contains(&"Ann".to_owned()));
    }
}

#[test]
fn a_member_is_online_until_the_last_of_their_devices_leaves() {
    for first_leaves in [0, 1] {
        let (mut sim, ann, others, channel) = two_devices(5, &["Bo", "Cy"]);
        sim.command(ann[first_leaves], Command::Leave { channel });
        // Never offline, not even for a moment.
        sim.forget_events();
        sim.run_for(5 * MINUTE);
        for &device in &others {
            for event in sim.events(device) {
                if let Event::Overview(overview) = event {
                    let members = &overview.channels[0].members;
                    assert!(members.iter().any(|member| member.name == "Ann"));
                }
            }
        }
        sim.command(ann[1 - first_leaves], Command::Leave { channel });
        sim.run_for(SECOND);
        for &device in &others {
            assert!(!online(&sim, device).contains(&"Ann".to_owned()));
        }
    }
}

#[test]
fn a_device_recalls_what_was_written_on_the_other() {
    let (mut sim, ann, others, channel) = two_devices(6, &["Bo"]);
    say(&mut sim, ann[0], channel, "hello");
    sim.run_for(SECOND);
    say(&mut sim, ann[0], channel, "no, not that");
    sim.run_for(SECOND);
    let message = messages(&mut sim, ann[1], channel)[1].place();
    sim.command(ann[1], Command::Recall { channel, message });
    sim.run_for(MINUTE);
    for device in ann.into_iter().chain(others) {
        let recalled = messages(&mut sim, device, channel);
        let recalled: Vec<bool> = recalled.iter().map(|message| message.recalled).collect();
        assert_eq!(recalled, [false, true], "{device:?}");
    }
}

#[test]
fn what_was_said_on_one_while_the_other_slept_comes_and_is_not_unread() {
    let (mut sim, ann, _, channel) = two_devices(7, &["Bo"]);
    sim.crash(ann[1]);
    for text in ["one", "two", "three"] {
        say(&mut sim, ann[0], channel, text);
        sim.run_for(MINUTE);
    }
    // Longer than anything is offered.
    sim.run_for(HOUR);
    sim.restart(ann[1]);
    sim.run_for(MINUTE);
    let here = messages(&mut sim, ann[1], channel);
    assert_eq!(here.len(), 3);
    assert!(here.iter().all(|message| message.mine));
    assert_eq!(sim.badge(ann[1]), 0);
}

#[test]
fn burning_is_turned_on_one_and_off_on_the_other() {
    let (mut sim, ann, others, channel) = two_devices(8, &["Bo"]);
    let everybody = [ann[0], ann[1], others[0]];
    let burns = |sim: &Sim, device| view(sim, device).burn.is_some_and(|burn| burn.on);
    sim.command(ann[0], Command::Burn { channel, on: true });
    sim.run_for(MINUTE);
    assert!(everybody.iter().all(|&device| burns(&sim, device)));
    sim.forget_events();
    say(&mut sim, ann[1], channel, "soon gone");
    sim.run_for(SECOND);
    assert!(told(&sim, ann[0])[0].mine);
    assert_eq!(sim.badge(ann[0]), 0);
    // Both at once.
    for device in ann {
        sim.command(device, Command::Burn { channel, on: false });
    }
    sim.run_for(MINUTE);
    assert!(everybody.iter().all(|&device| !burns(&sim, device)));
    assert!(log(&mut sim, others[0], channel).is_empty());
}

#[test]
fn the_clock_of_one_does_not_silence_the_other() {
    let (mut sim, ann, others, channel) = two_devices(9, &["Bo"]);
    // Nine minutes ahead: what is said here is taken, and what is said on the other device comes after it.
    sim.set_clock(ann[0], 9 * 60 * 1000);
    sim.run_for(10 * MINUTE);
    assert_eq!(online(&sim, others[0]), ["Bo", "Ann"]);
    say(&mut sim, ann[0], channel, "one");
    sim.run_for(SECOND);
    say(&mut sim, ann[1], channel, "two");
    sim.run_for(SECOND);
    for device in [ann[0], ann[1], others[0]] {
        assert_eq!(log(&mut sim, device, channel), ["one", "two"]);
    }
}

#[test]
fn two_devices_do_not_make_each_other_speak_up() {
    let (mut sim, ann, others, _) = two_devices(10, &["Bo"]);
    sim.run_for(MINUTE);
    let before = sim.frames_heard(others[0]).len();
    sim.run_for(10 * MINUTE);
    let heard = sim.frames_heard(others[0]).len() - before;
    // Each announces itself every half minute, and each hears it of two at most.
    assert!(heard <= 2 * 2 * 22, "{heard}");
    assert_eq!(sim.neighbours(ann[0]), 2);
}
