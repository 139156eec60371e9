//! One peer connection with its data channels, by the crate `webrtc`.
//!
//! The channels are negotiated beforehand, as in the browser (RFC 8832 is not needed). A task of its own takes the steps
//! of the negotiation strictly one after the other and tells what the library reports; each channel has a task, too.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use async_trait::async_trait;
use catnest::{
    limits,
    link::{ConnectionInput, ConnectionKey, ConnectionOutput, DescriptionKind, Stream, Transport},
    signal::{
        message::{Candidate, Sdp},
        relay::Relay,
    },
};
use rtc::{ice::mdns::MulticastDnsMode, peer_connection::configuration::RTCOfferOptions};
use tokio::{
    sync::{Barrier, mpsc},
    task::JoinSet,
};
use webrtc::{
    data_channel::RTCDataChannelInit,
    error::Result,
    peer_connection::{
        PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCConfigurationBuilder,
        RTCIceCandidateInit, RTCIceServer, RTCPeerConnectionIceEvent, RTCPeerConnectionState,
        RTCSessionDescription, SettingEngineBuilder, StatsSelector,
    },
};

use super::{
    channel::{Channel, Waiting},
    feed::{ConnectionFeed, Feed, Gone},
    flight::Flight,
    network::Interfaces,
    runtime::OneByOne,
    stats,
};

/// What the other end may send before it is read. Between two programs of one machine with two cores, 4 MiB carry
/// 390 MB/s and 8 MiB no more, the library's own 1 MiB 310; at a round trip of 100 ms it is room for 40 MB/s.
const RECEIVE_WINDOW: u32 = 4 * 1024 * 1024;
/// What one data channel takes before sending has to wait: without a limit, the library takes everything. The link stops far below, at [`limits::SEND_HIGH_WATER`].
const SEND_BUFFER: usize = 4 * 1024 * 1024;

/// One connection; closed when dropped.
pub(super) struct Connection {
    steps: mpsc::UnboundedSender<ConnectionOutput>,
    queues: BTreeMap<Stream, Queue>,
}

/// The way into a data channel.
struct Queue {
    frames: mpsc::UnboundedSender<Vec<u8>>,
    waiting: Waiting,
}

impl Connection {
    /// A connection, and the task that serves it until it is dropped and closed.
    pub(super) fn open(
        feed: &Feed,
        key: ConnectionKey,
    ) -> (Self, impl Future<Output = ()> + use<>) {
        // Neither is bounded here, for the engine must not wait for a connection; but the negotiation takes its steps in
        // turns with the other end, and a link hands over no more than its channels have room for.
        let (steps, taken) = mpsc::unbounded_channel();
        let mut queues = BTreeMap::new();
        let mut ends = Vec::new();
        for stream in Stream::all() {
            let (frames, queue) = mpsc::unbounded_channel();
            let waiting = Waiting::default();
            ends.push((stream, queue, waiting.clone()));
            queues.insert(stream, Queue { frames, waiting });
        }
        let task = serve(feed.of(key), taken, ends);
        (Self { steps, queues }, task)
    }

    /// Takes a step of the negotiation after those that wait already, or measures.
    pub(super) fn take(&self, step: ConnectionOutput) {
        // A task that has ended has told that the connection is closed.
        let _told = self.steps.send(step);
    }

    /// Sends a frame after those that wait already, and says how much waits after it.
    pub(super) fn send(&self, stream: Stream, frame: Vec<u8>) -> ConnectionInput {
        if let Some(queue) = self.queues.get(&stream) {
            queue.waiting.add(frame.len());
            // A task that has ended has told that the connection is closed.
            let _told = queue.frames.send(frame);
        }
        self.buffered(stream)
    }

    /// How much waits in a data channel now.
    pub(super) fn buffered(&self, stream: Stream) -> ConnectionInput {
        let queue = self.queues.get(&stream);
        ConnectionInput::Buffered {
            stream,
            bytes: queue.map_or(0, |queue| queue.waiting.bytes()),
        }
    }
}

