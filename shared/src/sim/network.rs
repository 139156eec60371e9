//! The emulated network: how long things take, and peer connections that are nothing but two ends.

use std::{ops::RangeInclusive, time::Duration};

use super::{DeviceId, Sim, device::Connection};
use crate::{
    address::ChannelName,
    link::{ConnectionInput, ConnectionKey, ConnectionOutput, DescriptionKind},
    node::{Input, ServerKey},
    signal::{hub::Socket, message::Sdp},
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

/// A way on which nothing overtakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Courier {
    /// From a device to a server.
    Up(DeviceId, ServerKey),
    /// From the server to a socket.
    Down(Socket),
    /// To the other end of a connection.
    Across(DeviceId, ConnectionKey),
    /// To a device's disk and back.
    Disk(DeviceId),
}

/// The channel at the end of a signalling URL.
pub(super) fn channel_of(url: &str) -> ChannelName {
    let segment = url.rsplit('/').next().unwrap_or_default();
    #[expect(
        clippy::unwrap_used,
        reason = "the node made the URL from a channel name"
    )]
    ChannelName::from_path_segment(segment).unwrap()
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

impl Sim {
    pub(super) fn connection(
        &mut self,
        id: DeviceId,
        key: ConnectionKey,
        output: ConnectionOutput,
    ) {
        if output == ConnectionOutput::Open {
            let fingerprint = self.entropy.bytes();
            let connection = Connection {
                fingerprint,
                remote: None,
                open: false,
            };
            self.devices[id.0].connections.insert(key, connection);
            return;
        }
        let Some(connection) = self.devices[id.0].connections.get_mut(&key) else {
            return;
        };
        match output {
            ConnectionOutput::Open | ConnectionOutput::AddCandidate(_) => {}
            ConnectionOutput::Offer { .. } => {
                let sdp = describe(&connection.fingerprint, id, key);
                self.described(id, key, DescriptionKind::Offer, sdp);
            }
            ConnectionOutput::AcceptOffer(sdp) => {
                connection.remote = read_description(&sdp);
                let sdp = describe(&connection.fingerprint, id, key);
                self.described(id, key, DescriptionKind::Answer, sdp);
            }
            ConnectionOutput::AcceptAnswer(sdp) => {
                connection.remote = read_description(&sdp);
                let remote = connection.remote;
                self.open_both((id, key), remote);
            }
            ConnectionOutput::Send(frame) => {
                let Some((device, connection)) = connection.remote else {
                    return;
                };
                let after = self.travel(Courier::Across(id, key));
                let input = Input::Connection {
                    connection,
                    input: ConnectionInput::Frame(frame),
                };
                self.deliver(device, input, after);
                let drained = Input::Connection {
                    connection: key,
                    input: ConnectionInput::Buffered(0),
                };
                self.deliver(id, drained, Duration::ZERO);
            }
            ConnectionOutput::Close => {
                let remote = self.devices[id.0]
                    .connections
                    .remove(&key)
                    .and_then(|c| c.remote);
                if let Some((device, connection)) = remote {
                    let after = self.travel(Courier::Across(id, key));
                    let input = Input::Connection {
                        connection,
                        input: ConnectionInput::Closed,
                    };
                    self.deliver(device, input, after);
                }
            }
        }
    }

    fn described(&mut self, id: DeviceId, key: ConnectionKey, kind: DescriptionKind, sdp: Sdp) {
        let input = ConnectionInput::LocalDescription { kind, sdp };
        self.deliver(
            id,
            Input::Connection {
                connection: key,
                input,
            },
            Duration::from_millis(1),
        );
    }

    /// Offer and answer are exchanged: the channel opens at both ends.
    fn open_both(
        &mut self,
        one: (DeviceId, ConnectionKey),
        other: Option<(DeviceId, ConnectionKey)>,
    ) {
        let after = self.travel(Courier::Across(one.0, one.1));
        for (device, key) in [Some(one), other].into_iter().flatten() {
            let Some(connection) = self.devices[device.0].connections.get_mut(&key) else {
                continue;
            };
            if !std::mem::replace(&mut connection.open, true) {
                let input = Input::Connection {
                    connection: key,
                    input: ConnectionInput::Opened,
                };
                self.deliver(device, input, after);
            }
        }
    }
}
