//! What IndexedDB's errors mean to the core.

use catnest::store::StoreError;
use indexed_db_futures::error::{DomException, Error, OpenDbError};

/// An error of a request or transaction.
pub(super) fn store_error(error: Error) -> StoreError {
    match error {
        // The library knows no variant for it; the browser's name for it is fixed by WebIDL.
        Error::DomException(DomException::Other(error)) if error.name() == "QuotaExceededError" => {
            StoreError::Full
        }
        // A large value is a file of its own in Chromium, and that is gone or not what it was, as after a loss of power.
        // Older versions called it by the other name.
        Error::DomException(DomException::Other(error)) if error.name() == "NotReadableError" => {
            StoreError::Damaged(error.message())
        }
        Error::DomException(DomException::DataError(error)) => StoreError::Damaged(error.message()),
        other => StoreError::Unavailable(other.to_string()),
    }
}

/// An error of opening a database.
pub(super) fn open_error(error: &OpenDbError) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
