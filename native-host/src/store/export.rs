//! A complete resource is handed out: its bytes appear under a name that the user wants, at once or not at all.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use catnest::{
    resource::{Have, ResourceId},
    store::StoreError,
};

use super::{
    SqliteStore,
    error::io_error,
    files::{private, remove_if_there, sync_folder},
    links::Source,
    resources::save_have,
    transaction::Mode,
};

/// Why a resource was not handed out.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store does not know it.
    #[error("there is no such file here")]
    Unknown,
    /// Not all of it is there.
    #[error("the file is not complete: {have} of {pieces} pieces are there")]
    Incomplete {
        /// Pieces that are there.
        have: u32,
        /// All of them.
        pieces: u32,
    },
    /// There is something of that name, which is kept.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// It cannot be put there.
    #[error("{} cannot be written", .path.display())]
    Target {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The shared file changed while it was copied.
    #[error("{} changed while it was copied", .0.display())]
    Changed(PathBuf),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SqliteStore {
    /// Puts the bytes of a complete resource at `target`, for the user alone. What is there already is replaced only
    /// with `force`. The store goes on to have the resource.
    ///
    /// Within a file system it is the same file under a second name, and takes no room. Should the user change it
    /// there, the store has none of it any more.
    ///
    /// # Errors
    /// When it is not complete or cannot be put there; nothing is changed there then.
    pub fn export(&self, id: ResourceId, target: &Path, force: bool) -> Result<(), ExportError> {
        let row = self.find_row(&self.begin(Mode::Read)?, id)?;
        let row = row.ok_or(ExportError::Unknown)?;
        let have = row.available();
        if !have.is_complete() {
            return Err(ExportError::Incomplete {
                have: have.count(),
                pieces: have.pieces(),
            });
        }
        let failed = |source| ExportError::Target {
            path: target.to_owned(),
            source,
        };
        if !force && fs::symlink_metadata(target).is_ok() {
            return Err(ExportError::Exists(target.to_owned()));
        }
        let whole = self.files.whole(id);
        let shared = row.link.is_some();
        let outside = row.link.filter(|source| source.path() != whole);
        let temporary = Temporary::beside(target, id).map_err(failed)?;
        if let Some(source) = outside {
            copy(source.path(), &temporary.0).map_err(failed)?;
            if !source.is_unchanged() {
                return Err(ExportError::Changed(source.path().to_owned()));
            }
        } else {
            // It has its name, unless renaming it failed once.
            self.files.finish(id).map_err(io_error(&whole))?;
            if fs::hard_link(&whole, &temporary.0).is_ok() {
                // The time that it had when it was shared first is the one that counts.
                if !shared {
                    self.share(id, &Source::of(&whole).map_err(failed)?)?;
                }
            } else {
                copy(&whole, &temporary.0).map_err(failed)?;
            }
        }
        temporary.publish(target, force).map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists && !force {
                ExportError::Exists(target.to_owned())
            } else {
                failed(error)
            }
        })
    }

    /// The store's own file is going to have a second name: from now on it is only read, and while it does not change.
    fn share(&self, id: ResourceId, source: &Source) -> Result<(), StoreError> {
        let none = Have::none(source.length());
        let transaction = self.begin(Mode::Write)?;
        save_have(&transaction, id, &none)?;
        transaction.execute(
            "INSERT OR REPLACE INTO links (resource, path, modified) VALUES (?1, NULL, ?2)",
            (id.0, source.modified()),
        )?;
        transaction.commit()?;
        // It was opened to be written.
        self.files.close(id);
        Ok(())
    }
}

/// Copies a file to a new one, until it is on the disk. Where the file system can, the two share their blocks.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut to = private().create_new(true).open(to)?;
    io::copy(&mut File::open(from)?, &mut to)?;
    to.sync_all()
}

/// A name in the target's folder, where the bytes are before they have the target's. Whatever has it is removed in the
/// end.
struct Temporary(PathBuf);

impl Temporary {
    fn beside(target: &Path, id: ResourceId) -> io::Result<Self> {
        if target.file_name().is_none() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it has no name of a file",
            ));
        }
        let name = format!(".catnest-{:.16}-{}", id.to_string(), std::process::id());
        let temporary = Self(target.with_file_name(name));
        // A process with this number may have been killed here.
        remove_if_there(&temporary.0)?;
        Ok(temporary)
    }

    /// Gives the bytes the target's name.
    fn publish(self, target: &Path, force: bool) -> io::Result<()> {
        if force {
            fs::rename(&self.0, target)?;
        } else if let Err(error) = fs::hard_link(&self.0, target) {
            if error.kind() == io::ErrorKind::AlreadyExists {
                return Err(error);
            }
            // There are no hard links here. A new file of that name is ours to replace.
            private().create_new(true).open(target)?;
            fs::rename(&self.0, target).inspect_err(|_| {
                let _removed = fs::remove_file(target);
            })?;
        }
        let folder = target.parent().filter(|folder| *folder != Path::new(""));
        sync_folder(folder.unwrap_or(Path::new(".")))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // A rename to another name of the same file leaves this one.
        let _removed = remove_if_there(&self.0);
    }
}
