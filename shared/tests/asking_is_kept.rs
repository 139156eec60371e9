//! That a file is wanted, or not any more, is done when it is kept, and refused when it cannot be.

mod common;

use std::time::Duration;

use catnest::{
    channel::ChannelId,
    node::{Command, Problem},
    resource::ResourceId,
    sim::{DeviceId, Sim},
    store::{Request, StoreError},
};

use common::{
    MINUTE, NEST, SECOND, channel_of,
    files::{comes, fetch, share, transfer},
    join, nest, problems,
    seeding::transfers,
    sought::{ask_for, file, is_done, sought},
    views,
};

const OTHER: &str = "webrtc://127.0.0.1/other";

fn saves_channel(request: &Request) -> bool {
    matches!(request, Request::SaveChannel(_))
}

fn saves_resource(request: &Request) -> bool {
    matches!(request, Request::SaveResource(_))
}

fn removes_channel(request: &Request) -> bool {
    matches!(request, Request::RemoveChannel(_))
}

/// The disk of a device is full for some requests from now on; only what its views hear then counts.
fn full_for(sim: &mut Sim, device: DeviceId, which: impl Fn(&Request) -> bool + 'static) {
    sim.break_store(device, move |request| {
        which(request).then_some(StoreError::Full)
    });
    sim.forget_events();
}

/// Some requests take a device so long from now on.
fn slow_for(sim: &mut Sim, device: DeviceId, which: fn(&Request) -> bool, time: Duration) {
    sim.slow_store(
        device,
        move |request| {
            if which(request) { time } else { SECOND / 100 }
        },
    );
}

/// A nest in which the second device seeks a file, as it was told.
fn seeking(seed: u64) -> (Sim, Vec<DeviceId>, ChannelId) {
    let (mut sim, people, channel) = nest(seed, &["Ann", "Ben"]);
    ask_for(&mut sim, people[1], channel, file().0.id);
    sim.run_for(SECOND);
    (sim, people, channel)
}

#[test]
fn who_asks_hears_that_it_is_done_when_it_is_kept_and_not_before() {
    let (mut sim, people, channel) = nest(1, &["Ann", "Ben"]);
    let (file, _) = file();
    let forget = Command::Remove { file: file.id };
    slow_for(&mut sim, people[1], saves_channel, MINUTE);
    ask_for(&mut sim, people[1], channel, file.id);
    sim.forget_events();
    sim.run_for(MINUTE / 2);
    assert!(!is_done(&sim, people[1]));
    sim.run_for(MINUTE);
    assert!(is_done(&sim, people[1]));
    sim.command(people[1], forget);
    sim.forget_events();
    sim.run_for(MINUTE / 2);
    assert!(!is_done(&sim, people[1]));
    sim.run_for(MINUTE);
    assert!(is_done(&sim, people[1]));
}

#[test]
fn what_cannot_be_kept_is_refused_and_not_sought() {
    let (mut sim, people, channel) = nest(4, &["Ann", "Ben"]);
    let (file, content) = file();
    full_for(&mut sim, people[1], saves_channel);
    ask_for(&mut sim, people[1], channel, file.id);
    sim.run_for(SECOND);
    assert_eq!(problems(&sim, people[1]), [Problem::StoreFull]);
    assert!(!is_done(&sim, people[1]));
    sim.mend_store(people[1]);
    assert_eq!(sought(&mut sim, people[1]), []);
    share(&mut sim, people[0], channel, &file, &content);
    sim.run_for(5 * MINUTE);
    assert_eq!(transfer(&sim, people[1], file.id), None);
}

#[test]
fn a_file_that_is_known_is_refused_when_its_entry_cannot_be_kept() {
    let (mut sim, people, channel) = nest(5, &["Ann", "Ben"]);
    let (file, _) = file();
    full_for(&mut sim, people[1], saves_resource);
    fetch(&mut sim, people[1], channel, &file);
    sim.run_for(SECOND);
    assert_eq!(problems(&sim, people[1]), [Problem::StoreFull]);
    assert!(!is_done(&sim, people[1]));
    // It is tried again once there is room.
    sim.mend_store(people[1]);
    sim.forget_events();
    fetch(&mut sim, people[1], channel, &file);
    sim.run_for(SECOND);
    assert!(is_done(&sim, people[1]));
    sim.crash(people[1]);
    sim.forget_events();
    sim.restart(people[1]);
    sim.run_for(SECOND);
    assert_eq!(transfer(&sim, people[1], file.id).unwrap().file, file);
}

