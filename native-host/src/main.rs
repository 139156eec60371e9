//! `catnest-host`: Catnest's optional native host.
//!
//! For now it has one task: `serve`, the signalling server where the devices of a channel find each other. This file
//! holds the commands, `args.rs` their flags; every rule of signalling is in [`catnest::signal::hub`].
#![forbid(unsafe_code)]

mod args;
mod config;
mod logging;
mod serve;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{args::ServeArgs, serve::Ending};

/// Catnest's native host: the server where the devices of a channel find each other.
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
    /// As soon as it listens, the line "listening on http://ADDR" (with TLS https) with the actual address goes to standard output, for
    /// scripts that asked for port 0. The log goes to standard error.
    ///
    /// The first signal closes every socket with code 1001 and ends with exit code 0 within three seconds; a second one
    /// ends at once, with exit code 1.
    Serve(Box<ServeArgs>),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(Ending::Clean) => ExitCode::SUCCESS,
        Ok(Ending::Forced) => ExitCode::FAILURE,
        Err(error) => {
            // One line: what went wrong, then why.
            eprintln!("catnest-host: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<Ending> {
    let arguments = std::env::args_os().collect();
    let matches = config::parse(Cli::command(), arguments)?;
    let cli = Cli::from_arg_matches(&matches)?;
    logging::start(&cli.logging)?;
    match cli.command {
        Command::Serve(args) => Ok(serve::run((*args).try_into()?).await?),
    }
}
