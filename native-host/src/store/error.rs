//! What the errors of SQLite and of files mean to the core.

use std::{io, path::Path};

use catnest::store::StoreError;
use rusqlite::{Error, ErrorCode, ffi};

/// An error of a request or transaction.
pub(super) fn store_error(error: Error) -> StoreError {
    let Error::SqliteFailure(failure, _) = &error else {
        return StoreError::Unavailable(error.to_string());
    };
    match (failure.code, failure.extended_code) {
        (ErrorCode::DiskFull, _) => StoreError::Full,
        // Of all that can end a write, SQLite knows only ENOSPC: a quota that is used up comes as this. So do defects
        // of the disk, which are rarer.
        (_, ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_SHMSIZE) => StoreError::Full,
        (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => {
            StoreError::Damaged(error.to_string())
        }
        _ => StoreError::Unavailable(error.to_string()),
    }
}

/// An error of something that was done to a file.
pub(super) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    move |error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Unavailable(format!("{}: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use catnest::{
        channel::ChannelId,
        chat::record::{Position, RecordId},
        identity::Author,
        store::{Mark, NewRecord, Store},
        time::Millis,
    };

    use super::*;
    use crate::store::SqliteStore;

    fn sqlite(extended_code: std::ffi::c_int) -> StoreError {
        store_error(Error::SqliteFailure(ffi::Error::new(extended_code), None))
    }

    #[test]
    fn a_full_disk_is_told_from_other_errors() {
        for full in [
            ffi::SQLITE_FULL,
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_IOERR_SHMSIZE,
        ] {
            assert_eq!(sqlite(full), StoreError::Full);
        }
        for other in [
            ffi::SQLITE_BUSY,
            ffi::SQLITE_IOERR_READ,
            ffi::SQLITE_READONLY,
        ] {
            assert!(matches!(sqlite(other), StoreError::Unavailable(_)));
        }
        for damaged in [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB] {
            assert!(matches!(sqlite(damaged), StoreError::Damaged(_)));
        }
    }

    #[pollster::test]
    async fn a_full_database_keeps_what_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path()).unwrap();
        let pages = |most: u32| {
            let database = &store.connection;
            let set = database.pragma_update_and_check(None, "max_page_count", most, |_| Ok(()));
            set.unwrap();
        };
        let record = |time| NewRecord {
            position: Position {
                time: Millis(time),
                id: RecordId([7; 32]),
            },
            bytes: vec![1; 1000],
            author: Author([2; 32]),
            recalls: None,
            mark: Mark::Unsent,
            kept: false,
        };
        let append = async |time| {
            let channel = ChannelId([1; 32]);
            store.append(channel, &record(time)).await
        };
        pages(60);
        let mut kept = 0;
        while append(kept).await == Ok(true) {
            kept += 1;
        }
        assert!(kept > 10);
        assert_eq!(append(kept).await, Err(StoreError::Full));
        let page = store.page(ChannelId([1; 32]), None, 1000).await.unwrap();
        assert_eq!(page.len() as u64, kept);
        pages(u32::MAX);
        assert_eq!(append(kept).await, Ok(true));
    }

    #[test]
    #[cfg(unix)]
    fn a_full_file_system_and_a_used_up_quota_are_full() {
        const EIO: i32 = 5;
        const ENOSPC: i32 = 28;
        const EDQUOT: i32 = if cfg!(target_os = "linux") { 122 } else { 69 };
        let error = |code| io_error(Path::new("a"))(io::Error::from_raw_os_error(code));
        assert_eq!(error(ENOSPC), StoreError::Full);
        assert_eq!(error(EDQUOT), StoreError::Full);
        assert!(matches!(error(EIO), StoreError::Unavailable(text) if text.starts_with("a: ")));
    }
}
