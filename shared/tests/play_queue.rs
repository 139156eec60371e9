//! The play queue: against a simple model, and case by case.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

#[path = "play_queue/model.rs"]
mod model;

use std::collections::BTreeSet;

use catnest::{
    entropy::Entropy,
    limits,
    music::queue::{Entry, EntryId, Queue, QueueError, Repeat, Step},
    resource::ResourceId,
};

fn track(n: usize) -> ResourceId {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&n.to_be_bytes());
    ResourceId(id)
}

fn tracks(numbers: impl IntoIterator<Item = usize>) -> Vec<ResourceId> {
    numbers.into_iter().map(track).collect()
}

fn number(entry: Entry) -> usize {
    usize::from_be_bytes(entry.resource.0[..8].try_into().unwrap())
}

fn order(queue: &Queue) -> Vec<usize> {
    queue.entries().map(number).collect()
}

fn entropy() -> Entropy {
    Entropy::from_seed([5; 32])
}

fn all(_: ResourceId) -> bool {
    true
}

/// A queue of so many, at one of them.
fn playing(count: usize, row: usize) -> Queue {
    let mut queue = Queue::default();
    queue.play(&tracks(0..count), row, &mut entropy());
    queue
}

/// The entry that plays this track.
fn entry(queue: &Queue, n: usize) -> EntryId {
    queue
        .entries()
        .find(|entry| number(*entry) == n)
        .unwrap()
        .id
}

/// What plays, step by step, until nothing comes or so many have.
fn play_on(
    queue: &mut Queue,
    step: Step,
    most: usize,
    can: &dyn Fn(ResourceId) -> bool,
) -> Vec<usize> {
    let mut entropy = entropy();
    let next = || queue.advance(step, can, &mut entropy).map(number);
    std::iter::from_fn(next).take(most).collect()
}

#[test]
fn a_clicked_list_is_played_from_that_row() {
    let mut queue = playing(5, 2);
    assert_eq!(queue.current().map(number), Some(2));
    assert_eq!(play_on(&mut queue, Step::Ended, 9, &all), [3, 4]);
    assert_eq!(queue.current().map(number), Some(4), "the last one stays");
    assert_eq!(queue.play(&tracks(0..3), 3, &mut entropy()), None);
    assert_eq!(queue.len(), 5, "a row that is not there changes nothing");
}

#[test]
fn next_comes_after_the_current_one_and_the_rest_at_the_end() {
    let mut queue = playing(3, 1);
    assert_eq!(queue.play_next(&tracks([7, 8])), 2);
    assert_eq!(queue.append(&tracks([9])), 1);
    assert_eq!(order(&queue), [0, 1, 7, 8, 2, 9]);
    assert_eq!(play_on(&mut queue, Step::Asked, 9, &all), [7, 8, 2, 9]);
}

#[test]
fn one_resource_may_be_there_twice() {
    let mut queue = playing(2, 0);
    queue.append(&tracks([0]));
    let ids: BTreeSet<EntryId> = queue.entries().map(|entry| entry.id).collect();
    assert_eq!(ids.len(), 3);
    let last = queue.entries().last().unwrap();
    assert_eq!(queue.jump(last.id), Some(last));
    assert_eq!(queue.position(), Some(2));
}

#[test]
fn moving_keeps_what_plays() {
    let mut queue = playing(5, 2);
    let id = |queue: &Queue, n| entry(queue, n);
    assert!(queue.move_before(id(&queue, 4), Some(id(&queue, 0))));
    assert_eq!(order(&queue), [4, 0, 1, 2, 3]);
    assert_eq!(
        (queue.current().map(number), queue.position()),
        (Some(2), Some(3))
    );
    assert!(queue.move_before(id(&queue, 2), None));
    assert_eq!(order(&queue), [4, 0, 1, 3, 2]);
    assert_eq!(queue.position(), Some(4));
    assert!(queue.move_before(id(&queue, 0), Some(id(&queue, 0))));
    assert_eq!(order(&queue), [4, 0, 1, 3, 2]);
    assert!(!queue.move_before(EntryId(99), None));
    assert!(!queue.move_before(id(&queue, 0), Some(EntryId(99))));
}

