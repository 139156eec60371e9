//! What is said of files may be false, what a disk says may be no more than bad luck, and neither does harm for long.

mod common;

use std::{cell::Cell, rc::Rc};

use catnest::{
    channel::ChannelId,
    limits,
    node::{Command, Event, Problem, TransferState},
    resource::{Descriptor, Have, ResourceId},
    sim::{DeviceId, Sim},
    store::{Request, StoreError},
    swarm::{self, Holding},
    wire::Frame,
};

use common::{
    MINUTE, SECOND, channel_of,
    files::{bytes, comes, describe, fetch, is, share, transfer},
    heard, join, nest, problems, say,
};

const OTHER: &str = "webrtc://127.0.0.1/other";

fn broken() -> StoreError {
    StoreError::Unavailable("out of luck".into())
}

/// A file is wanted by its id alone.
fn seek(sim: &mut Sim, by: DeviceId, channel: ChannelId, file: ResourceId) {
    let descriptor = None;
    let fetch = Command::Fetch {
        channel,
        file,
        descriptor,
    };
    sim.command(by, fetch);
}

/// How many requests of a kind a device's store gets from now on.
fn count(sim: &mut Sim, device: DeviceId, kind: fn(&Request) -> bool) -> Rc<Cell<usize>> {
    let count = Rc::new(Cell::new(0));
    let counted = Rc::clone(&count);
    sim.break_store(device, move |request| {
        counted.set(counted.get() + usize::from(kind(request)));
        None
    });
    count
}

#[test]
fn invented_pictures_do_not_block_what_the_member_wants() {
    let (mut sim, people, channel) = nest(1, &["Ann", "Ben", "Cat", "Dan"]);
    sim.crash(people[1]);
    let content = bytes(300_000, 1);
    let mut invented = Vec::new();
    for message in 0..16 {
        let mut files = Vec::new();
        for number in 0..limits::MAX_MESSAGE_FILES {
            let mut picture = describe("cat.png", "image/png", b"small");
            picture.id = ResourceId([message + 1; 32]);
            picture.id.0[0] = number as u8;
            sim.take_in(people[0], &picture, b"small").unwrap();
            files.push(picture.id);
        }
        let text = format!("{message}");
        let (share, files) = (files.clone(), files);
        sim.command(
            people[0],
            Command::Share {
                channel,
                text,
                files: share,
            },
        );
        sim.run_for(SECOND);
        for file in files {
            sim.command(people[0], Command::Remove { file });
            invented.push(file);
        }
    }
    sim.run_for(MINUTE);
    sim.forget_events();
    sim.restart(people[1]);
    assert!(sim.run_until(MINUTE, |sim| heard(sim, people[1]).len() == 16));
    sim.run_for(SECOND);
    let under_way = |sim: &Sim| {
        let state = TransferState::Seeking;
        let seeking = |id: &&ResourceId| is(sim, people[1], **id, &state);
        let gone = |id: &&ResourceId| {
            let event = Event::TransferGone { file: **id };
            !sim.events(people[1]).contains(&event)
        };
        invented.iter().filter(seeking).filter(gone).count()
    };
    assert_eq!(under_way(&sim), limits::AUTO_FETCHES);
    // It is no reason to dial others.
    assert!(sim.neighbours(people[1]) <= limits::WANTED_LINKS);
    let file = describe("notes.bin", "application/octet-stream", &content);
    share(&mut sim, people[2], channel, &file, &content);
    fetch(&mut sim, people[1], channel, &file);
    comes(&mut sim, people[1], file.id);
    assert_eq!(problems(&sim, people[1]), []);
    sim.crash(people[1]);
    sim.restart(people[1]);
    sim.run_for(2 * limits::AUTO_FETCH_PATIENCE);
    assert_eq!(under_way(&sim), 0);
    // There is room again.
    let picture = describe("cat.png", "image/png", &content);
    share(&mut sim, people[2], channel, &picture, &content);
    comes(&mut sim, people[1], picture.id);
}

