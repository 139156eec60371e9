//! One data channel of a connection: a task that sends what it is given, and tells what comes.
//!
//! One task does both, so that its reports of how much waits are told in the order they were made.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use catnest::{
    limits,
    link::{ConnectionInput, Stream},
};
use tokio::sync::{Barrier, mpsc};
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelMessage};

use super::{
    feed::{ConnectionFeed, Gone},
    runtime::OneByOne,
};

/// One channel and who is told.
pub(super) struct Channel {
    pub(super) stream: Stream,
    pub(super) channel: Arc<dyn DataChannel>,
    pub(super) feed: ConnectionFeed,
    /// What is to be sent. Its length is the link's business, which hears how much waits.
    pub(super) frames: mpsc::UnboundedReceiver<Vec<u8>>,
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
        loop {
            let input = tokio::select! {
                event = self.channel.poll() => match event {
                    Some(DataChannelEvent::OnMessage(message)) => {
                        ConnectionInput::Frame(frame(message))
                    }
                    Some(DataChannelEvent::OnBufferedAmountLow) => self.buffered().await,
                    Some(DataChannelEvent::OnClosing | DataChannelEvent::OnClose) | None => {
                        ConnectionInput::Closed
                    }
                    Some(_) => continue,
                },
                frame = self.frames.recv() => match frame {
                    Some(frame) => self.send(frame).await,
                    // The connection is being closed.
                    None => return Ok(()),
                },
            };
            let closed = input == ConnectionInput::Closed;
            self.feed.tell(input).await?;
            if closed {
                return Ok(());
            }
        }
    }

    /// Sends a frame, and says how much waits after it.
    async fn send(&self, frame: Vec<u8>) -> ConnectionInput {
        // Without copying it.
        let frame = BytesMut::from(Bytes::from(frame));
        match self.channel.send(frame).await {
            Ok(()) => self.buffered().await,
            Err(error) => {
                tracing::debug!("a frame was not sent: {error}");
                ConnectionInput::Closed
            }
        }
    }

    /// What the other end has not acknowledged yet: unlike in browsers, that includes what is on its way.
    async fn buffered(&self) -> ConnectionInput {
        match self.channel.outstanding_bytes().await {
            Ok(bytes) => ConnectionInput::Buffered {
                stream: self.stream,
                bytes,
            },
            Err(_) => ConnectionInput::Closed,
        }
    }
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
