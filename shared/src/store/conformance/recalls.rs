//! Records that their authors take back.

use super::{NEST, OTHER, new, position};
use crate::{
    chat::{
        record::{Position, Record},
        span::Span,
    },
    entropy::Entropy,
    identity::{AuthorKey, DeviceSeed},
    store::{Count, Mark, NewRecord, Store},
    time::Millis,
};

fn key(number: u8) -> AuthorKey {
    DeviceSeed::generate(&mut Entropy::from_seed([number; 32])).author_key(NEST)
}

fn said(key: &AuthorKey, time: u64, text: &str) -> NewRecord {
    let record = Record::write(key, NEST, Millis(time), "Mimi", text);
    NewRecord::of(&record, Mark::Unread)
}

/// The record by which an author recalls another one.
fn recall(key: &AuthorKey, recalled: &NewRecord) -> NewRecord {
    let record = Record::recall(key, NEST, recalled.position, "Mimi");
    NewRecord::of(&record, Mark::None)
}

async fn recalled(store: &impl Store) -> Vec<Position> {
    let page = store.page(NEST, None, 9).await.unwrap();
    let recalled = page.iter().filter(|record| record.recalled);
    recalled.map(|record| record.position).collect()
}

/// What was recalled stays where it was, and is not told to others.
pub async fn recalls_what_is_there(store: impl Store) {
    let mimi = key(1);
    let (one, other) = (said(&mimi, 20, "one"), said(&mimi, 20, "other"));
    let recall = recall(&mimi, &one);
    for record in [&one, &other, &recall] {
        assert_eq!(store.append(NEST, record).await, Ok(true));
    }
    assert_eq!(recalled(&store).await, [one.position]);
    assert_eq!(store.page(NEST, None, 9).await.unwrap().len(), 3);
    let mut told = store.positions(NEST, Span::default(), 9).await.unwrap();
    told.sort_unstable();
    let mut rest = [other.position, recall.position];
    rest.sort_unstable();
    assert_eq!(told, rest);
    let newest = store.positions(NEST, Span::default(), 1).await.unwrap();
    assert_eq!(newest, [rest[1]]);
    let all = [one.position, other.position, position(20, 9)];
    let found = store.recalled(NEST, &all).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].position, found[0].recalled), (one.position, true));
    let read = store.records(NEST, &[one.position, other.position]).await;
    let read: Vec<Position> = read.unwrap().iter().map(|r| r.position).collect();
    assert_eq!(read, [other.position]);
    assert_eq!(store.unread(NEST).await, Ok(vec![other.position]));
    let unsent = NewRecord {
        mark: Mark::Unsent,
        ..said(&mimi, 30, "never sent")
    };
    for record in [&unsent, &self::recall(&mimi, &unsent)] {
        store.append(NEST, record).await.unwrap();
    }
    assert_eq!(store.unsent(NEST).await, Ok(vec![]));
    // It comes again.
    assert_eq!(store.append(NEST, &one).await, Ok(false));
    assert_eq!(store.append(OTHER, &one).await, Ok(true));
}

/// What was recalled is not taken afterwards.
pub async fn recalls_what_comes_later(store: impl Store) {
    let mimi = key(1);
    let one = said(&mimi, 20, "one");
    let recall = recall(&mimi, &one);
    assert_eq!(store.append(NEST, &recall).await, Ok(true));
    assert_eq!(store.append(NEST, &one).await, Ok(false));
    assert_eq!(store.recalled(NEST, &[one.position]).await, Ok(vec![]));
    assert_eq!(
        store.import(NEST, std::slice::from_ref(&one)).await,
        Ok(vec![])
    );
    let told = store.positions(NEST, Span::default(), 9).await;
    assert_eq!(told, Ok(vec![recall.position]));
    store.remove_channel(NEST).await.unwrap();
    assert_eq!(store.append(NEST, &one).await, Ok(true));
}

/// Nobody recalls what somebody else said, whichever comes first.
pub async fn recalls_nothing_of_others(store: impl Store) {
    let (mimi, liar) = (key(1), key(2));
    let (one, other) = (said(&mimi, 20, "one"), said(&mimi, 30, "other"));
    for record in [&one, &recall(&liar, &one), &recall(&liar, &other), &other] {
        assert_eq!(store.append(NEST, record).await, Ok(true));
    }
    assert_eq!(recalled(&store).await, []);
    let told = store.positions(NEST, Span::default(), 9).await.unwrap();
    assert_eq!(told.len(), 4);
    assert_eq!(store.append(NEST, &recall(&mimi, &other)).await, Ok(true));
    assert_eq!(recalled(&store).await, [other.position]);
}

