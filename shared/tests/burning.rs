//! While burning is on, what is said is seen and not kept, by anybody.

mod common;

use std::time::Duration;

use catnest::{
    channel::ChannelId,
    node::{Command, Event, Problem},
    resource::ResourceId,
    sim::{DeviceId, Sim},
    store::StoreError,
};
use common::{
    HOUR, MINUTE, NEST, SECOND, channel_of, devices, heard, join, log, messages, nest, problems,
    say, view,
};

fn burn(sim: &mut Sim, device: DeviceId, channel: ChannelId, on: bool) {
    sim.command(device, Command::Burn { channel, on });
    sim.run_for(SECOND);
}

fn burns(sim: &Sim, device: DeviceId) -> bool {
    view(sim, device).burn.is_some_and(|burn| burn.on)
}

fn see_all(sim: &mut Sim, device: DeviceId, channel: ChannelId) {
    if let Some(last) = messages(sim, device, channel).pop() {
        let up_to = last.place();
        sim.command(device, Command::Seen { channel, up_to });
        sim.run_for(SECOND);
    }
}

fn restart(sim: &mut Sim, devices: &[DeviceId]) {
    for device in devices {
        sim.crash(*device);
    }
    for device in devices {
        sim.restart(*device);
    }
    sim.run_for(2 * MINUTE);
}

#[test]
fn everybody_sees_who_turned_it_and_nothing_that_was_said_is_there_after_a_restart() {
    let (mut sim, devices, channel) = nest(1, &["Ann", "Bo", "Cy"]);
    say(&mut sim, devices[0], channel, "before");
    sim.run_for(MINUTE);
    burn(&mut sim, devices[0], channel, true);
    for device in &devices {
        let burn = view(&sim, *device).burn.unwrap();
        assert!(burn.on && burn.by == "Ann");
        assert_eq!(burn.mine, *device == devices[0]);
    }
    sim.forget_events();
    say(&mut sim, devices[1], channel, "secret");
    let draft = Command::Draft {
        channel,
        text: "half a secret".into(),
    };
    sim.command(devices[2], draft);
    sim.run_for(SECOND);
    for device in &devices {
        assert_eq!(heard(&sim, *device), ["secret"], "{device:?}");
    }
    for device in &devices {
        let all = messages(&mut sim, *device, channel);
        let burning: Vec<bool> = all.iter().map(|message| message.burning).collect();
        assert_eq!(burning, [false, true], "{device:?}");
    }
    // Whoever comes now knows it before typing.
    let newcomer = sim.add("Di");
    sim.run_for(SECOND);
    join(&mut sim, newcomer, NEST);
    sim.run_for(SECOND * 10);
    assert!(burns(&sim, newcomer));

    // It has no more of it than the others: what is in memory is gone when all of them start again.
    let devices = [devices, vec![newcomer]].concat();
    restart(&mut sim, &devices);
    for device in &devices {
        assert!(burns(&sim, *device));
        assert_eq!(view(&sim, *device).draft, "");
    }
    for device in &devices[..3] {
        assert_eq!(log(&mut sim, *device, channel), ["before"], "{device:?}");
    }
    // Nothing at all is stored, what was said earlier neither.
    assert_eq!(log(&mut sim, newcomer, channel).len(), 0);
    burn(&mut sim, devices[2], channel, false);
    sim.run_for(2 * MINUTE);
    for device in &devices {
        assert!(!burns(&sim, *device));
    }
    for device in &devices {
        assert_eq!(log(&mut sim, *device, channel), ["before"], "{device:?}");
    }
    say(&mut sim, devices[0], channel, "after");
    sim.run_for(MINUTE);
    restart(&mut sim, &devices);
    for device in &devices {
        assert_eq!(log(&mut sim, *device, channel), ["before", "after"]);
    }
}

