//! Files go from device to device, in pieces, and are what their ids say.

mod common;

use std::collections::BTreeSet;

use catnest::{
    limits,
    node::{Command, Event, Message, Problem, TransferState},
    resource::ResourceId,
    sim::{DeviceId, Lie, Sim},
    swarm::{self, Packet},
    wire::Frame,
};

use common::{
    MINUTE, NEST, SECOND, channel_of, devices,
    files::{bytes, comes, describe, fetch, is, share, transfer},
    join, nest, page, problems,
};

fn messages(sim: &Sim, device: DeviceId) -> Vec<Message> {
    let message = |event: &Event| match event {
        Event::Message { message, .. } => Some(message.clone()),
        _ => None,
    };
    sim.events(device).iter().filter_map(message).collect()
}

#[test]
fn what_is_shared_comes_to_who_asks_and_from_it_to_others() {
    for seed in 0..5 {
        let (mut sim, people, channel) = nest(seed, &["Ann", "Ben", "Cat"]);
        let content = bytes(300_000, 1);
        let file = describe("notes.bin", "application/octet-stream", &content);
        share(&mut sim, people[0], channel, &file, &content);
        for &other in &people[1..] {
            let heard = messages(&sim, other);
            assert_eq!(heard.len(), 1);
            assert_eq!(heard[0].files, std::slice::from_ref(&file));
            assert!(transfer(&sim, other, file.id).is_none(), "unasked");
        }
        fetch(&mut sim, people[1], channel, &file);
        comes(&mut sim, people[1], file.id);
        assert_eq!(sim.stored_file(people[1], file.id).unwrap(), content);
        let done = transfer(&sim, people[1], file.id).unwrap();
        assert_eq!((done.have_bytes, done.received), (300_000, 300_000));

        // The first one is gone.
        sim.crash(people[0]);
        fetch(&mut sim, people[2], channel, &file);
        comes(&mut sim, people[2], file.id);
        assert_eq!(sim.stored_file(people[2], file.id).unwrap(), content);
    }
}

#[test]
fn an_id_is_enough_to_get_a_file() {
    let (mut sim, people, channel) = nest(1, &["Ann", "Ben"]);
    let content = bytes(200_000, 2);
    let file = describe("a.txt", "text/plain", &content);
    // Wanted before anybody has it.
    let wanted = Command::Fetch {
        channel,
        file: file.id,
        descriptor: None,
    };
    sim.command(people[1], wanted);
    sim.run_for(MINUTE);
    share(&mut sim, people[0], channel, &file, &content);
    comes(&mut sim, people[1], file.id);
    let got = transfer(&sim, people[1], file.id).unwrap();
    assert_eq!(got.file, file);
}

#[test]
fn files_without_bytes_come_as_well() {
    let (mut sim, people, channel) = nest(1, &["Ann", "Ben"]);
    let file = describe("nothing", "text/plain", &[]);
    share(&mut sim, people[0], channel, &file, &[]);
    fetch(&mut sim, people[1], channel, &file);
    comes(&mut sim, people[1], file.id);
    let mut false_one = describe("lie", "text/plain", b"something");
    false_one.length = 0;
    fetch(&mut sim, people[1], channel, &false_one);
    sim.run_for(SECOND);
    let state = transfer(&sim, people[1], false_one.id).unwrap().state;
    assert!(matches!(state, TransferState::Stopped { .. }), "{state:?}");
}

#[test]
fn who_is_killed_goes_on_where_it_was() {
    for seed in 0..5 {
        let (mut sim, people, channel) = nest(seed, &["Ann", "Ben"]);
        let content = bytes(6_000_000, 3);
        let file = describe("big", "application/octet-stream", &content);
        share(&mut sim, people[0], channel, &file, &content);
        fetch(&mut sim, people[1], channel, &file);
        let half =
            |sim: &Sim| transfer(sim, people[1], file.id).is_some_and(|t| t.have_bytes > 2_000_000);
        assert!(sim.run_until(MINUTE, half));
        let before = transfer(&sim, people[1], file.id).unwrap().received;
        sim.crash(people[1]);
        sim.run_for(MINUTE);
        sim.forget_events();
        sim.restart(people[1]);
        comes(&mut sim, people[1], file.id);
        assert_eq!(sim.stored_file(people[1], file.id).unwrap(), content);
        let after = transfer(&sim, people[1], file.id).unwrap().received;
        let twice = (before + after).saturating_sub(content.len() as u64);
        assert!(twice <= 1024 * 1024, "{twice} bytes came twice");
    }
}

