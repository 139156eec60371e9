//! Many nodes in virtual time: the network, the server and the stores that a [`Node`] needs, emulated and repeatable.
//!
//! Everything random comes from one seed, which is printed when a test fails. Messages take a random time within the
//! network's latency; those of one socket or connection stay in order, those of different ones overtake each other.
//!
//! The signalling server is the real one's rules ([`Hub`]); a peer connection is two ends that know each other once
//! offer and answer have been exchanged.

mod device;
mod network;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    net::{IpAddr, Ipv6Addr},
    ops::RangeInclusive,
    time::Duration,
};

pub use self::network::Network;
use self::{device::Device, network::Courier};
use crate::{
    address::ChannelName,
    entropy::Entropy,
    link::{ConnectionInput, Transport},
    node::{Command, Event, Input, Output, RequestId, ServerInput, ServerKey},
    signal::{
        guard::AddressKey,
        hub::{Hub, HubOutput, Socket},
    },
    time::Millis,
};

/// How long a crashed device's neighbours take to notice the silence (ICE consent, RFC 7675).
const SILENCE_NOTICED: Duration = Duration::from_secs(6);

/// One device of a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeviceId(pub usize);

/// Each device is at home somewhere else.
fn address_of(device: DeviceId) -> AddressKey {
    IpAddr::V6(Ipv6Addr::from_bits((device.0 as u128) << 64)).into()
}

/// What is on its way.
#[derive(Debug)]
enum Happening {
    /// To a node; lost if that run of the device has ended.
    Node {
        device: DeviceId,
        run: u32,
        input: Input,
    },
    /// A WebSocket reaches the server.
    Join {
        device: DeviceId,
        run: u32,
        server: ServerKey,
        channel: ChannelName,
    },
    /// A text reaches the server.
    Text { socket: Socket, text: String },
    /// The server notices that a socket is gone.
    Leave { socket: Socket },
}

/// A happening with its time; ties go in the order they were made.
struct Appointment {
    at: Millis,
    number: u64,
    happening: Happening,
}

impl PartialEq for Appointment {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}

impl Eq for Appointment {}

impl PartialOrd for Appointment {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Appointment {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// A simulation.
pub struct Sim {
    seed: u64,
    entropy: Entropy,
    network: Network,
    now: Millis,
    agenda: BinaryHeap<Reverse<Appointment>>,
    appointments: u64,
    hub: Hub,
    server_up: bool,
    sockets: BTreeMap<Socket, (DeviceId, u32, ServerKey)>,
    last_socket: u64,
    couriers: BTreeMap<Courier, Millis>,
    devices: Vec<Device>,
    requests: u64,
}

impl Drop for Sim {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "the simulation failed with seed {} at {} ms",
                self.seed, self.now.0
            );
        }
    }
}

