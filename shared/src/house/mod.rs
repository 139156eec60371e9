//! Moving house: what a member takes along to another device.
//!
//! [`channel_file`] is a channel's log as JSON Lines, which other programs may read, too; [`identity_file`] is who the
//! member is, and in which channels, under a passphrase. `docs/moving-house.md` has both as schemas.

pub mod channel_file;
pub mod identity_file;
mod reader;