#[test]
fn who_asks_again_in_vain_has_what_it_asked_for_before() {
    let (mut sim, people, channel) = seeking(6);
    let (file, _) = file();
    full_for(&mut sim, people[1], saves_channel);
    ask_for(&mut sim, people[1], channel, file.id);
    sim.run_for(SECOND);
    assert_eq!(problems(&sim, people[1]), [Problem::StoreFull]);
    sim.mend_store(people[1]);
    assert_eq!(sought(&mut sim, people[1]), [file.id]);
    sim.crash(people[1]);
    sim.restart(people[1]);
    assert_eq!(sought(&mut sim, people[1]), [file.id]);
}

#[test]
fn a_wish_that_cannot_be_forgotten_is_one_still() {
    let (mut sim, people, channel) = seeking(7);
    let (file, content) = file();
    full_for(&mut sim, people[1], saves_channel);
    sim.command(people[1], Command::Remove { file: file.id });
    sim.run_for(SECOND);
    assert_eq!(problems(&sim, people[1]), [Problem::StoreFull]);
    assert!(!is_done(&sim, people[1]));
    sim.mend_store(people[1]);
    assert_eq!(sought(&mut sim, people[1]), [file.id]);
    share(&mut sim, people[0], channel, &file, &content);
    sim.run_for(5 * MINUTE);
    assert!(transfer(&sim, people[1], file.id).is_some());
}

#[test]
fn a_wish_whose_files_entry_cannot_be_kept_outlives_a_restart() {
    let (mut sim, people, channel) = seeking(8);
    let (file, content) = file();
    full_for(&mut sim, people[1], saves_resource);
    share(&mut sim, people[0], channel, &file, &content);
    sim.run_for(MINUTE);
    sim.mend_store(people[1]);
    sim.crash(people[1]);
    sim.restart(people[1]);
    comes(&mut sim, people[1], file.id);
}

#[test]
fn what_comes_while_a_nest_is_left_does_not_bring_it_back() {
    let (mut sim, people, channel) = seeking(9);
    let (file, content) = file();
    slow_for(&mut sim, people[1], removes_channel, MINUTE);
    sim.command(people[1], Command::Leave { channel });
    sim.run_for(SECOND);
    share(&mut sim, people[0], channel, &file, &content);
    sim.forget_events();
    ask_for(&mut sim, people[1], channel, file.id);
    join(&mut sim, people[1], NEST);
    sim.run_for(SECOND);
    assert_eq!(
        problems(&sim, people[1]),
        [Problem::NotJoined, Problem::Busy]
    );
    sim.run_for(2 * MINUTE);
    sim.crash(people[1]);
    sim.forget_events();
    sim.restart(people[1]);
    sim.run_for(SECOND);
    assert_eq!(views(&mut sim, people[1]), []);
}

#[test]
fn a_file_that_is_here_is_refused_where_that_cannot_be_kept_and_asked_for_again() {
    let (mut sim, people, here) = nest(10, &["Ann", "Ben"]);
    let (file, content) = file();
    share(&mut sim, people[0], here, &file, &content);
    fetch(&mut sim, people[1], here, &file);
    comes(&mut sim, people[1], file.id);
    join(&mut sim, people[1], OTHER);
    sim.run_for(SECOND);
    let there = channel_of(OTHER);
    full_for(&mut sim, people[1], saves_resource);
    ask_for(&mut sim, people[1], there, file.id);
    sim.run_for(SECOND);
    assert_eq!(problems(&sim, people[1]), [Problem::StoreFull]);
    sim.mend_store(people[1]);
    ask_for(&mut sim, people[1], there, file.id);
    sim.run_for(SECOND);
    assert!(is_done(&sim, people[1]));
    sim.crash(people[1]);
    sim.restart(people[1]);
    sim.run_for(SECOND);
    let found = transfers(&mut sim, people[1]);
    assert!(found[0].channels.contains(&there), "{found:?}");
}

/// Both nests of somebody name a file that it seeks.
fn sought_in_two_nests(seed: u64) -> (Sim, DeviceId, ResourceId) {
    let (mut sim, people, _) = seeking(seed);
    let (file, _) = file();
    join(&mut sim, people[1], OTHER);
    sim.run_for(SECOND);
    ask_for(&mut sim, people[1], channel_of(OTHER), file.id);
    sim.run_for(SECOND);
    (sim, people[1], file.id)
}

#[test]
fn a_wish_in_two_nests_is_forgotten_when_both_have_forgotten_it() {
    for broken in [channel_of(NEST), channel_of(OTHER)] {
        let (mut sim, ben, file) = sought_in_two_nests(11);
        full_for(
            &mut sim,
            ben,
            move |request| matches!(request, Request::SaveChannel(entry) if entry.id == broken),
        );
        sim.command(ben, Command::Remove { file });
        sim.run_for(SECOND);
        assert_eq!(problems(&sim, ben), [Problem::StoreFull]);
        assert!(!is_done(&sim, ben));
        sim.mend_store(ben);
        sim.command(ben, Command::Remove { file });
        sim.run_for(SECOND);
        assert!(is_done(&sim, ben));
        sim.crash(ben);
        sim.restart(ben);
        sim.run_for(SECOND);
        let view = views(&mut sim, ben);
        assert!(
            view.iter().all(|channel| channel.sought.is_empty()),
            "{view:?}"
        );
    }
}

