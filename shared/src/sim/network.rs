//! The emulated network: how long things take, and peer connections that are nothing but two ends.

use std::{collections::BTreeSet, ops::RangeInclusive, time::Duration};

use super::{DeviceId, Happening, SILENCE_NOTICED, Sim, device::Connection};
use crate::{
    host::ProgramId,
    link::{
        ConnectionInput, ConnectionKey, ConnectionOutput, DescriptionKind, Path, Stream, Transport,
    },
    node::{Input, ServerKey},
    signal::{hub::Socket, message::Sdp, relay::Relay},
    time::Millis,
};

/// What the network is like.
#[derive(Clone, Debug)]
pub struct Network {
    /// How long a message takes, in milliseconds.
    pub latency_ms: RangeInclusive<u64>,
    /// How long a store request takes, in milliseconds.
    pub disk_ms: RangeInclusive<u64>,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            latency_ms: 5..=120,
            disk_ms: 0..=10,
        }
    }
}

/// Enough to find one of each kind.
const FRAMES_REMEMBERED: usize = 100;

/// A way on which nothing overtakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Courier {
    /// From a device to a server.
    Up(DeviceId, ServerKey),
    /// From the server to a socket.
    Down(Socket),
    /// To the other end of a connection.
    Across(DeviceId, ConnectionKey, Stream),
    /// From a program to its machine's daemon.
    ToDaemon(ProgramId),
    /// From there to the program.
    FromDaemon(ProgramId),
    /// To a device's disk and back.
    Disk(DeviceId),
}

/// A description that holds what the emulation needs: the certificate, and which end of which device made it.
fn describe(fingerprint: &[u8; 32], device: DeviceId, key: ConnectionKey) -> Sdp {
    let hex: Vec<String> = fingerprint
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    Sdp(format!(
        "v=0\r\na=fingerprint:sha-256 {}\r\na=sim:{} {}\r\n",
        hex.join(":"),
        device.0,
        key.0
    ))
}

/// Which end a description is of, as it says.
fn read_description(sdp: &Sdp) -> Option<(DeviceId, ConnectionKey)> {
    let (device, key) = sdp
        .0
        .lines()
        .find_map(|line| line.strip_prefix("a=sim:"))?
        .split_once(' ')?;
    Some((
        DeviceId(device.parse().ok()?),
        ConnectionKey(key.parse().ok()?),
    ))
}

/// The two ends of a connection.
type Ends = [(DeviceId, ConnectionKey); 2];

impl Sim {
    pub(super) fn connection(
        &mut self,
        id: DeviceId,
        key: ConnectionKey,
        output: ConnectionOutput,
    ) {
        if let ConnectionOutput::Open { .. } = output {
            let fingerprint = self.entropy.bytes();
            let connection = Connection {
                fingerprint,
                remote: None,
                open: false,
                path: true,
                relay: None,
                described_relay: None,
                relayed: None,
                silences: 0,
                frames: 0,
                held: Vec::new(),
            };
            self.devices[id.0].connections_made += 1;
            self.devices[id.0].connections.insert(key, connection);
            return;
        }
        let described = match &output {
            ConnectionOutput::AcceptOffer(sdp) | ConnectionOutput::AcceptAnswer(sdp) => {
                self.end_of(sdp)
            }
            _ => None,
        };
        let now = self.now;
        let Some(connection) = self.devices[id.0].connections.get_mut(&key) else {
            return;
        };
        match output {
            ConnectionOutput::Open { .. } | ConnectionOutput::AddCandidate(_) => {}
            ConnectionOutput::UseRelay(relay) => connection.relay = lasts_until(&relay),
            ConnectionOutput::Offer { .. } => {
                connection.describe_relay(now);
                let sdp = describe(&connection.fingerprint, id, key);
                self.described(id, key, DescriptionKind::Offer, sdp);
            }
            ConnectionOutput::AcceptOffer(_) => {
                connection.remote = described;
                connection.describe_relay(now);
                let sdp = describe(&connection.fingerprint, id, key);
                self.described(id, key, DescriptionKind::Answer, sdp);
            }
            ConnectionOutput::AcceptAnswer(_) => {
                connection.remote = described;
                if let Some(other) = described {
                    self.open_both((id, key), other);
                }
            }
            ConnectionOutput::Send { stream, frame } => {
                connection.frames += 1;
                for frame in self.lie_to_peer(id, frame) {
                    self.send(id, key, stream, frame);
                }
                self.report(id, key, stream);
            }
            ConnectionOutput::Measure => {
                if connection.remote.is_some() {
                    let relayed = connection.relayed.is_some();
                    let there = self.travel(Courier::Across(id, key, Stream::CONTROL));
                    let back = self.travel(Courier::Across(id, key, Stream::CONTROL));
                    let round_trip = there + back;
                    let path = Path {
                        relayed,
                        round_trip_ms: u32::try_from(round_trip.as_millis()).ok(),
                    };
                    let measured = ConnectionInput::Measured(path);
                    self.tell_connection(id, key, measured, round_trip);
                }
            }
            ConnectionOutput::Close => {
                let remote = self.devices[id.0]
                    .connections
                    .remove(&key)
                    // What was never open has no way to say that it closes.
                    .filter(|connection| connection.open)
                    .and_then(|connection| connection.remote);
                if let Some((device, connection)) = remote {
                    let after = self.travel(Courier::Across(id, key, Stream::CONTROL));
                    self.tell_connection(device, connection, ConnectionInput::Closed, after);
                }
            }
        }
    }

