//! Devices that keep what is shared.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what fails fails the test"
)]

use catnest::{
    channel::ChannelId,
    node::{Command, Event, Transfer, TransferState},
    resource::Descriptor,
    seeding::Seeds,
    sim::{DeviceId, Sim},
};

use super::{
    SECOND,
    files::{bytes, describe, share},
};

/// How long the files are that [`shared`] makes.
pub(crate) const FILE: usize = 300_000;

/// What a device has, wants, or does not get, in the order in which it was added.
pub(crate) fn transfers(sim: &mut Sim, device: DeviceId) -> Vec<Transfer> {
    sim.command(device, Command::Transfers);
    sim.run_for(SECOND);
    let told = sim.events(device).iter().rev();
    let mut told = told.filter_map(|event| match event {
        Event::Transfers { transfers, .. } => Some(transfers.clone()),
        _ => None,
    });
    told.next().unwrap()
}

/// The names of what a device has whole.
pub(crate) fn whole(sim: &mut Sim, device: DeviceId) -> Vec<String> {
    let all = transfers(sim, device).into_iter();
    let all = all.filter(|transfer| transfer.state == TransferState::Complete);
    let mut names: Vec<String> = all.map(|transfer| transfer.file.name).collect();
    names.sort();
    names
}

pub(crate) fn seed(sim: &mut Sim, device: DeviceId, channel: ChannelId, seeds: Seeds) {
    sim.command(device, Command::Seed { channel, seeds });
    sim.run_for(SECOND);
}

pub(crate) fn quota(sim: &mut Sim, device: DeviceId, bytes: usize) {
    let bytes = Some(bytes as u64);
    sim.command(device, Command::SetQuota { bytes });
    sim.run_for(SECOND);
}

pub(crate) fn unchoose(sim: &mut Sim, device: DeviceId, file: &Descriptor) {
    sim.command(device, Command::Unchoose { file: file.id });
    sim.run_for(SECOND);
}

/// A file of which whoever shares it lacks the first piece.
pub(crate) fn broken(
    sim: &mut Sim,
    by: DeviceId,
    channel: ChannelId,
    number: u8,
    length: usize,
) -> Descriptor {
    let content = bytes(length, number);
    let file = describe("broken", "application/octet-stream", &content);
    share(sim, by, channel, &file, &content);
    sim.lose_pieces(by, file.id, vec![0]).unwrap();
    sim.command(by, Command::Check { file: file.id });
    sim.run_for(SECOND);
    file
}

/// A file of [`FILE`] bytes is shared.
pub(crate) fn shared(sim: &mut Sim, by: DeviceId, channel: ChannelId, number: u8) -> Descriptor {
    let content = bytes(FILE, number);
    let file = describe(&number.to_string(), "application/octet-stream", &content);
    share(sim, by, channel, &file, &content);
    file
}
