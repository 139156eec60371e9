//! That a file is wanted, or not any more, is done when it is kept, and refused when it cannot be.

mod common;

use catnest::{
    node::{Command, Problem},
    store::{Request, StoreError},
};

use common::{
    MINUTE, SECOND,
    files::{fetch, share, transfer},
    join, nest, problems,
    sought::{ask_for, file, is_done, sought},
};

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
    common::files::comes(&mut sim, people[1], file.id);
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
    join(&mut sim, people[1], common::NEST);
    sim.run_for(SECOND);
    assert_eq!(
        problems(&sim, people[1]),
        [Problem::NotJoined, Problem::Busy]
    );
    sim.run_for(2 * MINUTE);
    sim.crash(people[1]);
    sim.forget_events();
    sim.restart(people[1]);
    sim.command(people[1], Command::Overview);
    sim.run_for(SECOND);
    let overview = sim
        .events(people[1])
        .iter()
        .rev()
        .find_map(|event| match event {
            catnest::node::Event::Overview(overview) => Some(overview.channels.len()),
            _ => None,
        });
    assert_eq!(overview, Some(0));
}
