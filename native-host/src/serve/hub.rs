//! The hub behind its lock: sockets report what happened, and what the hub answers goes into their queues.
//!
//! A lock and not a task: the hub never waits, so a socket that reads fast is slowed by the hub's own work instead of
//! filling one more queue.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use catnest::{
    address::ChannelName,
    entropy::Entropy,
    signal::{
        guard::HubLimits,
        hub::{Hub, HubOutput, Socket},
    },
    time::Millis,
    turn::server::Nests,
};
use tokio::time::Instant;

use super::queue::{self, Close};
use crate::turn::Mint;

/// The one hub of the server.
pub(super) struct SharedHub(Mutex<State>);

struct State {
    hub: Hub,
    /// When the hub's time began: a clock that never runs backwards.
    started: Instant,
    /// What each queue holds.
    queue_bytes: usize,
    /// The queues of those who are to hear more; a socket that is being closed has none.
    queues: HashMap<Socket, queue::Sender>,
    /// Where members are given relays.
    mint: Option<Mint>,
    /// The name of the next socket.
    next: u64,
    stopping: bool,
}

impl SharedHub {
    /// A hub without sockets.
    pub(super) fn new(
        entropy: Entropy,
        mut limits: HubLimits,
        queue_bytes: usize,
        mint: Option<Mint>,
    ) -> Self {
        limits.relays = mint.is_some();
        Self(Mutex::new(State {
            hub: Hub::with_limits(entropy, limits),
            started: Instant::now(),
            queue_bytes,
            queues: HashMap::new(),
            mint,
            next: 0,
            stopping: false,
        }))
    }

    /// How many sockets are in how many channels.
    pub(super) fn load(&self) -> (usize, usize) {
        self.state().hub.load()
    }

    /// A socket joins a channel: its seat there, and what it has to send.
    pub(super) fn join(
        self: &Arc<Self>,
        address: IpAddr,
        channel: &ChannelName,
        catnest: bool,
    ) -> (Seat, queue::Receiver) {
        let mut state = self.state();
        let socket = Socket(state.next);
        state.next += 1;
        let (sender, receiver) = queue::new(state.queue_bytes);
        state.queues.insert(socket, sender);
        let now = state.now();
        state.hub.join(now, socket, address, channel, catnest);
        // It was under way when the others were told.
        if state.stopping {
            state.hub.stop();
        }
        state.carry_out();
        (
            Seat {
                hub: self.clone(),
                socket,
            },
            receiver,
        )
    }

    /// Everyone is to go, now and from now on.
    pub(super) fn stop(&self) {
        let mut state = self.state();
        state.stopping = true;
        state.change(Hub::stop);
    }

    /// The state is whole even if a thread panicked with it in hand: every change to it is one call.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What relays ask about channels.
impl Nests for SharedHub {
    fn find(&self, is_it: &dyn Fn(&str) -> bool) -> Option<Arc<str>> {
        self.state().hub.find_channel(is_it)
    }

    fn has_member(&self, channel: &str, address: IpAddr) -> bool {
        self.state().hub.has_member(channel, address)
    }
}

/// A socket's place in its channel, left when this is dropped: however the socket ends, the others hear of it.
pub(super) struct Seat {
    hub: Arc<SharedHub>,
    socket: Socket,
}

impl Seat {
    /// What the log calls it: a number that nobody else knows.
    pub(super) fn number(&self) -> u64 {
        self.socket.0
    }

    /// A text came.
    pub(super) fn text(&self, text: &str) {
        let mut state = self.hub.state();
        let now = state.now();
        state.change(|hub| hub.text(now, self.socket, text));
    }

    /// A ping is due.
    pub(super) fn ping(&self) {
        self.hub.state().change(|hub| hub.ping(self.socket));
    }

    /// A ping or a pong came.
    pub(super) fn noise(&self) {
        let mut state = self.hub.state();
        let now = state.now();
        state.change(|hub| hub.noise(now, self.socket));
    }

    /// A binary frame came.
    pub(super) fn binary(&self) {
        self.hub.state().change(|hub| hub.binary(self.socket));
    }

