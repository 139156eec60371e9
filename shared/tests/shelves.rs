//! Lists of music between two devices: told in parts, kept up to date, and who breaks the rules of it (M2, M7, M10, M18).
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

#[path = "shelves/ends.rs"]
mod ends;
#[path = "shelves/model.rs"]
mod model;
#[path = "common/tracks.rs"]
mod tracks;

use std::collections::BTreeSet;

use catnest::{
    limits,
    music::{
        shelf::{
            Applied, Growth, OtherShelf, OwnShelf, ShelfError, ShelfFull,
            message::{Ask, Change, Known, Part, Version},
        },
        track::Track,
    },
};

use crate::{ends::Ends, tracks::track};

#[test]
fn m10_a_list_is_told_in_parts_and_each_track_once() {
    let mut ends = Ends::of(3000);
    let ask = ends.other.begin();
    let parts = ends.finish(ask);
    assert!(parts > 10, "{parts}");
    assert!(ends.are_equal());
    assert_eq!(ends.changes, 3000);
    assert!(ends.other.is_whole());
}

#[test]
fn m10_a_list_of_nothing_is_told_too() {
    let mut ends = Ends::default();
    let ask = ends.other.begin();
    assert_eq!(ends.finish(ask), 1);
    assert!(ends.other.is_whole() && ends.other.is_empty());
}

#[test]
fn m10_the_largest_list_is_told_to_its_end() {
    let mut ends = Ends::of(limits::MAX_SHELF_TRACKS as u32);
    let ask = ends.other.begin();
    ends.finish(ask);
    assert!(ends.are_equal());
    assert_eq!(ends.changes, limits::MAX_SHELF_TRACKS);
}

#[test]
fn what_is_on_its_way_into_the_list_has_its_room() {
    let mut own = OwnShelf::new();
    let (one, other) = (track(1), track(2));
    own.put(one.clone()).unwrap();
    let by = std::slice::from_ref(&other);
    let growth = own.growth(by, Growth::default()).unwrap();
    assert_eq!((growth.tracks, growth.bytes), (1, other.to_bytes().len()));
    let tracks = limits::MAX_SHELF_TRACKS - 1;
    let others = Growth { tracks, bytes: 0 };
    assert_eq!(own.growth(by, others), Err(ShelfFull::Tracks));
    let bytes = limits::MAX_SHELF_BYTES - one.to_bytes().len();
    let others = Growth { tracks: 0, bytes };
    assert_eq!(own.growth(by, others), Err(ShelfFull::Bytes));
    // What is there takes no more room, whatever comes.
    let (tracks, bytes) = (limits::MAX_SHELF_TRACKS, limits::MAX_SHELF_BYTES);
    let again = own.growth(std::slice::from_ref(&one), Growth { tracks, bytes });
    assert_eq!(again, Ok(Growth::default()));
}

#[test]
fn m2_only_what_has_changed_is_told_later() {
    let mut ends = Ends::of(1000);
    let ask = ends.other.begin();
    ends.finish(ask);
    ends.put(5);
    ends.put(5);
    ends.put(1000);
    ends.remove(7);
    let before = ends.changes;
    assert_eq!(ends.catch_up(), 1);
    assert_eq!(ends.changes, before + 3);
    assert!(ends.are_equal());
    // Known: nobody asks again.
    assert_eq!(ends.other.news(ends.own.version()), None);
}

#[test]
fn m2_what_came_and_went_between_two_questions_is_not_told() {
    let mut ends = Ends::of(10);
    let ask = ends.other.begin();
    ends.finish(ask);
    ends.put(100);
    ends.remove(100);
    let before = ends.changes;
    ends.catch_up();
    assert_eq!(ends.changes, before);
}

#[test]
fn m2_what_went_and_came_back_is_told_once() {
    let mut ends = Ends::of(10);
    let ask = ends.other.begin();
    ends.finish(ask);
    ends.remove(3);
    ends.put(3);
    let before = ends.changes;
    ends.catch_up();
    assert_eq!(ends.changes, before + 1);
    // It was known before that, so its end has to be told, though it came after the last question.
    ends.put(4);
    ends.remove(4);
    ends.put(4);
    ends.remove(4);
    ends.catch_up();
    assert!(ends.are_equal());
    assert_eq!(ends.list.len(), 9);
}

