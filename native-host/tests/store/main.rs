//! The store as it meets the world outside: files that are gone, changed or half-written, processes that are killed,
//! other processes.
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

mod crashes;
mod export;
mod links;
mod opening;
mod schema;
mod upkeep;
mod versions;

use std::path::{Path, PathBuf};

use catnest::{
    resource::{Descriptor, Hashed, Have, ResourceHasher, ResourceId},
    store::{ResourceEntry, Store},
    time::Millis,
};
use catnest_host::store::SqliteStore;
use tempfile::TempDir;

/// A piece of all resources here.
const PIECE: usize = 64 * 1024;

/// A resource, with what is known of it.
struct Sample {
    bytes: Vec<u8>,
    hashed: Hashed,
    entry: ResourceEntry,
}

impl Sample {
    /// So many pieces and a half. Each is different.
    fn of(pieces: usize) -> Self {
        let length = pieces * PIECE + PIECE / 2;
        let bytes: Vec<u8> = (0..length).map(|i| (i / 7 + i / PIECE) as u8).collect();
        let mut hasher = ResourceHasher::new(length as u64);
        hasher.update(&bytes).unwrap();
        let hashed = hasher.finish().unwrap();
        let descriptor = Descriptor {
            id: hashed.id,
            length: length as u64,
            md5: hashed.md5,
            name: "猫.ogg".into(),
            media_type: "audio/ogg".into(),
        };
        let entry = ResourceEntry {
            descriptor,
            channels: [].into(),
            paused: false,
            added: Millis(1),
            md5_checked: false,
            automatic: None,
        };
        Self {
            bytes,
            hashed,
            entry,
        }
    }

    fn id(&self) -> ResourceId {
        self.hashed.id
    }

    fn count(&self) -> u32 {
        Have::none(self.bytes.len() as u64).pieces()
    }

    fn piece(&self, number: u32) -> (u32, Vec<u8>) {
        let bytes = self.bytes.chunks(PIECE).nth(number as usize);
        (number, bytes.unwrap().to_vec())
    }

    fn pieces(&self) -> Vec<(u32, Vec<u8>)> {
        (0..self.count()).map(|number| self.piece(number)).collect()
    }

    fn file(&self, folder: &Path) -> PathBuf {
        folder.join("files").join(self.id().to_string())
    }

    fn part(&self, folder: &Path) -> PathBuf {
        self.file(folder).with_extension("part")
    }

    /// A store that has all of it.
    async fn complete(&self, folder: &Path) -> SqliteStore {
        let store = open(folder);
        store.save_resource(&self.entry).await.unwrap();
        store.put_pieces(self.id(), &self.pieces()).await.unwrap();
        store
    }

    /// The pieces that a store says are there; what it gives of each is right, and of the others nothing.
    async fn had(&self, store: &SqliteStore) -> Vec<u32> {
        let stored = store.resource(self.id()).await.unwrap().unwrap();
        let all: Vec<u32> = (0..self.count()).collect();
        let loaded = store.pieces(self.id(), &all).await.unwrap();
        for (number, bytes) in all.iter().zip(loaded) {
            let expected = self.piece(*number).1;
            assert_eq!(bytes.is_some(), stored.have.contains(*number), "{number}");
            assert!(bytes.is_none_or(|bytes| bytes == expected), "{number}");
        }
        all.into_iter()
            .filter(|number| stored.have.contains(*number))
            .collect()
    }
}

fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(folder).unwrap()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The names of files in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
