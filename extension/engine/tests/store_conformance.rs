//! The storage suite of the core against the real IndexedDB of a browser.
#![expect(
    clippy::unwrap_used,
    reason = "a test that fails panics; clippy does not know these as tests"
)]

use std::cell::Cell;

use catnest_engine::store::IndexedDbStore;
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
        store::{Device, Store},
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
