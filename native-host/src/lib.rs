//! What of the native host is of use without its command line: a device that takes part in nests, as the extension's
//! engine does, and its store. The binary adds the commands, and the signalling server.
#![forbid(unsafe_code)]

pub mod peer;
pub mod store;
pub mod wall;
