//! The configuration file of `serve`: its keys become flags, so that a key and its flag have one definition, one
//! default and the same checks.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use clap::{ArgMatches, Command, parser::ValueSource};
use toml::{Table, Value};

/// What is wrong with a configuration file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("cannot read {}", .0.display())]
    Read(PathBuf, #[source] io::Error),
    // TOML's own message has many lines, a drawing of the place among them.
    #[error("{}: line {line}: {message}", .path.display())]
    Syntax {
        path: PathBuf,
        line: usize,
        message: String,
    },
    #[error("{}: there is no key {key}", .path.display())]
    UnknownKey { path: PathBuf, key: String },
    #[error("{}: {key} has to be a text, a number, or a list of texts", .path.display())]
    Kind { path: PathBuf, key: String },
    #[error("{}: {message}", .path.display())]
    Value { path: PathBuf, message: String },
}

/// The command line with what the file adds to it, parsed.
pub(crate) fn parse(command: Command, arguments: Vec<OsString>) -> Result<ArgMatches, ConfigError> {
    let matches = command.clone().get_matches_from(&arguments);
    let Some((name, given)) = matches.subcommand() else {
        return Ok(matches);
    };
    let Ok(Some(path)) = given.try_get_one::<PathBuf>("config") else {
        return Ok(matches);
    };
    let Some(subcommand) = command.find_subcommand(name) else {
        return Ok(matches);
    };
    let flags = flags(path, subcommand, given)?;
    let more = arguments.into_iter().chain(flags);
    command.try_get_matches_from(more).map_err(|error| {
        // The command line itself was right a moment ago.
        let message = error.to_string();
        let first = message.lines().next().unwrap_or_default();
        ConfigError::Value {
            path: path.clone(),
            message: first.trim_start_matches("error: ").to_owned(),
        }
    })
}

/// The flags that a file stands for, without those that the command line has itself.
fn flags(path: &Path, command: &Command, given: &ArgMatches) -> Result<Vec<OsString>, ConfigError> {
    let text =
        fs::read_to_string(path).map_err(|error| ConfigError::Read(path.to_owned(), error))?;
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().map_or(0, |span| span.start);
        ConfigError::Syntax {
            path: path.to_owned(),
            line: 1 + text.bytes().take(before).filter(|&b| b == b'\n').count(),
            message: error.message().to_owned(),
        }
    })?;
    let mut flags = Vec::new();
    for (key, value) in table {
        let argument = command
            .get_arguments()
            .filter(|argument| !argument.is_global_set() && argument.get_id() != "config")
            .find(|argument| argument.get_long() == Some(&key));
        let Some(argument) = argument else {
            return Err(ConfigError::UnknownKey {
                path: path.to_owned(),
                key,
            });
        };
        if given.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine) {
            continue;
        }
        let values = match value {
            Value::Array(values) => values,
            value => vec![value],
        };
        for value in values {
            let value = match value {
                Value::String(text) => text,
                Value::Integer(number) => number.to_string(),
                _ => {
                    return Err(ConfigError::Kind {
                        path: path.to_owned(),
                        key,
                    });
                }
            };
            flags.push(format!("--{key}={value}").into());
        }
    }
    Ok(flags)
}
