//! The emulated signalling servers: up or down, each with its own [`Hub`].

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use super::{DeviceId, Happening, Sim, network::Courier};
use crate::{
    address::ChannelName,
    entropy::Entropy,
    limits,
    node::{Input, ServerInput, ServerKey},
    signal::{
        guard::HubLimits,
        hub::{Hub, HubOutput, Socket},
        relay::Relay,
    },
};

/// What a server does when it is asked for a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relays {
    /// It gives one whose credentials last so long.
    Last(Duration),
    /// It refuses.
    Refused,
    /// It says nothing.
    Silent,
}

pub(super) struct Server {
    hub: Hub,
    up: bool,
    /// It says nothing, and takes no new sockets.
    silent: bool,
    relays: Relays,
    /// What it has passed on, and to whom.
    said: Vec<(Socket, String)>,
}

/// Whose WebSocket it is, and at which server.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    authority: String,
    device: DeviceId,
    run: u32,
    server: ServerKey,
}

/// Each device is at home somewhere else.
fn address_of(device: DeviceId) -> IpAddr {
    IpAddr::V6(Ipv6Addr::from_bits((device.0 as u128) << 64))
}

impl Sim {
    /// Stops or starts a signalling server, `127.0.0.1` for example. Stopping cuts all its sockets.
    pub fn set_server_up(&mut self, authority: &str, up: bool) {
        self.server(authority).up = up;
        if up {
            return;
        }
        let cut: Vec<(Socket, Seat)> = self
            .sockets
            .iter()
            .filter(|(_, seat)| seat.authority == authority)
            .map(|(socket, seat)| (*socket, seat.clone()))
            .collect();
        for (socket, seat) in cut {
            self.sockets.remove(&socket);
            self.server(authority).hub.leave(socket);
            self.tell(&seat, ServerInput::Closed, Duration::from_millis(1));
        }
        while self.server(authority).hub.poll().is_some() {}
    }

    /// All that servers could write down: the topics that were asked for, and what was sent.
    pub fn seen_by_servers(&self) -> &str {
        &self.seen_by_servers
    }

    fn server(&mut self, authority: &str) -> &mut Server {
        let Self {
            servers, entropy, ..
        } = self;
        servers
            .entry(authority.to_owned())
            .or_insert_with(|| Server {
                hub: Hub::new(Entropy::from_seed(entropy.bytes())),
                up: true,
                silent: false,
                relays: Relays::Silent,
                said: Vec::new(),
            })
    }

    /// What a server does when it is asked for a relay. Only one that does something before anybody is there says that it
    /// has relays.
    pub fn set_relays(&mut self, authority: &str, relays: Relays) {
        if !self.servers.contains_key(authority) {
            let limits = HubLimits {
                relays: true,
                ..HubLimits::default()
            };
            let entropy = Entropy::from_seed(self.entropy.bytes());
            self.server(authority).hub = Hub::with_limits(entropy, limits);
        }
        self.server(authority).relays = relays;
    }

    /// A server says something to a device, of its own accord.
    pub fn server_says(&mut self, authority: &str, device: DeviceId, text: &str) {
        let sockets = self.sockets.iter();
        let of =
            |(_, seat): &(&Socket, &Seat)| seat.authority == authority && seat.device == device;
        let sockets: Vec<Socket> = sockets.filter(of).map(|(socket, _)| *socket).collect();
        for socket in sockets {
            self.say(socket, ServerInput::Text(text.to_owned()));
        }
    }

    /// The server's answer to who asks for a relay.
    fn relay_asked(&mut self, authority: &str, socket: Socket) {
        match self.server(authority).relays {
            Relays::Last(lifetime) => {
                let relay = Relay {
                    urls: vec![format!("turn:{authority}:3478?transport=udp")],
                    username: format!("{}:sim", (self.now + lifetime).0),
                    credential: "open".into(),
                    ttl: lifetime.as_secs(),
                };
                self.server(authority).hub.relay(socket, relay);
            }
            Relays::Refused => {
                let refusal = r#"{"type":"norelay","reason":"not now"}"#;
                self.say(socket, ServerInput::Text(refusal.into()));
            }
            Relays::Silent => {}
        }
    }

    fn tell(&mut self, seat: &Seat, input: ServerInput, after: Duration) {
        if self.server(&seat.authority).silent {
            return;
        }
        let &Seat {
            device,
            run,
            server,
            ..
        } = seat;
        let input = Input::Server { server, input };
        self.schedule(after, Happening::Node { device, run, input });
    }

    pub(super) fn open_server(&mut self, device: DeviceId, server: ServerKey, url: &str) {
        let (authority, topic) = parts(url);
        let run = self.devices[device.0].run;
        let after = self.travel(Courier::Up(device, server));
        let seat = Seat {
            authority,
            device,
            run,
            server,
        };
        self.schedule(after, Happening::Join { seat, topic });
    }

