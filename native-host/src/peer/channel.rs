//! One data channel of a connection: a task that sends what it is given, and tells what comes.
//!
//! How much waits is counted here, from the engine's handing over a frame to the other end's acknowledging it. The
//! library's own count begins later, with the frame's coming in there, and its news of having drained gets lost.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::{Bytes, BytesMut};
use catnest::{
    limits,
    link::{ConnectionInput, Stream},
};
use tokio::sync::{Barrier, mpsc};
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelMessage};

use super::{
    feed::{ConnectionFeed, Gone},
    flight::{Flight, Share},
    runtime::OneByOne,
};

/// What was handed over to a channel and is not acknowledged yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    pub(super) fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Takes off what was acknowledged. Whether the channel has just drained to [`limits::SEND_LOW_WATER`].
    fn subtract(&self, bytes: usize) -> bool {
        let before = self.0.fetch_sub(bytes, Ordering::Relaxed);
        before > limits::SEND_LOW_WATER && before - bytes <= limits::SEND_LOW_WATER
    }
}

/// One channel and who is told.
pub(super) struct Channel {
    pub(super) stream: Stream,
    pub(super) channel: Arc<dyn DataChannel>,
    pub(super) feed: ConnectionFeed,
    /// What is to be sent. Its length is the link's business, which hears how much waits.
    pub(super) frames: mpsc::UnboundedReceiver<Vec<u8>>,
    pub(super) waiting: Waiting,
    pub(super) flight: Flight,
    pub(super) runtime: OneByOne,
    /// Where the channels of a connection wait for each other.
    pub(super) open: Arc<Barrier>,
}

impl Channel {
    /// Serves the channel until it or the engine is gone.
    pub(super) async fn run(mut self) {
        // To an engine that is gone, nothing needs to be told.
        let _gone = self.serve().await;
    }

    async fn serve(&mut self) -> Result<(), Gone> {
        loop {
            match self.channel.poll().await {
                Some(DataChannelEvent::OnOpen) => break,
                Some(DataChannelEvent::OnClosing | DataChannelEvent::OnClose) | None => {
                    return self.feed.tell(ConnectionInput::Closed).await;
                }
                Some(_) => {}
            }
        }
        if self.open.wait().await.is_leader() {
            self.runtime.opened();
            self.feed.tell(ConnectionInput::Opened).await?;
        }
        // Once more: no channel tells of a frame before that is told.
        self.open.wait().await;
        let mut taken_in = self.runtime.taken_in();
        // What is said goes at once, however much of files is on its way, and is no reason for those to wait.
        let flight = match self.stream {
            Stream::CONTROL => Flight::unlimited(),
            _ => self.flight.clone(),
        };
        let mut share = Share::of(flight);
        let mut held = None;
        loop {
            tokio::select! {
                event = self.channel.poll() => match event {
                    Some(DataChannelEvent::OnMessage(message)) => {
                        self.feed.tell(ConnectionInput::Frame(frame(message))).await?;
                        continue;
                    }
                    Some(DataChannelEvent::OnClosing | DataChannelEvent::OnClose) | None => break,
                    Some(_) => {}
                },
                frame = next(&mut self.frames, &mut held, &mut share) => match frame {
                    Some(frame) => {
                        // Without copying it.
                        let frame = BytesMut::from(Bytes::from(frame));
                        if let Err(error) = self.channel.send(frame).await {
                            tracing::debug!("a frame was not sent: {error}");
                            break;
                        }
                        continue;
                    }
                    // The connection is being closed.
                    None => return Ok(()),
                },
                // Among it may be that the other end has acknowledged something. The sender is held by `self`.
                _ = taken_in.changed(), if !share.is_empty() => {}
            }
            let Ok(left) = self.channel.outstanding_bytes().await else {
                break;
            };
            let acknowledged = share.keep(left);
            if self.waiting.subtract(acknowledged) {
                let (stream, bytes) = (self.stream, self.waiting.bytes());
                self.feed
                    .tell(ConnectionInput::Buffered { stream, bytes })
                    .await?;
            }
        }
        self.feed.tell(ConnectionInput::Closed).await
    }
}

/// What is to be sent next, once it may. Safe to cancel: what waits for room is held meanwhile.
async fn next(
    frames: &mut mpsc::UnboundedReceiver<Vec<u8>>,
    held: &mut Option<Vec<u8>>,
    share: &mut Share,
) -> Option<Vec<u8>> {
    if held.is_none() {
        *held = Some(frames.recv().await?);
    }
    share.add(held.as_ref().map_or(0, Vec::len)).await;
    held.take()
}

/// Cut off one byte over the limit, as in the browser: the core sees that it is too long. A text, which no Catnest node
/// sends, becomes an empty frame, which is as wrong.
fn frame(message: RTCDataChannelMessage) -> Vec<u8> {
    if message.is_string {
        return Vec::new();
    }
    let mut data = message.data;
    data.truncate(limits::MAX_FRAME_BYTES + 1);
    data.into()
}
