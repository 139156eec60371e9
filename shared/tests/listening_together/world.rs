//! Devices that listen together, in virtual time: each with a clock of its own, an `<audio>` element that takes its time,
//! and paths between them that are slow, uneven and lossy.

use std::collections::BTreeSet;

use catnest::{
    entropy::Entropy,
    identity::Author,
    music::{
        TrackTime,
        player::{Fact, Intent, LoadKey, Player, PlayerOutput, Report},
        together::{Leaving, Part, Together, TogetherOutput, message::Message},
    },
    resource::ResourceId,
    time::Millis,
    wire::{Run, Session},
};

/// Each track is so long.
pub(crate) const LENGTH: u64 = 200_000;

pub(crate) fn track(n: u8) -> ResourceId {
    ResourceId([n; 32])
}

/// How far apart those are of whom some are quiet.
const SILENT: u64 = 1_000;

/// How messages travel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    /// The least that a message takes, in milliseconds.
    pub(crate) latency: u64,
    /// What it takes longer, at most, mostly much less.
    pub(crate) jitter: u64,
    /// How many of a hundred are lost.
    pub(crate) loss: usize,
}

impl Path {
    pub(crate) const HOME: Self = Self {
        latency: 2,
        jitter: 10,
        loss: 0,
    };
    pub(crate) const FAR: Self = Self {
        latency: 60,
        jitter: 40,
        loss: 1,
    };
    pub(crate) const POOR: Self = Self {
        latency: 90,
        jitter: 120,
        loss: 8,
    };
}

/// What an element does, and when it has happened.
#[derive(Clone, Copy, Debug)]
enum Step {
    Metadata,
    Sound,
    Arrived,
    Paused,
}

/// A media element, as browsers have them.
#[derive(Default)]
pub(crate) struct Element {
    key: Option<LoadKey>,
    pub(crate) resource: Option<ResourceId>,
    known: bool,
    /// Between `play()` and `pause()`.
    unpaused: bool,
    pub(crate) sounds: bool,
    seeking: bool,
    /// In nanoseconds.
    position: u64,
    speed: u64,
    due: Vec<(u64, LoadKey, Step)>,
    told: u64,
    pub(crate) seeks: u32,
    pub(crate) loads: u32,
    /// Nobody has clicked in the page.
    pub(crate) refuses: bool,
}

impl Element {
    pub(crate) fn milliseconds(&self) -> u64 {
        self.position / 1_000_000
    }
}

pub(crate) struct Device {
    pub(crate) run: Run,
    pub(crate) player: Player,
    pub(crate) together: Together,
    pub(crate) element: Element,
    /// Its clock is so much early or late, in milliseconds…
    offset: i64,
    /// …and so much too fast, in millionths; its sound card as much too slow.
    drift: i64,
    /// The tracks whose bytes are not here.
    pub(crate) lacks: BTreeSet<ResourceId>,
    pub(crate) left: Vec<Leaving>,
    pub(crate) blocks: BTreeSet<Run>,
    /// Messages from and to it are lost.
    pub(crate) cut_off: bool,
    pub(crate) sent: Vec<Message>,
}

pub(crate) struct World {
    pub(crate) now: u64,
    pub(crate) path: Path,
    pub(crate) devices: Vec<Device>,
    entropy: Entropy,
    flying: Vec<(u64, usize, usize, Vec<u8>)>,
    /// How far apart the elements of all that sound are, each 20 ms.
    pub(crate) spreads: Vec<u64>,
}

