//! What members claim of files pushes nothing out, and keeps nothing away: only what they give does.

mod common;

use catnest::{
    limits,
    node::Command,
    resource::{Descriptor, Have, ResourceId},
    seeding::Seeds,
    sim::{DeviceId, Sim},
    swarm::{self, Holding},
    wire::Frame,
};

use common::{
    HOUR, MINUTE, SECOND,
    files::{bytes, comes, describe, fetch, share, transfer},
    nest,
    seeding::{FILE, broken, quota, seed, shared, transfers, whole},
};

/// A file that nobody has is said to be so long, in a message; its sender claims to have all of it, and gives nothing.
fn invent(sim: &mut Sim, by: DeviceId, number: u8, length: usize) -> Descriptor {
    let content = bytes(length, number);
    let mut file = describe("invented", "application/octet-stream", &content);
    file.id = ResourceId([number; 32]);
    share(sim, by, common::channel_of(common::NEST), &file, &content);
    file
}

/// Somebody claims to have all of a file.
fn claim(sim: &mut Sim, by: DeviceId, file: &Descriptor) {
    let holding = swarm::Message::Holding(Holding {
        descriptor: file.clone(),
        have: Have::all(file.length),
    });
    sim.forge_frame(by, &Frame::Resource(holding).encode());
    sim.run_for(SECOND);
}

#[test]
fn a_length_that_is_only_claimed_pushes_nothing_out_and_keeps_nothing_away() {
    let (mut sim, people, channel) = nest(1, &["Ann", "Mal", "Host"]);
    let (ann, mal, host) = (people[0], people[1], people[2]);
    quota(&mut sim, host, 3 * FILE);
    seed(&mut sim, host, channel, Seeds::All);
    for number in 1..=2 {
        let file = shared(&mut sim, ann, channel, number);
        comes(&mut sim, host, file.id);
    }
    sim.run_for(MINUTE);
    let invented = invent(&mut sim, mal, 100, 3 * FILE);
    for _ in 0..5 {
        claim(&mut sim, mal, &invented);
    }
    assert!(
        transfer(&sim, host, invented.id).is_some(),
        "it was not believed for a moment"
    );
    assert_eq!(whole(&mut sim, host), ["1", "2"]);
    // Of what is left, the claim takes nothing; nor does it once the host begins anew.
    let file = shared(&mut sim, ann, channel, 3);
    comes(&mut sim, host, file.id);
    sim.crash(host);
    sim.restart(host);
    quota(&mut sim, host, 3 * FILE);
    claim(&mut sim, mal, &invented);
    sim.run_for(HOUR);
    assert_eq!(whole(&mut sim, host), ["1", "2", "3"]);
}

#[test]
fn who_offers_a_file_as_longer_or_shorter_than_it_is_does_not_keep_it_away() {
    for length in [10, FILE - 1, FILE / 2, 2 * FILE, 40 * FILE] {
        let (mut sim, people, channel) = nest(5, &["Ann", "Mal", "Host"]);
        let (ann, mal, host) = (people[0], people[1], people[2]);
        quota(&mut sim, host, 3 * FILE);
        let file = shared(&mut sim, ann, channel, 1);
        let content = bytes(length, 100);
        let mut false_one = describe("false", "application/octet-stream", &content);
        false_one.id = file.id;
        share(&mut sim, mal, channel, &false_one, &content);
        seed(&mut sim, host, channel, Seeds::All);
        sim.run_for(HOUR);
        let here = transfers(&mut sim, host);
        let have = here.iter().find(|of| of.file.id == file.id);
        assert_eq!(have.map(|of| of.have_bytes), Some(file.length), "{length}");
    }
}

