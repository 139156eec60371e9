//! Reconciling logs: what one device keeps and another one lacks, found with few bytes, and only that sent.
//!
//! Two devices that meet compare which records they keep, one span of the log after the other, the newest first. Either
//! may begin. A span is compared with negentropy (protocol version 1: ranges of (time, id) under fingerprints); what is
//! then known to be missing is fetched, each record by one neighbour at a time.
//!
//! ```text
//! who asks                                     who answers
//!   lists the newest records of the span
//!   Ask ─────────────────────────────────────→ lists its own; if they are too many: Narrow
//!     ←───────────────────────────────────────── Answer
//!   … until the difference is known …
//!   Lacks ───────────────────────────────────→ sends those records, then Served
//!   Offer ───────────────────────────────────→ Fetch, of what it does not get elsewhere
//!   sends those records, then Served ──────────→
//!   the next older span …
//! ```

mod answers;
mod compare;
mod message;
mod neighbour;
mod questions;
mod reconciler;
#[cfg(feature = "conformance")]
pub mod rehearsal;

pub(crate) use self::message::{FIRST_KIND, LAST_KIND};
pub use self::{
    compare::{Answerer, CompareError, Comparison, Difference},
    message::{Message, Part},
    reconciler::{ListKey, NeighbourKey, Reconciler, ReconcilerOutput},
};
