//! Clients that come by UDP.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use catnest::turn::{Client, Transport};

use super::{outgoing, state::Turn};

/// How long to wait when the socket cannot be read.
pub(super) const ERROR_PAUSE: Duration = Duration::from_millis(100);

/// Reads as long as the process runs; `port` is where clients reach it.
pub(super) fn start(turn: Arc<Turn>, port: u16) {
    tokio::spawn(async move {
        loop {
            let received = turn
                .udp
                .receive(|batch| {
                    let came = batch.datagrams().map(|datagram| {
                        let client = Client {
                            transport: Transport::Udp,
                            address: datagram.from,
                            local: datagram.to.map(|ip| SocketAddr::new(ip, port)),
                        };
                        (client, datagram.bytes)
                    });
                    outgoing::send(|outgoing| turn.hear_clients(came, outgoing));
                })
                .await;
            if let Err(error) = received {
                tracing::warn!(%error, "cannot read what clients of TURN send");
                tokio::time::sleep(ERROR_PAUSE).await;
            }
        }
    });
}
