//! One author who says too much: it is held back, shown, and let through again.

mod common;

use std::time::Duration;

use catnest::{
    channel::ChannelId,
    identity::Author,
    limits,
    node::Command,
    sim::{DeviceId, Sim},
    time::Millis,
    wire::Frame,
};
use common::{MINUTE, SECOND, log, nest, say, view_now};

/// Sends so many messages at once, below what links take, over all links of a device.
fn flood(sim: &mut Sim, device: DeviceId, channel: ChannelId, count: u32) {
    // Within one minute.
    let time = sim.now().0 / 60_000 * 60_000;
    for number in 0..count {
        let time = Millis(time + u64::from(number % 60_000));
        let record = sim.forge_record(device, channel, time, &format!("flood {number}"));
        sim.forge_frame(device, &Frame::Record(record).encode());
        sim.run_for(Duration::from_millis(20));
    }
    sim.run_for(MINUTE);
}

/// Whose messages a device holds back.
fn held_back(sim: &mut Sim, device: DeviceId) -> Vec<(Author, String)> {
    view_now(sim, device).people.held_back.into_iter().collect()
}

fn names(sim: &mut Sim, device: DeviceId) -> Vec<String> {
    let held_back = held_back(sim, device).into_iter();
    held_back.map(|(_, name)| name).collect()
}

#[test]
fn a_flood_is_held_back_everywhere_and_whoever_wants_it_lets_it_through() {
    let (mut sim, devices, channel) = nest(1, &["Ann", "Bo", "Cy", "Di", "Mallory"]);
    let (mallory, others) = (devices[4], &devices[..4]);
    let most = limits::MAX_AUTHOR_MINUTE;
    flood(&mut sim, mallory, channel, most + 100);
    for device in others {
        assert_eq!(names(&mut sim, *device), ["liar"], "{device:?}");
        let kept = log(&mut sim, *device, channel).len();
        assert_eq!(kept, most as usize, "{device:?}");
    }
    // Others go on.
    say(&mut sim, devices[0], channel, "hello");
    sim.run_for(MINUTE);
    for device in others {
        assert_eq!(log(&mut sim, *device, channel).pop().unwrap(), "hello");
    }
    // It stays so, whatever the author says next, and after a restart.
    for device in others {
        sim.crash(*device);
        sim.restart(*device);
    }
    sim.run_for(2 * MINUTE);
    flood(&mut sim, mallory, channel, 1);
    for device in others {
        assert_eq!(names(&mut sim, *device), ["liar"]);
        assert_eq!(log(&mut sim, *device, channel).len(), most as usize + 1);
    }
    let (author, _) = held_back(&mut sim, devices[0]).remove(0);
    let let_through = || Command::LetThrough { channel, author };
    sim.command(devices[0], let_through());
    sim.run_for(SECOND);
    assert_eq!(held_back(&mut sim, devices[0]).len(), 0);
    flood(&mut sim, mallory, channel, most + 50);
    assert_eq!(held_back(&mut sim, devices[0]).len(), 0);
    let all = log(&mut sim, devices[0], channel).len();
    assert_eq!(all, (most + 1 + most + 50) as usize);
    assert_eq!(log(&mut sim, devices[1], channel).len(), most as usize + 1);
    // What was held back comes from who has it.
    sim.command(devices[1], let_through());
    sim.run_for(2 * MINUTE);
    assert_eq!(log(&mut sim, devices[1], channel).len(), all);
}

#[test]
fn old_messages_that_come_all_at_once_put_nobody_under_suspicion() {
    let (mut sim, devices, channel) = nest(2, &["Ann", "Bo"]);
    // Two days of talk, brought by somebody else.
    let start = sim.now().0 - 2 * 86_400_000;
    for number in 0..900u64 {
        let time = Millis(start + number * 60_000);
        let record = sim.forge_record(devices[0], channel, time, &format!("old {number}"));
        sim.forge_frame(devices[0], &Frame::Record(record).encode());
        sim.run_for(Duration::from_millis(20));
    }
    sim.run_for(MINUTE);
    assert_eq!(held_back(&mut sim, devices[1]).len(), 0);
    assert_eq!(log(&mut sim, devices[1], channel).len(), 900);
}

#[test]
fn what_is_sent_again_does_not_count_again() {
    let (mut sim, devices, channel) = nest(3, &["Ann", "Bo", "Mallory"]);
    let most = limits::MAX_AUTHOR_MINUTE - 1;
    let time = sim.now().0 / 60_000 * 60_000;
    let said = |number| Millis(time + u64::from(number));
    let records: Vec<Vec<u8>> = (0..most)
        .map(|number| sim.forge_record(devices[0], channel, said(number), &format!("{number}")))
        .collect();
    let send_all = |sim: &mut Sim| {
        for record in &records {
            sim.forge_frame(devices[2], &Frame::Record(record.clone()).encode());
            sim.run_for(Duration::from_millis(20));
        }
    };
    send_all(&mut sim);
    // Until nobody remembers that they were here.
    flood(
        &mut sim,
        devices[2],
        channel,
        limits::MAX_SEEN_RECORDS as u32 + 100,
    );
    send_all(&mut sim);
    let ann = view_now(&mut sim, devices[0]).members[0].author;
    let held_back = held_back(&mut sim, devices[1]);
    assert!(held_back.iter().all(|(author, _)| *author != ann));
}
