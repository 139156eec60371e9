//! What the database looks like, for who changes it to see.

use catnest_host::store::DATABASE;

use crate::{folder, open};

#[test]
fn the_schema_is_what_it_was() {
    let folder = folder();
    drop(open(folder.path()));
    let database = rusqlite::Connection::open(folder.path().join(DATABASE)).unwrap();
    let mut statement = database
        .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
        .unwrap();
    let rows = statement.query_map([], |row| row.get::<_, String>(0));
    let schema: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
    let version = database.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    let version = version.unwrap();
    insta::assert_snapshot!(format!("-- version {version}\n{}", schema.join("\n\n")));
}

#[test]
fn the_database_has_a_log() {
    let folder = folder();
    drop(open(folder.path()));
    let database = rusqlite::Connection::open(folder.path().join(DATABASE)).unwrap();
    let mode = database.query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>(0));
    assert_eq!(mode.as_deref(), Ok("wal"));
}

/// Up to 3.51.2 a log that was begun anew could be written over: <https://sqlite.org/wal.html#walresetbug>.
#[test]
fn the_bundled_sqlite_does_not_lose_its_log() {
    assert!(rusqlite::version_number() >= 3_051_003);
}
