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
use tokio::{sync::watch, time::timeout};

/// A frame is begun as long as no more than this is on its way; with it, there is then what a browser's socket holds. Of
/// 0, 12, 24, 40, 52 and 64 KiB, this carried most to a Chromium of the same machine.
const BURST_BYTES: u64 = 24 * 1024;
/// What a path carries, for each microsecond of its round trip: 20 MB/s. That much is not in a socket, but between.
const PATH_BYTES_PER_US: u64 = 20;
/// But this much of a round trip is no path: it is what the ends take to send, read and acknowledge.
const HANDLING: Duration = Duration::from_millis(5);
/// But no more than the link lets wait in a connection.
const MAX_PATH_BYTES: u64 = limits::BULK_STREAMS as u64 * limits::SEND_HIGH_WATER as u64;
/// A round trip that was measured counts for so long, and once more as long beside the next one: paths change. Then a frame
/// waits until no other frame of a file is on its way, so that it measures the path and not what waits at its end, as when
/// BBR probes (draft-ietf-ccwg-bbr §5.3.4.3).
const ROUND_TRIP_HOLDS: Duration = Duration::from_secs(20);
/// One that says that the path is long is measured again after this: it may have been a packet that was lost.
const CONFIRMED_AFTER: Duration = Duration::from_secs(1);
/// So long frames wait for what is before them to arrive, and twice as long each time that it does not: the path may have
/// become longer. Who reads seldom acknowledges within 200 ms (RFC 9260 §6.2).
const DRAINED_WITHIN: Duration = Duration::from_millis(300);
/// But no longer than this: the longest paths that carry anything, by way of a satellite, take less.
const MOST_DRAINED_WITHIN: Duration = Duration::from_millis(2400);
/// What is shorter than some packets measures nothing: a single one is acknowledged late.
const LEAST_MEASURED_BYTES: usize = 8 * 1024;

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

/// The shortest time lately from handing over a frame, with no other frame of a file on its way, until some of it was
/// acknowledged.
#[derive(Debug)]
struct Shortest {
    /// Since when, and the shortest since then.
    current: Option<(Instant, Duration)>,
    before: Option<Duration>,
    /// When it has to be measured anew; at once if it never was.
    due: Option<Instant>,
    /// Since when frames wait for what is on its way to arrive.
    draining: Option<Instant>,
    /// How long they do.
    drained_within: Duration,
}

impl Default for Shortest {
    fn default() -> Self {
        Self {
            current: None,
            before: None,
            due: None,
            draining: None,
            drained_within: DRAINED_WITHIN,
        }
    }
}

impl Shortest {
    fn measured(&mut self, now: Instant, round_trip: Duration) {
        self.draining = None;
        self.drained_within = DRAINED_WITHIN;
        match &mut self.current {
            Some((since, shortest)) if now - *since < ROUND_TRIP_HOLDS => {
                *shortest = (*shortest).min(round_trip);
                self.due = Some(*since + ROUND_TRIP_HOLDS);
            }
            older => {
                let lately = older.filter(|(since, _)| now - *since < 2 * ROUND_TRIP_HOLDS);
                self.before = lately.map(|(_, shortest)| shortest);
                *older = Some((now, round_trip));
                let holds = if round_trip > HANDLING {
                    CONFIRMED_AFTER
                } else {
                    ROUND_TRIP_HOLDS
                };
                self.due = Some(now + holds);
            }
        }
    }

    /// A frame waits for what is on its way to arrive: how much longer it may.
    fn drain(&mut self, now: Instant) -> Duration {
        let waited = now - *self.draining.get_or_insert(now);
        self.drained_within.saturating_sub(waited)
    }

    /// It did not arrive in time: what was measured last goes on to count.
    fn postpone(&mut self, now: Instant) {
        self.due = Some(now + ROUND_TRIP_HOLDS);
        self.draining = None;
        self.drained_within = (2 * self.drained_within).min(MOST_DRAINED_WITHIN);
    }

