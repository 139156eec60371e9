//! Many devices whose clocks are wrong, of which some lie and some come and go; they are parted, and meet again: in the end
//! each keeps what all do.

mod common;

use std::{collections::BTreeSet, time::Duration};

use catnest::{
    channel::ChannelId,
    chat::retention::Retention,
    limits,
    sim::{DeviceId, Lie, Network, Sim},
    time::Millis,
};
use common::{HOUR, MINUTE, NEST, SECOND, channel_of, join_keeping, messages, say};

const MINUTE_MS: i64 = 60_000;

/// From an hour slow to an hour fast, in no order.
fn wrong_by(device: usize) -> i64 {
    (device as i64 * 37 % 121 - 60) * MINUTE_MS
}

fn is_honest(device: usize) -> bool {
    !device.is_multiple_of(5)
}

fn cpu(sim: &Sim, what: &str) {
    let s = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let ns: f64 = s.split(' ').next().unwrap().parse().unwrap();
    let m = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = m.split(' ').nth(1).unwrap().parse().unwrap();
    eprintln!("  {what}: cpu {:.1} s, {} MB, {} lies, at {}", ns / 1e9, pages / 256, sim.lies(), sim.now().0 - 1_790_000_000_000);
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
    let percent: usize = std::env::var("CP").map_or(20, |p| p.parse().unwrap());
    for &liar in devices.iter().step_by(5) {
        sim.make_liar(liar, channel, &Lie::ALL, percent);
    }
    cpu(&sim, "joined");
    sim.run_for(20 * SECOND);
    cpu(&sim, "start");
    (sim, devices, channel)
}

/// Everybody keeps the same records of the time that everybody keeps.
fn agree_in_the_end(seed: u64, count: usize) {
    let start = Sim::new(seed, Network::default()).now();
    // Half of what is said has an earlier time, since half of the clocks are slow.
    let (mut sim, devices, channel) = nest(seed, count, start);
    let (mut said, mut kept_by_somebody) = (BTreeSet::new(), BTreeSet::new());
    // The same happens in each group of twenty.
    let groups = || (0..count).step_by(20);
    for round in 0..40 {
        // One of ten comes and goes.
        let restless = round / 2 * 10 % 20 + 1;
        for group in groups() {
            match round % 2 {
                0 => sim.crash(devices[group + restless]),
                _ => sim.restart(devices[group + restless]),
            }
        }
        match round {
            10 => sim.divide(&devices[..count / 2]),
            30 => sim.unite(),
            _ => {}
        }
        sim.run_for(SECOND);
        for group in groups() {
            let speaker = group + round * 7 % 20;
            let text = format!("{round} of {speaker}");
            say(&mut sim, devices[speaker], channel, &text);
            let stays = speaker != group + restless;
            if is_honest(speaker) && wrong_by(speaker) >= 0 && stays {
                kept_by_somebody.insert(text.clone());
            }
            said.insert(text);
        }
        sim.run_for(SECOND);
        sim.forget_events();
    }
    cpu(&sim, "said");
    sim.run_for(MINUTE);
    cpu(&sim, "liars go");
    for &liar in devices.iter().step_by(5) {
        sim.crash(liar);
    }
    // What the fastest clock wrote is kept by who has the slowest once it is due.
    let due = sim.now() + (2 * HOUR - limits::EARLY_TOLERANCE + 5 * MINUTE);
    while sim.now() < due {
        sim.run_for(MINUTE);
        sim.forget_events();
    }
    cpu(&sim, "due");
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
    eprintln!(
        "seed {seed}, {count} devices: {} that are honest have the same {} records of {} that were said",
        logs.len(),
        all.len(),
        said.len()
    );
}

#[test]
fn twenty_devices_agree() {
    if let Ok(n) = std::env::var("CN") {
        let n: usize = n.parse().unwrap();
        let seeds = std::env::var("CS").unwrap_or("1-1".into());
        let (a, b) = seeds.split_once('-').unwrap();
        for seed in a.parse::<u64>().unwrap()..=b.parse::<u64>().unwrap() {
            let t = std::time::Instant::now();
            let r = std::panic::catch_unwind(|| agree_in_the_end(seed, n));
            eprintln!("SEED {seed} {} {:?}", r.is_ok(), t.elapsed());
        }
        return;
    }
    agree_in_the_end(1, 20);
}
