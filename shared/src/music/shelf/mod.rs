//! Lists of music: how they are asked for and answered one to one, and what they are together (M2, M7, M10, M11).
//!
//! A shelf is one device's list in one nest. Its owner keeps it ([`OwnShelf`]) and counts its changes: a version is a
//! number of that counter and means something within one session only. Nothing of it is broadcast. A neighbour asks
//! ([`message::Ask`]) and says how far it knows the list; it gets the next part ([`message::Part`]), in the order of change,
//! and asks again until there is no more. So it knows each track once, and what changes meanwhile comes after what it knows.
//! From then on it is told, once, that there is something new ([`message::News`]), and asks.
//!
//! | machine | what it is |
//! |---|---|
//! | [`OwnShelf`] | this device's list |
//! | [`Lending`] | which neighbours ask for it, and what they are owed |
//! | [`OtherShelf`] | one neighbour's list, as far as it was told |
//! | [`Library`] | all of them together: a row for each track |
//!
//! # What a node does with them
//! When a link is up, and again when it was rerouted, it sends what [`OtherShelf::begin`] gives. A part goes to
//! [`OtherShelf::part`], and what comes of it to [`Library::told`] and, as the next question, back to the neighbour. Questions
//! of neighbours go to [`Lending::asked`], with [`Lending::wake`] at [`Lending::deadline`]; after each change of the own list
//! [`Lending::changed`] says who hears of it, and [`Library::own_changed`] which rows are others.

mod lending;
mod library;
pub mod message;
mod other;
mod own;

pub use self::{
    lending::Lending,
    library::{Delta, Holder, Library, Row},
    other::{Applied, OtherShelf, ShelfError},
    own::{Growth, OwnShelf, ShelfFull},
};
