//! The log: structured lines on standard error, for people by default and as JSON for machines.
//!
//! What may be in it: what server and daemon do, in numbers. What may not, at `info` and above: message contents, ids of
//! members, channel names, IP addresses.

use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};
use tracing_subscriber::{
    EnvFilter,
    filter::{LevelFilter, ParseError},
};

/// The flags every subcommand has.
#[derive(Args, Default)]
pub(crate) struct Options {
    /// What to log: error, warn, info, debug, trace, off, or of one part of the program, as in catnest_host=debug.
    ///
    /// Without it the environment variable RUST_LOG decides, and without that info for `serve` and `daemon` and warn for
    /// the others.
    #[arg(long = "log", value_name = "LEVEL", global = true, value_parser = check_filter)]
    filter: Option<String>,

    /// How log lines look.
    #[arg(
        long = "log-format",
        value_name = "FORMAT",
        global = true,
        default_value = "human"
    )]
    format: Format,
}

/// How log lines look.
#[derive(Clone, Copy, Default, ValueEnum)]
enum Format {
    #[default]
    /// For people; in colour on a terminal, unless NO_COLOR is set.
    Human,
    /// One JSON object a line.
    Json,
}

/// The environment has a log filter that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("RUST_LOG is not a log filter")]
pub(crate) struct BadFilter(#[from] ParseError);

/// A `--log` that cannot be meant.
#[derive(Debug, thiserror::Error)]
enum WrongFilter {
    /// It is none.
    #[error(transparent)]
    Syntax(#[from] ParseError),
    /// A word alone would be taken for a part of the program, of which all is logged, and nothing of the others.
    #[error(
        "{0} is no level: error, warn, info, debug, trace or off; of one part, as in catnest_host=debug"
    )]
    Level(String),
}

/// A wrong `--log` is an error in usage, so it is clap that has to say it. `RUST_LOG` may be meant for other programs, too,
/// and is taken as it is.
fn check_filter(text: &str) -> Result<String, WrongFilter> {
    let words: Vec<&str> = text.split(',').map(str::trim).collect();
    for word in words.iter().filter(|word| !word.contains(['=', '['])) {
        let level = word.parse::<LevelFilter>();
        level.map_err(|_| WrongFilter::Level((*word).to_owned()))?;
    }
    let filter = words.join(",");
    EnvFilter::try_new(&filter)?;
    Ok(filter)
}

/// Sets the log up for the whole process, at a default level.
pub(crate) fn start(options: &Options, default: &str) -> Result<(), BadFilter> {
    let from_environment = || {
        std::env::var("RUST_LOG")
            .ok()
            .filter(|text| !text.is_empty())
    };
    let filter = options.filter.clone().or_else(from_environment);
    let filter = EnvFilter::try_new(filter.as_deref().unwrap_or(default))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    match options.format {
        Format::Human => {
            let colour = io::stderr().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            builder.with_ansi(colour).init();
        }
        // Flat, so that a field is found under its own name.
        Format::Json => builder.json().flatten_event(true).init(),
    }
    Ok(())
}
