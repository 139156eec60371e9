//! Resources whose bytes are not copied: they stay in the file that was shared, as long as that does not change.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use catnest::{
    resource::{Have, Outline, ResourceId},
    store::{ResourceEntry, StoreError},
};

use super::{
    SqliteStore,
    resources::{delete_row, ids, save_entry},
    transaction::Mode,
};
#[cfg(not(unix))]
use catnest::store::bytes::damaged;

/// A file as it was at some time: where it is, its length, and when it had been changed last.
///
/// It is looked at before the file is hashed, so that a change meanwhile is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    path: PathBuf,
    length: u64,
    /// Nanoseconds since 1970: as fine as file systems have it.
    modified: i64,
}

impl Source {
    /// Looks at a file.
    ///
    /// # Errors
    /// When it is not there, or is no file.
    pub fn of(path: &Path) -> io::Result<Self> {
        // The host may be started elsewhere the next time.
        let path = fs::canonicalize(path)?;
        let (length, modified) = look(&path)?;
        Ok(Self {
            path,
            length,
            modified,
        })
    }

    /// What a store remembers of one.
    pub(super) fn remembered(path: PathBuf, length: u64, modified: i64) -> Self {
        Self {
            path,
            length,
            modified,
        }
    }

    /// Where it is, from the root.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its length in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn modified(&self) -> i64 {
        self.modified
    }

    /// Whether the file is still there, with its length and its time.
    pub fn is_unchanged(&self) -> bool {
        look(&self.path).is_ok_and(|seen| seen == (self.length, self.modified))
    }
}

fn look(path: &Path) -> io::Result<(u64, i64)> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "this is not a file",
        ));
    }
    // Before or after 1970.
    let nanos = |time: Duration| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
    let modified = match metadata.modified()?.duration_since(UNIX_EPOCH) {
        Ok(after) => nanos(after),
        Err(before) => -nanos(before.duration()),
    };
    Ok((metadata.len(), modified))
}

/// A path as it is stored: on Unix paths are bytes, elsewhere those that are no text are refused.
fn encode_path(path: &Path) -> Option<Vec<u8>> {
    #[cfg(unix)]
    return Some(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec());
    #[cfg(not(unix))]
    path.to_str().map(|path| path.as_bytes().to_vec())
}

pub(super) fn decode_path(bytes: Vec<u8>) -> Result<PathBuf, StoreError> {
    #[cfg(unix)]
    return Ok(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes).into());
    #[cfg(not(unix))]
    String::from_utf8(bytes)
        .map(PathBuf::from)
        .map_err(|_| damaged("the path of a file"))
}

impl SqliteStore {
    /// Adds a resource, or replaces its entry, that is all there: in a file of the user's, which is read and never
    /// written. Pieces that the store has of it are removed.
    ///
    /// Once the file is gone or not as it was, the resource has no pieces; the next that are put go to a file of the
    /// store's own, and the link is forgotten.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file has changed, or is not what the entry and the outline say.
    pub fn link_file(
        &self,
        entry: &ResourceEntry,
        outline: &Outline,
        source: &Source,
    ) -> Result<(), StoreError> {
        let id = entry.descriptor.id;
        let length = entry.descriptor.length;
        let refused = |why: &str| {
            let path = source.path.display();
            Err(StoreError::Unavailable(format!("{path} {why}")))
        };
        if source.length != length || outline.length() != length {
            return refused("has another length than is said of it");
        }
        if !source.is_unchanged() {
            return refused("has changed while it was read");
        }
        if self.files.is_inside(&source.path) {
            return refused("is a file of the store itself");
        }
        let Some(path) = encode_path(&source.path) else {
            return refused("has a name that is not Unicode");
        };
        let transaction = self.begin(Mode::Write)?;
        save_entry(&transaction, entry, &Have::none(length))?;
        transaction.execute(
            "INSERT OR REPLACE INTO outlines (resource, bytes) VALUES (?1, ?2)",
            (id.0, outline.bytes()),
        )?;
        transaction.execute(
            "INSERT OR REPLACE INTO links (resource, path, modified) VALUES (?1, ?2, ?3)",
            (id.0, path, source.modified),
        )?;
        transaction.commit()?;
        self.clear_files(id);
        Ok(())
    }

    /// Forgets the linked resources that are not among these. The files themselves are the user's, and stay; so does what
    /// the store has in files of its own.
    ///
    /// # Errors
    /// What the store says.
    pub fn unlink_all_but(&self, keep: &BTreeSet<ResourceId>) -> Result<(), StoreError> {
        let transaction = self.begin(Mode::Write)?;
        for id in ids(&transaction)? {
            let row = self.find_row(&transaction, id)?;
            if row.is_some_and(|row| row.link.is_some()) && !keep.contains(&id) {
                delete_row(&transaction, id)?;
            }
        }
        transaction.commit()
    }
}
