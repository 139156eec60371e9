//! What every store must do, as functions over any [`Store`] and a macro that makes them tests.
//!
//! The macro takes an attribute that turns an `async fn` into a test, and an expression that gives a new, empty store:
//!
//! ```text
//! catnest::store_conformance!(#[tokio::test], MyStore::in_a_temporary_folder());
//! ```

#![expect(
    clippy::unwrap_used,
    reason = "a test suite: a store that fails fails the test"
)]

mod resources;

pub use self::resources::*;
use super::{ChannelEntry, Device, Mark, Reply, Request, Store, StoredRecord};
use crate::{
    channel::ChannelId,
    chat::record::{Position, RecordId},
    entropy::Entropy,
    identity::{Author, DeviceSeed},
    limits,
    preferences::{Language, Notifications, Preferences, Theme},
    time::Millis,
};

const NEST: ChannelId = ChannelId([1; 32]);
const OTHER: ChannelId = ChannelId([2; 32]);

fn device(name: &str) -> Device {
    Device {
        seed: DeviceSeed::generate(&mut Entropy::from_seed([9; 32])),
        name: name.into(),
        preferences: Preferences::default(),
    }
}

fn entry(id: ChannelId, joined: u64) -> ChannelEntry {
    ChannelEntry {
        id,
        address: format!("webrtc://127.0.0.1:8080/猫窝-{joined}")
            .parse()
            .unwrap(),
        joined: Millis(joined),
        draft: String::new(),
        muted: false,
    }
}

fn position(time: u64, id: u8) -> Position {
    Position {
        time: Millis(time),
        id: RecordId([id; 32]),
    }
}

fn record(time: u64, id: u8) -> StoredRecord {
    StoredRecord {
        position: position(time, id),
        bytes: vec![id; 40],
        holders: 0,
    }
}

fn author(number: u8) -> Author {
    Author([number; 32])
}

async fn positions(
    store: &impl Store,
    channel: ChannelId,
    before: Option<Position>,
    limit: usize,
) -> Vec<(u64, u8)> {
    let page = store.page(channel, before, limit).await.unwrap();
    page.iter()
        .map(|r| (r.position.time.0, r.position.id.0[0]))
        .collect()
}

/// A new store is empty.
pub async fn starts_empty(store: impl Store) {
    assert_eq!(store.device().await, Ok(None));
    assert_eq!(store.channels().await, Ok(vec![]));
    assert_eq!(positions(&store, NEST, None, 10).await, []);
}

/// There is one device, and saving replaces it.
pub async fn keeps_one_device(store: impl Store) {
    store.save_device(&device("咪咪")).await.unwrap();
    store.save_device(&device("Mimi")).await.unwrap();
    assert_eq!(store.device().await, Ok(Some(device("Mimi"))));
}

/// Channels come back in the order they were joined, and saving replaces an entry.
pub async fn lists_channels_in_joining_order(store: impl Store) {
    store.save_channel(&entry(OTHER, 1)).await.unwrap();
    store.save_channel(&entry(NEST, 2)).await.unwrap();
    let drafted = ChannelEntry {
        draft: "half a thou".into(),
        ..entry(OTHER, 1)
    };
    store.save_channel(&drafted).await.unwrap();
    assert_eq!(store.channels().await, Ok(vec![drafted, entry(NEST, 2)]));
}

/// A record is added once, whoever adds it.
pub async fn appends_once(store: impl Store) {
    assert_eq!(
        store.append(NEST, &record(5, 1), Mark::None).await,
        Ok(true)
    );
    assert_eq!(
        store.append(NEST, &record(5, 1), Mark::None).await,
        Ok(false)
    );
    assert_eq!(
        store.append(OTHER, &record(5, 1), Mark::None).await,
        Ok(true)
    );
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
            .append(NEST, &record(time, id), Mark::None)
            .await
            .unwrap();
    }
    store
        .append(OTHER, &record(25, 7), Mark::None)
        .await
        .unwrap();
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

/// Removing a channel removes its records and nothing else.
pub async fn removes_a_channel_with_its_records(store: impl Store) {
    for (id, joined) in [(NEST, 1), (OTHER, 2)] {
        store.save_channel(&entry(id, joined)).await.unwrap();
        store.append(id, &record(5, 1), Mark::None).await.unwrap();
    }
    store.remove_channel(NEST).await.unwrap();
    store.remove_channel(NEST).await.unwrap();
    assert_eq!(store.channels().await, Ok(vec![entry(OTHER, 2)]));
    assert_eq!(positions(&store, NEST, None, 10).await, []);
    assert_eq!(positions(&store, OTHER, None, 10).await, [(5, 1)]);
}

