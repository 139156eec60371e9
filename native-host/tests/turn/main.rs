//! TURN of the real binary, as clients see it: coturn's own, and one that says whatever a test wants.

#[path = "../common/mod.rs"]
mod common;

mod abuse;
mod client;
mod coturn;
mod credentials;
mod relaying;
mod tls;
