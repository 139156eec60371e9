//! Music: what is said about tracks, what a member wants of them, and what is played in which order and with whom.
//!
//! [`track`] is what a list says of a track, and [`tags`] reads it out of the file. [`encoding`] reads texts that do not say
//! how they are written, and [`text`] makes them fit to be shown; [`lyrics`] are the words of a track and their times;
//! [`ban`] is what is neither played nor shown; [`shelf`] is who has what, and all of it as one list.
//!
//! | machine | what it decides | what moves it |
//! |---|---|---|
//! | [`queue::Queue`] | which entry comes next | a person, and tracks that end |
//! | [`shelf::OwnShelf`], [`shelf::OtherShelf`] | what of a list is told, and asked | what comes into lists, and neighbours |
//! | [`player::Player`] | what the driver's `<audio>` element has to do | a person, and what the element reports |
//! | [`together::Together`] | where in a track all listeners are | the leader's beats |
//!
//! None of them knows of downloads (M16): the element waits when bytes are missing, and says so.

pub mod ban;
pub mod encoding;
pub mod folder;
pub mod lyrics;
pub mod player;
pub mod queue;
pub mod shelf;
pub mod tags;
mod tempo;
pub mod text;
pub mod together;
pub mod track;

pub use self::tempo::{Speed, TrackTime};