#[test]
fn who_says_two_lengths_of_what_it_does_not_give_keeps_nobody_busy() {
    let (mut sim, people, channel) = nest(6, &["Mal", "Host"]);
    let (mal, host) = (people[0], people[1]);
    let mut invented = invent(&mut sim, mal, 100, 10);
    sim.command(mal, Command::Remove { file: invented.id });
    sim.run_for(SECOND);
    quota(&mut sim, host, FILE);
    seed(&mut sim, host, channel, Seeds::All);
    claim(&mut sim, mal, &invented);
    assert!(transfer(&sim, host, invented.id).is_some());
    // Far more than the quota: it is not tried, however often its turn comes.
    invented.length = limits::MAX_RESOURCE_BYTES;
    let mut have = Have::none(invented.length);
    have.insert(0);
    let descriptor = invented;
    let holding = swarm::Message::Holding(Holding { descriptor, have });
    sim.forge_frame(mal, &Frame::Resource(holding).encode());
    // A node that wants to be woken again and again never comes so far.
    sim.run_for(HOUR);
    assert_eq!(transfers(&mut sim, host), []);
}

#[test]
fn nor_does_what_the_member_chose_before_it_comes() {
    let (mut sim, people, channel) = nest(2, &["Ann", "Mal", "Host"]);
    let (ann, mal, host) = (people[0], people[1], people[2]);
    quota(&mut sim, host, 2 * FILE);
    seed(&mut sim, host, channel, Seeds::All);
    for number in 1..=2 {
        let file = shared(&mut sim, ann, channel, number);
        comes(&mut sim, host, file.id);
    }
    let invented = invent(&mut sim, mal, 100, 2 * FILE);
    fetch(&mut sim, host, channel, &invented);
    claim(&mut sim, mal, &invented);
    sim.run_for(HOUR);
    assert!(
        transfers(&mut sim, host)
            .iter()
            .any(|transfer| transfer.chosen)
    );
    assert_eq!(whole(&mut sim, host), ["1", "2"]);
}

#[test]
fn what_left_for_a_part_comes_back_when_no_more_of_that_comes() {
    const LARGE: usize = 3 * FILE;
    let (mut sim, people, channel) = nest(7, &["Ann", "Mal", "Host"]);
    let (ann, mal, host) = (people[0], people[1], people[2]);
    quota(&mut sim, host, LARGE);
    seed(&mut sim, host, channel, Seeds::All);
    let content = bytes(LARGE, 1);
    let large = describe("large", "application/octet-stream", &content);
    share(&mut sim, ann, channel, &large, &content);
    comes(&mut sim, host, large.id);
    sim.crash(host);
    broken(&mut sim, mal, channel, 2, FILE);
    sim.restart(host);
    quota(&mut sim, host, LARGE);
    sim.run_for(MINUTE);
    assert_eq!(whole(&mut sim, host), [""; 0]);
    sim.run_for(2 * HOUR);
    assert_eq!(whole(&mut sim, host), ["large"]);
    sim.forget_events();
    sim.run_for(3 * HOUR);
    assert_eq!(whole(&mut sim, host), ["large"]);
    assert_eq!(transfer(&sim, host, large.id), None, "it has left again");
}

#[test]
fn as_much_leaves_as_comes() {
    const LARGE: usize = 40 * FILE;
    let (mut sim, people, channel) = nest(3, &["Ann", "Ben", "Host"]);
    let (ann, ben, host) = (people[0], people[1], people[2]);
    quota(&mut sim, host, LARGE);
    seed(&mut sim, host, channel, Seeds::All);
    for number in 0..40 {
        let file = shared(&mut sim, ann, channel, number);
        comes(&mut sim, host, file.id);
    }
    let content = bytes(LARGE, 100);
    let large = describe("large", "application/octet-stream", &content);
    share(&mut sim, ben, channel, &large, &content);
    let have = |sim: &Sim| transfer(sim, host, large.id).map_or(0, |transfer| transfer.have_bytes);
    assert!(sim.run_until(MINUTE, |sim| have(sim) > LARGE as u64 / 4));
    // What is not here yet has pushed nothing out.
    sim.crash(ben);
    sim.run_for(SECOND);
    let all = transfers(&mut sim, host);
    let used: u64 = all.iter().map(|transfer| transfer.have_bytes).sum();
    let missing = LARGE as u64 - used;
    assert!(missing < FILE as u64, "{missing} bytes are not used");
    assert!(whole(&mut sim, host).len() > 10);
    // It was there last, and has it all.
    sim.restart(ben);
    comes(&mut sim, host, large.id);
    assert_eq!(whole(&mut sim, host), ["large"]);
}