#[test]
fn a_pause_lasts_until_the_member_goes_on_and_over_a_restart() {
    let (mut sim, people, channel) = nest(2, &["Ann", "Ben"]);
    let content = bytes(4_000_000, 4);
    let file = describe("big", "application/octet-stream", &content);
    share(&mut sim, people[0], channel, &file, &content);
    fetch(&mut sim, people[1], channel, &file);
    assert!(sim.run_until(MINUTE, |sim| {
        transfer(sim, people[1], file.id).is_some_and(|t| t.have_bytes > 500_000)
    }));
    let pause = |paused| Command::Pause {
        file: file.id,
        paused,
    };
    sim.command(people[1], pause(true));
    sim.run_for(MINUTE);
    let paused = transfer(&sim, people[1], file.id).unwrap();
    assert_eq!(paused.state, TransferState::Paused);
    sim.crash(people[1]);
    sim.restart(people[1]);
    sim.run_for(5 * MINUTE);
    let still = transfer(&sim, people[1], file.id).unwrap();
    assert_eq!(still.state, TransferState::Paused);
    assert!(still.have_bytes < 4_000_000);
    sim.command(people[1], pause(false));
    comes(&mut sim, people[1], file.id);
}

#[test]
fn small_pictures_come_by_themselves() {
    let (mut sim, people, channel) = nest(3, &["Ann", "Ben"]);
    let content = bytes(100_000, 5);
    for (name, media_type, comes_alone) in [
        ("cat.png", "image/png", true),
        ("cat.svg", "image/svg+xml", false),
    ] {
        let content = [&content, name.as_bytes()].concat();
        let file = describe(name, media_type, &content);
        share(&mut sim, people[0], channel, &file, &content);
        sim.run_for(MINUTE);
        let complete = is(&sim, people[1], file.id, &TransferState::Complete);
        assert_eq!(complete, comes_alone, "{name}");
    }
}

#[test]
fn a_file_that_is_removed_is_gone_and_not_given_any_more() {
    let (mut sim, people, channel) = nest(4, &["Ann", "Ben"]);
    let content = bytes(200_000, 6);
    let file = describe("a", "text/plain", &content);
    share(&mut sim, people[0], channel, &file, &content);
    sim.command(people[0], Command::Remove { file: file.id });
    sim.run_for(SECOND);
    let gone = |event: &Event| *event == Event::TransferGone { file: file.id };
    assert!(sim.events(people[0]).iter().any(gone));
    assert_eq!(sim.stored_file(people[0], file.id), None);
    fetch(&mut sim, people[1], channel, &file);
    sim.run_for(5 * MINUTE);
    assert!(is(&sim, people[1], file.id, &TransferState::Seeking));
    // Until somebody has it again.
    share(&mut sim, people[0], channel, &file, &content);
    comes(&mut sim, people[1], file.id);
}

#[test]
fn what_was_not_taken_in_whole_is_not_shared() {
    let (mut sim, people, channel) = nest(5, &["Ann", "Ben"]);
    let nothing = describe("a", "text/plain", b"never taken in");
    let share = |files: Vec<ResourceId>| Command::Share {
        channel,
        text: "look".into(),
        files,
    };
    sim.command(people[0], share(vec![nothing.id]));
    sim.command(people[0], share(vec![]));
    sim.command(
        people[0],
        share(vec![nothing.id; limits::MAX_MESSAGE_FILES + 1]),
    );
    sim.run_for(SECOND);
    let expected = [Problem::NoFile, Problem::TooManyFiles, Problem::NoFile];
    let said: BTreeSet<String> = problems(&sim, people[0])
        .iter()
        .map(|p| format!("{p:?}"))
        .collect();
    assert_eq!(said, expected.iter().map(|p| format!("{p:?}")).collect());
    assert!(page(&mut sim, people[0], channel).is_empty());
}

#[test]
fn who_gets_a_file_at_the_same_time_gets_it_from_each_other() {
    let (mut sim, people, channel) = nest(8, &["Ann", "Ben", "Cyd", "Dan", "Eve"]);
    let content = bytes(8_000_000, 7);
    let file = describe("film", "video/mp4", &content);
    share(&mut sim, people[0], channel, &file, &content);
    for person in &people[1..] {
        fetch(&mut sim, *person, channel, &file);
    }
    for person in &people[1..] {
        comes(&mut sim, *person, file.id);
    }
    let sent = transfer(&sim, people[0], file.id).unwrap().sent;
    assert!(sent < 3 * file.length, "{sent} bytes came from one");
}

