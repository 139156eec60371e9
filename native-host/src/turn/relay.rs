//! A relay's own socket: what peers send to it is read as long as the allocation lasts.

use std::{
    io,
    net::{SocketAddr, UdpSocket},
    sync::{Arc, Weak},
};

use catnest::turn::allocation::AllocationId;
use tokio::{task::AbortHandle, time::sleep};

use super::{
    datagrams::Datagrams,
    outgoing::{self, Way},
    state::Turn,
    udp::ERROR_PAUSE,
};

/// What may wait to be read from the peers of one relay: half of what a data channel has on its way at once.
const ROOM: usize = 512 * 1024;

/// Closed when dropped.
pub(super) struct Relay {
    socket: Arc<Datagrams>,
    reading: AbortHandle,
}

impl Relay {
    /// The way to a peer.
    pub(super) fn way(&self, peer: SocketAddr) -> Way {
        Way::Datagram {
            socket: self.socket.clone(),
            to: peer,
            from: None,
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

/// Reads from a socket that is bound and does not block.
pub(super) fn start(
    turn: Arc<Turn>,
    allocation: AllocationId,
    socket: UdpSocket,
) -> io::Result<Relay> {
    let socket = tokio::net::UdpSocket::from_std(socket)?;
    let socket = Arc::new(Datagrams::new(socket, ROOM)?);
    let task = tokio::spawn(read(Arc::downgrade(&turn), allocation, socket.clone()));
    Ok(Relay {
        socket,
        reading: task.abort_handle(),
    })
}

async fn read(turn: Weak<Turn>, allocation: AllocationId, socket: Arc<Datagrams>) {
    loop {
        let Some(turn) = turn.upgrade() else { return };
        let received = socket
            .receive(|batch| {
                outgoing::send(|outgoing| {
                    turn.hear_peers(allocation, batch.datagrams(), outgoing);
                });
            })
            .await;
        match received {
            Ok(()) => {}
            // About something that was sent before: a peer is not there any more. Others are.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
                ) => {}
            Err(error) => {
                tracing::debug!(%error, "cannot read what peers send to a relay");
                sleep(ERROR_PAUSE).await;
            }
        }
    }
}
