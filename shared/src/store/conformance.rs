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

use super::{ChannelEntry, Device, Reply, Request, Store, StoredRecord};
use crate::{
    channel::ChannelId,
    chat::record::{Position, RecordId},
    entropy::Entropy,
    identity::DeviceSeed,
    time::Millis,
};

const NEST: ChannelId = ChannelId([1; 32]);
const OTHER: ChannelId = ChannelId([2; 32]);

fn device(name: &str) -> Device {
    Device {
        seed: DeviceSeed::generate(&mut Entropy::from_seed([9; 32])),
        name: name.into(),
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
    }
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
    assert_eq!(store.append(NEST, &record(5, 1), false).await, Ok(true));
    assert_eq!(store.append(NEST, &record(5, 1), false).await, Ok(false));
    assert_eq!(store.append(OTHER, &record(5, 1), false).await, Ok(true));
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
        store.append(NEST, &record(time, id), false).await.unwrap();
    }
    store.append(OTHER, &record(25, 7), false).await.unwrap();
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
        store.append(id, &record(5, 1), false).await.unwrap();
    }
    store.remove_channel(NEST).await.unwrap();
    store.remove_channel(NEST).await.unwrap();
    assert_eq!(store.channels().await, Ok(vec![entry(OTHER, 2)]));
    assert_eq!(positions(&store, NEST, None, 10).await, []);
    assert_eq!(positions(&store, OTHER, None, 10).await, [(5, 1)]);
}

/// What is unsent is found in its order until it is acknowledged, and stays in the log.
pub async fn keeps_the_unsent_until_acknowledged(store: impl Store) {
    for (time, id, unsent) in [(30, 1, true), (10, 2, true), (20, 3, false)] {
        store.append(NEST, &record(time, id), unsent).await.unwrap();
    }
    store.append(OTHER, &record(10, 2), true).await.unwrap();
    // Known already: that it comes again does not change what it is.
    assert_eq!(store.append(NEST, &record(20, 3), true).await, Ok(false));
    let both = vec![record(10, 2), record(30, 1)];
    assert_eq!(store.unsent(NEST).await, Ok(both));
    store.acknowledge(NEST, position(10, 2)).await.unwrap();
    store.acknowledge(NEST, position(10, 2)).await.unwrap();
    store.acknowledge(NEST, position(99, 9)).await.unwrap();
    assert_eq!(store.unsent(NEST).await, Ok(vec![record(30, 1)]));
    assert_eq!(store.unsent(OTHER).await, Ok(vec![record(10, 2)]));
    let all = [(30, 1), (20, 3), (10, 2)];
    assert_eq!(positions(&store, NEST, None, 10).await, all);
    store.remove_channel(NEST).await.unwrap();
    assert_eq!(store.unsent(NEST).await, Ok(vec![]));
    assert_eq!(store.unsent(OTHER).await, Ok(vec![record(10, 2)]));
}

/// Requests are the methods by another name.
pub async fn executes_requests(store: impl Store) {
    let append = Request::Append {
        channel: NEST,
        record: record(5, 1),
        unsent: true,
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
    };
    assert_eq!(store.execute(acknowledge).await, Ok(Reply::Done));
    assert_eq!(store.execute(unsent).await, Ok(Reply::Page(vec![])));
    let page = Request::LoadPage {
        channel: NEST,
        before: None,
        limit: 9,
    };
    assert_eq!(
        store.execute(page.clone()).await,
        Ok(Reply::Page(vec![record(5, 1)]))
    );
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
