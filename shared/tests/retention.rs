//! A device keeps the part of a log that its member chose, and no more.

mod common;

use std::time::Duration;

use catnest::{
    channel::ChannelId,
    chat::retention::Retention,
    node::{Command, Event, Message, Problem},
    sim::{DeviceId, Sim},
    time::Millis,
};
use common::{
    HOUR, MINUTE, NEST, channel_of, devices, heard, join, join_keeping, log, messages, nest,
    numbered, problems, say, say_all,
};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn retain(sim: &mut Sim, device: DeviceId, channel: ChannelId, retention: Retention) {
    sim.command(device, Command::SetRetention { channel, retention });
    sim.run_for(MINUTE);
}

fn keep(sim: &mut Sim, device: DeviceId, channel: ChannelId, message: &Message, kept: bool) {
    let message = message.place();
    let keep = Command::Keep {
        channel,
        message,
        kept,
    };
    sim.command(device, keep);
    sim.run_for(MINUTE);
}

/// What a retention is said to discard, of how much.
fn outlook(
    sim: &mut Sim,
    device: DeviceId,
    channel: ChannelId,
    retention: Retention,
) -> (usize, usize) {
    sim.forget_events();
    sim.command(device, Command::Outlook { channel, retention });
    sim.run_for(MINUTE);
    let outlook = sim.events(device).iter().find_map(|event| match event {
        Event::Outlook {
            messages, discards, ..
        } => Some((*discards, *messages)),
        _ => None,
    });
    outlook.unwrap_or_else(|| panic!("an outlook was asked for"))
}

/// Who keeps these, and has said them.
fn speaker(seed: u64, said: &[String]) -> (Sim, Vec<DeviceId>, ChannelId) {
    let (mut sim, devices) = devices(seed, &["Ann", "Bo", "Cy"]);
    let channel = channel_of(NEST);
    join(&mut sim, devices[0], NEST);
    sim.run_for(MINUTE);
    say_all(&mut sim, devices[0], channel, said);
    (sim, devices, channel)
}

#[test]
fn a_newcomer_that_keeps_a_day_gets_exactly_that_day() {
    let (mut sim, devices, channel) = speaker(1, &numbered(40));
    sim.run_for(DAY);
    let today: Vec<String> = (0..40).map(|number| format!("today {number:02}")).collect();
    say_all(&mut sim, devices[0], channel, &today);
    sim.run_for(HOUR);
    sim.forget_events();
    let day = Retention::Age { days: 1 };
    join_keeping(&mut sim, devices[1], NEST, day);
    sim.run_for(MINUTE);
    // What is older was not even shown.
    let mut came = heard(&sim, devices[1]);
    came.sort();
    assert_eq!(came, today);
    assert_eq!(log(&mut sim, devices[1], channel), today);
    // Nothing is missing that should be there.
    let gaps = messages(&mut sim, devices[1], channel);
    assert!(gaps.iter().all(|message| !message.gap));
    assert_eq!(log(&mut sim, devices[0], channel).len(), 80);

    // Somebody who gets it from the newcomer is told that there was more.
    sim.crash(devices[0]);
    join(&mut sim, devices[2], NEST);
    sim.run_for(MINUTE);
    let messages = messages(&mut sim, devices[2], channel);
    let gaps: Vec<&str> = messages
        .iter()
        .filter(|m| m.gap)
        .map(|m| &*m.text)
        .collect();
    assert_eq!(messages.len(), today.len());
    assert_eq!(gaps, ["today 00"]);
}

#[test]
fn a_gap_is_filled_by_who_has_what_is_missing() {
    let (mut sim, devices, channel) = speaker(2, &numbered(30));
    join_keeping(&mut sim, devices[1], NEST, Retention::Count { messages: 5 });
    sim.run_for(MINUTE);
    sim.crash(devices[0]);
    join(&mut sim, devices[2], NEST);
    sim.run_for(MINUTE);
    let before = messages(&mut sim, devices[2], channel);
    assert_eq!(before.len(), 5);
    assert!(before[0].gap && before[1..].iter().all(|message| !message.gap));
    sim.restart(devices[0]);
    sim.run_for(2 * MINUTE);
    let after = messages(&mut sim, devices[2], channel);
    assert_eq!(after.len(), 30);
    assert!(after.iter().all(|message| !message.gap));
    // Who wants five has five still.
    assert_eq!(log(&mut sim, devices[1], channel), numbered(30)[25..]);
}

