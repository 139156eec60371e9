//! Time as the core sees it: a number that the driver passes in.

use std::{ops::Add, time::Duration};

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch.
///
/// Drivers pass wall-clock time that they keep from running backwards; the simulator passes virtual time.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    Serialize,
    Deserialize,
)]
#[cbor(transparent)]
#[serde(transparent)]
pub struct Millis(#[n(0)] pub u64);

impl Millis {
    /// The time passed since `earlier`; zero when `earlier` is later.
    pub fn since(self, earlier: Millis) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// As ISO 8601 has it, in UTC (RFC 3339): for people and other programs. None after the year 9999.
    pub fn to_utc(self) -> Option<String> {
        let since_1970 = i64::try_from(self.0).ok()?;
        let time = jiff::Timestamp::from_millisecond(since_1970).ok()?;
        Some(format!("{time:.3}"))
    }
}

impl Add<Duration> for Millis {
    type Output = Millis;

    fn add(self, duration: Duration) -> Millis {
        // A duration beyond 2^64 ms is beyond every deadline we set.
        Millis(
            self.0
                .saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_iso_8601_has_it() {
        for (time, written) in [
            (0, Some("1970-01-01T00:00:00.000Z")),
            (1_790_000_000_007, Some("2026-09-21T14:13:20.007Z")),
            (951_782_400_000, Some("2000-02-29T00:00:00.000Z")),
            (u64::MAX, None),
        ] {
            assert_eq!(Millis(time).to_utc().as_deref(), written);
        }
    }
}
