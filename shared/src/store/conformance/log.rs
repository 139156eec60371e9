//! The log of a channel.

use super::{NEST, OTHER, author, new, position, positions, record};
use crate::{
    channel::ChannelId,
    chat::{
        record::{Position, Record},
        span::Span,
    },
    entropy::Entropy,
    identity::{AuthorKey, DeviceSeed},
    limits,
    store::{Count, Mark, NewRecord, Store, StoredRecord},
    time::Millis,
};

/// A record is added once, whoever adds it.
pub async fn appends_once(store: impl Store) {
    assert_eq!(store.append(NEST, &new(5, 1, Mark::None)).await, Ok(true));
    assert_eq!(store.append(NEST, &new(5, 1, Mark::None)).await, Ok(false));
    assert_eq!(store.append(OTHER, &new(5, 1, Mark::None)).await, Ok(true));
    assert_eq!(positions(&store, NEST, None, 10).await, [(5, 1)]);
    assert_eq!(store.page(NEST, None, 1).await, Ok(vec![record(5, 1)]));
}

/// Pages run from newest to oldest by (time, id), without gap or overlap, whatever the order of arrival.
pub async fn pages_backwards(store: impl Store) {
    for (time, id) in [
        (30, 1),
        (10, 9),
        (20, 2),
        (20, 1),
        (40, 0),
        (u64::from(u32::MAX) * 1000, 3),
    ] {
        store
            .append(NEST, &new(time, id, Mark::None))
            .await
            .unwrap();
    }
    store.append(OTHER, &new(25, 7, Mark::None)).await.unwrap();
    let newest = u64::from(u32::MAX) * 1000;
    assert_eq!(
        positions(&store, NEST, None, 3).await,
        [(newest, 3), (40, 0), (30, 1)]
    );
    assert_eq!(
        positions(&store, NEST, Some(position(30, 1)), 2).await,
        [(20, 2), (20, 1)]
    );
    assert_eq!(
        positions(&store, NEST, Some(position(20, 1)), 2).await,
        [(10, 9)]
    );
    assert_eq!(positions(&store, NEST, Some(position(10, 9)), 2).await, []);
    assert_eq!(positions(&store, NEST, None, 0).await, []);
}

/// What is unsent is found in its order until it is acknowledged, and stays in the log.
pub async fn keeps_the_unsent_until_acknowledged(store: impl Store) {
    for (time, id, mark) in [
        (30, 1, Mark::Unsent),
        (10, 2, Mark::Unsent),
        (20, 3, Mark::None),
    ] {
        store.append(NEST, &new(time, id, mark)).await.unwrap();
    }
    store
        .append(OTHER, &new(10, 2, Mark::Unsent))
        .await
        .unwrap();
    // Known already: that it comes again does not change what it is.
    assert_eq!(
        store.append(NEST, &new(20, 3, Mark::Unsent)).await,
        Ok(false)
    );
    let both = vec![record(10, 2), record(30, 1)];
    assert_eq!(store.unsent(NEST).await, Ok(both));
    for place in [position(10, 2), position(10, 2), position(99, 9)] {
        store.acknowledge(NEST, place, author(1)).await.unwrap();
    }
    assert_eq!(store.unsent(NEST).await, Ok(vec![record(30, 1)]));
    assert_eq!(store.unsent(OTHER).await, Ok(vec![record(10, 2)]));
    let all = [(30, 1), (20, 3), (10, 2)];
    assert_eq!(positions(&store, NEST, None, 10).await, all);
    store.remove_channel(NEST).await.unwrap();
    assert_eq!(store.unsent(NEST).await, Ok(vec![]));
    assert_eq!(store.unsent(OTHER).await, Ok(vec![record(10, 2)]));
}

/// What is unread is known until it is seen.
pub async fn keeps_the_unread_until_seen(store: impl Store) {
    for (time, id) in [(30, 1), (10, 2), (20, 3)] {
        store
            .append(NEST, &new(time, id, Mark::Unread))
            .await
            .unwrap();
    }
    store.append(NEST, &new(15, 4, Mark::None)).await.unwrap();
    store
        .append(OTHER, &new(10, 2, Mark::Unread))
        .await
        .unwrap();
    let all = vec![position(10, 2), position(20, 3), position(30, 1)];
    assert_eq!(store.unread(NEST).await, Ok(all));
    assert_eq!(store.unsent(NEST).await, Ok(vec![]));
    store.see(NEST, position(20, 3)).await.unwrap();
    store.see(NEST, position(20, 3)).await.unwrap();
    assert_eq!(store.unread(NEST).await, Ok(vec![position(30, 1)]));
    // It comes again, and stays seen.
    let again = store.append(NEST, &new(20, 3, Mark::Unread)).await;
    assert_eq!(again, Ok(false));
    assert_eq!(store.unread(NEST).await, Ok(vec![position(30, 1)]));
    store.remove_channel(NEST).await.unwrap();
    assert_eq!(store.unread(NEST).await, Ok(vec![]));
    assert_eq!(store.unread(OTHER).await, Ok(vec![position(10, 2)]));
}

