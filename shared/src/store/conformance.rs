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

mod log;
mod music;
mod recalls;
mod resources;

use std::collections::{BTreeMap, BTreeSet};

pub use self::{log::*, music::*, recalls::*, resources::*};
use super::{
    ChannelEntry, Device, Mark, NewRecord, PeopleChoices, Reply, Request, Store, StoredRecord,
};
use crate::{
    channel::ChannelId,
    chat::{
        record::{Position, RecordId},
        retention::Retention,
        span::Span,
    },
    entropy::Entropy,
    identity::{Author, DeviceSeed},
    preferences::{Language, Notifications, Preferences, Theme},
    resource::ResourceId,
    seeding::Seeds,
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
        retention: Retention::Forever,
        switch: None,
        people: PeopleChoices::default(),
        seeds: Seeds::default(),
        sought: BTreeSet::from([ResourceId([7; 32])]),
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
        kept: false,
        recalled: false,
    }
}

/// A record of an author that the stores do not ask for.
fn new(time: u64, id: u8, mark: Mark) -> NewRecord {
    let StoredRecord {
        position, bytes, ..
    } = record(time, id);
    NewRecord {
        position,
        bytes,
        author: author(id),
        recalls: None,
        mark,
        kept: false,
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

/// Removing a channel removes its records and nothing else.
pub async fn removes_a_channel_with_its_records(store: impl Store) {
    for (id, joined) in [(NEST, 1), (OTHER, 2)] {
        store.save_channel(&entry(id, joined)).await.unwrap();
        store.append(id, &new(5, 1, Mark::None)).await.unwrap();
    }
    store.remove_channel(NEST).await.unwrap();
    store.remove_channel(NEST).await.unwrap();
    assert_eq!(store.channels().await, Ok(vec![entry(OTHER, 2)]));
    assert_eq!(positions(&store, NEST, None, 10).await, []);
    assert_eq!(positions(&store, OTHER, None, 10).await, [(5, 1)]);
}

/// What the member chose comes back.
pub async fn keeps_preferences(store: impl Store) {
    let chosen = Device {
        preferences: Preferences {
            language: Some(Language::Chinese),
            theme: Some(Theme::Dark),
            notifications: Notifications::Off,
            burn_after: Some(60),
            cache_lists: false,
        },
        ..device("Mimi")
    };
    store.save_device(&chosen).await.unwrap();
    assert_eq!(store.device().await, Ok(Some(chosen)));
    let muted = ChannelEntry {
        muted: true,
        retention: Retention::Count { messages: 7 },
        switch: Some(vec![1, 2, 3]),
        people: PeopleChoices {
            name: Some("Mia".into()),
            avatar: Some("🐈".into()),
            blocked: BTreeMap::from([(Author([8; 32]), "Mallory".into())]),
            held_back: BTreeMap::new(),
        },
        seeds: Seeds::All,
        ..entry(NEST, 1)
    };
    store.save_channel(&muted).await.unwrap();
    assert_eq!(store.channels().await, Ok(vec![muted]));
}

/// Requests are the methods by another name.
pub async fn executes_requests(store: impl Store) {
    let append = Request::Append {
        channel: NEST,
        record: new(5, 1, Mark::Unsent),
    };
    assert_eq!(
        store.execute(Request::SaveDevice(device("a"))).await,
        Ok(Reply::Done)
    );
    assert_eq!(
        store.execute(Request::LoadDevice).await,
        Ok(Reply::Device(Some(device("a"))))
    );
    assert_eq!(store.execute(entry(NEST, 1).save()).await, Ok(Reply::Done));
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
    let page_from = Request::LoadPageFrom {
        channel: NEST,
        from: position(5, 1),
        limit: 9,
    };
    assert_eq!(
        store.execute(page_from).await,
        Ok(Reply::Page(vec![held.clone()]))
    );
    let import = Request::Import {
        channel: NEST,
        records: vec![new(5, 1, Mark::None), new(4, 2, Mark::None)],
    };
    let added = Reply::Positions(vec![position(4, 2)]);
    assert_eq!(store.execute(import).await, Ok(added));
    let list = Request::LoadPositions {
        channel: NEST,
        span: Span::default(),
        limit: 1,
    };
    let newest = Reply::Positions(vec![position(5, 1)]);
    assert_eq!(store.execute(list).await, Ok(newest));
    let read = Request::LoadRecords {
        channel: NEST,
        positions: vec![position(4, 2)],
    };
    let one = Reply::Page(vec![record(4, 2)]);
    assert_eq!(store.execute(read).await, Ok(one));
    assert_eq!(
        store.execute(page.clone()).await,
        Ok(Reply::Page(vec![held, record(4, 2)]))
    );
    let unread = Request::LoadUnread(NEST);
    let arrived = Request::Append {
        channel: NEST,
        record: new(6, 3, Mark::Unread),
    };
    store.execute(arrived).await.unwrap();
    let unseen = Reply::Positions(vec![position(6, 3)]);
    assert_eq!(store.execute(unread.clone()).await, Ok(unseen));
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
            pages_forwards,
            removes_a_channel_with_its_records,
            keeps_the_unsent_until_acknowledged,
            keeps_the_unread_until_seen,
            counts_the_holders_of_a_record,
            imports_what_is_not_there,
            lists_positions,
            reads_records_by_position,
            tells_what_is_missing,
            counts_records,
            finds_the_nth,
            discards_the_oldest,
            keeps_what_the_member_keeps,
            keeps_what_comes_marked,
            recalls_what_is_there,
            recalls_what_comes_later,
            recalls_what_is_imported,
            recalls_nothing_of_others,
            discards_recalls_after_what_they_recall,
            keeps_preferences,
            lists_resources,
            keeps_pieces,
            keeps_an_empty_resource,
            keeps_large_pieces,
            keeps_rows_of_pieces,
            keeps_outlines,
            removes_a_resource_with_its_pieces,
            lists_tracks_in_the_order_of_ids,
            pages_through_a_list,
            replaces_and_removes_tracks,
            keeps_lists_apart,
            removes_a_shelf,
            removes_a_channel_with_its_lists,
            keeps_parts_of_music,
            executes_requests_of_music,
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
