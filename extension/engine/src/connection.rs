//! One `RTCPeerConnection` with its data channels.
//!
//! The channels are negotiated beforehand (RFC 8832 is not needed): both ends make them with the same numbers, so they
//! are the same whoever offers. Descriptions and candidates are set strictly one after the other.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

use catnest::{
    limits,
    link::{ConnectionInput, ConnectionKey, ConnectionOutput, DescriptionKind, Stream, Transport},
    signal::{
        message::{Candidate, Sdp},
        relay::Relay,
    },
};
use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    MessageEvent, RtcConfiguration, RtcDataChannel, RtcDataChannelInit, RtcDataChannelType,
    RtcIceCandidateInit, RtcIceServer, RtcOfferOptions, RtcPeerConnection,
    RtcPeerConnectionIceEvent, RtcPeerConnectionState, RtcSdpType, RtcSessionDescriptionInit,
};

use crate::{
    feed::Feed,
    js::{self, Listener},
    stats,
};

/// One connection; closed when dropped.
pub(crate) struct Connection {
    peer: RtcPeerConnection,
    channels: BTreeMap<Stream, RtcDataChannel>,
    steps: Rc<Steps>,
    // Removed before the connection is closed, so that a closing we asked for is no news.
    listeners: Vec<Listener>,
}

/// The steps of the negotiation that are still to be taken, and by whom to tell of them.
struct Steps {
    peer: RtcPeerConnection,
    feed: Feed,
    key: ConnectionKey,
    queue: RefCell<Queue>,
    closing: Closing,
}

/// Ends the step that is under way when its connection is closed. The browser never settles a promise of a closed
/// connection (W3C WebRTC 1.0 §4.4.1.2), and whoever awaited it would keep the connection alive for ever.
struct Closing {
    promise: Promise,
    resolve: Option<Function>,
    done: Cell<bool>,
}

impl Closing {
    fn new() -> Self {
        let mut resolve = None;
        let promise = Promise::new(&mut |done, _| resolve = Some(done));
        Self {
            promise,
            resolve,
            done: Cell::new(false),
        }
    }

    fn close(&self) {
        self.done.set(true);
        if let Some(resolve) = &self.resolve {
            // A promise's own resolve function does not throw.
            let _resolved = resolve.call0(&JsValue::UNDEFINED);
        }
    }

    /// What a promise of the connection comes to, unless that is closed before.
    async fn or(&self, promise: &Promise) -> Result<JsValue, JsValue> {
        let either = Promise::race(&Array::of2(promise, &self.promise));
        let value = JsFuture::from(either).await?;
        if self.done.get() {
            return Err("the connection is closed".into());
        }
        Ok(value)
    }
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<ConnectionOutput>,
    /// A task is taking them.
    running: bool,
}

impl Connection {
    pub(crate) fn open(feed: Feed, key: ConnectionKey) -> Result<Self, JsValue> {
        let peer = RtcPeerConnection::new_with_configuration(&RtcConfiguration::new())?;
        let channels: BTreeMap<Stream, RtcDataChannel> = Stream::all()
            .map(|stream| (stream, channel(&peer, stream)))
            .collect();
        let mut listeners = peer_listeners(&feed, key, &peer);
        let unopened = Rc::new(Cell::new(channels.len()));
        for (&stream, channel) in &channels {
            listeners.extend(channel_listeners(&feed, key, stream, channel, &unopened));
        }
        let steps = Steps {
            peer: peer.clone(),
            feed,
            key,
            queue: RefCell::default(),
            closing: Closing::new(),
        };
        Ok(Self {
            peer,
            channels,
            steps: Rc::new(steps),
            listeners,
        })
    }

    /// Takes a step of the negotiation after those that wait already.
    pub(crate) fn negotiate(&self, step: ConnectionOutput) {
        let mut queue = self.steps.queue.borrow_mut();
        queue.waiting.push_back(step);
        if !std::mem::replace(&mut queue.running, true) {
            spawn_local(self.steps.clone().run());
        }
    }

    /// Looks at the path that is in use now.
    pub(crate) fn measure(&self) {
        let steps = self.steps.clone();
        spawn_local(async move {
            let taken = steps.closing.or(&steps.peer.get_stats()).await;
            if steps.closing.done.get() {
                return;
            }
            match taken {
                Ok(report) => {
                    if let Some(path) = stats::path(&report) {
                        steps
                            .feed
                            .connection(steps.key, ConnectionInput::Measured(path));
                    }
                }
                Err(error) => js::warn("a connection cannot be measured", &error),
            }
        });
    }

