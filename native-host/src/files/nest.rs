//! A device in one nest, for as long as a command runs.

use std::{collections::BTreeSet, path::Path};

use catnest::{
    address::Address,
    channel::{ChannelId, ChannelKey},
    chat::retention::Retention,
    node::{ChannelView, Command, Event, Overview, ServerState},
};
use catnest_host::{peer::engine::Engine, store::SqliteStore};
use tokio::sync::broadcast::{self, error::RecvError};

use super::{FilesError, report::Report};
use crate::entropy;

/// The device and where it is.
pub(super) struct Nest {
    pub(super) engine: Engine,
    pub(super) channel: ChannelId,
    events: broadcast::Receiver<Event>,
    /// The servers that are not reached.
    unreached: BTreeSet<String>,
}

impl Nest {
    /// Starts a device with the store in a directory, and joins.
    pub(super) async fn join(
        folder: &Path,
        name: String,
        address: &Address,
    ) -> Result<Self, FilesError> {
        let entropy = entropy::from_system()
            .map_err(|error| FilesError::Machine("no random numbers", error.into()))?;
        let folder = folder.to_owned();
        let engine = Engine::start(entropy, move || SqliteStore::open(&folder))
            .map_err(|error| FilesError::Machine("no thread for the store", error))?;
        let nest = Self {
            events: engine.events(),
            engine,
            channel: ChannelKey::of(address).id(),
            unreached: BTreeSet::new(),
        };
        nest.order(Command::SetName { name }).await?;
        let address = address.to_channel().to_string();
        let retention = Retention::Forever;
        nest.order(Command::Join { address, retention }).await?;
        Ok(nest)
    }

    /// Has a command carried out.
    pub(super) async fn order(&self, command: Command) -> Result<Event, FilesError> {
        match self.engine.command(command).await? {
            Event::Refused { problem, .. } => Err(FilesError::Refused(problem)),
            reply => Ok(reply),
        }
    }

    /// The nest as an overview has it.
    pub(super) fn view<'a>(&self, overview: &'a Overview) -> Option<&'a ChannelView> {
        let mut channels = overview.channels.iter();
        channels.find(|view| view.id == self.channel)
    }

    /// Tells which servers are reached no more, or again.
    fn hear_servers(&mut self, overview: &Overview, report: &Report) {
        let servers = self.view(overview).map(|view| &view.servers);
        for server in servers.into_iter().flatten() {
            let news = match server.state {
                ServerState::Offline => self.unreached.insert(server.authority.clone()),
                ServerState::Online => self.unreached.remove(&server.authority),
                ServerState::Connecting => false,
            };
            if news {
                report.server(&server.authority, server.state == ServerState::Online);
            }
        }
    }

    /// What happens next. What was missed for being slow is told again by those events that come. Whether servers are
    /// reached is told to `report`.
    pub(super) async fn next(&mut self, report: &Report) -> Result<Event, FilesError> {
        loop {
            match self.events.recv().await {
                Ok(event) => {
                    if let Event::Overview(overview) = &event {
                        self.hear_servers(overview, report);
                    }
                    return Ok(event);
                }
                Err(RecvError::Lagged(missed)) => tracing::debug!("missed {missed} events"),
                Err(RecvError::Closed) => return Err(catnest_host::peer::engine::Ended.into()),
            }
        }
    }
}
