//! The times of LRC.

use crate::limits;

/// What stands between two brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// A time, in milliseconds.
    At(u32),
    /// What was meant as one.
    Wrong,
}

/// What the last of three numbers is when there is no fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Third {
    /// `[hh:mm:ss]`.
    Seconds,
    /// `[mm:ss:xx]`.
    Hundredths,
}

/// The longest text that can be a time.
const LONGEST: usize = 24;

/// Reads what stands between two brackets; none if it is no time, not even a wrong one.
pub(super) fn read(inner: &str, third: Third) -> Option<Stamp> {
    let inner = inner.trim();
    let numeric = |c: char| c.is_ascii_digit() || ":.,+-".contains(c);
    let meant = inner.contains(':') && inner.contains(|c: char| c.is_ascii_digit());
    if !meant || !inner.chars().all(numeric) {
        return None;
    }
    Some(time(inner, third).map_or(Stamp::Wrong, Stamp::At))
}

/// A time in milliseconds, if it is one.
pub(super) fn time(text: &str, third: Third) -> Option<u32> {
    if text.len() > LONGEST {
        return None;
    }
    let (clock, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let fraction = fraction_ms(fraction)?;
    let mut parts = clock.split(':');
    let numbers = (parts.next(), parts.next(), parts.next(), parts.next());
    let (hours, minutes, seconds, fraction) = match numbers {
        (Some(minutes), Some(seconds), None, None) => ("0", minutes, seconds, fraction),
        (Some(minutes), Some(seconds), Some(hundredths), None)
            if third == Third::Hundredths && clock.len() == text.len() =>
        {
            // An empty one is no number; after a dot it would be nothing.
            number(hundredths)?;
            ("0", minutes, seconds, fraction_ms(hundredths)?)
        }
        (Some(hours), Some(minutes), Some(seconds), None) => {
            number(minutes).filter(|minutes| *minutes < 60)?;
            (hours, minutes, seconds, fraction)
        }
        _ => return None,
    };
    let seconds = number(seconds).filter(|seconds| *seconds < 60)?;
    // Numbers have four digits at most: no overflow.
    let at = ((number(hours)? * 60 + number(minutes)?) * 60 + seconds) * 1000 + fraction;
    let most = limits::MAX_LYRICS_TIME.as_millis();
    u32::try_from(at).ok().filter(|at| u128::from(*at) <= most)
}

/// Tells that three numbers are not hours, minutes and seconds, but could be minutes, seconds and hundredths.
pub(super) fn is_hundredths(inner: &str) -> bool {
    let inner = inner.trim();
    time(inner, Third::Seconds).is_none() && time(inner, Third::Hundredths).is_some()
}

/// Tenths, hundredths or thousandths of a second; finer ones are cut off.
fn fraction_ms(digits: &str) -> Option<u64> {
    if digits.contains(|c: char| !c.is_ascii_digit()) {
        return None;
    }
    let scale = [100, 10, 1].into_iter();
    let of = |(digit, scale): (u8, u64)| u64::from(digit - b'0') * scale;
    Some(digits.bytes().zip(scale).map(of).sum())
}

fn number(digits: &str) -> Option<u64> {
    let digit = |c: char| c.is_ascii_digit();
    if digits.len() > 4 || !digits.chars().all(digit) {
        return None;
    }
    digits.parse().ok()
}
