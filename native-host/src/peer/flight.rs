//! How much of files is on its way in one connection.
//!
//! The library (0.21.1) sends whatever its congestion window allows at once, and that grows far beyond what fits into the
//! other end's socket, where a browser has room for some 64 KiB. A packet that is lost is sent again within a round trip
//! (RFC 9260 §7.2.4); one that is lost a second time, only when a timer of at least one second ends (§6.3.1), and until
//! then nothing else moves. With a window of 256 KiB, half of the time from here to a Chromium of the same machine was
//! such silence.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use catnest::limits;
use tokio::sync::watch;

/// A frame is begun as long as no more than this is on its way; with it, there is then what a browser's socket holds. Of
/// 0, 12, 24, 40, 52 and 64 KiB, this carried most to a Chromium of the same machine.
const BURST_BYTES: u64 = 24 * 1024;
/// What a path carries, for each microsecond of its round trip: 20 MB/s. That much is not in a socket, but between.
const PATH_BYTES_PER_US: u64 = 20;
/// But this much of a round trip is no path: it is what the ends take to send, read and acknowledge.
const HANDLING: Duration = Duration::from_millis(5);
/// But no more than the link lets wait in a connection.
const MAX_PATH_BYTES: u64 = limits::BULK_STREAMS as u64 * limits::SEND_HIGH_WATER as u64;
/// A round trip that was measured counts for at least so long, and at most twice: paths change. After that, a frame
/// waits until nothing is on its way, so that it measures the path and not what waits at its end; as in BBR
/// (draft-ietf-ccwg-bbr §5.3.4.3).
const ROUND_TRIP_HOLDS: Duration = Duration::from_secs(20);

/// What the channels of one connection together have given to the library, and the other end has not acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    /// Tells of it becoming less.
    bytes: watch::Sender<u64>,
    round_trip: Arc<Mutex<Shortest>>,
    /// At least so much may be on its way before a frame is begun.
    burst: u64,
}

impl Default for Flight {
    fn default() -> Self {
        Self {
            bytes: watch::Sender::new(0),
            round_trip: Arc::default(),
            burst: BURST_BYTES,
        }
    }
}

/// The shortest time from handing over a frame, with nothing else on its way, until some of it was acknowledged, lately.
#[derive(Debug, Default)]
struct Shortest {
    /// Since when, and the shortest since then.
    current: Option<(Instant, Duration)>,
    before: Option<Duration>,
}

impl Shortest {
    fn measured(&mut self, now: Instant, round_trip: Duration) {
        self.current = match self.current {
            Some((since, shortest)) if now - since < ROUND_TRIP_HOLDS => {
                Some((since, shortest.min(round_trip)))
            }
            older => {
                self.before = older.map(|(_, shortest)| shortest);
                Some((now, round_trip))
            }
        };
    }

    /// Whether it has to be measured anew.
    fn is_due(&self, now: Instant) -> bool {
        self.current
            .is_none_or(|(since, _)| now - since >= ROUND_TRIP_HOLDS)
    }

    fn get(&self) -> Duration {
        let current = self.current.map(|(_, shortest)| shortest);
        let both = [current, self.before];
        both.into_iter().flatten().min().unwrap_or_default()
    }
}

impl Flight {
    /// One that nothing waits for.
    pub(super) fn unlimited() -> Self {
        Self {
            burst: u64::MAX,
            ..Self::default()
        }
    }

    /// Counts a frame of a file as on its way, as soon as it may be. Whether nothing else is.
    async fn enter(&self, bytes: usize) -> bool {
        let mut news = self.bytes.subscribe();
        loop {
            let mut before = None;
            // In one step with the look: other channels wait for the same room.
            self.bytes.send_if_modified(|all| {
                if *all <= self.most(Instant::now()) {
                    before = Some(*all);
                    *all += bytes as u64;
                }
                false
            });
            if let Some(before) = before {
                return before == 0;
            }
            if news.changed().await.is_err() {
                // It cannot be: the sender is here.
                return false;
            }
        }
    }

    /// How much may be on its way before a frame is begun.
    fn most(&self, now: Instant) -> u64 {
        let (round_trip, is_due) = self.shortest(|shortest| (shortest.get(), shortest.is_due(now)));
        if is_due && self.burst != u64::MAX {
            return 0;
        }
        // More than a minute is no round trip; the product with it fits.
        let round_trip = round_trip.min(Duration::from_secs(60));
        let path = PATH_BYTES_PER_US * round_trip.saturating_sub(HANDLING).as_micros() as u64;
        self.burst.saturating_add(path.min(MAX_PATH_BYTES))
    }

    fn shortest<T>(&self, look: impl FnOnce(&mut Shortest) -> T) -> T {
        // Nothing in there can be half done.
        let shortest = self.round_trip.lock();
        look(&mut shortest.unwrap_or_else(PoisonError::into_inner))
    }
}

/// One channel's part in it.
pub(super) struct Share {
    flight: Flight,
    bytes: usize,
    /// When a frame was sent that shows how long a round trip takes.
    timed: Option<Instant>,
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