#[test]
fn a_newcomer_that_keeps_a_number_gets_no_more_than_it_needs() {
    let (mut sim, devices, channel) = speaker(3, &numbered(300));
    // Somebody has it all, so that its author does not offer it as new.
    join(&mut sim, devices[2], NEST);
    sim.run_for(HOUR);
    let ten = Retention::Count { messages: 10 };
    join_keeping(&mut sim, devices[1], NEST, ten);
    sim.run_for(MINUTE);
    let mut came = heard(&sim, devices[1]);
    came.sort();
    assert_eq!(came, numbered(300)[290..]);
    assert_eq!(log(&mut sim, devices[1], channel), came);
    // Each that comes takes the place of the oldest.
    say(&mut sim, devices[0], channel, "newest");
    sim.run_for(MINUTE);
    let kept = log(&mut sim, devices[1], channel);
    assert_eq!(kept[..9], numbered(300)[291..]);
    assert_eq!(kept[9..], ["newest"]);
}

#[test]
fn marks_outlive_a_limit_of_ten() {
    let (mut sim, devices, channel) = speaker(4, &numbered(30));
    let all = messages(&mut sim, devices[0], channel);
    join(&mut sim, devices[1], NEST);
    sim.run_for(MINUTE);
    keep(&mut sim, devices[0], channel, &all[2], true);
    let ten = Retention::Count { messages: 10 };
    assert_eq!(outlook(&mut sim, devices[0], channel, ten), (19, 30));
    sim.forget_events();
    retain(&mut sim, devices[0], channel, ten);
    let discarded = sim.events(devices[0]).iter().map(|event| match event {
        Event::Discarded { messages, .. } => messages.len(),
        _ => 0,
    });
    assert_eq!(discarded.sum::<usize>(), 19);
    let expected: Vec<String> = [&numbered(30)[2..3], &numbered(30)[20..]].concat();
    assert_eq!(log(&mut sim, devices[0], channel), expected);
    for _ in 0..2 {
        sim.crash(devices[0]);
        sim.restart(devices[0]);
        sim.run_for(2 * MINUTE);
        // The other one has them all, and they are not wanted.
        assert_eq!(log(&mut sim, devices[0], channel), expected);
    }
    let marked: Vec<bool> = messages(&mut sim, devices[0], channel)
        .iter()
        .map(|message| message.kept)
        .collect();
    assert!(marked[0] && marked[1..].iter().all(|kept| !kept));
    keep(&mut sim, devices[0], channel, &all[2], false);
    assert_eq!(log(&mut sim, devices[0], channel), expected[1..]);
    assert_eq!(log(&mut sim, devices[1], channel).len(), 30);
}

#[test]
fn who_wants_more_again_gets_it_from_others() {
    let (mut sim, devices, channel) = speaker(5, &numbered(30));
    join(&mut sim, devices[1], NEST);
    sim.run_for(MINUTE);
    retain(
        &mut sim,
        devices[1],
        channel,
        Retention::Count { messages: 3 },
    );
    assert_eq!(log(&mut sim, devices[1], channel), numbered(30)[27..]);
    retain(&mut sim, devices[1], channel, Retention::Forever);
    assert_eq!(log(&mut sim, devices[1], channel), numbered(30));
}

#[test]
fn days_pass_and_what_is_too_old_goes() {
    let (mut sim, devices, channel) = speaker(6, &numbered(10));
    retain(&mut sim, devices[0], channel, Retention::Age { days: 1 });
    assert_eq!(log(&mut sim, devices[0], channel).len(), 10);
    // What nobody has acknowledged is not lost for its age.
    sim.run_for(DAY + HOUR);
    assert_eq!(log(&mut sim, devices[0], channel).len(), 10);
    join(&mut sim, devices[1], NEST);
    sim.run_for(HOUR);
    assert_eq!(log(&mut sim, devices[1], channel).len(), 10);
    assert_eq!(log(&mut sim, devices[0], channel).len(), 0);
}

#[test]
fn what_is_said_outside_of_a_time_is_seen_and_not_kept() {
    let (mut sim, devices, channel) = nest(7, &["Ann", "Bo"]);
    let from = sim.now();
    say_all(&mut sim, devices[0], channel, &numbered(5));
    sim.run_for(MINUTE);
    let to = Some(sim.now());
    let between = Retention::Between { from, to };
    retain(&mut sim, devices[1], channel, between);
    sim.forget_events();
    say(&mut sim, devices[0], channel, "later");
    sim.run_for(MINUTE);
    assert_eq!(heard(&sim, devices[1]), ["later"]);
    assert_eq!(log(&mut sim, devices[1], channel), numbered(5));
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let (mut sim, devices, channel) = nest(8, &["Ann"]);
    for retention in [
        Retention::Age { days: 0 },
        Retention::Count { messages: 0 },
        Retention::Between {
            from: Millis(5),
            to: Some(Millis(5)),
        },
    ] {
        sim.forget_events();
        sim.command(devices[0], Command::SetRetention { channel, retention });
        sim.command(devices[0], Command::Outlook { channel, retention });
        sim.run_for(MINUTE);
        assert_eq!(
            problems(&sim, devices[0]),
            [Problem::Retention, Problem::Retention]
        );
    }
}