#[test]
fn what_cannot_be_read_now_is_not_lost() {
    let (mut sim, people, channel) = nest(2, &["Ann", "Ben"]);
    let content = bytes(1_000_000, 2);
    let file = describe("notes.bin", "application/octet-stream", &content);
    share(&mut sim, people[0], channel, &file, &content);
    let dropped = Rc::new(Cell::new(0));
    let (count, mut reads) = (Rc::clone(&dropped), 0);
    sim.break_store(people[0], move |request| {
        let read = matches!(request, Request::LoadPieces { .. });
        let drop = matches!(request, Request::DropPieces { .. });
        count.set(count.get() + usize::from(drop));
        reads += usize::from(read);
        (read && reads <= 3).then(broken)
    });
    fetch(&mut sim, people[1], channel, &file);
    comes(&mut sim, people[1], file.id);
    assert_eq!(sim.stored_file(people[0], file.id).unwrap(), content);
    assert!(is(&sim, people[0], file.id, &TransferState::Complete));
    assert_eq!(dropped.get(), 0);
}

#[test]
fn what_was_found_missing_is_fetched_again_at_once() {
    let (mut sim, people, channel) = nest(2, &["Ann", "Ben"]);
    let content = bytes(1_000_000, 2);
    let file = describe("notes.bin", "application/octet-stream", &content);
    share(&mut sim, people[0], channel, &file, &content);
    fetch(&mut sim, people[1], channel, &file);
    comes(&mut sim, people[1], file.id);
    sim.lose_pieces(people[1], file.id, vec![0, 7, 15]).unwrap();
    assert_ne!(sim.stored_file(people[1], file.id).unwrap(), content);
    sim.forget_events();
    sim.command(people[1], Command::Check { file: file.id });
    comes(&mut sim, people[1], file.id);
    assert_eq!(sim.stored_file(people[1], file.id).unwrap(), content);
}

#[test]
fn nobody_hears_what_is_wanted_in_another_nest() {
    let (mut sim, people, channel) = nest(3, &["Ann", "Ben"]);
    join(&mut sim, people[1], OTHER);
    sim.run_for(MINUTE);
    let [here, there, by_id] = [1, 2, 3].map(|seed| bytes(200_000, seed));
    let [here, there, by_id] = [here, there, by_id].map(|b| describe("a", "text/plain", &b));
    fetch(&mut sim, people[1], channel, &here);
    fetch(&mut sim, people[1], channel_of(OTHER), &there);
    seek(&mut sim, people[1], channel, by_id.id);
    sim.run_for(SECOND);
    let seeks = |sim: &Sim, id: ResourceId| {
        let seek = Frame::Resource(swarm::Message::Seek(id)).encode();
        let frames = sim.frames_heard(people[0]);
        frames.iter().filter(|frame| **frame == seek).count()
    };
    let said = |sim: &Sim| [here.id, there.id, by_id.id].map(|id| seeks(sim, id));
    assert_eq!(said(&sim), [1, 0, 1]);
    sim.cut_connection(people[0], people[1], 0);
    sim.run_for(SECOND);
    assert_eq!(said(&sim), [2, 0, 2]);
}

#[test]
fn a_false_length_does_not_keep_a_file_away() {
    let content = bytes(300_000, 4);
    let right = describe("song", "application/octet-stream", &content);
    // Of one piece, of fewer, of as many as there are, of more.
    for length in [10, 150_000, 299_000, 5_000_000] {
        let mut wrong = right.clone();
        wrong.length = length;

        // By a message.
        let (mut sim, people, channel) = nest(4, &["Ann", "Ben", "Mal"]);
        fetch(&mut sim, people[1], channel, &wrong);
        sim.run_for(SECOND);
        share(&mut sim, people[0], channel, &right, &content);
        comes(&mut sim, people[1], right.id);
        assert_eq!(sim.stored_file(people[1], right.id).unwrap(), content);
        assert_eq!(transfer(&sim, people[1], right.id).unwrap().file, right);

        // By who says to have it, again and again.
        let (mut sim, people, channel) = nest(5, &["Ann", "Ben", "Mal"]);
        seek(&mut sim, people[1], channel, right.id);
        sim.run_for(SECOND);
        let holding = Holding {
            descriptor: wrong.clone(),
            have: Have::all(length),
        };
        let holding = Frame::Resource(swarm::Message::Holding(holding)).encode();
        sim.forge_frame(people[2], &holding);
        sim.run_for(SECOND);
        assert_eq!(
            transfer(&sim, people[1], right.id).unwrap().file.length,
            length
        );
        share(&mut sim, people[0], channel, &right, &content);
        for _ in 0..5 {
            sim.forge_frame(people[2], &holding);
            sim.run_for(SECOND);
        }
        comes(&mut sim, people[1], right.id);
        assert_eq!(sim.stored_file(people[1], right.id).unwrap(), content);
    }
}

