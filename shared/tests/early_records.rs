//! What somebody says whose clock is fast is kept by everybody once it is due, whatever came between.

mod common;

use std::time::Duration;

use catnest::{
    channel::ChannelId,
    limits,
    sim::{DeviceId, Sim},
    wire::Frame,
};
use common::{HOUR, MINUTE, heard, nest, say};

const DAYS: u32 = 5;

/// Ann's clock is half an hour fast, and she has said something that Bo and the third will keep in twenty minutes.
fn said_too_early(seed: u64, before: impl Fn(&mut Sim, DeviceId, ChannelId)) -> (Sim, DeviceId) {
    let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo", "liar"]);
    before(&mut sim, devices[2], channel);
    sim.set_clock(devices[0], 30 * 60_000);
    say(&mut sim, devices[0], channel, "soon");
    sim.run_for(MINUTE);
    assert_eq!(heard(&sim, devices[1]), [""; 0]);
    (sim, devices[1])
}

/// All the room there is for early records is taken by some that will not be due for days.
fn take_all_room(sim: &mut Sim, liar: DeviceId, channel: ChannelId) {
    for number in 0..limits::MAX_EARLY_RECORDS {
        let time = sim.now() + DAYS * 24 * HOUR;
        let forged = sim.forge_record(liar, channel, time, &number.to_string());
        sim.forge_frame(liar, &Frame::Record(forged).encode());
        sim.run_for(Duration::from_millis(20));
    }
}

#[test]
fn who_had_no_room_for_an_early_record_asks_for_it_once_it_is_due() {
    let (mut sim, bo) = said_too_early(1, take_all_room);
    sim.run_for(18 * MINUTE);
    assert_eq!(heard(&sim, bo), [""; 0]);
    sim.run_for(2 * MINUTE);
    assert_eq!(heard(&sim, bo), ["soon"]);
}

#[test]
fn who_restarts_while_an_early_record_waits_asks_for_it_once_it_is_due() {
    let (mut sim, bo) = said_too_early(2, |_, _, _| ());
    sim.crash(bo);
    sim.run_for(MINUTE);
    sim.restart(bo);
    sim.run_for(17 * MINUTE);
    assert_eq!(heard(&sim, bo), [""; 0]);
    sim.run_for(2 * MINUTE);
    assert_eq!(heard(&sim, bo), ["soon"]);
}
