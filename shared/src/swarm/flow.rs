//! How fast somebody delivers, and so how much may be asked of it at a time.

use std::time::Duration;

use crate::{limits, time::Millis};

/// Delivery rate and round trip of one holder, measured from what was asked for and came.
///
/// What is asked for at a time, the window, covers two round trips and [`limits::PIPELINE_SLACK`] at the measured rate:
/// while the path is not full yet, each round trip brings more than the one before, and once it is, the queue at the other
/// end stays as short as that.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    /// Bytes a second; none measured yet.
    rate: Option<u64>,
    /// The shortest time from a request to an idle holder until its first bytes.
    round_trip: Option<Duration>,
    /// What has come since when.
    interval: (Millis, u64),
    /// When an idle holder was asked.
    asked: Option<Millis>,
}

impl Flow {
    pub(super) fn new(now: Millis) -> Self {
        Self {
            rate: None,
            round_trip: None,
            interval: (now, 0),
            asked: None,
        }
    }

    /// A holder that owed nothing was asked for something.
    pub(super) fn asked(&mut self, now: Millis) {
        self.asked = Some(now);
        self.interval = (now, 0);
    }

    /// Bytes that were asked for came.
    pub(super) fn came(&mut self, now: Millis, bytes: usize) {
        if let Some(asked) = self.asked.take() {
            let round_trip = now.since(asked);
            self.round_trip = Some(self.round_trip.map_or(round_trip, |r| r.min(round_trip)));
            // The time until the first bytes says nothing about the rate.
            self.interval = (now, 0);
            return;
        }
        self.interval.1 += bytes as u64;
        let elapsed = now.since(self.interval.0);
        if elapsed
            >= self
                .round_trip
                .unwrap_or_default()
                .max(limits::RATE_INTERVAL)
        {
            // At least RATE_INTERVAL, so not zero.
            let sample = self.interval.1 * 1000 / elapsed.as_millis().max(1) as u64;
            // What was measured over so long says more than what was before: who has become slow is asked for little at once.
            let known = self.rate.filter(|_| elapsed < limits::RATE_SETTLED);
            self.rate = Some(known.map_or(sample, |rate| (rate * 3 + sample * 5) / 8));
            self.interval = (now, 0);
        }
    }

    /// Bytes a second, as far as known.
    pub(super) fn rate(&self) -> u64 {
        self.rate.unwrap_or_default()
    }

    /// The same, of a holder that owes something, as it looks now: none comes any more from who has stopped.
    pub(super) fn rate_now(&self, now: Millis) -> u64 {
        let (since, bytes) = self.interval;
        let elapsed = now.since(since);
        let seen = bytes.saturating_mul(1000) / elapsed.as_millis().max(1) as u64;
        if elapsed < limits::RATE_SETTLED {
            self.rate()
        } else {
            self.rate().min(seen)
        }
    }

    /// How long so many bytes take at the most, if all is well.
    pub(super) fn longest(&self, bytes: u64) -> Duration {
        let rate = self.rate.unwrap_or(limits::UNMEASURED_RATE);
        // What no rate promises does not have to be waited for longer than patience lasts.
        let rate = rate.clamp(limits::LEAST_RATE, limits::RELIED_RATE);
        limits::HOLDER_PATIENCE + time_for(bytes, rate) * limits::LATENESS
    }

    /// How many bytes may be asked for at a time.
    pub(super) fn window(&self) -> u64 {
        let slack = self.during(limits::PIPELINE_SLACK);
        let path = self.during(self.round_trip.unwrap_or_default() * 2);
        path.saturating_add(slack)
            .clamp(limits::MIN_PIPELINE_BYTES, limits::MAX_PIPELINE_BYTES)
    }

    /// How many bytes may have been asked for, or have come, and not be durable yet.
    pub(super) fn undurable(&self) -> u64 {
        let path = self.during(self.round_trip.unwrap_or_default());
        let path = path.min(limits::MAX_PIPELINE_BYTES);
        limits::MAX_UNDURABLE_BYTES.max(path * limits::UNDURABLE_PATH_PERCENT / 100)
    }

    fn during(&self, time: Duration) -> u64 {
        self.rate().saturating_mul(time.as_millis() as u64) / 1000
    }
}

/// How long so many bytes take at a rate.
pub(super) fn time_for(bytes: u64, rate: u64) -> Duration {
    Duration::from_millis(bytes.saturating_mul(1000) / rate.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_fast_and_becomes_slow_is_soon_asked_for_little() {
        let mut flow = Flow::new(Millis(0));
        flow.asked(Millis(0));
        for tick in 0..100 {
            flow.came(Millis(50 + tick * 10), 1_000_000);
        }
        assert_eq!(flow.window(), limits::MAX_PIPELINE_BYTES);
        for seconds in [9, 17] {
            flow.came(Millis(seconds * 1000), limits::PACKET_BYTES);
        }
        assert_eq!(flow.window(), limits::MIN_PIPELINE_BYTES);
        assert!(flow.rate() < 10_000, "{}", flow.rate());
        assert_eq!(flow.rate_now(Millis(17_500)), flow.rate());
        assert_eq!(flow.rate_now(Millis(20_000)), 0);
    }

    #[test]
    fn what_a_crash_costs_is_a_megabyte_or_what_the_path_holds() {
        for (rate, round_trip, undurable) in [
            (25_000_000, 2, limits::MAX_UNDURABLE_BYTES),
            (16_000_000, 40, limits::MAX_UNDURABLE_BYTES),
            (10_000_000, 200, 3_000_000),
            (1_000_000_000, 200, limits::MAX_PIPELINE_BYTES * 3 / 2),
        ] {
            let flow = Flow {
                rate: Some(rate),
                round_trip: Some(Duration::from_millis(round_trip)),
                ..Flow::new(Millis(0))
            };
            assert_eq!(flow.undurable(), undurable, "{rate} B/s, {round_trip} ms");
        }
    }

    /// Lets a path deliver what the window asks for, round trip after round trip.
    fn settle(rate: u64, round_trip: u64) -> u64 {
        let mut flow = Flow::new(Millis(0));
        flow.asked(Millis(0));
        let mut now = round_trip;
        flow.came(Millis(now), 1);
        for _ in 0..200 {
            // The window's bytes take their time on the path, and at least a round trip.
            let window = flow.window();
            let takes = (window * 1000 / rate).max(round_trip).max(1);
            for part in 1..=4 {
                flow.came(Millis(now + takes * part / 4), (window / 4) as usize);
            }
            now += takes;
        }
        flow.window()
    }

    #[test]
    fn the_window_fills_the_path_and_little_more() {
        for (rate, round_trip) in [(25_000_000, 2), (10_000_000, 40), (1_000_000, 200)] {
            let window = settle(rate, round_trip);
            let path = rate * round_trip / 1000;
            let most = (path * 2 + rate * limits::PIPELINE_SLACK.as_millis() as u64 / 1000) * 5 / 4;
            assert!(
                window >= path && window <= most.max(limits::MIN_PIPELINE_BYTES),
                "{window} bytes at {rate} B/s and {round_trip} ms"
            );
        }
    }
}
