//! Music: what a list says of a track, and what a file says of itself.

pub mod tags;
pub mod text;
pub mod track;
