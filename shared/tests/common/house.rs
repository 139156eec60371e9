//! Members who move: their files, and what becomes of them.

use catnest::{
    channel::ChannelId,
    entropy::Entropy,
    house::{
        channel_file::{Ending, Entry, Part, Reader, Summary, Taken},
        identity_file::{Lock, LockKey},
    },
    limits,
    node::{Command, Event, Problem},
    secret::Cost,
    sim::{DeviceId, Sim},
};

use super::SECOND;

pub(crate) const KEY: LockKey = LockKey::of_bytes([7; 32]);

/// A lock whose key is not derived here: that takes a while.
pub(crate) fn lock() -> Lock {
    Lock::new(Cost::CHOSEN, &mut Entropy::from_seed([9; 32]))
}

/// The channel's file that a device writes.
pub(crate) fn export(sim: &mut Sim, device: DeviceId, channel: ChannelId, part: Part) -> String {
    let mut file = String::new();
    let mut from = None;
    loop {
        sim.forget_events();
        let command = Command::Export {
            channel,
            part,
            from,
        };
        sim.command(device, command);
        sim.run_for(SECOND);
        let written = sim.events(device).iter().find_map(|event| match event {
            Event::Exported { text, next, .. } => Some((text.clone(), *next)),
            _ => None,
        });
        let (text, next) = written.unwrap_or_else(|| panic!("{device:?} was to write a file"));
        file += &text;
        if next.is_none() {
            return file;
        }
        from = next;
    }
}

/// Takes a file in as a view does; what became of its messages, and what was wrong with it.
pub(crate) fn take_in(
    sim: &mut Sim,
    device: DeviceId,
    channel: ChannelId,
    file: &[u8],
) -> (Taken, Summary, Ending) {
    let mut reader = Reader::default();
    let mut entries: Vec<Entry> = Vec::new();
    for part in file.chunks(1000) {
        let read = reader.push(part);
        entries.extend(read.unwrap_or_else(|error| panic!("{error}")));
    }
    let finished = reader.finish();
    let (last, summary, ending) = finished.unwrap_or_else(|error| panic!("{error}"));
    entries.extend(last);
    let mut all = Taken::default();
    for records in entries.chunks(limits::IMPORT_AT_ONCE) {
        sim.forget_events();
        let records = records.to_vec();
        sim.command(device, Command::Import { channel, records });
        sim.run_for(SECOND);
        let taken = sim.events(device).iter().find_map(|event| match event {
            Event::Imported { taken, .. } => Some(*taken),
            _ => None,
        });
        all = all.and(taken.unwrap_or_else(|| panic!("{device:?} was to take records in")));
    }
    (all, summary, ending)
}

/// The identity file that a device writes, under [`KEY`].
pub(crate) fn identity_file(sim: &mut Sim, device: DeviceId) -> String {
    sim.forget_events();
    let command = Command::ExportIdentity {
        lock: lock(),
        key: KEY,
    };
    sim.command(device, command);
    sim.run_for(SECOND);
    let file = sim.events(device).iter().find_map(|event| match event {
        Event::Identity { file, .. } => Some(file.clone()),
        _ => None,
    });
    file.unwrap_or_else(|| panic!("{device:?} was to write a file"))
}

/// A device becomes the member of a file that is under [`KEY`].
///
/// # Errors
/// When it does not.
pub(crate) fn move_in(
    sim: &mut Sim,
    device: DeviceId,
    file: &str,
    replace: bool,
) -> Result<(), Problem> {
    sim.forget_events();
    let command = Command::ImportIdentity {
        file: file.to_owned(),
        key: KEY,
        replace,
    };
    sim.command(device, command);
    sim.run_for(SECOND);
    let mut events = sim.events(device).iter();
    let answer = events.find_map(|event| match event {
        Event::Done { .. } => Some(Ok(())),
        Event::Refused { problem, .. } => Some(Err(problem.clone())),
        _ => None,
    });
    answer.unwrap_or_else(|| panic!("{device:?} was to become another member's"))
}
