//! Music: what is said about tracks, and what a member wants of them.
//!
//! [`encoding`] reads texts that do not say how they are written, and [`text`] makes them fit to be shown.

pub mod encoding;
pub mod text;
