//! Waiting for conditions, never for time.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long something may take on a slow machine before it counts as not happening.
pub const PATIENCE: Duration = Duration::from_secs(45);

/// Between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Looks until `look` gives something. An error of a look counts as nothing, and is shown when time is up.
///
/// # Errors
/// When [`PATIENCE`] is over.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let seen = look().await;
        match seen {
            Ok(Some(seen)) => return Ok(seen),
            Ok(None) if Instant::now() > deadline => bail!("waited in vain for: {what}"),
            Err(error) if Instant::now() > deadline => {
                bail!("waited in vain for: {what}: {error:#}")
            }
            _ => tokio::time::sleep(LOOK_AGAIN).await,
        }
    }
}
