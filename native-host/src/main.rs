//! `catnest-host`: Catnest's optional native host.
//!
//! `serve` is the signalling server where the devices of a channel find each other; `share` and `get` carry files between
//! a terminal and a nest; `daemon` is a device that stays in its nests, and `status` and its like ask it. Started by a
//! browser, the host is a relay to the daemon. This file holds the commands, the files called `args.rs` their flags; every
//! rule is in the core.
#![forbid(unsafe_code)]

mod args;
mod client;
mod config;
mod daemon;
mod disk;
mod entropy;
mod files;
mod home;
mod install;
mod local;
mod logging;
mod relay;
mod serve;
mod signals;
mod turn;
mod upkeep;
mod words;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{
    args::ServeArgs,
    client::{AskArgs, ClientError, ForgetArgs, JoinArgs, LeaveArgs, PeersArgs, SeedArgs},
    config::InitArgs,
    daemon::DaemonArgs,
    files::{FilesError, GetArgs, ShareArgs},
    install::{DoctorArgs, InstallArgs, UninstallArgs},
    serve::Ending,
    upkeep::UpkeepArgs,
};

/// Catnest's native host: a device that stays in its nests when the browser is closed, the server where the devices of a
/// channel find each other, and files for a nest from a terminal.
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

    /// Stay in nests, keep what is said there, and give files, until SIGTERM or Ctrl-C.
    ///
    /// A browser with the extension starts it by itself, once `install` was run. Its nests are those that `join` names, or
    /// the extension; at the next start it is in them again. It needs no server of its own.
    ///
    /// As soon as programs can speak to it, the line "listening on SOCKET" goes to standard output. The log goes to
    /// standard error, or, when a browser started it, to daemon.log in its directory.
    ///
    /// Exit codes: 0 after a signal or `stop`, 1 when something failed, 2 for wrong arguments.
    Daemon(Box<DaemonArgs>),

    /// Tell how the daemon is.
    ///
    /// Exit codes: 0 when it answered, 1 when something failed, 2 for wrong arguments, 5 when no daemon runs.
    Status(AskArgs),

    /// List the nests that the daemon is in. Secrets are not shown.
    ///
    /// Exit codes: 0 when it answered, 1 when something failed, 2 for wrong arguments, 5 when no daemon runs.
    Channels(AskArgs),

    /// Have the daemon join a nest, keep what is said there, and give what it has of what is shared there.
    ///
    /// When this ends with 0, the daemon has it on its disk, and is in the nest again after each start. It need not have
    /// reached anybody yet.
    ///
    /// Exit codes: 0 when it has joined, or was in already, 1 when something failed, 2 for wrong arguments, 5 when no
    /// daemon runs.
    Join(JoinArgs),

    /// Have the daemon leave a nest, and forget what was said there.
    ///
    /// Exit codes: 0 when it has left, 1 when something failed, 2 for wrong arguments, 5 when no daemon runs.
    Leave(LeaveArgs),

    /// List who is online in the daemon's nests, and how it reaches them.
    ///
    /// Exit codes: 0 when it answered, 1 when something failed, 2 for wrong arguments, 5 when no daemon runs.
    Peers(PeersArgs),

    /// List the files that the daemon has, or is getting.
    ///
    /// Exit codes: 0 when it answered, 1 when something failed, 2 for wrong arguments, 5 when no daemon runs.
    Resources(AskArgs),

    /// Have the daemon get a file of one of its nests, and give it to whoever asks there from then on.
    ///
    /// It comes as soon as somebody has it; `resources` tells how far it is.
    ///
    /// Exit codes: 0 when the daemon knows of it, 1 when something failed, 2 for wrong arguments, 5 when no daemon runs.
    Seed(SeedArgs),

    /// Have the daemon forget a file: its bytes are removed.
    ///
    /// Exit codes: 0 when it has, 1 when something failed, 2 for wrong arguments, 5 when no daemon runs.
    Forget(ForgetArgs),

    /// Stop the daemon, and wait until it has ended.
    ///
    /// Exit codes: 0 when it has ended, 1 when something failed, 2 for wrong arguments, 5 when no daemon runs.
    Stop(AskArgs),

    /// Read all that the daemon keeps of files, and compare each piece with its hash. The daemon must not run.
    ///
    /// What is damaged or not there is forgotten, so that the daemon gets it again once it runs. What cannot be read now is
    /// told, and stays. A file of which not all has come yet is told, too, and no fault.
    ///
    /// Exit codes: 0 when all is what it should be, 1 when something is damaged, cannot be read or failed, 2 for wrong
    /// arguments.
    Verify(UpkeepArgs),

    /// Give the disk back what the daemon does not need of it. The daemon must not run.
    ///
    /// The database is written anew, for which the disk needs as much room as it has now.
    ///
    /// Exit codes: 0 when it is done, 1 when something failed, 2 for wrong arguments.
    Compact(UpkeepArgs),

    /// The daemon's configuration file.
    #[command(subcommand)]
    Config(ConfigCommand),

    /// Have this user's browsers find this program, so that the extension can use it.
    ///
    /// Without --browser, every browser that this user has ever started. The program is to stay where it is.
    ///
    /// Exit codes: 0 when it is done, 1 when something failed or no browser was found, 2 for wrong arguments.
    Install(InstallArgs),

    /// Undo what `install` did. What the daemon keeps stays.
    ///
    /// What was installed with --user-data-dir is removed with the same option, and not without it.
    ///
    /// Exit codes: 0 when nothing of it is left, or nothing was installed, 1 when something failed, 2 for wrong arguments.
    Uninstall(UninstallArgs),

    /// Look at what `install` did and at the daemon: say what is wrong, and how to mend it.
    ///
    /// Exit codes: 0 when all is well, 1 when something is to be mended, 2 for wrong arguments.
    Doctor(DoctorArgs),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Write a file with every key, what it means, and what it is without the file.
    ///
    /// Exit codes: 0 when it is written, 1 when something failed, 2 for wrong arguments.
    Init(InitArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    run().await.unwrap_or_else(|error| {
        // One line: what went wrong, then why.
        let said = words::shown(&format!("{error:#}"));
        eprintln!("catnest-host: {said}");
        let files = error.downcast_ref::<FilesError>();
        let client = error.downcast_ref::<ClientError>();
        let code = files.map(FilesError::exit_code);
        let code = code.or_else(|| client.map(ClientError::exit_code));
        code.unwrap_or(ExitCode::FAILURE)
    })
}

