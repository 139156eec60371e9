//! That a file is wanted, or not any more, is done when it is kept, and refused when it cannot be.

mod common;

use catnest::{
    node::{ChannelView, Command, Event, Problem},
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
};

const OTHER: &str = "webrtc://127.0.0.1/other";

/// All nests of a device.
fn overview(sim: &mut Sim, device: DeviceId) -> Vec<ChannelView> {
    sim.command(device, Command::Overview);
    sim.run_for(SECOND);
    let last = sim
        .events(device)
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::Overview(overview) => Some(overview.channels.clone()),
            _ => None,
        });
    last.unwrap_or_default()
}

fn saves_channel(request: &Request) -> bool {
    matches!(request, Request::SaveChannel(_))
}

#[test]
fn who_asks_hears_that_it_is_done_when_it_is_kept_and_not_before() {
    let (mut sim, people, channel) = nest(1, &["Ann", "Ben"]);
    let (file, _) = file();
    let forget = Command::Remove { file: file.id };
    sim.slow_store(people[1], |request| {
        if saves_channel(request) {
            MINUTE
        } else {
            SECOND / 100
        }
    });
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
    sim.break_store(people[1], |request| {
        saves_channel(request).then_some(StoreError::Full)
    });
    sim.forget_events();
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
    sim.break_store(people[1], |request| {
        let saves = matches!(request, Request::SaveResource(_));
        saves.then_some(StoreError::Full)
    });
    sim.forget_events();
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
    let (mut sim, people, channel) = nest(6, &["Ann", "Ben"]);
    let (file, _) = file();
    ask_for(&mut sim, people[1], channel, file.id);
    sim.run_for(SECOND);
    sim.break_store(people[1], |request| {
        saves_channel(request).then_some(StoreError::Full)
    });
    sim.forget_events();
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
    let (mut sim, people, channel) = nest(7, &["Ann", "Ben"]);
    let (file, content) = file();
    ask_for(&mut sim, people[1], channel, file.id);
    sim.run_for(SECOND);
    sim.break_store(people[1], |request| {
        saves_channel(request).then_some(StoreError::Full)
    });
    sim.forget_events();
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
    let (mut sim, people, channel) = nest(8, &["Ann", "Ben"]);
    let (file, content) = file();
    ask_for(&mut sim, people[1], channel, file.id);
    sim.run_for(SECOND);
    sim.break_store(people[1], |request| {
        let saves = matches!(request, Request::SaveResource(_));
        saves.then_some(StoreError::Full)
    });
    share(&mut sim, people[0], channel, &file, &content);
    sim.run_for(MINUTE);
    sim.mend_store(people[1]);
    sim.crash(people[1]);
    sim.restart(people[1]);
    comes(&mut sim, people[1], file.id);
}

#[test]
fn what_comes_while_a_nest_is_left_does_not_bring_it_back() {
    let (mut sim, people, channel) = nest(9, &["Ann", "Ben"]);
    let (file, content) = file();
    ask_for(&mut sim, people[1], channel, file.id);
    sim.run_for(SECOND);
    sim.slow_store(people[1], |request| {
        if matches!(request, Request::RemoveChannel(_)) {
            MINUTE
        } else {
            SECOND / 100
        }
    });
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
    assert_eq!(overview(&mut sim, people[1]), []);
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
    sim.break_store(people[1], |request| {
        let saves = matches!(request, Request::SaveResource(_));
        saves.then_some(StoreError::Full)
    });
    sim.forget_events();
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
    let (mut sim, people, here) = nest(seed, &["Ann", "Ben"]);
    let (file, _) = file();
    join(&mut sim, people[1], OTHER);
    sim.run_for(SECOND);
    for channel in [here, channel_of(OTHER)] {
        ask_for(&mut sim, people[1], channel, file.id);
        sim.run_for(SECOND);
    }
    (sim, people[1], file.id)
}

#[test]
fn a_wish_in_two_nests_is_forgotten_when_both_have_forgotten_it() {
    for broken in [channel_of(NEST), channel_of(OTHER)] {
        let (mut sim, ben, file) = sought_in_two_nests(11);
        sim.break_store(ben, move |request| {
            let saves = matches!(request, Request::SaveChannel(entry) if entry.id == broken);
            saves.then_some(StoreError::Full)
        });
        sim.forget_events();
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
        let view = overview(&mut sim, ben);
        assert!(
            view.iter().all(|channel| channel.sought.is_empty()),
            "{view:?}"
        );
    }
}

#[test]
fn a_file_that_came_of_a_wish_is_forgotten_with_it() {
    let (mut sim, people, channel) = nest(12, &["Ann", "Ben"]);
    let (file, content) = file();
    ask_for(&mut sim, people[1], channel, file.id);
    sim.run_for(SECOND);
    // It is found, and nothing of it can be kept; nor that it is forgotten.
    sim.break_store(people[1], |request| {
        let saves = matches!(request, Request::SaveResource(_) | Request::SaveChannel(_));
        saves.then_some(StoreError::Full)
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
    let (mut sim, people, channel) = nest(14, &["Ann", "Ben"]);
    let (file, _) = file();
    ask_for(&mut sim, people[1], channel, file.id);
    sim.run_for(SECOND);
    sim.break_store(people[1], |request| {
        let leaves = matches!(request, Request::RemoveChannel(_));
        leaves.then_some(StoreError::Full)
    });
    sim.slow_store(people[1], |request| {
        if matches!(request, Request::RemoveChannel(_)) {
            SECOND
        } else {
            SECOND / 100
        }
    });
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
