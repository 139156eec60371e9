//! Where a daemon keeps what it keeps, and where it is reached.
//!
//! | in its folder | what it is |
//! |---|---|
//! | `socket` | where it listens while it runs |
//! | `starting` | locked while a daemon is being started: there is one at a time, and who wants one waits |
//! | `daemon.log` | the log of one that was started by a browser; `daemon.log.old` is what was before |
//! | the rest | [`catnest_host::store`] |
//!
//! The socket is in that folder, not with those of the session: a browser, a terminal and a timer have different
//! environments, and have to find the same daemon.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use catnest_host::store::{LOCK, make_folder};

use crate::home::{self, NoHome};

/// How long the path of a socket may be: `sun_path` has 104 bytes on macOS and 108 on Linux, with a zero at the end, and
/// there is a `.new` for a moment.
const MAX_SOCKET_PATH: usize = 99;
/// From this length on, a log begins anew when a daemon is started.
const LOG_BYTES: u64 = 1024 * 1024;

/// Why there is no place for a daemon.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    /// No folder.
    #[error(transparent)]
    NoHome(#[from] NoHome),
    /// A path that no socket can have, and no other place for one.
    #[error(
        "{} is too long for a socket below it, and XDG_RUNTIME_DIR names no shorter place",
        .0.display()
    )]
    TooLong(PathBuf),
    /// The folder.
    #[error("{}", .path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// One daemon's place.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) socket: PathBuf,
}

impl Place {
    /// The place below a folder, or the user's own.
    pub(crate) fn of(folder: Option<&Path>) -> Result<Self, PlaceError> {
        let folder = match folder {
            Some(folder) => folder.to_owned(),
            None => home::data()?.join("daemon"),
        };
        // A daemon has another working directory than who starts it.
        let absolute = std::path::absolute(&folder);
        let folder = absolute.map_err(|source| PlaceError::Folder {
            path: folder,
            source,
        })?;
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let socket = socket(&folder, runtime.as_deref())
            .ok_or_else(|| PlaceError::TooLong(folder.clone()))?;
        Ok(Self { folder, socket })
    }

    /// Makes the folder, for the user alone, unless it is there.
    pub(crate) fn make(&self) -> Result<(), PlaceError> {
        make_folder(&self.folder).map_err(|source| self.failed(source))
    }

    /// Waits until nobody else starts a daemon here. Until the file is dropped, nobody does.
    pub(crate) async fn starting(&self) -> Result<File, PlaceError> {
        let path = self.folder.join("starting");
        let lock = move || {
            let file = append(&path)?;
            file.lock()?;
            Ok(file)
        };
        let locked = tokio::task::spawn_blocking(lock).await;
        let locked = locked.unwrap_or_else(|error| Err(io::Error::other(error)));
        locked.map_err(|source| self.failed(source))
    }

    /// Waits until no daemon uses the folder.
    pub(crate) async fn free(&self) -> Result<(), PlaceError> {
        let path = self.folder.join(LOCK);
        let lock = move || append(&path)?.lock();
        let free = tokio::task::spawn_blocking(lock).await;
        let free = free.unwrap_or_else(|error| Err(io::Error::other(error)));
        free.map_err(|source| self.failed(source))
    }

    /// The log of a daemon that has no terminal, and how long it is now.
    pub(crate) fn log(&self) -> Result<(File, u64), PlaceError> {
        let path = self.log_path();
        let open = || {
            if fs::metadata(&path).is_ok_and(|log| log.len() >= LOG_BYTES) {
                fs::rename(&path, path.with_extension("log.old"))?;
            }
            let file = append(&path)?;
            let length = file.metadata()?.len();
            Ok((file, length))
        };
        open().map_err(|source| self.failed(source))
    }

    pub(crate) fn log_path(&self) -> PathBuf {
        self.folder.join("daemon.log")
    }

    fn failed(&self, source: io::Error) -> PlaceError {
        PlaceError::Folder {
            path: self.folder.clone(),
            source,
        }
    }
}

/// A file for the user alone, with what is in it.
fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Where the daemon of a folder listens: in it, or, if that is too long, with the sockets of the session.
fn socket(folder: &Path, runtime: Option<&Path>) -> Option<PathBuf> {
    let fits = |path: &PathBuf| path.as_os_str().len() <= MAX_SOCKET_PATH;
    let inside = Some(folder.join("socket")).filter(fits);
    inside.or_else(|| {
        let name = blake3::hash(folder.as_os_str().as_encoded_bytes()).to_hex();
        let runtime = runtime.filter(|path| path.is_absolute())?;
        // Sixteen digits: nobody has so many folders that two of them would be alike.
        Some(runtime.join(format!("catnest-{}", &name[..16]))).filter(fits)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_in_its_folder_unless_that_has_a_long_name() {
        let run = Path::new("/run/user/1000");
        let short = Path::new("/users/ann/.local/share/catnest/daemon");
        assert_eq!(socket(short, Some(run)), Some(short.join("socket")));
        assert_eq!(socket(short, None), Some(short.join("socket")));
        let long = Path::new("/users").join("a".repeat(100));
        let other = Path::new("/users").join("b".repeat(100));
        let found = socket(&long, Some(run)).unwrap();
        assert!(found.starts_with(run));
        assert_ne!(socket(&other, Some(run)), Some(found));
        assert_eq!(socket(&long, None), None);
        assert_eq!(socket(&long, Some(Path::new("run"))), None);
        assert_eq!(socket(&long, Some(&long)), None);
    }
}