#[test]
fn who_waits_at_somebody_who_was_deceived_gets_the_file_all_the_same() {
    let (mut sim, people, channel) = nest(14, &["Ben", "Cat"]);
    let (ben, cat, ann) = (people[0], people[1], sim.add("Ann"));
    sim.run_for(SECOND);
    for person in [ann, ben] {
        join(&mut sim, person, OTHER);
    }
    sim.run_for(MINUTE);
    let content = bytes(300_000, 4);
    let right = describe("song", "application/octet-stream", &content);
    let mut wrong = right.clone();
    wrong.length = 150_000;
    fetch(&mut sim, ben, channel, &wrong);
    fetch(&mut sim, ben, channel_of(OTHER), &wrong);
    fetch(&mut sim, cat, channel, &right);
    sim.run_for(MINUTE);
    share(&mut sim, ann, channel_of(OTHER), &right, &content);
    comes(&mut sim, ben, right.id);
    comes(&mut sim, cat, right.id);
}

#[test]
fn who_says_false_lengths_without_end_does_not_keep_a_file_away() {
    let (mut sim, people, channel) = nest(6, &["Ann", "Ben", "Mal"]);
    let content = bytes(300_000, 4);
    let right = describe("song", "application/octet-stream", &content);
    share(&mut sim, people[0], channel, &right, &content);
    let mut wrong = right.clone();
    wrong.length = 1;
    fetch(&mut sim, people[1], channel, &wrong);
    let entries = count(&mut sim, people[1], |request| {
        matches!(request, Request::SaveResource(_))
    });
    for second in 0..200 {
        wrong.length = 280_000 + second;
        let holding = Holding {
            descriptor: wrong.clone(),
            have: Have::all(wrong.length),
        };
        sim.forge_frame(
            people[2],
            &Frame::Resource(swarm::Message::Holding(holding)).encode(),
        );
        sim.run_for(SECOND);
    }
    comes(&mut sim, people[1], right.id);
    assert!(entries.get() < 20, "{} changes of mind", entries.get());
}

#[test]
fn a_file_of_which_something_is_here_keeps_its_length() {
    let (mut sim, people, channel) = nest(6, &["Ann", "Ben", "Mal"]);
    let content = bytes(6_000_000, 5);
    let file = describe("song", "application/octet-stream", &content);
    share(&mut sim, people[0], channel, &file, &content);
    fetch(&mut sim, people[1], channel, &file);
    let half =
        |sim: &Sim| transfer(sim, people[1], file.id).is_some_and(|t| t.have_bytes > 2_000_000);
    assert!(sim.run_until(MINUTE, half));
    sim.crash(people[0]);
    let mut wrong = file.clone();
    wrong.length -= 1;
    let holding = Holding {
        have: Have::all(wrong.length),
        descriptor: wrong.clone(),
    };
    for _ in 0..10 {
        sim.forge_frame(
            people[2],
            &Frame::Resource(swarm::Message::Holding(holding.clone())).encode(),
        );
        sim.run_for(MINUTE / 2);
    }
    fetch(&mut sim, people[1], channel, &wrong);
    sim.run_for(MINUTE);
    assert!(half(&sim));
    sim.restart(people[0]);
    comes(&mut sim, people[1], file.id);
}

