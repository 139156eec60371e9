//! What somebody says whose clock is fast is kept by everybody once it is due, whatever came between.

mod common;

use std::time::Duration;

use catnest::{
    channel::ChannelId,
    limits,
    sim::{DeviceId, Sim},
    wire::Frame,
};
use common::{HOUR, MINUTE, SECOND, heard, nest, say};

/// So fast a clock is that what it dates is due for others in twenty minutes.
fn make_fast(sim: &mut Sim, devices: &[DeviceId]) {
    for &device in devices {
        sim.set_clock(device, 30 * 60_000);
    }
    sim.run_for(MINUTE);
}

/// A liar fills the room for early records with some that are dated so far ahead, and is gone: it would have room itself,
/// and pass others on.
fn fill_the_room(sim: &mut Sim, liar: DeviceId, channel: ChannelId, ahead: Duration) {
    let time = sim.now() + ahead;
    for number in 0..limits::MAX_EARLY_RECORDS {
        let forged = sim.forge_record(liar, channel, time, &number.to_string());
        sim.forge_frame(liar, &Frame::Record(forged).encode());
        sim.run_for(Duration::from_millis(20));
    }
    sim.crash(liar);
}

fn has_heard(sim: &Sim, device: DeviceId, text: &str) -> bool {
    heard(sim, device).iter().any(|heard| heard == text)
}

#[test]
fn who_had_no_room_for_an_early_record_asks_for_it_once_it_is_due() {
    let (mut sim, devices, channel) = nest(1, &["Ann", "Bo", "liar"]);
    let [ann, bo, liar] = [devices[0], devices[1], devices[2]];
    fill_the_room(&mut sim, liar, channel, 28 * MINUTE);
    make_fast(&mut sim, &[ann]);
    say(&mut sim, ann, channel, "soon");
    sim.run_for(19 * MINUTE);
    assert!(!has_heard(&sim, bo, "soon"));
    sim.run_for(2 * MINUTE);
    assert!(has_heard(&sim, bo, "soon"));
}

#[test]
fn what_is_due_first_has_the_room() {
    let (mut sim, devices, channel) = nest(1, &["Ann", "Bo", "liar"]);
    let [ann, bo, liar] = [devices[0], devices[1], devices[2]];
    fill_the_room(&mut sim, liar, channel, 5 * 24 * HOUR);
    make_fast(&mut sim, &[ann]);
    say(&mut sim, ann, channel, "soon");
    sim.run_for(MINUTE);
    // Nobody else has it.
    sim.crash(ann);
    sim.run_for(18 * MINUTE);
    assert_eq!(heard(&sim, bo), [""; 0]);
    sim.run_for(2 * MINUTE);
    assert_eq!(heard(&sim, bo), ["soon"]);
}

#[test]
fn of_an_early_record_without_room_the_signature_is_not_looked_at() {
    let (mut sim, devices, channel) = nest(1, &["Bo", "liar"]);
    let [bo, liar] = [devices[0], devices[1]];
    let forge = |sim: &mut Sim, ahead: Duration, text: &str, signed: bool| {
        let time = sim.now() + ahead;
        let mut forged = sim.forge_record(liar, channel, time, text);
        if let Some(last) = forged.last_mut().filter(|_| !signed) {
            *last ^= 1;
        }
        sim.forge_frame(liar, &Frame::Record(forged).encode());
        sim.run_for(Duration::from_millis(20));
    };
    for number in 0..limits::MAX_EARLY_RECORDS {
        forge(&mut sim, HOUR, &number.to_string(), true);
    }
    forge(&mut sim, 2 * HOUR, "no room", false);
    sim.run_for(SECOND);
    assert_eq!(sim.neighbours(bo), 1);
    forge(&mut sim, Duration::ZERO, "room", false);
    assert!(sim.run_until(MINUTE, |sim| sim.neighbours(bo) == 0));
}

#[test]
fn who_restarts_while_an_early_record_waits_asks_for_it_once_it_is_due() {
    let (mut sim, devices, channel) = nest(2, &["Ann", "Bo", "Cy"]);
    let [ann, bo, cy] = [devices[0], devices[1], devices[2]];
    make_fast(&mut sim, &[ann, cy]);
    say(&mut sim, ann, channel, "soon");
    // Until it is not offered any more as what was lately said.
    sim.run_for(limits::RECENT + MINUTE);
    sim.crash(bo);
    sim.run_for(MINUTE);
    sim.restart(bo);
    sim.run_for(7 * MINUTE);
    assert_eq!(heard(&sim, cy), ["soon"]);
    assert_eq!(heard(&sim, bo), [""; 0]);
    sim.run_for(2 * MINUTE);
    assert_eq!(heard(&sim, bo), ["soon"]);
}
