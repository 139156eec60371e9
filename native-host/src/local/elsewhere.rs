//! Where there are no sockets in the file system, there is no daemon yet.

use std::{io, path::Path};

use super::{ConnectError, ListenError};

/// What stands for a way to the daemon; there is none.
pub(crate) type Stream = tokio::io::DuplexStream;

/// There is none.
#[derive(Debug)]
pub(crate) struct Listener(std::convert::Infallible);

impl Listener {
    /// Says that there is none.
    pub(crate) fn bind(path: &Path) -> Result<Self, ListenError> {
        Err(ListenError::System {
            path: path.to_owned(),
            source: io::ErrorKind::Unsupported.into(),
        })
    }

    /// Cannot be called.
    pub(crate) async fn accept(&self) -> io::Result<Stream> {
        match self.0 {}
    }
}

/// Says that nobody listens.
pub(crate) async fn connect(path: &Path) -> Result<Stream, ConnectError> {
    Err(ConnectError::System {
        path: path.to_owned(),
        source: io::ErrorKind::Unsupported.into(),
    })
}
