//! Chat: signed records, their order, and who has already seen them.
//!
//! [`record`] is one message as it is signed, stored and sent; [`log`] decides which records a device takes, and when.

pub mod log;
pub mod record;
