//! Many nodes in virtual time: the network, the server and the stores that a [`Node`] needs, emulated and repeatable.
//!
//! Everything random comes from one seed, which is printed when a test fails. Messages take a random time within the
//! network's latency; those of one socket or connection stay in order, those of different ones overtake each other.
//!
//! The signalling servers have the real one's rules ([`crate::signal::hub::Hub`]); a peer connection is two ends that
//! know each other once offer and answer have been exchanged. Devices may sleep, lose their paths, and lie.

mod device;
mod disk;
mod liar;
mod listener;
mod machine;
mod network;
mod reader;
mod server;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    ops::RangeInclusive,
    time::Duration,
};

use self::{
    device::Device,
    machine::Machine,
    network::Courier,
    server::{Seat, Server},
};
pub use self::{liar::Lie, machine::MachineId, network::Network, server::Relays};
use crate::{
    channel::ChannelId,
    entropy::Entropy,
    host::{FromHost, ProgramId, ToHost},
    link::{ConnectionKey, Transport},
    node::{Command, Event, Input, Notice, Output, RequestId, ServerPlace},
    signal::hub::Socket,
    time::Millis,
};

/// How long neighbours take to notice that a path is silent: what Chromium needs for "disconnected". Its "failed" comes
/// after five times as long (ICE consent, RFC 7675).
const SILENCE_NOTICED: Duration = Duration::from_secs(6);

/// One device of a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeviceId(pub usize);

/// What is on its way.
#[derive(Debug)]
enum Happening {
    /// To a node; lost if that run of the device has ended.
    Node {
        device: DeviceId,
        run: u32,
        input: Input,
    },
    /// A WebSocket reaches its server.
    Join { seat: Seat, topic: String },
    /// A text reaches the server.
    Text { socket: Socket, text: String },
    /// A path has been silent for a while.
    Silence {
        device: DeviceId,
        key: ConnectionKey,
        silence: u32,
        transport: Transport,
    },
    /// What a relay carries, it carries so long.
    RelayEnds {
        device: DeviceId,
        key: ConnectionKey,
    },
    /// A server's sign of life to a socket is due.
    Ping { socket: Socket },
    /// A program's message reaches its machine's daemon.
    Said {
        machine: MachineId,
        program: ProgramId,
        said: ToHost,
    },
    /// A daemon's message reaches a program.
    Heard {
        device: DeviceId,
        program: ProgramId,
        message: FromHost,
    },
    /// The server notices that a socket is gone.
    Leave { socket: Socket, authority: String },
}

