//! Records that were kept elsewhere come into the log, if they belong there.
#![cfg(feature = "sim")]

mod common;

use base64ct::{Base64, Encoding};
use catnest::{
    chat::{
        record::{Body, Record},
        retention::Retention,
    },
    entropy::Entropy,
    house::channel_file::{Entry, Taken},
    identity::DeviceSeed,
    limits,
    node::{Command, Event},
    sim::{DeviceId, Sim},
    time::Millis,
};
use common::{MINUTE, NEST, SECOND, channel_of, devices, join, join_keeping, log, messages, nest};

/// Somebody's records in a channel, one for each second.
fn records(address: &str, count: u64) -> Vec<Entry> {
    let channel = channel_of(address);
    let key = DeviceSeed::generate(&mut Entropy::from_seed([5; 32])).author_key(channel);
    let record = |second: u64| Record::write(&key, channel, Millis(second * 1000), "Mo", "old");
    let text = |second| entry(&Base64::encode_string(&record(second).bytes));
    (1..=count).map(text).collect()
}

fn entry(record: &str) -> Entry {
    Entry {
        record: record.to_owned(),
        ..Entry::default()
    }
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

/// What became of the records of the last import.
fn taken(sim: &Sim, device: DeviceId) -> Option<Taken> {
    let events = sim.events(device).iter().rev();
    let mut taken = events.filter_map(|event| match event {
        Event::Imported { taken, .. } => Some(*taken),
        _ => None,
    });
    taken.next()
}

#[test]
fn one_that_does_not_belong_there_is_named_and_the_others_are_taken() {
    let now = 1_790_000_000_000;
    let of_another = records("webrtc://127.0.0.1/other", 1).remove(0);
    let key = DeviceSeed::generate(&mut Entropy::from_seed([5; 32])).author_key(channel_of(NEST));
    let signed = |body: Body| Base64::encode_string(&Record::sign(&key, body).bytes);
    let body = |time| Body::new(key.author(), channel_of(NEST), Millis(time), "Mo", "odd");
    let burnt = signed(Body {
        burning: true,
        ..body(9)
    });
    let early = signed(body(now + 3_600_000));
    let [one, two] = [0, 1].map(|place| records(NEST, 2).remove(place));
    let wrong_recall = Entry {
        recall: Some(two.record.clone()),
        ..one.clone()
    };
    for wrong in [
        of_another,
        entry("not base64!"),
        entry(&one.record[..40]),
        entry(&burnt),
        entry(&early),
        wrong_recall,
    ] {
        let (mut sim, devices) = devices(2, &["Mimi"]);
        let channel = channel_of(NEST);
        join(&mut sim, devices[0], NEST);
        sim.run_for(SECOND);
        let wrong = Entry { line: 7, ..wrong };
        let records = vec![wrong, two.clone()];
        sim.command(devices[0], Command::Import { channel, records });
        sim.run_for(SECOND);
        let expected = Taken {
            new: 1,
            refused: 1,
            first_refused: Some(7),
            ..Taken::default()
        };
        assert_eq!(taken(&sim, devices[0]), Some(expected));
        assert_eq!(log(&mut sim, devices[0], channel), ["old"]);
    }
}

#[test]
fn no_more_is_taken_at_a_time_than_a_page() {
    let (mut sim, devices) = devices(3, &["Mimi"]);
    let channel = channel_of(NEST);
    join(&mut sim, devices[0], NEST);
    sim.run_for(SECOND);
    let records = records(NEST, limits::MAX_PAGE as u64 + 3);
    sim.command(devices[0], Command::Import { channel, records });
    sim.run_for(SECOND);
    let expected = Taken {
        new: limits::MAX_PAGE,
        refused: 3,
        first_refused: Some(0),
        ..Taken::default()
    };
    assert_eq!(taken(&sim, devices[0]), Some(expected));
}

#[test]
fn what_is_not_kept_there_is_left_out_unless_it_is_marked() {
    let (mut sim, devices) = devices(4, &["Mimi"]);
    let channel = channel_of(NEST);
    join_keeping(&mut sim, devices[0], NEST, Retention::Age { days: 1 });
    sim.run_for(SECOND);
    let mut records = records(NEST, 3);
    records[1].kept = true;
    sim.command(devices[0], Command::Import { channel, records });
    sim.run_for(5 * MINUTE);
    let expected = Taken {
        new: 1,
        outside: 2,
        ..Taken::default()
    };
    assert_eq!(taken(&sim, devices[0]), Some(expected));
    let kept = messages(&mut sim, devices[0], channel);
    let kept: Vec<(u64, bool)> = kept.iter().map(|m| (m.time.0, m.kept)).collect();
    assert_eq!(kept, [(2000, true)]);
}

#[test]
fn neighbours_get_what_they_lack_of_it() {
    let (mut sim, devices, channel) = nest(5, &["Mimi", "Bo"]);
    let records = records(NEST, 20);
    sim.command(devices[0], Command::Import { channel, records });
    sim.run_for(MINUTE);
    assert_eq!(log(&mut sim, devices[1], channel).len(), 20);
    // It was said before the member came.
    assert_eq!(sim.badge(devices[1]), 0);
}