#[test]
fn m2_the_same_words_are_no_change() {
    let mut shelf = OwnShelf::new();
    assert_eq!(shelf.put(track(1)), Ok(true));
    let version = shelf.version();
    assert_eq!(shelf.put(track(1)), Ok(false));
    assert!(!shelf.remove(track(2).id));
    assert_eq!(shelf.version(), version);
    assert_eq!(shelf.get(track(1).id).map(|t| &**t), Some(&track(1)));
    assert_eq!(shelf.len(), 1);
}

#[test]
fn m18_too_much_that_went_has_the_list_told_anew_and_nothing_disappears_meanwhile() {
    let gone = limits::MAX_SHELF_GONE as u32 + 1;
    let mut ends = Ends::of(gone + 1000);
    let ask = ends.other.begin();
    ends.finish(ask);
    for number in 0..gone {
        ends.remove(number);
    }
    let mut ask = ends.other.news(ends.own.version());
    let mut first = true;
    while let Some(asked) = ask {
        let part = ends.answer(asked);
        assert_eq!(part.fresh, first);
        first = false;
        let applied = ends.take(part);
        if !applied.complete {
            assert_eq!(applied.gone, []);
            assert_eq!(ends.list.len(), gone as usize + 1000);
        }
        ask = applied.next;
    }
    assert!(ends.are_equal());
    assert_eq!(ends.list.len(), 1000);
}

#[test]
fn m2_who_knows_of_most_that_went_is_told_the_rest_alone() {
    let gone = limits::MAX_SHELF_GONE as u32;
    let mut ends = Ends::of(gone + 1000);
    let ask = ends.other.begin();
    ends.finish(ask);
    let before = ends.puts;
    for number in 0..gone {
        ends.remove(number);
    }
    ends.catch_up();
    assert_eq!(ends.puts, before);
    assert!(ends.are_equal());
}

#[test]
fn m10_a_newcomer_is_told_the_list_whatever_went_before() {
    let gone = 2 * limits::MAX_SHELF_GONE as u32;
    let mut ends = Ends::of(gone + 2000);
    for number in (0..gone).rev() {
        ends.remove(number);
    }
    let ask = ends.other.begin();
    ends.finish(ask);
    assert!(ends.are_equal());
    // And not what went: the newcomer never knew of it.
    assert_eq!(ends.changes, 2000);
}

#[test]
fn m10_what_changes_while_a_list_is_told_is_told_after_it() {
    let mut ends = Ends::of(3000);
    let mut ask = ends.other.begin();
    let mut parts = 0;
    while let Some(asked) = ask {
        let part = ends.answer(asked);
        let (first, last) = (parts, 2999 - parts);
        if parts < 10 {
            ends.put(first);
            ends.put(last);
            ends.remove(first + 20);
            ends.remove(last - 20);
            ends.put(3000 + parts);
        }
        ask = ends.take(part).next;
        parts += 1;
    }
    assert!(parts > 10);
    assert!(ends.are_equal());
    assert_eq!(ends.list.len(), 2990);
}

#[test]
fn m2_a_list_goes_on_where_it_was_when_its_link_is_rerouted() {
    let mut ends = Ends::of(1000);
    let ask = ends.other.begin().unwrap();
    let part = ends.answer(ask);
    let ask = ends.take(part).next.unwrap();
    // The answer to this one is lost,
    let lost = ends.answer(ask);
    let ask = ends.other.begin();
    // or not: it comes late, and once.
    ends.take_late(lost.clone());
    ends.finish(ask);
    assert!(ends.are_equal());
    assert_eq!(ends.changes, 1000);
    assert_eq!(ends.other.part(lost).problem, Some(ShelfError::Unasked));
    // That a link is up again is a reason to ask, since news may be lost.
    ends.put(1);
    let ask = ends.other.begin();
    assert_eq!(ends.finish(ask), 1);
    assert!(ends.are_equal());
}

#[test]
fn m2_who_knows_of_a_version_that_never_was_is_told_all_anew() {
    let mut ends = Ends::of(100);
    let ask = ends.other.begin();
    ends.finish(ask);
    // The owner counts from the beginning, in the middle of a session: it is broken, or lies.
    ends.own = OwnShelf::new();
    ends.put(1);
    ends.put(500);
    let ask = ends.other.begin();
    ends.finish(ask);
    assert!(ends.are_equal());
    assert_eq!(ends.list.len(), 2);
}

