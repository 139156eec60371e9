//! A log is read in both directions, from any place, and a page leads on however much of the log nobody sees.
#![cfg(feature = "sim")]

mod common;

use base64ct::{Base64, Encoding};
use catnest::{
    channel::ChannelId,
    chat::record::{Position, Record, RecordId},
    entropy::Entropy,
    house::channel_file::Entry,
    identity::{AuthorKey, DeviceSeed},
    limits,
    node::{Command, Event, Place},
    sim::{DeviceId, Sim},
    time::Millis,
};
use common::{NEST, SECOND, channel_of, devices, join, messages, say};

fn key(channel: ChannelId) -> AuthorKey {
    DeviceSeed::generate(&mut Entropy::from_seed([5; 32])).author_key(channel)
}

fn import(sim: &mut Sim, device: DeviceId, channel: ChannelId, records: &[Record]) {
    for records in records.chunks(limits::MAX_PAGE) {
        let records = records.iter();
        let records = records.map(|record| Entry {
            record: Base64::encode_string(&record.bytes),
            ..Entry::default()
        });
        let records = records.collect();
        sim.command(device, Command::Import { channel, records });
        sim.run_for(SECOND);
    }
}

/// A page as it was read: the times of its messages in seconds, and whether there may be more.
fn read(sim: &mut Sim, device: DeviceId, page: Command) -> (Vec<Place>, bool) {
    sim.forget_events();
    sim.command(device, page);
    sim.run_for(SECOND);
    let page = sim.events(device).iter().find_map(|event| match event {
        Event::Page { messages, more, .. } => {
            Some((messages.iter().map(|m| m.place()).collect(), *more))
        }
        _ => None,
    });
    page.unwrap_or_else(|| panic!("{device:?} was asked for a page"))
}

fn seconds(places: &[Place]) -> Vec<u64> {
    places.iter().map(|place| place.time.0 / 1000).collect()
}

/// The place before all that was written in this second.
fn second(second: u64) -> Place {
    Place {
        time: Millis(second * 1000),
        id: RecordId([0; 32]),
    }
}

/// Seven messages, with recalls of what nobody has between the third and the fourth.
fn log(sim: &mut Sim, device: DeviceId) -> ChannelId {
    let channel = channel_of(NEST);
    let key = key(channel);
    let said = (1..=7).map(|s| Record::write(&key, channel, Millis(s * 1000), "Mo", "old"));
    let recalls = (1..=10).map(|number| {
        let recalled = Position {
            time: Millis(3000 + u64::from(number)),
            id: RecordId([number; 32]),
        };
        Record::recall(&key, channel, recalled, "Mo")
    });
    join(sim, device, NEST);
    sim.run_for(SECOND);
    import(
        sim,
        device,
        channel,
        &said.chain(recalls).collect::<Vec<_>>(),
    );
    channel
}

#[test]
fn pages_from_any_place_go_on_to_the_newest() {
    let (mut sim, devices) = devices(1, &["Mimi"]);
    let channel = log(&mut sim, devices[0]);
    let all: Vec<Place> = messages(&mut sim, devices[0], channel)
        .iter()
        .map(|message| message.place())
        .collect();
    assert_eq!(seconds(&all), [1, 2, 3, 4, 5, 6, 7]);
    for limit in 1..=4 {
        for begin in 0..=8 {
            let expected = all.iter().filter(|place| **place >= second(begin));
            let expected: Vec<Place> = expected.copied().collect();
            let mut found: Vec<Place> = Vec::new();
            let mut from = second(begin);
            loop {
                let page = Command::PageFrom {
                    channel,
                    from,
                    limit,
                };
                let (places, more) = read(&mut sim, devices[0], page);
                assert!(places.is_sorted() && places.len() <= limit + 1);
                let before = found.len();
                found.extend(places.into_iter().filter(|place| *place >= from));
                found.dedup();
                if !more {
                    break;
                }
                // Each page leads on, or whoever reads would ask for the same one for ever.
                assert!(found.len() > before, "{limit} from {begin}");
                from = found[found.len() - 1];
            }
            assert_eq!(found, expected, "{limit} from {begin}");
        }
    }
}

#[test]
fn what_is_before_a_place_and_what_is_from_it_on_is_all() {
    let (mut sim, devices) = devices(1, &["Mimi"]);
    let channel = log(&mut sim, devices[0]);
    let from = second(4);
    let limit = 2;
    let older = Command::Page {
        channel,
        before: Some(from),
        limit,
    };
    let (older, more) = read(&mut sim, devices[0], older);
    assert_eq!((&seconds(&older)[..], more), (&[2, 3][..], true));
    let newer = Command::PageFrom {
        channel,
        from,
        limit,
    };
    let (newer, more) = read(&mut sim, devices[0], newer);
    assert_eq!((&seconds(&newer)[..], more), (&[4, 5][..], true));
    let end = Command::PageFrom {
        channel,
        from: second(8),
        limit,
    };
    assert_eq!(read(&mut sim, devices[0], end), (Vec::new(), false));
}

#[test]
fn what_burns_is_on_the_page_where_it_stands() {
    let (mut sim, devices) = devices(1, &["Mimi"]);
    let channel = log(&mut sim, devices[0]);
    sim.command(devices[0], Command::Burn { channel, on: true });
    sim.run_for(SECOND);
    say(&mut sim, devices[0], channel, "nobody keeps this");
    sim.run_for(SECOND);
    let from = second(6);
    let page = |limit| Command::PageFrom {
        channel,
        from,
        limit,
    };
    let (all, more) = read(&mut sim, devices[0], page(9));
    assert_eq!((all.len(), more), (3, false));
    let (first, more) = read(&mut sim, devices[0], page(1));
    assert_eq!((&seconds(&first)[..], more), (&[6][..], true));
}
