//! Where in a user's home things are kept, and what a member without a name is called.

use std::path::PathBuf;

use catnest::{limits::MAX_NAME_BYTES, profile::is_name};

/// There is nowhere to keep anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no home directory to keep anything in: name one with --data")]
pub(crate) struct NoHome;

/// What is kept for the user (XDG Base Directory Specification).
pub(crate) fn data() -> Result<PathBuf, NoHome> {
    Ok(base("XDG_DATA_HOME", ".local/share")?.join("catnest"))
}

/// What the user has configured (the same).
pub(crate) fn config() -> Result<PathBuf, NoHome> {
    Ok(base("XDG_CONFIG_HOME", ".config")?.join("catnest"))
}

fn base(variable: &str, below_home: &str) -> Result<PathBuf, NoHome> {
    let told = std::env::var_os(variable).map(PathBuf::from);
    // The specification has relative ones ignored.
    if let Some(told) = told.filter(|path| path.is_absolute()) {
        return Ok(told);
    }
    let home = std::env::home_dir().filter(|path| path.is_absolute());
    Ok(home.ok_or(NoHome)?.join(below_home))
}

/// What a member is called who was told no name. What the user is called on this machine is nobody's business in a nest.
pub(crate) const NAME: &str = "catnest-host";

/// A text that nobody can be called by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to {MAX_NAME_BYTES} bytes and no control characters")]
pub(crate) struct WrongName;

/// A name to be called by, without the space around it.
pub(crate) fn parse_name(told: &str) -> Result<String, WrongName> {
    let name = told.trim();
    is_name(name).then(|| name.to_owned()).ok_or(WrongName)
}
