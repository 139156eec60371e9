//! What is half written is kept for each channel, until it is said.
#![cfg(feature = "sim")]

mod common;

use catnest::{
    node::Command,
    sim::{DeviceId, Sim},
};
use common::{SECOND, nest, say, view};

/// The draft of the only channel, as a view that opens now is told.
fn kept(sim: &mut Sim, device: DeviceId) -> String {
    sim.command(device, Command::Overview);
    sim.run_for(SECOND);
    view(sim, device).draft
}

fn draft(sim: &mut Sim, device: DeviceId, text: &str) {
    let channel = view(sim, device).id;
    sim.command(
        device,
        Command::Draft {
            channel,
            text: text.to_owned(),
        },
    );
    sim.run_for(SECOND);
}

#[test]
fn a_draft_survives_a_restart() {
    let (mut sim, devices, _) = nest(1, &["Mimi"]);
    draft(&mut sim, devices[0], "half of");
    sim.restart(devices[0]);
    sim.run_for(SECOND);
    assert_eq!(kept(&mut sim, devices[0]), "half of");
}

/// The popup may be gone right after Enter: nobody else clears what was said.
#[test]
fn what_was_said_is_no_draft_any_more() {
    let (mut sim, devices, channel) = nest(2, &["Mimi"]);
    draft(&mut sim, devices[0], "all of it");
    say(&mut sim, devices[0], channel, "all of it");
    sim.run_for(SECOND);
    assert_eq!(kept(&mut sim, devices[0]), "");
    sim.restart(devices[0]);
    sim.run_for(SECOND);
    assert_eq!(kept(&mut sim, devices[0]), "");
}

#[test]
fn what_was_written_since_then_stays() {
    let (mut sim, devices, channel) = nest(3, &["Mimi"]);
    draft(&mut sim, devices[0], "the next one");
    say(&mut sim, devices[0], channel, "the one before");
    sim.run_for(SECOND);
    assert_eq!(kept(&mut sim, devices[0]), "the next one");
}
