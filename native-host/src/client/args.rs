//! The flags of the commands that ask the daemon.

use std::path::PathBuf;

use catnest::host::Seeds;
use clap::{Args, ValueEnum};

// Not a doc comment: clap would show it in place of the command's own.
#[derive(Args)]
pub(crate) struct AskArgs {
    /// The directory of the daemon. [default: ~/.local/share/catnest/daemon]
    #[arg(long, value_name = "DIRECTORY")]
    pub(super) data: Option<PathBuf>,

    /// Answer with JSON, in one line, on standard output.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Args)]
pub(crate) struct JoinArgs {
    /// The nest: webrtc://HOST[:PORT]/CHANNEL[#SECRET], as an invitation has it; - reads the whole address from
    /// standard input.
    ///
    /// Other users of this machine can see a command's arguments, and the secret among them.
    #[arg(value_name = "ADDRESS")]
    pub(super) address: String,

    /// Keep the messages of so many days. [default: all; of a nest that it is in, what it was]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(super) days: Option<u32>,

    /// What of the nest the daemon gets and gives by itself. [default: chosen; of a nest that it is in, what it was]
    #[arg(long, value_name = "WHAT")]
    pub(super) seed: Option<SeedWhat>,

    #[command(flatten)]
    pub(super) ask: AskArgs,
}

/// What of a nest the daemon gets and gives by itself.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum SeedWhat {
    /// What `seed` names, and the small pictures of messages.
    Chosen,
    /// All files and all music that are shared there, as far as there is room.
    All,
}

impl From<SeedWhat> for Seeds {
    fn from(what: SeedWhat) -> Self {
        match what {
            SeedWhat::Chosen => Seeds::Chosen,
            SeedWhat::All => Seeds::All,
        }
    }
}

#[derive(Args)]
pub(crate) struct LeaveArgs {
    /// The nest: its address, its name, or at least four digits of its id.
    #[arg(value_name = "NEST")]
    pub(super) channel: String,

    #[command(flatten)]
    pub(super) ask: AskArgs,
}

#[derive(Args)]
pub(crate) struct PeersArgs {
    /// Only those of this nest: its address, its name, or at least four digits of its id.
    #[arg(value_name = "NEST")]
    pub(super) channel: Option<String>,

    #[command(flatten)]
    pub(super) ask: AskArgs,
}

#[derive(Args)]
pub(crate) struct SeedArgs {
    /// The file in its nest: webrtc://HOST[:PORT]/CHANNEL/RESOURCE[#SECRET], as `share` prints it; - reads the whole address
    /// from standard input.
    ///
    /// Other users of this machine can see a command's arguments, and the secret among them.
    #[arg(value_name = "ADDRESS")]
    pub(super) address: String,

    #[command(flatten)]
    pub(super) ask: AskArgs,
}

#[derive(Args)]
pub(crate) struct ForgetArgs {
    /// The file: its name, or at least four digits of its id.
    #[arg(value_name = "RESOURCE")]
    pub(super) resource: String,

    #[command(flatten)]
    pub(super) ask: AskArgs,
}
