//! What its author takes back is folded where it is, and goes nowhere any more.

mod common;

use catnest::{
    channel::ChannelId,
    node::{Command, Event, Message, Problem},
    sim::{DeviceId, Sim},
};
use common::{HOUR, MINUTE, NEST, devices, heard, join, messages, nest, problems, say};

fn said(sim: &mut Sim, device: DeviceId, channel: ChannelId, text: &str) -> Message {
    let mut messages = messages(sim, device, channel);
    messages.retain(|message| message.text == text);
    messages.pop().unwrap_or_else(|| panic!("{text} was said"))
}

fn recall(sim: &mut Sim, device: DeviceId, channel: ChannelId, message: &Message) {
    let message = message.place();
    sim.command(device, Command::Recall { channel, message });
    sim.run_for(MINUTE);
}

/// The texts that a device has, and whether each was recalled.
fn seen(sim: &mut Sim, device: DeviceId, channel: ChannelId) -> Vec<(String, bool)> {
    let messages = messages(sim, device, channel).into_iter();
    messages
        .map(|message| (message.text, message.recalled))
        .collect()
}

fn texts(texts: &[(&str, bool)]) -> Vec<(String, bool)> {
    let texts = texts.iter();
    texts
        .map(|(text, recalled)| ((*text).to_owned(), *recalled))
        .collect()
}

#[test]
fn a_recalled_message_is_folded_everywhere_and_does_not_reach_a_newcomer() {
    let (mut sim, devices) = devices(1, &["Ann", "Bo", "Cy", "Di"]);
    for device in &devices[..3] {
        join(&mut sim, *device, NEST);
    }
    sim.run_for(MINUTE);
    let channel = common::channel_of(NEST);
    for text in ["before", "oops", "after"] {
        say(&mut sim, devices[0], channel, text);
        sim.run_for(MINUTE);
    }
    sim.forget_events();
    let oops = said(&mut sim, devices[0], channel, "oops");
    recall(&mut sim, devices[0], channel, &oops);
    let all = texts(&[("before", false), ("oops", true), ("after", false)]);
    for device in &devices[..3] {
        let told =
            |event: &Event| matches!(event, Event::Recalled { message, .. } if *message == oops.id);
        assert!(sim.events(*device).iter().any(told), "{device:?}");
    }
    for device in &devices[..3] {
        assert_eq!(seen(&mut sim, *device, channel), all, "{device:?}");
    }
    // Its author is away, and everybody else has started again.
    sim.crash(devices[0]);
    for device in &devices[1..3] {
        sim.crash(*device);
        sim.restart(*device);
    }
    sim.run_for(HOUR);
    join(&mut sim, devices[3], NEST);
    sim.run_for(2 * MINUTE);
    let rest = texts(&[("before", false), ("after", false)]);
    assert_eq!(seen(&mut sim, devices[3], channel), rest);
    assert!(!heard(&sim, devices[3]).contains(&"oops".to_owned()));
    // Nothing is missing there: it was recalled.
    let gaps = messages(&mut sim, devices[3], channel);
    assert!(gaps.iter().all(|message| !message.gap));
}

#[test]
fn halves_that_met_the_recall_and_its_message_apart_agree() {
    for seed in 0..5 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo", "Cy", "Di"]);
        // Bo has the message, and goes before it is recalled.
        say(&mut sim, devices[0], channel, "oops");
        sim.run_for(MINUTE);
        sim.crash(devices[1]);
        sim.crash(devices[2]);
        sim.crash(devices[3]);
        let oops = said(&mut sim, devices[0], channel, "oops");
        recall(&mut sim, devices[0], channel, &oops);
        // Eve hears of the recall alone.
        let eve = sim.add("Eve");
        sim.run_for(MINUTE);
        join(&mut sim, eve, NEST);
        sim.run_for(MINUTE);
        assert_eq!(seen(&mut sim, eve, channel), []);
        // The one who recalled it is away when the halves meet.
        sim.crash(devices[0]);
        for device in &devices[1..] {
            sim.restart(*device);
        }
        sim.run_for(5 * MINUTE);
        let folded = texts(&[("oops", true)]);
        for device in &devices[1..] {
            assert_eq!(seen(&mut sim, *device, channel), folded, "seed {seed}");
        }
        assert_eq!(seen(&mut sim, eve, channel), [], "seed {seed}");
        assert_eq!(heard(&sim, eve), Vec::<String>::new());
    }
}

#[test]
fn nobody_recalls_what_is_not_theirs_or_not_there() {
    let (mut sim, devices, channel) = nest(2, &["Ann", "Bo"]);
    say(&mut sim, devices[0], channel, "mine");
    sim.run_for(MINUTE);
    let mine = said(&mut sim, devices[1], channel, "mine");
    sim.forget_events();
    recall(&mut sim, devices[1], channel, &mine);
    assert_eq!(problems(&sim, devices[1]), [Problem::NoMessage]);
    sim.forget_events();
    recall(&mut sim, devices[0], channel, &mine);
    recall(&mut sim, devices[0], channel, &mine);
    assert_eq!(problems(&sim, devices[0]), [Problem::NoMessage]);
}

#[test]
fn what_was_recalled_before_it_was_sent_is_not_sent() {
    let (mut sim, devices) = devices(3, &["Ann", "Bo"]);
    let channel = common::channel_of(NEST);
    join(&mut sim, devices[0], NEST);
    sim.run_for(MINUTE);
    say(&mut sim, devices[0], channel, "oops");
    say(&mut sim, devices[0], channel, "well");
    sim.run_for(MINUTE);
    let oops = said(&mut sim, devices[0], channel, "oops");
    recall(&mut sim, devices[0], channel, &oops);
    sim.crash(devices[0]);
    sim.restart(devices[0]);
    join(&mut sim, devices[1], NEST);
    sim.run_for(2 * MINUTE);
    assert_eq!(heard(&sim, devices[1]), ["well"]);
}

#[test]
fn what_was_recalled_is_not_unread() {
    let (mut sim, devices, channel) = nest(4, &["Ann", "Bo"]);
    say(&mut sim, devices[0], channel, "oops");
    sim.run_for(MINUTE);
    assert_eq!(sim.badge(devices[1]), 1);
    let oops = said(&mut sim, devices[0], channel, "oops");
    recall(&mut sim, devices[0], channel, &oops);
    assert_eq!(sim.badge(devices[1]), 0);
    sim.crash(devices[1]);
    sim.restart(devices[1]);
    sim.run_for(MINUTE);
    assert_eq!(sim.badge(devices[1]), 0);
}
