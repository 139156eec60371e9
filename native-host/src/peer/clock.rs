//! The time, and one alarm.

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use catnest::time::Millis;
use tokio::time::Sleep;

use crate::wall::since_1970;

/// Wall-clock time that never runs backwards, and one timer.
///
/// It follows the machine's clock forwards, which also tells of a sleep: the monotonic clock stands still meanwhile.
/// When somebody sets the machine's clock back, it goes on at half the pace of the monotonic clock until the other has
/// caught up, so that nothing that waits waits for long.
pub(super) struct Clock {
    latest: Duration,
    looked: Instant,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self {
            latest: since_1970(),
            looked: Instant::now(),
            alarm: None,
        }
    }

    pub(super) fn now(&mut self) -> Millis {
        self.at(since_1970(), Instant::now())
    }

    fn at(&mut self, wall: Duration, monotonic: Instant) -> Millis {
        let passed = monotonic.saturating_duration_since(self.looked);
        self.looked = monotonic;
        self.latest = wall.max(self.latest + passed / 2);
        // Fits for 584 million years.
        Millis(self.latest.as_millis() as u64)
    }

    /// Replaces the alarm.
    pub(super) fn set_alarm(&mut self, at: Option<Millis>) {
        let now = self.now();
        self.alarm = at.map(|at| Box::pin(tokio::time::sleep(at.since(now))));
    }

    /// Waits until the alarm is due; for ever if there is none.
    pub(super) async fn alarm(&mut self) {
        match &mut self.alarm {
            Some(alarm) => alarm.await,
            None => std::future::pending().await,
        }
        self.alarm = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_wall_forwards_and_never_runs_backwards() {
        let mut clock = Clock::new();
        let (start, second) = (clock.looked, Duration::from_secs(1));
        let base = clock.latest + 100 * second;
        let ms = |time: Duration| Millis(time.as_millis() as u64);
        // The machine slept.
        assert_eq!(clock.at(base, start), ms(base));
        // The machine's clock was set back by an hour.
        let back = base - 3600 * second;
        assert_eq!(clock.at(back, start + 2 * second), ms(base + second));
        // It has caught up.
        assert_eq!(
            clock.at(base + 3 * second, start + 6 * second),
            ms(base + 3 * second)
        );
    }
}
