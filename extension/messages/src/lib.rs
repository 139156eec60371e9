//! What the extension's views and its engine say to each other, over one `runtime.Port` a view.
//!
//! The engine holds the truth: a view sends commands and shows what it hears. Both ends turn these types into
//! JavaScript values with `serde-wasm-bindgen`; a message that does not parse is logged and dropped.

use catnest::{
    channel::ChannelId,
    node::{Command, Event, Problem},
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
    /// Tell which files are being taken in, with [`FromEngine::Intakes`], now and after each change.
    Intakes,
    /// Do not take these files in after all, or forget that they could not be.
    DropIntake {
        /// Which.
        intake: IntakeId,
    },
    /// The member looks at this channel in the view, or at none: nothing needs a notification there.
    LookAt {
        /// Which.
        channel: Option<ChannelId>,
    },
}

/// From the engine to a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are events, and none is kept"
)]
pub enum FromEngine {
    /// The node says something.
    Event {
        /// The view's request that this replies to; absent for news.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<u32>,
        /// What happened.
        event: Event,
    },
    /// All files that are being taken in, in the order they came.
    Intakes(Vec<Intake>),
}

/// Names files that a view handed over; random, chosen by the view.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IntakeId(pub String);

/// Files on their way from a view into the store: hashed, stored, then shared with one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intake {
    /// Its name.
    pub id: IntakeId,
    /// The channel they are for.
    pub channel: ChannelId,
    /// What is said with them.
    pub text: String,
    /// The files' names and lengths in bytes.
    pub files: Vec<IntakeFile>,
    /// How many bytes were hashed and stored, of twice the files' lengths.
    pub done_bytes: u64,
    /// Why it has stopped, if it has: it stays until it is dropped.
    pub problem: Option<Problem>,
}

/// One file of an [`Intake`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntakeFile {
    /// Its name, as it will be shared.
    pub name: String,
    /// Its length in bytes.
    pub length: u64,
    /// Its media type, as it will be shared.
    pub media_type: String,
}

/// The name of the `BroadcastChannel` that carries files and blobs, which a port cannot.
///
/// | from | message |
/// |---|---|
/// | a view | `{share: intake, channel, text, files: [File, …]}` |
/// | the engine | `{taken: intake}`: it has the files, and the view may go |
/// | the engine | `{refused: intake, problem}`: it has not, for this [`Problem`]; nothing has changed |
/// | a view | `{want: ticket, file}`: the bytes of a file that is complete, by its id in hexadecimal |
/// | the engine | `{given: ticket, blob}` with the bytes, or without `blob` if they are not there |
pub const FILES_CHANNEL: &str = "files";
