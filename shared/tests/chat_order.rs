//! The gate of the log: once each, in order of time, and what is early waits.

use std::time::Duration;

use catnest::{
    channel::ChannelId,
    chat::{
        log::{Log, Verdict},
        record::Record,
    },
    entropy::Entropy,
    identity::DeviceSeed,
    limits,
    time::Millis,
};

const NOW: Millis = Millis(1_790_000_000_000);

fn record(time: Millis, text: &str) -> Record {
    let nest = ChannelId([1; 32]);
    let key = DeviceSeed::generate(&mut Entropy::from_seed([4; 32])).author_key(nest);
    Record::write(&key, nest, time, "Mimi", text)
}

#[test]
fn a_record_is_taken_once() {
    let mut log = Log::default();
    assert_eq!(log.offer(NOW, &record(NOW, "a")), Verdict::Take);
    assert_eq!(log.offer(NOW, &record(NOW, "a")), Verdict::Duplicate);
    assert_eq!(log.offer(NOW, &record(NOW, "b")), Verdict::Take);
}

#[test]
fn what_is_written_comes_after_all_that_was_taken() {
    let mut log = Log::default();
    assert_eq!(log.next_time(NOW), NOW);
    log.resume(record(Millis(NOW.0 + 500), "stored").position());
    assert_eq!(log.next_time(NOW), Millis(NOW.0 + 501));
    log.offer(NOW, &record(Millis(NOW.0 + 900), "from a fast clock"));
    assert_eq!(log.next_time(NOW), Millis(NOW.0 + 901));
    assert_eq!(log.next_time(Millis(NOW.0 + 5000)), Millis(NOW.0 + 5000));
}

#[test]
fn an_early_record_waits_until_it_is_due_and_does_not_drag_the_clock_along() {
    let mut log = Log::default();
    let early = record(
        NOW + limits::EARLY_TOLERANCE + Duration::from_secs(60),
        "early",
    );
    assert_eq!(log.offer(NOW, &early), Verdict::Early);
    assert_eq!(log.offer(NOW, &early), Verdict::Duplicate);
    assert_eq!(log.next_time(NOW), NOW);
    let due = NOW + Duration::from_secs(60);
    assert_eq!(log.next_due(), Some(due));
    assert_eq!(log.pop_due(Millis(due.0 - 1)), None);
    assert_eq!(log.pop_due(due), Some(early));
    assert_eq!(log.pop_due(due), None);
}

#[test]
fn only_so_many_early_records_wait() {
    let mut log = Log::default();
    let early = |i: usize| {
        record(
            NOW + limits::EARLY_TOLERANCE + Duration::from_secs(60 + i as u64),
            "early",
        )
    };
    for i in 0..limits::MAX_EARLY_RECORDS {
        assert_eq!(log.offer(NOW, &early(i)), Verdict::Early);
    }
    let one_more = early(limits::MAX_EARLY_RECORDS);
    assert_eq!(log.offer(NOW, &one_more), Verdict::NoRoom);
    log.pop_due(NOW + Duration::from_secs(3600));
    assert_eq!(
        log.offer(NOW, &one_more),
        Verdict::Early,
        "it was not remembered as seen"
    );
}

#[test]
fn what_is_due_first_takes_the_place_of_what_is_due_last() {
    let mut log = Log::default();
    let early = |i: usize| {
        record(
            NOW + limits::EARLY_TOLERANCE + Duration::from_secs(60 + i as u64),
            "early",
        )
    };
    for i in 1..=limits::MAX_EARLY_RECORDS {
        assert_eq!(log.offer(NOW, &early(i)), Verdict::Early);
    }
    assert!(log.has_room(NOW, early(0).body.time));
    assert_eq!(log.offer(NOW, &early(0)), Verdict::Early);
    let last = early(limits::MAX_EARLY_RECORDS);
    assert!(!log.knows(last.id) && !log.has_room(NOW, last.body.time));
    assert_eq!(log.pop_due(NOW + Duration::from_secs(60)), Some(early(0)));
    let again = NOW + Duration::from_secs(60 + limits::MAX_EARLY_RECORDS as u64);
    let asked = log.asks_again(again).and_then(|span| span.from);
    assert_eq!(asked.map(|from| from.time), Some(last.body.time));
}

#[test]
fn what_was_early_and_did_not_wait_is_asked_for_once_it_is_due_and_not_too_often() {
    let mut log = Log::default();
    let hour = Duration::from_secs(3600);
    log.miss(NOW, NOW + limits::EARLY_TOLERANCE + hour);
    log.miss(NOW, NOW + limits::EARLY_TOLERANCE + 2 * hour);
    assert_eq!(log.next_due(), Some(NOW + hour));
    assert_eq!(log.asks_again(Millis(NOW.0 + 3_599_999)), None);
    let asked = log.asks_again(NOW + hour);
    let first = asked.and_then(|span| span.from).map(|from| from.time);
    assert_eq!(first, Some(NOW + limits::EARLY_TOLERANCE + hour));
    assert_eq!(log.asks_again(NOW + hour), None);
    // Whatever is due at once has to wait all the same.
    for ms in 1..100 {
        log.miss(
            NOW,
            NOW + limits::EARLY_TOLERANCE + Duration::from_millis(ms),
        );
    }
    assert_eq!(log.next_due(), Some(NOW + limits::EARLY_AGAIN));
}
