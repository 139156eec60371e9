//! Music: what is played, in which order, by which rules, and together with whom.
//!
//! | machine | what it decides | what moves it |
//! |---|---|---|
//! | [`queue::Queue`] | which entry comes next | a person, and tracks that end |
//! | [`player::Player`] | what the driver's `<audio>` element has to do | a person, and what the element reports |
//! | [`together::Together`] | where in a track all listeners are | the leader's beats |
//!
//! None of them knows of downloads (M16): the element waits when bytes are missing, and says so.

pub mod player;
pub mod queue;
mod tempo;
pub mod together;

pub use self::tempo::{Speed, TrackTime};
