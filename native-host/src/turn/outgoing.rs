//! What is to be sent, collected while the rules are asked and sent afterwards: datagrams of one length that go the same
//! way leave with one system call.

use std::{
    cell::RefCell,
    net::{IpAddr, SocketAddr},
    ops::Range,
    sync::Arc,
};

use super::{datagrams::Datagrams, outbox::Outbox};

/// What one system call sends (the largest UDP payload over IPv4), and what a connection takes or drops as one.
const MOST_BYTES: usize = 65_507;

/// Where something goes.
#[derive(Clone)]
pub(super) enum Way {
    /// As a datagram.
    Datagram {
        socket: Arc<Datagrams>,
        to: SocketAddr,
        from: Option<IpAddr>,
    },
    /// Into a connection.
    Stream(Arc<Outbox>),
}

impl Way {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Datagram { socket, to, from },
                Self::Datagram {
                    socket: other_socket,
                    to: other_to,
                    from: other_from,
                },
            ) => Arc::ptr_eq(socket, other_socket) && to == other_to && from == other_from,
            (Self::Stream(outbox), Self::Stream(other)) => Arc::ptr_eq(outbox, other),
            _ => false,
        }
    }
}

/// Some that go the same way.
struct Run {
    way: Way,
    bytes: Range<usize>,
    /// The length of each, except for a shorter last one.
    length: usize,
    /// The last one was shorter: nothing can follow it.
    ended: bool,
    count: usize,
}

thread_local! {
    /// One for all sockets of a thread: what is collected is sent before anything else is read.
    static OUTGOING: RefCell<Outgoing> = RefCell::default();
}

/// Has something collected, and sends it.
pub(super) fn send(collect: impl FnOnce(&mut Outgoing)) {
    OUTGOING.with_borrow_mut(|outgoing| {
        collect(outgoing);
        outgoing.send();
    });
}

/// Collects what is to be sent.
#[derive(Default)]
pub(super) struct Outgoing {
    bytes: Vec<u8>,
    runs: Vec<Run>,
}

impl Outgoing {
    /// One datagram or frame, in parts that are put together.
    pub(super) fn push(&mut self, way: Way, parts: [&[u8]; 3]) {
        let start = self.bytes.len();
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        let length = self.bytes.len() - start;
        if let Some(run) = self.runs.last_mut()
            && run.takes(&way, length)
        {
            run.bytes.end = self.bytes.len();
            run.ended = length < run.length;
            run.count += 1;
            return;
        }
        self.runs.push(Run {
            way,
            bytes: start..self.bytes.len(),
            length,
            ended: length == 0,
            count: 1,
        });
    }

    /// Sends all of it.
    fn send(&mut self) {
        for Run {
            way, bytes, length, ..
        } in self.runs.drain(..)
        {
            let bytes = self.bytes.get(bytes).unwrap_or_default();
            match way {
                Way::Datagram { socket, to, from } => socket.send(to, from, bytes, length),
                Way::Stream(outbox) => outbox.push(bytes),
            }
        }
        self.bytes.clear();
    }
}

impl Run {
    fn takes(&self, way: &Way, length: usize) -> bool {
        if !self.way.is(way) {
            return false;
        }
        match way {
            // A whole run is dropped where there is no room for it.
            Way::Stream(_) => self.bytes.len() + length <= MOST_BYTES,
            Way::Datagram { socket, .. } => {
                !self.ended
                    && length <= self.length
                    && length > 0
                    && self.bytes.len() + length <= MOST_BYTES
                    && self.count < socket.most_segments()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_loses_what_it_has_no_room_for_and_no_more() {
        let outbox = Arc::new(Outbox::default());
        outbox.prove();
        send(|outgoing| {
            for number in 0..1024 {
                outgoing.push(
                    Way::Stream(outbox.clone()),
                    [&[number as u8; 1024], &[], &[]],
                );
            }
        });
        outbox.close();
        let mut written = Vec::new();
        outbox.write_into(&mut written).await;
        let frames: Vec<u8> = written.chunks(1024).map(|frame| frame[0]).collect();
        assert!(frames.len() > 128, "{} of 1024 frames", frames.len());
        let first: Vec<u8> = (0..frames.len()).map(|number| number as u8).collect();
        assert_eq!(frames, first);
    }
}
