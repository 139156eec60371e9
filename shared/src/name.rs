//! Members' names.

use crate::limits;

/// Whether a text can be a member's name: something to read, and not too much of it.
pub fn is_name(name: &str) -> bool {
    !name.trim().is_empty()
        && name.len() <= limits::MAX_NAME_BYTES
        && !name.chars().any(char::is_control)
}