    /// A message came that was too big to be read.
    pub(super) fn too_big(&self) {
        self.hub.state().change(|hub| hub.too_big(self.socket));
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.hub.state();
        state.queues.remove(&self.socket);
        if let Some(mint) = &mut state.mint {
            mint.forget(self.socket);
        }
        state.change(|hub| hub.leave(self.socket));
    }
}

impl State {
    fn now(&self) -> Millis {
        Millis(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn change(&mut self, change: impl FnOnce(&mut Hub)) {
        change(&mut self.hub);
        self.carry_out();
    }

    /// Does what the hub wants done. A socket that is too slow leaves, which the hub may have more to say about.
    fn carry_out(&mut self) {
        while let Some(output) = self.hub.poll() {
            match output {
                HubOutput::Send { socket, text } => {
                    let Some(queue) = self.queues.get(&socket) else {
                        continue;
                    };
                    if queue.text(text).is_err() {
                        tracing::info!(socket = socket.0, "closing a socket that does not read");
                        if let Some(queue) = self.queues.remove(&socket) {
                            queue.cut();
                        }
                        self.hub.leave(socket);
                    }
                }
                HubOutput::Close {
                    socket,
                    code,
                    reason,
                } => {
                    if let Some(queue) = self.queues.remove(&socket) {
                        queue.close(Close {
                            code: code as u16,
                            reason,
                        });
                    }
                }
                HubOutput::Relay { socket, channel } => {
                    if let Some(mint) = &mut self.mint {
                        let relay = mint.relay(socket, &channel);
                        self.hub.relay(socket, relay);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use catnest::limits;

    use super::{
        super::queue::{Item, LONGEST_PUSH, TOO_SLOW},
        *,
    };

    fn hub() -> Arc<SharedHub> {
        let mut limits = HubLimits::default();
        // Enough to fill a queue.
        limits.socket_rate.burst *= 10;
        Arc::new(SharedHub::new(
            Entropy::from_seed([5; 32]),
            limits,
            queue::QUEUE_BYTES,
            None,
        ))
    }

    fn home() -> IpAddr {
        Ipv4Addr::LOCALHOST.into()
    }

    fn channel() -> ChannelName {
        // Each byte takes two in JSON: the longest pushes there are.
        ChannelName::new("\"".repeat(limits::MAX_CHANNEL_NAME_BYTES)).unwrap()
    }

    async fn text(queue: &mut queue::Receiver) -> Arc<str> {
        match queue.next().await {
            Some(Item::Text(text, _)) => text,
            _ => panic!("a text was expected"),
        }
    }

    /// A queue has room for as many of these as a full channel has sockets; see [`LONGEST_PUSH`].
    #[tokio::test]
    async fn no_push_is_longer_than_the_queues_reckon_with() {
        let hub = hub();
        let _first = hub.join(home(), &channel(), true);
        let (_seat, mut newcomer) = hub.join(home(), &channel(), true);
        let welcome = text(&mut newcomer).await;
        assert!(welcome.contains("welcome"), "{welcome}");
        let push = text(&mut newcomer).await;
        assert!(
            push.contains(r#""present":true"#) && push.len() <= LONGEST_PUSH,
            "{push}"
        );
    }

    #[tokio::test]
    async fn who_does_not_read_is_counted_as_left() {
        let hub = hub();
        let (_seat, stuck) = hub.join(home(), &channel(), false);
        let (sender, mut receiver) = hub.join(home(), &channel(), false);
        text(&mut receiver).await;
        let message = serde_json::json!({"offer": {"sdp": "x".repeat(60_000)}}).to_string();
        while hub.load().0 == 2 {
            sender.text(&message);
        }
        assert_eq!(stuck.cut().await, TOO_SLOW);
        assert!(text(&mut receiver).await.contains("pull"));
    }

    #[tokio::test]
    async fn who_joins_while_the_server_stops_is_sent_away() {
        let hub = hub();
        hub.stop();
        let (_seat, mut queue) = hub.join(home(), &channel(), false);
        assert!(matches!(
            queue.next().await,
            Some(Item::Close(Close { code: 1001, .. }))
        ));
        assert_eq!(hub.load(), (0, 0));
    }
}
