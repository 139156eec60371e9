//! The loop between the core and the browser: inputs one after the other, each followed by all of its outputs.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    rc::{Rc, Weak},
};

use catnest::{
    entropy::Entropy,
    host::{FromHost, Pairing, PairingOutput},
    link::{ConnectionInput, ConnectionKey, ConnectionOutput},
    music::{
        TrackTime,
        player::{Fact, Failure, PlayerOutput, Report},
    },
    node::{Input, Node, Output, ServerInput, ServerKey, ServerPlace},
    store::{Request, Store, StoreError},
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::{
    clock::Clock,
    connection::Connection,
    feed::{Feed, Hears},
    files::{Intakes, MusicIntakes, Place, Ways},
    host::Host,
    js::{self, Listener},
    playing::Playing,
    reading::{Reads, Source, Streams},
    shell,
    signalling::Server,
    store::IndexedDbStore,
    views::Views,
};

/// The engine and all it drives.
pub(crate) struct Engine {
    node: RefCell<Node>,
    /// What happened while the node was busy.
    inputs: RefCell<VecDeque<Input>>,
    busy: Cell<bool>,
    clock: Rc<Clock>,
    store: Rc<Result<IndexedDbStore, StoreError>>,
    intakes: Intakes,
    music_intakes: MusicIntakes,
    reads: Reads,
    streams: Streams,
    /// None where the browser plays nothing.
    playing: Option<Playing>,
    servers: RefCell<BTreeMap<ServerKey, Server>>,
    connections: RefCell<BTreeMap<ConnectionKey, Connection>>,
    /// Servers and connections that go through the native host.
    pairing: RefCell<Pairing>,
    host: RefCell<Option<Host>>,
    views: Views,
    network: RefCell<Option<Listener>>,
}

impl Engine {
    pub(crate) fn new(entropy: Entropy, place: Place, views: Views) -> Rc<Self> {
        Rc::new_cyclic(|engine: &Weak<Self>| {
            let feed = Feed::new(engine.clone());
            let ways = Ways {
                feed: feed.clone(),
                views: views.clone(),
            };
            let (reading, reports, intents) = (feed.clone(), feed.clone(), feed.clone());
            let reads = Reads::new(move |input| reading.feed(input));
            let streams = Streams::new(reads.clone());
            let playing = Playing::new(
                Source::of_browser(streams.clone()),
                reads.clone(),
                move |report| reports.feed(Input::PlayerReport(report)),
                move |intent| intents.feed(Input::Intent(intent)),
            );
            Self {
                node: RefCell::new(Node::new(entropy)),
                inputs: RefCell::default(),
                busy: Cell::new(false),
                clock: Clock::new(move || feed.feed(Input::Wake)),
                store: place.store.clone(),
                intakes: Intakes::new(place.clone(), ways.clone()),
                music_intakes: MusicIntakes::new(place, ways),
                reads,
                streams,
                playing: playing
                    .inspect_err(|error| js::warn("no music can be played", error))
                    .ok(),
                servers: RefCell::default(),
                connections: RefCell::default(),
                pairing: RefCell::default(),
                host: RefCell::default(),
                views,
                network: RefCell::default(),
            }
        })
    }

    /// Gives the node what happened, and carries out what it wants.
    pub(crate) fn feed(self: &Rc<Self>, input: Input) {
        self.inputs.borrow_mut().push_back(input);
        if self.busy.replace(true) {
            return; // The call that is busy takes it.
        }
        loop {
            let Some(input) = self.inputs.borrow_mut().pop_front() else {
                break;
            };
            let now = self.clock.now();
            self.node.borrow_mut().handle(now, input);
            loop {
                let Some(output) = self.node.borrow_mut().poll() else {
                    break;
                };
                self.perform(output);
            }
        }
        self.busy.set(false);
    }

    /// Gives the node a way to the native host.
    pub(crate) fn meet_in(&self, host: Host) {
        self.host.replace(Some(host));
    }

    /// Carries out what the pairing wants.
    fn drain_pairing(self: &Rc<Self>) {
        loop {
            let output = self.pairing.borrow_mut().poll();
            match output {
                Some(PairingOutput::Tell(input)) => self.feed(input),
                Some(PairingOutput::Say(message)) => {
                    let host = self.host.borrow().clone();
                    if let Some(host) = host {
                        host.send(message);
                    }
                }
                None => return,
            }
        }
    }

    /// Tells the node when the browser has a network again.
    pub(crate) fn follow_network(self: &Rc<Self>) -> Result<(), JsValue> {
        let feed = self.feeder();
        let window = js::window()?;
        let online = Listener::new(&window, "online", move |_| {
            feed.feed(Input::NetworkChanged);
        });
        *self.network.borrow_mut() = Some(online);
        Ok(())
    }

    pub(crate) fn feeder(self: &Rc<Self>) -> Feed {
        let engine = Rc::downgrade(self);
        Feed::new(engine)
    }

    pub(crate) fn intakes(&self) -> Intakes {
        self.intakes.clone()
    }

    pub(crate) fn music_intakes(&self) -> MusicIntakes {
        self.music_intakes.clone()
    }

    pub(crate) fn streams(&self) -> Streams {
        self.streams.clone()
    }

    fn perform(self: &Rc<Self>, output: Output) {
        let elsewhere = self.pairing.borrow_mut().take(output);
        let Some(output) = elsewhere else {
            return self.drain_pairing();
        };
        match output {
            Output::Store { ticket, request } => {
                let engine = self.clone();
                // Tasks begin in the order they were spawned, and each opens its transaction before it waits for
                // anything. IndexedDB carries out transactions with a common object store in the order they were
                // opened (Indexed Database API 3.0 §2.7.2), so requests are carried out in order, too.
                spawn_local(async move {
                    let result = engine.ask_store(request).await;
                    engine.feed(Input::Stored { ticket, result });
                });
            }
            Output::OpenServer {
                server,
                place: ServerPlace::Web(url),
            } => match Server::open(self.feeder(), server, &url) {
                Ok(opened) => {
                    self.servers.borrow_mut().insert(server, opened);
                }
                Err(error) => {
                    js::warn("no WebSocket", &error);
                    self.feed(Input::Server {
                        server,
                        input: ServerInput::Closed,
                    });
                }
            },
            // A place in the host is the pairing's business.
            Output::OpenServer { .. } => {}
            Output::SendServer { server, text } => {
                if let Some(server) = self.servers.borrow().get(&server) {
                    server.send(&text);
                }
            }
            Output::CloseServer { server } => {
                self.servers.borrow_mut().remove(&server);
            }
            Output::Connection { connection, output } => self.connection(connection, output),
            Output::WakeAt(at) => self.clock.set_alarm(at),
            Output::Event(event) => {
                if !self.intakes.hear(&event) && !self.music_intakes.hear(&event) {
                    self.views.tell(&event);
                }
            }
            Output::Read { read, part } => self.reads.hear(read, part),
            Output::Player { output, channel } => match (&self.playing, output) {
                (Some(playing), output) => playing.perform(output, channel),
                // Whoever waits for it to sound is told that it does not.
                (None, PlayerOutput::Load { key, .. }) => {
                    self.feed(Input::PlayerReport(Report {
                        load: key,
                        position: TrackTime::START,
                        fact: Fact::Error(Failure::Source),
                    }));
                }
                (None, _) => {}
            },
            Output::NowPlaying { track, channel } => {
                if let Some(playing) = &self.playing {
                    playing.show(track.as_deref(), channel);
                }
            }
            Output::Badge(unread) => shell::badge(unread),
            Output::Notify(notice) => shell::notify(&notice),
            Output::WithdrawNotice(channel) => shell::withdraw(channel),
        }
    }

    fn connection(self: &Rc<Self>, key: ConnectionKey, output: ConnectionOutput) {
        match output {
            ConnectionOutput::Open { .. } => match Connection::open(self.feeder(), key) {
                Ok(connection) => {
                    self.connections.borrow_mut().insert(key, connection);
                }
                Err(error) => {
                    js::warn("no RTCPeerConnection", &error);
                    self.feed(Input::Connection {
                        connection: key,
                        input: ConnectionInput::Closed,
                    });
                }
            },
            ConnectionOutput::Close => {
                self.connections.borrow_mut().remove(&key);
            }
            ConnectionOutput::Send { stream, frame } => {
                let connections = self.connections.borrow();
                let Some(connection) = connections.get(&key) else {
                    return;
                };
                let input = connection.send(stream, &frame);
                drop(connections);
                self.feed(Input::Connection {
                    connection: key,
                    input,
                });
            }
            ConnectionOutput::Measure => {
                if let Some(connection) = self.connections.borrow().get(&key) {
                    connection.measure();
                }
            }
            step => {
                if let Some(connection) = self.connections.borrow().get(&key) {
                    connection.negotiate(step);
                }
            }
        }
    }

    async fn ask_store(&self, request: Request) -> Result<catnest::store::Reply, StoreError> {
        match &*self.store {
            Ok(store) => store.execute(request).await,
            Err(error) => Err(error.clone()),
        }
    }
}

impl Hears for Engine {
    fn hear(self: Rc<Self>, input: Input) {
        self.feed(input);
    }

    fn server_closed(self: Rc<Self>, server: ServerKey) {
        self.servers.borrow_mut().remove(&server);
        self.feed(Input::Server {
            server,
            input: ServerInput::Closed,
        });
    }

    fn host_present(self: Rc<Self>, present: bool) {
        let mut pairing = self.pairing.borrow_mut();
        if present {
            pairing.came();
        } else {
            pairing.went();
        }
        drop(pairing);
        self.drain_pairing();
    }

    fn host_said(self: Rc<Self>, message: FromHost) {
        self.pairing.borrow_mut().hear(message);
        self.drain_pairing();
    }
}