#[test]
fn what_was_shown_goes_and_what_was_not_waits_until_burning_ends() {
    let (mut sim, devices, channel) = nest(2, &["Ann", "Bo", "Cy"]);
    burn(&mut sim, devices[0], channel, true);
    say(&mut sim, devices[0], channel, "secret");
    sim.run_for(SECOND);
    see_all(&mut sim, devices[1], channel);
    assert_eq!(sim.badge(devices[2]), 1);
    let half = Duration::from_secs(15);
    sim.run_for(half);
    for device in &devices {
        assert_eq!(log(&mut sim, *device, channel), ["secret"]);
    }
    sim.run_for(half);
    assert_eq!(log(&mut sim, devices[0], channel).len(), 0);
    assert_eq!(log(&mut sim, devices[1], channel).len(), 0);
    // Nobody has looked here.
    assert_eq!(log(&mut sim, devices[2], channel), ["secret"]);
    sim.forget_events();
    burn(&mut sim, devices[1], channel, false);
    let gone = sim.events(devices[2]).iter().any(|event| match event {
        Event::Discarded { messages, .. } => messages.len() == 1,
        _ => false,
    });
    assert!(gone);
    assert_eq!(log(&mut sim, devices[2], channel).len(), 0);
    assert_eq!(sim.badge(devices[2]), 0);
}

#[test]
fn who_was_away_gets_what_burns_from_memory_if_it_comes_in_time() {
    let (mut sim, devices) = devices(3, &["Ann", "Bo"]);
    let channel = channel_of(NEST);
    join(&mut sim, devices[0], NEST);
    sim.run_for(MINUTE);
    burn(&mut sim, devices[0], channel, true);
    say(&mut sim, devices[0], channel, "secret");
    join(&mut sim, devices[1], NEST);
    sim.run_for(SECOND * 10);
    assert_eq!(heard(&sim, devices[1]), ["secret"]);
    restart(&mut sim, &devices);
    assert_eq!(log(&mut sim, devices[1], channel).len(), 0);
}

#[test]
fn halves_of_which_one_burned_agree_and_lose_nothing_that_was_kept() {
    for seed in 0..5 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo", "Cy", "Di"]);
        let halves = [&devices[..2], &devices[2..]];
        for device in halves[1] {
            sim.crash(*device);
        }
        sim.run_for(MINUTE);
        burn(&mut sim, devices[0], channel, true);
        say(&mut sim, devices[0], channel, "secret");
        sim.run_for(MINUTE);
        for device in halves[0] {
            sim.crash(*device);
        }
        for device in halves[1] {
            sim.restart(*device);
        }
        sim.run_for(MINUTE);
        say(&mut sim, devices[2], channel, "kept");
        sim.run_for(HOUR);
        for device in halves[0] {
            sim.restart(*device);
        }
        sim.run_for(2 * MINUTE);
        for device in &devices {
            assert!(burns(&sim, *device), "seed {seed}");
        }
        assert_eq!(log(&mut sim, devices[0], channel).len(), 0);
        burn(&mut sim, devices[3], channel, false);
        sim.run_for(2 * MINUTE);
        for device in &devices {
            assert_eq!(log(&mut sim, *device, channel), ["kept"], "seed {seed}");
        }
    }
}

#[test]
fn two_who_turn_it_at_once_agree() {
    for seed in 0..10 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo", "Cy"]);
        for device in &devices[..2] {
            sim.command(*device, Command::Burn { channel, on: true });
        }
        sim.run_for(MINUTE);
        let by = |sim: &Sim, device| view(sim, device).burn.map(|burn| burn.by);
        let first = by(&sim, devices[0]);
        assert!(first.is_some());
        for device in &devices {
            assert!(burns(&sim, *device));
            assert_eq!(by(&sim, *device), first, "seed {seed}");
        }
    }
}

#[test]
fn what_has_to_be_stored_is_refused() {
    let (mut sim, devices, channel) = nest(4, &["Ann"]);
    burn(&mut sim, devices[0], channel, true);
    sim.forget_events();
    let share = Command::Share {
        channel,
        text: String::new(),
        files: vec![ResourceId([1; 32])],
    };
    let import = Command::Import {
        channel,
        records: Vec::new(),
    };
    for command in [share, import] {
        sim.command(devices[0], command);
    }
    sim.run_for(SECOND);
    let burning = [Problem::Burning, Problem::Burning];
    assert_eq!(problems(&sim, devices[0]), burning);
}

#[test]
fn what_cannot_be_stored_is_not_turned() {
    let (mut sim, devices, channel) = nest(5, &["Ann", "Bo"]);
    sim.break_store(devices[0], |_| Some(StoreError::Full));
    sim.forget_events();
    burn(&mut sim, devices[0], channel, true);
    assert_eq!(problems(&sim, devices[0]), [Problem::StoreFull]);
    say(&mut sim, devices[1], channel, "kept");
    sim.run_for(MINUTE);
    assert_eq!(log(&mut sim, devices[1], channel), ["kept"]);
}
