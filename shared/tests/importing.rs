//! Records that were kept elsewhere come into the log, if they belong there.
#![cfg(feature = "sim")]

mod common;

use base64ct::{Base64, Encoding};
use catnest::{
    chat::record::Record,
    entropy::Entropy,
    identity::DeviceSeed,
    limits,
    node::{Command, Event, Problem},
    time::Millis,
};
use common::{NEST, SECOND, channel_of, devices, join};

/// Somebody's records in a channel, one for each second.
fn records(address: &str, count: u64) -> Vec<String> {
    let channel = channel_of(address);
    let key = DeviceSeed::generate(&mut Entropy::from_seed([5; 32])).author_key(channel);
    let record = |second: u64| Record::write(&key, channel, Millis(second * 1000), "Mo", "old");
    let text = |second| Base64::encode_string(&record(second).bytes);
    (1..=count).map(text).collect()
}

#[test]
fn they_are_in_the_log_once_and_count_as_seen() {
    let (mut sim, devices) = devices(1, &["Mimi"]);
    let channel = channel_of(NEST);
    join(&mut sim, devices[0], NEST);
    sim.run_for(SECOND);
    for _ in 0..2 {
        let records = records(NEST, 7);
        sim.command(devices[0], Command::Import { channel, records });
        sim.run_for(SECOND);
    }
    let page = Command::Page {
        channel,
        before: None,
        limit: 10,
    };
    sim.command(devices[0], page);
    sim.run_for(SECOND);
    let times = sim.events(devices[0]).iter().find_map(|event| match event {
        Event::Page { messages, .. } => Some(messages.iter().map(|m| m.time.0).collect()),
        _ => None,
    });
    assert_eq!(times, Some((1..=7).map(|s| s * 1000).collect::<Vec<u64>>()));
    assert_eq!(sim.badge(devices[0]), 0);
}

#[test]
fn one_that_does_not_belong_there_is_named_and_none_is_taken() {
    let of_another = records("webrtc://127.0.0.1/other", 1);
    let own = records(NEST, 3);
    let index_of_bad = [
        (vec![own[0].clone(), of_another[0].clone()], 1),
        (vec!["not base64!".to_owned()], 0),
        (
            vec![own[0].clone(), own[1].clone(), own[2][..40].to_owned()],
            2,
        ),
        (records(NEST, limits::MAX_PAGE as u64 + 1), limits::MAX_PAGE),
    ];
    for (records, index) in index_of_bad {
        let (mut sim, devices) = devices(2, &["Mimi"]);
        let channel = channel_of(NEST);
        join(&mut sim, devices[0], NEST);
        sim.run_for(SECOND);
        sim.command(devices[0], Command::Import { channel, records });
        sim.command(
            devices[0],
            Command::Page {
                channel,
                before: None,
                limit: 1,
            },
        );
        sim.run_for(SECOND);
        let refused = sim.events(devices[0]).iter().find_map(|event| match event {
            Event::Refused { problem, .. } => Some(problem.clone()),
            _ => None,
        });
        assert_eq!(refused, Some(Problem::Record { index }));
        let page = sim.events(devices[0]).iter().find_map(|event| match event {
            Event::Page { messages, .. } => Some(messages.len()),
            _ => None,
        });
        assert_eq!(page, Some(0));
    }
}
