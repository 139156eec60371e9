//! `catnest-host daemon`: a device that stays in its nests when every browser is closed.
//!
//! ```text
//! extension ⇄ relay (started by the browser) ⇄ ┐
//!                                              ├ socket ⇄ session ⇄ house (the device) ⇄ nests
//! status, join, … on a terminal              ⇄ ┘
//! ```
//!
//! `place` is where it keeps things and listens, `house` the device, `session` one program that speaks to it, `answers`
//! what it says, `board` where programs meet the device and each other, `start` how others bring it up. What is said is in [`catnest::host`].

mod answers;
mod args;
mod board;
mod house;
pub(crate) mod place;
mod session;
pub(crate) mod start;

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use catnest::{host::Parting, limits};
use catnest_host::peer::engine::Ended;
use tokio::{task::JoinSet, time::timeout};

pub(crate) use self::{args::DaemonArgs, place::PlaceError};
use self::{house::House, place::Place};
use crate::{
    local::{ListenError, Listener},
    signals::Signals,
};

/// What the line begins with that says where a daemon listens.
pub(crate) const LISTENING: &str = "listening on ";
/// Between two attempts to accept while the system has no room for another socket.
const NO_ROOM: Duration = Duration::from_secs(1);

/// How long programs may take to hear that it is over.
const PARTING: Duration = Duration::from_secs(2);

/// Why the daemon does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DaemonError {
    /// The folder.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The socket.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The device did not start.
    #[error(transparent)]
    Refused(#[from] house::Refused),
    /// The device broke down; the log says why.
    #[error(transparent)]
    Ended(#[from] Ended),
    /// The system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    Entropy(#[from] getrandom::Error),
    /// The system gives no thread.
    #[error("no thread for the store")]
    Thread(#[source] io::Error),
    /// The system tells of no signals.
    #[error("cannot wait for signals")]
    Signals(#[source] io::Error),
}

/// Runs until a signal comes, or somebody asks it to stop.
pub(crate) async fn run(args: DaemonArgs) -> Result<ExitCode, DaemonError> {
    // Before anybody can know of us, so that no signal meets the default handler.
    let mut signals = Signals::new().map_err(DaemonError::Signals)?;
    let place = Place::of(args.data.as_deref())?;
    place.make()?;
    let starting = if args.detached {
        leave_session();
        None
    } else {
        Some(place.starting().await?)
    };
    let house = House::start(&place.folder, args.name, args.quota).await?;
    // The store's lock is ours: whatever is in the socket's place is nobody's any more.
    let listener = Listener::bind(&place.socket)?;
    announce(&place.socket);
    drop(starting);
    tracing::info!(pid = std::process::id(), "the daemon runs");

    let house = Arc::new(house);
    let mut sessions = JoinSet::new();
    let ended = tokio::select! {
        signal = signals.next() => {
            tracing::info!(signal, "stopping");
            Ok(())
        }
        () = house.stopped() => {
            tracing::info!("stopping, as a program asked");
            Ok(())
        }
        ended = house.follow() => Err(ended),
        never = admit(&house, &listener, &mut sessions) => match never {},
    };
    // Nobody new comes, and those who are here hear that it is over.
    drop(listener);
    house.stop();
    let gone = async { while sessions.join_next().await.is_some() {} };
    if timeout(PARTING, gone).await.is_err() {
        sessions.shutdown().await;
    }
    if let Some(house) = Arc::into_inner(house) {
        house.end().await;
    }
    tracing::info!("stopped");
    ended?;
    Ok(ExitCode::SUCCESS)
}

/// Lets programs in.
async fn admit(
    house: &Arc<House>,
    listener: &Listener,
    sessions: &mut JoinSet<session::Ending>,
) -> std::convert::Infallible {
    loop {
        tokio::select! {
            Some(ended) = sessions.join_next() => match ended {
                Ok(ending) => tracing::debug!("a program went: {ending}"),
                Err(error) => tracing::error!("a session broke down: {error}"),
            },
            accepted = listener.accept() => match accepted {
                Ok(stream) if sessions.len() < limits::MAX_HOST_CLIENTS => {
                    sessions.spawn(session::serve(house.clone(), stream));
                }
                Ok(stream) => session::refuse(stream, Parting::Busy).await,
                Err(error) => {
                    tracing::warn!("no program can come: {error}");
                    tokio::time::sleep(NO_ROOM).await;
                }
            },
        }
    }
}

/// Says where it listens, to whoever started it.
fn announce(socket: &Path) {
    let mut out = io::stdout().lock();
    // Who does not listen does not need to know.
    let _heard = writeln!(out, "{LISTENING}{}", socket.display()).and_then(|()| out.flush());
}

/// What ends the session of who started the daemon does not end the daemon: the terminal's signals, or the browser's.
fn leave_session() {
    #[cfg(unix)]
    if let Err(error) = rustix::process::setsid() {
        tracing::warn!("the daemon stays in its session: {error}");
    }
}
