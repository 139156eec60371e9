//! Many devices whose clocks are wrong, of which some lie and some come and go; they are parted, and meet again: in the end
//! each keeps what all do.

mod common;

use std::{collections::BTreeSet, time::Duration};

use catnest::{
    channel::ChannelId,
    chat::retention::Retention,
    sim::{DeviceId, Lie, Network, Sim},
    time::Millis,
};
use common::{MINUTE, NEST, SECOND, channel_of, join_keeping, messages, say};

const MINUTE_MS: i64 = 60_000;

/// From an hour slow to an hour fast, in no order.
fn wrong_by(device: usize) -> i64 {
    (device as i64 * 37 % 121 - 60) * MINUTE_MS
}

fn is_honest(device: usize) -> bool {
    !device.is_multiple_of(5)
}

/// So many devices are in the nest; every fifth lies. Some keep everything, some what was written from `since` on.
fn nest(seed: u64, count: usize, since: Millis) -> (Sim, Vec<DeviceId>, ChannelId) {
    let mut sim = Sim::new(seed, Network::default());
    let channel = channel_of(NEST);
    let devices: Vec<DeviceId> = (0..count).map(|i| sim.add(&format!("cat {i}"))).collect();
    sim.run_for(SECOND);
    for (number, &device) in devices.iter().enumerate() {
        sim.set_clock(device, wrong_by(number));
        let retention = match number % 3 {
            0 => Retention::Between {
                from: since,
                to: None,
            },
            _ => Retention::Forever,
        };
        join_keeping(&mut sim, device, NEST, retention);
        sim.run_for(Duration::from_millis(100));
    }
    for &liar in devices.iter().step_by(5) {
        sim.make_liar(liar, channel, &Lie::ALL, 20);
    }
    sim.run_for(MINUTE);
    (sim, devices, channel)
}

/// Everybody keeps the same records of the time that everybody keeps.
fn agree_in_the_end(seed: u64, count: usize) {
    let start = Sim::new(seed, Network::default()).now();
    // Half of what is said has an earlier time, since half of the clocks are slow.
    let (mut sim, devices, channel) = nest(seed, count, start);
    let (mut said, mut kept_by_somebody) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..40 {
        // One of ten comes and goes.
        let restless = round / 2 * 10 % count + 1;
        match round % 2 {
            0 => sim.crash(devices[restless]),
            _ => sim.restart(devices[restless]),
        }
        match round {
            10 => sim.divide(&devices[..count / 2]),
            30 => sim.unite(),
            _ => {}
        }
        sim.run_for(SECOND);
        let speaker = round * 7 % count;
        let text = format!("{round} of {speaker}");
        say(&mut sim, devices[speaker], channel, &text);
        if is_honest(speaker) && wrong_by(speaker) >= 0 && speaker != restless {
            kept_by_somebody.insert(text.clone());
        }
        said.insert(text);
        sim.run_for(SECOND);
    }
    sim.run_for(3 * MINUTE);
    for &liar in devices.iter().step_by(5) {
        sim.crash(liar);
    }
    // What is from a clock that is fast is kept once it is due.
    sim.run_for(130 * MINUTE);
    sim.forget_events();
    let mut logs = Vec::new();
    for number in (0..count).filter(|number| is_honest(*number)) {
        let kept = messages(&mut sim, devices[number], channel).into_iter();
        let common = kept.filter(|message| message.time >= start);
        let texts: BTreeSet<String> = common.map(|message| message.text).collect();
        logs.push((number, texts));
    }
    let all: BTreeSet<&String> = logs.iter().flat_map(|(_, texts)| texts).collect();
    for (number, texts) in &logs {
        let missing: Vec<_> = all.iter().filter(|text| !texts.contains(**text)).collect();
        assert!(
            missing.is_empty(),
            "seed {seed}, device {number} lacks {missing:?}"
        );
    }
    let lost: Vec<_> = kept_by_somebody
        .iter()
        .filter(|text| !all.contains(text))
        .collect();
    assert!(lost.is_empty(), "seed {seed}: nobody has {lost:?}");
    let forged: Vec<_> = all.iter().filter(|text| !said.contains(**text)).collect();
    assert!(forged.is_empty(), "seed {seed}: nobody said {forged:?}");
}

#[test]
fn twenty_devices_agree() {
    agree_in_the_end(1, 20);
}
