//! A native device of the nest: a driver that lets the core act on this machine.
//!
//! It is the sibling of the extension's engine, and its files have the same names where they do the same job:
//! `signalling` drives WebSockets, `connection` and `channel` peer connections, `store` the thread that the store has to
//! itself, `network` the machine's addresses, `clock` the time, `runtime` what the library of peer connections runs on. [`engine`] is the loop between them and the core's node,
//! `feed` the way to it; `host` is the way between it and the daemon that programs of a machine meet at.

mod channel;
mod clock;
mod connection;
pub mod engine;
mod feed;
mod flight;
pub mod host;
mod network;
mod runtime;
mod signalling;
mod stats;
mod store;
