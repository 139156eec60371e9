//! How much of files is on its way in one connection.
//!
//! The library (0.21.1) sends whatever its congestion window allows at once, and that grows far beyond what fits into the
//! other end's socket, where a browser has room for some 64 KiB. A packet that is lost is sent again within a round trip
//! (RFC 9260 §7.2.4); one that is lost a second time, only when a timer of at least one second ends (§6.3.1), and until
//! then nothing else moves. With a window of 256 KiB, half of the time from here to a Chromium of the same machine was
//! such silence.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use catnest::limits;
use tokio::sync::watch;

/// A frame is begun as long as no more than this is on its way; with it, there is then what a browser's socket holds. Of
/// 0, 12, 24, 40, 52 and 64 KiB, this carried most to a Chromium of the same machine.
const BURST_BYTES: u64 = 24 * 1024;
/// What a path carries, for each microsecond of its round trip: 20 MB/s. That much is not in a socket, but between.
const PATH_BYTES_PER_US: u64 = 20;
/// More than this does not wait in a connection at all.
const MAX_BYTES: u64 = limits::BULK_STREAMS as u64 * limits::SEND_HIGH_WATER as u64;

/// What the channels of one connection together have given to the library, and the other end has not acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    /// Tells of it becoming less.
    bytes: watch::Sender<u64>,
    /// The shortest time from handing over a frame until all of it was acknowledged, in microseconds; 0 before the first.
    round_trip: Arc<AtomicU64>,
}

impl Default for Flight {
    fn default() -> Self {
        Self {
            bytes: watch::Sender::new(0),
            round_trip: Arc::default(),
        }
    }
}

impl Flight {
    /// There may be another path from now on.
    pub(super) fn rerouted(&self) {
        self.round_trip.store(0, Ordering::Relaxed);
    }

    /// Until another frame of a file may go.
    pub(super) async fn room(&self) {
        let mut bytes = self.bytes.subscribe();
        // It cannot fail: the sender is here.
        let _room = bytes.wait_for(|bytes| *bytes <= self.most()).await;
    }

    fn most(&self) -> u64 {
        let on_the_path = PATH_BYTES_PER_US * self.round_trip.load(Ordering::Relaxed);
        (BURST_BYTES + on_the_path).min(MAX_BYTES)
    }

    fn measured(&self, round_trip: Duration) {
        // More than a minute is no round trip; the product with it fits.
        let measured = round_trip.min(Duration::from_secs(60)).as_micros() as u64;
        let shorter = |known: u64| (known == 0 || measured < known).then_some(measured);
        // Otherwise the one that is known stays.
        let _kept = self
            .round_trip
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, shorter);
    }
}

/// One channel's part in it.
pub(super) struct Share {
    flight: Flight,
    bytes: usize,
    /// A frame that shows how long a round trip takes: when it was sent, and what is to be acknowledged with it.
    timed: Option<(Instant, usize)>,
}

impl Share {
    pub(super) fn of(flight: Flight) -> Self {
        Self {
            flight,
            bytes: 0,
            timed: None,
        }
    }

    /// Whether anything is to be acknowledged.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// A frame is handed over.
    pub(super) fn add(&mut self, bytes: usize) {
        self.bytes += bytes;
        self.timed.get_or_insert((Instant::now(), self.bytes));
        self.flight.bytes.send_if_modified(|all| {
            *all += bytes as u64;
            false
        });
    }

    /// So much is left: how much was acknowledged.
    pub(super) fn keep(&mut self, left: usize) -> usize {
        let acknowledged = self.bytes.saturating_sub(left);
        if acknowledged == 0 {
            return 0;
        }
        self.bytes -= acknowledged;
        self.timed = match self.timed {
            Some((sent, bytes)) if bytes <= acknowledged => {
                self.flight.measured(sent.elapsed());
                None
            }
            Some((sent, bytes)) => Some((sent, bytes - acknowledged)),
            None => None,
        };
        self.flight
            .bytes
            .send_modify(|all| *all -= acknowledged as u64);
        acknowledged
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.keep(0);
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;

    fn has_room(flight: &Flight) -> bool {
        let mut room = std::pin::pin!(flight.room());
        let nobody = &mut Context::from_waker(Waker::noop());
        room.as_mut().poll(nobody).is_ready()
    }

    #[test]
    fn a_frame_waits_until_enough_is_acknowledged() {
        let flight = Flight::default();
        let mut share = Share::of(flight.clone());
        assert!(has_room(&flight));
        share.add(limits::MAX_FRAME_BYTES);
        assert!(!has_room(&flight));
        assert_eq!(share.keep(40_000), limits::MAX_FRAME_BYTES - 40_000);
        assert!(!has_room(&flight));
        assert_eq!(share.keep(20_000), 20_000);
        assert!(has_room(&flight));
    }

    #[test]
    fn what_a_channel_leaves_behind_is_on_its_way_no_more() {
        let flight = Flight::default();
        let mut share = Share::of(flight.clone());
        share.add(limits::MAX_FRAME_BYTES);
        drop(share);
        assert!(has_room(&flight));
    }

    #[test]
    fn a_longer_path_holds_more_up_to_a_limit() {
        let flight = Flight::default();
        assert_eq!(flight.most(), BURST_BYTES);
        flight.measured(Duration::from_millis(20));
        assert_eq!(flight.most(), BURST_BYTES + 400_000);
        flight.measured(Duration::from_millis(30));
        assert_eq!(flight.most(), BURST_BYTES + 400_000);
        flight.rerouted();
        flight.measured(Duration::MAX);
        assert_eq!(flight.most(), MAX_BYTES);
    }
}
