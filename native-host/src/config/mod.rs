//! The configuration files of `serve` and `daemon`: their keys become flags, so that a key and its flag have one
//! definition, one default and the same checks.

mod init;

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Command, error::ContextKind, parser::ValueSource};
use toml::de::{DeTable, DeValue};

pub(crate) use self::init::{InitArgs, init};
use crate::home;

/// Flags that are no keys: where a file is cannot stand in it, and where the daemon is everybody has to know who speaks
/// to it.
const NO_KEYS: [&str; 2] = ["config", "data"];

/// What is wrong with a configuration file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("cannot read {}", .0.display())]
    Read(PathBuf, #[source] io::Error),
    // TOML's own message has many lines, a drawing of the place among them.
    #[error("{}: line {line}: {what}", .path.display())]
    Wrong {
        path: PathBuf,
        line: usize,
        what: String,
    },
    #[error("{}: {what}", .path.display())]
    Whole { path: PathBuf, what: String },
    #[error("{} is there already; --force replaces it", .0.display())]
    InTheWay(PathBuf),
    #[error("cannot write {}", .0.display())]
    Write(PathBuf, #[source] io::Error),
    #[error(transparent)]
    NoHome(#[from] home::NoHome),
}

/// The command line with what the file adds to it, parsed.
pub(crate) fn parse(command: Command, arguments: Vec<OsString>) -> Result<ArgMatches, ConfigError> {
    let matches = command.clone().get_matches_from(&arguments);
    let Some((name, given)) = matches.subcommand() else {
        return Ok(matches);
    };
    let Some(path) = path(name, given) else {
        return Ok(matches);
    };
    let keys = keys(&command, name);
    let text = fs::read_to_string(&path).map_err(|error| ConfigError::Read(path.clone(), error))?;
    let file = File {
        path: &path,
        text: &text,
    };
    let settings = file.settings(&keys, given)?;
    let flags = settings.iter().flat_map(|setting| &setting.flags).cloned();
    let more: Vec<OsString> = arguments.into_iter().chain(flags).collect();
    command.try_get_matches_from(more).map_err(|error| {
        // The command line itself was right a moment ago.
        let message = error.to_string();
        let first = message.lines().next().unwrap_or_default();
        let what = first.trim_start_matches("error: ").to_owned();
        let of = |setting: &&Setting| {
            let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string);
            let argument = argument.unwrap_or_default();
            argument.split(' ').next() == Some(&format!("--{}", setting.key))
        };
        match settings.iter().find(of) {
            Some(setting) => file.wrong(setting.line, what),
            None => ConfigError::Whole {
                path: path.clone(),
                what,
            },
        }
    })
}

/// The file of a command: the one that was named, or the daemon's own, if it is there.
fn path(name: &str, given: &ArgMatches) -> Option<PathBuf> {
    // A command without the flag has no file.
    let named = given.try_get_one::<PathBuf>("config").ok()?;
    match named {
        Some(named) => Some(named.clone()),
        None if name == "daemon" => Some(daemon_file().ok()?).filter(|path| path.exists()),
        None => None,
    }
}

/// Where the daemon looks for its file.
fn daemon_file() -> Result<PathBuf, home::NoHome> {
    Ok(home::config()?.join("daemon.toml"))
}

/// The flags of a command that are keys of its file, those that every command has among them.
fn keys<'a>(command: &'a Command, name: &str) -> Vec<&'a Arg> {
    let own = command.find_subcommand(name).into_iter();
    let own = own.flat_map(Command::get_arguments);
    let everywhere = command
        .get_arguments()
        .filter(|argument| argument.is_global_set());
    let is_key = |argument: &&Arg| {
        let flag = argument.get_long();
        !argument.is_hide_set() && flag.is_some_and(|flag| !NO_KEYS.contains(&flag))
    };
    let own = own.filter(|argument| !argument.is_global_set());
    own.chain(everywhere).filter(is_key).collect()
}

/// One key with its value.
struct Setting {
    key: String,
    line: usize,
    flags: Vec<OsString>,
}

struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    /// The flags that the file stands for, without those that the command line has itself.
    fn settings(&self, keys: &[&Arg], given: &ArgMatches) -> Result<Vec<Setting>, ConfigError> {
        let table = DeTable::parse(self.text).map_err(|error| {
            let line = self.line(error.span().map_or(0, |span| span.start));
            self.wrong(line, error.message().to_owned())
        })?;
        let mut settings = Vec::new();
        for (key, value) in table.get_ref() {
            let line = self.line(key.span().start);
            let key: &str = key.get_ref();
            let Some(argument) = keys.iter().find(|a| a.get_long() == Some(key)) else {
                return Err(self.wrong(line, format!("there is no key {key}")));
            };
            if given.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine) {
                continue;
            }
            let values = match value.get_ref() {
                DeValue::Array(values) => values.iter().map(toml::Spanned::get_ref).collect(),
                value => vec![value],
            };
            let mut flags = Vec::new();
            for value in values {
                let value = match value {
                    DeValue::String(text) => text.to_string(),
                    DeValue::Integer(number) => number.to_string(),
                    _ => {
                        let kinds = "has to be a text, a number, or a list of texts";
                        return Err(self.wrong(line, format!("{key} {kinds}")));
                    }
                };
                flags.push(format!("--{key}={value}").into());
            }
            settings.push(Setting {
                key: key.to_owned(),
                line,
                flags,
            });
        }
        Ok(settings)
    }

    fn line(&self, at: usize) -> usize {
        1 + self
            .text
            .bytes()
            .take(at)
            .filter(|&byte| byte == b'\n')
            .count()
    }

    fn wrong(&self, line: usize, what: String) -> ConfigError {
        ConfigError::Wrong {
            path: self.path.to_owned(),
            line,
            what,
        }
    }
}