    /// The end that a description is of, if it has that certificate: DTLS takes no other.
    fn end_of(&self, sdp: &Sdp) -> Option<(DeviceId, ConnectionKey)> {
        let (device, key) = read_description(sdp)?;
        let end = self.devices.get(device.0)?.connections.get(&key)?;
        (sdp.fingerprint() == Some(end.fingerprint)).then_some((device, key))
    }

    fn send(&mut self, id: DeviceId, key: ConnectionKey, stream: Stream, frame: Vec<u8>) {
        let Some(connection) = self.devices[id.0].connections.get_mut(&key) else {
            return;
        };
        let Some((to, remote)) = connection.remote else {
            return;
        };
        let deaf = self.devices[to.0].deaf;
        let heard = &mut self.devices[to.0].frames_heard;
        if heard.len() < FRAMES_REMEMBERED {
            heard.push(frame.clone());
        }
        let Some(connection) = self.devices[id.0].connections.get_mut(&key) else {
            return;
        };
        if connection.path && !deaf {
            let after = self.travel(Courier::Across(id, key, stream));
            self.tell_connection(to, remote, ConnectionInput::Frame(frame), after);
        } else {
            connection.held.push((stream, frame));
        }
    }

    /// Tells a device how much waits in one of its connections.
    fn report(&mut self, id: DeviceId, key: ConnectionKey, stream: Stream) {
        let Some(connection) = self.devices[id.0].connections.get(&key) else {
            return;
        };
        if connection.remote.is_some() {
            let held = connection.held.iter().filter(|held| held.0 == stream);
            let bytes = held.map(|(_, frame)| frame.len()).sum();
            let input = ConnectionInput::Buffered { stream, bytes };
            self.tell_connection(id, key, input, Duration::ZERO);
        }
    }

    pub(super) fn tell_connection(
        &mut self,
        device: DeviceId,
        connection: ConnectionKey,
        input: ConnectionInput,
        after: Duration,
    ) {
        self.deliver(device, Input::Connection { connection, input }, after);
    }

    fn ends_of(&self, id: DeviceId) -> Vec<Ends> {
        self.devices[id.0]
            .connections
            .iter()
            .filter_map(|(key, connection)| Some([(id, *key), connection.remote?]))
            .collect()
    }

    /// Nothing gets through a device's connections any more, and nobody says so. Both ends notice the silence.
    pub fn lose_paths(&mut self, id: DeviceId) {
        for ends in self.ends_of(id) {
            self.lose_path(ends);
        }
    }

    /// As [`Sim::lose_paths`], for one of the connections between two devices only: the oldest is number 0.
    pub fn lose_path_of(&mut self, one: DeviceId, other: DeviceId, number: usize) {
        if let Some(&ends) = self.between(one, other).get(number) {
            self.lose_path(ends);
        }
    }

    /// These devices are on an island from now on: nothing gets from there to the others but what servers pass on.
    pub fn divide(&mut self, island: &[DeviceId]) {
        for device in island {
            self.devices[device.0].island = 1;
        }
        for id in island {
            let ends = self.ends_of(*id).into_iter();
            for ends in ends.filter(|[_, (other, _)]| !island.contains(other)) {
                self.lose_path(ends);
            }
        }
    }

    /// There are no islands any more. Connections that are made now hold; those that were lost stay so.
    pub fn unite(&mut self) {
        for device in &mut self.devices {
            device.island = 0;
        }
    }

    fn lose_path(&mut self, ends: Ends) {
        for (device, key) in ends {
            let Some(connection) = self.devices[device.0].connections.get_mut(&key) else {
                continue;
            };
            connection.path = false;
            connection.silences += 1;
            let silence = connection.silences;
            // Each end notices for itself.
            let late = Duration::from_millis(self.entropy.below(1000) as u64);
            for (after, transport) in [(1, Transport::Disconnected), (5, Transport::Failed)] {
                let silence = Happening::Silence {
                    device,
                    key,
                    silence,
                    transport,
                };
                self.schedule(SILENCE_NOTICED * after + late, silence);
            }
        }
    }

    /// A silence lasted: if it is still the same one, the connection's end says so.
    pub(super) fn silence(
        &mut self,
        device: DeviceId,
        key: ConnectionKey,
        silence: u32,
        transport: Transport,
    ) {
        let same = |c: &Connection| c.silences == silence && !c.path;
        if self.devices[device.0]
            .connections
            .get(&key)
            .is_some_and(same)
        {
            let input = ConnectionInput::Transport(transport);
            self.tell_connection(device, key, input, Duration::ZERO);
        }
    }

