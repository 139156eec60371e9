//! Places in a track, and how fast it is played.

use std::time::Duration;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A place in a track, or its length: milliseconds from its beginning.
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
pub struct TrackTime(#[n(0)] pub u64);

impl TrackTime {
    /// Where every track begins.
    pub const START: Self = Self(0);

    /// Where a track is that was here, and was played for so long.
    pub fn after(self, passed: Duration, speed: Speed) -> Self {
        let passed = u64::try_from(passed.as_millis()).unwrap_or(u64::MAX);
        let played = passed.saturating_mul(u64::from(speed.thousandths())) / 1000;
        Self(self.0.saturating_add(played))
    }

    /// By how many milliseconds this is later than `other`; negative when it is earlier.
    pub fn ahead_of(self, other: Self) -> i64 {
        let difference = i128::from(self.0) - i128::from(other.0);
        // Within i64, or so far away that it makes no difference.
        i64::try_from(difference).unwrap_or(if difference < 0 { i64::MIN } else { i64::MAX })
    }

    /// So many milliseconds on, or back; never before the beginning.
    pub fn moved(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add_signed(milliseconds))
    }
}

/// How fast a track is played, in thousandths of its own tempo; within [`Speed::SLOWEST`] and [`Speed::FASTEST`],
/// whatever was stored or sent. The pitch stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(transparent)]
#[serde(transparent)]
pub struct Speed(#[n(0)] u16);

impl Speed {
    /// A quarter of the tempo.
    pub const SLOWEST: Self = Self(250);
    /// The tempo of the track.
    pub const NORMAL: Self = Self(1000);
    /// Four times the tempo: beyond it Chromium mutes.
    pub const FASTEST: Self = Self(4000);

    /// A speed in thousandths; what is too slow or too fast becomes the slowest or fastest.
    pub fn new(thousandths: u16) -> Self {
        Self(thousandths.clamp(Self::SLOWEST.0, Self::FASTEST.0))
    }

    /// In thousandths of the track's tempo.
    pub fn thousandths(self) -> u16 {
        Self::new(self.0).0
    }

    /// So many thousandths of itself faster.
    pub fn nudged(self, thousandths: i16) -> Self {
        let nudged = i32::from(self.thousandths()) * (1000 + i32::from(thousandths)) / 1000;
        Self::new(u16::try_from(nudged).unwrap_or_default())
    }
}

impl Default for Speed {
    fn default() -> Self {
        Self::NORMAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_never_leave_their_numbers() {
        let place = TrackTime(1000);
        assert_eq!(place.moved(-2000), TrackTime::START);
        assert_eq!(place.ahead_of(TrackTime(1300)), -300);
        assert_eq!(TrackTime(u64::MAX).ahead_of(place), i64::MAX);
        let end = TrackTime(u64::MAX);
        assert_eq!(end.after(Duration::MAX, Speed::FASTEST), end);
        let later = place.after(Duration::from_secs(2), Speed::new(500));
        assert_eq!(later, TrackTime(2000));
    }

    #[test]
    fn speeds_stay_audible() {
        assert_eq!(Speed::new(0), Speed::SLOWEST);
        assert_eq!(Speed::new(u16::MAX), Speed::FASTEST);
        assert_eq!(Speed(0).thousandths(), 250, "as it may have been sent");
        assert_eq!(Speed::NORMAL.nudged(-30).thousandths(), 970);
        assert_eq!(Speed::NORMAL.nudged(i16::MIN), Speed::SLOWEST);
    }
}
