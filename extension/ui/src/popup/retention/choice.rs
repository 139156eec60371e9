//! What is chosen in the dialog, field by field, and which retention that is.

use catnest::{chat::retention::Retention, time::Millis};

use crate::time;

/// Which kind of retention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Everything,
    Days,
    Count,
    Between,
}

/// How the days of fields become times and back: by the time zone of the device, but for tests.
pub(super) struct Calendar {
    /// When a day begins, or one so many days later.
    pub(super) begin: fn(&str, i32) -> Option<Millis>,
    pub(super) day: fn(Millis) -> String,
}

/// The calendar of the device.
pub(super) const LOCAL: Calendar = Calendar {
    begin: time::day_begin,
    day: time::day_of_field,
};

/// What stands in the fields. Those of another kind keep what they have, in case somebody comes back to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) kind: Kind,
    pub(super) days: String,
    pub(super) count: String,
    pub(super) from: String,
    /// The last day that is kept; empty without one.
    pub(super) to: String,
}

impl Choice {
    /// What the fields show of a retention.
    pub(super) fn of(retention: Retention, calendar: &Calendar) -> Self {
        let mut choice = Self {
            kind: Kind::Everything,
            days: "30".to_owned(),
            count: "1000".to_owned(),
            from: String::new(),
            to: String::new(),
        };
        match retention {
            Retention::Forever => {}
            Retention::Age { days } => {
                choice.kind = Kind::Days;
                choice.days = days.to_string();
            }
            Retention::Count { messages } => {
                choice.kind = Kind::Count;
                choice.count = messages.to_string();
            }
            Retention::Between { from, to } => {
                choice.kind = Kind::Between;
                choice.from = (calendar.day)(from);
                // The end is the moment after the last day.
                let last = |to: Millis| (calendar.day)(Millis(to.0.saturating_sub(1)));
                choice.to = to.map(last).unwrap_or_default();
            }
        }
        choice
    }

    /// The retention that is chosen, if it is one.
    pub(super) fn retention(&self, calendar: &Calendar) -> Option<Retention> {
        let retention = match self.kind {
            Kind::Everything => Retention::Forever,
            Kind::Days => Retention::Age {
                days: self.days.trim().parse().ok()?,
            },
            Kind::Count => Retention::Count {
                messages: self.count.trim().parse().ok()?,
            },
            Kind::Between => Retention::Between {
                from: (calendar.begin)(&self.from, 0)?,
                to: match self.to.as_str() {
                    "" => None,
                    last => Some((calendar.begin)(last, 1)?),
                },
            },
        };
        Some(retention).filter(|retention| retention.is_valid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400_000;

    /// Days that are numbers.
    const NUMBERS: Calendar = Calendar {
        begin: |day, later| {
            let day: u64 = day.parse().ok()?;
            Some(Millis((day + u64::from(later.unsigned_abs())) * DAY))
        },
        day: |time| (time.0 / DAY).to_string(),
    };

    fn between(from: u64, to: Option<u64>) -> Retention {
        Retention::Between {
            from: Millis(from * DAY),
            to: to.map(|to| Millis(to * DAY)),
        }
    }

    #[test]
    fn what_the_fields_show_is_what_is_kept() {
        for retention in [
            Retention::Forever,
            Retention::Age { days: 7 },
            Retention::Count { messages: 12 },
            between(3, None),
            between(3, Some(5)),
        ] {
            let choice = Choice::of(retention, &NUMBERS);
            assert_eq!(choice.retention(&NUMBERS), Some(retention), "{choice:?}");
        }
    }

    #[test]
    fn the_last_day_is_kept_whole() {
        let choice = Choice {
            kind: Kind::Between,
            from: "3".to_owned(),
            to: "3".to_owned(),
            ..Choice::of(Retention::Forever, &NUMBERS)
        };
        assert_eq!(choice.retention(&NUMBERS), Some(between(3, Some(4))));
    }

    #[test]
    fn what_keeps_nothing_is_no_choice() {
        let wrong = |kind, field: &str, other: &str| Choice {
            kind,
            days: field.to_owned(),
            count: field.to_owned(),
            from: field.to_owned(),
            to: other.to_owned(),
        };
        for choice in [
            wrong(Kind::Days, "0", ""),
            wrong(Kind::Days, "", ""),
            wrong(Kind::Days, "-1", ""),
            wrong(Kind::Count, "1.5", ""),
            wrong(Kind::Count, "99999999999", ""),
            wrong(Kind::Between, "", "5"),
            wrong(Kind::Between, "5", "3"),
            wrong(Kind::Between, "5", "x"),
        ] {
            assert_eq!(choice.retention(&NUMBERS), None, "{choice:?}");
        }
    }
}