/// A channel's ends of its queue.
type Ends = Vec<(Stream, mpsc::UnboundedReceiver<Vec<u8>>, Waiting)>;

async fn serve(
    feed: ConnectionFeed,
    steps: mpsc::UnboundedReceiver<ConnectionOutput>,
    queues: Ends,
) {
    // Not bounded: the library must not wait for us, and what it tells there is little.
    let (news, heard) = mpsc::unbounded_channel();
    let mut channels = JoinSet::new();
    let runtime = OneByOne::default();
    let flight = Flight::default();
    let opened = match build(News(news), &runtime).await {
        Ok(peer) => open_channels(&*peer, &runtime, &feed, &flight, queues, &mut channels)
            .await
            .map(|()| peer),
        Err(error) => Err(error),
    };
    let peer = match opened {
        Ok(peer) => peer,
        Err(error) => {
            tracing::warn!("no peer connection: {error}");
            // To an engine that is gone, nothing needs to be told.
            let _gone = feed.tell(ConnectionInput::Closed).await;
            return;
        }
    };
    let mut negotiation = Negotiation {
        peer,
        feed,
        role: None,
    };
    let _gone = negotiation.run(steps, heard).await;
    if let Err(error) = negotiation.peer.close().await {
        tracing::debug!("a connection was not closed cleanly: {error}");
    }
    channels.shutdown().await;
}

async fn build(news: News, runtime: &OneByOne) -> Result<Arc<dyn PeerConnection>> {
    match build_with(MulticastDnsMode::QueryOnly, news.clone(), runtime).await {
        Ok(peer) => Ok(peer),
        // A machine without a network has no multicast either, and others may not allow it: then the names that browsers
        // give instead of their addresses are not resolved, and they have to reach us.
        Err(error) => {
            tracing::debug!("a connection goes without mDNS: {error}");
            build_with(MulticastDnsMode::Disabled, news, runtime).await
        }
    }
}

async fn build_with(
    names: MulticastDnsMode,
    news: News,
    runtime: &OneByOne,
) -> Result<Arc<dyn PeerConnection>> {
    let settings = SettingEngineBuilder::new()
        .with_multicast_dns_mode(names)
        .with_sctp_max_receive_buffer_size(RECEIVE_WINDOW)
        // An ICE restart binds new sockets, on the addresses that the machine has then.
        .with_discard_local_candidates_during_ice_restart(true)
        .build();
    let peer = PeerConnectionBuilder::new()
        .with_setting_engine(settings)
        .with_handler(Arc::new(news))
        .with_runtime(Arc::new(runtime.clone()))
        .with_udp_addrs(vec![Interfaces])
        // No reactors of its own (`with_dedicated_reactor_pool_size`): they carried a third less.
        .with_data_channel_send_buffer_limit(SEND_BUFFER)
        .build()
        .await?;
    Ok(Arc::new(peer))
}

async fn open_channels(
    peer: &dyn PeerConnection,
    runtime: &OneByOne,
    feed: &ConnectionFeed,
    flight: &Flight,
    queues: Ends,
    tasks: &mut JoinSet<()>,
) -> Result<()> {
    let open = Arc::new(Barrier::new(queues.len()));
    for (stream, frames, waiting) in queues {
        let init = RTCDataChannelInit {
            negotiated: Some(stream.number()),
            ..RTCDataChannelInit::default()
        };
        let channel = peer.create_data_channel("catnest", Some(init)).await?;
        channel
            .set_buffered_amount_low_threshold(limits::SEND_LOW_WATER as u32)
            .await?;
        let task = Channel {
            stream,
            channel,
            feed: feed.clone(),
            frames,
            waiting,
            flight: flight.clone(),
            runtime: runtime.clone(),
            open: open.clone(),
        };
        tasks.spawn(task.run());
    }
    Ok(())
}