#[test]
fn m10_news_that_comes_while_a_list_is_told_is_asked_for_afterwards() {
    let mut ends = Ends::of(10);
    let ask = ends.other.begin().unwrap();
    let part = ends.answer(ask);
    ends.put(77);
    assert_eq!(ends.other.news(ends.own.version()), None);
    let next = ends.take(part).next;
    assert!(next.is_some());
    ends.finish(next);
    assert!(ends.are_equal());
}

#[test]
fn m1_a_full_list_takes_no_more() {
    let mut shelf = OwnShelf::new();
    let most = limits::MAX_SHELF_TRACKS as u32;
    for number in 0..most {
        shelf.put(track(number)).unwrap();
    }
    assert_eq!(shelf.put(track(most)), Err(ShelfFull::Tracks));
    let other_words = Track {
        title: "Purr".into(),
        ..track(3)
    };
    assert_eq!(shelf.put(other_words), Ok(true));
    shelf.remove(track(3).id);
    assert_eq!(shelf.put(track(most)), Ok(true));

    let mut shelf = OwnShelf::new();
    let full = (0..most).find_map(|number| shelf.put(long(number)).err());
    assert_eq!(full, Some(ShelfFull::Bytes));
    assert!(shelf.len() > 4000 && shelf.len() < 20_000);
    shelf.remove(track(0).id);
    assert_eq!(shelf.put(long(most)), Ok(true));
}

/// A track with much to say.
fn long(number: u32) -> Track {
    let text = "x".repeat(limits::MAX_TAG_BYTES);
    Track {
        title: text.clone(),
        artist: text.clone(),
        album: text,
        ..track(number)
    }
}

/// A part as an answer to the question that was asked last.
fn forged(ask: Ask, tracks: impl Iterator<Item = Track>, version: u64, more: bool) -> Part {
    Part {
        number: ask.number,
        known: Known {
            tracks: Version(version),
            gone: Version(version),
        },
        fresh: ask.since.is_none(),
        changes: tracks.map(Change::Put).collect(),
        more,
    }
}

/// Tells parts until something is wrong with them.
fn lie(other: &mut OtherShelf, parts: impl Fn(u64, Ask) -> Part) -> (u64, Applied) {
    let mut ask = other.begin().unwrap();
    for part in 1.. {
        let applied = other.part(parts(part, ask));
        match applied.next {
            Some(next) => ask = next,
            None => return (part, applied),
        }
    }
    unreachable!("it would go on for ever");
}

#[test]
fn m7_a_list_that_claims_a_million_tracks_is_cut_and_named() {
    let mut other = OtherShelf::new();
    let (_, applied) = lie(&mut other, |part, ask| {
        let first = (part as u32 - 1) * 150;
        forged(ask, (first..first + 150).map(track), part, true)
    });
    assert_eq!(applied.problem, Some(ShelfError::TooMany));
    assert_eq!(
        ShelfError::TooMany.to_string(),
        "a list has at most 20000 tracks; this one has more"
    );
    // What fits is sound.
    assert_eq!(other.len(), limits::MAX_SHELF_TRACKS);
    assert_eq!(applied.changed.len(), limits::MAX_SHELF_TRACKS % 150);
    assert!(!applied.complete && !other.is_whole());
    assert_eq!(other.given_up(), Some(ShelfError::TooMany));
    // Nothing more is asked or taken.
    assert_eq!(other.begin(), None);
    assert_eq!(other.news(Version(u64::MAX)), None);
}

#[test]
fn m7_a_list_of_too_many_bytes_is_cut_and_named() {
    let mut other = OtherShelf::new();
    let (_, applied) = lie(&mut other, |part, ask| {
        let first = (part as u32 - 1) * 20;
        forged(ask, (first..first + 20).map(long), part, true)
    });
    assert_eq!(applied.problem, Some(ShelfError::TooLarge));
    let each = long(1).to_bytes().len();
    assert!(other.len() * each <= limits::MAX_SHELF_BYTES);
    assert!((other.len() + 20) * each > limits::MAX_SHELF_BYTES);
}

