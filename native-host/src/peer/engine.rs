//! The loop between the core and the machine: inputs one after the other, each followed by all of its outputs.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io,
    time::Duration,
};

use catnest::{
    channel::ChannelId,
    entropy::Entropy,
    host::{FromHost, Pairing, PairingOutput},
    link::{ConnectionInput, ConnectionKey, ConnectionOutput},
    node::{
        Command, Event, Input, Node, Output, RequestId, ServerInput, ServerKey, ServerPlace, Ticket,
    },
    store::{Request, Store, StoreError},
};
use tokio::{
    sync::{broadcast, mpsc, oneshot},
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use super::{
    clock::Clock,
    connection::Connection,
    feed::Feed,
    host::Host,
    network::Watch,
    signalling::Server,
    store::{Answer, Keeper},
};

/// Commands that may wait for the engine.
const ORDERS: usize = 16;
/// Events that a listener may be behind.
const EVENTS: usize = 256;
/// Requests that may wait for the store. Beyond them, nothing new is taken in, so that a slow disk slows down whoever
/// sends.
const STORING: usize = 64;
/// How long connections and WebSockets may take to be closed at the end.
const CLOSING: Duration = Duration::from_secs(2);

/// A device of the nest on this machine; it ends when this is dropped.
///
/// ```no_run
/// use catnest::{
///     chat::retention::Retention, entropy::Entropy, node::Command, store::memory::MemoryStore,
/// };
/// use catnest_host::peer::engine::Engine;
///
/// # async fn example(seed: [u8; 32]) -> Result<(), Box<dyn std::error::Error>> {
/// let engine = Engine::start(Entropy::from_seed(seed), || Ok(MemoryStore::default()))?;
/// let mut events = engine.events();
/// let address = "webrtc://nest.example/cats".to_owned();
/// let retention = Retention::Forever;
/// engine.command(Command::Join { address, retention }).await?;
/// println!("{:?}", events.recv().await?);
/// engine.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Engine {
    orders: mpsc::Sender<Order>,
    events: broadcast::Sender<Event>,
    task: JoinHandle<()>,
}

/// The engine has ended: it was stopped, or its store broke down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the engine has ended")]
pub struct Ended;

enum Order {
    Command(Command, oneshot::Sender<Event>),
    LookedAt(BTreeSet<ChannelId>),
}

impl Engine {
    /// Starts a device. `entropy` comes from the operating system; the store is opened on a thread of its own, where it
    /// may block. Has to be called in a Tokio runtime.
    ///
    /// # Errors
    /// When there can be no thread. A store that cannot be opened refuses every command.
    pub fn start<S: Store>(
        entropy: Entropy,
        open: impl FnOnce() -> Result<S, StoreError> + Send + 'static,
    ) -> io::Result<Self> {
        Self::start_with(entropy, open, None)
    }

    /// As [`Engine::start`], with a way to the daemon of this machine's native host, if there is one.
    ///
    /// # Errors
    /// As there.
    pub fn start_with<S: Store>(
        entropy: Entropy,
        open: impl FnOnce() -> Result<S, StoreError> + Send + 'static,
        host: Option<Host>,
    ) -> io::Result<Self> {
        let (keeper, answers) = Keeper::start(open)?;
        let (orders, taken) = mpsc::channel(ORDERS);
        let events = broadcast::Sender::new(EVENTS);
        let (feed, inputs) = Feed::new();
        let driver = Driver {
            node: Node::new(entropy),
            clock: Clock::new(),
            network: Watch::new(),
            keeper,
            answers,
            storing: 0,
            orders: taken,
            replies: BTreeMap::new(),
            last_request: 0,
            events: events.clone(),
            feed,
            inputs,
            servers: BTreeMap::new(),
            connections: BTreeMap::new(),
            host,
            pairing: Pairing::default(),
            tasks: JoinSet::new(),
        };
        let task = tokio::spawn(driver.run());
        Ok(Self {
            orders,
            events,
            task,
        })
    }

    /// Has a command carried out: [`Event::Done`], [`Event::Page`] or [`Event::Refused`].
    ///
    /// # Errors
    /// When the engine has ended.
    pub async fn command(&self, command: Command) -> Result<Event, Ended> {
        let (reply, replied) = oneshot::channel();
        self.order(Order::Command(command, reply)).await?;
        replied.await.map_err(|_| Ended)
    }

