//! The daemon's device of the nest: what it is asked, and what changes.

use std::{io::ErrorKind, path::Path, sync::Arc};

use catnest::{
    channel::ChannelId,
    entropy::Entropy,
    host::Topic,
    limits,
    node::{ChannelView, Command, Contact, Event, Overview, Problem},
    seeding,
    time::Millis,
};
use catnest_host::{
    peer::engine::{Ended, Engine},
    store::{SqliteStore, free, taken},
    wall,
};
use tokio::sync::{broadcast::error::RecvError, watch};

use super::{DaemonError, board::Board};
use crate::{entropy, words::size};

/// How often something changed since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Changes {
    channels: u64,
    resources: u64,
}

impl Changes {
    /// Of one kind.
    pub(super) fn of(&self, topic: Topic) -> u64 {
        match topic {
            Topic::Channels => self.channels,
            Topic::Resources => self.resources,
        }
    }
}

/// The device.
#[derive(Debug)]
pub(super) struct House {
    engine: Engine,
    changes: watch::Sender<Changes>,
    stopping: watch::Sender<bool>,
    /// Where programs meet each other, and the device.
    pub(super) board: Arc<Board>,
    /// Where it keeps what it keeps.
    pub(super) folder: String,
    /// When it started.
    pub(super) since: Millis,
    /// How many bytes its resources may have.
    pub(super) quota: u64,
}

impl House {
    /// Starts the device with the store in a folder.
    ///
    /// # Errors
    /// When the store cannot be used: in particular, when another daemon uses it.
    pub(super) async fn start(
        folder: &Path,
        name: Option<String>,
        quota: Option<u64>,
    ) -> Result<Self, DaemonError> {
        let path = folder.to_owned();
        // What it takes is looked at before the store grows by being opened.
        let found = quota.is_none().then(|| free(folder));
        let quota = quota.unwrap_or_else(|| quota_of(folder, found.flatten()));
        let mut entropy = entropy::from_system()?;
        let board = Board::new(Entropy::from_seed(entropy.bytes()));
        let open = move || {
            let store = SqliteStore::open(&path);
            store.map(|store| store.leaving_free(limits::FREE_DISK_BYTES))
        };
        let engine =
            Engine::start_with(entropy, open, Some(board.host())).map_err(DaemonError::Thread)?;
        let house = Self {
            board,
            engine,
            changes: watch::Sender::default(),
            stopping: watch::Sender::default(),
            folder: folder.display().to_string(),
            since: wall::now(),
            quota,
        };
        let bytes = Some(quota);
        house.order(Command::SetQuota { bytes }).await?;
        // The first question also tells whether the store could be opened.
        let has = house.overview().await?.name;
        if let Some(free) = found {
            tell_quota(quota, free);
        }
        let name = match name {
            None if has.is_empty() => Some(crate::home::NAME.to_owned()),
            told => told,
        };
        if let Some(name) = name.filter(|name| *name != has) {
            house.order(Command::SetName { name }).await?;
        }
        Ok(house)
    }

    /// Has a command carried out.
    pub(super) async fn order(&self, command: Command) -> Result<Event, Refused> {
        match self.engine.command(command).await? {
            Event::Refused { problem, .. } => Err(Refused::Problem(problem)),
            reply => Ok(reply),
        }
    }

    /// How things are, with all in it that was carried out before.
    pub(super) async fn overview(&self) -> Result<Overview, Refused> {
        let mut events = self.engine.events();
        self.order(Command::Overview).await?;
        // It follows the reply; one that comes before is of the same time.
        loop {
            match events.recv().await {
                Ok(Event::Overview(overview)) => return Ok(overview),
                Ok(_) => {}
                // It may have been among those.
                Err(RecvError::Lagged(_)) => {
                    self.order(Command::Overview).await?;
                }
                Err(RecvError::Closed) => return Err(Ended.into()),
            }
        }
    }

    /// How many bytes are free where its folder is, if the system tells.
    pub(super) async fn free(&self) -> Option<u64> {
        let folder = self.folder.clone();
        // A disk that sleeps takes seconds to answer.
        let free = tokio::task::spawn_blocking(move || free(Path::new(&folder)));
        free.await.ok().flatten()
    }

    /// How often something has changed by now.
    pub(super) fn changes(&self) -> Changes {
        *self.changes.borrow()
    }

    /// Tells when something changes.
    pub(super) fn watch(&self) -> watch::Receiver<Changes> {
        self.changes.subscribe()
    }

    /// Counts what changes, for as long as the device lives.
    pub(super) async fn follow(&self) -> Ended {
        let mut events = self.engine.events();
        let mut last = None;
        loop {
            match events.recv().await {
                // It also comes when somebody asks.
                Ok(Event::Overview(overview)) => {
                    let overview = Some(overview);
                    if overview != last {
                        last = overview;
                        self.changes.send_modify(|changes| changes.channels += 1);
                        for channel in last.iter().flat_map(unmeasured) {
                            // One that was left meanwhile has nothing to be measured.
                            let _measured = self.order(Command::Measure { channel }).await;
                        }
                    }
                }
                Ok(Event::Transfer(_) | Event::TransferGone { .. }) => {
                    self.changes.send_modify(|changes| changes.resources += 1);
                }
                Ok(Event::Trouble(problem)) => {
                    tracing::error!("{}", crate::words::problem(&problem));
                }
                // What is said is nobody's business here.
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => {
                    tracing::debug!("missed {missed} events");
                    self.changes.send_modify(|changes| {
                        changes.channels += 1;
                        changes.resources += 1;
                    });
                }
                Err(RecvError::Closed) => return Ended,
            }
        }
    }

    /// Has the daemon stop.
    pub(super) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Waits until somebody has it stop.
    pub(super) async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        // The sender lives as long as we do.
        let _seen = stopping.wait_for(|stopping| *stopping).await;
    }

    /// Closes everything, and returns when all is stored.
    pub(super) async fn end(self) {
        self.engine.stop().await;
    }
}

/// How many bytes resources in a folder may have if nobody says so, with so many free on its disk.
fn quota_of(folder: &Path, free: Option<u64>) -> u64 {
    match taken(folder) {
        Ok(taken) => seeding::default_quota(free, taken),
        // Before the first start there is nothing.
        Err(error) if error.kind() == ErrorKind::NotFound => seeding::default_quota(free, 0),
        // There may be much: a small quota would have it leave.
        Err(_) => limits::DEFAULT_QUOTA_BYTES,
    }
}

/// Says how much room there is for files, where nobody else did.
fn tell_quota(quota: u64, free: Option<u64>) {
    if let Some(free) = free.filter(|free| *free < limits::FREE_DISK_BYTES) {
        let least = size(limits::FREE_DISK_BYTES);
        tracing::warn!(
            "the disk has {} left, and {least} stay free: no more files are kept",
            size(free)
        );
    }
    tracing::info!(
        "there is room for {} of files, as no quota is configured",
        size(quota)
    );
}

/// Why the device did not do something.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// It said why.
    #[error("{}", crate::words::problem(.0))]
    Problem(Problem),
    /// It is no more.
    #[error(transparent)]
    Ended(#[from] Ended),
}

/// The channels with links of which it is not known which way they take: whoever asks is to hear it.
fn unmeasured(overview: &Overview) -> impl Iterator<Item = ChannelId> {
    let unknown = |channel: &&ChannelView| {
        let mut members = channel.members.iter();
        members.any(|member| member.contact == Contact::Link { path: None })
    };
    overview
        .channels
        .iter()
        .filter(unknown)
        .map(|channel| channel.id)
}
