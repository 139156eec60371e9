//! Clients that come by TCP, with TLS or without: each is counted, has some time to get an allocation, and ends with it.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use catnest::{
    signal::guard::{AddressKey, Connections, HubLimits},
    turn::{Client, Transport, quota::TurnLimits, stun},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::yield_now,
    time::{Instant, sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::{outbox::Outbox, outgoing, state::Turn};

/// How long a connection may be without an allocation, TLS included: a browser needs four round trips.
const UNPROVEN: Duration = Duration::from_secs(10);
/// How long a connection that is to end may take to read what it was sent.
const LAST_WORDS: Duration = Duration::from_secs(10);
/// How long to wait when the operating system has no room for another connection: until some have ended.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// What is read at once. Frames of WebRTC are about 1.2 KiB; the largest has 64 KiB and four bytes.
const READ_BYTES: usize = 16 * 1024;

/// How many connections there may be, in all and from one address: one for each allocation, and those that come and go.
fn connection_limits(limits: TurnLimits) -> HubLimits {
    HubLimits {
        sockets: limits.allocations,
        sockets_per_address: limits.allocations_per_address,
        ..HubLimits::default()
    }
}

/// How many connections there may be in all, by both listeners.
pub(super) fn most_connections(limits: TurnLimits) -> usize {
    connection_limits(limits).connections()
}

/// Counts the connections of all listeners.
pub(super) fn counts(limits: TurnLimits) -> Arc<Mutex<Connections>> {
    Arc::new(Mutex::new(Connections::new(connection_limits(limits))))
}

/// Serves a listener as long as the process runs.
pub(super) fn start(
    turn: Arc<Turn>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    counts: Arc<Mutex<Connections>>,
) {
    tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let address = AddressKey::from(peer.ip());
                    if let Some(seat) = Seat::take(&counts, address) {
                        tokio::spawn(serve(turn.clone(), stream, tls.clone(), seat));
                    }
                }
                // It had ended before we looked.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept connections for TURN");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    });
}

/// A connection that is counted, until this is dropped.
struct Seat {
    counts: Arc<Mutex<Connections>>,
    address: AddressKey,
}

impl Seat {
    fn take(counts: &Arc<Mutex<Connections>>, address: AddressKey) -> Option<Self> {
        // Whole even if a thread panicked with it in hand: every change to it is one call.
        let mut all = counts.lock().unwrap_or_else(PoisonError::into_inner);
        all.open(Some(address)).then(|| Self {
            counts: counts.clone(),
            address,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut all = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        all.closed(Some(self.address));
    }
}

async fn serve(turn: Arc<Turn>, stream: TcpStream, tls: Option<TlsAcceptor>, _seat: Seat) {
    let (Ok(address), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else {
        return;
    };
    // What is relayed is waited for.
    let _ = stream.set_nodelay(true);
    let client = Client {
        transport: Transport::Tcp,
        address,
        local: Some(local),
    };
    let deadline = Instant::now() + UNPROVEN;
    match tls {
        None => talk(turn, client, stream, deadline).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(UNPROVEN, tls.accept(stream)).await {
                talk(turn, client, stream, deadline).await;
            }
        }
    }
}

/// Serves one connection to its end.
async fn talk(
    turn: Arc<Turn>,
    client: Client,
    stream: impl AsyncRead + AsyncWrite,
    deadline: Instant,
) {
    let (reading, writing) = tokio::io::split(stream);
    let outbox = Arc::new(Outbox::default());
    turn.opened(client, outbox.clone());
    // Should this be cut short, the client is gone all the same.
    let _gone = Gone {
        turn: turn.clone(),
        client,
    };
    tokio::select! {
        () = read(&turn, client, reading, deadline) => {}
        () = outbox.write_into(writing) => {}
        // Its allocation has ended, and it neither reads nor says anything.
        () = async {
            outbox.closing().await;
            sleep(LAST_WORDS).await;
        } => {}
    }
}

struct Gone {
    turn: Arc<Turn>,
    client: Client,
}

impl Drop for Gone {
    fn drop(&mut self) {
        self.turn.gone(&self.client);
    }
}

/// Reads until the connection ends, says what is no frame, or is without an allocation for too long. Without one it has no
/// channels either: data for one ends it, before 64 KiB are waited for.
async fn read(
    turn: &Arc<Turn>,
    client: Client,
    mut stream: impl AsyncRead + Unpin,
    mut deadline: Instant,
) {
    let mut bytes = Vec::new();
    loop {
        let start = bytes.len();
        bytes.resize(start + READ_BYTES, 0);
        let reading = stream.read(&mut bytes[start..]);
        let serves = turn.serves(&client);
        let read = if serves {
            deadline = Instant::now() + UNPROVEN;
            reading.await
        } else {
            match tokio::time::timeout_at(deadline, reading).await {
                Ok(read) => read,
                Err(_) => return,
            }
        };
        let Ok(read @ 1..) = read else { return };
        bytes.truncate(start + read);
        let Some(whole) = whole_frames(&bytes, serves) else {
            return;
        };
        let frames = Frames(&bytes[..whole]).map(|frame| (client, frame));
        outgoing::send(|outgoing| turn.hear_clients(frames, outgoing));
        bytes.drain(..whole);
        // Others have their turn.
        yield_now().await;
    }
}

/// How many bytes whole frames have at the beginning; none when something there is not a frame, or data for a channel
/// where there can be no `channels`.
fn whole_frames(bytes: &[u8], channels: bool) -> Option<usize> {
    let mut at = 0;
    while let Some(&header) = bytes[at..].first_chunk() {
        let length = stun::stream_frame_length(header)?;
        if !channels && matches!(stun::frame(header), stun::Frame::Channel(..)) {
            return None;
        }
        if bytes.len() - at < length {
            break;
        }
        at += length;
    }
    Some(at)
}

/// Whole frames, one by one.
struct Frames<'a>(&'a [u8]);

impl<'a> Iterator for Frames<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let length = stun::stream_frame_length(*self.0.first_chunk()?)?;
        let (frame, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(frame)
    }
}
