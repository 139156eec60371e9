//! Keys and values as they are stored, where other stores have them otherwise.

use catnest::store::Mark;

/// The number of a mark; none has none.
pub(super) fn mark_number(mark: Mark) -> Option<u8> {
    match mark {
        Mark::None => None,
        Mark::Unsent => Some(1),
        Mark::Unread => Some(2),
    }
}