    /// Says which channels somebody looks at now.
    ///
    /// # Errors
    /// When the engine has ended.
    pub async fn look_at(&self, channels: BTreeSet<ChannelId>) -> Result<(), Ended> {
        self.order(Order::LookedAt(channels)).await
    }

    /// Everything that happens from now on, except replies to commands. A listener that falls behind misses the oldest
    /// of it, and is told so; [`Command::Overview`] tells again how things are.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Closes everything, and returns when it is closed and all is stored.
    pub async fn stop(self) {
        drop(self.orders);
        if let Err(error) = self.task.await {
            tracing::error!("the engine broke down: {error}");
        }
    }

    async fn order(&self, order: Order) -> Result<(), Ended> {
        self.orders.send(order).await.map_err(|_| Ended)
    }
}

/// What happened next.
enum Happened {
    Input(Input),
    /// The daemon said something, or is gone.
    Host(Option<FromHost>),
}

/// What came from others next, neither of the two before the other.
async fn outside(host: &mut Option<Host>, inputs: &mut mpsc::Receiver<Input>) -> Option<Happened> {
    tokio::select! {
        said = Host::hears(host) => Some(Happened::Host(said)),
        input = inputs.recv() => input.map(Happened::Input),
    }
}

/// The engine and all it drives.
struct Driver {
    node: Node,
    clock: Clock,
    network: Watch,
    keeper: Keeper,
    answers: mpsc::UnboundedReceiver<Answer>,
    /// Requests that the store has not answered.
    storing: usize,
    orders: mpsc::Receiver<Order>,
    /// Who waits for the reply to a command.
    replies: BTreeMap<RequestId, oneshot::Sender<Event>>,
    last_request: u64,
    events: broadcast::Sender<Event>,
    feed: Feed,
    inputs: mpsc::Receiver<Input>,
    servers: BTreeMap<ServerKey, Server>,
    connections: BTreeMap<ConnectionKey, Connection>,
    host: Option<Host>,
    pairing: Pairing,
    /// What serves sockets and connections. Each ends after it was let go of.
    tasks: JoinSet<()>,
}

impl Driver {
    async fn run(mut self) {
        self.take(Input::Start);
        if self.host.is_some() {
            self.pairing.came();
            self.follow_host();
        }
        while let Some(happened) = self.next().await {
            match happened {
                Happened::Input(input) => self.take(input),
                Happened::Host(Some(message)) => {
                    self.pairing.hear(message);
                    self.follow_host();
                }
                Happened::Host(None) => {
                    // The old place is left before there is another.
                    let again = self.host.take().and_then(|host| host.again);
                    self.pairing.went();
                    self.follow_host();
                    if let Some(again) = again {
                        self.host = Some(again());
                        self.pairing.came();
                        self.follow_host();
                    }
                }
            }
        }
        self.close().await;
    }

