//! A UDP socket that takes and sends many datagrams with one system call, and answers from the address that was asked.

use std::{
    cell::RefCell,
    io::{self, IoSliceMut},
    net::{IpAddr, SocketAddr},
};

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};
use tokio::{io::Interest, net::UdpSocket, task::yield_now};

/// The largest datagram, or as many of one length as the kernel puts together.
const BUFFER_BYTES: usize = 64 * 1024;

thread_local! {
    /// Where datagrams are received, for all sockets of a thread: nothing of it is needed once they have been dealt with.
    /// Memory that no datagram has filled yet is not used up.
    static BUFFERS: RefCell<Vec<u8>> = RefCell::new(vec![0; BATCH_SIZE * BUFFER_BYTES]);
}

pub(super) struct Datagrams {
    socket: UdpSocket,
    state: UdpSocketState,
}

/// What came with one system call.
pub(super) struct Batch<'a> {
    buffers: &'a [u8],
    metas: &'a [RecvMeta],
}

/// One datagram.
#[derive(Clone, Copy)]
pub(super) struct Datagram<'a> {
    pub(super) from: SocketAddr,
    /// Which of our addresses it was sent to.
    pub(super) to: Option<IpAddr>,
    pub(super) bytes: &'a [u8],
}

impl<'a> Batch<'a> {
    pub(super) fn datagrams(&self) -> impl Iterator<Item = Datagram<'a>> {
        let buffers = self.buffers.chunks(BUFFER_BYTES);
        self.metas.iter().zip(buffers).flat_map(|(meta, buffer)| {
            let bytes = buffer.get(..meta.len).unwrap_or_default();
            let empty = bytes.is_empty().then_some(bytes);
            let datagrams = bytes.chunks(meta.stride.max(1)).chain(empty);
            datagrams.map(|bytes| Datagram {
                from: meta.addr,
                to: meta.dst_ip,
                bytes,
            })
        })
    }
}

impl Datagrams {
    /// With room for so many bytes that wait to be read and sent, as far as the system gives it (Linux:
    /// `net.core.rmem_max`, `net.core.wmem_max`).
    pub(super) fn new(socket: UdpSocket, room: usize) -> io::Result<Self> {
        let state = UdpSocketState::new((&socket).into())?;
        state.set_recv_buffer_size((&socket).into(), room)?;
        state.set_send_buffer_size((&socket).into(), room)?;
        Ok(Self { socket, state })
    }

    /// Waits for datagrams, and has them dealt with. Other sockets have their turn before more are read.
    pub(super) async fn receive(&self, deal: impl FnOnce(Batch<'_>)) -> io::Result<()> {
        let mut deal = Some(deal);
        loop {
            self.socket.readable().await?;
            let received = BUFFERS.with_borrow_mut(|buffers| {
                let mut metas = [RecvMeta::default(); BATCH_SIZE];
                let count = {
                    let mut slices: Vec<IoSliceMut<'_>> = buffers
                        .chunks_mut(BUFFER_BYTES)
                        .map(IoSliceMut::new)
                        .collect();
                    self.socket.try_io(Interest::READABLE, || {
                        self.state
                            .recv((&self.socket).into(), &mut slices, &mut metas)
                    })?
                };
                if let Some(deal) = deal.take() {
                    deal(Batch {
                        buffers,
                        metas: &metas[..count],
                    });
                }
                Ok(())
            });
            match received {
                Err(error) if io::Error::kind(&error) == io::ErrorKind::WouldBlock => {}
                other => {
                    yield_now().await;
                    return other;
                }
            }
        }
    }

    /// How many datagrams of one length can be sent with one system call.
    pub(super) fn most_segments(&self) -> usize {
        self.state.max_gso_segments().max(1)
    }

    /// Sends datagrams of the same length, the last of which may be shorter, if there is room for them.
    pub(super) fn send(&self, to: SocketAddr, from: Option<IpAddr>, bytes: &[u8], length: usize) {
        let transmit = Transmit {
            destination: to,
            ecn: None,
            contents: bytes,
            segment_size: (length < bytes.len()).then_some(length),
            src_ip: from,
        };
        // Not by `try_io`: whether there is room is the socket's to say, and Tokio knows it only once it has looked, so that
        // the first datagrams of a relay would be lost.
        let sent = self.state.try_send((&self.socket).into(), &transmit);
        if let Err(error) = sent {
            tracing::trace!(%error, "dropped what there was no room for");
        }
    }
}