/// A happening with its time; ties go in the order they were made.
struct Appointment {
    at: Millis,
    number: u64,
    // Boxed, since the agenda moves appointments about.
    happening: Box<Happening>,
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
    /// Who is to be woken, and when.
    alarms: BTreeSet<(Millis, DeviceId)>,
    appointments: u64,
    /// By authority. Every server that somebody names is there.
    servers: BTreeMap<String, Server>,
    sockets: BTreeMap<Socket, Seat>,
    last_socket: u64,
    seen_by_servers: String,
    couriers: BTreeMap<Courier, Millis>,
    devices: Vec<Device>,
    machines: Vec<Machine>,
    last_program: u64,
    requests: u64,
    lies: usize,
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
        Self {
            seed,
            entropy: Entropy::from_seed(bytes),
            network,
            // A time of day, so that nothing depends on starting at zero.
            now: Millis(1_790_000_000_000),
            agenda: BinaryHeap::new(),
            alarms: BTreeSet::new(),
            appointments: 0,
            servers: BTreeMap::new(),
            sockets: BTreeMap::new(),
            last_socket: 0,
            seen_by_servers: String::new(),
            couriers: BTreeMap::new(),
            devices: Vec::new(),
            machines: Vec::new(),
            last_program: 0,
            requests: 0,
            lies: 0,
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

    /// From now on a device's clock is wrong: fast by so many milliseconds, or slow.
    pub fn set_clock(&mut self, device: DeviceId, fast_by: i64) {
        self.devices[device.0].fast_by = fast_by;
        // Whatever it waited for is due at another moment.
        self.input(device, Input::Wake);
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

    /// What a device's badge shows.
    pub fn badge(&self, device: DeviceId) -> usize {
        self.devices[device.0].badge
    }

    /// The notifications that a device shows, oldest first.
    pub fn notices(&self, device: DeviceId) -> &[Notice] {
        &self.devices[device.0].notices
    }

    /// The member looks at these channels, and at no others.
    pub fn look_at(&mut self, device: DeviceId, channels: &[ChannelId]) {
        let channels = channels.iter().copied().collect();
        self.input(device, Input::LookedAt(channels));
    }

    /// How many open connections a device has.
    pub fn open_connections(&self, device: DeviceId) -> usize {
        self.devices[device.0]
            .connections
            .values()
            .filter(|connection| connection.open)
            .count()
    }

    /// How many other devices a device has open connections to.
    pub fn neighbours(&self, device: DeviceId) -> usize {
        let connections = self.devices[device.0].connections.values();
        let open = connections.filter(|connection| connection.open);
        let others: BTreeSet<DeviceId> = open
            .filter_map(|connection| Some(connection.remote?.0))
            .collect();
        others.len()
    }

    /// How many connections a device has made in this run.
    pub fn connections_made(&self, device: DeviceId) -> usize {
        self.devices[device.0].connections_made
    }

    /// Ends a device at once, as `kill -9` does. Its neighbours notice by the silence, the servers by the sockets.
    pub fn crash(&mut self, id: DeviceId) {
        self.lose_sockets(id);
        self.lose_paths(id);
        self.detach(id);
        let seed = self.entropy.bytes();
        self.set_alarm(id, |device| device.crash(Entropy::from_seed(seed)));
    }

    /// Starts a crashed device again, with the same store.
    pub fn restart(&mut self, device: DeviceId) {
        self.input(device, Input::Start);
        self.attach(device);
    }

    /// Puts a device to sleep: nothing happens in it for so long, and its sockets and paths are lost meanwhile, without
    /// anybody telling it.
    pub fn sleep(&mut self, id: DeviceId, duration: Duration) {
        self.lose_sockets(id);
        self.lose_paths(id);
        let until = self.now + duration;
        self.set_alarm(id, |device| device.asleep_until = until);
    }

    /// A device gets another network: all its sockets and paths are dead, and its system says so.
    pub fn change_network(&mut self, id: DeviceId) {
        self.lose_sockets(id);
        self.lose_paths(id);
        self.deliver(id, Input::NetworkChanged, Duration::ZERO);
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
        let alarm = self.alarms.first().copied();
        let next = self
            .agenda
            .peek()
            .map(|Reverse(appointment)| appointment.at);
        match (alarm, next) {
            (Some((at, device)), next) if at <= end && next.is_none_or(|next| at < next) => {
                self.now = self.now.max(at);
                self.set_alarm(device, |device| device.wake_at = None);
                self.input(device, Input::Wake);
                true
            }
            (_, Some(at)) if at <= end => {
                self.now = at;
                if let Some(Reverse(appointment)) = self.agenda.pop() {
                    self.happen(*appointment.happening);
                }
                true
            }
            _ => false,
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Node { device, run, input } => {
                let of = &self.devices[device.0];
                if of.run != run || of.has_closed(&input) {
                    return;
                }
                if of.asleep_until > self.now {
                    let after = of.asleep_until.since(self.now);
                    // After the alarm that it slept through.
                    let after = after + Duration::from_millis(1);
                    return self.schedule(after, Happening::Node { device, run, input });
                }
                self.input(device, input);
            }
            Happening::Silence {
                device,
                key,
                silence,
                transport,
            } => self.silence(device, key, silence, transport),
            Happening::RelayEnds { device, key } => self.relay_ends(device, key),
            Happening::Join { seat, topic } => self.join(seat, &topic),
            Happening::Said {
                machine,
                program,
                said,
            } => self.said(machine, program, said),
            Happening::Heard {
                device,
                program,
                message,
            } => self.heard(device, program, message),
            Happening::Ping { socket } => self.ping(socket),
            Happening::Text { socket, text } => self.text(socket, &text),
            Happening::Leave { socket, authority } => self.leave(socket, &authority),
        }
    }

    /// Gives a node an input, and carries out what it wants.
    fn input(&mut self, id: DeviceId, input: Input) {
        let device = &mut self.devices[id.0];
        let now = device.clock(self.now);
        device.node.handle(now, input);
        while let Some(output) = self.devices[id.0].node.poll() {
            self.perform(id, output);
        }
        self.drain_pairing(id);
    }

    fn perform(&mut self, id: DeviceId, output: Output) {
        let run = self.devices[id.0].run;
        let Some(output) = self.devices[id.0].pairing.take(output) else {
            return;
        };
        match output {
            Output::Store { ticket, request } => {
                let of = &mut self.devices[id.0];
                let fault = of.fault.as_mut().and_then(|fault| fault(&request));
                let slow = of
                    .slow
                    .as_ref()
                    .map_or(Duration::ZERO, |slow| slow(&request));
                let result = fault.map_or_else(|| of.ask_store(request), Err);
                // A disk takes its time, and answers in order but for what is slow.
                let after = self.travel(Courier::Disk(id)) + slow;
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
            Output::OpenServer { server, place } => {
                if let ServerPlace::Web(url) = place {
                    self.open_server(id, server, &url);
                }
            }
            Output::SendServer { server, text } => self.send_server(id, server, text),
            Output::CloseServer { server } => self.close_server(id, server),
            Output::Connection { connection, output } => self.connection(id, connection, output),
            Output::WakeAt(at) => self.set_alarm(id, |device| {
                device.wake_at = at.map(|shown| device.when(shown));
            }),
            Output::Event(event) => self.devices[id.0].events.push(event),
            Output::Read { read, part } => self.devices[id.0].parts.push((read, part)),
            Output::Player { output, channel } => {
                self.devices[id.0].played.push((output, channel));
            }
            Output::NowPlaying { track, .. } => {
                self.devices[id.0].now_playing = track.map(|track| *track);
            }
            Output::Badge(unread) => self.devices[id.0].badge = unread,
            Output::Notify(notice) => {
                let notices = &mut self.devices[id.0].notices;
                notices.retain(|shown| shown.channel != notice.channel);
                notices.push(notice);
            }
            Output::WithdrawNotice(channel) => {
                let notices = &mut self.devices[id.0].notices;
                notices.retain(|shown| shown.channel != channel);
            }
        }
    }

    /// Changes something in a device on which depends when it is woken.
    fn set_alarm(&mut self, id: DeviceId, change: impl FnOnce(&mut Device)) {
        let device = &mut self.devices[id.0];
        if let Some(at) = device.alarm() {
            self.alarms.remove(&(at, id));
        }
        change(device);
        if let Some(at) = device.alarm() {
            self.alarms.insert((at, id));
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
            happening: Box::new(happening),
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
