//! What the leader's clock shows, from pings and their answers.
//!
//! As in NTP (RFC 5905, section 8 and the clock filter of section 10): an answer bounds the offset of the other clock to half
//! of the round trip either way, and of some answers the one with the shortest round trip says most, because what makes
//! others longer is waiting in queues, on one way more than on the other.

use std::collections::VecDeque;

use crate::{limits, time::Millis};

/// What one answer says.
#[derive(Clone, Copy, Debug)]
struct Sample {
    /// How much later it is there than here, in milliseconds.
    offset: i64,
    /// From the ping to its answer.
    round_trip: i64,
    at: Millis,
}

/// The other clock, as far as it is known.
#[derive(Clone, Debug, Default)]
pub(super) struct OtherClock {
    samples: VecDeque<Sample>,
    /// From when a message came whose sending time is known, and nothing else is.
    guess: Option<i64>,
}

/// How far apart two answers may be beyond what their round trips explain, in milliseconds: clocks that drift, and
/// timers that are coarse.
const SLACK: i64 = 50;

impl OtherClock {
    /// Something came that was sent at a time of the other clock: until a ping is answered, that is all there is.
    pub(super) fn guess(&mut self, now: Millis, there: Millis) {
        self.guess = Some(difference(there, now));
    }

    /// A ping of `sent` was answered.
    pub(super) fn answered(&mut self, sent: Millis, now: Millis, there: Millis) {
        let round_trip = difference(now, sent).max(0);
        let middle = Millis(sent.0.saturating_add(round_trip as u64 / 2));
        let sample = Sample {
            offset: difference(there, middle),
            round_trip,
            at: now,
        };
        // A clock that was set makes everything before untrue.
        let contradicts = |other: &Sample| {
            let apart = sample.offset.saturating_sub(other.offset).saturating_abs();
            let explained = sample.round_trip.saturating_add(other.round_trip) / 2;
            apart > explained.saturating_add(SLACK)
        };
        if self.samples.iter().any(contradicts) {
            self.samples.clear();
        }
        if self.samples.len() == limits::CLOCK_SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
    }

    /// Whether a ping was answered.
    pub(super) fn is_known(&self) -> bool {
        !self.samples.is_empty()
    }

    /// Milliseconds from a time of the other clock until now; negative if it is still to come.
    pub(super) fn since(&self, now: Millis, there: Millis) -> Option<i64> {
        let best = self.samples.iter().min_by_key(|sample| {
            // Of equal ones the latest, because clocks drift.
            (sample.round_trip, std::cmp::Reverse(sample.at))
        });
        let offset = best.map(|sample| sample.offset).or(self.guess)?;
        Some(difference(now, there).saturating_add(offset))
    }
}

fn difference(later: Millis, earlier: Millis) -> i64 {
    let difference = i128::from(later.0) - i128::from(earlier.0);
    i64::try_from(difference).unwrap_or(if difference < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    #[test]
    fn the_shortest_round_trip_counts() {
        let mut clock = OtherClock::default();
        assert_eq!(clock.since(Millis(0), Millis(0)), None);
        clock.guess(Millis(1_000), Millis(HOUR));
        assert_eq!(clock.since(Millis(1_500), Millis(HOUR)), Some(500));
        // There it is an hour later; 30 ms out and 10 ms back, but the second answer waits 200 ms on its way.
        clock.answered(Millis(1_000), Millis(1_040), Millis(HOUR + 1_030));
        clock.answered(Millis(2_000), Millis(2_240), Millis(HOUR + 2_030));
        assert_eq!(clock.since(Millis(3_000), Millis(HOUR + 3_000)), Some(10));
    }

    #[test]
    fn a_clock_that_is_set_is_noticed() {
        let mut clock = OtherClock::default();
        clock.answered(Millis(1_000), Millis(1_010), Millis(1_005));
        clock.answered(Millis(2_000), Millis(2_090), Millis(HOUR + 2_045));
        assert_eq!(clock.since(Millis(3_000), Millis(HOUR + 3_000)), Some(0));
    }

    #[test]
    fn no_time_is_too_large() {
        let mut clock = OtherClock::default();
        clock.answered(Millis(u64::MAX), Millis(0), Millis(u64::MAX));
        clock.answered(Millis(0), Millis(u64::MAX), Millis(0));
        clock.guess(Millis(0), Millis(u64::MAX));
        assert!(clock.since(Millis(u64::MAX), Millis(0)).is_some());
    }
}
