//! A simulated nest, and what its members see.
#![allow(dead_code, reason = "each test file uses some of it")]

pub(crate) mod files;
pub(crate) mod pair;

use std::{collections::BTreeMap, time::Duration};

use catnest::{
    channel::{ChannelId, ChannelKey},
    node::{ChannelView, Command, Event, Problem},
    sim::{DeviceId, Network, Sim},
};

pub(crate) const NEST: &str = "webrtc://127.0.0.1/nest";
pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// The id of the channel at an address.
pub(crate) fn channel_of(address: &str) -> ChannelId {
    let address = address.parse();
    ChannelKey::of(&address.unwrap_or_else(|error| panic!("{error}"))).id()
}

/// Devices whose members have these names.
pub(crate) fn devices(seed: u64, names: &[&str]) -> (Sim, Vec<DeviceId>) {
    let mut sim = Sim::new(seed, Network::default());
    let devices = names.iter().map(|name| sim.add(name)).collect();
    sim.run_for(SECOND);
    (sim, devices)
}

/// Devices that are in [`NEST`], and linked.
pub(crate) fn nest(seed: u64, names: &[&str]) -> (Sim, Vec<DeviceId>, ChannelId) {
    let (mut sim, devices) = devices(seed, names);
    for &device in &devices {
        join(&mut sim, device, NEST);
    }
    sim.run_for(MINUTE);
    (sim, devices, channel_of(NEST))
}

pub(crate) fn join(sim: &mut Sim, device: DeviceId, address: &str) {
    let address = address.into();
    sim.command(device, Command::Join { address });
}

pub(crate) fn say(sim: &mut Sim, device: DeviceId, channel: ChannelId, text: &str) {
    let text = text.into();
    sim.command(device, Command::Say { channel, text });
}

/// What a device last showed of its first channel.
pub(crate) fn view(sim: &Sim, device: DeviceId) -> ChannelView {
    let view = sim
        .events(device)
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::Overview(overview) => overview.channels.first().cloned(),
            _ => None,
        });
    view.unwrap_or_else(|| panic!("{device:?} is in no channel, or did not show it lately"))
}

/// The names of those whom a device shows as online, itself first.
pub(crate) fn online(sim: &Sim, device: DeviceId) -> Vec<String> {
    let members = view(sim, device).members;
    members.into_iter().map(|member| member.name).collect()
}

/// The texts that a device showed as they came, in that order.
pub(crate) fn heard(sim: &Sim, device: DeviceId) -> Vec<String> {
    let text = |event: &Event| match event {
        Event::Message { message, .. } => Some(message.text.clone()),
        _ => None,
    };
    sim.events(device).iter().filter_map(text).collect()
}

/// How often a device showed each text.
pub(crate) fn counts(sim: &Sim, device: DeviceId) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for text in heard(sim, device) {
        *counts.entry(text).or_default() += 1;
    }
    counts
}

/// What was refused to a device's views.
pub(crate) fn problems(sim: &Sim, device: DeviceId) -> Vec<Problem> {
    let problem = |event: &Event| match event {
        Event::Refused { problem, .. } => Some(problem.clone()),
        _ => None,
    };
    sim.events(device).iter().filter_map(problem).collect()
}

/// The texts in a device's log, in their order.
pub(crate) fn page(sim: &mut Sim, device: DeviceId, channel: ChannelId) -> Vec<String> {
    let page = Command::Page {
        channel,
        before: None,
        limit: 200,
    };
    sim.command(device, page);
    sim.run_for(SECOND);
    let texts = sim
        .events(device)
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::Page { messages, .. } => Some(messages.iter().map(|m| m.text.clone()).collect()),
            _ => None,
        });
    texts.unwrap_or_default()
}
