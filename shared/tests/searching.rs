//! What was said is found, however far back, and what is gone is not.

mod common;

use catnest::{
    channel::ChannelId,
    chat::retention::Retention,
    node::{Command, Event, Place, Problem},
    sim::{DeviceId, Sim},
    store::{Request, StoreError},
};
use common::{MINUTE, devices, join, messages, nest, numbered, problems, say, say_all};

fn ask(sim: &mut Sim, device: DeviceId, channel: ChannelId, query: &str, before: Option<Place>) {
    let search = Command::Search {
        channel,
        query: query.to_owned(),
        before,
        limit: 10,
    };
    sim.command(device, search);
}

/// The texts of each answer, where the next older one begins, and whether there is one.
fn answers(sim: &Sim, device: DeviceId) -> Vec<(Vec<String>, Option<Place>, bool)> {
    let answer = |event: &Event| match event {
        Event::Found { messages, more, .. } => {
            let before = messages.last().map(|message| message.place());
            let texts = messages.iter().map(|message| message.text.clone());
            Some((texts.collect(), before, *more))
        }
        _ => None,
    };
    sim.events(device).iter().filter_map(answer).collect()
}

fn search(sim: &mut Sim, device: DeviceId, channel: ChannelId, query: &str) -> Vec<String> {
    sim.forget_events();
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        sim.forget_events();
        ask(sim, device, channel, query, before);
        sim.run_for(MINUTE);
        let answers = answers(sim, device);
        assert_eq!(answers.len(), 1);
        let (texts, oldest, more) = answers.into_iter().next().unwrap_or_default();
        assert!(texts.len() <= 10);
        all.extend(texts);
        before = oldest;
        if !more {
            return all;
        }
    }
}

#[test]
fn a_long_log_is_searched_to_its_end_newest_first() {
    let (mut sim, devices, channel) = nest(1, &["Ann", "Bo"]);
    say_all(&mut sim, devices[0], channel, &numbered(2500));
    say(&mut sim, devices[1], channel, "猫窝 is 0001 of them");
    sim.run_for(MINUTE);
    let found = search(&mut sim, devices[0], channel, "0001");
    assert_eq!(found, ["猫窝 is 0001 of them", "0001"]);
    assert_eq!(search(&mut sim, devices[1], channel, "窝").len(), 1);
    let mut hundreds = search(&mut sim, devices[1], channel, "00");
    hundreds.reverse();
    let mut expected = numbered(2500);
    expected.retain(|text| text.contains("00"));
    expected.push("猫窝 is 0001 of them".into());
    assert_eq!(hundreds, expected);
    // What comes after a search is found by the next one.
    say(&mut sim, devices[1], channel, "one more 0001");
    sim.run_for(MINUTE);
    assert_eq!(search(&mut sim, devices[0], channel, "0001").len(), 3);
}

#[test]
fn what_was_recalled_or_discarded_is_not_found() {
    let (mut sim, devices, channel) = nest(2, &["Ann", "Bo"]);
    say_all(&mut sim, devices[0], channel, &numbered(20));
    sim.run_for(MINUTE);
    assert_eq!(search(&mut sim, devices[1], channel, "00").len(), 20);
    let last = messages(&mut sim, devices[0], channel).pop().unwrap();
    let message = last.place();
    sim.command(devices[0], Command::Recall { channel, message });
    sim.run_for(MINUTE);
    let retention = Retention::Count { messages: 11 };
    sim.command(devices[1], Command::SetRetention { channel, retention });
    sim.run_for(MINUTE);
    let found = search(&mut sim, devices[1], channel, "00");
    assert_eq!(found.first().map(String::as_str), Some("0018"));
    // The recall is one of the eleven, and so is what it recalls.
    assert_eq!(found.len(), 9);
    // Nor by who starts anew.
    sim.crash(devices[1]);
    sim.restart(devices[1]);
    sim.run_for(MINUTE);
    assert_eq!(search(&mut sim, devices[1], channel, "00").len(), 9);
}

#[test]
fn many_searches_at_once_are_answered_or_refused() {
    let (mut sim, devices) = devices(3, &["Ann"]);
    let channel = common::channel_of(common::NEST);
    join(&mut sim, devices[0], common::NEST);
    sim.run_for(MINUTE);
    say(&mut sim, devices[0], channel, "meow");
    sim.run_for(MINUTE);
    sim.forget_events();
    for _ in 0..100 {
        ask(&mut sim, devices[0], channel, "meow", None);
    }
    ask(&mut sim, devices[0], channel, " ", None);
    sim.run_for(MINUTE);
    let refused = problems(&sim, devices[0]);
    assert_eq!(answers(&sim, devices[0]).len() + refused.len(), 101);
    assert_eq!(refused.last(), Some(&Problem::Query));
    assert_eq!(search(&mut sim, devices[0], channel, "MEOW"), ["meow"]);
}

#[test]
fn a_log_is_read_before_anything_is_looked_for() {
    let (mut sim, devices, channel) = nest(4, &["Ann", "Bo"]);
    say_all(&mut sim, devices[0], channel, &numbered(1100));
    sim.run_for(MINUTE);
    for device in &devices {
        if *device == devices[0] {
            sim.command(*device, Command::PrepareSearch { channel });
            sim.run_for(MINUTE);
        }
        sim.break_store(*device, |request| {
            matches!(request, Request::LoadPage { .. }).then_some(StoreError::Full)
        });
    }
    assert_eq!(search(&mut sim, devices[0], channel, "0003"), ["0003"]);
    assert_eq!(search(&mut sim, devices[0], channel, "bird").len(), 0);
    // The other has to read, and cannot.
    sim.forget_events();
    ask(&mut sim, devices[1], channel, "0003", None);
    sim.run_for(MINUTE);
    assert_eq!(problems(&sim, devices[1]), [Problem::StoreFull]);
}