impl World {
    pub(crate) fn new(seed: u64, devices: usize, path: Path) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let mut entropy = Entropy::from_seed(bytes);
        let devices = (0..devices).map(|n| device(n, &mut entropy)).collect();
        let mut world = Self {
            now: 10_000_000,
            path,
            devices,
            entropy,
            flying: Vec::new(),
            spreads: Vec::new(),
        };
        (0..world.devices.len()).for_each(|index| world.drain(index));
        world
    }

    /// What a device's clock shows.
    pub(crate) fn clock(&self, index: usize) -> Millis {
        let device = &self.devices[index];
        let drifted = self.now as i64 + self.now as i64 * device.drift / 1_000_000;
        Millis((drifted + device.offset) as u64)
    }

    pub(crate) fn person(&mut self, index: usize, intent: Intent) {
        let now = self.clock(index);
        let passes = self.devices[index].together.person(now, &intent);
        self.drain(index);
        if passes {
            self.devices[index].player.intent(now, intent, &|_| true);
            self.drain(index);
        }
    }

    pub(crate) fn lead(&mut self, index: usize) {
        let now = self.clock(index);
        self.devices[index].together.lead(now);
        self.drain(index);
    }

    pub(crate) fn follow(&mut self, index: usize, leader: usize) -> bool {
        let now = self.clock(index);
        let leader = self.devices[leader].run;
        let done = self.devices[index].together.follow(now, leader);
        self.drain(index);
        done
    }

    pub(crate) fn leave(&mut self, index: usize) {
        self.devices[index].together.leave();
        self.drain(index);
    }

    pub(crate) fn block(&mut self, index: usize, other: usize) {
        let run = self.devices[other].run;
        let device = &mut self.devices[index];
        device.blocks.insert(run);
        let blocks = device.blocks.clone();
        device.together.blocked(&|run| blocks.contains(run));
        self.drain(index);
    }

    /// A message as if from another device.
    pub(crate) fn forge(&mut self, from: usize, to: usize, message: Message) {
        let bytes = message.to_bytes();
        self.flying.push((self.now, from, to, bytes));
    }

    pub(crate) fn part(&self, index: usize) -> Part {
        self.devices[index].together.view().part
    }

    /// Whom a device follows.
    pub(crate) fn follows(&self, index: usize, leader: usize) -> bool {
        self.part(index) == Part::Follows(self.devices[leader].run)
    }

    /// How far two elements are apart.
    pub(crate) fn apart(&self, one: usize, other: usize) -> u64 {
        let at = |index: usize| self.devices[index].element.milliseconds();
        at(one).abs_diff(at(other))
    }

    pub(crate) fn run_for(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds;
        while self.now < end {
            self.now += 1;
            self.arrive();
            for index in 0..self.devices.len() {
                self.play(index);
                let now = self.clock(index);
                let together = &mut self.devices[index].together;
                if together.deadline().is_some_and(|due| due <= now) {
                    together.wake(now);
                    self.drain(index);
                }
                let due = self.devices[index].together.deadline();
                assert!(
                    due.is_none_or(|due| due > now),
                    "an alarm that is always due"
                );
            }
            if self.now.is_multiple_of(20) {
                self.measure();
            }
        }
    }

    fn measure(&mut self) {
        let sounding = self.devices.iter().filter(|device| device.element.sounds);
        let places: Vec<u64> = sounding.map(|d| d.element.milliseconds()).collect();
        if let (Some(least), Some(most)) = (places.iter().min(), places.iter().max()) {
            let all = places.len() == self.devices.len();
            self.spreads.push(if all { most - least } else { SILENT });
        }
    }

    fn arrive(&mut self) {
        let now = self.now;
        let (here, flying) = std::mem::take(&mut self.flying)
            .into_iter()
            .partition(|(at, ..)| *at <= now);
        self.flying = flying;
        for (_, from, to, bytes) in here {
            let now = self.clock(to);
            let from = self.devices[from].run;
            let device = &mut self.devices[to];
            let message = Message::from_bytes(&bytes).unwrap();
            let blocks = &device.blocks;
            device
                .together
                .heard(now, from, message, &|run| blocks.contains(run));
            self.drain(to);
        }
    }

    fn send(&mut self, from: usize, to: usize, message: &Message) {
        self.devices[from].sent.push(*message);
        let cut = self.devices[from].cut_off || self.devices[to].cut_off;
        if from == to || cut || self.entropy.below(100) < self.path.loss {
            return;
        }
        // Mostly a little, now and then much.
        let chance = 1 + self.entropy.below(100) as u64;
        let late = self.path.jitter * chance * chance / 10_000;
        let at = self.now + self.path.latency + late;
        self.flying.push((at, from, to, message.to_bytes()));
    }

    /// Does what the machines of a device say, until they say nothing more.
    fn drain(&mut self, index: usize) {
        let now = self.clock(index);
        for round in 0.. {
            assert!(round < 100, "the machines of a device keep each other busy");
            let device = &mut self.devices[index];
            let mut quiet = true;
            while let Some(output) = device.player.poll() {
                quiet = false;
                let delay = |low: u64, more: usize| low + self.entropy.below(more) as u64;
                device.carry_out(self.now, now, output, delay);
            }
            if !quiet || round == 0 {
                let state = device.player.state();
                device.together.player(now, state);
            }
            while let Some(output) = self.devices[index].together.poll() {
                quiet = false;
                match output {
                    TogetherOutput::Send(to, message) => {
                        let to = self.devices.iter().position(|d| d.run == to).unwrap();
                        self.send(index, to, &message);
                    }
                    TogetherOutput::Tell(message) => {
                        for to in 0..self.devices.len() {
                            self.send(index, to, &message);
                        }
                    }
                    TogetherOutput::Player(command) => {
                        self.devices[index].player.guest(now, command, &|_| true);
                    }
                    TogetherOutput::Left(why) => self.devices[index].left.push(why),
                    TogetherOutput::Changed => {}
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn report(&mut self, index: usize, load: LoadKey, fact: Fact) {
        let now = self.clock(index);
        let device = &mut self.devices[index];
        let report = Report {
            load,
            position: TrackTime(device.element.milliseconds()),
            fact,
        };
        device.player.report(now, report, &|_| true);
        // An element that plays on changes the player's state without an output.
        let state = device.player.state();
        device.together.player(now, state);
        self.drain(index);
    }

    /// One millisecond of an element.
    fn play(&mut self, index: usize) {
        let now = self.now;
        let device = &mut self.devices[index];
        let element = &mut device.element;
        let Some(key) = element.key else { return };
        let mut facts = Vec::new();
        if element.sounds {
            let card = (1_000_000 - device.drift) as u64;
            element.position += element.speed * card / 1000;
            if element.position >= LENGTH * 1_000_000 {
                element.position = LENGTH * 1_000_000;
                element.sounds = false;
                element.unpaused = false;
                // In this order, in one task.
                facts.extend([Fact::Paused, Fact::Ended]);
            } else if now >= element.told + 250 {
                element.told = now;
                facts.push(Fact::Time);
            }
        }
        let lacks = element
            .resource
            .is_some_and(|id| device.lacks.contains(&id));
        let (due, later) = std::mem::take(&mut element.due)
            .into_iter()
            .partition(|(at, ..)| *at <= now && !lacks);
        element.due = later;
        let due: Vec<(u64, LoadKey, Step)> = due;
        for (_, load, step) in due.into_iter().filter(|(_, load, _)| *load == key) {
            match step {
                Step::Metadata => {
                    element.known = true;
                    let duration = Some(TrackTime(LENGTH));
                    facts.push(Fact::Loaded { duration });
                    if element.unpaused {
                        element.due.push((now + 40, load, Step::Sound));
                    }
                }
                Step::Arrived => {
                    element.seeking = false;
                    facts.push(Fact::Seeked);
                    if element.unpaused {
                        element.due.push((now + 25, load, Step::Sound));
                    }
                }
                Step::Sound if element.unpaused && !element.seeking && !element.sounds => {
                    element.sounds = true;
                    element.told = now;
                    facts.push(Fact::Playing);
                }
                Step::Sound => {}
                Step::Paused => facts.push(Fact::Paused),
            }
        }
        for fact in facts {
            self.report(index, key, fact);
        }
    }

    /// The platform pauses an element.
    pub(crate) fn pause_by_system(&mut self, index: usize) {
        let element = &mut self.devices[index].element;
        element.unpaused = false;
        element.sounds = false;
        let key = element.key.unwrap();
        self.report(index, key, Fact::Paused);
    }
}

impl Device {
    fn carry_out(
        &mut self,
        now: u64,
        clock: Millis,
        output: PlayerOutput,
        mut delay: impl FnMut(u64, usize) -> u64,
    ) {
        let element = &mut self.element;
        match output {
            PlayerOutput::Load { key, resource, .. } => {
                let due = vec![(now + delay(60, 200), key, Step::Metadata)];
                *element = Element {
                    key: Some(key),
                    resource: Some(resource),
                    speed: 1000,
                    due,
                    seeks: element.seeks,
                    loads: element.loads + 1,
                    refuses: element.refuses,
                    ..Element::default()
                };
            }
            PlayerOutput::Unload => *element = Element::default(),
            PlayerOutput::Play => {
                let Some(key) = element.key else { return };
                if element.refuses {
                    let report = Report {
                        load: key,
                        position: TrackTime(element.milliseconds()),
                        fact: Fact::Refused,
                    };
                    self.player.report(clock, report, &|_| true);
                    return;
                }
                element.unpaused = true;
                if element.known {
                    element.due.push((now + delay(20, 120), key, Step::Sound));
                }
            }
            PlayerOutput::Pause => {
                let Some(key) = element.key else { return };
                if element.unpaused {
                    element.due.push((now + 1, key, Step::Paused));
                }
                element.unpaused = false;
                element.sounds = false;
            }
            PlayerOutput::Seek(to) => {
                let Some(key) = element.key else { return };
                assert!(element.known, "a seek before the element knows the track");
                element.position = to.0.min(LENGTH) * 1_000_000;
                element.sounds = false;
                element.seeking = true;
                element.seeks += 1;
                element
                    .due
                    .retain(|(_, _, step)| !matches!(step, Step::Arrived));
                element.due.push((now + delay(20, 90), key, Step::Arrived));
            }
            PlayerOutput::Speed(speed) => element.speed = u64::from(speed.thousandths()),
            _ => {}
        }
    }
}

fn device(n: usize, entropy: &mut Entropy) -> Device {
    let mut author = [0; 32];
    author[0] = n as u8;
    let run = Run {
        author: Author(author),
        session: Session([n as u8; 16]),
    };
    Device {
        run,
        player: Player::new(Entropy::from_seed([n as u8; 32])),
        together: Together::new(run),
        element: Element::default(),
        // Up to an hour either way, and 100 ppm.
        offset: entropy.below(7_200_000) as i64 - 3_600_000,
        drift: entropy.below(200) as i64 - 100,
        lacks: BTreeSet::new(),
        left: Vec::new(),
        blocks: BTreeSet::new(),
        cut_off: false,
        sent: Vec::new(),
    }
}
