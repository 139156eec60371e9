//! The rules of the TURN server.

mod clients;
mod credentials;
mod helpers;
mod members;
mod messages;
mod peers;
mod quotas;
mod server;
