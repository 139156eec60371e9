//! `catnest-host`: Catnest's optional native host.
//!
//! For now it has one task: `serve`, the signalling server where the devices of a channel find each other. This file
//! holds the command line and nothing else; every rule of signalling is in [`catnest::signal::hub`].
#![forbid(unsafe_code)]

mod logging;
mod serve;

use std::{process::ExitCode, time::Duration};

use clap::{Args, Parser, Subcommand};

use crate::serve::{Ending, Options};

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
    /// As soon as it listens, the line "listening on http://ADDR" with the actual address goes to standard output, for
    /// scripts that asked for port 0. The log goes to standard error.
    ///
    /// The first signal closes every socket with code 1001 and ends with exit code 0 within three seconds; a second one
    /// ends at once, with exit code 1.
    Serve(ServeArgs),
}

#[derive(Args)]
struct ServeArgs {
    /// Where to listen, as HOST:PORT; an IPv6 address stands in brackets, port 0 takes any free port.
    ///
    /// The server speaks plain HTTP. Browsers reach it unencrypted on this machine only: for other machines put a
    /// reverse proxy with TLS in front of it.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7979")]
    listen: String,

    /// How often each socket is pinged; one that is silent for three times as long is dropped.
    ///
    /// Shorten it when a proxy in between cuts quiet connections sooner.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = serve::PING_INTERVAL.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=3600),
    )]
    ping_interval: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli).await {
        Ok(Ending::Clean) => ExitCode::SUCCESS,
        Ok(Ending::Forced) => ExitCode::FAILURE,
        Err(error) => {
            // One line: what went wrong, then why.
            eprintln!("catnest-host: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<Ending> {
    logging::start(&cli.logging)?;
    match cli.command {
        Command::Serve(args) => {
            let options = Options {
                listen: args.listen,
                ping_interval: Duration::from_secs(args.ping_interval),
            };
            Ok(serve::run(options).await?)
        }
    }
}
