//! What is shared in two nests of which all is wanted is given in both, and in no third.

mod common;

use catnest::{
    channel::ChannelId,
    node::Command,
    resource::Descriptor,
    seeding::Seeds,
    sim::{DeviceId, Sim},
};

use common::{
    MINUTE, SECOND, channel_of,
    files::{bytes, comes, describe, fetch, share, transfer},
    join,
    music::{add, library, lines},
    nest,
    seeding::{FILE, quota, seed, transfers, unchoose, whole},
};

const OTHER: &str = "webrtc://127.0.0.1/other";
const THIRD: &str = "webrtc://127.0.0.1/third";

/// Ann is in a nest, Ben in another one, Cat in a third, and the host in all of them.
fn nests(seed: u64) -> (Sim, [DeviceId; 4], [ChannelId; 3]) {
    let (mut sim, people, here) = nest(seed, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    let (ben, cat) = (sim.add("Ben"), sim.add("Cat"));
    sim.run_for(SECOND);
    for (person, address) in [(host, OTHER), (host, THIRD), (ben, OTHER), (cat, THIRD)] {
        join(&mut sim, person, address);
    }
    sim.run_for(MINUTE);
    let channels = [here, channel_of(OTHER), channel_of(THIRD)];
    (sim, [ann, ben, cat, host], channels)
}

fn file() -> (Descriptor, Vec<u8>) {
    let content = bytes(FILE, 1);
    (
        describe("song", "application/octet-stream", &content),
        content,
    )
}

/// Somebody wants it who came when all who had shared it were gone.
fn is_given(sim: &mut Sim, name: &str, address: &str, file: &Descriptor) -> bool {
    let person = sim.add(name);
    sim.run_for(SECOND);
    join(sim, person, address);
    sim.run_for(MINUTE);
    fetch(sim, person, channel_of(address), file);
    sim.run_for(MINUTE);
    let given = transfer(sim, person, file.id).is_some_and(|of| of.have_bytes == file.length);
    sim.crash(person);
    given
}

#[test]
fn what_is_here_already_is_given_in_a_nest_where_it_is_shared_later() {
    let (mut sim, [ann, ben, _, host], channels) = nests(1);
    for channel in channels {
        seed(&mut sim, host, channel, Seeds::All);
    }
    let (file, content) = file();
    share(&mut sim, ann, channels[0], &file, &content);
    comes(&mut sim, host, file.id);
    assert!(
        !is_given(&mut sim, "Dan", OTHER, &file),
        "nobody has shared it there"
    );
    share(&mut sim, ben, channels[1], &file, &content);
    sim.run_for(MINUTE);
    sim.crash(ann);
    sim.crash(ben);
    assert!(is_given(&mut sim, "Eve", OTHER, &file));
    assert!(is_given(&mut sim, "Fay", common::NEST, &file));
    assert!(!is_given(&mut sim, "Gil", THIRD, &file));
    // Also after the host's end.
    sim.crash(host);
    sim.restart(host);
    sim.run_for(MINUTE);
    let shared = &transfers(&mut sim, host)[0].channels;
    assert_eq!(shared.len(), 2);
}

#[test]
fn what_is_offered_in_two_nests_comes_from_either_and_is_given_in_both() {
    let (mut sim, [ann, ben, _, host], channels) = nests(2);
    let (file, content) = file();
    share(&mut sim, ann, channels[0], &file, &content);
    share(&mut sim, ben, channels[1], &file, &content);
    sim.crash(ann);
    for channel in channels {
        seed(&mut sim, host, channel, Seeds::All);
    }
    comes(&mut sim, host, file.id);
    sim.crash(ben);
    for (name, address) in [("Eve", OTHER), ("Fay", common::NEST)] {
        assert!(is_given(&mut sim, name, address, &file), "{name}");
    }
}

#[test]
fn it_stays_for_the_one_nest_when_the_other_is_left_or_wanted_no_more() {
    for leaves in [false, true] {
        let (mut sim, [ann, ben, _, host], channels) = nests(3);
        for channel in channels {
            seed(&mut sim, host, channel, Seeds::All);
        }
        let (file, content) = file();
        share(&mut sim, ann, channels[0], &file, &content);
        comes(&mut sim, host, file.id);
        share(&mut sim, ben, channels[1], &file, &content);
        let milk = add(&mut sim, ann, channels[0], "Milk", FILE);
        comes(&mut sim, host, milk.id);
        add(&mut sim, ben, channels[1], "Milk", FILE);
        sim.run_for(MINUTE);
        let list = |sim: &mut Sim, channel| lines(&library(sim, host, channel));
        assert_eq!(list(&mut sim, channels[0]), ["+Milk Ann"]);
        assert_eq!(list(&mut sim, channels[1]), ["+Milk Ben"]);
        if leaves {
            let leave = Command::Leave {
                channel: channels[0],
            };
            sim.command(host, leave);
            sim.run_for(SECOND);
        } else {
            seed(&mut sim, host, channels[0], Seeds::Chosen);
            sim.run_for(MINUTE);
            // It is not listed there any more, and nobody there takes the host for a holder.
            assert_eq!(list(&mut sim, channels[0]), ["Milk Ann"]);
            assert_eq!(lines(&library(&mut sim, ann, channels[0])), ["+Milk"]);
        }
        assert_eq!(list(&mut sim, channels[1]), ["+Milk Ben"]);
        assert_eq!(whole(&mut sim, host), ["Milk.flac", "song"]);
        let here = transfers(&mut sim, host);
        assert!(here.iter().all(|of| of.channels == [channels[1]]));
        sim.crash(ann);
        assert!(!is_given(&mut sim, "Fay", common::NEST, &file));
        seed(&mut sim, host, channels[1], Seeds::Chosen);
        assert_eq!(transfers(&mut sim, host), []);
    }
}

#[test]
fn what_was_chosen_in_one_nest_is_not_given_in_another_for_being_offered_there() {
    for offered_first in [false, true] {
        let (mut sim, [ann, ben, _, host], channels) = nests(4);
        let (file, content) = file();
        share(&mut sim, ben, channels[1], &file, &content);
        if offered_first {
            // Nobody has it there any more.
            share(&mut sim, ann, channels[0], &file, &content);
            sim.crash(ann);
        }
        seed(&mut sim, host, channels[0], Seeds::All);
        sim.run_for(MINUTE);
        fetch(&mut sim, host, channels[1], &file);
        comes(&mut sim, host, file.id);
        if !offered_first {
            share(&mut sim, ann, channels[0], &file, &content);
            sim.run_for(MINUTE);
        }
        assert_eq!(transfers(&mut sim, host)[0].channels, [channels[1]]);
        seed(&mut sim, host, channels[0], Seeds::Chosen);
        assert_eq!(whole(&mut sim, host), ["song"]);
    }
}

#[test]
fn what_has_left_is_sought_only_where_all_is_wanted() {
    let (mut sim, [ann, ben, _, host], channels) = nests(5);
    seed(&mut sim, host, channels[0], Seeds::All);
    let (file, content) = file();
    share(&mut sim, ben, channels[1], &file, &content);
    share(&mut sim, ann, channels[0], &file, &content);
    for channel in &channels[..2] {
        fetch(&mut sim, host, *channel, &file);
        comes(&mut sim, host, file.id);
    }
    unchoose(&mut sim, host, &file);
    assert_eq!(transfers(&mut sim, host)[0].channels.len(), 2);
    sim.crash(ann);
    quota(&mut sim, host, 0);
    assert_eq!(transfers(&mut sim, host), []);
    quota(&mut sim, host, FILE);
    sim.run_for(60 * MINUTE);
    assert_eq!(transfers(&mut sim, host), []);
    sim.restart(ann);
    sim.run_for(60 * MINUTE);
    let here = transfers(&mut sim, host);
    assert_eq!(here[0].channels, [channels[0]]);
    assert_eq!(whole(&mut sim, host), ["song"]);
}