#[test]
fn a_file_that_came_of_a_wish_is_forgotten_with_it() {
    let (mut sim, people, channel) = seeking(12);
    let (file, content) = file();
    // It is found, and nothing of it can be kept; nor that it is forgotten.
    full_for(&mut sim, people[1], |request| {
        saves_resource(request) || saves_channel(request)
    });
    share(&mut sim, people[0], channel, &file, &content);
    sim.run_for(SECOND);
    sim.forget_events();
    sim.command(people[1], Command::Remove { file: file.id });
    sim.run_for(SECOND);
    assert_eq!(problems(&sim, people[1]), [Problem::StoreFull]);
    assert!(!is_done(&sim, people[1]));
    sim.mend_store(people[1]);
    sim.crash(people[1]);
    sim.restart(people[1]);
    comes(&mut sim, people[1], file.id);
}

#[test]
fn a_wish_whose_file_cannot_be_removed_is_one_still() {
    let (mut sim, people, channel) = seeking(15);
    let (file, content) = file();
    // It is found, and its entry cannot be kept: the wish goes on.
    full_for(&mut sim, people[1], |request| {
        saves_resource(request) || matches!(request, Request::RemoveResource(_))
    });
    share(&mut sim, people[0], channel, &file, &content);
    sim.run_for(SECOND);
    sim.forget_events();
    sim.command(people[1], Command::Remove { file: file.id });
    sim.run_for(SECOND);
    assert_eq!(problems(&sim, people[1]), [Problem::StoreFull]);
    sim.mend_store(people[1]);
    assert_eq!(sought(&mut sim, people[1]), [file.id]);
    comes(&mut sim, people[1], file.id);
}

#[test]
fn what_came_and_was_removed_is_not_sought_again_though_the_end_of_the_wish_could_not_be_kept() {
    let (mut sim, people, channel) = seeking(16);
    let (file, content) = file();
    full_for(&mut sim, people[1], saves_channel);
    share(&mut sim, people[0], channel, &file, &content);
    comes(&mut sim, people[1], file.id);
    sim.mend_store(people[1]);
    sim.forget_events();
    sim.command(people[1], Command::Remove { file: file.id });
    sim.run_for(SECOND);
    assert!(is_done(&sim, people[1]));
    sim.crash(people[1]);
    sim.restart(people[1]);
    sim.run_for(5 * MINUTE);
    assert_eq!(sought(&mut sim, people[1]), []);
    assert_eq!(transfer(&sim, people[1], file.id), None);
}

#[test]
fn of_two_who_ask_at_a_time_the_second_has_what_it_was_told() {
    for fails in [1, 2] {
        let (mut sim, people, channel) = nest(13, &["Ann", "Ben"]);
        let (file, _) = file();
        let mut saves = 0;
        sim.break_store(people[1], move |request| {
            saves += usize::from(saves_channel(request));
            (saves_channel(request) && saves <= fails).then_some(StoreError::Full)
        });
        sim.forget_events();
        ask_for(&mut sim, people[1], channel, file.id);
        ask_for(&mut sim, people[1], channel, file.id);
        sim.run_for(SECOND);
        assert_eq!(problems(&sim, people[1]).len(), fails);
        assert_eq!(is_done(&sim, people[1]), fails == 1);
        sim.crash(people[1]);
        sim.restart(people[1]);
        sim.run_for(SECOND);
        assert_eq!(sought(&mut sim, people[1]).len(), 2 - fails);
    }
}

#[test]
fn a_nest_that_cannot_be_left_is_as_it_was() {
    let (mut sim, people, channel) = seeking(14);
    let (file, _) = file();
    full_for(&mut sim, people[1], removes_channel);
    slow_for(&mut sim, people[1], removes_channel, SECOND);
    sim.command(people[1], Command::Leave { channel });
    // Meanwhile it is not wanted any more.
    sim.command(people[1], Command::Remove { file: file.id });
    sim.forget_events();
    sim.run_for(MINUTE);
    assert_eq!(problems(&sim, people[1]), [Problem::StoreFull]);
    assert_eq!(sought(&mut sim, people[1]), []);
    sim.crash(people[1]);
    sim.restart(people[1]);
    sim.run_for(MINUTE);
    assert_eq!(sought(&mut sim, people[1]), []);
    ask_for(&mut sim, people[1], channel, file.id);
    sim.run_for(SECOND);
    assert_eq!(sought(&mut sim, people[1]), [file.id]);
}
