//! The storage suite of the core against SQLite and files.

use std::cell::RefCell;

use catnest_host::store::SqliteStore;
use tempfile::TempDir;

thread_local! {
    /// The suite takes a store alone: its folder goes with the test's thread.
    static FOLDERS: RefCell<Vec<TempDir>> = const { RefCell::new(Vec::new()) };
}

/// A store in a folder that no other test uses.
#[expect(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]
fn new_store() -> SqliteStore {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).unwrap();
    FOLDERS.with_borrow_mut(|folders| folders.push(folder));
    store
}

catnest::store_conformance!(#[pollster::test], new_store());
