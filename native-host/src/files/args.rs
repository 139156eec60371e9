//! The flags of `share` and `get`.

use std::path::PathBuf;

use clap::Args;

// Not a doc comment: clap would show it in place of the command's own.
#[derive(Args)]
// Which of the two is missing is told by `share`: clap takes the only argument for the address, whatever it is.
#[command(
    allow_missing_positional = true,
    override_usage = "catnest-host share [OPTIONS] <PATH>... <ADDRESS>"
)]
pub(crate) struct ShareArgs {
    /// Files, or directories whose files are shared one by one, those below them too.
    ///
    /// Within a directory, what is hidden (its name begins with a dot) is left out, and links are not followed; name it to
    /// share it.
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// The nest: webrtc://HOST[:PORT]/CHANNEL[#SECRET], as an invitation has it; - reads the whole address from standard
    /// input. It comes last.
    ///
    /// Other users of this machine can see a command's arguments, and the secret among them.
    #[arg(value_name = "ADDRESS")]
    pub(super) address: String,

    /// What is said with the files.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(super) text: String,

    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Args)]
pub(crate) struct GetArgs {
    /// The file in its nest: webrtc://HOST[:PORT]/CHANNEL/RESOURCE[#SECRET], as `share` prints it; - reads the whole address
    /// from standard input.
    ///
    /// Other users of this machine can see a command's arguments, and the secret among them.
    #[arg(value_name = "ADDRESS")]
    pub(super) address: String,

    /// Where to put it; in a directory it gets its own name. [default: here]
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,

    /// Replace a file that is there already.
    #[arg(long)]
    pub(super) force: bool,

    /// Give up when nobody who has anything of it came for so long. [default: wait]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) timeout: Option<u64>,

    #[command(flatten)]
    pub(super) common: CommonArgs,
}

/// What both have.
#[derive(Args)]
pub(super) struct CommonArgs {
    /// What the others see you called. [default: catnest-host]
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,

    /// Keep what is needed to go on later in this directory. [default: one below ~/.local/share/catnest]
    #[arg(long, value_name = "DIRECTORY")]
    pub(super) data: Option<PathBuf>,

    /// Tell what happens as JSON, one object a line, on standard output.
    #[arg(long)]
    pub(super) json: bool,
}
