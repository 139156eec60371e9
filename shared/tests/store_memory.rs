//! The memory store passes the suite that every store must pass.

use catnest::store::memory::MemoryStore;

catnest::store_conformance!(#[pollster::test], MemoryStore::default());
