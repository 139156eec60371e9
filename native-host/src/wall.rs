//! The machine's clock, for what is told to people and to other programs. It may be wrong, and may be set back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use catnest::time::Millis;

/// What the machine takes for the time since 1970. Before that, it is 1970.
pub fn since_1970() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// The same, as the core counts it.
pub fn now() -> Millis {
    // Fits for 584 million years.
    Millis(since_1970().as_millis() as u64)
}