/// Passes on what the library reports, in its order and without keeping it waiting.
#[derive(Clone)]
struct News(mpsc::UnboundedSender<ConnectionInput>);

impl News {
    fn tell(&self, input: ConnectionInput) {
        // Nobody listens any more when the connection is being closed.
        let _heard = self.0.send(input);
    }
}

#[async_trait]
impl PeerConnectionEventHandler for News {
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        match event.candidate.to_json() {
            Ok(init) if !init.candidate.is_empty() => {
                self.tell(ConnectionInput::LocalCandidate(Candidate {
                    candidate: init.candidate,
                    // The library leaves the name empty, which means nothing to a browser; the number is enough.
                    sdp_mid: init.sdp_mid.filter(|mid| !mid.is_empty()),
                    sdp_m_line_index: init.sdp_mline_index,
                    username_fragment: init.username_fragment,
                }));
            }
            // The end of them, which the other side does not need to know.
            Ok(_) => {}
            Err(error) => tracing::warn!("a candidate of our own is of no use: {error}"),
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        let transport = match state {
            RTCPeerConnectionState::Connected => Transport::Connected,
            RTCPeerConnectionState::Disconnected => Transport::Disconnected,
            RTCPeerConnectionState::Failed => Transport::Failed,
            RTCPeerConnectionState::Closed => return self.tell(ConnectionInput::Closed),
            _ => return,
        };
        self.tell(ConnectionInput::Transport(transport));
    }
}

/// Takes the steps of one connection.
struct Negotiation {
    peer: Arc<dyn PeerConnection>,
    feed: ConnectionFeed,
    /// Our part in DTLS, from the first exchange on.
    role: Option<Role>,
}

/// Who begins the DTLS handshake (RFC 8842 §5): the values of `a=setup` in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Active,
    Passive,
}

impl Role {
    const fn line(self) -> &'static str {
        match self {
            Self::Active => "a=setup:active",
            Self::Passive => "a=setup:passive",
        }
    }

    /// What whoever made an answer took on.
    fn of_answer(sdp: &str) -> Option<Self> {
        [Self::Active, Self::Passive]
            .into_iter()
            .find(|role| sdp.lines().any(|line| line.trim() == role.line()))
    }

    const fn other(self) -> Self {
        match self {
            Self::Active => Self::Passive,
            Self::Passive => Self::Active,
        }
    }

    /// An answer that keeps to this role. Once there is a DTLS connection, another one would end it (RFC 8842 §5.5); the
    /// library keeps to it, too, but always writes that it is active, and browsers refuse the answer.
    fn kept_by(self, answer: &str) -> String {
        answer.replace(self.other().line(), self.line())
    }
}

impl Negotiation {
    /// Until the connection is dropped, or the engine is gone.
    async fn run(
        &mut self,
        mut steps: mpsc::UnboundedReceiver<ConnectionOutput>,
        mut news: mpsc::UnboundedReceiver<ConnectionInput>,
    ) -> std::result::Result<(), Gone> {
        loop {
            let input = tokio::select! {
                step = steps.recv() => match step {
                    // Before the news that it leads to, so that a description is told before its candidates.
                    Some(step) => self.take(step).await,
                    None => return Ok(()),
                },
                Some(input) = news.recv() => Some(input),
            };
            if let Some(input) = input {
                self.feed.tell(input).await?;
            }
        }
    }

