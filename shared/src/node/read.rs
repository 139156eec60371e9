//! A file is read while it comes: what a driver asks for, and what it gets.
//!
//! ```text
//! Input::Read ─→ Opened, once it is sure how long the file is ─→ ReadMore ─→ Bytes ─→ ReadMore ─→ Bytes … ─→ End
//! ```
//!
//! Each [`Input::ReadMore`](super::Input::ReadMore) gives one part, as soon as its first byte is here: a reader that does not
//! ask gets nothing, so that no more waits for it than one part. What is read is fetched before anything else of its file.

use super::Problem;
use crate::resource::Descriptor;

/// The driver's name for one reader of a file. Every reader has a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadKey(pub u64);

/// What a reader gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadPart {
    /// What the file is. Its length is the right one, and it is read from the offset that was asked for.
    Opened(Descriptor),
    /// Bytes that are what they should be: at most [`crate::limits::READ_PART_BYTES`], and at least one.
    Bytes {
        /// Where they stand in the file.
        offset: u64,
        /// What they are.
        bytes: Vec<u8>,
    },
    /// That was all that was asked for. The reader is forgotten.
    End,
    /// There is no more, for this reason. The reader is forgotten.
    Failed(ReadProblem),
}

/// Why a file cannot be read, or not any further.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadProblem {
    /// It is not here, and it was not said where it could be got.
    #[error("nothing is known of the file")]
    Unknown,
    /// It is not that long.
    #[error("the file has {length} bytes")]
    BeyondEnd {
        /// How long it is.
        length: u64,
    },
    /// Others read, and this reader was silent for longest.
    #[error("too much is read at a time")]
    GaveWay,
    /// It was removed, or turned out to be another than it was said to be.
    #[error("the file is gone")]
    Gone,
    /// It cannot be got, or not be read.
    #[error("the file cannot be read: {0:?}")]
    Problem(Problem),
}

impl ReadPart {
    /// Whether nothing comes after it.
    pub fn is_last(&self) -> bool {
        matches!(self, ReadPart::End | ReadPart::Failed(_))
    }
}