    /// What happened next; nothing at the end.
    async fn next(&mut self) -> Option<Happened> {
        loop {
            let room = self.storing < STORING;
            let input = tokio::select! {
                biased;
                answer = self.answers.recv() => {
                    let Some((ticket, result)) = answer else {
                        tracing::error!("the store broke down");
                        return None;
                    };
                    self.storing -= 1;
                    Some(Input::Stored { ticket, result })
                }
                () = self.clock.alarm() => Some(Input::Wake),
                () = self.network.changed() => Some(Input::NetworkChanged),
                Some(ended) = self.tasks.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!("a connection broke down: {error}");
                    }
                    continue;
                }
                order = self.orders.recv(), if room => Some(self.order(order?)),
                happened = outside(&mut self.host, &mut self.inputs), if room => return happened,
            };
            return input.map(Happened::Input);
        }
    }

    fn order(&mut self, order: Order) -> Input {
        match order {
            Order::Command(command, reply) => {
                self.last_request += 1;
                let request = RequestId(self.last_request);
                self.replies.insert(request, reply);
                Input::Command { request, command }
            }
            Order::LookedAt(channels) => Input::LookedAt(channels),
        }
    }

    /// Gives the node what happened, and carries out what it wants.
    fn take(&mut self, input: Input) {
        self.take_all(VecDeque::from([input]));
    }

    fn take_all(&mut self, mut inputs: VecDeque<Input>) {
        while let Some(mut input) = inputs.pop_front() {
            self.look_at(&mut input);
            let now = self.clock.now();
            self.node.handle(now, input);
            while let Some(output) = self.node.poll() {
                inputs.extend(self.perform(output));
            }
            inputs.extend(self.drain_host());
        }
    }

    fn follow_host(&mut self) {
        let inputs = self.drain_host().into();
        self.take_all(inputs);
    }

    /// Says to the daemon what there is to say, and gives what the node is to hear.
    fn drain_host(&mut self) -> Vec<Input> {
        let mut inputs = Vec::new();
        while let Some(output) = self.pairing.poll() {
            match (output, &self.host) {
                (PairingOutput::Tell(input), _) => inputs.push(input),
                (PairingOutput::Say(said), Some(host)) => (host.say)(said),
                (PairingOutput::Say(_), None) => {}
            }
        }
        inputs
    }

    /// Lets go of a WebSocket that was closed, and brings up to date how much waits: more may have been sent meanwhile.
    fn look_at(&mut self, input: &mut Input) {
        match input {
            Input::Server {
                server,
                input: ServerInput::Closed,
            } => {
                self.servers.remove(server);
            }
            Input::Connection {
                connection,
                input: input @ ConnectionInput::Buffered { .. },
            } => {
                if let ConnectionInput::Buffered { stream, .. } = *input
                    && let Some(connection) = self.connections.get(connection)
                {
                    *input = connection.buffered(stream);
                }
            }
            _ => {}
        }
    }

    /// Carries out what the node wants; gives what happened at once.
    fn perform(&mut self, output: Output) -> Option<Input> {
        match self.pairing.take(output)? {
            Output::Store { ticket, request } => return self.store(ticket, request),
            Output::OpenServer {
                server,
                place: ServerPlace::Web(url),
            } => {
                let (opened, task) = Server::open(self.feed.clone(), server, url);
                self.servers.insert(server, opened);
                self.tasks.spawn(task);
            }
            Output::SendServer { server, text } => {
                let sent = self.servers.get(&server).map(|to| to.send(text));
                if let Some(Err(stuck)) = sent {
                    tracing::debug!("a server is given up: {stuck:?}");
                    let input = ServerInput::Closed;
                    return Some(Input::Server { server, input });
                }
            }
            Output::CloseServer { server } => {
                self.servers.remove(&server);
            }
            Output::Connection { connection, output } => {
                let input = self.connection(connection, output)?;
                return Some(Input::Connection { connection, input });
            }
            Output::WakeAt(at) => self.clock.set_alarm(at),
            Output::Event(event) => self.tell(event),
            // There is nobody to see or hear them, and nobody here who reads a file before it is whole. A place in the
            // host is the pairing's business.
            Output::OpenServer { .. }
            | Output::Badge(_)
            | Output::Notify(_)
            | Output::WithdrawNotice(_)
            | Output::Read { .. }
            | Output::Player { .. }
            | Output::NowPlaying { .. } => {}
        }
        None
    }

    fn store(&mut self, ticket: Ticket, request: Request) -> Option<Input> {
        match self.keeper.ask(ticket, request) {
            Ok(()) => {
                self.storing += 1;
                None
            }
            // The end follows: the answers have ended, too.
            Err(ended) => {
                let error = StoreError::Unavailable(format!("its thread is gone: {ended:?}"));
                let result = Err(error);
                Some(Input::Stored { ticket, result })
            }
        }
    }

    fn connection(
        &mut self,
        key: ConnectionKey,
        output: ConnectionOutput,
    ) -> Option<ConnectionInput> {
        match output {
            ConnectionOutput::Open { .. } => {
                let (connection, task) = Connection::open(&self.feed, key);
                self.connections.insert(key, connection);
                self.tasks.spawn(task);
            }
            ConnectionOutput::Close => {
                self.connections.remove(&key);
            }
            ConnectionOutput::Send { stream, frame } => {
                return Some(self.connections.get(&key)?.send(stream, frame));
            }
            step => self.connections.get(&key)?.take(step),
        }
        None
    }

    fn tell(&mut self, event: Event) {
        let Some(request) = event.request() else {
            // Nobody need listen.
            let _listeners = self.events.send(event);
            return;
        };
        if let Some(reply) = self.replies.remove(&request) {
            // Whoever asked may not wait any more.
            let _heard = reply.send(event);
        }
    }

    /// Closes sockets and connections, then has the store finish what it was asked.
    async fn close(mut self) {
        self.servers.clear();
        self.connections.clear();
        // Tasks that wait to tell something hear that nobody listens.
        drop(self.inputs);
        let closed = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(CLOSING, closed).await.is_err() {
            tracing::debug!("not everything was closed in time");
            self.tasks.abort_all();
        }
        drop(self.keeper);
        while self.answers.recv().await.is_some() {}
    }
}