/// Each device that has a record counts once, up to the limit; of a record that is not there, none does.
pub async fn counts_the_holders_of_a_record(store: impl Store) {
    for (time, id) in [(30, 1), (10, 2), (20, 3)] {
        store
            .append(NEST, &new(time, id, Mark::Unsent))
            .await
            .unwrap();
    }
    let held = async |time, id, by| {
        let place = position(time, id);
        store.acknowledge(NEST, place, author(by)).await.unwrap()
    };
    assert_eq!(held(20, 3, 7).await, 1);
    assert_eq!(held(20, 3, 7).await, 1);
    assert_eq!(held(20, 3, 8).await, 2);
    assert_eq!(held(99, 3, 8).await, 0);
    for by in 0..=limits::MAX_HOLDERS {
        let count = held(10, 2, by as u8).await;
        assert_eq!(count, (by + 1).min(limits::MAX_HOLDERS));
    }
    let holders = async |before, limit| {
        let page = store.page(NEST, before, limit).await.unwrap();
        let holders = page.iter().map(|record| record.holders);
        holders.collect::<Vec<usize>>()
    };
    assert_eq!(holders(None, 9).await, [0, 2, limits::MAX_HOLDERS]);
    assert_eq!(holders(None, 2).await, [0, 2]);
    let before = Some(position(20, 3));
    assert_eq!(holders(before, 1).await, [limits::MAX_HOLDERS]);
    store.remove_channel(NEST).await.unwrap();
    assert_eq!(held(20, 3, 7).await, 0);
}

/// Imported records are added once, whatever is there already.
pub async fn imports_what_is_not_there(store: impl Store) {
    store.append(NEST, &new(20, 2, Mark::Unread)).await.unwrap();
    let records = [
        new(10, 1, Mark::None),
        new(20, 2, Mark::None),
        new(30, 3, Mark::Unread),
    ];
    let new = store.import(NEST, &records).await;
    assert_eq!(new, Ok(vec![position(10, 1), position(30, 3)]));
    assert_eq!(store.import(NEST, &records[..1]).await, Ok(vec![]));
    let all = [(30, 3), (20, 2), (10, 1)];
    assert_eq!(positions(&store, NEST, None, 10).await, all);
    let unread = vec![position(20, 2), position(30, 3)];
    assert_eq!(store.unread(NEST).await, Ok(unread));
    assert_eq!(store.unsent(NEST).await, Ok(vec![]));
}

/// Where records stand is known without reading them: the newest of a part of a log, and of no other log.
pub async fn lists_positions(store: impl Store) {
    let records = [(10, 1), (20, 2), (20, 3), (30, 4)].map(|(t, n)| new(t, n, Mark::None));
    store.import(NEST, &records).await.unwrap();
    store.import(OTHER, &records[1..2]).await.unwrap();
    let at = |(time, number)| position(time, number);
    for (from, before, limit, listed) in [
        (None, None, 10, &[(30, 4), (20, 3), (20, 2), (10, 1)][..]),
        (None, None, 4, &[(30, 4), (20, 3), (20, 2), (10, 1)]),
        (None, None, 2, &[(30, 4), (20, 3)]),
        (None, None, 1, &[(30, 4)]),
        (Some((20, 2)), None, 10, &[(30, 4), (20, 3), (20, 2)]),
        (None, Some((20, 3)), 10, &[(20, 2), (10, 1)]),
        (Some((20, 2)), Some((20, 3)), 10, &[(20, 2)]),
        (Some((11, 0)), Some((20, 2)), 10, &[]),
        (Some((31, 0)), None, 10, &[]),
    ] {
        let span = Span {
            from: from.map(at),
            before: before.map(at),
        };
        let listed: Vec<Position> = listed.iter().copied().map(at).collect();
        assert_eq!(
            store.positions(NEST, span, limit).await,
            Ok(listed),
            "{span:?}"
        );
    }
}