#[test]
fn removing_the_current_one_goes_on_to_the_next() {
    let mut queue = playing(5, 1);
    let ids = [entry(&queue, 0), entry(&queue, 1), entry(&queue, 2)];
    assert!(queue.remove(&ids, &|id| id != track(3)));
    assert_eq!(order(&queue), [3, 4]);
    assert_eq!(queue.current().map(number), Some(4));
    let four = entry(&queue, 4);
    assert!(!queue.remove(&[entry(&queue, 3)], &all));
    assert_eq!(queue.current().map(number), Some(4));
    assert!(queue.remove(&[four], &all));
    assert!(queue.is_empty() && queue.current().is_none());
    assert!(play_on(&mut queue, Step::Asked, 9, &all).is_empty());
}

#[test]
fn clearing_leaves_what_plays() {
    let mut queue = playing(5, 1);
    queue.clear();
    assert_eq!(order(&queue), [1]);
    assert_eq!(queue.current().map(number), Some(1));
    let mut idle = Queue::default();
    idle.append(&tracks(0..3));
    idle.clear();
    assert!(idle.is_empty());
}

#[test]
fn repeating_one_all_or_nothing() {
    let mut queue = playing(3, 1);
    queue.set_repeat(Repeat::One);
    assert_eq!(play_on(&mut queue, Step::Ended, 3, &all), [1, 1, 1]);
    assert_eq!(
        play_on(&mut queue, Step::Asked, 9, &all),
        [2],
        "asked for, the next one comes"
    );
    queue.set_repeat(Repeat::All);
    assert_eq!(play_on(&mut queue, Step::Ended, 5, &all), [0, 1, 2, 0, 1]);
}

#[test]
fn m6_what_is_not_playable_is_passed_over_and_nothing_loops_for_ever() {
    for repeat in [Repeat::Off, Repeat::All, Repeat::One] {
        for shuffle in [false, true] {
            let mut queue = playing(6, 0);
            queue.set_repeat(repeat);
            queue.set_shuffle(shuffle, &mut entropy());
            let heard = play_on(&mut queue, Step::Asked, 20, &|id| {
                id == track(2) || id == track(4)
            });
            assert!(heard.iter().all(|n| [2, 4].contains(n)), "{heard:?}");
            assert_eq!(heard.len(), if repeat == Repeat::All { 20 } else { 2 });
            assert!(play_on(&mut queue, Step::Ended, 9, &|_| false).is_empty());
            assert_eq!(queue.upcoming(&|_| false), None);
            assert_eq!(queue.previous(&|_| false), None);
        }
    }
}

#[test]
fn shuffle_plays_each_once_and_gives_the_list_back() {
    let mut queue = playing(50, 20);
    queue.set_shuffle(true, &mut entropy());
    let mut heard = vec![20];
    heard.extend(play_on(&mut queue, Step::Ended, 99, &all));
    assert_ne!(heard, (0..50).collect::<Vec<_>>());
    heard.sort_unstable();
    assert_eq!(
        heard,
        (0..50).collect::<Vec<_>>(),
        "each once, those before the row too"
    );

    let mut queue = playing(50, 20);
    play_on(&mut queue, Step::Ended, 5, &all);
    queue.set_shuffle(true, &mut entropy());
    let rest = play_on(&mut queue, Step::Ended, 10, &all);
    assert!(
        rest.iter().all(|n| !(20..=25).contains(n)),
        "what was played does not come again"
    );
    let current = queue.current().map(number).unwrap();
    queue.set_shuffle(false, &mut entropy());
    assert_eq!(order(&queue), (0..50).collect::<Vec<_>>());
    assert_eq!(queue.current().map(number), Some(current));
    assert_eq!(play_on(&mut queue, Step::Ended, 1, &all), [current + 1]);
}

#[test]
fn a_shuffled_round_never_begins_with_what_was_last() {
    let mut queue = playing(3, 0);
    queue.set_shuffle(true, &mut entropy());
    queue.set_repeat(Repeat::All);
    let heard = play_on(&mut queue, Step::Ended, 300, &all);
    assert!(heard.windows(2).all(|pair| pair[0] != pair[1]), "{heard:?}");
    let mut orders: Vec<&[usize]> = heard[2..].chunks_exact(3).collect();
    orders.sort_unstable();
    orders.dedup();
    assert_eq!(orders.len(), 6, "all orders come");
}

