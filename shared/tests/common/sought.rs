//! Files that are asked for before anybody says what they are.

use catnest::{
    channel::ChannelId,
    node::{Command, Event},
    resource::{Descriptor, ResourceId},
    sim::{DeviceId, Sim},
};

use super::{
    SECOND,
    files::{bytes, describe},
    view_now,
};

/// Asks for a file by its id alone.
pub(crate) fn ask_for(sim: &mut Sim, device: DeviceId, channel: ChannelId, file: ResourceId) {
    let wanted = Command::Fetch {
        channel,
        file,
        descriptor: None,
    };
    sim.command(device, wanted);
}

/// Whether a device said that what it was told last is done.
pub(crate) fn is_done(sim: &Sim, device: DeviceId) -> bool {
    let done = |event: &Event| matches!(event, Event::Done { .. });
    sim.events(device).iter().any(done)
}

/// Asks for a file, and ends the device's process as soon as it says that this is done.
pub(crate) fn ask_and_crash(sim: &mut Sim, device: DeviceId, channel: ChannelId, file: ResourceId) {
    sim.forget_events();
    ask_for(sim, device, channel, file);
    assert!(sim.run_until(SECOND, |sim| is_done(sim, device)));
    sim.crash(device);
    sim.restart(device);
}

/// What a device seeks in its first channel.
pub(crate) fn sought(sim: &mut Sim, device: DeviceId) -> Vec<ResourceId> {
    view_now(sim, device).sought.into_iter().collect()
}

/// A file, and its bytes.
pub(crate) fn file() -> (Descriptor, Vec<u8>) {
    let content = bytes(200_000, 2);
    (describe("a.txt", "text/plain", &content), content)
}
