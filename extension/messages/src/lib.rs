//! What the extension's views and its engine say to each other, over one `runtime.Port` a view.
//!
//! The engine holds the truth: a view sends commands and shows what it hears. Both ends turn these types into
//! JavaScript values with `serde-wasm-bindgen`; a message that does not parse is logged and dropped.

use catnest::{
    channel::ChannelId,
    host::{self, HostReply, HostState, Topic},
    music::tags::TagsError,
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
    /// Tell which files are being taken in, with [`FromEngine::Intakes`] and [`FromEngine::Music`], now and after each
    /// change.
    Intakes,
    /// Do not take these files in after all, or forget what became of them.
    DropIntake {
        /// Which.
        intake: IntakeId,
    },
    /// The member looks at this channel in the view, or at none: nothing needs a notification there.
    LookAt {
        /// Which.
        channel: Option<ChannelId>,
    },
    /// Tell how things are with the native host, with [`FromEngine::Host`] and [`FromEngine::HostNews`], now and after each
    /// change.
    FollowHost,
    /// Look for the native host, if there is none.
    LookForHost,
    /// The view wants something of the native host. It gets one [`FromEngine::HostReply`].
    AskHost {
        /// Chosen by the view; comes back with the reply. Counted apart from those of [`ToEngine::Ask`].
        request: u32,
        /// What.
        want: host::Request,
    },
}

/// From the engine to a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// All music that is being taken in or was, in the order it came.
    Music(Vec<MusicIntake>),
    /// How things are with the native host.
    Host(HostState),
    /// What of the native host is not as it was.
    HostNews(Topic),
    /// What came of a request to the native host.
    HostReply {
        /// Which.
        request: u32,
        /// What.
        reply: HostReply,
    },
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

/// Files on their way from a view into a channel's list of music. Tracks are on the list as soon as they are whole, some at
/// a time; what is dropped in the middle leaves those there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MusicIntake {
    /// Its name.
    pub id: IntakeId,
    /// The channel it is for.
    pub channel: ChannelId,
    /// How many of the files may be songs.
    pub songs: usize,
    /// How many of these are on the list now.
    pub added: usize,
    /// How many files are no music, and do not belong to any.
    pub left_out: usize,
    /// How many songs could not be taken in.
    pub failed: usize,
    /// Why, of the first [`catnest::limits::MAX_SONG_TROUBLES`] of them.
    pub troubles: Vec<SongTrouble>,
    /// The path of the one that is being taken in.
    pub now: Option<String>,
    /// Twice the songs' lengths in bytes: each byte is hashed and stored.
    pub total_bytes: u64,
    /// How many of them are done.
    pub done_bytes: u64,
    /// Nothing more happens. It stays until it is dropped.
    pub is_over: bool,
    /// Why it is over before all songs were seen, if it is.
    pub problem: Option<Problem>,
}

/// A song that could not be taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SongTrouble {
    /// Its path below what was chosen.
    pub path: String,
    /// Why.
    pub why: SongProblem,
}

/// Why a song could not be taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SongProblem {
    /// It is called one, and its bytes are none.
    Tags(TagsError),
    /// Something else.
    Problem(Problem),
}

/// The name of the `BroadcastChannel` that carries files and blobs, which a port cannot.
///
/// | from | message |
/// |---|---|
/// | a view | `{share: intake, channel, text, files: [File, …]}` |
/// | a view | `{music: intake, channel, files: [File, …], paths: ["folder/song.mp3", …]}`: a path for each file |
/// | a view | `{cover: intake, channel, track, file}`, `{lyrics: intake, channel, track, file}`: for a track of the own list |
/// | the engine | `{taken: intake}`: it has the files, and the view may go |
/// | the engine | `{refused: intake, problem}`: it has not, for this [`Problem`]; nothing has changed |
/// | a view | `{want: ticket, file}`: the bytes of a file that is complete, by its id in hexadecimal |
/// | the engine | `{given: ticket, blob}` with the bytes, or without `blob` if they are not there |
pub const FILES_CHANNEL: &str = "files";
