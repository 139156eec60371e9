//! Why links end.

use crate::limits;

/// Why a link ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DownReason {
    /// We ended it.
    #[error("closed here")]
    ClosedHere,
    /// The other end closed it.
    #[error("closed by the other end")]
    ClosedThere,
    /// It did not come up in time.
    #[error("not up in time")]
    Timeout,
    /// The path was lost and not found again.
    #[error("the path was lost")]
    PathLost,
    /// The other end takes nothing any more.
    #[error("nothing was read within {} s", limits::STALLED.as_secs())]
    Stalled,
    /// The other end has no room.
    #[error("declined by the other end")]
    Declined,
    /// The driver could not set a description.
    #[error("negotiation failed: {0}")]
    Negotiation(String),
    /// The other end broke the rules.
    #[error("the other end broke the rules: {0}")]
    Misbehaved(String),
}
