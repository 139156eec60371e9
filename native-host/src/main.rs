//! `catnest-host`: Catnest's optional native host.
//!
//! `serve` is the signalling server where the devices of a channel find each other; `share` and `get` carry files between
//! a terminal and a nest. This file holds the commands, `args.rs` and `files/args.rs` their flags; every rule is in the
//! core.
#![forbid(unsafe_code)]

mod args;
mod config;
mod files;
mod logging;
mod serve;
mod signals;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{
    args::ServeArgs,
    files::{FilesError, GetArgs, ShareArgs},
    serve::Ending,
};

/// Catnest's native host: the server where the devices of a channel find each other, and files for a nest from a
/// terminal.
#[derive(Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    logging: logging::Options,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the signalling server until SIGTERM or Ctrl-C.
    ///
    /// Devices meet at ws://ADDR/webrtc/CHANNEL, where CHANNEL is the channel's name, percent-encoded. The server passes
    /// on what WebRTC needs to connect two devices, and sees nothing of what they say to each other afterwards.
    /// http://ADDR/healthz tells whether it runs and how many sockets and channels it has.
    ///
    /// As soon as it listens, the line "listening on http://ADDR" (with TLS https) with the actual address goes to
    /// standard output, for scripts that asked for port 0. The log goes to standard error.
    ///
    /// The first signal closes every socket with code 1001 and ends with exit code 0 within three seconds; a second one
    /// ends at once, with exit code 1.
    Serve(Box<ServeArgs>),

    /// Share files with a nest, and give them until SIGTERM or Ctrl-C.
    ///
    /// Each file is read once, to compute its BLAKE3 and MD5 hashes, and then given to whoever asks, from where it is: it
    /// is not copied, and one that is changed meanwhile is not given any more. The nest hears of the files by a message.
    ///
    /// For each file a line with its address goes to standard output; `catnest-host get ADDRESS` gets it. In a private
    /// nest the address has the nest's secret.
    ///
    /// Exit codes: 0 after a signal, 1 when something failed, 2 for wrong arguments.
    Share(Box<ShareArgs>),

    /// Get a file from a nest, from all who have it at once.
    ///
    /// Each piece is checked against the file's BLAKE3 hash, which the address names, before it is kept. What was begun and
    /// not finished goes on where it was when the same command is given again. The file appears under its name once all of
    /// it is there.
    ///
    /// Exit codes: 0 when the file is in its place, 1 when something failed, 2 for wrong arguments, 3 when there is a file
    /// already, 4 when nobody who has it came in time, 130 after a signal.
    Get(Box<GetArgs>),
}

#[tokio::main]
async fn main() -> ExitCode {
    run().await.unwrap_or_else(|error| {
        // One line: what went wrong, then why.
        eprintln!("catnest-host: {error:#}");
        let files = error.downcast_ref::<FilesError>();
        files.map_or(ExitCode::FAILURE, FilesError::exit_code)
    })
}

async fn run() -> anyhow::Result<ExitCode> {
    let arguments = std::env::args_os().collect();
    let matches = config::parse(Cli::command(), arguments)?;
    let cli = Cli::from_arg_matches(&matches)?;
    let quiet = !matches!(cli.command, Command::Serve(_));
    logging::start(&cli.logging, if quiet { "warn" } else { "info" })?;
    Ok(match cli.command {
        Command::Serve(args) => match serve::run((*args).try_into()?).await? {
            Ending::Clean => ExitCode::SUCCESS,
            Ending::Forced => ExitCode::FAILURE,
        },
        Command::Share(args) => files::share(*args).await?,
        Command::Get(args) => files::get(*args).await?,
    })
}