    /// The open connections between two devices, oldest first.
    fn between(&self, one: DeviceId, other: DeviceId) -> Vec<Ends> {
        let open = |ends: &Ends| self.devices[one.0].connections[&ends[0].1].open;
        let mut all = self.ends_of(one);
        all.retain(|ends| ends[1].0 == other && open(ends));
        all
    }

    /// How many frames a device has put on each of its open connections to another, oldest connection first.
    pub fn frames_sent(&self, from: DeviceId, to: DeviceId) -> Vec<usize> {
        let between = self.between(from, to).into_iter();
        between
            .map(|ends| self.devices[from.0].connections[&ends[0].1].frames)
            .collect()
    }

    /// All connections between two devices are closed under their links; what was on its way is lost.
    pub fn cut(&mut self, one: DeviceId, other: DeviceId) {
        for ends in self.ends_of(one) {
            if ends[1].0 == other {
                self.cut_ends(ends);
            }
        }
    }

    /// As [`Sim::cut`], for one of the connections only: the oldest is number 0.
    pub fn cut_connection(&mut self, one: DeviceId, other: DeviceId, number: usize) {
        if let Some(&ends) = self.between(one, other).get(number) {
            self.cut_ends(ends);
        }
    }

    fn cut_ends(&mut self, ends: Ends) {
        for (device, key) in ends {
            self.devices[device.0].connections.remove(&key);
            self.tell_connection(device, key, ConnectionInput::Closed, Duration::ZERO);
        }
    }

    /// From now on a device takes nothing off its connections, and they do not die of it.
    pub fn stop_reading(&mut self, id: DeviceId) {
        self.devices[id.0].deaf = true;
    }

    /// The first frames that were sent to a device: what it could replay.
    pub fn frames_heard(&self, id: DeviceId) -> Vec<Vec<u8>> {
        self.devices[id.0].frames_heard.clone()
    }

    /// Bytes that a device's connections have taken and not yet got rid of.
    pub fn held_bytes(&self, id: DeviceId) -> usize {
        let connections = self.devices[id.0].connections.values();
        connections
            .flat_map(|c| &c.held)
            .map(|(_, frame)| frame.len())
            .sum()
    }

    fn described(&mut self, id: DeviceId, key: ConnectionKey, kind: DescriptionKind, sdp: Sdp) {
        let input = ConnectionInput::LocalDescription { kind, sdp };
        self.tell_connection(id, key, input, Duration::from_millis(1));
    }

    /// Offer and answer are exchanged: the channel opens at both ends.
    fn open_both(&mut self, one: (DeviceId, ConnectionKey), other: (DeviceId, ConnectionKey)) {
        let relayed = if self.devices[one.0.0].island == self.devices[other.0.0].island {
            None
        } else {
            // What one end has a relay for, both ends can use.
            let ends =
                [one, other].map(|(device, key)| self.devices[device.0].connections.get(&key));
            let relays = ends
                .into_iter()
                .flatten()
                .filter_map(|end| end.described_relay);
            let Some(until) = relays.max() else { return };
            Some(until)
        };
        let end = self.devices[other.0.0].connections.get(&other.1);
        if end.is_none_or(|end| end.remote != Some(one)) {
            return;
        }
        let after = self.travel(Courier::Across(one.0, one.1, Stream::CONTROL));
        for (device, key) in [one, other] {
            let Some(connection) = self.devices[device.0].connections.get_mut(&key) else {
                continue;
            };
            let held = std::mem::take(&mut connection.held);
            let opens = !std::mem::replace(&mut connection.open, true);
            let found = !std::mem::replace(&mut connection.path, true);
            connection.relayed = relayed;
            if opens {
                self.tell_connection(device, key, ConnectionInput::Opened, after);
            } else if found {
                let input = ConnectionInput::Transport(Transport::Connected);
                self.tell_connection(device, key, input, after);
            }
            let streams: BTreeSet<Stream> = held.iter().map(|(stream, _)| *stream).collect();
            for (stream, frame) in held {
                self.send(device, key, stream, frame);
            }
            for stream in streams {
                self.report(device, key, stream);
            }
        }
        if let Some(until) = relayed {
            let (device, key) = one;
            let ends = Happening::RelayEnds { device, key };
            self.schedule(until.since(self.now), ends);
        }
    }

    /// A relay's credentials have ended: it carries nothing any more, unless there were new ones in time.
    pub(super) fn relay_ends(&mut self, device: DeviceId, key: ConnectionKey) {
        let connection = self.devices[device.0].connections.get(&key);
        let Some(connection) = connection.filter(|connection| {
            connection.path && connection.relayed.is_some_and(|until| until <= self.now)
        }) else {
            return;
        };
        if let Some(remote) = connection.remote {
            self.lose_path([(device, key), remote]);
        }
    }
}

/// Until when a relay can be used, as its server knows.
fn lasts_until(relay: &Relay) -> Option<Millis> {
    let (until, _) = relay.username.split_once(':')?;
    Some(Millis(until.parse().ok()?))
}

impl Connection {
    /// The relay that it has is named in a description, if it can still be used.
    fn describe_relay(&mut self, now: Millis) {
        self.described_relay = self.relay.filter(|until| *until > now);
    }
}