    async fn take(&mut self, step: ConnectionOutput) -> Option<ConnectionInput> {
        let taken = match step {
            ConnectionOutput::UseRelay(relay) => {
                if let Err(error) = self.use_relay(relay).await {
                    tracing::debug!("a relay is of no use: {error}");
                }
                Ok(None)
            }
            ConnectionOutput::Offer { restart } => self.offer(restart).await,
            ConnectionOutput::AcceptOffer(sdp) => self.answer(sdp).await,
            ConnectionOutput::AcceptAnswer(sdp) => self.accept(sdp).await,
            ConnectionOutput::AddCandidate(candidate) => {
                if let Err(error) = self.add(candidate).await {
                    tracing::debug!("a candidate does not fit: {error}");
                }
                Ok(None)
            }
            ConnectionOutput::Measure => {
                let report = self
                    .peer
                    .get_stats(Instant::now(), StatsSelector::None)
                    .await;
                Ok(stats::path(&report).map(ConnectionInput::Measured))
            }
            // What the engine does itself, at once.
            ConnectionOutput::Open { .. }
            | ConnectionOutput::Send { .. }
            | ConnectionOutput::Close => Ok(None),
        };
        taken.unwrap_or_else(|error| Some(ConnectionInput::NegotiationFailed(error.to_string())))
    }

    /// From the next description on, candidates are gathered there, too. The library speaks to relays by UDP only: where
    /// nothing else gets through, the other end's relay has to do.
    async fn use_relay(&self, mut relay: Relay) -> Result<()> {
        relay.urls.retain(|url| is_by_udp(url));
        let server = RTCIceServer {
            urls: relay.urls,
            username: relay.username,
            credential: relay.credential,
        };
        let configuration = RTCConfigurationBuilder::new()
            .with_ice_servers(vec![server])
            .build();
        self.peer.set_configuration(configuration).await
    }

    async fn offer(&self, restart: bool) -> Result<Option<ConnectionInput>> {
        let options = RTCOfferOptions {
            ice_restart: restart,
        };
        let offer = self.peer.create_offer(Some(options)).await?;
        let offer = self.set_local(offer).await?;
        Ok(Some(described(DescriptionKind::Offer, offer)))
    }

    async fn answer(&mut self, offer: Sdp) -> Result<Option<ConnectionInput>> {
        let offer = RTCSessionDescription::offer(offer.0)?;
        // Browsers do that by themselves.
        if self.peer.pending_local_description().await.is_some() {
            let rollback = RTCSessionDescription::rollback(None)?;
            self.peer.set_local_description(rollback).await?;
        }
        self.peer.set_remote_description(offer).await?;
        let answer = self.peer.create_answer(None).await?;
        let answer = self.set_local(answer).await?;
        let ours = Role::of_answer(&answer);
        let kept = match self.role {
            Some(role) => role.kept_by(&answer),
            None => answer,
        };
        self.role = self.role.or(ours);
        Ok(Some(described(DescriptionKind::Answer, kept)))
    }

    async fn accept(&mut self, answer: Sdp) -> Result<Option<ConnectionInput>> {
        let role = Role::of_answer(&answer.0).map(Role::other);
        let answer = RTCSessionDescription::answer(answer.0)?;
        self.peer.set_remote_description(answer).await?;
        self.role = self.role.or(role);
        Ok(None)
    }

    async fn add(&self, candidate: Candidate) -> Result<()> {
        self.peer
            .add_ice_candidate(RTCIceCandidateInit {
                candidate: candidate.candidate,
                sdp_mid: candidate.sdp_mid,
                sdp_mline_index: candidate.sdp_m_line_index,
                username_fragment: candidate.username_fragment,
                ..RTCIceCandidateInit::default()
            })
            .await
    }

    /// Sets our description, and gives it as it was set.
    async fn set_local(&self, description: RTCSessionDescription) -> Result<String> {
        let made = description.sdp.clone();
        self.peer.set_local_description(description).await?;
        let set = self.peer.local_description().await;
        Ok(set.map_or(made, |set| set.sdp))
    }
}

/// Whether a relay is reached by UDP there (RFC 7065 §3.1: without a word on it, it is).
fn is_by_udp(url: &str) -> bool {
    url.starts_with("turn:") && !url.ends_with("?transport=tcp")
}

fn described(kind: DescriptionKind, sdp: String) -> ConnectionInput {
    let sdp = Sdp(sdp);
    ConnectionInput::LocalDescription { kind, sdp }
}

#[cfg(test)]
mod tests;
