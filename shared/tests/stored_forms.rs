//! What stores keep as CBOR: its exact bytes, and that those of an earlier version are still read.

use std::collections::{BTreeMap, BTreeSet};

use catnest::{
    channel::ChannelId,
    chat::retention::Retention,
    entropy::Entropy,
    identity::{Author, DeviceSeed},
    preferences::Preferences,
    resource::{Descriptor, Md5, ResourceId},
    seeding::Seeds,
    store::{
        ChannelEntry, Device, PeopleChoices, ResourceEntry,
        bytes::{
            decode_channel, decode_device, decode_resource, encode_channel, encode_device,
            encode_resource,
        },
    },
    time::Millis,
};

fn entry() -> ResourceEntry {
    ResourceEntry {
        descriptor: Descriptor {
            id: ResourceId([1; 32]),
            length: 70_000,
            md5: Md5([2; 16]),
            name: "猫.png".into(),
            media_type: "image/png".into(),
        },
        channels: BTreeSet::from([ChannelId([3; 32])]),
        paused: true,
        added: Millis(1_790_000_000_000),
        md5_checked: true,
        automatic: None,
    }
}

fn hex(bytes: &[u8]) -> String {
    let line = |line: &[u8]| line.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<String> = bytes.chunks(32).map(line).collect();
    lines.join("\n")
}

#[expect(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]
fn from_hex(digits: &str) -> Vec<u8> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.as_bytes().chunks(2).map(byte).collect()
}

#[test]
fn an_entry_of_a_resource_has_these_bytes() {
    let bytes = encode_resource(&entry());
    insta::assert_snapshot!("resource_entry", hex(&bytes));
    assert_eq!(decode_resource(&bytes), Ok(entry()));

    // One that nobody asked for has a field more, which versions that know nothing of that pass over.
    let automatic = ResourceEntry {
        automatic: Some(Millis(1_790_000_000_001)),
        ..entry()
    };
    let bytes = encode_resource(&automatic);
    insta::assert_snapshot!("automatic_resource_entry", hex(&bytes));
    assert_eq!(decode_resource(&bytes), Ok(automatic));
}

#[test]
fn a_device_has_these_bytes() {
    let device = Device {
        seed: DeviceSeed::generate(&mut Entropy::from_seed([4; 32])),
        name: "咪咪".into(),
        preferences: Preferences {
            burn_after: Some(60),
            cache_lists: false,
            ..Preferences::default()
        },
    };
    let bytes = encode_device(&device);
    insta::assert_snapshot!("device", hex(&bytes));
    assert_eq!(decode_device(&bytes).as_ref(), Ok(&device));

    // Before there was music: with a map of one field less, which was on without being said.
    let earlier = Device {
        preferences: Preferences {
            cache_lists: true,
            ..device.preferences
        },
        ..device
    };
    assert_eq!(decode_device(&from_hex(EARLIER_DEVICE)), Ok(earlier));
}

const EARLIER_DEVICE: &str = "a300582078774a186003cdaf73dfefce516edeaccb6e387de1e6234aa45f4df00a8b62ad0166e592aae592aa02a2020203183c";

#[test]
fn a_channels_entry_has_these_bytes() {
    let entry = ChannelEntry {
        id: ChannelId([3; 32]),
        address: "webrtc://127.0.0.1:8080/cats".parse().unwrap(),
        joined: Millis(1_790_000_000_000),
        draft: "half a thou".into(),
        muted: true,
        retention: Retention::Between {
            from: Millis(1_789_000_000_000),
            to: Some(Millis(1_790_000_000_000)),
        },
        switch: Some(vec![1, 2, 3]),
        people: PeopleChoices {
            name: Some("咪".into()),
            avatar: Some("🐈".into()),
            blocked: BTreeMap::from([(Author([8; 32]), "Mallory".into())]),
            held_back: BTreeMap::from([(Author([9; 32]), "Bot".into())]),
        },
        seeds: Seeds::All,
        sought: BTreeSet::from([ResourceId([4; 32])]),
    };
    let bytes = encode_channel(&entry);
    insta::assert_snapshot!("channel", hex(&bytes));
    assert_eq!(decode_channel(&entry.id.0, &bytes).as_ref(), Ok(&entry));
    assert!(decode_channel(&[3; 31], &bytes).is_err());

    // Before there were retentions.
    let earlier = from_hex(EARLIER_CHANNEL);
    let entry = ChannelEntry {
        retention: Retention::Forever,
        switch: None,
        people: PeopleChoices::default(),
        seeds: Seeds::Chosen,
        sought: BTreeSet::new(),
        ..entry
    };
    assert_eq!(decode_channel(&entry.id.0, &earlier), Ok(entry));
}

const EARLIER_CHANNEL: &str = "a400781c7765627274633a2f2f3132372e302e302e313a383038302f63617473011b000001a0c4506c00026b68616c6620612074686f7503f5";
