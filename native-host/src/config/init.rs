//! `config init`: the daemon's configuration file as it is without one, every line a comment.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use catnest_host::store::make_folder;
use clap::{Arg, Args, Command};

use super::{ConfigError, daemon_file, keys};
use crate::home;

/// What keys are without the file where clap does not know it: what they are depends on more than the flag.
const DEFAULTS: [(&str, &str); 2] = [("name", home::NAME), ("log", "info")];
/// What keys could be that have no value of their own without the file.
const EXAMPLES: [(&str, &str); 1] = [("quota", "20 GB")];

// Not a doc comment: clap would show it in place of the command's own.
#[derive(Args)]
pub(crate) struct InitArgs {
    /// Where to put it; - is standard output. [default: ~/.config/catnest/daemon.toml]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// Replace a file that is there already.
    #[arg(long)]
    force: bool,
}

/// Writes the file of `daemon`.
pub(crate) fn init(command: &Command, args: &InitArgs) -> Result<(), ConfigError> {
    let text = template(command);
    let path = match &args.file {
        Some(path) if path == Path::new("-") => {
            let mut out = io::stdout().lock();
            // Who does not read it does not want it.
            let _read = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            return Ok(());
        }
        Some(path) => path.clone(),
        None => daemon_file()?,
    };
    let failed = |error| ConfigError::Write(path.clone(), error);
    if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
        make_folder(folder).map_err(failed)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).truncate(true);
    if args.force {
        options.create(true);
    } else {
        options.create_new(true);
    }
    let mut file = options.open(&path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => ConfigError::InTheWay(path.clone()),
        _ => failed(error),
    })?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    eprintln!(
        "{} has every key with what it is without it",
        path.display()
    );
    Ok(())
}

/// Every key with what it means and what it is if it is not there.
fn template(command: &Command) -> String {
    let mut text = "# What `catnest-host daemon` does. Each key is also a flag, which wins over the file; what\n\
         # stands here is what they are without it, or an example where it says so. Take away a # to\n\
         # choose something else.\n"
        .to_owned();
    for key in keys(command, "daemon") {
        let help = key.get_long_help().or_else(|| key.get_help());
        let help = help.map(ToString::to_string).unwrap_or_default();
        text.push('\n');
        for line in help.lines() {
            text.push_str(&wrap(line));
        }
        let name = key.get_long().unwrap_or_default();
        let value = match default(key) {
            Some(value) => value,
            None => {
                text.push_str("# An example: without the file it is as said above.\n");
                named(&EXAMPLES, name).unwrap_or_default()
            }
        };
        // Into a text nothing fails.
        let _written = writeln!(text, "# {name} = {}", in_toml(&value));
    }
    text
}

/// A line of help as comments that fit on a screen.
fn wrap(line: &str) -> String {
    const WIDTH: usize = 98;
    let mut lines = Vec::new();
    let mut current = String::from("#");
    for word in line.split_whitespace() {
        if current.len() + 1 + word.len() > WIDTH {
            lines.push(std::mem::replace(&mut current, "#".to_owned()));
        }
        current.push(' ');
        current.push_str(word);
    }
    lines.push(current);
    lines.join("\n") + "\n"
}

/// What a key is without the file, if it is anything then.
fn default(key: &Arg) -> Option<String> {
    let default = key.get_default_values().first();
    let default = default.map(|value| value.to_string_lossy().into_owned());
    default.or_else(|| named(&DEFAULTS, key.get_long()?))
}

/// The value that a table has for a key.
fn named(table: &[(&str, &str)], key: &str) -> Option<String> {
    let mut rows = table.iter();
    let (_, value) = rows.find(|(name, _)| *name == key)?;
    Some((*value).to_owned())
}

/// A value as TOML has it.
fn in_toml(value: &str) -> String {
    match value.parse::<u64>() {
        Ok(number) => number.to_string(),
        Err(_) => format!("{value:?}"),
    }
}
