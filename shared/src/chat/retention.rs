//! How much of a channel's log a device keeps.

use std::time::Duration;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::{
    record::{Position, RecordId},
    span::Span,
};
use crate::{limits, time::Millis};

/// What the member chose to keep of a channel. What is marked to be kept stays either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(tag = "keep", rename_all = "snake_case")]
pub enum Retention {
    /// All of it.
    #[default]
    #[n(0)]
    Forever,
    /// The last days.
    #[n(1)]
    Age {
        /// How many.
        #[n(0)]
        days: u32,
    },
    /// The last messages.
    #[n(2)]
    Count {
        /// How many.
        #[n(0)]
        messages: u32,
    },
    /// What was written within a time.
    #[n(3)]
    Between {
        /// At this moment or later.
        #[n(0)]
        from: Millis,
        /// Before this one, if there is an end.
        #[n(1)]
        to: Option<Millis>,
    },
}

/// The part of a log that a device wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// Where it lies.
    pub span: Span,
    /// The newest so many are enough.
    pub most: Option<usize>,
}

impl Interval {
    /// Whether a record that stands there is wanted.
    pub fn contains(&self, position: Position) -> bool {
        self.span.contains(position)
    }
}

impl Retention {
    /// Whether a member may choose it.
    pub fn is_valid(self) -> bool {
        match self {
            Self::Forever => true,
            Self::Age { days } => (1..=limits::MAX_RETENTION_DAYS).contains(&days),
            Self::Count { messages } => (1..=limits::MAX_RETENTION_MESSAGES).contains(&messages),
            Self::Between { from, to } => to.is_none_or(|to| from < to),
        }
    }

    /// What is wanted now. `floor` is where the oldest of the newest [`Retention::Count`] stands, if there are so many.
    pub fn interval(self, now: Millis, floor: Option<Position>) -> Interval {
        match self {
            Self::Forever => Interval::default(),
            Self::Age { days } => Interval {
                span: since(begin_of_days(now, days)),
                most: None,
            },
            Self::Count { messages } => Interval {
                span: Span {
                    from: floor,
                    before: None,
                },
                most: Some(usize::try_from(messages).unwrap_or(usize::MAX)),
            },
            Self::Between { from, to } => Interval {
                span: Span {
                    before: to.map(first_at),
                    ..since(from)
                },
                most: None,
            },
        }
    }

    /// When [`Retention::interval`] is another one, though nothing came.
    pub fn changes_at(self, now: Millis) -> Option<Millis> {
        matches!(self, Self::Age { .. }).then(|| now + limits::RETENTION_STEP)
    }
}

/// Ages are counted in whole steps, so that two devices with nearly the same clock want nearly always the same.
fn begin_of_days(now: Millis, days: u32) -> Millis {
    let age = Duration::from_secs(u64::from(days) * 24 * 60 * 60);
    let step = limits::RETENTION_STEP.as_millis() as u64;
    let begin = now.0.saturating_sub(age.as_millis() as u64);
    Millis(begin - begin % step)
}

/// The first place that a record of this time can have.
pub const fn first_at(time: Millis) -> Position {
    Position {
        time,
        id: RecordId([0; 32]),
    }
}

/// All of a log from this time on.
pub(super) fn since(time: Millis) -> Span {
    Span {
        from: Some(first_at(time)),
        before: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 24 * 60 * 60 * 1000;

    #[test]
    fn an_interval_is_what_was_chosen() {
        let now = Millis(100 * DAY + 59_999);
        let floor = Some(first_at(Millis(7)));
        for (retention, wanted, not_wanted) in [
            (Retention::Forever, &[0, 200 * DAY][..], &[][..]),
            (
                Retention::Age { days: 1 },
                &[99 * DAY, 200 * DAY],
                &[0, 99 * DAY - 1],
            ),
            (Retention::Count { messages: 9 }, &[7, 200 * DAY], &[0, 6]),
            (
                Retention::Between {
                    from: Millis(5),
                    to: Some(Millis(8)),
                },
                &[5, 7],
                &[4, 8, 200 * DAY],
            ),
            (
                Retention::Between {
                    from: Millis(5),
                    to: None,
                },
                &[5, 200 * DAY],
                &[4],
            ),
        ] {
            let interval = retention.interval(now, floor);
            for (times, expected) in [(wanted, true), (not_wanted, false)] {
                for time in times {
                    let place = first_at(Millis(*time));
                    let outside = interval.span.outside().any(|span| span.contains(place));
                    assert_eq!(interval.contains(place), expected, "{retention:?} {time}");
                    assert_eq!(outside, !expected, "{retention:?} {time}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_kept_is_not_chosen() {
        for (retention, valid) in [
            (Retention::Forever, true),
            (Retention::Age { days: 0 }, false),
            (Retention::Age { days: 1 }, true),
            (Retention::Age { days: u32::MAX }, false),
            (Retention::Count { messages: 0 }, false),
            (Retention::Count { messages: u32::MAX }, false),
            (
                Retention::Between {
                    from: Millis(5),
                    to: Some(Millis(5)),
                },
                false,
            ),
        ] {
            assert_eq!(retention.is_valid(), valid, "{retention:?}");
        }
    }
}
