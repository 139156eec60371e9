//! What the extension's views and its engine say to each other, over one `runtime.Port` a view.
//!
//! The engine holds the truth: a view sends commands and shows what it hears. Both ends turn these types into
//! JavaScript values with `serde-wasm-bindgen`; a message that does not parse is logged and dropped.

use catnest::{
    channel::ChannelId,
    node::{Command, Event},
};
use serde::{Deserialize, Serialize};

/// The name of the ports that views open to the engine.
pub const VIEW_PORT: &str = "view";

/// From a view to the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToEngine {
    /// The view wants something.
    Ask {
        /// Chosen by the view; comes back with the reply.
        request: u32,
        /// What.
        command: Command,
    },
    /// The member looks at this channel in the view, or at none: nothing needs a notification there.
    LookAt {
        /// Which.
        channel: Option<ChannelId>,
    },
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