#[test]
fn m7_a_list_that_never_ends_is_given_up() {
    let mut other = OtherShelf::new();
    let (parts, applied) = lie(&mut other, |part, ask| {
        forged(ask, (0..500).map(track), part, true)
    });
    assert_eq!(applied.problem, Some(ShelfError::Endless));
    assert_eq!(parts, limits::MAX_SHELF_CHANGES as u64 / 500 + 1);
    assert_eq!(other.len(), 500);

    // One that always begins anew does not end either.
    let mut other = OtherShelf::new();
    let (_, applied) = lie(&mut other, |part, ask| Part {
        fresh: true,
        ..forged(ask, (0..500).map(track), part, true)
    });
    assert_eq!(applied.problem, Some(ShelfError::Endless));

    // And one of parts that have nothing.
    let mut other = OtherShelf::new();
    let (_, applied) = lie(&mut other, |part, ask| {
        forged(ask, std::iter::empty(), part, true)
    });
    assert_eq!(applied.problem, Some(ShelfError::Endless));
}

#[test]
fn m7_a_list_that_goes_back_or_stays_is_given_up() {
    for second in [4, 5] {
        let mut other = OtherShelf::new();
        let versions = [5, second];
        let (_, applied) = lie(&mut other, |part, ask| {
            let version = versions[part as usize - 1];
            forged(ask, std::iter::once(track(part as u32)), version, true)
        });
        let known = |version| Known {
            tracks: Version(version),
            gone: Version(version),
        };
        let (from, to) = (known(5), known(second));
        assert_eq!(applied.problem, Some(ShelfError::Back { from, to }));
        assert!(other.contains(track(1).id) && !other.contains(track(2).id));
    }
}

#[test]
fn m7_a_list_without_its_beginning_is_given_up() {
    let mut other = OtherShelf::new();
    let ask = other.begin().unwrap();
    let part = Part {
        fresh: false,
        ..forged(ask, std::iter::once(track(1)), 1, false)
    };
    let applied = other.part(part);
    assert_eq!(applied.problem, Some(ShelfError::NoBeginning));
    assert!(other.is_empty());
}

#[test]
fn m10_what_nobody_asked_for_is_left_out_and_named() {
    let mut other = OtherShelf::new();
    let unasked = Ask {
        number: 0,
        since: None,
    };
    let part = |ask| forged(ask, std::iter::once(track(1)), 1, false);
    let applied = other.part(part(unasked));
    assert_eq!(applied.problem, Some(ShelfError::Unasked));
    assert_eq!(other.news(Version(9)), None);
    // It is no reason to give up the list.
    let ask = other.begin().unwrap();
    assert!(other.part(part(ask)).complete);
    assert_eq!(other.part(part(ask)).problem, Some(ShelfError::Unasked));
    assert_eq!(other.len(), 1);
}

#[test]
fn m7_news_of_what_never_comes_is_asked_for_once() {
    let mut other = OtherShelf::new();
    assert_eq!(other.news(Version(u64::MAX)), None, "nobody asked it");
    let ask = other.begin().unwrap();
    assert_eq!(
        other.part(forged(ask, (0..2).map(track), 2, false)).next,
        None
    );
    let ask = other.news(Version(u64::MAX)).unwrap();
    assert_eq!(other.news(Version(u64::MAX)), None);
    let ask = other.part(forged(ask, (0..2).map(track), 2, false)).next;
    let applied = other.part(forged(ask.unwrap(), (0..2).map(track), 2, false));
    assert_eq!(applied.next, None);
    assert!(applied.complete);
}

#[test]
fn m18_a_list_that_is_begun_anew_by_a_liar_loses_nothing_before_its_end() {
    let mut ends = Ends::of(100);
    let ask = ends.other.begin();
    ends.finish(ask);
    let ask = ends.other.begin().unwrap();
    let part = Part {
        fresh: true,
        ..forged(ask, (50..60).map(track), 1000, true)
    };
    let applied = ends.other.part(part);
    assert_eq!(applied.gone, []);
    assert_eq!(ends.other.len(), 100);
    let ask = applied.next.unwrap();
    let applied = ends
        .other
        .part(forged(ask, (90..91).map(track), 1001, false));
    let gone: BTreeSet<_> = applied.gone.into_iter().collect();
    assert_eq!(gone.len(), 89);
    assert!(!gone.contains(&track(55).id) && !gone.contains(&track(90).id));
    assert_eq!(ends.other.len(), 11);
}