impl Sim {
    /// An empty world. The same seed and the same calls give the same history.
    pub fn new(seed: u64, network: Network) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let mut entropy = Entropy::from_seed(bytes);
        Self {
            seed,
            hub: Hub::new(Entropy::from_seed(entropy.bytes())),
            entropy,
            network,
            // A time of day, so that nothing depends on starting at zero.
            now: Millis(1_790_000_000_000),
            agenda: BinaryHeap::new(),
            appointments: 0,
            server_up: true,
            sockets: BTreeMap::new(),
            last_socket: 0,
            couriers: BTreeMap::new(),
            devices: Vec::new(),
            requests: 0,
        }
    }

    /// Virtual time.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// Adds a device whose member has a name.
    pub fn add(&mut self, name: &str) -> DeviceId {
        let id = DeviceId(self.devices.len());
        self.devices
            .push(Device::new(Entropy::from_seed(self.entropy.bytes())));
        self.input(id, Input::Start);
        self.command(
            id,
            Command::SetName {
                name: name.to_owned(),
            },
        );
        id
    }

    /// Gives a device a command.
    pub fn command(&mut self, device: DeviceId, command: Command) {
        self.requests += 1;
        let request = RequestId(self.requests);
        self.input(device, Input::Command { request, command });
    }

    /// All a device told its views since it was added or [`Sim::forget_events`] was called.
    pub fn events(&self, device: DeviceId) -> &[Event] {
        &self.devices[device.0].events
    }

    /// Empties the events of all devices.
    pub fn forget_events(&mut self) {
        for device in &mut self.devices {
            device.events.clear();
        }
    }

    /// How many open connections a device has.
    pub fn open_connections(&self, device: DeviceId) -> usize {
        self.devices[device.0]
            .connections
            .values()
            .filter(|connection| connection.open)
            .count()
    }

    /// Gives a device a frame as if its neighbour `from` had sent it: what a liar does.
    pub fn forge_frame(&mut self, from: DeviceId, frame: &[u8]) {
        let remotes: Vec<_> = self.devices[from.0]
            .connections
            .values()
            .filter_map(|c| c.remote.filter(|_| c.open))
            .collect();
        for (device, connection) in remotes {
            let input = Input::Connection {
                connection,
                input: ConnectionInput::Frame(frame.to_vec()),
            };
            self.deliver(device, input, Duration::ZERO);
        }
    }

    /// Ends a device at once, as `kill -9` does. Its neighbours notice by the silence, the server by the socket.
    pub fn crash(&mut self, id: DeviceId) {
        let run = self.devices[id.0].run;
        let gone = |(_, (device, of, _)): &(&Socket, &(DeviceId, u32, ServerKey))| {
            *device == id && *of == run
        };
        let sockets: Vec<Socket> = self
            .sockets
            .iter()
            .filter(gone)
            .map(|(socket, _)| *socket)
            .collect();
        for socket in sockets {
            self.sockets.remove(&socket);
            self.schedule(Duration::from_millis(1), Happening::Leave { socket });
        }
        let remotes: Vec<_> = self.devices[id.0]
            .connections
            .values()
            .filter_map(|c| c.remote)
            .collect();
        for (device, connection) in remotes {
            for (after, transport) in [(1, Transport::Disconnected), (5, Transport::Failed)] {
                let input = Input::Connection {
                    connection,
                    input: ConnectionInput::Transport(transport),
                };
                self.deliver(device, input, SILENCE_NOTICED * after);
            }
        }
        let seed = self.entropy.bytes();
        self.devices[id.0].crash(Entropy::from_seed(seed));
    }

    /// Starts a crashed device again, with the same store.
    pub fn restart(&mut self, device: DeviceId) {
        self.input(device, Input::Start);
    }

    /// Stops or starts the signalling server. Stopping cuts all its sockets.
    pub fn set_server_up(&mut self, up: bool) {
        self.server_up = up;
        if !up {
            for (socket, (device, run, server)) in std::mem::take(&mut self.sockets) {
                self.hub.leave(socket);
                let input = Input::Server {
                    server,
                    input: ServerInput::Closed,
                };
                self.schedule(
                    Duration::from_millis(1),
                    Happening::Node { device, run, input },
                );
            }
            while self.hub.poll().is_some() {}
        }
    }

    /// Lets time pass.
    pub fn run_for(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.step(end) {}
        self.now = end;
    }

    /// Lets time pass until a condition holds, or for at most `limit`; whether it held.
    pub fn run_until(&mut self, limit: Duration, condition: impl Fn(&Sim) -> bool) -> bool {
        let end = self.now + limit;
        while !condition(self) {
            if !self.step(end) {
                return condition(self);
            }
        }
        true
    }

    /// The next happening or alarm before `end`.
    fn step(&mut self, end: Millis) -> bool {
        let alarm = self
            .devices
            .iter()
            .enumerate()
            .filter_map(|(i, d)| Some((d.wake_at?, DeviceId(i))))
            .min();
        let next = self
            .agenda
            .peek()
            .map(|Reverse(appointment)| appointment.at);
        match (alarm, next) {
            (Some((at, device)), next) if at <= end && next.is_none_or(|next| at < next) => {
                self.now = self.now.max(at);
                self.devices[device.0].wake_at = None;
                self.input(device, Input::Wake);
                true
            }
            (_, Some(at)) if at <= end => {
                self.now = at;
                if let Some(Reverse(appointment)) = self.agenda.pop() {
                    self.happen(appointment.happening);
                }
                true
            }
            _ => false,
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Node { device, run, input } => {
                if self.devices[device.0].run == run {
                    self.input(device, input);
                }
            }
            Happening::Join {
                device,
                run,
                server,
                channel,
            } => {
                let input = if self.server_up {
                    self.last_socket += 1;
                    let socket = Socket(self.last_socket);
                    self.sockets.insert(socket, (device, run, server));
                    self.devices[device.0].servers.insert(server, socket);
                    self.hub
                        .join(self.now, socket, address_of(device), &channel, true);
                    ServerInput::Opened
                } else {
                    ServerInput::Closed
                };
                self.input(device, Input::Server { server, input });
                self.drain_hub();
            }
            Happening::Text { socket, text } => {
                self.hub.text(self.now, socket, &text);
                self.drain_hub();
            }
            Happening::Leave { socket } => {
                self.hub.leave(socket);
                self.drain_hub();
            }
        }
    }

    fn drain_hub(&mut self) {
        while let Some(output) = self.hub.poll() {
            let (socket, input) = match output {
                HubOutput::Send { socket, text } => (socket, ServerInput::Text(text.to_string())),
                HubOutput::Close { socket, .. } => (socket, ServerInput::Closed),
            };
            if let Some(&(device, run, server)) = self.sockets.get(&socket) {
                let input = Input::Server { server, input };
                let after = self.travel(Courier::Down(socket));
                self.schedule(after, Happening::Node { device, run, input });
            }
        }
    }

    /// Gives a node an input, and carries out what it wants.
    fn input(&mut self, id: DeviceId, input: Input) {
        self.devices[id.0].node.handle(self.now, input);
        while let Some(output) = self.devices[id.0].node.poll() {
            self.perform(id, output);
        }
    }

    fn perform(&mut self, id: DeviceId, output: Output) {
        let run = self.devices[id.0].run;
        match output {
            Output::Store { ticket, request } => {
                let result = self.devices[id.0].ask_store(request);
                // A disk takes its time, and answers in order.
                let after = self.travel(Courier::Disk(id));
                let input = Input::Stored { ticket, result };
                self.schedule(
                    after,
                    Happening::Node {
                        device: id,
                        run,
                        input,
                    },
                );
            }
            Output::OpenServer { server, url } => {
                let channel = network::channel_of(&url);
                let after = self.travel(Courier::Up(id, server));
                self.schedule(
                    after,
                    Happening::Join {
                        device: id,
                        run,
                        server,
                        channel,
                    },
                );
            }
            Output::SendServer { server, text } => {
                if let Some(&socket) = self.devices[id.0].servers.get(&server) {
                    let after = self.travel(Courier::Up(id, server));
                    self.schedule(after, Happening::Text { socket, text });
                }
            }
            Output::CloseServer { server } => {
                if let Some(socket) = self.devices[id.0].servers.remove(&server) {
                    self.sockets.remove(&socket);
                    self.schedule(Duration::from_millis(1), Happening::Leave { socket });
                }
            }
            Output::Connection { connection, output } => self.connection(id, connection, output),
            Output::WakeAt(at) => self.devices[id.0].wake_at = at,
            Output::Event(event) => self.devices[id.0].events.push(event),
        }
    }

    /// Delivers an input to whatever run of a device is alive now, after a while.
    fn deliver(&mut self, device: DeviceId, input: Input, after: Duration) {
        let run = self.devices[device.0].run;
        self.schedule(after, Happening::Node { device, run, input });
    }

    fn schedule(&mut self, after: Duration, happening: Happening) {
        self.appointments += 1;
        let appointment = Appointment {
            at: self.now + after,
            number: self.appointments,
            happening,
        };
        self.agenda.push(Reverse(appointment));
    }

    /// How long something takes that goes this way now; what goes the same way does not overtake.
    fn travel(&mut self, courier: Courier) -> Duration {
        let range: &RangeInclusive<u64> = match courier {
            Courier::Disk(_) => &self.network.disk_ms,
            _ => &self.network.latency_ms,
        };
        let (low, high) = (*range.start(), *range.end());
        let random = low + self.entropy.below((high - low + 1) as usize) as u64;
        let earliest = self.couriers.get(&courier).copied().unwrap_or_default();
        let at = (self.now + Duration::from_millis(random)).max(earliest);
        self.couriers.insert(courier, at);
        at.since(self.now)
    }
}
