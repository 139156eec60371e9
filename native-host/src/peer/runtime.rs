//! What the crate `webrtc` runs on: Tokio, with sockets that deliver one datagram at a time until a connection is open.
//!
//! The library (0.21.1) takes in a burst of datagrams before it looks at what they led to. When the other end's first
//! frame comes in one burst with the last step of the SCTP handshake, it has no channel yet to give the frame to, and
//! loses it, although SCTP has acknowledged it (`rtc`, `DataChannelHandler::handle_read`: `ErrDataChannelNotExisted`).
//! For us that is the hello, and the link is lost with it. Between two datagrams of two deliveries it does look.

use std::{
    future::Future,
    io::{self, IoSliceMut},
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::sync::watch;
use webrtc::runtime::{
    AsyncInterval, AsyncTcpListener, AsyncTcpStream, AsyncUdpSocket, JoinHandle, RecvMeta, Runtime,
    TokioRuntime, Transmit, UdpSockRef, UdpSocketState,
};

/// What a socket holds before it is read. What is beyond it is lost, and the library may take seconds to recover: with
/// Linux' own 208 KiB, two programs of one machine carry 20 to 170 MB/s, with this 390.
const RECEIVE_BUFFER: usize = 2 * 1024 * 1024;

/// The runtime of one connection.
#[derive(Clone, Debug, Default)]
pub(super) struct OneByOne {
    open: Arc<AtomicBool>,
    /// That what had come is taken in.
    taken_in: watch::Sender<()>,
}

impl OneByOne {
    /// The connection is open: its sockets may deliver as much as they have.
    pub(super) fn opened(&self) {
        self.open.store(true, Ordering::Relaxed);
    }

    /// Tells whenever the library finds that nothing more has come. It has no news of its own of what was acknowledged.
    ///
    /// It looks twice: at the end of a burst, and, once it has done what follows from that, before it waits (`webrtc`
    /// 0.21.1, `peer_connection/driver.rs`: a fresh receive is polled after `poll_events`). The second time counts; the
    /// first one tells nothing new.
    pub(super) fn taken_in(&self) -> watch::Receiver<()> {
        self.taken_in.subscribe()
    }
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;
type Answer<'a, T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + 'a>>;

impl Runtime for OneByOne {
    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let buffers = UdpSocketState::new(UdpSockRef::from(&socket))?;
        // The system gives as much of it as it allows anybody.
        if let Err(error) = buffers.set_recv_buffer_size(UdpSockRef::from(&socket), RECEIVE_BUFFER)
        {
            tracing::debug!("a socket keeps its small buffer: {error}");
        }
        Ok(Arc::new(Socket {
            socket: TokioRuntime.wrap_udp_socket(socket)?,
            open: self.open.clone(),
            taken_in: self.taken_in.clone(),
            held: Mutex::default(),
        }))
    }

    fn spawn(&self, future: Task) -> Box<dyn JoinHandle> {
        TokioRuntime.spawn(future)
    }

    fn spawn_reactor(&self, pool: usize, future: Task) -> Box<dyn JoinHandle> {
        TokioRuntime.spawn_reactor(pool, future)
    }

    fn wrap_tcp_listener(
        &self,
        listener: std::net::TcpListener,
    ) -> io::Result<Arc<dyn AsyncTcpListener>> {
        TokioRuntime.wrap_tcp_listener(listener)
    }

    fn connect_tcp<'a>(&'a self, to: SocketAddr) -> Answer<'a, Arc<dyn AsyncTcpStream>> {
        TokioRuntime.connect_tcp(to)
    }

    fn resolve_host<'a>(&'a self, host: &'a str) -> Answer<'a, Vec<SocketAddr>> {
        TokioRuntime.resolve_host(host)
    }

    fn sleep(&self, duration: Duration) -> Task {
        TokioRuntime.sleep(duration)
    }

    fn interval(&self, period: Duration) -> Box<dyn AsyncInterval> {
        TokioRuntime.interval(period)
    }

    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        TokioRuntime.block_on(future);
    }

    fn yield_now(&self) -> Task {
        TokioRuntime.yield_now()
    }

    fn name(&self) -> &'static str {
        "tokio, one by one"
    }
}

#[derive(Debug)]
struct Socket {
    socket: Arc<dyn AsyncUdpSocket>,
    open: Arc<AtomicBool>,
    taken_in: watch::Sender<()>,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// One was delivered, and the library has not been told yet that there is nothing more.
    pausing: bool,
    /// What came together with the one that was delivered (UDP GRO).
    rest: Option<(Vec<u8>, RecvMeta)>,
}

impl AsyncUdpSocket for Socket {
    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        // A panic in here would have ended the connection, whose data these are.
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.rest.is_none() && self.open.load(Ordering::Relaxed) {
            let polled = self.socket.poll_recv(cx, bufs, meta);
            if polled.is_pending() {
                self.taken_in.send_replace(());
            }
            return polled;
        }
        if std::mem::take(&mut held.pausing) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let (Some(buffer), Some(first)) = (bufs.first_mut(), meta.first_mut()) else {
            return Poll::Ready(Ok(0));
        };
        let buffer: &mut [u8] = buffer;
        if let Some((data, of)) = held.rest.take() {
            let length = data.len().min(buffer.len());
            buffer[..length].copy_from_slice(&data[..length]);
            *first = of;
            first.len = length;
        } else {
            let own = &mut [IoSliceMut::new(buffer)];
            match self.socket.poll_recv(cx, own, std::slice::from_mut(first)) {
                Poll::Ready(Ok(1)) => {}
                other => return other,
            }
        }
        if first.stride < first.len {
            held.rest = Some((buffer[first.stride..first.len].to_vec(), *first));
            first.len = first.stride;
        }
        held.pausing = true;
        Poll::Ready(Ok(1))
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        self.socket.poll_send(cx, transmit)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn max_gso_segments(&self) -> usize {
        self.socket.max_gso_segments()
    }

    fn max_gro_segments(&self) -> usize {
        self.socket.max_gro_segments()
    }
}
