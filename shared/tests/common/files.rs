//! Files of a simulated nest.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what fails fails the test"
)]

use catnest::{
    channel::ChannelId,
    node::{Command, Event, Transfer, TransferState},
    resource::{Descriptor, ResourceHasher, ResourceId},
    sim::{DeviceId, Sim},
};

use super::{MINUTE, SECOND};

pub(crate) fn bytes(length: usize, seed: u8) -> Vec<u8> {
    let mut state = u32::from(seed) + 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

pub(crate) fn describe(name: &str, media_type: &str, bytes: &[u8]) -> Descriptor {
    let mut hasher = ResourceHasher::new(bytes.len() as u64);
    hasher.update(bytes).unwrap();
    let hashed = hasher.finish().unwrap();
    Descriptor {
        id: hashed.id,
        length: bytes.len() as u64,
        md5: hashed.md5,
        name: name.into(),
        media_type: media_type.into(),
    }
}

/// A file is shared in a channel.
pub(crate) fn share(
    sim: &mut Sim,
    by: DeviceId,
    channel: ChannelId,
    file: &Descriptor,
    bytes: &[u8],
) {
    sim.take_in(by, file, bytes).unwrap();
    let share = Command::Share {
        channel,
        text: String::new(),
        files: vec![file.id],
    };
    sim.command(by, share);
    sim.run_for(SECOND);
}

pub(crate) fn fetch(sim: &mut Sim, by: DeviceId, channel: ChannelId, file: &Descriptor) {
    let descriptor = Some(file.clone());
    let fetch = Command::Fetch {
        channel,
        file: file.id,
        descriptor,
    };
    sim.command(by, fetch);
}

/// What a device last told of a file.
pub(crate) fn transfer(sim: &Sim, device: DeviceId, file: ResourceId) -> Option<Transfer> {
    let events = sim.events(device).iter().rev();
    let mut transfers = events.filter_map(|event| match event {
        Event::Transfer(transfer) if transfer.file.id == file => Some(transfer.clone()),
        _ => None,
    });
    transfers.next()
}

pub(crate) fn is(sim: &Sim, device: DeviceId, file: ResourceId, state: &TransferState) -> bool {
    transfer(sim, device, file).is_some_and(|transfer| transfer.state == *state)
}

pub(crate) fn comes(sim: &mut Sim, device: DeviceId, file: ResourceId) {
    let came = sim.run_until(10 * MINUTE, |sim| {
        is(sim, device, file, &TransferState::Complete)
    });
    let now = transfer(sim, device, file);
    assert!(came, "{device:?} did not get the file: {now:?}");
}