/// What is unsent is found in its order until it is acknowledged, and stays in the log.
pub async fn keeps_the_unsent_until_acknowledged(store: impl Store) {
    for (time, id, mark) in [
        (30, 1, Mark::Unsent),
        (10, 2, Mark::Unsent),
        (20, 3, Mark::None),
    ] {
        store.append(NEST, &record(time, id), mark).await.unwrap();
    }
    store
        .append(OTHER, &record(10, 2), Mark::Unsent)
        .await
        .unwrap();
    // Known already: that it comes again does not change what it is.
    assert_eq!(
        store.append(NEST, &record(20, 3), Mark::Unsent).await,
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
            .append(NEST, &record(time, id), Mark::Unread)
            .await
            .unwrap();
    }
    store
        .append(NEST, &record(15, 4), Mark::None)
        .await
        .unwrap();
    store
        .append(OTHER, &record(10, 2), Mark::Unread)
        .await
        .unwrap();
    let all = vec![position(10, 2), position(20, 3), position(30, 1)];
    assert_eq!(store.unread(NEST).await, Ok(all));
    assert_eq!(store.unsent(NEST).await, Ok(vec![]));
    store.see(NEST, position(20, 3)).await.unwrap();
    store.see(NEST, position(20, 3)).await.unwrap();
    assert_eq!(store.unread(NEST).await, Ok(vec![position(30, 1)]));
    // It comes again, and stays seen.
    let again = store.append(NEST, &record(20, 3), Mark::Unread).await;
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
            .append(NEST, &record(time, id), Mark::Unsent)
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

/// Imported records are added once, whatever is there already, and without a mark.
pub async fn imports_what_is_not_there(store: impl Store) {
    store
        .append(NEST, &record(20, 2), Mark::Unread)
        .await
        .unwrap();
    let records = [record(10, 1), record(20, 2), record(30, 3)];
    store.import(NEST, &records).await.unwrap();
    store.import(NEST, &records[..1]).await.unwrap();
    let all = [(30, 3), (20, 2), (10, 1)];
    assert_eq!(positions(&store, NEST, None, 10).await, all);
    assert_eq!(store.unread(NEST).await, Ok(vec![position(20, 2)]));
    assert_eq!(store.unsent(NEST).await, Ok(vec![]));
}

/// What the member chose comes back.
pub async fn keeps_preferences(store: impl Store) {
    let chosen = Device {
        preferences: Preferences {
            language: Some(Language::Chinese),
            theme: Some(Theme::Dark),
            notifications: Notifications::Off,
        },
        ..device("Mimi")
    };
    store.save_device(&chosen).await.unwrap();
    assert_eq!(store.device().await, Ok(Some(chosen)));
    let muted = ChannelEntry {
        muted: true,
        ..entry(NEST, 1)
    };
    store.save_channel(&muted).await.unwrap();
    assert_eq!(store.channels().await, Ok(vec![muted]));
}

/// Requests are the methods by another name.
pub async fn executes_requests(store: impl Store) {
    let append = Request::Append {
        channel: NEST,
        record: record(5, 1),
        mark: Mark::Unsent,
    };
    assert_eq!(
        store.execute(Request::SaveDevice(device("a"))).await,
        Ok(Reply::Done)
    );
    assert_eq!(
        store.execute(Request::LoadDevice).await,
        Ok(Reply::Device(Some(device("a"))))
    );
    assert_eq!(
        store.execute(Request::SaveChannel(entry(NEST, 1))).await,
        Ok(Reply::Done)
    );
    assert_eq!(
        store.execute(Request::LoadChannels).await,
        Ok(Reply::Channels(vec![entry(NEST, 1)]))
    );
    assert_eq!(
        store.execute(append.clone()).await,
        Ok(Reply::Appended(true))
    );
    assert_eq!(store.execute(append).await, Ok(Reply::Appended(false)));
    let unsent = Request::LoadUnsent(NEST);
    assert_eq!(
        store.execute(unsent.clone()).await,
        Ok(Reply::Page(vec![record(5, 1)]))
    );
    let acknowledge = Request::Acknowledge {
        channel: NEST,
        position: position(5, 1),
        holder: author(1),
    };
    assert_eq!(store.execute(acknowledge).await, Ok(Reply::Held(1)));
    let held = StoredRecord {
        holders: 1,
        ..record(5, 1)
    };
    assert_eq!(store.execute(unsent).await, Ok(Reply::Page(vec![])));
    let page = Request::LoadPage {
        channel: NEST,
        before: None,
        limit: 9,
    };
    assert_eq!(
        store.execute(page.clone()).await,
        Ok(Reply::Page(vec![held.clone()]))
    );
    let import = Request::Import {
        channel: NEST,
        records: vec![record(5, 1), record(4, 2)],
    };
    assert_eq!(store.execute(import).await, Ok(Reply::Done));
    assert_eq!(
        store.execute(page.clone()).await,
        Ok(Reply::Page(vec![held, record(4, 2)]))
    );
    let unread = Request::LoadUnread(NEST);
    let arrived = Request::Append {
        channel: NEST,
        record: record(6, 3),
        mark: Mark::Unread,
    };
    store.execute(arrived).await.unwrap();
    let positions = Reply::Positions(vec![position(6, 3)]);
    assert_eq!(store.execute(unread.clone()).await, Ok(positions));
    let see = Request::See {
        channel: NEST,
        up_to: position(6, 3),
    };
    assert_eq!(store.execute(see).await, Ok(Reply::Done));
    let none = Reply::Positions(Vec::new());
    assert_eq!(store.execute(unread).await, Ok(none));
    assert_eq!(
        store.execute(Request::RemoveChannel(NEST)).await,
        Ok(Reply::Done)
    );
    assert_eq!(store.execute(page).await, Ok(Reply::Page(vec![])));
}

/// Makes the suite's functions tests of one store.
#[macro_export]
macro_rules! store_conformance {
    (#[$test:meta], $new_store:expr) => {
        $crate::store_conformance!(@each #[$test], $new_store,
            starts_empty,
            keeps_one_device,
            lists_channels_in_joining_order,
            appends_once,
            pages_backwards,
            removes_a_channel_with_its_records,
            keeps_the_unsent_until_acknowledged,
            keeps_the_unread_until_seen,
            counts_the_holders_of_a_record,
            imports_what_is_not_there,
            keeps_preferences,
            lists_resources,
            keeps_pieces,
            keeps_an_empty_resource,
            keeps_large_pieces,
            keeps_rows_of_pieces,
            keeps_outlines,
            removes_a_resource_with_its_pieces,
            executes_requests
        );
    };
    (@each #[$test:meta], $new_store:expr, $($name:ident),*) => {
        $(
            #[$test]
            async fn $name() {
                $crate::store::conformance::$name($new_store).await;
            }
        )*
    };
}
