//! How programs of one user on one machine reach the daemon.
//!
//! [`Listener`], [`Stream`] and [`connect`] are all that the rest knows of it. On Unix it is a socket in the file system; a
//! named pipe of Windows would be a sibling of `unix`.

#[cfg(not(unix))]
mod elsewhere;
mod frames;
#[cfg(unix)]
mod unix;

use std::{io, path::PathBuf};

#[cfg(not(unix))]
pub(crate) use self::elsewhere::{Listener, Stream, connect};
pub(crate) use self::frames::{Frames, codec};
#[cfg(unix)]
pub(crate) use self::unix::{Listener, Stream, connect};

/// Why the daemon is not reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    /// Nobody listens there.
    #[error("no daemon runs for {}", .0.display())]
    NotRunning(PathBuf),
    /// Somebody else listens there.
    #[error("{} belongs to another user of this machine (number {user})", .path.display())]
    OtherUser {
        /// The socket.
        path: PathBuf,
        /// Whose it is.
        user: u32,
    },
    /// The system.
    #[error("{}", .path.display())]
    System {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Why there can be no daemon.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    /// What is in the socket's place is something else.
    #[error("{} is in the way: it is no socket", .0.display())]
    InTheWay(PathBuf),
    /// The system.
    #[error("cannot listen on {}", .path.display())]
    System {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