    pub(super) fn join(&mut self, seat: Seat, topic: &str) {
        if self.server(&seat.authority).silent {
            return;
        }
        if !self.server(&seat.authority).up {
            return self.tell(&seat, ServerInput::Closed, Duration::ZERO);
        }
        if self.devices[seat.device.0].run != seat.run {
            return;
        }
        self.seen_by_servers.push_str(topic);
        self.last_socket += 1;
        let socket = Socket(self.last_socket);
        self.devices[seat.device.0]
            .servers
            .insert(seat.server, socket);
        self.sockets.insert(socket, seat.clone());
        let after = self.travel(Courier::Down(socket));
        self.tell(&seat, ServerInput::Opened, after);
        #[expect(
            clippy::unwrap_used,
            reason = "the node made the URL from a channel name"
        )]
        let channel = ChannelName::from_path_segment(topic).unwrap();
        let (now, address) = (self.now, address_of(seat.device));
        self.server(&seat.authority)
            .hub
            .join(now, socket, address, &channel, true);
        self.drain_hub(&seat.authority);
        self.schedule(limits::SERVER_PING, Happening::Ping { socket });
    }

    /// The server gives a sign of life, as its driver does.
    pub(super) fn ping(&mut self, socket: Socket) {
        if let Some(seat) = self.sockets.get(&socket).cloned() {
            self.server(&seat.authority).hub.ping(socket);
            self.drain_hub(&seat.authority);
            self.schedule(limits::SERVER_PING, Happening::Ping { socket });
        }
    }

    /// A server falls silent, or speaks again, without any of its sockets being closed.
    pub fn set_server_silent(&mut self, authority: &str, silent: bool) {
        self.server(authority).silent = silent;
    }

    pub(super) fn send_server(&mut self, id: DeviceId, server: ServerKey, text: String) {
        if let Some(&socket) = self.devices[id.0].servers.get(&server) {
            for text in self.lie_to_server(id, text) {
                let after = self.travel(Courier::Up(id, server));
                self.schedule(after, Happening::Text { socket, text });
            }
        }
    }

    pub(super) fn close_server(&mut self, id: DeviceId, server: ServerKey) {
        if let Some(socket) = self.devices[id.0].servers.remove(&server) {
            self.lose_socket(socket);
        }
    }

    pub(super) fn text(&mut self, socket: Socket, text: &str) {
        if let Some(seat) = self.sockets.get(&socket) {
            self.seen_by_servers.push_str(text);
            let authority = seat.authority.clone();
            let now = self.now;
            self.server(&authority).hub.text(now, socket, text);
            self.drain_hub(&authority);
        }
    }

    pub(super) fn leave(&mut self, socket: Socket, authority: &str) {
        self.server(authority).hub.leave(socket);
        self.drain_hub(authority);
    }

    /// All sockets of a device's present run are gone. The servers notice; the device is not told.
    pub(super) fn lose_sockets(&mut self, device: DeviceId) {
        let lost: Vec<Socket> = self
            .sockets
            .iter()
            .filter(|(_, seat)| seat.device == device)
            .map(|(socket, _)| *socket)
            .collect();
        for socket in lost {
            self.lose_socket(socket);
        }
    }

    fn lose_socket(&mut self, socket: Socket) {
        if let Some(Seat { authority, .. }) = self.sockets.remove(&socket) {
            let leave = Happening::Leave { socket, authority };
            self.schedule(Duration::from_millis(1), leave);
        }
    }

    fn drain_hub(&mut self, authority: &str) {
        while let Some(output) = self.server(authority).hub.poll() {
            let (socket, input) = match output {
                HubOutput::Send { socket, text } => (socket, ServerInput::Text(text.to_string())),
                HubOutput::Close { socket, .. } => (socket, ServerInput::Closed),
                HubOutput::Relay { socket, .. } => {
                    self.relay_asked(authority, socket);
                    continue;
                }
            };
            if let ServerInput::Text(text) = &input {
                self.server(authority).said.push((socket, text.clone()));
            }
            self.say(socket, input);
        }
    }

    fn say(&mut self, socket: Socket, input: ServerInput) {
        if let Some(seat) = self.sockets.get(&socket).cloned() {
            let after = self.travel(Courier::Down(socket));
            self.tell(&seat, input, after);
        }
    }

    /// A server says again what it has ever said to sockets that are still open.
    pub fn repeat_all(&mut self, authority: &str) {
        for (socket, text) in self.server(authority).said.clone() {
            self.say(socket, ServerInput::Text(text));
        }
    }
}

/// The authority and the topic of a signalling URL.
fn parts(url: &str) -> (String, String) {
    let mut parts = url.rsplit('/');
    let topic = parts.next().unwrap_or_default().to_owned();
    // `/webrtc/` stands between them.
    let authority = parts.nth(1).unwrap_or_default().to_owned();
    (authority, topic)
}
