//! What was asked for before anybody had it is sought until it comes or is not wanted any more, whatever happens meanwhile.

mod common;

use catnest::{
    channel::ChannelId,
    node::{Command, Event, Problem},
    resource::{Descriptor, ResourceId},
    sim::{DeviceId, Sim},
    store::{Request, StoreError},
};

use common::{
    MINUTE, SECOND,
    files::{bytes, comes, describe, share, transfer},
    nest, problems, view_now,
};

fn ask_for(sim: &mut Sim, device: DeviceId, channel: ChannelId, file: ResourceId) {
    let descriptor = None;
    sim.command(
        device,
        Command::Fetch {
            channel,
            file,
            descriptor,
        },
    );
}

/// Asks for a file, and ends the device's process as soon as it says that this is done.
fn ask_and_crash(sim: &mut Sim, device: DeviceId, channel: ChannelId, file: ResourceId) {
    sim.forget_events();
    ask_for(sim, device, channel, file);
    let done = |event: &Event| matches!(event, Event::Done { .. });
    assert!(sim.run_until(SECOND, |sim| sim.events(device).iter().any(done)));
    sim.crash(device);
    sim.restart(device);
}

fn sought(sim: &mut Sim, device: DeviceId) -> Vec<ResourceId> {
    view_now(sim, device).sought.into_iter().collect()
}

fn file() -> (Descriptor, Vec<u8>) {
    let content = bytes(200_000, 2);
    (describe("a.txt", "text/plain", &content), content)
}

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
fn a_file_that_is_known_outlives_its_acknowledgement_as_well() {
    let (mut sim, people, channel) = nest(6, &["Ann", "Ben"]);
    let (file, _) = file();
    sim.forget_events();
    let wanted = Command::Fetch {
        channel,
        file: file.id,
        descriptor: Some(file.clone()),
    };
    sim.command(people[1], wanted);
    let done = |event: &Event| matches!(event, Event::Done { .. });
    assert!(sim.run_until(SECOND, |sim| sim.events(people[1]).iter().any(done)));
    sim.crash(people[1]);
    sim.forget_events();
    sim.restart(people[1]);
    sim.run_for(SECOND);
    assert_eq!(transfer(&sim, people[1], file.id).unwrap().file, file);
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
        share(&mut sim, people[0], channel, &file, &content);
        sim.run_for(5 * MINUTE);
        assert_eq!(transfer(&sim, people[1], file.id), None, "{seed}");
    }
}

#[test]
fn what_cannot_be_remembered_is_refused_and_not_sought() {
    let (mut sim, people, channel) = nest(4, &["Ann", "Ben"]);
    let (file, content) = file();
    sim.break_store(people[1], |request| {
        matches!(request, Request::SaveChannel(_)).then_some(StoreError::Full)
    });
    sim.forget_events();
    ask_for(&mut sim, people[1], channel, file.id);
    sim.run_for(SECOND);
    assert_eq!(problems(&sim, people[1]), [Problem::StoreFull]);
    sim.mend_store(people[1]);
    assert_eq!(sought(&mut sim, people[1]), []);
    share(&mut sim, people[0], channel, &file, &content);
    sim.run_for(5 * MINUTE);
    assert_eq!(transfer(&sim, people[1], file.id), None);
}
