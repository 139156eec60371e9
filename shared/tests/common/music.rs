//! Music of a simulated nest.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what fails fails the test"
)]

use std::collections::BTreeMap;

use catnest::{
    channel::ChannelId,
    music::track::Track,
    node::{Command, Event, MusicCommand, MusicEvent, Row},
    resource::{Descriptor, ResourceId},
    sim::{DeviceId, Sim},
};

use super::{
    SECOND,
    files::{bytes, describe},
    tracks,
};

/// A track that is a file.
pub(crate) fn track(file: &Descriptor, title: &str, artist: &str) -> Track {
    Track {
        id: file.id,
        md5: file.md5,
        length: file.length,
        media_type: file.media_type.clone(),
        name: file.name.clone(),
        title: title.into(),
        artist: artist.into(),
        ..tracks::track(0)
    }
}

pub(crate) fn music(sim: &mut Sim, by: DeviceId, command: MusicCommand) {
    sim.command(by, Command::Music(command));
}

/// A new file of so many bytes, in the store of a device and on its list.
pub(crate) fn add(
    sim: &mut Sim,
    by: DeviceId,
    channel: ChannelId,
    title: &str,
    length: usize,
) -> Track {
    let seed = title.bytes().fold(0u8, u8::wrapping_add);
    let content = bytes(length, seed);
    let file = describe(&format!("{title}.flac"), "audio/flac", &content);
    sim.take_in(by, &file, &content).unwrap();
    let track = track(&file, title, "Cats");
    let tracks = vec![track.clone()];
    music(sim, by, MusicCommand::Add { channel, tracks });
    sim.run_for(SECOND);
    track
}

/// The rows that views of a device know, after all that it told.
pub(crate) fn rows(sim: &Sim, device: DeviceId, of: ChannelId) -> BTreeMap<ResourceId, Row> {
    let mut known = BTreeMap::new();
    for event in sim.events(device) {
        if let Event::Music(MusicEvent::Rows {
            channel,
            rows,
            gone,
        }) = event
            && *channel == of
        {
            known.retain(|id, _| !gone.contains(id));
            known.extend(rows.iter().map(|row| (row.track.id, row.clone())));
        }
    }
    known
}

/// What a device's merged list is when it is asked.
pub(crate) fn library(sim: &mut Sim, device: DeviceId, channel: ChannelId) -> Vec<Row> {
    let mut all: Vec<Row> = Vec::new();
    loop {
        let library = MusicCommand::Library {
            channel,
            after: all.last().map(|row| row.track.id),
            limit: 500,
        };
        music(sim, device, library);
        sim.run_for(SECOND);
        let last = sim
            .events(device)
            .iter()
            .rev()
            .find_map(|event| match event {
                Event::Music(MusicEvent::Library { rows, more, .. }) => Some((rows.clone(), *more)),
                _ => None,
            });
        let (rows, more) = last.unwrap();
        all.extend(rows);
        if !more {
            return all;
        }
    }
}

/// Titles of rows, each with who has it: `+` is this device, names in brackets are those who are away.
pub(crate) fn lines(rows: &[Row]) -> Vec<String> {
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let mine = if row.mine { "+" } else { "" };
            let holders = row.holders.iter().map(|holder| match holder.cached {
                true => format!(" ({})", holder.name),
                false => format!(" {}", holder.name),
            });
            let banned = if row.banned { " banned" } else { "" };
            let holders: String = holders.collect();
            format!("{mine}{}{holders}{banned}", row.track.title)
        })
        .collect();
    lines.sort();
    lines
}
