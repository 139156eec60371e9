//! What somebody says whose clock is fast is kept by everybody once it is due, whatever came between.

mod common;

use std::time::Duration;

use catnest::{
    limits,
    sim::{DeviceId, Sim},
    wire::Frame,
};
use common::{HOUR, MINUTE, heard, nest, say};

/// So fast a clock is that what it dates is due for others in twenty minutes.
fn make_fast(sim: &mut Sim, devices: &[DeviceId]) {
    for &device in devices {
        sim.set_clock(device, 30 * 60_000);
    }
    sim.run_for(MINUTE);
}

#[test]
fn who_had_no_room_for_an_early_record_asks_for_it_once_it_is_due() {
    let (mut sim, devices, channel) = nest(1, &["Ann", "Bo", "liar"]);
    let [ann, bo, liar] = [devices[0], devices[1], devices[2]];
    for number in 0..limits::MAX_EARLY_RECORDS {
        let time = sim.now() + 5 * 24 * HOUR;
        let forged = sim.forge_record(liar, channel, time, &number.to_string());
        sim.forge_frame(liar, &Frame::Record(forged).encode());
        sim.run_for(Duration::from_millis(20));
    }
    // Otherwise it would have room, and pass the record on.
    sim.crash(liar);
    make_fast(&mut sim, &[ann]);
    say(&mut sim, ann, channel, "soon");
    sim.run_for(19 * MINUTE);
    assert_eq!(heard(&sim, bo), [""; 0]);
    sim.run_for(2 * MINUTE);
    assert_eq!(heard(&sim, bo), ["soon"]);
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
