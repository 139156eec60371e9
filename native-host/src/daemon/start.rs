//! How programs that need the daemon bring it up.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{ChildStdout, Command},
    time::timeout,
};

use super::{
    LISTENING,
    place::{Place, PlaceError},
};
use crate::local::{ConnectError, Stream, connect};

/// How long a daemon may take to listen: a large database may have to be brought up to date.
const STARTING: Duration = Duration::from_secs(60);
/// How long one that ends may take to let go of its store.
const ENDING: Duration = Duration::from_secs(10);
/// What is read of a log to find out why a daemon ended.
const LAST_WORDS: u64 = 4096;

/// Why there is no daemon.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// One may run, and is not reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// There is no place for one.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The program cannot be started.
    #[error("the daemon cannot be started")]
    Spawn(#[source] io::Error),
    /// It ended at once.
    #[error("the daemon ended: {0}")]
    Ended(String),
    /// It does nothing.
    #[error("the daemon does not listen after {} s", STARTING.as_secs())]
    Slow,
}

/// Reaches the daemon of a place, and starts it if there is none. It stays when who started it goes.
pub(crate) async fn reach(place: &Place) -> Result<Stream, StartError> {
    match connect(&place.socket).await {
        Err(ConnectError::NotRunning(_)) => {}
        reached => return Ok(reached?),
    }
    place.make()?;
    let _starting = place.starting().await?;
    // Somebody else may have started it meanwhile.
    match connect(&place.socket).await {
        Err(ConnectError::NotRunning(_)) => {}
        reached => return Ok(reached?),
    }
    // One that ends has let go of its socket first, and of its store last. If it takes longer, that shows below.
    let _free = timeout(ENDING, place.free()).await;
    start(place).await?;
    Ok(connect(&place.socket).await?)
}

/// Starts a daemon, and waits until it listens.
async fn start(place: &Place) -> Result<(), StartError> {
    let (log, before) = place.log()?;
    let mut command = Command::new(std::env::current_exe().map_err(StartError::Spawn)?);
    command
        .args(["daemon", "--detached", "--data"])
        .arg(&place.folder)
        // Whose directory we are in may want to remove it.
        .current_dir(&place.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log);
    #[cfg(windows)]
    command.creation_flags(DETACHED_PROCESS | CREATE_BREAKAWAY_FROM_JOB);
    let mut child = command.spawn().map_err(StartError::Spawn)?;
    let Some(stdout) = child.stdout.take() else {
        return Err(StartError::Spawn(io::ErrorKind::BrokenPipe.into()));
    };
    match timeout(STARTING, listens(stdout)).await {
        Ok(true) => Ok(()),
        Ok(false) => {
            let status = child.wait().await.map_err(StartError::Spawn)?;
            let said = last_words(place, before).unwrap_or_default();
            Err(StartError::Ended(match said.lines().last() {
                Some(line) => line.trim_start_matches("catnest-host: ").to_owned(),
                None => status.to_string(),
            }))
        }
        Err(_) => Err(StartError::Slow),
    }
}

/// Waits until it says so, or says no more.
async fn listens(stdout: ChildStdout) -> bool {
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.starts_with(LISTENING) {
            return true;
        }
    }
    false
}

/// What a daemon has logged, or the end of it.
fn last_words(place: &Place, before: u64) -> io::Result<String> {
    let mut log = File::open(place.log_path())?;
    let length = log.metadata()?.len();
    log.seek(SeekFrom::Start(
        before.max(length.saturating_sub(LAST_WORDS)),
    ))?;
    let mut bytes = Vec::new();
    log.take(LAST_WORDS).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// No console (`CreateProcess`, Process Creation Flags).
#[cfg(windows)]
const DETACHED_PROCESS: u32 = 0x0000_0008;
/// Browsers end what they started with all its children, by a job object.
#[cfg(windows)]
const CREATE_BREAKAWAY_FROM_JOB: u32 = 0x0100_0000;
