//! Opening a store: once at a time, for the user alone, and never a newer one.

use catnest::{
    channel::ChannelId,
    chat::record::{Position, RecordId},
    entropy::Entropy,
    identity::{Author, DeviceSeed},
    preferences::{Preferences, Theme},
    resource::ResourceId,
    store::{Device, MusicPart, Store, StoreError, TrackRow, bytes::position_key},
    time::Millis,
};
use catnest_host::store::{DATABASE, SqliteStore};
use tempfile::TempDir;

use crate::{folder, open};

#[pollster::test]
async fn lasts_beyond_its_opening() {
    let folder = folder();
    let device = Device {
        preferences: Preferences {
            theme: Some(Theme::Dark),
            ..Preferences::default()
        },
        seed: DeviceSeed::generate(&mut Entropy::from_seed([1; 32])),
        name: "咪咪".into(),
    };
    open(folder.path()).save_device(&device).await.unwrap();
    assert_eq!(open(folder.path()).device().await, Ok(Some(device)));
}

#[test]
fn a_folder_has_one_store_at_a_time() {
    let folder = folder();
    let store = open(folder.path());
    let second = SqliteStore::open(folder.path()).map(|_| ());
    let Err(StoreError::Unavailable(why)) = second else {
        panic!("{second:?}");
    };
    let path = folder.path().display();
    assert_eq!(
        why,
        format!(
            "another Catnest is using {path}; stop it first, or give this one a directory of its own with --data DIRECTORY"
        )
    );
    drop(store);
    open(folder.path());
}

const CHANNEL: ChannelId = ChannelId([1; 32]);
const POSITION: Position = Position {
    time: Millis(5),
    id: RecordId([7; 32]),
};

/// A folder with a database as an earlier version made it, with one record.
fn earlier(schema: &str, record: &str) -> TempDir {
    let folder = folder();
    let database = rusqlite::Connection::open(folder.path().join(DATABASE)).unwrap();
    database.execute_batch(schema).unwrap();
    let key = position_key(POSITION);
    database.execute(record, (CHANNEL.0, key)).unwrap();
    folder
}

#[pollster::test]
async fn a_store_of_version_1_is_brought_up_to_date() {
    let record =
        "INSERT INTO records (channel, position, holders, bytes) VALUES (?1, ?2, x'', x'01')";
    let folder = earlier(include_str!("version_1.sql"), record);
    let store = open(folder.path());
    store.keep(CHANNEL, POSITION, true).await.unwrap();
    let page = store.page(CHANNEL, None, 9).await.unwrap();
    assert_eq!(page.len(), 1);
    assert!(page[0].kept && !page[0].recalled);
    assert_eq!(page[0].bytes, [1]);
}

#[pollster::test]
async fn a_store_of_version_2_is_brought_up_to_date() {
    let record = "INSERT INTO records (channel, position, holders, bytes, kept) VALUES (?1, ?2, x'', x'01', 1)";
    let folder = earlier(include_str!("version_2.sql"), record);
    let store = open(folder.path());
    let page = store.page(CHANNEL, None, 9).await.unwrap();
    assert_eq!(page.len(), 1);
    assert!(page[0].kept);
    let row = TrackRow {
        id: ResourceId([2; 32]),
        bytes: vec![3],
    };
    let of = Some(Author([4; 32]));
    let put = [row.clone()];
    store.save_tracks(CHANNEL, of, &put, &[]).await.unwrap();
    assert_eq!(store.tracks(CHANNEL, of, None, 9).await, Ok(vec![row]));
    store.save_music(MusicPart::Player, &[5]).await.unwrap();
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.shelves(CHANNEL).await, Ok(vec![Author([4; 32])]));
    assert_eq!(store.music(MusicPart::Player).await, Ok(Some(vec![5])));
}

#[test]
fn a_newer_store_is_refused_and_left_alone() {
    let folder = folder();
    drop(open(folder.path()));
    let path = folder.path().join(DATABASE);
    let database = rusqlite::Connection::open(&path).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    let refused = SqliteStore::open(folder.path()).map(|_| ());
    assert_eq!(
        refused,
        Err(StoreError::Unavailable(format!(
            "{} is of version 99, and this Catnest knows versions up to 3: a newer Catnest has written it",
            path.display()
        )))
    );
    let database = rusqlite::Connection::open(&path).unwrap();
    let version = database.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    assert_eq!(version, Ok(99));
}

#[test]
fn what_is_no_database_is_damaged() {
    let folder = folder();
    std::fs::write(folder.path().join(DATABASE), "x".repeat(5000)).unwrap();
    let refused = SqliteStore::open(folder.path()).map(|_| ());
    assert!(
        matches!(refused, Err(StoreError::Damaged(_))),
        "{refused:?}"
    );
}

#[pollster::test]
async fn a_row_that_cannot_be_read_is_damaged() {
    let folder = folder();
    drop(open(folder.path()));
    let database = rusqlite::Connection::open(folder.path().join(DATABASE)).unwrap();
    let row = "INSERT INTO device VALUES (0, x'ff'); INSERT INTO channels VALUES (x'01', x'ff');
        INSERT INTO resources VALUES (zeroblob(32), x'ff', x'')";
    database.execute_batch(row).unwrap();
    drop(database);
    let store = open(folder.path());
    let damaged = |what: &str| StoreError::Damaged(what.into());
    assert_eq!(store.device().await, Err(damaged("the device")));
    assert_eq!(store.channels().await, Err(damaged("a channel's entry")));
    assert_eq!(
        store.resources().await,
        Err(damaged("the entry of a resource"))
    );
}

#[cfg(unix)]
#[pollster::test]
async fn what_it_makes_is_for_the_user_alone() {
    use std::os::unix::fs::PermissionsExt;

    let (outside, sample) = (folder(), crate::Sample::of(1));
    let folder = outside.path().join("a/b");
    let store = sample.complete(&folder).await;
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let mut seen = 0;
    for folder in [folder.clone(), folder.join("files")] {
        assert_eq!(mode(&folder), 0o700);
        for name in crate::names(&folder) {
            let path = folder.join(name);
            if path.is_file() {
                assert_eq!(mode(&path), 0o600, "{path:?}");
                seen += 1;
            }
        }
    }
    // The lock, the database, its log and the log's index, a file.
    assert_eq!(seen, 5);
    drop(store);
}
