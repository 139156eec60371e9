//! Which neighbours are told of a list: who asks, one to one, and as much as is fair (M10).
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

#[path = "common/tracks.rs"]
mod tracks;

use std::time::Duration;

use catnest::{
    identity::Author,
    limits,
    music::shelf::{
        Lending, OtherShelf, OwnShelf,
        message::{Ask, Message, News},
    },
    time::Millis,
    wire::{Run, Session},
};

use crate::tracks::track;

const NOW: Millis = Millis(1_790_000_000_000);

fn run(number: u8) -> Run {
    Run {
        author: Author([number; 32]),
        session: Session([number; 16]),
    }
}

fn shelf(tracks: u32) -> OwnShelf {
    let mut shelf = OwnShelf::new();
    for number in 0..tracks {
        shelf.put(track(number)).unwrap();
    }
    shelf
}

const ALL: Ask = Ask {
    number: 1,
    since: None,
};

#[test]
fn m10_news_goes_once_to_those_who_asked_and_to_nobody_else() {
    let mut shelf = shelf(3);
    let mut lending = Lending::new();
    assert_eq!(lending.changed(&shelf), []);
    let part = lending.asked(NOW, run(1), ALL, &shelf).unwrap();
    assert_eq!(lending.changed(&shelf), [], "nothing has changed");
    shelf.put(track(10)).unwrap();
    let version = shelf.version();
    assert_eq!(lending.changed(&shelf), [(run(1), News { version })]);
    shelf.put(track(11)).unwrap();
    assert_eq!(lending.changed(&shelf), [], "not before it asks");
    let ask = Ask {
        number: 2,
        since: Some(part.known),
    };
    let part = lending.asked(NOW, run(1), ask, &shelf).unwrap();
    assert_eq!(part.changes.len(), 2);
    shelf.remove(track(10).id);
    assert_eq!(lending.changed(&shelf).len(), 1);
    lending.parted(run(1));
    shelf.put(track(12)).unwrap();
    assert_eq!(lending.changed(&shelf), []);
    assert_eq!(lending.deadline(), None);
}

#[test]
fn m10_who_still_reads_needs_no_news() {
    let mut shelf = shelf(1000);
    let mut lending = Lending::new();
    let part = lending.asked(NOW, run(1), ALL, &shelf).unwrap();
    assert!(part.more);
    shelf.put(track(5000)).unwrap();
    assert_eq!(lending.changed(&shelf), []);
}

#[test]
fn m10_who_asks_too_much_waits_and_nobody_else_does() {
    let shelf = shelf(100);
    let mut lending = Lending::new();
    let mut answers = 0;
    for number in 0..10_000 {
        let ask = Ask { number, ..ALL };
        answers += u32::from(lending.asked(NOW, run(1), ask, &shelf).is_some());
    }
    assert_eq!(answers, limits::SHELF_ASKS.burst);
    assert!(lending.asked(NOW, run(2), ALL, &shelf).is_some());
    // One answer is owed: that to the last question.
    let due = lending.deadline().unwrap();
    assert_eq!(lending.wake(NOW, &shelf), []);
    let sent = lending.wake(due, &shelf);
    let [(who, Message::Part(part))] = &sent[..] else {
        panic!("{sent:?}");
    };
    assert_eq!((*who, part.number), (run(1), 9999));
    assert_eq!(lending.deadline(), None);
}

#[test]
fn m10_the_largest_list_is_read_without_waiting_and_again_at_its_rate() {
    let shelf = shelf(limits::MAX_SHELF_TRACKS as u32);
    let mut lending = Lending::new();
    let mut now = NOW;
    for wait in [false, true] {
        let began = now;
        let mut parts = 0;
        // Twice as much as is free of waiting, if need be by many who come to ask.
        for _ in 0..if wait { 4 } else { 1 } {
            let mut other = OtherShelf::new();
            let mut ask = other.begin();
            while let Some(asked) = ask {
                let part = lending.asked(now, run(1), asked, &shelf);
                let part = part.unwrap_or_else(|| {
                    now = lending.deadline().unwrap();
                    match lending.wake(now, &shelf).pop() {
                        Some((_, Message::Part(part))) => part,
                        other => panic!("{other:?}"),
                    }
                });
                ask = other.part(part).next;
                parts += 1;
            }
            assert_eq!(other.len(), limits::MAX_SHELF_TRACKS);
        }
        let took = now.since(began);
        let least = u32::saturating_sub(parts, limits::SHELF_ASKS.burst) as u64;
        let least = Duration::from_secs(least / u64::from(limits::SHELF_ASKS.per_second));
        assert!(took >= least, "{took:?}");
        assert_eq!(took > Duration::ZERO, wait);
    }
}

#[test]
fn m10_what_a_full_link_did_not_take_is_said_again() {
    let mut shelf = shelf(3);
    let mut lending = Lending::new();
    lending.asked(NOW, run(1), ALL, &shelf).unwrap();
    lending.unheard(NOW, run(1));
    let due = lending.deadline().unwrap();
    assert_eq!(due, NOW + limits::SAY_AGAIN);
    let sent = lending.wake(due, &shelf);
    let part = shelf.answer(&ALL);
    assert_eq!(sent, [(run(1), Message::Part(part))]);
    shelf.put(track(9)).unwrap();
    assert_eq!(lending.changed(&shelf).len(), 1);
    lending.unheard(due, run(1));
    let due = lending.deadline().unwrap();
    let version = shelf.version();
    let sent = lending.wake(due, &shelf);
    assert_eq!(sent, [(run(1), Message::News(News { version }))]);
    assert_eq!(lending.deadline(), None);
    // Of somebody who is gone nothing is said.
    lending.unheard(due, run(2));
    assert_eq!(lending.deadline(), None);
}

#[test]
fn m10_neighbours_that_are_not_there_do_not_fill_memory() {
    let shelf = shelf(1);
    let mut lending = Lending::new();
    let answered =
        |lending: &mut Lending, number| lending.asked(NOW, run(number), ALL, &shelf).is_some();
    let answers = (0..200).filter(|n| answered(&mut lending, *n)).count();
    assert_eq!(answers, 4 * limits::MAX_LINKS);
    lending.parted(run(0));
    assert!(answered(&mut lending, 250));
}
