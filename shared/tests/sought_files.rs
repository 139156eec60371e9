//! What was asked for before anybody had it is sought until it comes or is not wanted any more, whatever happens meanwhile.

mod common;

use catnest::{
    channel::ChannelId,
    limits,
    node::{Command, TransferState},
    resource::{Descriptor, Have, ResourceId},
    seeding::Seeds,
    sim::{DeviceId, Sim},
    swarm::{self, Holding},
    wire::Frame,
};

use common::{
    MINUTE, NEST, SECOND, channel_of,
    files::{comes, fetch, is, share, transfer},
    join, nest,
    seeding::{FILE, quota, seed, shared, whole},
    sought::{ask_and_crash, ask_for, file, sought},
};

const OTHER: &str = "webrtc://127.0.0.1/other";

#[test]
fn it_is_sought_after_a_restart_and_comes_when_somebody_has_it() {
    for seed in 0..5 {
        let (mut sim, people, channel) = nest(seed, &["Ann", "Ben"]);
        let (file, content) = file();
        ask_and_crash(&mut sim, people[1], channel, file.id);
        sim.run_for(MINUTE);
        assert_eq!(sought(&mut sim, people[1]), [file.id]);

        share(&mut sim, people[0], channel, &file, &content);
        comes(&mut sim, people[1], file.id);
        assert!(transfer(&sim, people[1], file.id).unwrap().chosen);
        assert_eq!(sought(&mut sim, people[1]), []);
        sim.crash(people[1]);
        sim.restart(people[1]);
        assert_eq!(sought(&mut sim, people[1]), []);
        assert_eq!(sim.stored_file(people[1], file.id).unwrap(), content);
    }
}

#[test]
fn what_is_not_wanted_any_more_is_not_sought_after_a_restart() {
    type Ends = fn(ChannelId, ResourceId) -> Command;
    let ends: [Ends; 3] = [
        |_, file| Command::Remove { file },
        |_, file| Command::Unchoose { file },
        |channel, _| Command::Leave { channel },
    ];
    for (seed, end) in (0..).zip(ends) {
        let (mut sim, people, channel) = nest(seed, &["Ann", "Ben"]);
        let (file, content) = file();
        ask_and_crash(&mut sim, people[1], channel, file.id);
        sim.run_for(SECOND);
        sim.command(people[1], end(channel, file.id));
        sim.run_for(SECOND);
        sim.crash(people[1]);
        sim.restart(people[1]);
        sim.run_for(SECOND);
        // Who left comes back.
        join(&mut sim, people[1], NEST);
        sim.run_for(MINUTE);
        assert_eq!(sought(&mut sim, people[1]), [], "{seed}");
        share(&mut sim, people[0], channel, &file, &content);
        sim.run_for(5 * MINUTE);
        assert_eq!(transfer(&sim, people[1], file.id), None, "{seed}");
    }
}

#[test]
fn who_asks_in_two_nests_gives_it_in_both() {
    for restarts in [false, true] {
        let (mut sim, people, here) = nest(7, &["Ann", "Host"]);
        let (ann, host) = (people[0], people[1]);
        let (file, content) = file();
        join(&mut sim, host, OTHER);
        let ben = sim.add("Ben");
        sim.run_for(SECOND);
        join(&mut sim, ben, OTHER);
        sim.run_for(MINUTE);
        for channel in [here, channel_of(OTHER)] {
            ask_for(&mut sim, host, channel, file.id);
            sim.run_for(SECOND);
        }
        if restarts {
            sim.crash(host);
            sim.restart(host);
            sim.run_for(MINUTE);
        }
        share(&mut sim, ann, here, &file, &content);
        comes(&mut sim, host, file.id);
        sim.crash(ann);
        fetch(&mut sim, ben, channel_of(OTHER), &file);
        comes(&mut sim, ben, file.id);
    }
}

#[test]
fn what_the_member_shares_itself_is_not_sought_any_more() {
    let (mut sim, people, channel) = nest(8, &["Ann", "Ben"]);
    let (file, content) = file();
    ask_for(&mut sim, people[1], channel, file.id);
    sim.run_for(SECOND);
    share(&mut sim, people[1], channel, &file, &content);
    assert_eq!(sought(&mut sim, people[1]), []);
    share(&mut sim, people[0], channel, &file, &content);
    sim.run_for(MINUTE);
    let here = transfer(&sim, people[1], file.id).unwrap();
    assert_eq!((here.have_bytes, here.received), (file.length, 0));
}

