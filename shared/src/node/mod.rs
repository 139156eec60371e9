//! The node: one device with its channels, as a closed event loop.
//!
//! **Every [`Node::handle`] is followed by [`Node::poll`] until it gives nothing**, before the next `handle`. The node
//! starts with [`Input::Start`], loads itself from the store, and then carries out commands.

mod arrivals;
mod asking;
mod attention;
mod burning;
mod carry_out;
mod channel;
mod channel_output;
mod command;
mod connections;
mod event;
mod export;
mod failing;
mod files;
mod gossip;
mod history;
mod host;
mod import;
mod io;
mod keeping;
mod moving;
mod music;
mod neighbours;
mod pending;
mod people;
mod read;
mod reading;
mod recalling;
mod relaying;
mod searching;
mod seeding;
mod server;
mod sharing;
mod signalling;
mod switch;
mod tools;
mod transfer;
mod view;

use std::collections::{BTreeMap, VecDeque};

use self::{
    attention::Attention,
    channel::{Channel, ChannelOutput, Stored},
    files::{Files, PeerKey, Wanted},
    music::Music,
    pending::Pending,
    searching::Searched,
    tools::{Keys, Tools},
};
pub use self::{
    command::{Command, ExportCursor, RequestId},
    event::{Event, Problem},
    io::{Input, Notice, Output, ServerInput, ServerKey, ServerPlace, Ticket},
    music::{HolderView, LeadView, MusicCommand, MusicEvent, Row},
    read::{ReadKey, ReadPart, ReadProblem},
    transfer::{Transfer, TransferState},
    view::{
        BurnView, ChannelView, Contact, Delivery, Member, Message, Overview, PeopleView, Place,
        ServerState, ServerView, Unreached, Unread,
    },
};
use crate::{
    channel::ChannelId,
    chat::record::Record,
    entropy::Entropy,
    limits,
    link::{ConnectionInput, ConnectionKey},
    store::{ChannelEntry, Device, NewRecord, Request, StoreError},
    time::Millis,
};

/// One device of the nest.
#[derive(Debug)]
pub struct Node {
    entropy: Entropy,
    keys: Keys,
    device: Option<Device>,
    channels: BTreeMap<ChannelId, Channel>,
    files: Files,
    music: Music,
    /// What each outstanding store request is for.
    pending: BTreeMap<Ticket, Pending>,
    /// Until the device and its channels are loaded.
    waiting: Option<VecDeque<(RequestId, Command)>>,
    /// What was to be read before that.
    early_reads: VecDeque<(ReadKey, Wanted)>,
    /// The store failed while starting: nothing can be kept, so nothing is done.
    broken: Option<StoreError>,
    next_ticket: u64,
    wake_at: Option<Millis>,
    changed: bool,
    /// The host can be spoken to.
    host: bool,
    attention: Attention,
    /// The log that was searched last.
    searched: Option<Searched>,
    outputs: VecDeque<Output>,
}

impl Node {
    /// A node that has not started. `entropy` comes from the operating system, except in tests.
    pub fn new(mut entropy: Entropy) -> Self {
        Self {
            music: Music::new(&mut entropy),
            entropy,
            keys: Keys::default(),
            device: None,
            channels: BTreeMap::new(),
            files: Files::default(),
            pending: BTreeMap::new(),
            waiting: Some(VecDeque::new()),
            early_reads: VecDeque::new(),
            broken: None,
            next_ticket: 0,
            wake_at: None,
            changed: false,
            host: false,
            attention: Attention::default(),
            searched: None,
            outputs: VecDeque::new(),
        }
    }

