//! The way to the daemon: one request, one answer.

use bytes::Bytes;
use catnest::host::{Answer, FromHost, Request, ToHost};
use futures_util::{SinkExt, StreamExt};
use tokio_util::codec::Framed;

use super::ClientError;
use crate::{
    daemon::place::Place,
    local::{ConnectError, Frames, Stream, codec, connect},
};

/// A daemon that has welcomed us.
pub(crate) struct Daemon {
    frames: Frames<Stream>,
    version: String,
    last: u64,
}

impl Daemon {
    /// Reaches the daemon of a place.
    pub(crate) async fn reach(place: &Place) -> Result<Self, ClientError> {
        let stream = connect(&place.socket).await.map_err(|error| match error {
            ConnectError::NotRunning(_) => {
                ClientError::NoDaemon(place.folder.display().to_string())
            }
            error => ClientError::Connect(error),
        })?;
        let mut daemon = Self {
            frames: Framed::new(stream, codec()),
            version: String::new(),
            last: 0,
        };
        daemon.say(&ToHost::hello("catnest-host")).await?;
        match daemon.hear().await? {
            FromHost::Welcome { version, .. } => {
                daemon.version = version;
                Ok(daemon)
            }
            _ => Err(daemon.other_version()),
        }
    }

    /// Has a request carried out.
    pub(crate) async fn ask(&mut self, request: Request) -> Result<Answer, ClientError> {
        self.last += 1;
        let id = self.last;
        self.say(&ToHost::Ask { id, request }).await?;
        loop {
            match self.hear().await? {
                FromHost::Answer { id: of, answer } if of == id => return Ok(answer),
                FromHost::Refusal { id: of, why } if of == id => {
                    return Err(ClientError::Refused(why));
                }
                // What a later version says beside it.
                _ => {}
            }
        }
    }

    /// The daemon answered something that this version does not expect.
    pub(crate) fn other_version(&self) -> ClientError {
        ClientError::OtherVersion(self.version.clone())
    }

    /// Its version.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    async fn say(&mut self, message: &ToHost) -> Result<(), ClientError> {
        Ok(self.frames.send(Bytes::from(message.write())).await?)
    }

    async fn hear(&mut self) -> Result<FromHost, ClientError> {
        let frame = self.frames.next().await.ok_or(ClientError::Gone)??;
        match FromHost::read(&frame)? {
            FromHost::Goodbye { why } => Err(why.into()),
            message => Ok(message),
        }
    }
}