#[test]
fn who_has_the_file_itself_does_not_believe_what_others_say_of_it() {
    let (mut sim, people, channel) = nest(7, &["Ann", "Ben"]);
    let content = bytes(300_000, 6);
    let right = describe("song", "application/octet-stream", &content);
    let mut wrong = right.clone();
    wrong.length = 100_000;
    fetch(&mut sim, people[1], channel, &wrong);
    sim.run_for(SECOND);
    share(&mut sim, people[1], channel, &right, &content);
    assert_eq!(sim.stored_file(people[1], right.id).unwrap(), content);
    assert_eq!(transfer(&sim, people[1], right.id).unwrap().file, right);
    fetch(&mut sim, people[0], channel, &right);
    comes(&mut sim, people[0], right.id);
}

#[test]
fn who_sought_very_much_still_hears_what_is_here() {
    let (mut sim, people, channel) = nest(9, &["Ann", "Ben"]);
    for number in 0..limits::MAX_FOLLOWED as u32 {
        let mut id = [9; 32];
        id[..4].copy_from_slice(&number.to_le_bytes());
        let seek = swarm::Message::Seek(ResourceId(id));
        sim.forge_frame(people[1], &Frame::Resource(seek).encode());
    }
    sim.run_for(SECOND);
    let content = bytes(300_000, 8);
    let file = describe("song", "application/octet-stream", &content);
    share(&mut sim, people[0], channel, &file, &content);
    fetch(&mut sim, people[1], channel, &file);
    comes(&mut sim, people[1], file.id);
}

#[test]
fn who_sought_a_file_before_it_came_to_its_nest_hears_of_it() {
    let (mut sim, people, channel) = nest(10, &["Ann", "Ben"]);
    for &person in &people {
        join(&mut sim, person, OTHER);
    }
    sim.run_for(MINUTE);
    let content = bytes(300_000, 9);
    let file = describe("song", "application/octet-stream", &content);
    fetch(&mut sim, people[1], channel_of(OTHER), &file);
    share(&mut sim, people[0], channel, &file, &content);
    sim.run_for(MINUTE);
    assert!(is(&sim, people[1], file.id, &TransferState::Seeking));
    fetch(&mut sim, people[0], channel_of(OTHER), &file);
    comes(&mut sim, people[1], file.id);
}

#[test]
fn a_file_that_is_removed_and_wanted_again_has_nothing_of_before() {
    for seed in 0..20 {
        let (mut sim, people, channel) = nest(seed, &["Ann", "Ben"]);
        let content = bytes(3_000_000, 10);
        let file = describe("song", "application/octet-stream", &content);
        share(&mut sim, people[0], channel, &file, &content);
        let puts = count(&mut sim, people[1], |request| {
            matches!(request, Request::PutPieces { .. })
        });
        fetch(&mut sim, people[1], channel, &file);
        // The store has not answered yet.
        assert!(sim.run_until(MINUTE, |_| puts.get() == 3));
        sim.forget_events();
        sim.command(people[1], Command::Remove { file: file.id });
        let dropped = count(&mut sim, people[1], |request| {
            matches!(request, Request::DropPieces { .. })
        });
        fetch(&mut sim, people[1], channel, &file);
        comes(&mut sim, people[1], file.id);
        assert_eq!(sim.stored_file(people[1], file.id).unwrap(), content);
        assert_eq!(sim.neighbours(people[1]), 1);
        assert_eq!(dropped.get(), 0, "pieces were believed that are not there");
    }
}

#[test]
fn holders_hear_that_a_file_is_not_wanted_any_more() {
    let (mut sim, people, channel) = nest(11, &["Ann", "Ben"]);
    let content = bytes(6_000_000, 11);
    let file = describe("song", "application/octet-stream", &content);
    share(&mut sim, people[0], channel, &file, &content);
    fetch(&mut sim, people[1], channel, &file);
    let begun = |sim: &Sim| transfer(sim, people[1], file.id).is_some_and(|t| t.have_bytes > 0);
    assert!(sim.run_until(MINUTE, begun));
    // What was asked for does not come.
    sim.stop_reading(people[1]);
    sim.run_for(SECOND);
    sim.command(people[1], Command::Remove { file: file.id });
    sim.run_for(SECOND);
    let cancel = |frame: &Vec<u8>| {
        let frame = Frame::decode(frame);
        matches!(frame, Ok(Frame::Resource(swarm::Message::Cancel(_))))
    };
    assert!(sim.frames_heard(people[0]).iter().any(cancel));
}

