//! Devices that lie: what a changed client could put on its links and say to its servers.

use std::time::Duration;

use super::{DeviceId, Sim};
use crate::{
    channel::ChannelId,
    chat::record::Record,
    limits,
    link::ConnectionInput,
    node::ServerKey,
    swarm::Message,
    time::Millis,
    wire::{Frame, VERSION},
};

/// What a liar does with one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// It is not sent: nobody can tell.
    Drop,
    /// One bit is another.
    Corrupt,
    /// It ends too soon.
    Truncate,
    /// More than a frame holds.
    Oversize,
    /// What was sent before is sent again.
    Replay,
    /// The same, without end.
    Flood,
    /// A record of another channel.
    ForeignChannel,
    /// A record from days ahead.
    Early,
    /// A record from years ago.
    Late,
    /// A packet of a file with other bytes.
    Pieces,
}

impl Lie {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Drop,
        Self::Corrupt,
        Self::Truncate,
        Self::Oversize,
        Self::Replay,
        Self::Flood,
        Self::ForeignChannel,
        Self::Early,
        Self::Late,
        Self::Pieces,
    ];
}

/// A liar's habits.
pub(super) struct Liar {
    lies: Vec<Lie>,
    /// How many of a hundred frames and messages are lies.
    percent: usize,
    channel: ChannelId,
    /// What was sent before.
    sent: Vec<Vec<u8>>,
}

/// What a liar says to servers, for them to pass on.
const GARBAGE: [&str; 7] = [
    "",
    "{",
    r#"{"offer":{}}"#,
    r#"{"offer":{"type":"offer","sdp":""},"connection":"x"}"#,
    r#"{"offer":{"type":"offer","sdp":"v=0"},"connection":"y"}"#,
    r#"{"type":"push","id":"me","channel":"nest"}"#,
    concat!(
        r#"{"offer":{"type":"offer","sdp":"v=0\r\ns=catnest-pipe 1\r\na=fingerprint:sha-256 "#,
        "AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA",
        r#"\r\n"},"connection":"z"}"#
    ),
];

impl Sim {
    /// Makes a device a liar, in one channel, from now on.
    pub fn make_liar(&mut self, id: DeviceId, channel: ChannelId, lies: &[Lie], percent: usize) {
        self.devices[id.0].liar = Some(Liar {
            lies: lies.to_vec(),
            percent,
            channel,
            sent: Vec::new(),
        });
    }

    /// How many frames have been lies.
    pub fn lies(&self) -> usize {
        self.lies
    }

    /// Puts a frame on all links of a device, whatever its node does.
    pub fn forge_frame(&mut self, from: DeviceId, frame: &[u8]) {
        let remotes: Vec<_> = self.devices[from.0]
            .connections
            .values()
            .filter_map(|c| c.remote.filter(|_| c.open))
            .collect();
        for (device, connection) in remotes {
            let input = ConnectionInput::Frame(frame.to_vec());
            self.tell_connection(device, connection, input, Duration::ZERO);
        }
    }

    /// Says something on all servers that a device is on, whatever its node does.
    pub fn say_to_servers(&mut self, from: DeviceId, text: &str) {
        let servers: Vec<ServerKey> = self.devices[from.0].servers.keys().copied().collect();
        for server in servers {
            self.send_server(from, server, text.to_owned());
        }
    }

    /// A record that a device signs for a channel, with a time of the test's choice.
    pub fn forge_record(
        &self,
        by: DeviceId,
        channel: ChannelId,
        time: Millis,
        text: &str,
    ) -> Vec<u8> {
        let device = &self.devices[by.0];
        device.seed().map_or_else(Vec::new, |seed| {
            Record::write(&seed.author_key(channel), channel, time, "liar", text).bytes
        })
    }

    /// What goes out instead of a frame.
    pub(super) fn lie_to_peer(&mut self, id: DeviceId, frame: Vec<u8>) -> Vec<Vec<u8>> {
        let now = self.now;
        let entropy = &mut self.entropy;
        let device = &mut self.devices[id.0];
        let Some(seed) = device.liar.as_ref().and_then(|_| device.seed()) else {
            return vec![frame];
        };
        let Some(liar) = &mut device.liar else {
            return vec![frame];
        };
        if liar.sent.len() < 100 {
            liar.sent.push(frame.clone());
        }
        if entropy.below(100) >= liar.percent {
            return vec![frame];
        }
        self.lies += 1;
        let lie = liar.lies[entropy.below(liar.lies.len())];
        let mut record = |channel, time| {
            let text = entropy.id();
            let record = Record::write(&seed.author_key(channel), channel, time, "liar", &text);
            Frame::Record(record.bytes).encode()
        };
        match lie {
            Lie::Drop => vec![],
            Lie::Corrupt => {
                let mut frame = frame;
                let at = entropy.below(frame.len());
                frame[at] ^= 1 << entropy.below(8);
                vec![frame]
            }
            Lie::Truncate => {
                let mut frame = frame;
                frame.truncate(entropy.below(frame.len()));
                vec![frame]
            }
            Lie::Oversize => vec![vec![VERSION; limits::MAX_FRAME_BYTES + 1]],
            Lie::Replay => {
                let again = liar.sent[entropy.below(liar.sent.len())].clone();
                vec![again, frame]
            }
            Lie::Flood => vec![frame; 1500],
            Lie::ForeignChannel => vec![record(ChannelId([9; 32]), now)],
            Lie::Early => {
                let time = now + Duration::from_secs(5 * 86_400);
                vec![record(liar.channel, time), frame]
            }
            Lie::Late => vec![record(liar.channel, Millis(1)), frame],
            Lie::Pieces => {
                let mut frame = frame;
                if let Ok(Frame::Resource(Message::Packet(_))) = Frame::decode(&frame)
                    && let Some(last) = frame.last_mut()
                {
                    *last ^= 1;
                }
                vec![frame]
            }
        }
    }

    /// What a server hears instead of a text.
    pub(super) fn lie_to_server(&mut self, id: DeviceId, text: String) -> Vec<String> {
        let Some(liar) = &self.devices[id.0].liar else {
            return vec![text];
        };
        if self.entropy.below(100) >= liar.percent {
            return vec![text];
        }
        let garbage = GARBAGE[self.entropy.below(GARBAGE.len())];
        vec![garbage.to_owned(), text]
    }
}