/// A recall stays while the record is there that it recalls.
pub async fn discards_recalls_after_what_they_recall(store: impl Store) {
    let mimi = key(1);
    let one = said(&mimi, 20, "one");
    let recall = recall(&mimi, &one);
    for record in [&one, &recall] {
        store.append(NEST, record).await.unwrap();
    }
    store.keep(NEST, one.position, true).await.unwrap();
    let all = Span::default();
    assert_eq!(store.discard(NEST, all, 9).await, Ok(vec![]));
    assert_eq!(recalled(&store).await, [one.position]);
    store.keep(NEST, one.position, false).await.unwrap();
    let mut discarded = Vec::new();
    for _ in 0..3 {
        discarded.extend(store.discard(NEST, all, 9).await.unwrap());
    }
    assert_eq!(discarded.len(), 2);
    assert_eq!(store.count(NEST, all).await, Ok(Count::default()));
    assert_eq!(store.append(NEST, &one).await, Ok(true));
}

/// Recalls among the records of an import hold for the others, whichever comes first, and an import is no way around one.
pub async fn recalls_what_is_imported(store: impl Store) {
    let (mimi, liar) = (key(1), key(2));
    let [one, two, three, four] =
        [10, 20, 30, 40].map(|time| said(&mimi, time, "something that was said"));
    let all = [
        one.clone(),
        recall(&mimi, &one),
        recall(&mimi, &two),
        two.clone(),
        recall(&liar, &three),
        three.clone(),
    ];
    let new = store.import(NEST, &all).await.unwrap();
    let taken = [0, 1, 2, 4, 5].map(|at: usize| all[at].position);
    assert_eq!(new, taken);
    assert_eq!(recalled(&store).await, [one.position]);
    assert_eq!(store.unread(NEST).await, Ok(vec![three.position]));
    let others = recall(&liar, &four);
    assert_eq!(store.append(NEST, &others).await, Ok(true));
    let again = [one, two, three, four.clone()];
    assert_eq!(store.import(NEST, &again).await, Ok(vec![four.position]));
    let unread = vec![taken[4], four.position];
    assert_eq!(store.unread(NEST).await, Ok(unread));
    assert_eq!(recalled(&store).await, [taken[0]]);
}

/// A place is missing where no record stands, and none that was recalled would.
pub async fn tells_what_is_missing(store: impl Store) {
    let mimi = key(1);
    let recalled = said(&mimi, 20, "recalled");
    let recall = recall(&mimi, &recalled);
    for record in [&new(10, 1, Mark::None), &recall] {
        store.append(NEST, record).await.unwrap();
    }
    let places = [
        position(10, 2),
        recalled.position,
        position(10, 1),
        position(9, 1),
    ];
    let missing = store.missing(NEST, &places).await;
    assert_eq!(missing, Ok(vec![position(10, 2), position(9, 1)]));
    let missing = store.missing(OTHER, &places).await;
    assert_eq!(missing, Ok(places.to_vec()));
}

/// What comes marked to be kept is kept, also if it is there already; what was recalled is not.
pub async fn keeps_what_comes_marked(store: impl Store) {
    let mimi = key(1);
    let marked = |record: &NewRecord| NewRecord {
        kept: true,
        ..record.clone()
    };
    let [one, two, gone] = [10, 20, 30].map(|time| said(&mimi, time, "miau"));
    store.append(NEST, &one).await.unwrap();
    store.append(NEST, &recall(&mimi, &gone)).await.unwrap();
    let imported = [marked(&one), marked(&two), marked(&gone)];
    let new = store.import(NEST, &imported).await;
    assert_eq!(new, Ok(vec![two.position]));
    let kept = store.kept(NEST, None, 9).await.unwrap();
    let kept: Vec<Position> = kept.iter().map(|record| record.position).collect();
    assert_eq!(kept, [two.position, one.position]);
    // One that comes again without a mark keeps it.
    store
        .import(NEST, std::slice::from_ref(&two))
        .await
        .unwrap();
    assert_eq!(store.kept(NEST, None, 9).await.unwrap().len(), 2);
}