    /// Sends a frame, and says how much waits after it.
    pub(crate) fn send(&self, stream: Stream, frame: &[u8]) -> ConnectionInput {
        let Some(channel) = self.channels.get(&stream) else {
            return ConnectionInput::Closed;
        };
        match channel.send_with_u8_array(frame) {
            Ok(()) => buffered(stream, channel),
            // The channel is closing, or its buffer is full in spite of all: it is of no more use.
            Err(error) => {
                js::warn("a frame was not sent", &error);
                ConnectionInput::Closed
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.listeners.clear();
        self.steps.queue.borrow_mut().waiting.clear();
        self.steps.closing.close();
        for channel in self.channels.values() {
            channel.close();
        }
        self.peer.close();
    }
}

fn channel(peer: &RtcPeerConnection, stream: Stream) -> RtcDataChannel {
    let init = RtcDataChannelInit::new();
    init.set_negotiated(true);
    init.set_id(stream.number());
    let channel = peer.create_data_channel_with_data_channel_dict("catnest", &init);
    channel.set_binary_type(RtcDataChannelType::Arraybuffer);
    channel.set_buffered_amount_low_threshold(limits::SEND_LOW_WATER as u32);
    channel
}

fn buffered(stream: Stream, channel: &RtcDataChannel) -> ConnectionInput {
    let bytes = channel.buffered_amount() as usize;
    ConnectionInput::Buffered { stream, bytes }
}

fn channel_listeners(
    feed: &Feed,
    key: ConnectionKey,
    stream: Stream,
    channel: &RtcDataChannel,
    unopened: &Rc<Cell<usize>>,
) -> Vec<Listener> {
    let on = |name, input: Rc<dyn Fn() -> ConnectionInput>| {
        let feed = feed.clone();
        Listener::new(channel, name, move |_| feed.connection(key, input()))
    };
    let (drained, unopened) = (channel.clone(), unopened.clone());
    let (opened, heard) = (feed.clone(), feed.clone());
    vec![
        Listener::new(channel, "open", move |_| {
            unopened.set(unopened.get().saturating_sub(1));
            if unopened.get() == 0 {
                opened.connection(key, ConnectionInput::Opened);
            }
        }),
        on("close", Rc::new(|| ConnectionInput::Closed)),
        on(
            "bufferedamountlow",
            Rc::new(move || buffered(stream, &drained)),
        ),
        Listener::new(channel, "message", move |event| {
            let data = event.unchecked_into::<MessageEvent>().data();
            let frame = match data.dyn_into::<js_sys::ArrayBuffer>() {
                // Cut off one byte over the limit: the core sees that it is too long, and nothing large is copied.
                Ok(buffer) => {
                    let length = buffer.byte_length().min(limits::MAX_FRAME_BYTES as u32 + 1);
                    js_sys::Uint8Array::new_with_byte_offset_and_length(&buffer, 0, length).to_vec()
                }
                // A text, which no Catnest node sends: an empty frame is as wrong.
                Err(_) => Vec::new(),
            };
            heard.connection(key, ConnectionInput::Frame(frame));
        }),
    ]
}

fn peer_listeners(feed: &Feed, key: ConnectionKey, peer: &RtcPeerConnection) -> Vec<Listener> {
    let (found, changed, of) = (feed.clone(), feed.clone(), peer.clone());
    vec![
        Listener::new(peer, "icecandidate", move |event| {
            // No candidate: the end of them, which the other side does not need to know.
            let Some(candidate) = event
                .unchecked_into::<RtcPeerConnectionIceEvent>()
                .candidate()
            else {
                return;
            };
            let fragment = js_sys::Reflect::get(&candidate, &"usernameFragment".into()).ok();
            let candidate = Candidate {
                candidate: candidate.candidate(),
                sdp_mid: candidate.sdp_mid(),
                sdp_m_line_index: candidate.sdp_m_line_index(),
                username_fragment: fragment.and_then(|fragment| fragment.as_string()),
            };
            if !candidate.candidate.is_empty() {
                found.connection(key, ConnectionInput::LocalCandidate(candidate));
            }
        }),
        Listener::new(peer, "connectionstatechange", move |_| {
            let transport = match of.connection_state() {
                RtcPeerConnectionState::Connected => Transport::Connected,
                RtcPeerConnectionState::Disconnected => Transport::Disconnected,
                RtcPeerConnectionState::Failed => Transport::Failed,
                _ => return,
            };
            changed.connection(key, ConnectionInput::Transport(transport));
        }),
    ]
}

impl Steps {
    async fn run(self: Rc<Self>) {
        loop {
            let step = {
                let mut queue = self.queue.borrow_mut();
                let step = queue.waiting.pop_front();
                queue.running = step.is_some();
                step
            };
            let Some(step) = step else { return };
            let taken = self.take(step).await;
            if self.closing.done.get() {
                return;
            }
            match taken {
                Ok(Some(input)) => self.feed.connection(self.key, input),
                Ok(None) => {}
                Err(error) => {
                    let problem = js::text_of(&error);
                    self.feed
                        .connection(self.key, ConnectionInput::NegotiationFailed(problem));
                }
            }
        }
    }

    async fn take(&self, step: ConnectionOutput) -> Result<Option<ConnectionInput>, JsValue> {
        match step {
            ConnectionOutput::UseRelay(relay) => {
                if let Err(error) = self.use_relay(relay) {
                    js::warn("a relay is of no use", &error);
                }
                Ok(None)
            }
            ConnectionOutput::Offer { restart } => {
                let options = RtcOfferOptions::new();
                options.set_ice_restart(restart);
                let offer = self.peer.create_offer_with_rtc_offer_options(&options);
                self.set_local(DescriptionKind::Offer, self.closing.or(&offer).await?)
                    .await
            }
            ConnectionOutput::AcceptOffer(sdp) => {
                self.set_remote(RtcSdpType::Offer, &sdp).await?;
                let answer = self.closing.or(&self.peer.create_answer()).await?;
                self.set_local(DescriptionKind::Answer, answer).await
            }
            ConnectionOutput::AcceptAnswer(sdp) => {
                self.set_remote(RtcSdpType::Answer, &sdp).await?;
                Ok(None)
            }
            ConnectionOutput::AddCandidate(candidate) => {
                if let Err(error) = self.add(&candidate).await {
                    js::warn("a candidate does not fit", &error);
                }
                Ok(None)
            }
            // What the engine does itself, at once.
            ConnectionOutput::Open { .. }
            | ConnectionOutput::Send { .. }
            | ConnectionOutput::Measure
            | ConnectionOutput::Close => Ok(None),
        }
    }

    /// From the next description on, candidates are gathered there, too (W3C WebRTC 1.0 §4.4.1.6).
    fn use_relay(&self, relay: Relay) -> Result<(), JsValue> {
        let urls: Array = relay
            .urls
            .iter()
            .map(|url| JsValue::from_str(url))
            .collect();
        let server = RtcIceServer::new();
        server.set_urls(&urls);
        server.set_username(&relay.username);
        server.set_credential(&relay.credential);
        let configuration = RtcConfiguration::new();
        configuration.set_ice_servers(&Array::of1(&server));
        self.peer
            .set_configuration_with_configuration(&configuration)
    }

    async fn set_local(
        &self,
        kind: DescriptionKind,
        description: JsValue,
    ) -> Result<Option<ConnectionInput>, JsValue> {
        let description: RtcSessionDescriptionInit = description.unchecked_into();
        let set = self.peer.set_local_description(&description);
        self.closing.or(&set).await?;
        let sdp = self
            .peer
            .local_description()
            .ok_or("the description was not set")?
            .sdp();
        Ok(Some(ConnectionInput::LocalDescription {
            kind,
            sdp: Sdp(sdp),
        }))
    }

    async fn set_remote(&self, kind: RtcSdpType, sdp: &Sdp) -> Result<(), JsValue> {
        let description = RtcSessionDescriptionInit::new(kind);
        description.set_sdp(&sdp.0);
        let set = self.peer.set_remote_description(&description);
        self.closing.or(&set).await?;
        Ok(())
    }

    async fn add(&self, candidate: &Candidate) -> Result<(), JsValue> {
        let init = RtcIceCandidateInit::new(&candidate.candidate);
        init.set_sdp_mid(candidate.sdp_mid.as_deref());
        init.set_sdp_m_line_index(candidate.sdp_m_line_index);
        if let Some(fragment) = &candidate.username_fragment {
            js_sys::Reflect::set(&init, &"usernameFragment".into(), &fragment.into())?;
        }
        let added = self
            .peer
            .add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(&init));
        self.closing.or(&added).await?;
        Ok(())
    }
}
