//! The log of a channel.

use super::{NEST, OTHER, author, new, position, positions, record};
use crate::{
    channel::ChannelId,
    chat::{record::Position, span::Span},
    limits,
    store::{Count, Mark, Store, StoredRecord},
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

/// Pages run forwards from a place, which need not be a record's, with all that is told of each record.
pub async fn pages_forwards(store: impl Store) {
    for (time, id) in [(30, 1), (10, 9), (20, 2), (20, 1), (40, 0)] {
        store
            .append(NEST, &new(time, id, Mark::None))
            .await
            .unwrap();
    }
    // In front of and behind that log.
    for other in [OTHER, ChannelId([0; 32])] {
        store.append(other, &new(25, 7, Mark::None)).await.unwrap();
    }
    store
        .acknowledge(NEST, position(20, 2), author(1))
        .await
        .unwrap();
    store.keep(NEST, position(20, 1), true).await.unwrap();
    let kept = StoredRecord {
        kept: true,
        ..record(20, 1)
    };
    let held = StoredRecord {
        holders: 1,
        ..record(20, 2)
    };
    assert_eq!(
        store.page_from(NEST, position(11, 0), 3).await,
        Ok(vec![kept, held.clone(), record(30, 1)])
    );
    assert_eq!(
        store.page_from(NEST, position(20, 2), 9).await,
        Ok(vec![held, record(30, 1), record(40, 0)])
    );
    assert_eq!(store.page_from(NEST, position(40, 1), 9).await, Ok(vec![]));
    assert_eq!(store.page_from(NEST, position(10, 9), 0).await, Ok(vec![]));
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
        new(30, 3, Mark::None),
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
