//! Amounts as people read them: bytes, rates, shares, and the time that is left.

use crate::i18n::t_with;

/// From here on nobody waits, and a number of days says nothing.
const MAX_DAYS: u64 = 99;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Bytes in powers of ten, as the browser's own settings have them.
pub(crate) fn bytes(count: f64) -> String {
    let mut value = count;
    for unit in ["B", "kB", "MB", "GB"] {
        // What is rounded to a thousand is one of the next unit.
        let (decimals, least_too_much) = match unit {
            "B" => (0, 999.5),
            _ => (usize::from(value < 99.95), 999.5),
        };
        if value < least_too_much {
            return format!("{value:.decimals$} {unit}");
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

/// How long something plays, as players write it.
pub(crate) fn play_time(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    let (hours, minutes, seconds) = (seconds / HOUR, seconds % HOUR / MINUTE, seconds % MINUTE);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// Bytes a second.
pub(crate) fn rate(per_second: u64) -> String {
    t_with("rate", &[&bytes(per_second as f64)])
}

/// A part of a whole in full hundredths: it is 100 only when nothing is missing.
pub(crate) fn percent(part: u64, whole: u64) -> u64 {
    let hundredths = u128::from(part) * 100;
    let percent = hundredths.checked_div(u128::from(whole)).unwrap_or(100);
    u64::try_from(percent).unwrap_or(100).min(100)
}

/// How long so many bytes take at a rate; nothing while they do not move.
pub(crate) fn time_left(count: u64, per_second: u64) -> Option<String> {
    let seconds = count.checked_add(per_second)?.checked_sub(1)? / per_second.max(1);
    if per_second == 0 || seconds == 0 {
        return None;
    }
    let (key, number) = match seconds {
        0..=10 => ("left_seconds", seconds),
        // In steps: a number that jumps to and fro every moment is not read.
        11..=MINUTE => ("left_seconds", seconds.div_ceil(5) * 5),
        61..HOUR => ("left_minutes", seconds.div_ceil(MINUTE)),
        HOUR..DAY => ("left_hours", seconds.div_ceil(HOUR)),
        _ => ("left_days", seconds.div_ceil(DAY)),
    };
    (key != "left_days" || number <= MAX_DAYS).then(|| t_with(key, &[&number.to_string()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_readable() {
        for (count, expected) in [
            (0.0, "0 B"),
            (999.0, "999 B"),
            (1000.0, "1.0 kB"),
            (9_951.0, "10.0 kB"),
            (99_949.0, "99.9 kB"),
            (99_951.0, "100 kB"),
            (999_600.0, "1.0 MB"),
            (1_234_567.0, "1.2 MB"),
            (64e9, "64.0 GB"),
            (2.5e12, "2.5 TB"),
        ] {
            assert_eq!(bytes(count), expected);
        }
        assert_eq!(rate(1_500_000), "1.5 MB/s");
    }

    #[test]
    fn play_times_are_those_of_players() {
        for (milliseconds, expected) in [
            (0, "0:00"),
            (999, "0:00"),
            (61_000, "1:01"),
            (3_599_999, "59:59"),
            (3_600_000, "1:00:00"),
            (604_800_000, "168:00:00"),
        ] {
            assert_eq!(play_time(milliseconds), expected);
        }
    }

    #[test]
    fn only_what_is_whole_is_a_hundred_percent() {
        for (part, whole, expected) in [
            (0, 3, 0),
            (1, 3, 33),
            (999, 1000, 99),
            (1000, 1000, 100),
            (0, 0, 100),
            (u64::MAX, u64::MAX, 100),
            (7, 3, 100),
        ] {
            assert_eq!(percent(part, whole), expected, "{part} of {whole}");
        }
    }

    #[test]
    fn the_time_that_is_left_is_rounded_up() {
        for (count, per_second, expected) in [
            (0, 10, None),
            (10, 0, None),
            (1, 10, Some("1 s left")),
            (100, 10, Some("10 s left")),
            (101, 10, Some("15 s left")),
            (600, 10, Some("60 s left")),
            (601, 10, Some("2 min left")),
            (36_000, 10, Some("1 h left")),
            (36_001, 10, Some("2 h left")),
            (864_000, 10, Some("1 d left")),
            (u64::MAX, 1, None),
            (u64::MAX, 0, None),
        ] {
            assert_eq!(
                time_left(count, per_second).as_deref(),
                expected,
                "{count} at {per_second}"
            );
        }
    }
}