    fn is_due(&self, now: Instant) -> bool {
        self.due.is_none_or(|due| now >= due)
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

    /// Counts a frame of a file as on its way, as soon as it may be. Whether no other one is.
    async fn enter(&self, bytes: usize) -> bool {
        let mut news = self.bytes.subscribe();
        loop {
            let now = Instant::now();
            let is_probe = self.is_probe(bytes, now);
            let most = if is_probe { 0 } else { self.most() };
            let mut before = None;
            // In one step with the look: other channels wait for the same room.
            self.bytes.send_if_modified(|all| {
                if *all <= most {
                    before = Some(*all);
                    *all += bytes as u64;
                }
                false
            });
            if let Some(before) = before {
                return before == 0;
            }
            // News cannot end: the sender is here.
            if !is_probe {
                let _news = news.changed().await;
                continue;
            }
            let left = self.shortest(|shortest| shortest.drain(now));
            if timeout(left, news.changed()).await.is_err() {
                self.shortest(|shortest| shortest.postpone(now + left));
            }
        }
    }

    /// Whether a frame of so many bytes has to measure the path.
    fn is_probe(&self, bytes: usize, now: Instant) -> bool {
        bytes >= LEAST_MEASURED_BYTES
            && self.burst != u64::MAX
            && self.shortest(|shortest| shortest.is_due(now))
    }

    /// How much may be on its way before a frame is begun.
    fn most(&self) -> u64 {
        let round_trip = self.shortest(|shortest| shortest.get());
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
        if is_alone && bytes >= LEAST_MEASURED_BYTES {
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
        flight.shortest(|shortest| shortest.measured(Instant::now(), Duration::ZERO));
        flight
    }

    fn is_due(flight: &Flight, now: Instant) -> bool {
        flight.shortest(|shortest| shortest.is_due(now))
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

    #[tokio::test]
    async fn what_a_channel_leaves_behind_is_on_its_way_no_more() {
        let flight = Flight::default();
        let mut share = Share::of(flight.clone());
        assert!(add(&mut share));
        assert!(!add(&mut Share::of(flight.clone())));
        drop(share);
        // It was not acknowledged, and measured nothing.
        assert!(is_due(&flight, Instant::now()));
        assert!(add(&mut Share::of(flight)));
    }

    #[tokio::test]
    async fn a_frame_that_measures_the_path_goes_alone() {
        let flight = Flight::default();
        let mut share = Share::of(flight.clone());
        assert!(add(&mut share));
        assert!(!add(&mut share));
        share.keep(FRAME - 1);
        assert!(!is_due(&flight, Instant::now()));
        // Those that have company do not measure: this one would be the shortest.
        let long = Some((Instant::now(), Duration::from_secs(1)));
        flight.shortest(|shortest| shortest.current = long);
        assert!(add(&mut share));
        share.keep(1);
        assert_eq!(flight.shortest(|shortest| shortest.current), long);
    }

    #[tokio::test]
    async fn what_is_short_neither_measures_nor_waits_for_what_does() {
        let flight = Flight::default();
        let mut share = Share::of(flight.clone());
        let short = LEAST_MEASURED_BYTES - 1;
        for _ in 0..2 {
            assert!(is_done(pin!(share.add(short))));
        }
        share.keep(0);
        assert!(is_due(&flight, Instant::now()));
    }

    #[tokio::test]
    async fn what_does_not_arrive_keeps_nothing_waiting_for_long() {
        let flight = Flight::default();
        let mut share = Share::of(flight.clone());
        assert!(add(&mut share));
        share.keep(BURST_BYTES as usize);
        flight.shortest(|shortest| *shortest = Shortest::default());
        share.add(FRAME).await;
        assert!(!is_due(&flight, Instant::now()));
        assert_eq!(flight.most(), BURST_BYTES);
    }

    #[test]
    fn who_is_interrupted_waits_no_longer_for_that_and_a_path_that_became_longer_is_waited_for() {
        let mut shortest = Shortest::default();
        let mut now = Instant::now();
        let third = DRAINED_WITHIN / 3;
        assert_eq!(shortest.drain(now), DRAINED_WITHIN);
        assert_eq!(shortest.drain(now + third), 2 * third);
        assert_eq!(shortest.drain(now + 2 * DRAINED_WITHIN), Duration::ZERO);
        for times in [2, 4, 8, 8] {
            now += ROUND_TRIP_HOLDS;
            shortest.postpone(now);
            assert_eq!(shortest.drain(now), times * DRAINED_WITHIN);
        }
        shortest.measured(now, DRAINED_WITHIN);
        assert_eq!(shortest.drain(now), DRAINED_WITHIN);
    }

    #[test]
    fn a_longer_path_holds_more_up_to_a_limit() {
        let flight = Flight::default();
        let most_after = |at: Instant, round_trip: Duration| {
            flight.shortest(|shortest| shortest.measured(at, HANDLING + round_trip));
            flight.most() - BURST_BYTES
        };
        let ms = Duration::from_millis;
        let start = Instant::now();
        assert_eq!(most_after(start, ms(20)), 400_000);
        assert_eq!(most_after(start, ms(10)), 200_000);
        assert_eq!(most_after(start, ms(30)), 200_000);
        // It is forgotten some time after the path has changed.
        let later = start + ROUND_TRIP_HOLDS;
        assert_eq!(most_after(later, ms(30)), 200_000);
        assert_eq!(most_after(later + ROUND_TRIP_HOLDS, ms(50)), 600_000);
        // And at once if nothing was sent for long.
        let later = later + ROUND_TRIP_HOLDS * 10;
        assert_eq!(most_after(later, ms(1_000_000)), MAX_PATH_BYTES);
    }

    #[test]
    fn a_path_that_seems_long_is_measured_again_soon() {
        let flight = Flight::default();
        let start = Instant::now();
        for (round_trip, due) in [
            (HANDLING, ROUND_TRIP_HOLDS),
            (HANDLING * 2, CONFIRMED_AFTER),
        ] {
            flight.shortest(|shortest| {
                *shortest = Shortest::default();
                shortest.measured(start, round_trip);
            });
            assert!(is_due(&flight, start + due));
            assert!(!is_due(&flight, start + due - Duration::from_millis(1)));
        }
        // Once more is enough.
        let again = start + CONFIRMED_AFTER;
        flight.shortest(|shortest| shortest.measured(again, HANDLING * 2));
        assert!(!is_due(&flight, again + CONFIRMED_AFTER));
        assert!(is_due(&flight, start + ROUND_TRIP_HOLDS));
    }

    #[test]
    fn what_the_ends_take_is_no_path() {
        let flight = Flight::default();
        flight.shortest(|shortest| shortest.measured(Instant::now(), HANDLING));
        assert_eq!(flight.most(), BURST_BYTES);
    }
}
