//! A file that came whole has the MD5 of its bytes, whatever was said of it, and is read no more than it has to be.

mod common;

use std::{cell::Cell, rc::Rc, time::Duration};

use catnest::{
    limits,
    node::TransferState,
    resource::{Descriptor, Md5},
    sim::Sim,
    store::{Request, StoreError},
};

use common::{
    MINUTE, SECOND,
    files::{bytes, comes, describe, fetch, share, transfer},
    nest,
};

#[test]
fn a_false_md5_is_corrected() {
    let (mut sim, people, channel) = nest(6, &["Ann", "Ben"]);
    let content = bytes(300_000, 7);
    let right = describe("a", "text/plain", &content);
    let wrong = Descriptor {
        md5: Md5([9; 16]),
        ..right.clone()
    };
    share(&mut sim, people[0], channel, &wrong, &content);
    fetch(&mut sim, people[1], channel, &wrong);
    comes(&mut sim, people[1], right.id);
    assert_eq!(transfer(&sim, people[1], right.id).unwrap().file, right);
}

#[test]
fn what_comes_in_its_order_is_hashed_and_not_read_again() {
    let (mut sim, people, channel) = nest(6, &["Ann", "Ben"]);
    let content = bytes(5_000_000, 7);
    let right = describe("a", "text/plain", &content);
    share(&mut sim, people[0], channel, &right, &content);
    let read = Rc::new(Cell::new(0));
    let counted = read.clone();
    sim.slow_store(people[1], move |request| {
        if let Request::LoadPieces { pieces, .. } = request {
            counted.set(counted.get() + pieces.len());
        }
        Duration::ZERO
    });
    fetch(&mut sim, people[1], channel, &right);
    comes(&mut sim, people[1], right.id);
    assert_eq!(transfer(&sim, people[1], right.id).unwrap().file, right);
    assert_eq!(read.get(), 0);
}

#[test]
fn what_is_read_out_of_its_order_is_hashed_in_it() {
    let (mut sim, people, channel) = nest(6, &["Ann", "Ben"]);
    // Of pieces enough to be read in many parts.
    let content = bytes(5_000_000, 7);
    let right = describe("a", "text/plain", &content);
    let wrong = Descriptor {
        md5: Md5([9; 16]),
        ..right.clone()
    };
    share(&mut sim, people[0], channel, &wrong, &content);
    fetch(&mut sim, people[1], channel, &wrong);
    let begun = |sim: &Sim| {
        transfer(sim, people[1], right.id).is_some_and(|file| file.have_bytes > 500_000)
    };
    assert!(sim.run_until(MINUTE, begun));
    // Nobody knows then what was hashed, so that all is read once all is here. Every other part comes after the one behind it.
    sim.crash(people[1]);
    sim.restart(people[1]);
    let read = Rc::new(Cell::new(0));
    let counted = read.clone();
    sim.slow_store(people[1], move |request| match request {
        Request::LoadPieces { pieces, .. } => {
            counted.set(counted.get() + pieces.len());
            if pieces[0] / 8 % 2 == 0 {
                SECOND
            } else {
                Duration::ZERO
            }
        }
        _ => Duration::ZERO,
    });
    sim.forget_events();
    comes(&mut sim, people[1], right.id);
    assert_eq!(transfer(&sim, people[1], right.id).unwrap().file, right);
    assert_eq!(
        read.get() as u64,
        5_000_000_u64.div_ceil(limits::MIN_PIECE_BYTES)
    );
}

#[test]
fn what_could_not_be_checked_is_checked_when_it_is_wanted_again() {
    let (mut sim, people, channel) = nest(8, &["Ann", "Ben"]);
    let content = bytes(3_000_000, 7);
    let file = describe("song", "application/octet-stream", &content);
    share(&mut sim, people[0], channel, &file, &content);
    fetch(&mut sim, people[1], channel, &file);
    let begun =
        |sim: &Sim| transfer(sim, people[1], file.id).is_some_and(|file| file.have_bytes > 0);
    assert!(sim.run_until(MINUTE, begun));
    // Nobody knows then what was hashed, so that all is read once all is here.
    sim.crash(people[1]);
    sim.restart(people[1]);
    sim.break_store(people[1], |request| {
        matches!(request, Request::LoadPieces { .. }).then(broken)
    });
    sim.run_for(MINUTE);
    let stopped = transfer(&sim, people[1], file.id).unwrap();
    let problem = broken().into();
    assert_eq!(stopped.state, TransferState::Stopped { problem });
    assert_eq!(stopped.have_bytes, 3_000_000);
    sim.mend_store(people[1]);
    fetch(&mut sim, people[1], channel, &file);
    comes(&mut sim, people[1], file.id);
}

fn broken() -> StoreError {
    StoreError::Unavailable("out of luck".into())
}
