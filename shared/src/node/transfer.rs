//! What views see of a file that is here or on its way.

use serde::{Deserialize, Serialize};

use super::event::Problem;
use crate::{channel::ChannelId, resource::Descriptor, time::Millis};

/// A file of this device, whole or on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// What is known of it.
    pub file: Descriptor,
    /// The channels in which it is given to others.
    pub channels: Vec<ChannelId>,
    /// How far it is.
    pub state: TransferState,
    /// Bytes that are here, checked and durable.
    pub have_bytes: u64,
    /// Neighbours that have pieces of it.
    pub holders: usize,
    /// Bytes a second that come now.
    pub receiving: u64,
    /// Bytes a second that go out now, to all who ask.
    pub sending: u64,
    /// Bytes that came in this run, useful or not.
    pub received: u64,
    /// Bytes that went out in this run.
    pub sent: u64,
    /// When it was added.
    pub added: Millis,
    /// The member asked for it. What came by itself may leave again ([`crate::seeding`]).
    pub chosen: bool,
}

/// How far a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum TransferState {
    /// Nobody who is linked has anything of it, or nothing more.
    Seeking,
    /// It comes.
    Fetching,
    /// The member does not want more of it for now.
    Paused,
    /// It cannot be kept; it is tried again by [`super::Command::Fetch`].
    Stopped {
        /// Why.
        problem: Problem,
    },
    /// All is here, and its MD5 is being computed.
    Checking,
    /// All is here.
    Complete,
}
