//! The core of Catnest: every rule of the nest, without I/O.
//!
//! A nest is a channel of devices that talk to each other directly. This crate holds what such a device has to know
//! and decide; it opens no socket, reads no clock, draws no randomness of its own and touches no storage. A driver (the
//! browser extension's engine, the native host, or the simulator, feature `sim`) owns a [`node::Node`], gives it what happened as an
//! [`node::Input`] together with the time, and carries out what it answers:
//!
//! ```
//! use catnest::{entropy::Entropy, node::{Input, Node, Output}, time::Millis};
//!
//! let mut node = Node::new(Entropy::from_seed([7; 32]));
//! node.handle(Millis(0), Input::Start);
//! while let Some(output) = node.poll() {
//!     match output {
//!         Output::Store { ticket, request } => println!("ask the store: {request:?} as {ticket:?}"),
//!         other => println!("carry out {other:?}"),
//!     }
//! }
//! ```
//!
//! The module [`signal`] also holds the rules of the signalling server, so that the server, the simulator and the tests
//! share them.
#![forbid(unsafe_code)]

pub mod address;
pub mod channel;
pub mod chat;
pub mod entropy;
pub mod fold;
#[cfg(feature = "fuzzing")]
pub mod fuzz;
pub mod host;
pub mod house;
pub mod identity;
mod ids;
pub mod invitation;
pub mod limits;
pub mod link;
pub mod mesh;
pub mod music;
pub mod node;
pub mod people;
pub mod preferences;
pub mod presence;
pub mod profile;
pub mod rate;
pub mod resource;
pub mod secret;
pub mod seeding;
pub mod signal;
mod signed;
#[cfg(feature = "sim")]
pub mod sim;
pub mod store;
pub mod swarm;
pub mod sync;
pub mod time;
#[cfg(feature = "turn")]
pub mod turn;
pub mod wire;
