//! How much of something is allowed per time: a token bucket.

use crate::time::Millis;

/// An allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// What comes back each second.
    pub per_second: u32,
    /// What may be used at once after a rest.
    pub burst: u32,
}

/// One user's account of a [`Rate`].
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    rate: Rate,
    /// Thousandths of what may be used now.
    millis_left: u64,
    /// When that was so.
    at: Millis,
}

impl Bucket {
    /// A full one.
    pub fn new(now: Millis, rate: Rate) -> Self {
        Self {
            rate,
            millis_left: u64::from(rate.burst) * 1000,
            at: now,
        }
    }

    /// Uses up `amount`, if it is there.
    pub fn take(&mut self, now: Millis, amount: u32) -> bool {
        self.refill(now);
        let amount = u64::from(amount) * 1000;
        let enough = self.millis_left >= amount;
        if enough {
            self.millis_left -= amount;
        }
        enough
    }

    /// When `amount` is there, if nothing is used until then: now, or later.
    pub fn free_at(&mut self, now: Millis, amount: u32) -> Millis {
        self.refill(now);
        let missing = (u64::from(amount) * 1000).saturating_sub(self.millis_left);
        if missing == 0 {
            return now;
        }
        // A rate of nothing never gives it.
        let wait = match u64::from(self.rate.per_second) {
            0 => u64::MAX,
            per_second => missing.div_ceil(per_second),
        };
        Millis(self.at.0.saturating_add(wait))
    }

    /// Whether nothing of it is used: whoever it belongs to may be forgotten.
    pub fn is_full(&mut self, now: Millis) -> bool {
        self.refill(now);
        self.millis_left == u64::from(self.rate.burst) * 1000
    }

    fn refill(&mut self, now: Millis) {
        // One per second is one thousandth per millisecond.
        let passed = u64::try_from(now.since(self.at).as_millis()).unwrap_or(u64::MAX);
        let back = passed.saturating_mul(u64::from(self.rate.per_second));
        let full = u64::from(self.rate.burst) * 1000;
        self.millis_left = self.millis_left.saturating_add(back).min(full);
        self.at = self.at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        per_second: 2,
        burst: 3,
    };

    #[test]
    fn a_burst_and_then_the_rate() {
        let mut bucket = Bucket::new(Millis(0), RATE);
        let taken =
            |bucket: &mut Bucket, now| (0..9).filter(|_| bucket.take(Millis(now), 1)).count();
        assert_eq!(taken(&mut bucket, 0), 3);
        assert_eq!(taken(&mut bucket, 499), 0);
        assert_eq!(taken(&mut bucket, 500), 1);
        assert_eq!(taken(&mut bucket, 1_500), 2);
        assert!(!bucket.is_full(Millis(2_900)));
        assert!(bucket.is_full(Millis(3_000)));
        assert_eq!(taken(&mut bucket, 1_000_000), 3);
    }

    #[test]
    fn what_is_not_there_is_not_taken_in_part() {
        let mut bucket = Bucket::new(Millis(0), RATE);
        assert!(!bucket.take(Millis(0), 4));
        assert!(bucket.take(Millis(0), 3));
    }

    #[test]
    fn it_says_when_there_is_enough() {
        let mut bucket = Bucket::new(Millis(0), RATE);
        assert_eq!(bucket.free_at(Millis(0), 3), Millis(0));
        assert!(bucket.take(Millis(0), 3));
        for (now, amount, at) in [(0, 1, 500), (1, 1, 500), (499, 2, 1_000), (500, 1, 500)] {
            let free = bucket.free_at(Millis(now), amount);
            assert_eq!(free, Millis(at), "{amount} at {now}");
        }
        assert!(!bucket.take(Millis(999), 2));
        assert!(bucket.take(Millis(1_000), 2));
        let never = Rate {
            per_second: 0,
            burst: 0,
        };
        let never = Bucket::new(Millis(0), never).free_at(Millis(0), 1);
        assert_eq!(never, Millis(u64::MAX));
    }

    #[test]
    fn a_clock_that_stands_still_gives_nothing() {
        let mut bucket = Bucket::new(Millis(1_000), RATE);
        assert!(bucket.take(Millis(1_000), 3));
        assert!(!bucket.take(Millis(10), 1));
        assert!(!bucket.take(Millis(1_000), 1));
    }
}
