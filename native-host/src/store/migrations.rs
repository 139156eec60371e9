//! The versions of the database, one step each, and how a connection to it is set up.

use std::{path::Path, time::Duration};

use catnest::store::StoreError;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{
    error::{io_error, store_error},
    files,
};

/// A version of the database. A new one gets a step in [`Version::upgrade`], and no old step is ever changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    /// No database yet.
    V0 = 0,
    /// Device, channels, records, resources.
    V1 = 1,
    /// What the member keeps, and what was recalled.
    V2 = 2,
    /// Lists of tracks, and what a device has one of for its music.
    V3 = 3,
}

const CURRENT: Version = Version::V3;

impl Version {
    fn of(number: i64) -> Option<Self> {
        [Version::V0, Version::V1, Version::V2, Version::V3]
            .into_iter()
            .find(|version| *version as i64 == number)
    }

    /// One step up from this version.
    fn upgrade(self, database: &Connection) -> rusqlite::Result<Self> {
        match self {
            Version::V0 => {
                database.execute_batch(V1)?;
                Ok(Version::V1)
            }
            Version::V1 => {
                database.execute_batch(V2)?;
                Ok(Version::V2)
            }
            Version::V2 => {
                database.execute_batch(V3)?;
                Ok(Version::V3)
            }
            Version::V3 => Ok(Version::V3),
        }
    }
}

/// Keys sort by their bytes, so a channel's records lie together in the order of the log.
const V1: &str = "
CREATE TABLE device (
    id INTEGER PRIMARY KEY CHECK (id = 0),
    value BLOB NOT NULL
) STRICT;

CREATE TABLE channels (
    id BLOB PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE records (
    channel BLOB NOT NULL,
    position BLOB NOT NULL,
    -- 1: nobody has acknowledged it; 2: the member has not seen it.
    mark INTEGER CHECK (mark IN (1, 2)),
    holders BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (channel, position)
) STRICT;

CREATE INDEX marked ON records (channel, mark, position) WHERE mark IS NOT NULL;

CREATE TABLE resources (
    id BLOB PRIMARY KEY NOT NULL,
    entry BLOB NOT NULL,
    have BLOB NOT NULL
) STRICT;

CREATE TABLE outlines (
    resource BLOB PRIMARY KEY NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE links (
    resource BLOB PRIMARY KEY NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    -- None: the store's own file, which has a second name outside.
    path BLOB,
    -- Nanoseconds since 1970.
    modified INTEGER NOT NULL
) STRICT;
";

const V2: &str = "
ALTER TABLE records ADD COLUMN kept INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1));

CREATE INDEX kept ON records (channel, position) WHERE kept = 1;

CREATE TABLE recalls (
    channel BLOB NOT NULL,
    -- Of the record that is recalled, whether or not it is there.
    position BLOB NOT NULL,
    author BLOB NOT NULL,
    -- Of the recall.
    by BLOB NOT NULL,
    PRIMARY KEY (channel, position, author)
) STRICT, WITHOUT ROWID;

CREATE INDEX recalls_by ON recalls (channel, by);
";

/// A list lies together in the order of its ids, and the lists of a channel side by side.
const V3: &str = "
CREATE TABLE tracks (
    channel BLOB NOT NULL,
    -- Empty: the device itself.
    author BLOB NOT NULL,
    id BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (channel, author, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE music (
    part INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;
";

/// Opens the database in its current version. A newer one is left alone and reported.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    // SQLite would make it for everybody to read. The log beside it gets the permissions that this has.
    files::open_private(path).map_err(io_error(path))?;
    // Used by one thread at a time; and no name is taken for a URI.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut database = Connection::open_with_flags(path, flags).map_err(store_error)?;
    set_up(&database).map_err(store_error)?;
    upgrade(&mut database, path)?;
    Ok(database)
}

fn set_up(database: &Connection) -> rusqlite::Result<()> {
    // Nobody but us should have it open; somebody may look into it with a tool.
    database.busy_timeout(Duration::from_secs(5))?;
    // Each statement of the store is prepared once.
    database.set_prepared_statement_cache_capacity(64);
    // With a log a transaction takes one sync. FULL, so that it is durable when it is committed; macOS needs to be told
    // that the drive's cache counts.
    database.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    database.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         -- What is forgotten is overwritten.
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;",
    )
}

fn upgrade(database: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let transaction = database
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(store_error)?;
    let number = transaction
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(store_error)?;
    let Some(mut version) = Version::of(number) else {
        return Err(StoreError::Unavailable(format!(
            "{} is of version {number}, and this Catnest knows versions up to {}: a newer Catnest has written it",
            path.display(),
            CURRENT as i64
        )));
    };
    while version < CURRENT {
        version = version.upgrade(&transaction).map_err(store_error)?;
        transaction
            .pragma_update(None, "user_version", version as i64)
            .map_err(store_error)?;
    }
    transaction.commit().map_err(store_error)
}
