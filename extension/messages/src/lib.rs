//! What the extension's views and its engine say to each other, over one `runtime.Port` a view.
//!
//! The engine holds the truth: a view sends commands and shows what it hears. Both ends turn these types into
//! JavaScript values with `serde-wasm-bindgen`; a message that does not parse is logged and dropped.

use catnest::node::{Command, Event};
use serde::{Deserialize, Serialize};

/// The name of the ports that views open to the engine.
pub const VIEW_PORT: &str = "view";

/// From a view to the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToEngine {
    /// Chosen by the view; comes back with the reply.
    pub request: u32,
    /// What the view wants.
    pub command: Command,
}

/// From the engine to a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FromEngine {
    /// The view's request that this replies to; absent for news.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<u32>,
    /// What happened.
    pub event: Event,
}
