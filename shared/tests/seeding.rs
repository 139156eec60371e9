//! A device that gets and gives by itself all that is shared in a nest, within a quota.
mod common;

use catnest::{
    node::{Command, Problem, TransferState},
    resource::Descriptor,
    seeding::Seeds,
    sim::{DeviceId, Sim},
    store::{Request, StoreError},
};

use common::{
    HOUR, MINUTE, NEST, SECOND,
    files::{bytes, comes, describe, fetch, share, transfer},
    join,
    music::{add, library, lines},
    nest, problems,
    seeding::{FILE, quota, seed, shared, transfers, unchoose, whole},
};

#[test]
fn what_is_shared_before_and_after_comes_and_is_given_to_who_comes_later() {
    let (mut sim, people, channel) = nest(1, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    let first = shared(&mut sim, ann, channel, 1);
    let milk = add(&mut sim, ann, channel, "Milk", FILE);
    seed(&mut sim, host, channel, Seeds::All);
    comes(&mut sim, host, first.id);
    comes(&mut sim, host, milk.id);
    let second = shared(&mut sim, ann, channel, 2);
    comes(&mut sim, host, second.id);
    let mice = add(&mut sim, ann, channel, "Mice", FILE);
    comes(&mut sim, host, mice.id);
    assert!(
        transfers(&mut sim, host)
            .iter()
            .all(|transfer| !transfer.chosen)
    );

    // Nobody else is there any more.
    sim.crash(ann);
    let cat = sim.add("Cat");
    sim.run_for(SECOND);
    join(&mut sim, cat, NEST);
    sim.run_for(MINUTE);
    assert_eq!(
        lines(&library(&mut sim, cat, channel)),
        ["Mice Host", "Milk Host"]
    );
    fetch(&mut sim, cat, channel, &first);
    fetch(&mut sim, cat, channel, &milk.descriptor());
    comes(&mut sim, cat, first.id);
    comes(&mut sim, cat, milk.id);
}

#[test]
fn it_goes_on_after_its_end() {
    let (mut sim, people, channel) = nest(2, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    seed(&mut sim, host, channel, Seeds::All);
    sim.crash(host);
    let file = shared(&mut sim, ann, channel, 1);
    let song = add(&mut sim, ann, channel, "Milk", FILE);
    sim.forget_events();
    sim.restart(host);
    comes(&mut sim, host, file.id);
    comes(&mut sim, host, song.id);
}

#[test]
fn within_a_quota_what_was_wanted_longest_ago_leaves_for_what_is_new() {
    let (mut sim, people, channel) = nest(3, &["Ann", "Ben", "Host"]);
    let (ann, ben, host) = (people[0], people[1], people[2]);
    quota(&mut sim, host, 3 * FILE);
    seed(&mut sim, host, channel, Seeds::All);
    let mut files = Vec::new();
    for number in 1..=3 {
        let file = shared(&mut sim, ann, channel, number);
        comes(&mut sim, host, file.id);
        files.push(file);
    }
    // The first one is wanted again.
    sim.run_for(2 * HOUR);
    sim.divide(&[ann]);
    sim.run_for(MINUTE);
    fetch(&mut sim, ben, channel, &files[0]);
    comes(&mut sim, ben, files[0].id);
    sim.unite();
    sim.run_for(5 * MINUTE);
    let file = shared(&mut sim, ann, channel, 4);
    comes(&mut sim, host, file.id);
    assert_eq!(whole(&mut sim, host), ["1", "3", "4"]);
    // What has left does not come again, and nothing goes round in circles.
    sim.run_for(HOUR);
    assert_eq!(whole(&mut sim, host), ["1", "3", "4"]);
    sim.crash(host);
    sim.restart(host);
    quota(&mut sim, host, 3 * FILE);
    sim.run_for(HOUR);
    assert_eq!(whole(&mut sim, host), ["1", "3", "4"]);
    // A smaller quota is kept at once.
    quota(&mut sim, host, FILE + 1);
    assert_eq!(whole(&mut sim, host), ["4"]);
}

#[test]
fn what_was_chosen_stays_and_what_has_no_room_is_refused() {
    let (mut sim, people, channel) = nest(4, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    let files: Vec<Descriptor> = (1..=3)
        .map(|number| shared(&mut sim, ann, channel, number))
        .collect();
    quota(&mut sim, host, 2 * FILE);
    fetch(&mut sim, host, channel, &files[0]);
    comes(&mut sim, host, files[0].id);
    seed(&mut sim, host, channel, Seeds::All);
    // The newest has the place that is left.
    comes(&mut sim, host, files[2].id);
    sim.run_for(HOUR);
    assert_eq!(whole(&mut sim, host), ["1", "3"]);
    // It makes room for what is chosen.
    fetch(&mut sim, host, channel, &files[1]);
    comes(&mut sim, host, files[1].id);
    assert_eq!(whole(&mut sim, host), ["1", "2"]);
    assert_eq!(problems(&sim, host), []);
    fetch(&mut sim, host, channel, &files[2]);
    sim.run_for(SECOND);
    let (bytes, room) = (FILE as u64, 0);
    let refused = Problem::Quota { bytes, room };
    assert_eq!(problems(&sim, host), std::slice::from_ref(&refused));
    // If only its id is known, that shows when somebody says how long it is.
    let long = common::files::bytes(2 * FILE, 9);
    let long = (describe("long", "text/plain", &long), long);
    seed(&mut sim, host, channel, Seeds::Chosen);
    share(&mut sim, ann, channel, &long.0, &long.1);
    let by_id = Command::Fetch {
        channel,
        file: long.0.id,
        descriptor: None,
    };
    sim.command(host, by_id);
    sim.run_for(MINUTE);
    let stopped = transfer(&sim, host, long.0.id).unwrap();
    let problem = Problem::Quota {
        bytes: 2 * FILE as u64,
        room: 0,
    };
    assert_eq!(stopped.state, TransferState::Stopped { problem });
    assert_eq!(stopped.have_bytes, 0);
    // It says how much room there is now, and goes on once that is enough.
    sim.command(host, Command::Remove { file: files[0].id });
    sim.run_for(SECOND);
    let stopped = transfer(&sim, host, long.0.id).unwrap();
    let (bytes, room) = (2 * FILE as u64, FILE as u64);
    let problem = Problem::Quota { bytes, room };
    assert_eq!(stopped.state, TransferState::Stopped { problem });
    sim.command(host, Command::Remove { file: files[1].id });
    comes(&mut sim, host, long.0.id);
}

#[test]
fn what_is_paused_takes_no_room_from_what_goes_on() {
    let (mut sim, people, channel) = nest(6, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    let files: Vec<Descriptor> = (1..=3)
        .map(|number| shared(&mut sim, ann, channel, number))
        .collect();
    let all: Vec<_> = files.iter().map(|file| file.id).collect();
    // The first is here, and the others wait, when it hears that there is no room for more.
    quota(&mut sim, host, 3 * FILE);
    fetch(&mut sim, host, channel, &files[0]);
    comes(&mut sim, host, all[0]);
    sim.crash(ann);
    for file in &files[1..] {
        fetch(&mut sim, host, channel, file);
        sim.run_for(SECOND);
    }
    quota(&mut sim, host, FILE);
    sim.run_for(SECOND);
    assert!(is_stopped(&sim, host, &files[1]) && is_stopped(&sim, host, &files[2]));
    let pause = |paused| Command::Pause {
        file: all[1],
        paused,
    };
    sim.command(host, pause(true));
    // There is room for one of the two: the older one rests.
    sim.command(host, Command::Remove { file: all[0] });
    sim.restart(ann);
    comes(&mut sim, host, all[2]);
    assert!(is_stopped(&sim, host, &files[1]));
    sim.command(host, Command::Remove { file: all[2] });
    sim.run_for(MINUTE);
    assert!(is_stopped(&sim, host, &files[1]));
    sim.command(host, pause(false));
    comes(&mut sim, host, all[1]);
}

/// Two files were chosen, and there was room for the first alone, of which nothing has come yet: its holder is away. Gives
/// the nest, the devices of both and the files.
fn room_for_one_of_two(seed: u64) -> (Sim, [DeviceId; 2], [Descriptor; 2]) {
    let (mut sim, people, channel) = nest(seed, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    let files = [1, 2].map(|number| shared(&mut sim, ann, channel, number));
    sim.run_for(MINUTE);
    sim.crash(ann);
    for file in &files {
        fetch(&mut sim, host, channel, file);
        sim.run_for(SECOND);
    }
    quota(&mut sim, host, FILE);
    sim.run_for(SECOND);
    assert!(!is_stopped(&sim, host, &files[0]) && is_stopped(&sim, host, &files[1]));
    (sim, [ann, host], files)
}

fn is_stopped(sim: &Sim, device: DeviceId, file: &Descriptor) -> bool {
    let transfer = transfer(sim, device, file.id);
    transfer.is_some_and(|of| matches!(of.state, TransferState::Stopped { .. }))
}

#[test]
fn what_cannot_be_kept_leaves_its_room_to_what_waits_for_some() {
    let (mut sim, [ann, host], files) = room_for_one_of_two(20);
    let first = files[0].id;
    sim.break_store(host, move |request| {
        let puts = matches!(request, Request::PutPieces { resource, .. } if *resource == first);
        puts.then(|| StoreError::Unavailable("a bad sector".into()))
    });
    sim.restart(ann);
    comes(&mut sim, host, files[1].id);
    assert!(is_stopped(&sim, host, &files[0]));
}

#[test]
fn what_stops_again_while_it_is_taken_up_stays_so() {
    let (mut sim, [ann, host], files) = room_for_one_of_two(21);
    let slow = |request: &Request| {
        let saves = matches!(request, Request::SaveResource(_));
        if saves { MINUTE } else { SECOND / 100 }
    };
    sim.slow_store(host, slow);
    quota(&mut sim, host, 2 * FILE);
    sim.run_for(SECOND);
    assert!(!is_stopped(&sim, host, &files[1]));
    quota(&mut sim, host, FILE);
    sim.run_for(3 * MINUTE);
    assert!(is_stopped(&sim, host, &files[1]));
    sim.restart(ann);
    sim.run_for(3 * MINUTE);
    assert_eq!(whole(&mut sim, host), ["1"]);
}

#[test]
fn what_came_by_itself_and_is_chosen_then_stays() {
    let (mut sim, people, channel) = nest(5, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    quota(&mut sim, host, FILE);
    seed(&mut sim, host, channel, Seeds::All);
    let first = shared(&mut sim, ann, channel, 1);
    comes(&mut sim, host, first.id);
    fetch(&mut sim, host, channel, &first);
    sim.run_for(SECOND);
    assert!(transfers(&mut sim, host)[0].chosen);
    shared(&mut sim, ann, channel, 2);
    sim.run_for(HOUR);
    assert_eq!(whole(&mut sim, host), ["1"]);
    // After its end, too, and when nothing comes by itself any more.
    sim.crash(host);
    sim.restart(host);
    seed(&mut sim, host, channel, Seeds::Chosen);
    assert!(transfers(&mut sim, host)[0].chosen);
}

#[test]
fn what_came_by_itself_goes_when_that_is_not_wanted_any_more() {
    let (mut sim, people, channel) = nest(6, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    seed(&mut sim, host, channel, Seeds::All);
    let file = shared(&mut sim, ann, channel, 1);
    let song = add(&mut sim, ann, channel, "Milk", FILE);
    comes(&mut sim, host, file.id);
    comes(&mut sim, host, song.id);
    sim.run_for(SECOND);
    assert_eq!(lines(&library(&mut sim, host, channel)), ["+Milk Ann"]);
    seed(&mut sim, host, channel, Seeds::Chosen);
    assert_eq!(transfers(&mut sim, host), []);
    assert_eq!(sim.stored_file(host, file.id), None);
    assert_eq!(lines(&library(&mut sim, host, channel)), ["Milk Ann"]);
    shared(&mut sim, ann, channel, 2);
    sim.run_for(HOUR);
    assert_eq!(transfers(&mut sim, host), []);
}

#[test]
fn what_is_removed_does_not_come_again_by_itself() {
    let (mut sim, people, channel) = nest(7, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    seed(&mut sim, host, channel, Seeds::All);
    let file = shared(&mut sim, ann, channel, 1);
    comes(&mut sim, host, file.id);
    sim.command(host, Command::Remove { file: file.id });
    sim.run_for(HOUR);
    assert_eq!(transfers(&mut sim, host), []);
    fetch(&mut sim, host, channel, &file);
    comes(&mut sim, host, file.id);
}

#[test]
fn what_nobody_has_keeps_nothing_else_from_coming() {
    let (mut sim, people, channel) = nest(8, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    // Shared, and removed again.
    for number in 0..40 {
        let file = shared(&mut sim, ann, channel, number);
        sim.command(ann, Command::Remove { file: file.id });
        sim.run_for(SECOND);
    }
    let old = shared(&mut sim, ann, channel, 100);
    for number in 40..80 {
        let file = shared(&mut sim, ann, channel, number);
        sim.command(ann, Command::Remove { file: file.id });
        sim.run_for(SECOND);
    }
    seed(&mut sim, host, channel, Seeds::All);
    comes(&mut sim, host, old.id);
    assert_eq!(whole(&mut sim, host), ["100"]);
    assert_eq!(transfers(&mut sim, host).len(), 1);
}

#[test]
fn a_full_disk_is_said_and_tried_again_later() {
    let (mut sim, people, channel) = nest(9, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    seed(&mut sim, host, channel, Seeds::All);
    sim.break_store(host, |request| {
        matches!(request, Request::PutPieces { .. }).then_some(StoreError::Full)
    });
    let first = shared(&mut sim, ann, channel, 1);
    sim.run_for(MINUTE);
    let problem = Problem::StoreFull;
    let full = TransferState::Stopped { problem };
    assert_eq!(transfer(&sim, host, first.id).unwrap().state, full);
    // Until then nothing else begins, and what is said is heard.
    shared(&mut sim, ann, channel, 2);
    sim.run_for(MINUTE);
    assert_eq!(transfers(&mut sim, host).len(), 1);
    common::say(&mut sim, ann, channel, "still there?");
    sim.run_for(SECOND);
    assert!(common::heard(&sim, host).contains(&"still there?".to_owned()));
    sim.mend_store(host);
    sim.run_for(HOUR);
    assert_eq!(whole(&mut sim, host), ["1", "2"]);
}

#[test]
fn what_was_chosen_goes_on_too_once_the_disk_has_room() {
    let (mut sim, people, channel) = nest(14, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    let file = shared(&mut sim, ann, channel, 1);
    sim.break_store(host, |request| {
        matches!(request, Request::PutPieces { .. }).then_some(StoreError::Full)
    });
    fetch(&mut sim, host, channel, &file);
    sim.run_for(MINUTE);
    let problem = Problem::StoreFull;
    let full = TransferState::Stopped { problem };
    assert_eq!(transfer(&sim, host, file.id).unwrap().state, full);
    sim.mend_store(host);
    sim.run_for(HOUR);
    assert_eq!(whole(&mut sim, host), ["1"]);
}

#[test]
fn what_a_full_disk_stopped_is_as_new_as_it_was() {
    let (mut sim, people, channel) = nest(15, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    quota(&mut sim, host, 2 * FILE);
    seed(&mut sim, host, channel, Seeds::All);
    let old = shared(&mut sim, ann, channel, 1);
    comes(&mut sim, host, old.id);
    let mut puts = 0;
    sim.break_store(host, move |request| {
        puts += u32::from(matches!(request, Request::PutPieces { .. }));
        (puts > 1).then_some(StoreError::Full)
    });
    let new = shared(&mut sim, ann, channel, 2);
    sim.run_for(MINUTE);
    let stopped = transfer(&sim, host, new.id).unwrap();
    let problem = Problem::StoreFull;
    assert_eq!(stopped.state, TransferState::Stopped { problem });
    assert!(stopped.have_bytes > 0);
    quota(&mut sim, host, FILE);
    sim.mend_store(host);
    sim.run_for(HOUR);
    assert_eq!(whole(&mut sim, host), ["2"]);
}

#[test]
fn what_has_no_room_any_more_is_not_tried_again_after_a_full_disk() {
    let (mut sim, people, channel) = nest(13, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    quota(&mut sim, host, 2 * FILE);
    seed(&mut sim, host, channel, Seeds::All);
    sim.break_store(host, |request| {
        matches!(request, Request::PutPieces { .. }).then_some(StoreError::Full)
    });
    let content = bytes(2 * FILE, 1);
    let large = describe("large", "application/octet-stream", &content);
    share(&mut sim, ann, channel, &large, &content);
    sim.run_for(MINUTE);
    let problem = Problem::StoreFull;
    let full = TransferState::Stopped { problem };
    assert_eq!(transfer(&sim, host, large.id).unwrap().state, full);
    sim.mend_store(host);
    // Meanwhile something else is chosen.
    let content = bytes(FILE, 2);
    let small = describe("small", "application/octet-stream", &content);
    share(&mut sim, ann, channel, &small, &content);
    fetch(&mut sim, host, channel, &small);
    comes(&mut sim, host, small.id);
    sim.forget_events();
    sim.run_for(HOUR);
    assert_eq!(transfer(&sim, host, large.id), None);
    assert_eq!(whole(&mut sim, host), ["small"]);
    // It comes once there is room.
    quota(&mut sim, host, 3 * FILE);
    comes(&mut sim, host, large.id);
}

#[test]
fn what_is_not_chosen_any_more_stays_where_all_is_wanted() {
    let (mut sim, people, channel) = nest(10, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    let file = shared(&mut sim, ann, channel, 1);
    fetch(&mut sim, host, channel, &file);
    comes(&mut sim, host, file.id);
    seed(&mut sim, host, channel, Seeds::All);
    sim.forget_events();
    unchoose(&mut sim, host, &file);
    assert_eq!(whole(&mut sim, host), ["1"]);
    assert!(!transfers(&mut sim, host)[0].chosen);
    // The views were told, and it is kept so.
    assert!(!transfer(&sim, host, file.id).unwrap().chosen);
    sim.crash(host);
    sim.restart(host);
    assert!(!transfers(&mut sim, host)[0].chosen);
    assert_eq!(whole(&mut sim, host), ["1"]);
    // It is what came by itself from then on.
    seed(&mut sim, host, channel, Seeds::Chosen);
    assert_eq!(transfers(&mut sim, host), []);
}

#[test]
fn what_is_not_chosen_any_more_goes_where_only_what_is_chosen_is_wanted() {
    let (mut sim, people, channel) = nest(11, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    let file = shared(&mut sim, ann, channel, 1);
    fetch(&mut sim, host, channel, &file);
    comes(&mut sim, host, file.id);
    unchoose(&mut sim, host, &file);
    assert_eq!(transfers(&mut sim, host), []);
    assert_eq!(sim.stored_file(host, file.id), None);
    unchoose(&mut sim, host, &file);
    assert_eq!(problems(&sim, host), [Problem::NoFile]);
    // Nobody removed it: it comes when all is wanted.
    seed(&mut sim, host, channel, Seeds::All);
    comes(&mut sim, host, file.id);
}

#[test]
fn what_was_sought_and_is_not_chosen_any_more_is_offered() {
    let (mut sim, people, channel) = nest(12, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    seed(&mut sim, host, channel, Seeds::All);
    let file = shared(&mut sim, ann, channel, 1);
    sim.command(ann, Command::Remove { file: file.id });
    sim.run_for(MINUTE);
    let by_id = Command::Fetch {
        channel,
        file: file.id,
        descriptor: None,
    };
    sim.command(host, by_id);
    sim.run_for(SECOND);
    unchoose(&mut sim, host, &file);
    assert_eq!(problems(&sim, host), []);
    share(&mut sim, ann, channel, &file, &bytes(FILE, 1));
    comes(&mut sim, host, file.id);
    assert!(!transfers(&mut sim, host)[0].chosen);
}