/// Somebody says that the file is longer than there is room for.
fn lie(sim: &mut Sim, by: DeviceId, file: &Descriptor) {
    let mut lie = file.clone();
    lie.length = 40 * FILE as u64;
    let have = Have::none(lie.length);
    let lie = swarm::Message::Holding(Holding {
        descriptor: lie,
        have,
    });
    sim.forge_frame(by, &Frame::Resource(lie).encode());
    sim.run_for(SECOND);
}

#[test]
fn who_says_a_length_without_room_keeps_nobody_from_giving_it() {
    for (late, restarts) in [(false, false), (true, false), (false, true), (true, true)] {
        let (mut sim, people, channel) = nest(9, &["Mal", "Host"]);
        let (mal, host) = (people[0], people[1]);
        quota(&mut sim, host, 3 * FILE);
        let (file, content) = file();
        let come = |sim: &mut Sim| {
            let ann = sim.add("Ann");
            sim.run_for(SECOND);
            join(sim, ann, NEST);
            sim.run_for(MINUTE);
            ann
        };
        let early = (!late).then(|| come(&mut sim));
        ask_for(&mut sim, host, channel, file.id);
        sim.run_for(SECOND);
        lie(&mut sim, mal, &file);
        assert!(transfer(&sim, host, file.id).is_some(), "it was not heard");
        if restarts {
            sim.crash(host);
            sim.restart(host);
            quota(&mut sim, host, 3 * FILE);
            sim.run_for(MINUTE);
        }
        let ann = early.unwrap_or_else(|| come(&mut sim));
        share(&mut sim, ann, channel, &file, &content);
        comes(&mut sim, host, file.id);
    }
}

#[test]
fn wishes_that_nobody_fulfils_outlive_restarts_and_keep_nothing_away_that_comes_by_itself() {
    let (mut sim, people, channel) = nest(10, &["Ann", "Host"]);
    let (ann, host) = (people[0], people[1]);
    seed(&mut sim, host, channel, Seeds::All);
    for number in 0..limits::MAX_TRANSFERS {
        let [high, low] = (number as u16).to_be_bytes();
        let mut id = [9; 32];
        id[..2].copy_from_slice(&[high, low]);
        ask_for(&mut sim, host, channel, ResourceId(id));
    }
    sim.run_for(MINUTE);
    assert_eq!(sought(&mut sim, host).len(), limits::MAX_TRANSFERS);
    // One of them may be asked for again, and not one more.
    sim.forget_events();
    let wished = sought(&mut sim, host)[0];
    ask_for(&mut sim, host, channel, wished);
    sim.run_for(SECOND);
    assert_eq!(common::problems(&sim, host), []);
    ask_for(&mut sim, host, channel, ResourceId([8; 32]));
    sim.run_for(SECOND);
    let problems = common::problems(&sim, host);
    assert_eq!(problems, [catnest::node::Problem::TooManyTransfers]);

    let first = shared(&mut sim, ann, channel, 1);
    comes(&mut sim, host, first.id);
    // It ends while another one is here in part.
    sim.crash(host);
    let parts: Vec<ResourceId> = (2..10)
        .map(|number| shared(&mut sim, ann, channel, number).id)
        .collect();
    sim.restart(host);
    let begun = |sim: &Sim| parts.iter().any(|id| transfer(sim, host, *id).is_some());
    assert!(sim.run_until(MINUTE, begun));
    let is_whole = |id: &ResourceId| is(&sim, host, *id, &TransferState::Complete);
    assert!(!parts.iter().all(is_whole));
    sim.crash(host);
    sim.restart(host);
    sim.run_for(SECOND);
    assert_eq!(sought(&mut sim, host).len(), limits::MAX_TRANSFERS);
    sim.run_for(5 * MINUTE);
    assert_eq!(whole(&mut sim, host).len(), 1 + parts.len());
    assert_eq!(sought(&mut sim, host).len(), limits::MAX_TRANSFERS);
}
