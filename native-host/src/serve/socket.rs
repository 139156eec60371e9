//! One WebSocket: what comes goes to the hub, what the hub queued is sent, and in the end it is closed so that the other
//! end learns why.

use std::{pin::pin, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use catnest::limits;
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tungstenite::error::ProtocolError;

use super::{
    hub::Seat,
    queue::{Close, Item, Receiver},
};

/// What tungstenite allocates for each socket to read into. Its default of 128 KiB would make a thousand idle sockets
/// cost 128 MB; a signalling message is 2–4 KiB.
const READ_BUFFER_BYTES: usize = 8 * 1024;
/// What tungstenite reads of one message. One byte more than the hub takes, so that the limit itself is the hub's.
const MAX_MESSAGE_BYTES: usize = limits::MAX_SIGNAL_BYTES + 1;
/// How long a closed socket stays for its close frame to arrive. Dropping it with unread bytes in it makes the kernel
/// send a reset, which may overtake the frame.
const LINGER: Duration = Duration::from_secs(3);
/// Pings without any answer after which a socket is dropped.
const SILENT_PINGS: u32 = 3;

/// RFC 6455 §7.4.1: the other end does not keep to the protocol.
const PROTOCOL_ERROR: Close = Close {
    code: 1002,
    reason: "not the WebSocket protocol",
};
/// RFC 6455 §7.4.1: a text that is not UTF-8.
const NOT_UTF8: Close = Close {
    code: 1007,
    reason: "a text message is not UTF-8",
};

/// Bounds what one socket costs.
pub(super) fn limit(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
}

/// Why nothing more is read.
enum Unread {
    /// The other end closed, or the connection broke.
    Gone,
    /// Not even a pong came for too long.
    Silent,
    /// What comes can no longer be told apart. The hub has queued the close, or it is this one.
    Garbled(Option<Close>),
}

/// How a socket ends.
enum End {
    /// Nobody is there to hear why.
    Drop,
    /// The other end closed: the answer is owed.
    Answer,
    /// Close, then read on until the other end has answered.
    Close(Close),
    /// Close, without reading on.
    CloseUnread(Close),
}

/// Serves one socket to its end.
pub(super) async fn run(
    websocket: WebSocket,
    seat: Seat,
    mut queue: Receiver,
    ping_interval: Duration,
) {
    let (mut sink, mut stream) = websocket.split();
    let socket = seat.number();
    tracing::debug!(socket, "socket opened");
    let end = talk(&mut sink, &mut stream, &seat, &mut queue, ping_interval).await;
    // First of all, so that the others need not wait for the farewell.
    drop(seat);
    match &end {
        End::Drop => tracing::debug!(socket, "socket lost"),
        End::Answer => tracing::debug!(socket, "socket closed by the other end"),
        End::Close(Close { code, reason }) | End::CloseUnread(Close { code, reason }) => {
            tracing::debug!(socket, code, reason, "closing socket");
        }
    }
    part(&mut sink, &mut stream, end).await;
}

/// Reads and writes side by side: who is slow at the one is not hindered in the other.
async fn talk(
    sink: &mut SplitSink<WebSocket, Message>,
    stream: &mut SplitStream<WebSocket>,
    seat: &Seat,
    queue: &mut Receiver,
    ping_interval: Duration,
) -> End {
    let mut writing = pin!(write(sink, seat, queue, ping_interval));
    let reading = pin!(read(stream, seat, SILENT_PINGS * ping_interval));
    let unread = tokio::select! {
        // Writing first: once a close is due, nothing more need be read.
        biased;
        close = &mut writing => return close.map_or(End::Answer, End::Close),
        unread = reading => unread,
    };
    match unread {
        Unread::Gone => End::Answer,
        Unread::Silent => End::Drop,
        Unread::Garbled(Some(close)) => End::CloseUnread(close),
        // The hub's close comes after what it queued before.
        Unread::Garbled(None) => match timeout(LINGER, writing).await {
            Ok(Some(close)) => End::CloseUnread(close),
            Ok(None) | Err(_) => End::Drop,
        },
    }
}

/// Passes what comes on to the hub.
async fn read(stream: &mut SplitStream<WebSocket>, seat: &Seat, silence: Duration) -> Unread {
    loop {
        match timeout(silence, stream.next()).await {
            Err(_) => return Unread::Silent,
            Ok(None | Some(Ok(Message::Close(_)))) => return Unread::Gone,
            Ok(Some(Ok(Message::Text(text)))) => seat.text(&text),
            Ok(Some(Ok(Message::Binary(_)))) => seat.binary(),
            // A ping is answered by tungstenite itself; a pong has done its work by coming.
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => seat.noise(),
            Ok(Some(Err(error))) => match error.into_inner().downcast_ref() {
                Some(tungstenite::Error::Capacity(_)) => {
                    seat.too_big();
                    return Unread::Garbled(None);
                }
                Some(tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => {
                    return Unread::Gone;
                }
                Some(tungstenite::Error::Protocol(_)) => {
                    return Unread::Garbled(Some(PROTOCOL_ERROR));
                }
                Some(tungstenite::Error::Utf8(_)) => return Unread::Garbled(Some(NOT_UTF8)),
                _ => return Unread::Gone,
            },
        }
    }
}

/// Sends what the hub queued, and pings. Ends with the close that is due, or with none when nothing can be sent.
async fn write(
    sink: &mut SplitSink<WebSocket, Message>,
    seat: &Seat,
    queue: &mut Receiver,
    ping_interval: Duration,
) -> Option<Close> {
    let mut pings = interval_at(Instant::now() + ping_interval, ping_interval);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let (message, _room) = tokio::select! {
            item = queue.next() => match item? {
                Item::Text(text, room) => (Message::text(&*text), Some(room)),
                Item::Close(close) => return Some(close),
            },
            _ = pings.tick() => {
                seat.ping();
                (Message::Ping(Vec::new().into()), None)
            }
        };
        tokio::select! {
            biased;
            close = queue.cut() => return Some(close),
            sent = sink.send(message) => sent.ok()?,
        }
    }
}

/// Says why, if there is something to say, and waits until that has arrived or nobody can be expected to hear it.
async fn part(
    sink: &mut SplitSink<WebSocket, Message>,
    stream: &mut SplitStream<WebSocket>,
    end: End,
) {
    let farewell = async {
        let (close, readable) = match end {
            End::Drop => return,
            End::Answer => (None, true),
            End::Close(close) => (Some(close), true),
            End::CloseUnread(close) => (Some(close), false),
        };
        if let Some(Close { code, reason }) = close {
            let frame = CloseFrame {
                code,
                reason: reason.into(),
            };
            if sink.send(Message::Close(Some(frame))).await.is_err() {
                return;
            }
        }
        if readable {
            // Tungstenite sends the answer to a close, and notices the one to ours, while it is read from.
            while let Some(Ok(_)) = stream.next().await {}
        } else {
            // It refuses to read on, so the other end's answer cannot be noticed.
            std::future::pending::<()>().await;
        }
    };
    // Whether it was heard or not, this socket is done.
    let _ = timeout(LINGER, farewell).await;
}