    /// Takes in what happened at `now`.
    pub fn handle(&mut self, now: Millis, input: Input) {
        match input {
            Input::Start => self.store(Request::LoadDevice, Pending::LoadDevice),
            Input::Command { request, command } => self.command(now, request, command),
            Input::Stored { ticket, result } => {
                if let Some(pending) = self.pending.remove(&ticket) {
                    self.stored(now, pending, result);
                }
            }
            Input::Server { server, input } => {
                let owner = self
                    .channels
                    .values()
                    .find(|channel| channel.owns_server(server))
                    .map(Channel::id);
                self.with_channel(now, owner, |channel, tools| {
                    channel.server(server, input, tools);
                });
            }
            Input::Connection { connection, input } => self.connection(now, connection, input),
            Input::Wake => self.wake(now),
            Input::LookedAt(channels) => self.attention.look_at(channels),
            Input::NetworkChanged => self.each_channel(now, Channel::refresh),
            Input::HostPresent(present) => {
                self.host = present;
                self.each_channel(now, |channel, tools| channel.host_present(present, tools));
            }
            Input::Read {
                read,
                resource,
                channel,
                offset,
                length,
            } => {
                let wanted = Wanted {
                    resource,
                    channel,
                    offset,
                    length,
                    most: u64::MAX,
                    played: false,
                };
                self.read_file(now, read, wanted);
            }
            Input::ReadMore(read) => self.files.read_more(now, read),
            Input::StopReading(read) => self.stop_reading(now, read),
            Input::PlayerReport(report) => {
                self.with_music(|music, here| music.report(now, report, here));
            }
            Input::Intent(intent) => self.player_intent(now, intent),
        }
        self.act_on_files(now);
        self.finish(now);
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn wake(&mut self, now: Millis) {
        let slept = self
            .wake_at
            .take()
            .is_some_and(|at| now.since(at) > limits::SLEPT);
        self.each_channel(now, |channel, tools| {
            if slept {
                channel.refresh(tools);
            }
            if channel.deadline().is_some_and(|deadline| deadline <= now) {
                channel.wake(tools);
            }
        });
        self.files.wake(now);
        self.with_music(|music, here| music.wake(now, here));
    }

    fn each_channel(&mut self, now: Millis, act: impl Fn(&mut Channel, &mut Tools<'_>)) {
        let ids: Vec<ChannelId> = self.channels.keys().copied().collect();
        for id in ids {
            self.with_channel(now, Some(id), &act);
        }
    }

    fn connection(&mut self, now: Millis, connection: ConnectionKey, input: ConnectionInput) {
        let owner = self
            .channels
            .values()
            .find(|channel| channel.owns_connection(connection))
            .map(Channel::id);
        self.with_channel(now, owner, |channel, tools| {
            channel.connection(connection, input, tools);
        });
    }

    /// Lets a channel act, and carries out what it wants.
    fn with_channel(
        &mut self,
        now: Millis,
        id: Option<ChannelId>,
        act: impl FnOnce(&mut Channel, &mut Tools<'_>),
    ) {
        let Some(channel) = id.and_then(|id| self.channels.get_mut(&id)) else {
            return;
        };
        let mut tools = Tools {
            now,
            entropy: &mut self.entropy,
            keys: &mut self.keys,
        };
        act(channel, &mut tools);
        let id = channel.id();
        let outputs: Vec<ChannelOutput> = std::iter::from_fn(|| channel.poll()).collect();
        for output in outputs {
            self.channel_output(now, id, output);
        }
    }

    fn channel_output(&mut self, now: Millis, id: ChannelId, output: ChannelOutput) {
        match output {
            ChannelOutput::OpenServer { server, place } => {
                self.outputs.push_back(Output::OpenServer { server, place });
            }
            ChannelOutput::SendServer { server, text } => {
                self.outputs.push_back(Output::SendServer { server, text });
            }
            ChannelOutput::CloseServer { server } => {
                self.outputs.push_back(Output::CloseServer { server });
            }
            ChannelOutput::Connection { connection, output } => {
                self.outputs
                    .push_back(Output::Connection { connection, output });
            }
            ChannelOutput::Arrived(arrival) => {
                let append = Request::Append {
                    channel: id,
                    record: NewRecord::of(&arrival.record, arrival.mark),
                };
                self.store(
                    append,
                    Pending::Arrived {
                        channel: id,
                        arrival,
                    },
                );
            }
            ChannelOutput::Acknowledged { position, holder } => {
                let acknowledge = Request::Acknowledge {
                    channel: id,
                    position,
                    holder,
                };
                let pending = Pending::Acknowledge {
                    channel: id,
                    message: position.id,
                };
                self.store(acknowledge, pending);
            }
            ChannelOutput::Passing(arrival) => self.pass(now, id, &arrival),
            ChannelOutput::Burning(arrival) => self.pass_burning(now, id, &arrival),
            ChannelOutput::Store(request, pending) => self.store(request, *pending),
            ChannelOutput::Resource { from, message } => {
                self.files
                    .message(now, peer(id, from), message, &mut self.entropy);
            }
            ChannelOutput::Music { from, said } => self.heard_music(now, peer(id, from), said),
            ChannelOutput::Met(link) => {
                self.files.met(peer(id, link));
                self.music_met(peer(id, link));
            }
            ChannelOutput::Parted(link) => {
                self.files.parted(now, peer(id, link));
                self.with_music(|music, here| music.parted(now, peer(id, link), here));
            }
            ChannelOutput::Room(link) => self.upload(now, peer(id, link)),
            ChannelOutput::Rerouted(link) => {
                self.files.rerouted(now, peer(id, link));
                self.music.rerouted(peer(id, link));
            }
            ChannelOutput::Tell(event) => self.outputs.push_back(Output::Event(event)),
            ChannelOutput::Changed => self.changed = true,
        }
    }

    fn open(&mut self, now: Millis, entry: ChannelEntry, stored: Stored) {
        // Of one that is joined now, nothing is stored.
        let resumed = stored.newest.is_some();
        let (id, Some(device)) = (entry.id, &self.device) else {
            return;
        };
        if self.channels.contains_key(&id) {
            return;
        }
        let mut tools = Tools {
            now,
            entropy: &mut self.entropy,
            keys: &mut self.keys,
        };
        self.files.wish_on(id, &entry.sought);
        let channel = Channel::new(entry, stored, &device.seed, &device.name, &mut tools);
        let me = channel.run();
        self.channels.insert(id, channel);
        self.music.open(now, id, me);
        // What a list names is here or not: that is known once the start is over.
        if resumed && self.waiting.is_none() {
            self.music.resume(id);
        }
        let host = self.host;
        self.with_channel(now, Some(id), |channel, tools| {
            channel.tidy(now);
            channel.host_present(host, tools);
        });
        self.changed = true;
    }

    fn start_if_loaded(&mut self, now: Millis) {
        let resuming = |pending: &Pending| {
            matches!(
                pending,
                Pending::Resume { .. } | Pending::MoveInto(_) | Pending::LoadResources
            )
        };
        if !self.pending.values().any(resuming) {
            self.start(now);
        }
    }

    /// Opens a channel once what the store has of it is loaded.
    fn resume(&mut self, entry: ChannelEntry) {
        let newest = Request::LoadPage {
            channel: entry.id,
            before: None,
            limit: limits::MAX_PAGE,
        };
        let stored = Stored::default();
        self.store(newest, Pending::Resume { entry, stored });
    }

    fn start(&mut self, now: Millis) {
        self.changed = self.broken.is_none();
        if let Some(waiting) = self.waiting.take() {
            self.music.start(self.preferences().cache_lists);
            for id in self.channels.keys() {
                self.music.resume(*id);
            }
            let ids: Vec<ChannelId> = self.channels.keys().copied().collect();
            for id in ids {
                self.look_for_offers(id);
            }
            for (request, command) in waiting {
                self.command(now, request, command);
            }
        }
        for (read, wanted) in std::mem::take(&mut self.early_reads) {
            self.read_file(now, read, wanted);
        }
    }

    fn tell_message(&mut self, id: ChannelId, record: &Record) {
        if record.body.recalls.is_some() {
            return;
        }
        if let Some(channel) = self.channels.get_mut(&id) {
            self.changed |= channel.hear_record(record);
            let event = Event::Message {
                channel: id,
                message: channel.message(record, 0),
            };
            self.outputs.push_back(Output::Event(event));
        }
    }

    fn done(&mut self, request: RequestId, channel: Option<ChannelId>) {
        self.outputs.push_back(Output::Event(Event::Done {
            request: Some(request),
            channel,
        }));
    }

    fn refuse(&mut self, request: RequestId, problem: Problem) {
        self.outputs.push_back(Output::Event(Event::Refused {
            request: Some(request),
            problem,
        }));
    }

    fn store(&mut self, request: Request, pending: Pending) {
        self.next_ticket += 1;
        let ticket = Ticket(self.next_ticket);
        self.pending.insert(ticket, pending);
        self.outputs.push_back(Output::Store { ticket, request });
    }

    /// Tells the views what changed, and the driver when to wake us.
    fn finish(&mut self, now: Millis) {
        if std::mem::take(&mut self.changed) && self.waiting.is_none() {
            let overview = Overview {
                name: self.name(),
                preferences: self.preferences(),
                channels: self.in_joining_order().map(|c| c.view(now)).collect(),
            };
            self.outputs
                .push_back(Output::Event(Event::Overview(overview)));
        }
        self.count_badge();
        let channels = self.channels.values().filter_map(Channel::deadline);
        let wake_at = channels.chain(self.files.deadline());
        let wake_at = wake_at.chain(self.music.deadline()).min();
        if wake_at != self.wake_at {
            self.wake_at = wake_at;
            self.outputs.push_back(Output::WakeAt(wake_at));
        }
    }

    fn in_joining_order(&self) -> impl Iterator<Item = &Channel> {
        let mut channels: Vec<&Channel> = self.channels.values().collect();
        channels.sort_by_key(|channel| (channel.entry.joined, channel.id()));
        channels.into_iter()
    }
}

fn peer(channel: ChannelId, connection: ConnectionKey) -> PeerKey {
    PeerKey {
        channel,
        connection,
    }
}
