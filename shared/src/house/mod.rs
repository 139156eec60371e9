//! Moving house: what a member takes along to another device.
//!
//! [`channel_file`] is a channel's log as JSON Lines, which other programs may read, too; [`identity_file`] is who the
//! member is, and in which channels, under a passphrase. `docs/moving-house.md` has both as schemas.

pub mod channel_file;
pub mod identity_file;
mod reader;

use serde::Serialize;

/// The JSON of a value, in one line.
fn to_json(value: &impl Serialize) -> String {
    #[expect(
        clippy::unwrap_used,
        reason = "texts, numbers and lists of them are JSON"
    )]
    serde_json::to_string(value).unwrap()
}
