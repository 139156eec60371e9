//! Keys and values as they are stored, where other stores have them otherwise.

use catnest::{identity::Author, store::Mark};

/// The number of a mark; none has none.
pub(super) fn mark_number(mark: Mark) -> Option<u8> {
    match mark {
        Mark::None => None,
        Mark::Unsent => Some(1),
        Mark::Unread => Some(2),
    }
}

/// At most so many, as SQLite takes it.
pub(super) fn limit_number(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Whose a list of tracks is: the device's own has no author, which sorts before all of them.
pub(super) fn list_owner(of: Option<&Author>) -> &[u8] {
    of.map_or(&[], |author| &author.0[..])
}