async fn run() -> anyhow::Result<ExitCode> {
    let arguments: Vec<_> = std::env::args_os().collect();
    if relay::is_started_by_browser(&arguments) {
        logging::start(&logging::Options::default(), "warn")?;
        return Ok(relay::run().await);
    }
    let matches = config::parse(Cli::command(), arguments)?;
    let cli = Cli::from_arg_matches(&matches)?;
    let quiet = !matches!(cli.command, Command::Serve(_) | Command::Daemon(_));
    logging::start(&cli.logging, if quiet { "warn" } else { "info" })?;
    Ok(match cli.command {
        Command::Serve(args) => match serve::run((*args).try_into()?).await? {
            Ending::Clean => ExitCode::SUCCESS,
            Ending::Forced => ExitCode::FAILURE,
        },
        Command::Share(args) => files::share(*args).await?,
        Command::Get(args) => files::get(*args).await?,
        Command::Daemon(args) => daemon::run(*args).await?,
        Command::Status(args) => client::status(args).await?,
        Command::Channels(args) => client::channels(args).await?,
        Command::Join(args) => client::join(args).await?,
        Command::Leave(args) => client::leave(args).await?,
        Command::Peers(args) => client::peers(args).await?,
        Command::Resources(args) => client::resources(args).await?,
        Command::Seed(args) => client::seed(args).await?,
        Command::Forget(args) => client::forget(args).await?,
        Command::Stop(args) => client::stop(args).await?,
        Command::Verify(args) => upkeep::verify(args).await?,
        Command::Compact(args) => upkeep::compact(args).await?,
        Command::Config(ConfigCommand::Init(args)) => {
            config::init(&Cli::command(), &args)?;
            ExitCode::SUCCESS
        }
        Command::Install(args) => install::install(&args)?,
        Command::Uninstall(args) => install::uninstall(&args)?,
        Command::Doctor(args) => install::doctor(&args).await?,
    })
}
