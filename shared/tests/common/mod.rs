//! A simulated nest, and what its members see.
#![allow(dead_code, reason = "each test file uses some of it")]

pub(crate) mod files;
pub(crate) mod house;
pub(crate) mod music;
pub(crate) mod pair;
pub(crate) mod seeding;
pub(crate) mod sought;
pub(crate) mod tracks;

use std::{collections::BTreeMap, time::Duration};

use catnest::{
    channel::{ChannelId, ChannelKey},
    chat::retention::Retention,
    node::{ChannelView, Command, Event, Message, Problem},
    sim::{DeviceId, Network, Sim},
};

pub(crate) const NEST: &str = "webrtc://127.0.0.1/nest";
pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

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
    join_keeping(sim, device, address, Retention::Forever);
}

/// Joins, and keeps only part of the log.
pub(crate) fn join_keeping(sim: &mut Sim, device: DeviceId, address: &str, retention: Retention) {
    let address = address.into();
    sim.command(device, Command::Join { address, retention });
}

pub(crate) fn say(sim: &mut Sim, device: DeviceId, channel: ChannelId, text: &str) {
    let text = text.into();
    sim.command(device, Command::Say { channel, text });
}

/// What a device last showed of its channels, if it did.
fn last_views(sim: &Sim, device: DeviceId) -> Option<&[ChannelView]> {
    let mut events = sim.events(device).iter().rev();
    events.find_map(|event| match event {
        Event::Overview(overview) => Some(&overview.channels[..]),
        _ => None,
    })
}

/// What a device last showed of its first channel.
pub(crate) fn view(sim: &Sim, device: DeviceId) -> ChannelView {
    let view = last_views(sim, device).and_then(<[_]>::first).cloned();
    view.unwrap_or_else(|| panic!("{device:?} is in no channel, or did not show it lately"))
}

/// What a device shows of all its channels when it is asked.
pub(crate) fn views(sim: &mut Sim, device: DeviceId) -> Vec<ChannelView> {
    sim.command(device, Command::Overview);
    sim.run_for(SECOND);
    last_views(sim, device).unwrap_or_default().to_vec()
}

/// What a device shows of its first channel when it is asked.
pub(crate) fn view_now(sim: &mut Sim, device: DeviceId) -> ChannelView {
    sim.command(device, Command::Overview);
    sim.run_for(SECOND);
    view(sim, device)
}

/// The names of those whom a device shows as online, itself first.
pub(crate) fn online(sim: &Sim, device: DeviceId) -> Vec<String> {
    let members = view(sim, device).members;
    members.into_iter().map(|member| member.name).collect()
}

/// The texts that a device showed as they came, in that order.
pub(crate) fn heard(sim: &Sim, device: DeviceId) -> Vec<String> {
    let texts = |event: &Event| match event {
        Event::Message { message, .. } => vec![message.text.clone()],
        Event::Messages { messages, .. } => messages.iter().map(|m| m.text.clone()).collect(),
        _ => Vec::new(),
    };
    sim.events(device).iter().flat_map(texts).collect()
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

/// Texts in their order.
pub(crate) fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number:04}")).collect()
}

/// Somebody says so many things, two a second.
pub(crate) fn say_all(sim: &mut Sim, device: DeviceId, channel: ChannelId, texts: &[String]) {
    for text in texts {
        say(sim, device, channel, text);
        sim.run_for(Duration::from_millis(500));
    }
}

/// All texts that a device keeps, in order.
pub(crate) fn log(sim: &mut Sim, device: DeviceId, channel: ChannelId) -> Vec<String> {
    let messages = messages(sim, device, channel).into_iter();
    messages.map(|message| message.text).collect()
}

/// All messages that a device keeps, in order.
pub(crate) fn messages(sim: &mut Sim, device: DeviceId, channel: ChannelId) -> Vec<Message> {
    let mut all: Vec<Message> = Vec::new();
    let mut before = None;
    loop {
        sim.forget_events();
        let limit = 200;
        let page = Command::Page {
            channel,
            before,
            limit,
        };
        sim.command(device, page);
        sim.run_for(Duration::from_secs(1));
        let page = sim.events(device).iter().find_map(|event| match event {
            Event::Page { messages, more, .. } => Some((messages.clone(), *more)),
            _ => None,
        });
        let (messages, more) = page.unwrap_or_else(|| panic!("{device:?} was asked for a page"));
        before = messages.first().map(|message| message.place());
        all.splice(0..0, messages);
        if !more {
            return all;
        }
    }
}
