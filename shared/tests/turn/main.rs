//! The rules of the TURN server.

mod credentials;
mod helpers;
mod messages;
mod peers;
mod quotas;
mod server;