    /// A frame is handed over as soon as there is room. Safe to cancel.
    pub(super) async fn add(&mut self, bytes: usize) {
        let is_alone = self.flight.enter(bytes).await;
        self.bytes += bytes;
        if is_alone {
            self.timed = Some(Instant::now());
        }
    }

    /// So much is left: how much was acknowledged.
    pub(super) fn keep(&mut self, left: usize) -> usize {
        let acknowledged = self.bytes.saturating_sub(left);
        if acknowledged == 0 {
            return 0;
        }
        self.bytes -= acknowledged;
        if let Some(sent) = self.timed.take() {
            let now = Instant::now();
            self.flight
                .shortest(|shortest| shortest.measured(now, now - sent));
        }
        self.flight
            .bytes
            .send_modify(|all| *all -= acknowledged as u64);
        acknowledged
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // What is left of it was not acknowledged, and shows nothing.
        self.timed = None;
        self.keep(0);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::{Pin, pin},
        task::{Context, Waker},
    };

    use super::*;

    const FRAME: usize = limits::PACKET_BYTES;

    fn is_done(future: Pin<&mut impl Future<Output = ()>>) -> bool {
        let nobody = &mut Context::from_waker(Waker::noop());
        future.poll(nobody).is_ready()
    }

    fn add(share: &mut Share) -> bool {
        is_done(pin!(share.add(FRAME)))
    }

    /// One whose path was measured just now, and has no length.
    fn measured() -> Flight {
        let flight = Flight::default();
        let mut share = Share::of(flight.clone());
        assert!(add(&mut share));
        share.keep(0);
        flight
    }

    #[test]
    fn a_frame_waits_until_enough_is_acknowledged() {
        let mut share = Share::of(measured());
        assert!(add(&mut share));
        assert!(!add(&mut share));
        assert_eq!(share.keep(FRAME - 1000), 1000);
        assert!(!add(&mut share));
        assert_eq!(
            share.keep(BURST_BYTES as usize),
            FRAME - 1000 - BURST_BYTES as usize
        );
        assert!(add(&mut share));
    }

    #[test]
    fn channels_that_wait_for_the_same_room_get_it_one_after_the_other() {
        let flight = measured();
        let mut first = Share::of(flight.clone());
        assert!(add(&mut first));
        let (mut second, mut third) = (Share::of(flight.clone()), Share::of(flight));
        {
            let (mut second, mut third) = (pin!(second.add(FRAME)), pin!(third.add(FRAME)));
            assert!(!is_done(second.as_mut()) && !is_done(third.as_mut()));
            first.keep(0);
            assert!(is_done(second.as_mut()));
            assert!(!is_done(third.as_mut()));
        }
        second.keep(0);
        assert!(add(&mut third));
    }

    #[test]
    fn what_a_channel_leaves_behind_is_on_its_way_no_more() {
        let flight = Flight::default();
        let mut share = Share::of(flight.clone());
        assert!(add(&mut share));
        drop(share);
        // It was not acknowledged, and measured nothing.
        assert!(flight.shortest(|shortest| shortest.is_due(Instant::now())));
        assert!(add(&mut Share::of(flight)));
    }

    #[test]
    fn only_a_frame_that_is_alone_measures_the_path() {
        let flight = Flight::default();
        let mut share = Share::of(flight.clone());
        assert!(add(&mut share));
        // Until then, nothing goes with it.
        share.keep(BURST_BYTES as usize);
        assert!(add(&mut share));
        let of = |flight: &Flight| flight.shortest(|shortest| shortest.current);
        let alone = of(&flight);
        assert!(alone.is_some());
        share.keep(1);
        assert_eq!(of(&flight), alone);
    }

    #[test]
    fn a_longer_path_holds_more_up_to_a_limit() {
        let flight = Flight::default();
        let most_after = |at: Instant, round_trip: Duration| {
            flight.shortest(|shortest| shortest.measured(at, HANDLING + round_trip));
            flight.most(at) - BURST_BYTES
        };
        let ms = Duration::from_millis;
        let start = Instant::now();
        assert_eq!(most_after(start, ms(20)), 400_000);
        assert_eq!(most_after(start, ms(10)), 200_000);
        assert_eq!(most_after(start, ms(30)), 200_000);
        let later = start + ROUND_TRIP_HOLDS;
        // By a frame that is alone.
        assert_eq!(flight.most(later), 0);
        // It is forgotten some time after the path has changed.
        assert_eq!(most_after(later, ms(30)), 200_000);
        assert_eq!(most_after(later + ROUND_TRIP_HOLDS, ms(30)), 600_000);
        let later = later + ROUND_TRIP_HOLDS * 2;
        most_after(later, ms(1_000_000));
        let most = most_after(later + ROUND_TRIP_HOLDS, ms(1_000_000));
        assert_eq!(most, MAX_PATH_BYTES);
    }

    #[test]
    fn what_the_ends_take_is_no_path() {
        let flight = measured();
        let now = Instant::now();
        flight.shortest(|shortest| shortest.measured(now, HANDLING / 2));
        assert_eq!(flight.most(now), BURST_BYTES);
    }
}