#[test]
fn a_file_stays_in_the_nests_where_it_was_shared() {
    const OTHER: &str = "webrtc://127.0.0.1/other";
    let (mut sim, people, channel) = nest(7, &["Ann", "Ben"]);
    for &person in &people {
        join(&mut sim, person, OTHER);
    }
    sim.run_for(MINUTE);
    let content = bytes(200_000, 8);
    let file = describe("a", "text/plain", &content);
    share(&mut sim, people[0], channel, &file, &content);
    fetch(&mut sim, people[1], channel_of(OTHER), &file);
    sim.run_for(5 * MINUTE);
    assert!(is(&sim, people[1], file.id, &TransferState::Seeking));
    fetch(&mut sim, people[1], channel, &file);
    comes(&mut sim, people[1], file.id);
    // Whoever leaves the nests forgets what was shared in no other.
    for left in [channel, channel_of(OTHER)] {
        sim.command(people[1], Command::Leave { channel: left });
    }
    sim.run_for(SECOND);
    assert_eq!(sim.stored_file(people[1], file.id), None);
}

#[test]
fn in_a_larger_nest_a_holder_is_found_who_was_no_neighbour() {
    for seed in 0..5 {
        let names: Vec<String> = (0..12).map(|i| format!("Cat {i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (mut sim, people, channel) = nest(seed, &names);
        let content = bytes(200_000, 9);
        let file = describe("a", "text/plain", &content);
        share(&mut sim, people[0], channel, &file, &content);
        for &other in &people[1..] {
            fetch(&mut sim, other, channel, &file);
            comes(&mut sim, other, file.id);
        }
    }
}

#[test]
fn what_nobody_asked_for_costs_the_link() {
    let (mut sim, people, _) = nest(8, &["Ann", "Mal"]);
    let packet = Packet {
        resource: ResourceId([7; 32]),
        piece: 0,
        offset: 0,
        data: vec![1; 1000],
    };
    let frame = Frame::Resource(swarm::Message::Packet(packet)).encode();
    sim.forge_frame(people[1], &frame);
    sim.run_for(SECOND);
    assert_eq!(sim.open_connections(people[0]), 0);
}

#[test]
fn twenty_holders_of_which_five_lie_stall_or_vanish() {
    for seed in 0..3 {
        let names: Vec<String> = (0..21).map(|i| format!("Cat {i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (mut sim, people) = devices(seed, &names);
        let channel = channel_of(NEST);
        let content = bytes(5_000_000, 10);
        let file = describe("song", "application/octet-stream", &content);
        for &person in &people {
            join(&mut sim, person, NEST);
        }
        sim.run_for(MINUTE);
        let (reader, holders) = people.split_first().unwrap();
        for &holder in holders {
            share(&mut sim, holder, channel, &file, &content);
        }
        for &liar in &holders[..2] {
            sim.make_liar(liar, channel, &[Lie::Pieces], 100);
        }
        sim.stop_reading(holders[2]);
        fetch(&mut sim, *reader, channel, &file);
        sim.run_until(MINUTE, |sim| {
            transfer(sim, *reader, file.id).is_some_and(|t| t.have_bytes > 0)
        });
        sim.crash(holders[3]);
        sim.crash(holders[4]);
        comes(&mut sim, *reader, file.id);
        assert_eq!(sim.stored_file(*reader, file.id).unwrap(), content);
    }
}

/// Of the two connections of a link either one dies while a file moves: it goes on over the other, and nobody waits until
/// it is plain that nothing comes any more.
#[test]
fn a_file_goes_on_over_the_connection_that_is_left() {
    type Happens = fn(&mut Sim, DeviceId, DeviceId, usize);
    // A path that is lost is noticed after six seconds.
    let cases: [(Happens, u32); 2] = [(Sim::cut_connection, 0), (Sim::lose_path_of, 6)];
    for seed in 0..10 {
        for which in [0, 1] {
            for (happens, noticed) in cases {
                let (mut sim, people, channel) = nest(seed, &["Ann", "Ben"]);
                let content = bytes(3_000_000, 1);
                let file = describe("notes.bin", "application/octet-stream", &content);
                share(&mut sim, people[0], channel, &file, &content);
                let made = sim.connections_made(people[0]);
                fetch(&mut sim, people[1], channel, &file);
                let half = |sim: &Sim| {
                    transfer(sim, people[1], file.id).is_some_and(|of| of.have_bytes > 1_000_000)
                };
                assert!(sim.run_until(MINUTE, half));
                let now = transfer(&sim, people[1], file.id).unwrap();
                assert!(now.have_bytes < 2_500_000, "{now:?}");
                happens(&mut sim, people[0], people[1], which);
                let soon = noticed * SECOND + limits::HOLDER_PATIENCE / 2;
                let done = |sim: &Sim| is(sim, people[1], file.id, &TransferState::Complete);
                assert!(
                    sim.run_until(soon, done),
                    "seed {seed}, connection {which}: {:?}",
                    transfer(&sim, people[1], file.id)
                );
                assert_eq!(sim.stored_file(people[1], file.id).unwrap(), content);
                sim.run_for(MINUTE);
                assert!(sim.connections_made(people[0]) <= made + 1);
                assert_eq!(sim.neighbours(people[0]), 1);
            }
        }
    }
}
