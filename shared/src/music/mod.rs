//! Music: what is said about tracks, and what a member wants of them.
//!
//! [`track`] is what a list says of a track, and [`tags`] reads it out of the file. [`encoding`] reads texts that do not say
//! how they are written, and [`text`] makes them fit to be shown; [`lyrics`] are the words of a track and their times;
//! [`ban`] is what is neither played nor shown.

pub mod ban;
pub mod encoding;
pub mod lyrics;
pub mod tags;
pub mod text;
pub mod track;