#[test]
fn shuffle_is_fair() {
    let mut entropy = entropy();
    let mut firsts = [0; 5];
    for _ in 0..2000 {
        let mut queue = Queue::default();
        queue.set_shuffle(true, &mut entropy);
        queue.play(&tracks(0..5), 0, &mut entropy);
        firsts[number(queue.upcoming(&all).unwrap())] += 1;
    }
    assert_eq!(firsts[0], 0);
    assert!(
        firsts[1..].iter().all(|n| (400..600).contains(n)),
        "{firsts:?}"
    );
}

#[test]
fn what_is_put_next_while_shuffled_comes_next_and_stays_in_the_list() {
    let mut queue = playing(10, 3);
    queue.set_shuffle(true, &mut entropy());
    queue.play_next(&tracks([77]));
    assert_eq!(queue.upcoming(&all).map(number), Some(77));
    queue.set_shuffle(false, &mut entropy());
    assert_eq!(order(&queue), [0, 1, 2, 3, 77, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn previous_goes_back_through_what_was_played() {
    let mut queue = playing(10, 1);
    queue.jump(entry(&queue, 6));
    queue.jump(entry(&queue, 3));
    let mut back = || queue.previous(&all).map(number);
    assert_eq!(
        [back(), back(), back(), back()],
        [Some(6), Some(1), Some(0), None]
    );
    queue.set_repeat(Repeat::All);
    assert_eq!(queue.previous(&all).map(number), Some(9));
}

#[test]
fn previous_finds_what_another_list_played() {
    let mut queue = playing(3, 0);
    queue.play(&tracks([7, 8]), 1, &mut entropy());
    assert_eq!(queue.previous(&all).map(number), Some(0));
    assert_eq!(order(&queue), [7, 0, 8]);
    assert_eq!(play_on(&mut queue, Step::Ended, 9, &all), [8]);
}

#[test]
fn what_failed_is_not_what_was_played() {
    let mut queue = playing(4, 0);
    play_on(&mut queue, Step::Ended, 1, &all);
    play_on(&mut queue, Step::Failed, 1, &all);
    assert_eq!(queue.history().map(number).collect::<Vec<_>>(), [0]);
    assert_eq!(queue.previous(&all).map(number), Some(0));
}

#[test]
fn nothing_grows_without_end() {
    let many = limits::MAX_QUEUE + 100;
    let queue = playing(many, many - 1);
    assert_eq!(queue.len(), limits::MAX_QUEUE);
    assert_eq!(queue.current().map(number), Some(many - 1));
    let mut queue = playing(many, 5);
    assert_eq!(queue.len(), limits::MAX_QUEUE);
    assert_eq!(
        (queue.position(), queue.current().map(number)),
        (Some(0), Some(5))
    );
    assert_eq!(
        (queue.append(&tracks([1])), queue.play_next(&tracks([1]))),
        (0, 0)
    );
    play_on(&mut queue, Step::Ended, limits::MAX_PLAYED + 50, &all);
    assert_eq!(queue.history().count(), limits::MAX_PLAYED);
    let bytes = queue.to_bytes();
    assert!(bytes.len() <= limits::MAX_QUEUE_BYTES);
    assert_eq!(Queue::from_bytes(&bytes), Ok(queue));
}

fn hex(bytes: &[u8]) -> String {
    let line = |line: &[u8]| line.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<String> = bytes.chunks(32).map(line).collect();
    lines.join("\n")
}

#[test]
fn a_queue_has_these_bytes() {
    let mut queue = playing(3, 0);
    queue.set_repeat(Repeat::All);
    queue.set_shuffle(true, &mut entropy());
    play_on(&mut queue, Step::Ended, 1, &all);
    let bytes = queue.to_bytes();
    insta::assert_snapshot!(hex(&bytes));
    assert_eq!(Queue::from_bytes(&bytes), Ok(queue));
}

#[test]
fn bytes_that_are_no_queue_are_refused() {
    let long = vec![0; limits::MAX_QUEUE_BYTES + 1];
    assert_eq!(
        Queue::from_bytes(&long),
        Err(QueueError::TooLong(long.len()))
    );
    assert!(matches!(
        Queue::from_bytes(&[0xa0]),
        Err(QueueError::Malformed(_))
    ));
    let mut bytes = playing(2, 0).to_bytes();
    let second = bytes
        .windows(3)
        .rposition(|w| w == [0x82, 1, 0x58])
        .unwrap();
    bytes[second + 1] = 0;
    assert_eq!(Queue::from_bytes(&bytes), Err(QueueError::Ids));
}
