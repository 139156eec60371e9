//! A socket in the file system, for one user.

use std::{
    fs, io,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::{Path, PathBuf},
};

use tokio::net::{UnixListener, UnixStream};

use super::{ConnectError, ListenError};

/// A way between a program and the daemon.
pub(crate) type Stream = UnixStream;

/// The daemon's end; the socket goes with it.
#[derive(Debug)]
pub(crate) struct Listener {
    listener: UnixListener,
    path: PathBuf,
}

impl Listener {
    /// Listens on a path. Whoever calls this has the lock of the place that the path belongs to: a socket that is there
    /// already was left by a daemon that is no more.
    pub(crate) fn bind(path: &Path) -> Result<Self, ListenError> {
        match fs::symlink_metadata(path) {
            Ok(metadata) if !metadata.file_type().is_socket() => {
                return Err(ListenError::InTheWay(path.to_owned()));
            }
            Ok(_) => tracing::debug!("there is a socket of a daemon that is no more"),
            // Whatever else is wrong with the place shows below.
            Err(_) => {}
        }
        let failed = |source| ListenError::System {
            path: path.to_owned(),
            source,
        };
        // It gets its name once nobody else can connect, and in one step takes that of the one before.
        let new = path.with_extension("new");
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let listener = UnixListener::bind(&new).map_err(failed)?;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        fs::rename(&new, path).map_err(failed)?;
        Ok(Self {
            listener,
            path: path.to_owned(),
        })
    }

    /// The next program of the same user. Others are let go of unheard.
    pub(crate) async fn accept(&self) -> io::Result<Stream> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            let user = match stream.peer_cred() {
                Ok(peer) => peer.uid(),
                // It has gone already.
                Err(_) => continue,
            };
            if user == own_user() {
                return Ok(stream);
            }
            tracing::warn!(user, "another user of this machine was refused");
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Whoever finds it later finds out that nobody listens, too.
        let _left = fs::remove_file(&self.path);
    }
}

/// Connects to the daemon that listens on a path, if it is of the same user.
pub(crate) async fn connect(path: &Path) -> Result<Stream, ConnectError> {
    let failed = |source| ConnectError::System {
        path: path.to_owned(),
        source,
    };
    let stream = UnixStream::connect(path).await.map_err(|error| {
        match error.kind() {
            // Nothing there, or what a daemon left that is no more.
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                ConnectError::NotRunning(path.to_owned())
            }
            _ => failed(error),
        }
    })?;
    let user = stream.peer_cred().map_err(failed)?.uid();
    if user != own_user() {
        let path = path.to_owned();
        return Err(ConnectError::OtherUser { path, user });
    }
    Ok(stream)
}

fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}