#[test]
fn a_removal_that_fails_is_not_said_to_be_done() {
    let (mut sim, people, channel) = nest(11, &["Ann", "Ben"]);
    let content = bytes(100_000, 11);
    let file = describe("song", "application/octet-stream", &content);
    share(&mut sim, people[0], channel, &file, &content);
    sim.break_store(people[0], |request| {
        matches!(request, Request::RemoveResource(_)).then(|| StoreError::Full)
    });
    sim.command(people[0], Command::Remove { file: file.id });
    sim.run_for(SECOND);
    assert_eq!(problems(&sim, people[0]), [Problem::StoreFull]);
}

#[test]
fn who_is_killed_while_leaving_a_nest_keeps_none_of_its_files() {
    let (mut sim, people, channel) = nest(12, &["Ann", "Ben"]);
    join(&mut sim, people[0], OTHER);
    sim.run_for(MINUTE);
    let files: Vec<(Descriptor, Vec<u8>)> = (0..2)
        .map(|seed| {
            let content = bytes(100_000, seed);
            (describe("a", "text/plain", &content), content)
        })
        .collect();
    for (file, content) in &files {
        share(&mut sim, people[0], channel, file, content);
    }
    // One is shared elsewhere as well.
    fetch(&mut sim, people[0], channel_of(OTHER), &files[1].0);
    sim.run_for(SECOND);
    sim.command(people[0], Command::Leave { channel });
    sim.crash(people[0]);
    sim.forget_events();
    sim.restart(people[0]);
    sim.run_for(SECOND);
    assert_eq!(sim.stored_file(people[0], files[0].0.id), None);
    let kept = sim.stored_file(people[0], files[1].0.id);
    assert_eq!(kept.as_ref(), Some(&files[1].1));
    sim.command(people[0], Command::Transfers);
    let transfers = sim.events(people[0]).iter().rev().find_map(|e| match e {
        Event::Transfers { transfers, .. } => Some(transfers.clone()),
        _ => None,
    });
    let transfers = transfers.unwrap();
    assert_eq!(transfers.len(), 1);
    assert_eq!(transfers[0].channels, [channel_of(OTHER)]);
}

#[test]
fn a_full_disk_stops_a_file_and_nothing_else() {
    let (mut sim, people, channel) = nest(13, &["Ann", "Ben"]);
    let content = bytes(6_000_000, 12);
    let file = describe("big", "application/octet-stream", &content);
    share(&mut sim, people[0], channel, &file, &content);
    let mut puts = 0;
    sim.break_store(people[1], move |request| {
        puts += usize::from(matches!(request, Request::PutPieces { .. }));
        let put = matches!(request, Request::PutPieces { .. });
        (put && puts > 4).then_some(StoreError::Full)
    });
    fetch(&mut sim, people[1], channel, &file);
    sim.run_for(MINUTE);
    let stopped = transfer(&sim, people[1], file.id).unwrap();
    let problem = Problem::StoreFull;
    assert_eq!(stopped.state, TransferState::Stopped { problem });
    assert!(stopped.have_bytes > 0 && stopped.have_bytes < 6_000_000);
    say(&mut sim, people[0], channel, "still there?");
    sim.run_for(SECOND);
    say(&mut sim, people[1], channel, "yes");
    sim.run_for(SECOND);
    assert_eq!(heard(&sim, people[0])[1..], ["still there?", "yes"]);
    // Without room it stops again.
    fetch(&mut sim, people[1], channel, &file);
    sim.run_for(MINUTE);
    let still = transfer(&sim, people[1], file.id).unwrap();
    assert_eq!(still.state, stopped.state);
    sim.mend_store(people[1]);
    fetch(&mut sim, people[1], channel, &file);
    comes(&mut sim, people[1], file.id);
    assert_eq!(sim.stored_file(people[1], file.id).unwrap(), content);
    let twice = transfer(&sim, people[1], file.id).unwrap().received - 6_000_000;
    assert!(twice <= 4 * 1024 * 1024, "{twice} bytes came twice");
}
