//! The storage suite of the core against the real IndexedDB of a browser.
#![expect(
    clippy::unwrap_used,
    reason = "a test that fails panics; clippy does not know these as tests"
)]

use std::cell::Cell;

use catnest::{
    channel::ChannelId,
    chat::record::{Position, RecordId},
    identity::Author,
    resource::{Descriptor, Have, ResourceHasher, ResourceId},
    store::{
        MusicPart, ResourceEntry, Store, TrackRow,
        bytes::{encode_resource, position_key},
    },
    time::Millis,
};
use catnest_engine::store::IndexedDbStore;
use indexed_db_futures::{database::Database, prelude::*, transaction::TransactionMode};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

thread_local! {
    static DATABASES: Cell<u32> = const { Cell::new(0) };
}

/// A database that no other test uses.
async fn new_store() -> IndexedDbStore {
    let number = DATABASES.replace(DATABASES.get() + 1);
    IndexedDbStore::open(&format!("conformance-{number}"))
        .await
        .unwrap()
}

catnest::store_conformance!(#[wasm_bindgen_test], new_store().await);

/// What one opening of a database wrote, the next one reads.
#[wasm_bindgen_test]
async fn lasts_beyond_its_opening() {
    use catnest::{
        entropy::Entropy,
        identity::DeviceSeed,
        preferences::{Preferences, Theme},
        store::Device,
    };
    let device = Device {
        preferences: Preferences {
            theme: Some(Theme::Dark),
            ..Preferences::default()
        },
        seed: DeviceSeed::generate(&mut Entropy::from_seed([1; 32])),
        name: "咪咪".into(),
    };
    IndexedDbStore::open("lasting")
        .await
        .unwrap()
        .save_device(&device)
        .await
        .unwrap();
    assert_eq!(
        IndexedDbStore::open("lasting")
            .await
            .unwrap()
            .device()
            .await,
        Ok(Some(device))
    );
}

/// The object stores that version 4 of the schema had.
const VERSION_4: [&str; 10] = [
    "device",
    "channels",
    "records",
    "unsent",
    "unread",
    "holders",
    "resources",
    "have",
    "outlines",
    "pieces",
];

/// A database as an earlier version of the schema had it, with rows: each in which object store, its key and its value.
async fn old_database(
    name: &str,
    version: u32,
    stores: &'static [&'static str],
    rows: Vec<(&str, Vec<u8>, Vec<u8>)>,
) {
    let database = Database::open(name)
        .with_version(version)
        .with_on_upgrade_needed(move |_, database| {
            for store in stores {
                database.create_object_store(*store).build()?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let transaction = database
        .transaction(stores.to_vec())
        .with_mode(TransactionMode::Readwrite)
        .build()
        .unwrap();
    for (store, key, value) in rows {
        let value: JsValue = Uint8Array::from(&value[..]).into();
        let key: JsValue = Uint8Array::from(&key[..]).into();
        let store = transaction.object_store(store).unwrap();
        let put = store.put(value).with_key(key).without_key_type();
        put.primitive().unwrap().await.unwrap();
    }
    transaction.commit().await.unwrap();
    database.close();
}

#[wasm_bindgen_test]
async fn pieces_of_version_4_are_read_like_others() {
    let bytes: Vec<u8> = (0..2 * 64 * 1024 + 100_u32)
        .map(|at| (at / 11 + at / 65536) as u8)
        .collect();
    let pieces: Vec<Vec<u8>> = bytes.chunks(64 * 1024).map(<[u8]>::to_vec).collect();
    let mut hasher = ResourceHasher::new(bytes.len() as u64);
    hasher.update(&bytes).unwrap();
    let hashed = hasher.finish().unwrap();
    let entry = ResourceEntry {
        descriptor: Descriptor {
            id: hashed.id,
            length: bytes.len() as u64,
            md5: hashed.md5,
            name: "猫.ogg".into(),
            media_type: "audio/ogg".into(),
        },
        channels: [].into(),
        paused: false,
        added: Millis(1),
        md5_checked: true,
        automatic: None,
    };
    let id = entry.descriptor.id.0;
    let have = Have::all(entry.descriptor.length);
    let mut rows = vec![
        ("resources", id.to_vec(), encode_resource(&entry)),
        ("have", id.to_vec(), have.bits().to_vec()),
    ];
    for (piece, bytes) in (0_u32..).zip(&pieces) {
        let key = [&id[..], &piece.to_be_bytes()].concat();
        rows.push(("pieces", key, bytes.clone()));
    }
    old_database("version-4", 4, &VERSION_4, rows).await;

    let store = IndexedDbStore::open("version-4").await.unwrap();
    let stored = store.resource(hashed.id).await.unwrap().unwrap();
    assert_eq!(stored.entry, entry);
    assert!(stored.have.is_complete());
    let all = |store: Vec<Option<Vec<u8>>>| store.into_iter().collect::<Option<Vec<_>>>();
    let read = store.pieces(hashed.id, &[0, 1, 2]).await.unwrap();
    assert_eq!(all(read), Some(pieces.clone()));
    // One that is lost is put as the new version puts it, beside the old ones.
    store.drop_pieces(hashed.id, &[1]).await.unwrap();
    let read = store.pieces(hashed.id, &[0, 1, 2]).await.unwrap();
    assert_eq!(
        read,
        [Some(pieces[0].clone()), None, Some(pieces[2].clone())]
    );
    let put = [(1, pieces[1].clone())];
    store.put_pieces(hashed.id, &put).await.unwrap();
    let read = store.pieces(hashed.id, &[0, 1, 2]).await.unwrap();
    assert_eq!(all(read), Some(pieces));
    store.remove_resource(hashed.id).await.unwrap();
    assert_eq!(
        store.pieces(hashed.id, &[0, 2]).await.unwrap(),
        [None, None]
    );
}

/// The object stores that version 6 of the schema had.
const VERSION_6: [&str; 13] = [
    "device",
    "channels",
    "records",
    "unsent",
    "unread",
    "holders",
    "kept",
    "recalls",
    "resources",
    "have",
    "outlines",
    "runs",
    "pieces",
];

#[wasm_bindgen_test]
async fn a_store_of_version_6_is_brought_up_to_date() {
    let (channel, author) = (ChannelId([1; 32]), Author([4; 32]));
    let position = Position {
        time: Millis(5),
        id: RecordId([7; 32]),
    };
    let key = [&channel.0[..], &position_key(position)].concat();
    let rows = vec![("records", key.clone(), vec![1]), ("kept", key, Vec::new())];
    old_database("version-6", 6, &VERSION_6, rows).await;

    let store = IndexedDbStore::open("version-6").await.unwrap();
    let page = store.page(channel, None, 9).await.unwrap();
    assert_eq!(page.len(), 1);
    assert!(page[0].kept);
    assert_eq!((page[0].position, &page[0].bytes[..]), (position, &[1][..]));
    let row = TrackRow {
        id: ResourceId([2; 32]),
        bytes: vec![3],
    };
    let put = [row.clone()];
    let saved = store.save_tracks(channel, Some(author), &put, &[]).await;
    saved.unwrap();
    store.save_music(MusicPart::Player, &[5]).await.unwrap();

    let store = IndexedDbStore::open("version-6").await.unwrap();
    assert_eq!(store.shelves(channel).await, Ok(vec![author]));
    let tracks = store.tracks(channel, Some(author), None, 9).await;
    assert_eq!(tracks, Ok(vec![row]));
    assert_eq!(store.music(MusicPart::Player).await, Ok(Some(vec![5])));
}
