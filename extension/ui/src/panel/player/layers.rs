//! The layers of the seek bar: what is held, what is fetched ahead of what plays, and what was played.
//!
//! They come from the engine, which knows the pieces. What an `<audio>` element has buffered is something else: it forgets,
//! and reads again what is here.

use catnest::music::TrackTime;

/// From where to where, each from 0 to 1 of the track.
pub(crate) type Span = (f64, f64);

/// A bar of some hundred pixels shows no more: runs that lie close together are drawn as one.
const STEPS: f64 = 400.0;

/// What a bar shows, below to above.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layers {
    /// What is here, in order.
    pub(crate) held: Vec<Span>,
    /// What is here from the position on, without a gap.
    pub(crate) ahead: Option<Span>,
    /// How far the track was played.
    pub(crate) played: f64,
}

impl Layers {
    /// Of a track at a position. `here` are the runs of its pieces that are here, of `pieces` in all; none: all is here.
    ///
    /// Pieces are equally long in bytes, and so nearly in time: the bar is no ruler.
    pub(crate) fn of(
        position: TrackTime,
        duration: Option<TrackTime>,
        here: Option<(&[(u32, u32)], u32)>,
    ) -> Self {
        let end = duration.map_or(0, |duration| duration.0);
        let played = if end == 0 {
            0.0
        } else {
            (position.0 as f64 / end as f64).min(1.0)
        };
        let held = match here {
            None => vec![(0.0, 1.0)],
            Some((_, 0)) => Vec::new(),
            Some((runs, pieces)) => merged(runs, pieces),
        };
        let run = held
            .iter()
            .find(|(from, to)| *from <= played && played < *to);
        let ahead = run.map(|(_, to)| (played, *to));
        Self {
            held,
            ahead,
            played,
        }
    }
}

/// Runs as parts of the whole; those that touch on the screen are one.
fn merged(runs: &[(u32, u32)], pieces: u32) -> Vec<Span> {
    let part = |piece: u32| f64::from(piece.min(pieces)) / f64::from(pieces);
    let mut spans: Vec<Span> = Vec::new();
    for (from, to) in runs.iter().filter(|(from, to)| from < to) {
        let (from, to) = (part(*from), part(*to));
        match spans.last_mut() {
            Some(last) if from - last.1 < 1.0 / STEPS => last.1 = last.1.max(to),
            _ => spans.push((from, to)),
        }
    }
    spans
}

/// Spans as the shape of an SVG that is 1 high and as wide as [`WIDTH`].
pub(crate) fn shape(spans: &[Span]) -> String {
    let rectangle = |(from, to): &Span| {
        let (x, width) = (from * WIDTH, (to - from) * WIDTH);
        format!("M{x:.1} 0h{width:.1}v1h-{width:.1}z")
    };
    spans.iter().map(rectangle).collect()
}

/// See [`shape`].
pub(crate) const WIDTH: f64 = 1000.0;

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Option<TrackTime> = Some(TrackTime(60_000));

    #[test]
    fn what_is_ahead_reaches_to_the_first_gap() {
        let runs = [(0, 30), (50, 60), (90, 100)];
        for (position, ahead, played) in [
            (0, Some((0.0, 0.3)), 0.0),
            (15_000, Some((0.25, 0.3)), 0.25),
            (18_000, None, 0.3),
            (24_000, None, 0.4),
            (30_000, Some((0.5, 0.6)), 0.5),
            (60_000, None, 1.0),
            (90_000, None, 1.0),
        ] {
            let layers = Layers::of(TrackTime(position), MINUTE, Some((&runs, 100)));
            assert_eq!((layers.ahead, layers.played), (ahead, played), "{position}");
            assert_eq!(layers.held, [(0.0, 0.3), (0.5, 0.6), (0.9, 1.0)]);
        }
    }

    #[test]
    fn what_is_here_whole_has_no_gap() {
        let layers = Layers::of(TrackTime(15_000), MINUTE, None);
        assert_eq!(layers.held, [(0.0, 1.0)]);
        assert_eq!(layers.ahead, Some((0.25, 1.0)));
    }

    #[test]
    fn what_is_not_known_is_not_drawn() {
        let layers = Layers::of(TrackTime(15_000), None, Some((&[], 0)));
        assert_eq!(layers, Layers::default());
        assert_eq!(
            Layers::of(TrackTime(15_000), Some(TrackTime(0)), Some((&[], 7))),
            Layers::default()
        );
    }

    #[test]
    fn many_runs_are_drawn_as_few() {
        let every_other: Vec<(u32, u32)> = (0..50_000).map(|at| (2 * at, 2 * at + 1)).collect();
        let layers = Layers::of(TrackTime(0), MINUTE, Some((&every_other, 100_000)));
        assert_eq!(layers.held.len(), 1);
        // Nothing is made up: what turns back or is too much is no span.
        assert_eq!(merged(&[(5, 5), (9, 3), (8, 12)], 10), [(0.8, 1.0)]);
        assert_eq!(
            shape(&[(0.0, 0.25), (0.5, 1.0)]),
            "M0.0 0h250.0v1h-250.0zM500.0 0h500.0v1h-500.0z"
        );
    }
}
