//! The versions of the database, one step each.

use catnest::store::StoreError;
use indexed_db_futures::{Build, database::Database};

use super::{
    error::open_error,
    transaction::{
        CHANNELS, DEVICE, HAVE, HOLDERS, KEPT, MUSIC, OUTLINES, PIECES, RECALLS, RECORDS,
        RESOURCES, RUNS, TRACKS, UNREAD, UNSENT,
    },
};

/// A version of the database. A new one gets a step in [`Version::upgrade`], and no old step is ever changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    /// No database yet.
    V0 = 0,
    /// Device, channels, records.
    V1 = 1,
    /// Records that nobody has acknowledged.
    V2 = 2,
    /// Records that the member has not seen, and who has the member's own.
    V3 = 3,
    /// Resources with their pieces.
    V4 = 4,
    /// Pieces that are kept together.
    V5 = 5,
    /// What the member keeps, and what was recalled.
    V6 = 6,
    /// Lists of tracks, and what a device has one of for its music.
    V7 = 7,
}

const CURRENT: Version = Version::V7;

impl Version {
    fn of(number: u32) -> Option<Self> {
        [
            Version::V0,
            Version::V1,
            Version::V2,
            Version::V3,
            Version::V4,
            Version::V5,
            Version::V6,
            Version::V7,
        ]
        .into_iter()
        .find(|version| *version as u32 == number)
    }

    /// One step up from this version.
    fn upgrade(self, database: &Database) -> Result<Self, indexed_db_futures::error::Error> {
        match self {
            Version::V0 => {
                for store in [DEVICE, CHANNELS, RECORDS] {
                    database.create_object_store(store).build()?;
                }
                Ok(Version::V1)
            }
            Version::V1 => {
                database.create_object_store(UNSENT).build()?;
                Ok(Version::V2)
            }
            Version::V2 => {
                for store in [UNREAD, HOLDERS] {
                    database.create_object_store(store).build()?;
                }
                Ok(Version::V3)
            }
            Version::V3 => {
                for store in [RESOURCES, HAVE, OUTLINES, PIECES] {
                    database.create_object_store(store).build()?;
                }
                Ok(Version::V4)
            }
            Version::V4 => {
                database.create_object_store(RUNS).build()?;
                Ok(Version::V5)
            }
            Version::V5 => {
                for store in [KEPT, RECALLS] {
                    database.create_object_store(store).build()?;
                }
                Ok(Version::V6)
            }
            Version::V6 => {
                for store in [TRACKS, MUSIC] {
                    database.create_object_store(store).build()?;
                }
                Ok(Version::V7)
            }
            Version::V7 => Ok(Version::V7),
        }
    }
}

/// Opens the database in its current version. A newer one is left alone and reported.
pub(super) async fn open(name: &str) -> Result<Database, StoreError> {
    Database::open(name)
        .with_version(CURRENT as u32)
        .with_on_upgrade_needed(|event, database| {
            // The browser gives the version as a number with fraction; ours have none.
            let mut version = Version::of(event.old_version() as u32).unwrap_or(CURRENT);
            while version < CURRENT {
                version = version.upgrade(&database)?;
            }
            Ok(())
        })
        .await
        .map_err(|error| open_error(&error))
}