/// Records are read by where they stand.
pub async fn reads_records_by_position(store: impl Store) {
    let records = [(10, 1), (20, 2)].map(|(time, number)| new(time, number, Mark::None));
    store.import(NEST, &records).await.unwrap();
    let wanted = [position(20, 2), position(20, 3), position(10, 1)];
    let read = store.records(NEST, &wanted).await;
    assert_eq!(read, Ok(vec![record(20, 2), record(10, 1)]));
    assert_eq!(store.records(OTHER, &wanted).await, Ok(vec![]));
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

async fn fill(store: &impl Store, places: &[(u64, u8)]) {
    for (time, id) in places {
        let record = new(*time, *id, Mark::None);
        store.append(NEST, &record).await.unwrap();
    }
    store.append(OTHER, &new(15, 9, Mark::None)).await.unwrap();
}

const fn span(from: Option<(u64, u8)>, before: Option<(u64, u8)>) -> Span {
    const fn at(place: Option<(u64, u8)>) -> Option<Position> {
        match place {
            Some((time, id)) => Some(Position {
                time: Millis(time),
                id: crate::chat::record::RecordId([id; 32]),
            }),
            None => None,
        }
    }
    Span {
        from: at(from),
        before: at(before),
    }
}

/// The records of part of a log are counted, and which of them would stay.
pub async fn counts_records(store: impl Store) {
    fill(&store, &[(10, 1), (20, 2), (20, 3), (30, 4)]).await;
    store.keep(NEST, position(20, 2), true).await.unwrap();
    let unsent = new(40, 5, Mark::Unsent);
    store.append(NEST, &unsent).await.unwrap();
    store.keep(NEST, position(40, 5), true).await.unwrap();
    for (part, count) in [
        (span(None, None), (5, 2)),
        (span(Some((20, 2)), None), (4, 2)),
        (span(None, Some((20, 3))), (2, 1)),
        (span(Some((20, 3)), Some((30, 4))), (1, 0)),
        (span(Some((41, 0)), None), (0, 0)),
    ] {
        let (records, staying) = count;
        let count = Count { records, staying };
        assert_eq!(store.count(NEST, part).await, Ok(count), "{part:?}");
    }
}

/// A record is found by how many are newer.
pub async fn finds_the_nth(store: impl Store) {
    fill(&store, &[(10, 1), (20, 2), (30, 3)]).await;
    for (newer, found) in [
        (0, Some(position(30, 3))),
        (1, Some(position(20, 2))),
        (2, Some(position(10, 1))),
        (3, None),
        (1000, None),
    ] {
        assert_eq!(store.nth(NEST, newer).await, Ok(found), "{newer}");
    }
    assert_eq!(store.nth(ChannelId([9; 32]), 0).await, Ok(None));
}

/// The oldest of part of a log go first, without what nobody has acknowledged, and with all that is known of them.
pub async fn discards_the_oldest(store: impl Store) {
    fill(&store, &[(20, 2), (40, 4), (50, 5)]).await;
    for record in [new(10, 1, Mark::Unread), new(30, 3, Mark::Unsent)] {
        store.append(NEST, &record).await.unwrap();
    }
    store
        .acknowledge(NEST, position(20, 2), author(7))
        .await
        .unwrap();
    let part = span(None, Some((50, 5)));
    let first = store.discard(NEST, part, 2).await;
    assert_eq!(first, Ok(vec![position(10, 1), position(20, 2)]));
    let rest = store.discard(NEST, part, 2).await;
    assert_eq!(rest, Ok(vec![position(40, 4)]));
    assert_eq!(store.discard(NEST, part, 2).await, Ok(vec![]));
    assert_eq!(positions(&store, NEST, None, 9).await, [(50, 5), (30, 3)]);
    assert_eq!(positions(&store, OTHER, None, 9).await, [(15, 9)]);
    assert_eq!(store.unread(NEST).await, Ok(vec![]));
    // It comes again, and nobody is known to have it.
    fill(&store, &[(20, 2)]).await;
    let page = store.page(NEST, Some(position(30, 3)), 1).await;
    assert_eq!(page, Ok(vec![record(20, 2)]));
}

/// What the member keeps stays when the rest is discarded, and is found.
pub async fn keeps_what_the_member_keeps(store: impl Store) {
    fill(&store, &[(10, 1), (20, 2), (30, 3)]).await;
    let place = position(10, 1);
    for kept in [true, true, false, true] {
        store.keep(NEST, place, kept).await.unwrap();
    }
    store.keep(NEST, position(30, 3), true).await.unwrap();
    store.keep(NEST, position(11, 1), true).await.unwrap();
    let kept = |time, id| StoredRecord {
        kept: true,
        ..record(time, id)
    };
    let both = vec![kept(30, 3), kept(10, 1)];
    assert_eq!(store.kept(NEST, None, 9).await, Ok(both));
    let newest = store.kept(NEST, None, 1).await;
    assert_eq!(newest, Ok(vec![kept(30, 3)]));
    let older = store.kept(NEST, Some(position(30, 3)), 9).await;
    assert_eq!(older, Ok(vec![kept(10, 1)]));
    assert_eq!(store.kept(OTHER, None, 9).await, Ok(vec![]));
    let discarded = store.discard(NEST, Span::default(), 9).await;
    assert_eq!(discarded, Ok(vec![position(20, 2)]));
    let page = store.page(NEST, None, 9).await;
    assert_eq!(page, Ok(vec![kept(30, 3), kept(10, 1)]));
    store.keep(NEST, place, false).await.unwrap();
    let discarded = store.discard(NEST, Span::default(), 9).await;
    assert_eq!(discarded, Ok(vec![place]));
    store.remove_channel(NEST).await.unwrap();
    assert_eq!(store.kept(NEST, None, 9).await, Ok(vec![]));
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
